"""A record of a topic of ours as it came: its envelope, key and value, or the coded reason why it cannot be read."""

from __future__ import annotations

from typing import NamedTuple

from schemas.envelope import Envelope, EnvelopeError, decode
from services.runtime.job import Record, Unreadable


class Received(NamedTuple):
    """What every lane needs of a record before it looks at what it says."""

    envelope: Envelope
    key: bytes
    value: bytes


def received(record: Record, max_bytes: int, any_size: str = "") -> Received:
    """Takes a record in; raises `Unreadable`.

    `max_bytes`: what is said is thin, and whatever is larger carries something else. `any_size`: the one type that may
    be as large as a record.
    """
    try:
        envelope = decode(record.headers)
    except EnvelopeError as error:
        raise Unreadable(error.reason) from None
    if record.key is None:
        raise Unreadable("key_missing")
    if record.value is None:
        raise Unreadable("value_missing")
    if len(record.value) > max_bytes and envelope.type != any_size:
        raise Unreadable("value_too_large")
    return Received(envelope, record.key, record.value)
