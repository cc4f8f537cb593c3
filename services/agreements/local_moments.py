"""A moment as people write it: in a zone, with its offset where the clock change leaves a doubt."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from services.agreements.moments import YEARS, milliseconds, moment

_TIME = r"[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
_OFFSET = r"(?:\s*(?P<zulu>[Zz])|\s*(?P<sign>[+-])(?P<off_h>\d{2}):?(?P<off_m>\d{2}))?"
#: As everybody's software writes it, and as a Dutch spreadsheet makes of it.
_ISO = re.compile(rf"^(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}}){_TIME}{_OFFSET}$")
_DUTCH = re.compile(rf"^(?P<day>\d{{1,2}})-(?P<month>\d{{1,2}})-(?P<year>\d{{4}}){_TIME}{_OFFSET}$")


class MomentError(ValueError):
    """A moment that cannot be read; its text is the sentence for who wrote it."""


def read_moment(text: str, zone: ZoneInfo) -> int:
    """`2026-11-23 09:00` or `23-11-2026 9:00`, with `+01:00` behind it where needed. Raises `MomentError`."""
    found = _ISO.match(text) or _DUTCH.match(text)
    if not found:
        raise MomentError(
            f"`{text}` is no moment; write year, month, day and time as 2026-11-23 09:00 (or 23-11-2026 09:00)"
        )
    try:
        wall = datetime(
            int(found["year"]),
            int(found["month"]),
            int(found["day"]),
            int(found["hour"]),
            int(found["minute"]),
            int(found["second"] or 0),
        )
        offset = _offset(found)
    except ValueError:
        raise MomentError(f"`{text}` is no day and time of the calendar; correct it") from None
    if wall.year not in YEARS:
        raise MomentError(f"`{text}` is too far off; write a year from {YEARS.start} to {YEARS.stop - 1}")
    return milliseconds(wall.replace(tzinfo=offset)) if offset is not None else on_the_wall(wall, zone)


def on_the_wall(wall: datetime, zone: ZoneInfo) -> int:
    """The one moment at which the clock shows this. Raises `MomentError` when it does so twice, or never."""
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return milliseconds(first)
    text = f"{wall:%Y-%m-%d %H:%M}"
    earlier, later = (f"{text}{_sign(at)}" for at in (first, second))
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall:
        raise MomentError(f"`{text}` comes twice, for the clock goes back; write {earlier} or {later}")
    raise MomentError(
        f"`{text}` does not exist, for the clock goes forward; write a time that does, or one with its offset: "
        f"{earlier}"
    )


def show_moment(at_ms: int, zone: ZoneInfo) -> str:
    """`Mon 23 Nov 2026 09:00 +01:00`: the offset is told, for two moments may look the same on the wall."""
    local = moment(at_ms).astimezone(zone)
    seconds = f":{local:%S}" if local.second else ""
    return f"{local:%a %d %b %Y %H:%M}{seconds} {_sign(local)}"


def iso_moment(at_ms: int, zone: ZoneInfo) -> str:
    """`2026-11-23T09:00:00+01:00`."""
    return moment(at_ms).astimezone(zone).isoformat()


def _sign(at: datetime) -> str:
    return f"{at:%z}"[:3] + ":" + f"{at:%z}"[3:5]


def _offset(found: re.Match[str]) -> timezone | None:
    if found["zulu"]:
        return UTC
    if not found["sign"]:
        return None
    hours, minutes = int(found["off_h"]), int(found["off_m"])
    if hours > 14 or minutes > 59:
        raise ValueError("no offset of this world")
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(ahead if found["sign"] == "+" else -ahead)
