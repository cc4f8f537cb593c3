"""Opening hours as data: a week of shifts and a list of named holidays, in the partnership's own zone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
#: A calendar that stays shut for longer than this has no hours worth the name.
LOOK_AHEAD_DAYS = 400
_REMEMBERED_DAYS = 2_000

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_RANGE = re.compile(r"^([a-z]{3})(?:-([a-z]{3}))?$")
_SHIFT = re.compile(r"^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Shift(NamedTuple):
    """From when till when, in minutes after its own day's midnight; past 1440 it runs into the next day."""

    opens_min: int
    closes_min: int


Week = tuple[tuple[Shift, ...], ...]


class WeekError(ValueError):
    """A week that cannot be read; its text is the sentence for who wrote it."""


class NeverOpen(LookupError):
    """No hours within `LOOK_AHEAD_DAYS`: nothing can be counted by this calendar."""


def moment(at_ms: int) -> datetime:
    """The moment of so many milliseconds since the epoch, in UTC."""
    return _EPOCH + at_ms * _MS


def milliseconds(at: datetime) -> int:
    """Milliseconds since the epoch of a moment with a zone."""
    return (at - _EPOCH) // _MS


def parse_week(text: Mapping[str, object]) -> Week:
    """A week as written: `{mon-fri: "08:30-12:30, 13:00-17:00", sat: "22:00-07:00"}`; a closing before the opening
    is on the next day. Raises `WeekError`."""
    week: list[tuple[Shift, ...]] = [()] * 7
    for name, hours in text.items():
        shifts = _shifts(hours)
        for day in _days(name):
            if week[day]:
                raise WeekError(f"{_DAYS[day]} is named twice; give each day its hours once")
            week[day] = shifts
    spans = sorted(
        (day * DAY_MIN + s.opens_min, day * DAY_MIN + s.closes_min) for day in range(7) for s in week[day]
    )
    again = [*spans, (spans[0][0] + WEEK_MIN, 0)] if spans else []
    for (_, closes), (opens, _) in pairwise(again):
        if opens < closes:
            raise WeekError("two shifts overlap; join them into one")
    return tuple(week)


def _days(name: str) -> list[int]:
    found = _DAY_RANGE.match(name)
    if not found or found[1] not in _DAYS or (found[2] or found[1]) not in _DAYS:
        raise WeekError(
            f"`{name}` is no day; write mon, tue, wed, thu, fri, sat, sun or a range such as mon-fri"
        )
    first, last = _DAYS.index(found[1]), _DAYS.index(found[2] or found[1])
    return [(first + n) % 7 for n in range((last - first) % 7 + 1)]


def _shifts(hours: object) -> tuple[Shift, ...]:
    if not isinstance(hours, str):
        raise WeekError('hours are written as text between quotes, such as "08:30-17:00"')
    shifts = []
    for text in hours.split(","):
        found = _SHIFT.match(text.strip())
        if not found:
            raise WeekError(f'`{text.strip()}` is no shift; write it as "08:30-17:00"')
        opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
        if opens >= DAY_MIN or closes > DAY_MIN or opens == closes:
            raise WeekError(f"`{text.strip()}` is no length of time within a day")
        shifts.append(Shift(opens, closes if closes > opens else closes + DAY_MIN))
    return tuple(sorted(shifts))


