"""A record that the bell reads, as a value: a fact of a case, party, contact or agreement, or a word of its lane."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from schemas.agreements import AgreementPublished
from schemas.base import Said, read
from schemas.envelope import Envelope
from schemas.registry import TYPES
from schemas.signals import Actor
from services.agreements.moments import milliseconds
from services.received import received
from services.runtime.job import PassedOver, Record, Unreadable
from topics.catalogue import AGREEMENTS_EVENTS, DIRECTORY_EVENTS

#: The rooms whose facts are told of, and the one in which the bell speaks to itself.
_SUBJECTS = {
    ("signals", "fact"),
    ("deadlines", "fact"),
    ("coordination", "fact"),
    ("collaboration", "fact"),
    ("directory", "fact"),
    ("agreements", "fact"),
    ("gateway", "fact"),
    ("notices", "command"),
}
MODELS: Mapping[str, type[Said]] = {
    name: model for name, model in TYPES.items() if (model.subject, model.kind) in _SUBJECTS
}
#: Where a key without a value takes back what was told.
_COMPACTED = frozenset({AGREEMENTS_EVENTS.name, DIRECTORY_EVENTS.name})
#: A fact is thin; whatever is larger carries something else. An agreement is as large as a record may be.
VALUE_MAX_BYTES = 256 * 1024

#: Where a fact stands among those of its writer's lane: recorded time never falls there, and the number rises.
Order = tuple[int, int]


class Heard(NamedTuple):
    """What was told, and where it lies. `by` is the function that acted."""

    name: str
    said: Said
    envelope: Envelope
    order: Order
    by: str | None
    place: tuple[str, int, int]

    @property
    def at_ms(self) -> int:
        """When it was taken in."""
        return self.order[0]


def read_heard(record: Record) -> Heard:
    """Reads a record; raises `Unreadable` with a coded reason, or `PassedOver` for a type that is not told of."""
    if record.value is None and record.topic in _COMPACTED:
        raise PassedOver("forgotten")
    envelope, key, value = received(record, VALUE_MAX_BYTES, any_size=AgreementPublished.type_name())
    if key != envelope.key.encode():
        raise Unreadable("key_differs")
    model = MODELS.get(envelope.type)
    if model is None:
        raise PassedOver("unknown_type")
    try:
        at = datetime.fromisoformat(envelope.recordedtime)
        at_ms = milliseconds(at)
    except (ValueError, TypeError):
        raise Unreadable("recordedtime_invalid") from None
    try:
        said = read(model, value)
    except ValidationError:
        raise Unreadable("data_invalid") from None
    by = getattr(said, "by", None)
    return Heard(
        name=model.__name__,
        said=said,
        envelope=envelope,
        order=(at_ms, _number(envelope.id)),
        by=by.contact if isinstance(by, Actor) else None,
        place=(record.topic, record.partition, record.offset),
    )


def _number(fact_id: str) -> int:
    """The sequence in a fact's id `process-partition-sequence`; 0 for an id of another form."""
    last = fact_id.rpartition("-")[2]
    return int(last) if last.isdecimal() and len(last) < 19 else 0
