"""Opening hours as data: a week of shifts and a list of named holidays, in the partnership's own zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.agreements.findings import Unreadable
from services.agreements.walls import earliest, latest, shown, until

DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
MINUTE_MS = 60_000
DAY_MS = DAY_MIN * MINUTE_MS
_REMEMBERED_DAYS = 2_000
_MS = timedelta(milliseconds=1)
_DAY_0 = datetime(1970, 1, 1)

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_RANGE = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?")
_SHIFT = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")


class Shift(NamedTuple):
    """From when till when, in minutes after its own day's midnight; past 1440 it runs into the next day."""

    opens_min: int
    closes_min: int


Week = tuple[tuple[Shift, ...], ...]


class WeekError(Unreadable):
    """A week that cannot be read."""


class NeverOpen(LookupError):
    """A week without hours: nothing can be counted by this calendar."""


def parse_week(text: Mapping[str, object]) -> Week:
    """A week as written: `{mon-fri: "08:30-12:30, 13:00-17:00", sat: "22:00-07:00"}`; a closing before the opening
    is on the next day. Raises `WeekError`."""
    week: list[tuple[Shift, ...]] = [()] * 7
    for name, hours in text.items():
        shifts = _shifts(name, hours)
        for day in _days(name):
            if week[day]:
                raise WeekError("day_twice", at=name, name=_DAYS[day])
            week[day] = shifts
    spans = sorted(
        (day * DAY_MIN + s.opens_min, day * DAY_MIN + s.closes_min) for day in range(7) for s in week[day]
    )
    again = [*spans, (spans[0][0] + WEEK_MIN, 0)] if spans else []
    for (_, closes), (opens, _) in pairwise(again):
        if opens < closes:
            raise WeekError("shifts_overlap")
    return tuple(week)


def _days(name: str) -> list[int]:
    found = _DAY_RANGE.fullmatch(name)
    if not found or found[1] not in _DAYS or (found[2] or found[1]) not in _DAYS:
        raise WeekError("wrong_day", at=name, name=name)
    first, last = _DAYS.index(found[1]), _DAYS.index(found[2] or found[1])
    return [(first + n) % 7 for n in range((last - first) % 7 + 1)]


def _shifts(name: str, hours: object) -> tuple[Shift, ...]:
    if not isinstance(hours, str):
        raise WeekError("hours_not_text", at=name)
    shifts = []
    for text in hours.split(","):
        found = _SHIFT.fullmatch(text.strip())
        if not found:
            raise WeekError("wrong_shift", at=name, name=text.strip())
        opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
        if opens >= DAY_MIN or closes > DAY_MIN or opens == closes:
            raise WeekError("shift_without_length", at=name, name=text.strip())
        shifts.append(Shift(opens, closes if closes > opens else closes + DAY_MIN))
    return tuple(sorted(shifts))