class Calendar:
    """Hours of opening in a zone. A holiday shuts the shifts that begin on it.

    Across a clock change an opening takes the earlier and a closing the later reading of an ambiguous wall time,
    so nobody is told that it is shut while the clock on the wall still says open.
    """

    __slots__ = ("_back", "_hours", "holidays", "week", "zone")

    def __init__(self, week: Week, holidays: frozenset[date], zone: ZoneInfo) -> None:
        self.week = week
        self.holidays = holidays
        self.zone = zone
        self._hours: dict[date, tuple[tuple[int, int], ...]] = {}
        # A shift of yesterday may still run, if there are any that go past midnight.
        is_overnight = any(shift.closes_min > DAY_MIN for shifts in week for shift in shifts)
        self._back = timedelta(days=1 if is_overnight else 0)

    def hours(self, day: date) -> tuple[tuple[int, int], ...]:
        """The shifts that begin on a day, as (opens_ms, closes_ms)."""
        found = self._hours.get(day)
        if found is None:
            if len(self._hours) >= _REMEMBERED_DAYS:
                self._hours.clear()
            shifts = () if day in self.holidays else self.week[day.weekday()]
            instants = ((self._at(day, s.opens_min, 0), self._at(day, s.closes_min, 1)) for s in shifts)
            found = self._hours[day] = tuple((opens, closes) for opens, closes in instants if opens < closes)
        return found

    def is_open(self, at_ms: int) -> bool:
        """Whether a shift runs at this moment."""
        try:
            return self._next_open(at_ms)[0] == at_ms
        except NeverOpen:
            return False

    def next_open(self, at_ms: int) -> int:
        """This moment when it is open, else the next opening."""
        return self._next_open(at_ms)[0]

    def after_working_days(self, at_ms: int, days: int) -> int:
        """The same time of day so many working days on, held within that day's hours.

        Outside hours the count begins at the next opening: Friday 16:30 gives Monday 16:30, Friday 17:30
        and Sunday noon both give Tuesday at the opening.
        """
        begun_ms, begun = self._next_open(at_ms)
        target = begun
        for _ in range(days):
            target = self._next_working_day(target + timedelta(days=1))
        local = self.local(begun_ms)
        wall = datetime.combine(target + (local.date() - begun), local.time(), tzinfo=self.zone)
        hours = self.hours(target)
        return min(max(milliseconds(wall.replace(fold=1)), hours[0][0]), hours[-1][1])

    def after_open(self, at_ms: int, amount_ms: int) -> int:
        """The moment at which so much open time has passed; ending at a closing, it is that closing."""
        left = amount_ms
        begun_ms, day = self._next_open(at_ms)
        while True:
            for opens, closes in self.hours(day):
                begin = max(opens, begun_ms)
                if begin >= closes:
                    continue
                if closes - begin >= left:
                    return begin + left
                left -= closes - begin
            day = self._next_working_day(day + timedelta(days=1))

    def parts_of(self, from_ms: int, to_ms: int, percents: Sequence[int]) -> list[list[int]]:
        """`[percent, at_ms]`: when so much of the open time between two moments has passed."""
        shifts: list[tuple[int, int]] = []
        day, last = self.local(from_ms).date() - self._back, self.local(to_ms).date()
        while day <= last:
            for opens, closes in self.hours(day):
                if opens < to_ms and closes > from_ms:
                    shifts.append((max(opens, from_ms), min(closes, to_ms)))
            day += timedelta(days=1)
        whole_ms = sum(closes - opens for opens, closes in shifts)
        found: list[list[int]] = []
        for percent in percents:
            left_ms = whole_ms * percent // 100
            for opens, closes in shifts:
                if left_ms <= closes - opens:
                    found.append([percent, opens + left_ms])
                    break
                left_ms -= closes - opens
        return found

    def local(self, at_ms: int) -> datetime:
        """The moment as the clock on the wall shows it."""
        return moment(at_ms).astimezone(self.zone)

    def _next_open(self, at_ms: int) -> tuple[int, date]:
        day = self.local(at_ms).date() - self._back
        for _ in range(LOOK_AHEAD_DAYS):
            for opens, closes in self.hours(day):
                if at_ms < closes:
                    return max(opens, at_ms), day
            day += timedelta(days=1)
        raise NeverOpen

    def _next_working_day(self, day: date) -> date:
        for _ in range(LOOK_AHEAD_DAYS):
            if self.hours(day):
                return day
            day += timedelta(days=1)
        raise NeverOpen

    def _at(self, day: date, minute: int, fold: int) -> int:
        days, minute = divmod(minute, DAY_MIN)
        wall = time(minute // 60, minute % 60, tzinfo=self.zone, fold=fold)
        return milliseconds(datetime.combine(day + timedelta(days=days), wall))
