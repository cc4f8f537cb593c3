"""A record of the collaboration's command topic, read: refused as soon as it names anything that leads to a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from schemas.attributes import PartyKey
from schemas.base import Code, EventId, Said, read
from schemas.envelope import Envelope
from schemas.registry import TYPES
from services.received import received
from services.runtime.job import PassedOver, Record, Unreadable

#: What is asked of a party's lane, by its name on the wire.
COMMANDS: Mapping[str, type[Said]] = {
    name: model
    for name, model in TYPES.items()
    if (model.subject, model.kind) == ("collaboration", "command")
}
#: A command is thin; whatever is larger carries something else.
VALUE_MAX_BYTES = 16 * 1024
_EVENT_ID: TypeAdapter[str] = TypeAdapter(EventId)
_KEY: TypeAdapter[str] = TypeAdapter(PartyKey)
_CODE: TypeAdapter[str] = TypeAdapter(Code)


class Command(NamedTuple):
    """What is asked, and of whom."""

    id: str
    partnership: str
    party: str
    asks: Said


def read_command(record: Record) -> Command:
    """Reads a record; raises `Unreadable` with a coded reason, or `PassedOver` for a type that is none of ours."""
    envelope, key, value = received(record, VALUE_MAX_BYTES)
    model = COMMANDS.get(envelope.type)
    if model is None:
        raise PassedOver("unknown_type")
    if _leads_to_a_case(envelope):
        raise Unreadable("case_named")
    if key != envelope.subject.encode():
        raise Unreadable("key_differs")
    for form, text, reason in (
        (_EVENT_ID, envelope.id, "id_invalid"),
        (_KEY, envelope.subject, "subject_invalid"),
        (_CODE, envelope.partnership, "partnership_invalid"),
    ):
        try:
            form.validate_python(text)
        except ValidationError:
            raise Unreadable(reason) from None
    partnership, _, party = envelope.subject.partition("/")
    if partnership != envelope.partnership:
        raise Unreadable("key_differs")
    try:
        return Command(envelope.id, partnership, party, read(model, value))
    except ValidationError:
        raise Unreadable("data_invalid") from None


def _leads_to_a_case(envelope: Envelope) -> bool:
    return bool(envelope.caseid or envelope.causationid or envelope.correlationid or envelope.traceparent)
