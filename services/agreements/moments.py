"""A moment as we keep it, milliseconds since the epoch, and as a value with a zone; nothing is counted here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: Of these years an agreement speaks, and whoever asks about one; further off is a mistake.
YEARS = range(2000, 2200)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def moment(at_ms: int) -> datetime:
    """The moment of so many milliseconds since the epoch, in UTC."""
    return _EPOCH + at_ms * _MS


def milliseconds(at: datetime) -> int:
    """Milliseconds since the epoch of a moment with a zone."""
    return (at - _EPOCH) // _MS
