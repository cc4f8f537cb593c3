"""Writes an invented working day of De Vlier: as partners say it, and as the door writes it after them.

    python -m tests.casework.make_day said > examples/day-said.jsonl
    python -m tests.casework.make_day > examples/day.jsonl

What is said has the partners' own ids, clients and words. What the door writes has ids that look random and are the
same every time, and nothing in it but codes, references and moments.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from schemas.base import Said
from schemas.envelope import Envelope
from schemas.signals import (
    About,
    AcknowledgeSignal,
    Actor,
    Concern,
    DeclineReason,
    DeclineSignal,
    Reporter,
    ReporterKind,
    ReportSignal,
    SignalType,
)
from schemas.structured import encode_structured

DAY = "2026-11-23"
ZONE = ZoneInfo("Europe/Amsterdam")
PRIORITY = {"acute": "stat", "urgent": "urgent", "routine": "routine"}
#: Whose system says it, by the party of who reports or acts; a reporter without a party comes in by the front door.
OIN = {
    "linde": 1,
    "huisartsen": 2,
    "welzijn": 3,
    "schakel": 4,
    "waterkant": 5,
    "kolk": 6,
    "politie": 7,
    "": 8,
}
#: Who takes part: the others' worries come in by the telephone of the coordination point.
PARTIES = frozenset(OIN) - {"", "politie"}


class Report(NamedTuple):
    """A worry: when, how urgent, about what, from whom. Signals with one `case` are about one person."""

    at: str
    name: str
    urgency: str
    types: str
    concern: str
    postcode: str | None
    kind: str
    party: str = ""
    about: str = "client"
    case: str = ""


class Answer(NamedTuple):
    """Somebody takes it, or with a reason does not."""

    at: str
    name: str
    by: str
    reason: str = ""


REPORTS = (
    Report("07:05", "a1", "routine", "supportive", "recovery", "9901", "domestic_help"),
    Report("07:20", "a2", "urgent", "caring", "fall", "9902", "informal_carer"),
    Report("07:48", "a3", "acute", "medical", "deterioration", "9903", "professional", "linde"),
    Report("08:35", "a4", "routine", "social", "loneliness", "9901", "volunteer"),
    Report("08:50", "a5", "urgent", "nursing", "medication", "9904", "professional", "huisartsen"),
    Report("09:02", "a6", "acute", "nursing", "deterioration", "9902", "informal_carer"),
    Report("09:10", "a7", "routine", "medical", "medication", "9901", "professional", "linde"),
    Report("09:15", "a8", "urgent", "social", "neglect", "9911", "professional", "politie"),
    Report("09:31", "a9", "routine", "", "care_avoidance", "9903", "neighbour"),
    Report(
        "09:40",
        "b1",
        "urgent",
        "caring",
        "overload_of_informal_carer",
        "9902",
        "client",
        about="informal_carer",
    ),
    Report("10:00", "b2", "urgent", "nursing", "malnutrition", "9902", "professional", "welzijn"),
    Report("10:15", "b3", "acute", "medical", "crisis", "9901", "professional", "linde", about="household"),
    Report("10:30", "b4", "routine", "", "", None, "neighbour"),
    Report("10:45", "b5", "routine", "nursing", "", "9904", "professional", "huisartsen", case="a5"),
    Report("11:00", "b6", "urgent", "behavioural", "confusion", "9904", "domestic_help"),
    Report("11:30", "b7", "urgent", "medical", "care_delay", "9901", "volunteer"),
    Report("12:00", "b8", "acute", "caring", "unsafe_home", "9903", "domestic_help"),
    Report("12:30", "b9", "urgent", "nursing", "missed_care fall", "9901", "informal_carer"),
    Report("13:00", "c1", "routine", "social", "loneliness", "9902", "professional", "linde"),
    Report("13:30", "c2", "urgent", "supportive", "fall", "9902", "volunteer"),
    Report("14:00", "c3", "routine", "medical", "", "9903", "professional", "welzijn"),
    Report("14:20", "c4", "acute", "social", "possible_violence", "9904", "professional", "linde"),
    Report("15:00", "c5", "urgent", "caring", "neglect", "9903", "neighbour"),
    Report("15:45", "c6", "routine", "nursing", "recovery", "9902", "client"),
    Report("16:30", "c7", "routine", "supportive", "", "9901", "domestic_help", case="a1"),
    Report("17:40", "c8", "urgent", "nursing", "fall", "9902", "informal_carer"),
    Report("18:45", "c9", "routine", "social", "loneliness", "9901", "neighbour"),
    Report("21:40", "d1", "acute", "nursing", "fall", "9903", "informal_carer"),
)

ANSWERS = (
    Answer("07:50", "a2", "linde/linde-duty"),
    Answer("07:55", "a3", "huisartsen/gp-post"),
    Answer("08:40", "a1", "linde/linde-team"),
    Answer("09:20", "a5", "linde/linde-team"),
    Answer("09:24", "a6", "linde/linde-duty"),  # nine minutes late, by the deputy
    Answer("10:00", "a8", "kolk/kolk-entry"),
    Answer("10:05", "b1", "welzijn/welzijn-desk", "outside_expertise"),
    Answer("10:10", "a4", "welzijn/welzijn-desk"),
    Answer("10:12", "b2", "linde/linde-team", "no_capacity"),
    Answer("10:20", "b1", "schakel/coordination-point"),
    Answer("10:22", "b3", "huisartsen/gp-desk"),
    Answer(
        "10:25", "b3", "schakel/coordination-point"
    ),  # asked as well, and three minutes too late to be the first
    Answer("11:00", "b2", "linde/linde-duty"),
    Answer("11:30", "a7", "huisartsen/gp-desk"),
    Answer("12:00", "a9", "schakel/coordination-point"),
    Answer("12:09", "b8", "linde/linde-team"),
    Answer("12:15", "b7", "schakel/coordination-point"),
    Answer("12:20", "b6", "welzijn/welzijn-desk"),  # in time, though the next had been asked by then
    Answer("13:10", "b4", "schakel/coordination-point"),
    Answer("13:30", "c1", "welzijn/welzijn-desk", "outside_area"),
    Answer("13:50", "b5", "huisartsen/gp-desk"),  # nobody asked them
    Answer("14:00", "b5", "linde/linde-team"),
    Answer("14:27", "c4", "schakel/coordination-point"),
    Answer("15:00", "c1", "schakel/coordination-point"),
    Answer("15:10", "c5", "linde/linde-team", "conflict_of_interest"),
    Answer("15:25", "c5", "linde/linde-duty", "no_capacity"),
    Answer("15:50", "c5", "schakel/coordination-point"),
    Answer("16:00", "c2", "linde/linde-team"),  # half an hour late
    Answer("16:30", "c6", "linde/linde-team"),
    Answer("18:10", "c8", "linde/linde-duty"),
    Answer("22:16", "d1", "waterkant/regional-duty"),
)

#: What was seen, in somebody's own words; they go to the vault and nowhere else.
WORDS = {
    "": "Ik maak me zorgen, maar kan niet goed zeggen waarover.",
    "recovery": "Loopt weer zelf naar de winkel en wil dat blijven doen.",
    "fall": "Lag vanmorgen naast het bed. Zegt dat het niets is.",
    "deterioration": "Sinds gisteren benauwd en grauw; praat in halve zinnen.",
    "loneliness": "Ziet sinds de begrafenis niemand meer.",
    "medication": "Er liggen drie dozen van hetzelfde, en in geen ervan klopt het.",
    "neglect": "De post ligt tot aan de deur en er hangt een lucht.",
    "care_avoidance": "Doet niet open voor de thuiszorg, wel voor mij.",
    "overload_of_informal_carer": "Ik slaap al weken niet en kan zo niet verder.",
    "malnutrition": "De koelkast is leeg en de broek zakt af.",
    "crisis": "Schreeuwt dat er mensen in huis zijn. Er is niemand.",
    "confusion": "Stond om zes uur in pyjama op de stoep.",
    "care_delay": "De verwijzing van september is nooit verstuurd.",
    "unsafe_home": "Het gas stond aan en het raam zat dicht.",
    "missed_care": "Al twee dagen is er niemand langs geweest voor de wond.",
    "possible_violence": "Blauwe plekken die elke keer ergens anders zitten.",
}

#: The door sends this one twice, with the same id: a retry after a lost acknowledgement.
REPEATED = ("b8", "12:01")


def lines() -> list[bytes]:
    """The day, in the order in which it was taken in."""
    cases = {report.name: report.case or report.name for report in REPORTS}
    found = [(report.at, _report(report)) for report in REPORTS]
    found += [(answer.at, _answer(answer, cases[answer.name])) for answer in ANSWERS]
    again, at = REPEATED
    found += [(at, line) for report in REPORTS if report.name == again for line in [_report(report)]]
    return [line for _, line in sorted(found, key=lambda one: one[0])]


def said_lines() -> list[bytes]:
    """The day as the partners' programs say it; who answers names the signal as its reporter did."""
    cases = {report.name: report.case or report.name for report in REPORTS}
    found = [(report.at, _said_report(report, cases[report.name])) for report in REPORTS]
    found += [(answer.at, _said_answer(answer)) for answer in ANSWERS]
    again, at = REPEATED
    found += [
        (at, dict(event))
        for report, event in zip(REPORTS, (e for _, e in found), strict=False)
        if report.name == again
    ]
    return [
        orjson.dumps({**event, "said": _moment(at).isoformat()})
        for at, event in sorted(found, key=lambda one: one[0])
    ]


