"""A record of a command topic, read: its envelope, when it was taken in, and what it asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, get_args

from pydantic import ValidationError

from schemas.base import Code, EventId, Id, Said, read
from schemas.envelope import Envelope
from schemas.registry import TYPES
from services.agreements.moments import milliseconds
from services.received import received
from services.runtime.job import PassedOver, Record, Unreadable
from topics.catalogue import NOTICES_EVENTS

#: A command is thin; whatever is larger carries something else.
VALUE_MAX_BYTES = 256 * 1024

#: What is asked of a case, by its name on the wire.
COMMANDS: Mapping[str, type[Said]] = {
    name: model
    for name, model in TYPES.items()
    if model.kind == "command" and model.subject in {"signals", "coordination"}
}


def _form(kind: Any) -> re.Pattern[str]:
    return re.compile(str(get_args(kind)[1].pattern))


_EVENT_ID, _ID, _CODE = _form(EventId), _form(Id), _form(Code)


class Command(NamedTuple):
    """What is asked, by an envelope whose ids have the form of ours. `recorded_ms` is when we took it in."""

    envelope: Envelope
    recorded_ms: int
    asks: Said


def recorded_ms(text: str) -> int | None:
    """The moment of an RFC 3339 text with a zone, in milliseconds since the epoch; None when it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return milliseconds(at) if at.tzinfo is not None else None


def stamp_ms(record: Record) -> int | None:
    """When a record was taken in, found without reading anything else of it. A word of another process moves no time:
    it says nothing of how far the commands have been read."""
    if record.topic == NOTICES_EVENTS.name:
        return 0
    for name, raw in record.headers:
        if name == "ce_recordedtime":
            try:
                return recorded_ms(raw.decode())
            except UnicodeDecodeError:
                return None
    return None


def read_command(record: Record) -> Command:
    """Reads a record; raises `Unreadable` with a coded reason, or `PassedOver` for a type that is none of ours."""
    envelope, key, value = received(record, VALUE_MAX_BYTES)
    if not _ID.fullmatch(envelope.caseid):
        raise Unreadable("caseid_invalid")
    if key != envelope.caseid.encode():
        raise Unreadable("key_differs")
    model = COMMANDS.get(envelope.type)
    if model is None:
        raise PassedOver("unknown_type")
    at_ms = recorded_ms(envelope.recordedtime)
    if at_ms is None:
        raise Unreadable("recordedtime_invalid")
    if not _EVENT_ID.fullmatch(envelope.id):
        raise Unreadable("id_invalid")
    if not _ID.fullmatch(envelope.subject):
        raise Unreadable("subject_invalid")
    if not _CODE.fullmatch(envelope.partnership):
        raise Unreadable("partnership_invalid")
    try:
        return Command(envelope, at_ms, read(model, value))
    except ValidationError:
        raise Unreadable("data_invalid") from None
