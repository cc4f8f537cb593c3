"""What became of one attempt, as the sender says it and the lane reads it."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from schemas.notices import FailReason

#: What may be otherwise in a moment; anything else is the same however often it is tried.
RETRIED = frozenset(
    {
        FailReason.UNREACHABLE,
        FailReason.TIMED_OUT,
        FailReason.OVERLOADED,
        FailReason.SERVER_FAILED,
        FailReason.OWN_SIDE,
    }
)
#: A receiver that asks for more patience than this is not waited for by this way.
RETRY_AFTER_MAX_S = 86_400.0


class Outcome(NamedTuple):
    """Taken by whoever passes it on, or by the receiver itself (`is_delivered`); or why not, and when again."""

    is_accepted: bool
    is_delivered: bool = False
    reason: FailReason = FailReason.UNKNOWN
    retry_after_ms: int = 0


ACCEPTED = Outcome(True)
DELIVERED = Outcome(True, is_delivered=True)


def failed(reason: FailReason, retry_after_s: float = 0.0) -> Outcome:
    """An attempt that came to nothing."""
    return Outcome(False, False, reason, round(min(max(retry_after_s, 0.0), RETRY_AFTER_MAX_S) * 1000))


def write_outcome(came: Outcome) -> bytes:
    """As it enters the lane."""
    return orjson.dumps([came.is_accepted, came.is_delivered, came.reason.value, came.retry_after_ms])


def read_outcome(raw: bytes) -> Outcome:
    """As it was written."""
    is_accepted, is_delivered, reason, retry_after_ms = orjson.loads(raw)
    return Outcome(is_accepted, is_delivered, FailReason(reason), retry_after_ms)