def _said_report(report: Report, case: str) -> dict[str, Any]:
    party = report.party if report.party in PARTIES else ""
    data: dict[str, Any] = {
        "urgency": report.urgency,
        "types": report.types.split(),
        "concern": report.concern.split(),
        "about": report.about,
        "reporter": {"kind": report.kind, **({"party": party} if party else {})},
        "expects_feedback": report.kind == "professional",
        "client": {"system": "ecd", "value": f"client-{case}"},
        "content": {"what_was_seen": WORDS[report.concern.partition(" ")[0]]},
    }
    if report.postcode:
        data["postcode"] = report.postcode
    return _said(ReportSignal, report.at, report.name, party, data)


def _said_answer(answer: Answer) -> dict[str, Any]:
    data: dict[str, Any] = {"by": {"contact": answer.by}}
    kind = AcknowledgeSignal
    if answer.reason:
        kind, data["reason"] = DeclineSignal, answer.reason  # type: ignore[assignment]
    return _said(kind, answer.at, answer.name, answer.by.partition("/")[0], data)


def _said(kind: type[Said], at: str, name: str, party: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{kind.__name__.lower()}-{name}-{at.replace(':', '')}",
        "source": f"urn:nld:oin:{OIN[party]:020d}:systeem:{party or 'meldpunt'}",
        "type": kind.type_name(),
        "subject": f"melding-{name}",
        "time": (_moment(at) - timedelta(minutes=7)).isoformat()
        if kind is ReportSignal
        else _moment(at).isoformat(),
        "partnership": "de-vlier",
        "data": data,
    }


