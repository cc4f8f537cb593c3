"""Days as a neighbourhood counts them: which day a moment belongs to, and when a day begins."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from services.agreements.moments import moment
from services.agreements.walls import earliest


def day_of(at_ms: int, zone: ZoneInfo) -> date:
    """The day a moment belongs to."""
    return moment(at_ms).astimezone(zone).date()


def begins_ms(day: date, zone: ZoneInfo) -> int:
    """The first moment of a day."""
    return earliest(datetime.combine(day, time()), zone)
