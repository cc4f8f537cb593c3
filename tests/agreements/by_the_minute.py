"""Hours of opening the slow way: every minute of 2020-2035, with what the clock on the wall shows in it.

Nothing here knows how the calendars count. A minute has a wall time; a shift runs from the first minute that shows its
opening, or more, to the last that shows less than its closing. What is asked is found by looking the minutes up.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from datetime import UTC, date, datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")
#: A shift as (opens, closes) in minutes after midnight of its own day; more than 1440 is on the day after.
Shifts = tuple[tuple[int, int], ...]

DAY = 1440
MINUTE_MS = 60_000
FIRST = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) // 60
LAST = int(datetime(2036, 9, 1, tzinfo=UTC).timestamp()) // 60
#: Room before and behind for what is looked back at, and for what ends later.
BEGIN, END = FIRST - 10 * DAY, LAST + 10 * DAY
_ORDINAL_1970 = date(1970, 1, 1).toordinal()


def _ahead(minute: int) -> int:
    """How many minutes the wall is ahead of UTC."""
    ahead = datetime.fromtimestamp(minute * 60, ZONE).utcoffset()
    assert ahead is not None
    return int(ahead.total_seconds()) // 60


#: By hour of UTC. That no clock changes within one is tried by the test that walks every minute around the changes.
AHEAD = array("h", (_ahead(minute) for minute in range(BEGIN, END, 60)))
CHANGES = tuple(
    BEGIN + 60 * n
    for n in range(1, len(AHEAD))
    if AHEAD[n] != AHEAD[n - 1]
    and datetime.fromtimestamp((BEGIN + 60 * n) * 60, UTC).year in range(2020, 2036)
)


def wall(minute: int) -> int:
    """What the clock shows in this minute of UTC, in minutes since the wall's own 1970."""
    return minute + AHEAD[(minute - BEGIN) // 60]


def showing(shown: int) -> list[int]:
    """The minutes in which the clock shows this: one, two, or none."""
    return [minute for minute in (shown - 120, shown - 60) if wall(minute) == shown]


def first_from(shown: int) -> int:
    """The first minute in which the clock shows this or more."""
    return next(minute for minute in range(shown - 120, shown + 61) if wall(minute) >= shown)


def end_of(shown: int) -> int:
    """The end of the last minute in which the clock shows less than this."""
    return 1 + next(minute for minute in range(shown - 61, shown - 241, -1) if wall(minute) < shown)


class ByTheMinute:
    """A calendar as a row of minutes."""

    def __init__(self, week: tuple[Shifts, ...], holidays: frozenset[date]) -> None:
        self.open = bytearray(END - BEGIN)
        #: Of each open minute, the working day it is counted in: the earlier one, where an hour shown twice makes two
        #: shifts run together. And by working day: what the wall shows at its opening, and when its last shift ends.
        self.working_day = array("i", bytes(4 * (END - BEGIN)))
        self.opens: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        for day in range(wall(END - 1) // DAY - 2, wall(BEGIN) // DAY + 2, -1):
            on = date.fromordinal(day + _ORDINAL_1970)
            for opens, closes in () if on in holidays else week[on.weekday()]:
                first, end = first_from(day * DAY + opens), end_of(day * DAY + closes)
                if first < end:
                    self.open[first - BEGIN : end - BEGIN] = b"\1" * (end - first)
                    self.working_day[first - BEGIN : end - BEGIN] = array("i", [day]) * (end - first)
                    self.opens[day] = day * DAY + week[on.weekday()][0][0]
                    self.ends[day] = end
        self.days = sorted(self.ends)
        self.opened = array("i", accumulate(self.open))

    def is_open(self, at_ms: int) -> bool:
        return bool(self.open[at_ms // MINUTE_MS - BEGIN])

    def next_open(self, at_ms: int) -> int:
        minute = at_ms // MINUTE_MS
        found = self.open.find(1, minute - BEGIN) + BEGIN
        return at_ms if found == minute else found * MINUTE_MS

    def after_open(self, at_ms: int, amount_ms: int) -> int:
        """The moment at which so many open milliseconds have been counted."""
        minute = at_ms // MINUTE_MS
        before = self.opened[minute - BEGIN] - self.open[minute - BEGIN]
        counted = before * MINUTE_MS + (at_ms % MINUTE_MS if self.is_open(at_ms) else 0)
        whole, part = divmod(counted + amount_ms, MINUTE_MS)
        if part == 0:
            return (bisect_left(self.opened, whole) + 1 + BEGIN) * MINUTE_MS
        return (bisect_left(self.opened, whole + 1) + BEGIN) * MINUTE_MS + part

    def after_working_days(self, at_ms: int, days: int) -> int:
        """The same wall time on the working day so many on: not before it opens, not after it shuts."""
        begun_ms = self.next_open(at_ms)
        minute, part = divmod(begun_ms, MINUTE_MS)
        day = self.working_day[minute - BEGIN]
        target = self.days[bisect_left(self.days, day) + days]
        shown, part = self.wall_counted_from(minute, part)
        shown += (target - day) * DAY
        if shown < self.opens[target]:
            shown, part = self.opens[target], 0
        minutes = showing(shown)
        due_ms = max(minutes) * MINUTE_MS + part if minutes else first_from(shown) * MINUTE_MS
        return min(due_ms, self.ends[target] * MINUTE_MS)

    def wall_counted_from(self, minute: int, part: int) -> tuple[int, int]:
        """What the clock shows; in an hour that it shows for the second time, that hour's end."""
        shown = wall(minute)
        if minute - 60 in showing(shown):
            return next(later for later in range(shown, shown + 61) if len(showing(later)) == 1), 0
        return shown, part