class Calendar:
    """Hours of opening in a zone. A holiday shuts the shifts that begin on it.

    Of an hour that the clock shows twice, a shift runs from the first time it shows the opening to the last time it
    shows less than the closing, so nobody is told that it is shut while the clock on the wall still says open.
    """

    __slots__ = ("_hours", "_length_ms", "_opens_ms", "_search", "holidays", "week", "zone")

    def __init__(self, week: Week, holidays: frozenset[date], zone: ZoneInfo) -> None:
        self.week = week
        self.holidays = holidays
        self.zone = zone
        self._hours: dict[int, tuple[tuple[int, int], ...]] = {}
        # A week without a holiday, and without the night in which a shift may be skipped, is open at least once.
        self._search = range(7 * (len(holidays) + 3)) if any(week) else range(0)
        # A working day lasts, for counting, from the earliest opening of the week to the latest closing.
        opens = min((shift.opens_min for shifts in week for shift in shifts), default=0)
        closes = max((shift.closes_min for shifts in week for shift in shifts), default=DAY_MIN)
        self._opens_ms, self._length_ms = opens * MINUTE_MS, (closes - opens) * MINUTE_MS

    def is_open(self, at_ms: int) -> bool:
        """Whether a shift runs at this moment."""
        return any(
            opens <= at_ms < closes
            for day in _days_that_may_run(at_ms, at_ms)
            for opens, closes in self._hours_of(day)
        )

    def next_open(self, at_ms: int) -> int:
        """This moment when it is open, else the next opening."""
        return self._next_open(at_ms)[0]

    def after_open(self, at_ms: int, amount_ms: int) -> int:
        """The moment at which so much open time has passed; ending at a closing, it is that closing."""
        left_ms = amount_ms
        at_ms, day = self._next_open(at_ms)
        while True:
            for opens, closes in self._hours_of(day):
                begin_ms = max(opens, at_ms)
                if closes - begin_ms >= left_ms:
                    return begin_ms + left_ms
                if begin_ms < closes:
                    left_ms -= closes - begin_ms
                    at_ms = closes
            day = self._next_working_day(day + 1)

    def open_between(self, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
        """When it is open between two moments, as (from_ms, to_ms)."""
        found: list[tuple[int, int]] = []
        for day in _days_that_may_run(from_ms, to_ms):
            for opens, closes in self._hours_of(day):
                begin_ms, end_ms = max(opens, from_ms), min(closes, to_ms)
                if begin_ms < end_ms:
                    found.append((begin_ms, end_ms))
                    from_ms = end_ms
        return found

    def after_working_days(self, at_ms: int, days: int, more_ms: int = 0) -> int:
        """The same time of day so many working days (and so much of one) on, held within that day's hours.

        Outside hours the count begins at the next opening: Friday 16:30 gives Monday 16:30, Friday 17:30
        and Sunday noon both give Tuesday at the opening.
        """
        day, into_ms = self._working_day(at_ms)
        more_days, into_ms = divmod(into_ms + more_ms, self._length_ms)
        for _ in range(days + more_days):
            day = self._next_working_day(day + 1)
        opens_ms = self._shifts_of(day)[0].opens_min * MINUTE_MS
        wall = _midnight(day) + max(self._opens_ms + into_ms, opens_ms) * _MS
        return min(latest(wall, self.zone), self._hours_of(day)[-1][1])

    def working_ms(self, from_ms: int, to_ms: int) -> int:
        """How far the count of working days moves on between two moments, every day being as long as the longest:
        in office hours, from Monday 16:00 to Tuesday 10:00 is as much as Monday's last hour and Tuesday's first."""
        day, from_into_ms = self._working_day(from_ms)
        last, to_into_ms = self._working_day(to_ms)
        days = 0
        while day < last:
            day = self._next_working_day(day + 1)
            days += 1
        return days * self._length_ms + to_into_ms - from_into_ms

    def _working_day(self, at_ms: int) -> tuple[int, int]:
        """The working day that a moment is counted in, and how far into it the clock on the wall is."""
        begun_ms, day = self._next_open(at_ms)
        into_ms = (shown(begun_ms, self.zone) - _midnight(day)) // _MS - self._opens_ms
        return day, min(into_ms, self._length_ms - 1)

    def _next_open(self, at_ms: int) -> tuple[int, int]:
        first = _days_that_may_run(at_ms, at_ms).start
        for ahead in self._search:
            for opens, closes in self._hours_of(first + ahead):
                if at_ms < closes:
                    return max(opens, at_ms), first + ahead
        raise NeverOpen

    def _next_working_day(self, day: int) -> int:
        for ahead in self._search:
            if self._hours_of(day + ahead):
                return day + ahead
        raise NeverOpen

    def _hours_of(self, day: int) -> tuple[tuple[int, int], ...]:
        """The shifts that begin on a day, as (opens_ms, closes_ms)."""
        found = self._hours.get(day)
        if found is None:
            if len(self._hours) >= _REMEMBERED_DAYS:
                self._hours.clear()
            at = _midnight(day)
            instants = (
                (
                    earliest(at + timedelta(minutes=opens), self.zone),
                    until(at + timedelta(minutes=closes), self.zone),
                )
                for opens, closes in self._shifts_of(day)
            )
            found = self._hours[day] = tuple((opens, closes) for opens, closes in instants if opens < closes)
        return found

    def _shifts_of(self, day: int) -> tuple[Shift, ...]:
        on = _midnight(day).date()
        return () if on in self.holidays else self.week[on.weekday()]


def _days_that_may_run(from_ms: int, to_ms: int) -> range:
    """Days, numbered from 1970, of which a shift may run between two moments: no zone is a day away from UTC, and a
    shift of the day before may go past midnight."""
    return range(from_ms // DAY_MS - 2, to_ms // DAY_MS + 2)


def _midnight(day: int) -> datetime:
    """A day's 00:00 on the wall; whether the clock ever shows it does not matter for counting from it."""
    return _DAY_0 + timedelta(days=day)
