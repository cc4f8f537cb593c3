"""A time on the command line, read in one way by every command: a day, or a moment with or without its offset."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.agreements.directory_file import day_or_moment, window
from services.agreements.findings import Unreadable
from services.agreements.local_moments import MomentError, read_moment
from services.agreements.moments import YEARS, moment
from services.cli.errors import UsedWrongly


def asked_time(text: str, zone: ZoneInfo) -> date | datetime:
    """A day or a moment as it was asked for; without an offset it is by the clock on the wall of the agreement.

    Raises `UsedWrongly` for what is neither, and for an hour that comes twice or is skipped.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        if day.year in YEARS:
            return day
        raise UsedWrongly(f"{text} is too far off; write a year from {YEARS.start} to {YEARS.stop - 1}")
    try:
        return day_or_moment(text)
    except Unreadable:
        pass
    try:
        return moment(read_moment(text, zone))
    except MomentError as fault:
        raise UsedWrongly(str(fault)) from None


def begin_ms(text: str, zone: ZoneInfo) -> int:
    """Milliseconds of the moment; of a day, its beginning."""
    return window(asked_time(text, zone), None, zone).from_ms


def asked_at(text: str | None, zone: ZoneInfo, now_ms: int) -> int:
    """Milliseconds of the moment of `--at`; now when it was left out."""
    return now_ms if text is None else begin_ms(text, zone)