def case_of(name: str) -> str:
    """The caseid of a name above."""
    return f"case-{_random('case', name)[:12]}"


def signal_of(name: str) -> str:
    """The id of the signal of a name above."""
    return f"sig-{_random('signal', name)[:16]}"


def _random(*words: str) -> str:
    digest = hashlib.sha256("/".join(("De Vlier", *words)).encode()).digest()
    return base64.b32encode(digest).decode().lower().rstrip("=")


def _report(report: Report) -> bytes:
    asks = ReportSignal(
        urgency=report.urgency,
        types=tuple(SignalType(word) for word in report.types.split()),
        concern=tuple(Concern(word) for word in report.concern.split()),
        about=About(report.about),
        postcode=report.postcode,
        reporter=Reporter(kind=ReporterKind(report.kind), party=report.party or None),
        expects_feedback=report.kind == "professional",
        client_informed=report.kind in {"client", "informal_carer"},
        content_ref=f"vault:{_random('content', report.name)[:20]}",
    )
    happened = _moment(report.at) - timedelta(minutes=7)
    extra = {"urgency": report.urgency, "priority": PRIORITY[report.urgency], "time": happened.isoformat()}
    return _line(asks, report.at, report.name, report.case or report.name, report.party, **extra)


def _answer(answer: Answer, case: str) -> bytes:
    by = Actor(contact=answer.by, actor_ref=f"actor:{_random('actor', answer.by)[:12]}")
    asks: AcknowledgeSignal | DeclineSignal = AcknowledgeSignal(by=by)
    if answer.reason:
        asks = DeclineSignal(by=by, reason=DeclineReason(answer.reason))
    return _line(asks, answer.at, answer.name, case, answer.by.partition("/")[0])


def _line(
    asks: ReportSignal | AcknowledgeSignal | DeclineSignal,
    at: str,
    name: str,
    case: str,
    party: str,
    **extra: Any,
) -> bytes:
    command = _random("command", type(asks).__name__, at, name)[:26]
    trace = hashlib.sha256(command.encode()).hexdigest()
    envelope = Envelope(
        id=command,
        source=f"urn:nld:oin:{OIN[party]:020d}:systeem:{party or 'meldpunt'}",
        type=asks.type_name(),
        subject=signal_of(name),
        recordedtime=_moment(at).isoformat(),
        partnership="de-vlier",
        caseid=case_of(case),
        correlationid=_random("conversation", name)[:26],
        traceparent=f"00-{trace[:32]}-{trace[32:48]}-01",
        **extra,
    )
    return encode_structured(envelope, orjson.dumps(asks.model_dump(mode="json", exclude_defaults=True)))


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(f"{DAY}T{at}").replace(tzinfo=ZONE)


if __name__ == "__main__":
    written = said_lines() if sys.argv[1:] == ["said"] else lines()
    sys.stdout.buffer.write(b"".join(line + b"\n" for line in written))
