"""How long and until when: three kinds of time, never mixed, counted into UTC milliseconds (semantics 6-9).

Minutes and hours are elapsed time. Days say how they are counted. Working days and hours go by a calendar.
(`aware + timedelta` across a clock change would make a deadline of 30 minutes one of 90.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.agreements.calendars import Calendar, milliseconds, moment

#: What `Span.amount` counts, by `Span.counting`: seconds for the first and last, days for the others.
ELAPSED, CALENDAR_DAYS, WORKING_DAYS, WORKING_HOURS = (
    "elapsed",
    "calendar_days",
    "working_days",
    "working_hours",
)
WORKING = frozenset({WORKING_DAYS, WORKING_HOURS})
MAX_DAYS = 366
_ISO = re.compile(r"^PT(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?$")
_DAY_S = 86_400


#: A `Span` as it stands in a row; JSON makes a list of it.
SpanRow = tuple[str, int, str | None]


class Span(NamedTuple):
    """A length of time as an agreement writes it."""

    counting: str
    amount: int
    calendar: str | None = None

    def row(self) -> SpanRow:
        """As it stands in a row."""
        return (self.counting, self.amount, self.calendar)


class SpanError(ValueError):
    """A length of time that cannot be read; its text is the sentence for who wrote it."""


class Clock(NamedTuple):
    """What counting needs besides a start: the partnership's zone and its calendars."""

    zone: ZoneInfo
    calendars: Mapping[str, Calendar]


class Inputs(NamedTuple):
    """All a due moment is computed from, so that it can be computed again and explained."""

    started_ms: int
    urgency: str
    rule: str
    span: Span


class Deadline(NamedTuple):
    """A due moment with what it was computed from."""

    due_ms: int
    inputs: Inputs


def parse_span(value: object) -> Span:
    """`PT15M`, `{days: 1, counting: elapsed | calendar}`, `{working_days: 1, calendar: office}` or
    `{working_hours: 4, calendar: office}`. Raises `SpanError`."""
    if isinstance(value, str):
        found = _ISO.match(value)
        if not found:
            raise SpanError(
                f"`{value}` is no length of time; write minutes and hours as PT15M, PT2H or PT1H30M, "
                "days as {days: 1, counting: elapsed} or {working_days: 1, calendar: office}"
            )
        return Span(ELAPSED, _within_limits(int(found[1] or 0) * 3600 + int(found[2] or 0) * 60, _DAY_S))
    if isinstance(value, dict) and not any(isinstance(part, bool) for part in value.values()):
        match sorted(value.items()):
            case [("counting", "elapsed"), ("days", int(days))]:
                return Span(ELAPSED, _within_limits(days * _DAY_S, _DAY_S))
            case [("counting", "calendar"), ("days", int(days))]:
                return Span(CALENDAR_DAYS, _within_limits(days, 1))
            case [("calendar", str(calendar)), ("working_days", int(days))]:
                return Span(WORKING_DAYS, _within_limits(days, 1), calendar)
            case [("calendar", str(calendar)), ("working_hours", int(hours))]:
                return Span(WORKING_HOURS, _within_limits(hours * 3600, _DAY_S), calendar)
    raise SpanError(
        "a length of time is PT15M, {days: 1, counting: elapsed or calendar}, "
        "{working_days: 1, calendar: NAME} or {working_hours: 4, calendar: NAME}"
    )


def _within_limits(amount: int, per_day: int) -> int:
    if not 0 < amount <= MAX_DAYS * per_day:
        raise SpanError(f"a length of time is more than nothing and at most {MAX_DAYS} days")
    return amount


def after(span: Span, start_ms: int, clock: Clock) -> int:
    """The moment a length of time ends.

    A calendar that is no longer in the agreement cannot be asked: its hours and days are then counted as elapsed
    hours and days of the calendar, for an obligation taken on under an older version must still end.
    """
    counting, amount, name = span
    calendar = clock.calendars.get(name) if name is not None else None
    if counting in {ELAPSED, WORKING_HOURS}:
        return calendar.after_open(start_ms, amount * 1000) if calendar else start_ms + amount * 1000
    if calendar:
        return calendar.after_working_days(start_ms, amount)
    # The later reading of an ambiguous wall time: never late while the clock on the wall says in time.
    local = moment(start_ms).astimezone(clock.zone)
    return milliseconds((local + timedelta(days=amount)).replace(fold=1))


def due(inputs: Inputs, clock: Clock) -> Deadline:
    """The deadline that follows from its inputs, now and whenever it has to be explained."""
    return Deadline(after(inputs.span, inputs.started_ms, clock), inputs)


def passed(deadline: Deadline, percents: Sequence[int], clock: Clock) -> list[list[int]]:
    """`[percent, at_ms]`: when so much of the clock has passed; a clock of working time only runs in its hours."""
    due_ms, (started_ms, _, _, span) = deadline
    calendar = clock.calendars.get(span.calendar) if span.calendar is not None else None
    if calendar is None:
        whole_ms = due_ms - started_ms
        return [[percent, started_ms + whole_ms * percent // 100] for percent in percents]
    return calendar.parts_of(started_ms, due_ms, percents)
