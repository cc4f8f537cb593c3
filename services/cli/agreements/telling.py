"""How the commands about agreements tell a moment, and read one."""

from __future__ import annotations

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from services.agreements.local_moments import MomentError, on_the_wall
from services.agreements.moments import YEARS, milliseconds, moment
from services.cli.errors import UsedWrongly


def at_wall(at_ms: int, zone: tzinfo) -> datetime:
    """A moment by the clock on the wall."""
    return moment(at_ms).astimezone(zone)


def told(at_ms: int, zone: tzinfo) -> str:
    """A moment as a person reads it: `Tue 01 Dec 2026 00:00 CET`."""
    return f"{at_wall(at_ms, zone):%a %d %b %Y %H:%M %Z}"


def asked_moment(text: str) -> datetime:
    """The moment of `--at`: a day, or a day and a time; without an offset it is the wall clock of the agreement."""
    try:
        asked = datetime.fromisoformat(text)
    except ValueError:
        raise UsedWrongly(
            f"{text!r} is no moment; write 2026-12-01, 2026-12-01T00:01 or 2026-12-01T00:01+01:00"
        ) from None
    if asked.year not in YEARS:
        raise UsedWrongly(f"{text} is too far off; write a year from {YEARS.start} to {YEARS.stop - 1}")
    return asked


def in_zone_ms(asked: datetime, zone: ZoneInfo) -> int:
    """Milliseconds of a moment that was asked for; raises `UsedWrongly` for an hour that comes twice or is skipped."""
    try:
        return milliseconds(asked) if asked.tzinfo else on_the_wall(asked, zone)
    except MomentError as fault:
        raise UsedWrongly(f"--at: {fault}") from None
