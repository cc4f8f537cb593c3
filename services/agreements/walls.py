"""The clock on the wall of a zone, and the hour it skips or shows twice a year: read so that time never goes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.agreements.moments import moment

_MINUTE = timedelta(minutes=1)
_MS, _TICK = timedelta(milliseconds=1), timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1)


def shown(at_ms: int, zone: ZoneInfo) -> datetime:
    """What the clock shows. While it shows an hour for the second time, the end of that hour: who comes later never
    reads an earlier time."""
    local = moment(at_ms).astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    return _after_the_change(wall, zone) if local.fold else wall


def earliest(wall: datetime, zone: ZoneInfo) -> int:
    """The first moment the clock shows this time; of a time it skips, the moment it skips it."""
    return _instant(wall, zone, 0)


def latest(wall: datetime, zone: ZoneInfo) -> int:
    """The last moment the clock shows this time: nobody is late while it still says in time."""
    return _instant(wall, zone, 1)


def until(wall: datetime, zone: ZoneInfo) -> int:
    """The end of the last moment the clock shows an earlier time: till then it says that this time is still to come."""
    before, after = _offsets(wall - _TICK, zone)
    return _instant(wall, zone, 0 if before == after else 1)


def _instant(wall: datetime, zone: ZoneInfo, fold: int) -> int:
    before, after = _offsets(wall, zone)
    if before < after:  # the clock goes forward over it
        wall, before = _after_the_change(wall, zone), after
    return (wall - _EPOCH - (after if fold else before)) // _MS


def _after_the_change(wall: datetime, zone: ZoneInfo) -> datetime:
    """The end of the time that is skipped or shown twice. Zones change at a full minute, by a few hours at most."""
    before, after = _offsets(wall, zone)
    while before != after:
        wall = wall.replace(second=0, microsecond=0) + _MINUTE
        before, after = _offsets(wall, zone)
    return wall


def _offsets(wall: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """Ahead of UTC by so much, if the change still lies ahead, and if it is over; the same on any other day."""
    before, after = zone.utcoffset(wall), zone.utcoffset(wall.replace(fold=1))
    assert before is not None and after is not None  # a zone always knows
    return before, after
