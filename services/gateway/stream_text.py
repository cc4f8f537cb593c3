"""What a stream says, as text: which events are wanted, and each one as server-sent events write it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import orjson

from schemas.envelope import EnvelopeError
from schemas.structured import decode_either, encode_structured
from services.runtime.job import Record

PRIORITIES = ("routine", "urgent", "asap", "stat")
#: How soon a reader comes back whose stream ended.
RETRY_MS = 2_000


class Event(NamedTuple):
    """One delivery, ready to be written; `of` is the name of the fact it tells of."""

    offset: int
    type: str
    of: str
    urgency: str
    priority: str
    text: bytes
    at_ms: int


class Wanted(NamedTuple):
    """Which events a reader wants; nothing named is all."""

    priorities: frozenset[str] = frozenset()
    urgencies: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()

    def takes(self, event: Event) -> bool:
        """Whether this one is wanted. A type is named by its whole type, or by the fact that it tells of."""
        return (
            (not self.priorities or event.priority in self.priorities)
            and (not self.urgencies or event.urgency in self.urgencies)
            and (not self.types or event.type in self.types or event.of in self.types)
        )


def words(text: str | None) -> frozenset[str]:
    """`stat,asap` as words."""
    return frozenset(word for part in (text or "").split(",") if (word := part.strip()))


def event_of(record: Record) -> Event | None:
    """The delivery of a record; None for one that cannot be read, which a partner's client could not read either."""
    try:
        envelope, data = decode_either(record.headers, record.value)
        said = orjson.loads(data)
    except (EnvelopeError, orjson.JSONDecodeError):
        return None
    of = said.get("of") if isinstance(said, dict) else None
    body = encode_structured(envelope, data)
    if b"\n" in body or b"\r" in body:
        return None
    text = b"id: %d\nevent: %b\ndata: %b\n\n" % (record.offset, envelope.type.encode(), body)
    return Event(
        record.offset,
        envelope.type,
        of if isinstance(of, str) else "",
        envelope.urgency,
        envelope.priority,
        text,
        record.timestamp_ms,
    )


def opening(last: int) -> bytes:
    """How a stream begins: when to come back, and its place, so that not even the first event is lost."""
    return b"retry: %d\nid: %d\n\n" % (RETRY_MS, last)


def heartbeat(last: int) -> bytes:
    """That the line is open, and the place up to which there was nothing for this reader."""
    return b": heartbeat\nid: %d\n\n" % last


def gap(asked: str, goes_on: int) -> bytes:
    """What was asked for is no longer kept (or never was): from where the stream goes on."""
    told = orjson.dumps({"asked": asked, "goes_on_from": goes_on})
    return b"event: gap\nid: %d\ndata: %b\n\n" % (goes_on - 1, told)


def goodbye(reason: str) -> bytes:
    """The last word of a stream, so that its reader knows that the line did not just break."""
    return b"event: goodbye\ndata: %b\n\n" % orjson.dumps({"reason": reason})


def position_of(last_event_id: str | None) -> int | None:
    """The place after the last event a reader has; None for what no stream of ours ever said."""
    text = (last_event_id or "").strip()
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        return None
    return max(0, int(text) + 1)


def written(events: Iterable[Event], wanted: Wanted) -> tuple[bytes, list[Event]]:
    """The wanted ones of these as one piece of text."""
    taken = [event for event in events if wanted.takes(event)]
    return b"".join(event.text for event in taken), taken
