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

from services.agreements.calendars import Calendar
from services.agreements.findings import Unreadable
from services.agreements.walls import latest, shown

#: What `Span.amount` counts, by `Span.counting`: seconds for the first and last, days for the others.
ELAPSED, CALENDAR_DAYS, WORKING_DAYS, WORKING_HOURS = (
    "elapsed",
    "calendar_days",
    "working_days",
    "working_hours",
)
WORKING = frozenset({WORKING_DAYS, WORKING_HOURS})
#: Until a moment that somebody named: `amount` is that moment, in seconds since the epoch.
MOMENT = "moment"
MAX_DAYS = 366
_ISO = re.compile(r"PT(?=[0-9])(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?")
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


def until(at_ms: int) -> Span:
    """Until a moment; a part of a second is its own second, so that nothing is told early."""
    return Span(MOMENT, -(-at_ms // 1000))


class SpanError(Unreadable):
    """A length of time that cannot be read."""


class Clock(NamedTuple):
    """What counting needs besides a start: the partnership's zone and its calendars."""

    zone: ZoneInfo
    calendars: Mapping[str, Calendar]

    def calendar(self, span: Span) -> Calendar | None:
        """The calendar a length of time goes by; None for one that goes by none, or by one that is gone."""
        return self.calendars.get(span.calendar) if span.calendar is not None else None


Window = tuple[int, int]


class Pause(NamedTuple):
    """From when till when a clock stood still; somebody gave a reason for it (semantics 11)."""

    from_ms: int
    to_ms: int


class Inputs(NamedTuple):
    """All a due moment is computed from, so that it can be computed again and explained."""

    started_ms: int
    urgency: str
    rule: str
    span: Span
    pauses: tuple[Pause, ...] = ()


class Deadline(NamedTuple):
    """A due moment with what it was computed from."""

    due_ms: int
    inputs: Inputs


def parse_span(value: object) -> Span:
    """`PT15M`, `{days: 1, counting: elapsed | calendar}`, `{working_days: 1, calendar: office}` or
    `{working_hours: 4, calendar: office}`. Raises `SpanError`."""
    if isinstance(value, str):
        found = _ISO.fullmatch(value)
        if not found:
            raise SpanError("wrong_length_of_time")
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
    raise SpanError("wrong_length_of_time")


def _within_limits(amount: int, per_day: int) -> int:
    if not 0 < amount <= MAX_DAYS * per_day:
        raise SpanError("length_out_of_limits", most=MAX_DAYS)
    return amount


def after(span: Span, start_ms: int, clock: Clock, pauses: Sequence[Pause] = ()) -> int:
    """The moment a length of time ends.

    A pause moves it by what its own kind of time would have counted meanwhile: elapsed time, the clock on the wall
    for days of the calendar, open time, or (parts of) working days. A pause that begins when it has ended changes
    nothing. Pauses are in order and do not overlap.

    A calendar that is no longer in the agreement cannot be asked: its hours and days are then counted as elapsed
    hours and days of the calendar, for an obligation taken on under an older version must still end.
    """
    _expect_order(pauses)
    paused_ms = 0
    end_ms = _end(span, start_ms, paused_ms, clock)
    for from_ms, to_ms in pauses:
        if from_ms >= end_ms:
            break
        if to_ms > start_ms:
            paused_ms += _counted(span, max(from_ms, start_ms), to_ms, clock)
            # Of a day that opens later than others, the part before its opening is counted in no time: what a pause
            # counts there may be less than it lasts, and no clock ends while it stands still.
            end_ms = max(_end(span, start_ms, paused_ms, clock), to_ms)
    return end_ms


def _end(span: Span, start_ms: int, more_ms: int, clock: Clock) -> int:
    """When a length of time, and so much more of its own kind, has been counted."""
    calendar = clock.calendar(span)
    if span.counting == MOMENT:
        return span.amount * 1000 + more_ms
    if span.counting in {ELAPSED, WORKING_HOURS}:
        amount_ms = span.amount * 1000 + more_ms
        return calendar.after_open(start_ms, amount_ms) if calendar else start_ms + amount_ms
    if calendar:
        return calendar.after_working_days(start_ms, span.amount, more_ms)
    wall = shown(start_ms, clock.zone) + timedelta(days=span.amount, milliseconds=more_ms)
    return latest(wall, clock.zone)


def _counted(span: Span, from_ms: int, to_ms: int, clock: Clock) -> int:
    """How much of its own kind of time a length of time counts between two moments."""
    calendar = clock.calendar(span)
    if span.counting in {ELAPSED, WORKING_HOURS, MOMENT}:
        return _length(calendar.open_between(from_ms, to_ms)) if calendar else to_ms - from_ms
    if calendar:
        return calendar.working_ms(from_ms, to_ms)
    return (shown(to_ms, clock.zone) - shown(from_ms, clock.zone)) // timedelta(milliseconds=1)


def deadline(inputs: Inputs, clock: Clock) -> Deadline:
    """The deadline that follows from its inputs, now and whenever it has to be explained."""
    return Deadline(after(inputs.span, inputs.started_ms, clock, inputs.pauses), inputs)


def passed(deadline: Deadline, percents: Sequence[int], clock: Clock) -> list[list[int]]:
    """`[percent, at_ms]`: when so much of the clock has passed. It stands still in a pause, and a clock of working
    time runs in its hours only."""
    due_ms, inputs = deadline
    calendar = clock.calendar(inputs.span)
    whole = (inputs.started_ms, due_ms)
    runs = _outside(inputs.pauses, calendar.open_between(*whole) if calendar else [whole])
    length_ms = _length(runs)
    return [[percent, _reached(runs, length_ms * percent // 100, due_ms)] for percent in percents]


def _reached(runs: Sequence[Window], left_ms: int, end_ms: int) -> int:
    for from_ms, to_ms in runs:
        if left_ms <= to_ms - from_ms:
            return from_ms + left_ms
        left_ms -= to_ms - from_ms
    return end_ms


def _outside(pauses: Sequence[Pause], runs: Sequence[Window]) -> list[Window]:
    found: list[Window] = []
    for run_from_ms, run_to_ms in runs:
        at_ms = run_from_ms
        for from_ms, to_ms in pauses:
            if at_ms < to_ms and from_ms < run_to_ms:
                found.append((at_ms, from_ms))
                at_ms = to_ms
        found.append((at_ms, run_to_ms))
    return [(from_ms, to_ms) for from_ms, to_ms in found if from_ms < to_ms]


def _length(windows: Sequence[Window]) -> int:
    return sum(to_ms - from_ms for from_ms, to_ms in windows)


def _expect_order(pauses: Sequence[Pause]) -> None:
    moments = [at_ms for pause in pauses for at_ms in pause]
    if moments != sorted(moments):
        raise ValueError(
            "pauses are given in order, each with its beginning before its end, and do not overlap"
        )
