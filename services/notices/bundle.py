"""Routine notices told together: handed over by the lane of a case, kept and sent by the lane of their contact."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from schemas.notices import BundleNotice
from services.agreements.moments import milliseconds, moment
from services.deliveries.alias import signal_alias
from services.notices import reach
from services.notices.heard import Heard
from services.notices.row import Item, Open
from services.notices.tell import SOURCE, rfc3339
from services.runtime.job import Emit, Header
from topics.catalogue import NOTICES_COMMANDS

#: More of them are another bundle.
ITEMS_MAX = 100


def command(one: Open, until_ms: int, caseid: str, alias_key: bytes, now_ms: int) -> Emit:
    """A notice for the bundle of its contact, under the name its party has for what it is about; no case is in it."""
    party = one["to"].partition("/")[0]
    said = BundleNotice(
        notice_id=one["id"],
        of=one["of"],
        to=one["to"],
        channel=one["channel"],
        urgency=one["urgency"],
        about=signal_alias(alias_key, party, one["entity"] or caseid) if caseid else None,
        bundle_until=moment(until_ms),
    )
    key = one["to"].encode()
    headers: list[Header] = [
        ("ce_specversion", b"1.0"),
        ("content-type", b"application/json"),
        ("ce_id", one["id"].encode()),
        ("ce_source", SOURCE),
        ("ce_type", BundleNotice.type_name().encode()),
        ("ce_subject", key),
        ("ce_recordedtime", rfc3339(now_ms).encode()),
        ("ce_partnership", one["partnership"].encode()),
        ("ce_urgency", one["urgency"].encode()),
        ("ce_priority", one["priority"].encode()),
    ]
    return Emit(NOTICES_COMMANDS.name, key, said.model_dump_json().encode(), headers, numbered=False)


def put(under_way: Sequence[Open], heard: Heard, said: BundleNotice) -> list[Open]:
    """The notices of a contact with one more: in the bundle of its partnership and channel that still waits, or in a
    new one. One that is there already, or in a bundle that is being sent, is not put in twice."""
    item: Item = {"notice_id": said.notice_id, "of": said.of, "urgency": said.urgency, "about": said.about}
    found = list(under_way)
    if any(item["notice_id"] == other["notice_id"] for one in found for other in one.get("items", ())):
        return found
    for one in found:
        is_waiting = one["at_ms"] is not None and one["sent"] == 0
        is_same = (one["partnership"], one["channel"]) == (heard.envelope.partnership, said.channel)
        items = one.get("items", [])
        if is_waiting and is_same and items and len(items) < ITEMS_MAX:
            one["items"] = [*items, item]
            one["at_ms"] = min(one["at_ms"] or 0, milliseconds(said.bundle_until))
            return found
    made = hashlib.sha256(f"bundle|{said.notice_id}|{said.to}".encode()).hexdigest()[:32]
    found.append(
        {
            "id": f"b-{made}",
            "of": "BundleNotice",
            "fact_id": heard.envelope.id,
            "place": heard.place,
            "entity": None,
            "partnership": heard.envelope.partnership,
            "urgency": said.urgency,
            "priority": heard.envelope.priority or "routine",
            "to": said.to,
            "asks": False,
            "obligation_id": None,
            "phone": None,
            "taken_by": None,
            "due_ms": None,
            "content_ref": None,
            "order": heard.order,
            "channel": said.channel,
            "ways": [],
            "patience_ms": reach.PATIENCE_ELSE_MS,
            "until_ms": 0,
            "attempt": 0,
            "sent": 0,
            "at_ms": milliseconds(said.bundle_until),
            "effect": None,
            "is_moot": False,
            "items": [item],
        }
    )
    return found
