"""What leaves for a party: thin records under its own names, in its own stream. A list of what may stand in them.

Neither an id of a fact nor what led to it, nor what belongs to one conversation: two parties can not join what they
hear.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from schemas.notices import NoticeIssued
from services.deliveries.alias import case_alias, signal_alias
from services.notices.tell import SOURCE, rfc3339
from services.runtime.job import Emit, Header
from topics.catalogue import deliveries


class Stamp(NamedTuple):
    """For whom a record is, about what, and of what it tells (the id of a fact, or of a notice)."""

    party: str
    partnership: str
    caseid: str
    entity: str
    of_id: str
    urgency: str
    priority: str


def delivery_id(key: bytes, party: str, of_id: str) -> str:
    """The id of a delivery, its own: the same whenever it is sent again, and nobody's clue to a fact."""
    made = hmac.new(key, f"delivery|{party}|{of_id}".encode(), hashlib.sha256).hexdigest()
    return f"d-{made[:32]}"


def attributes(key: bytes, stamp: Stamp, now_ms: int) -> dict[str, str]:
    """The envelope of a delivery. What belongs to no case has no name of one."""
    found = {
        "id": delivery_id(key, stamp.party, stamp.of_id),
        "source": SOURCE.decode(),
        "type": NoticeIssued.type_name(),
        "subject": signal_alias(key, stamp.party, stamp.entity),
        "recordedtime": rfc3339(now_ms),
        "partnership": stamp.partnership,
        "caseid": case_alias(key, stamp.party, stamp.caseid) if stamp.caseid else "",
        "urgency": stamp.urgency,
        "priority": stamp.priority,
    }
    return {name: value for name, value in found.items() if value}


def record(key: bytes, stamp: Stamp, issued: NoticeIssued, now_ms: int) -> Emit:
    """A record of the party's stream; a party without a stream gets none."""
    said = attributes(key, stamp, now_ms)
    headers: list[Header] = [("ce_specversion", b"1.0"), ("content-type", b"application/json")]
    headers += [(f"ce_{name}", value.encode()) for name, value in said.items()]
    name = said.get("caseid") or said["subject"]
    if "caseid" in said:
        headers.append(("ce_partitionkey", name.encode()))
    return Emit(
        deliveries(stamp.party).name,
        name.encode(),
        issued.model_dump_json(exclude_none=True).encode(),
        headers,
        numbered=False,
        is_optional=True,
    )
