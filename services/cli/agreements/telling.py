"""How the commands about agreements tell a moment."""

from __future__ import annotations

from datetime import datetime, tzinfo

from services.agreements.moments import moment


def at_wall(at_ms: int, zone: tzinfo) -> datetime:
    """A moment by the clock on the wall."""
    return moment(at_ms).astimezone(zone)


def told(at_ms: int, zone: tzinfo) -> str:
    """A moment as a person reads it: `Tue 01 Dec 2026 00:00 CET`."""
    return f"{at_wall(at_ms, zone):%a %d %b %Y %H:%M %Z}"
