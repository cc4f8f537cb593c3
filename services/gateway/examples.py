"""One example of everything a party may say, as the documents show it and the tests send it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PARTNERSHIP = "de-vlier"
SOURCE = "urn:nld:oin:00000000000000000001:systeem:ecd"
PARTY = "linde"

_TEAM = {"contact": "linde/linde-team"}

#: Command → its data, as a party of the example agreement says it.
DATA: Mapping[str, Mapping[str, Any]] = {
    "ReportSignal": {
        "urgency": "urgent",
        "types": ["nursing", "caring"],
        "concern": ["fall"],
        "postcode": "9902",
        "reporter": {"kind": "professional", "party": PARTY},
        "expects_feedback": True,
        "client": {"system": "ecd", "value": "client-4711"},
        "content": {
            "what_was_seen": "Twice this week on the floor of the kitchen; does not want the GP told."
        },
    },
    "AcknowledgeSignal": {"by": _TEAM},
    "LogCall": {"by": _TEAM, "to": "huisartsen/gp-desk", "outcome": "spoken"},
    "DeclineSignal": {"by": _TEAM, "reason": "no_capacity"},
    "ReassignSignal": {"by": _TEAM, "to": "welzijn/welzijn-desk", "reason": "outside_expertise"},
    "InterpretSignal": {
        "by": _TEAM,
        "urgency": "urgent",
        "findings_for": ["gp"],
        "expects_action": True,
        "content": {"findings": "Dizzy since the new tablets; afraid of the stairs."},
    },
    "RecordAction": {
        "by": _TEAM,
        "action": "home_visit",
        "owner": "linde/linde-team",
        "due_at": "2026-12-03T12:00:00+01:00",
        "decided_with_client": True,
    },
    "EndAction": {"by": _TEAM, "action_id": "act-casework-5-1060", "outcome": "done"},
    "RecordWait": {"by": _TEAM, "reason": "waiting_for_other_party", "until": "2026-12-04T09:00:00+01:00"},
    "GiveFeedback": {
        "by": _TEAM,
        "to": "gp",
        "receiver": "huisartsen/gp-desk",
        "form": "written",
        "outcome": "sent",
        "content": {"letter": "Two falls in a week, dizzy since the new tablets. Please look at the dose."},
    },
    "CheckEffect": {"by": _TEAM, "outcome": "achieved"},
    "CloseSignal": {"by": _TEAM, "reason": "effect_achieved"},
    "RecordGround": {"by": _TEAM, "ground": "consent", "purpose": "guide_to_care"},
    "WithdrawGround": {"by": _TEAM, "ground": "consent", "purpose": "guide_to_care"},
    "DescribeCase": {"by": _TEAM, "practice": "huisartsen"},
    "TakeRole": {"by": _TEAM, "role": "client_contact"},
    "ReleaseRole": {"by": _TEAM, "role": "client_contact"},
    "AnswerCollaboration": {"by": _TEAM, "outcome": "improvement_agreed"},
    "WithdrawSignal": {"reporter": {"kind": "professional", "party": PARTY}, "reason": "mistaken"},
}


def event(name: str, type_name: str, subject: str | None = None) -> dict[str, Any]:
    """The whole event in structured form."""
    found: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"example-{name}",
        "source": SOURCE,
        "type": type_name,
        "partnership": PARTNERSHIP,
        "time": "2026-11-23T08:00:00+01:00",
        "data": DATA[name],
    }
    return {**found, "subject": subject} if subject else found
