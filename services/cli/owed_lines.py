"""What is owed in plain words, and as a program reads it: who owes what, since when, who is asked and who is next."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from services.agreements.local_moments import iso_moment
from services.agreements.moments import moment
from services.cli.forecast import Next
from services.cli.lines import Wall, length, passed_over, words
from services.cli.owed import UNTOLD_AFTER_MS, Owed

#: What to say of a moment that passed without a word.
NOBODY_TOLD = "nobody was told: does casework run?"


def owed_line(one: Owed, wall: Wall, at_ms: int) -> str:
    """Who owes it, until when, and how it stands with the time."""
    owner = one.owed_by or "somebody (its beginning is no longer kept)"
    to = f" to {words(one.opened.owed_to)}" if one.opened is not None and one.opened.owed_to else ""
    since = f" since {_at(one.opened.at_ms, wall)}" if one.opened is not None else ""
    return (
        f"{one.name}: {owner} owes it{to}{since}, due {_at(one.due_ms, wall)}, {_time_left(one, wall, at_ms)}"
    )


def ladder_line(one: Owed, asking: Next | None, wall: Wall, at_ms: int) -> str:
    """Which level stands and who is asked there, and who is next and when."""
    if one.level == 0 and len(one.asked) < 2:
        stands = "nobody else is asked yet"
    else:
        since = "" if one.asked_ms is None else f" at {_at(one.asked_ms, wall)}"
        stands = f"level {one.level}: {one.asked[-1]} was asked{since}"
    if asking is not None:
        is_again = asking.level == one.level and asking.contact == one.asked[-1]
        coming = "again" if is_again else f"next is level {asking.level}, {asking.contact},"
        stands += f"; {coming} at {_at(asking.at_ms, wall)}"
        stands += passed_over(asking.skipped) + _passed(asking.at_ms, at_ms)
    elif one.next_ms is not None:
        stands += f"; next at {_at(one.next_ms, wall)}" + _passed(one.next_ms, at_ms)
    return stands


def owed_data(one: Owed, asking: Next | None, zone: ZoneInfo, at_ms: int) -> dict[str, Any]:
    """All of it for a program; moments in the zone, with their offset."""

    def iso(moment_ms: int | None) -> str | None:
        return None if moment_ms is None else iso_moment(moment_ms, zone)

    next_ms = one.next_ms if asking is None else asking.at_ms
    return {
        "obligation": one.name,
        "obligation_id": one.id,
        "case": one.caseid,
        "entity": one.entity,
        "partnership": one.partnership,
        "urgency": one.urgency,
        "priority": one.priority,
        "state": one.state(at_ms),
        "owed_by": one.owed_by,
        "owed_to": None if one.opened is None else one.opened.owed_to,
        "opened_at": None if one.opened is None else iso(one.opened.at_ms),
        "due_at": iso(one.due_ms),
        "late_s": one.late_ms(at_ms) / 1000,
        "breach_told_at": iso(one.breached_ms),
        "paused_for": one.paused_for,
        "paused_until": iso(one.pauses[-1][1]) if one.paused_for is not None else None,
        "ladder": None if one.opened is None else one.opened.ladder,
        "level": one.level,
        "asked": list(one.asked),
        "asked_at": iso(one.asked_ms),
        "next": None if next_ms is None else _next_data(next_ms, asking, zone),
    }


def _next_data(next_ms: int, asking: Next | None, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "at": iso_moment(next_ms, zone),
        "level": None if asking is None else asking.level,
        "to": None if asking is None else asking.contact,
        "passed_over": [] if asking is None else [one.model_dump(mode="json") for one in asking.skipped],
    }


def _time_left(one: Owed, wall: Wall, at_ms: int) -> str:
    state = one.state(at_ms)
    if state == "paused":
        return f"its clock stands still until {_at(one.pauses[-1][1], wall)} ({words(one.paused_for or '')})"
    if state == "late":
        untold = f", and {NOBODY_TOLD}" if one.is_untold(at_ms) else ""
        return f"{length(one.late_ms(at_ms) / 1000)} late{untold}"
    return f"{length((one.due_ms - at_ms) / 1000)} left"


def _passed(next_ms: int, at_ms: int) -> str:
    return f", which has passed and {NOBODY_TOLD}" if at_ms - next_ms > UNTOLD_AFTER_MS else ""


def _at(at_ms: int, wall: Wall) -> str:
    return wall(moment(at_ms))
