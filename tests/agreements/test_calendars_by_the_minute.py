"""Calendars equal a slow reference: every minute around each clock change of 2020-2035, and many other moments."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache

import pytest

from services.agreements.calendars import Calendar, parse_week
from tests.agreements.by_the_minute import CHANGES, DAY, FIRST, MINUTE_MS, ZONE, ByTheMinute, Shifts, wall

pytestmark = pytest.mark.thorough

YEARS = range(2020, 2036)
#: Minutes that are walked on either side of a change.
AROUND = 36 * 60
#: Moments elsewhere, for each calendar: 102,000 together.
OTHERS = 34_000
H = 60

HOLIDAYS = frozenset(
    {
        *(date(year, 12, day) for year in YEARS for day in (25, 26)),
        *(date(year, 1, 1) for year in YEARS),
        *(date(year, 4, 27) for year in YEARS),
        # Days of a clock change, and the days beside one.
        date(2027, 3, 28),
        date(2032, 3, 28),
        date(2021, 10, 31),
        date(2024, 10, 26),
        date(2029, 3, 26),
    }
)
#: Each as an agreement writes it, and as minutes: Monday first.
WEEKS: dict[str, tuple[dict[str, str], tuple[Shifts, ...]]] = {
    "desk": (
        {"mon-thu": "08:30-12:30, 13:00-17:00", "fri": "08:30-12:15", "sat": "17:00-02:20"},
        (*[((510, 750), (780, 1020))] * 4, ((510, 735),), ((1020, 1580),), ()),
    ),
    "night": ({"mon-sun": "22:00-07:00"}, (((22 * H, 31 * H),),) * 7),
    # Begins and ends within the hour that is skipped or shown twice, and at either end of it.
    "awkward": (
        {
            "mon-thu": "00:00-02:00, 03:00-03:01, 23:59-24:00",
            "fri": "09:00-24:00",
            "sat": "00:00-01:30, 10:00-01:00",
            "sun": "01:30-02:00, 02:20-02:30, 02:40-02:50, 04:00-12:00, 21:00-24:00",
        },
        (
            *[((0, 120), (180, 181), (1439, 1440))] * 4,
            ((540, 1440),),
            ((0, 90), (600, 1500)),
            ((90, 120), (140, 150), (160, 170), (240, 720), (1260, 1440)),
        ),
    ),
}


@cache
def a_calendar(name: str) -> Calendar:
    return Calendar(parse_week(WEEKS[name][0]), HOLIDAYS, ZONE)


@cache
def the_reference(name: str) -> ByTheMinute:
    return ByTheMinute(WEEKS[name][1], HOLIDAYS)


def differences(name: str, moments: Iterable[int]) -> list[str]:
    """Where the calendar and the reference do not say the same, in words."""
    calendar, reference = a_calendar(name), the_reference(name)
    found: list[str] = []
    for n, at_ms in enumerate(moments):
        amount_ms = (1 + n % 1_200) * MINUTE_MS
        days = 1 + n % 3
        ours = (
            calendar.is_open(at_ms),
            calendar.next_open(at_ms),
            calendar.after_open(at_ms, amount_ms),
            calendar.after_working_days(at_ms, days),
        )
        theirs = (
            reference.is_open(at_ms),
            reference.next_open(at_ms),
            reference.after_open(at_ms, amount_ms),
            reference.after_working_days(at_ms, days),
        )
        if ours != theirs:
            start = datetime.fromtimestamp(at_ms / 1000, ZONE)
            found.append(f"{start}, {amount_ms // MINUTE_MS} minutes, {days} days: {ours} and {theirs}")
    return found


def test_the_clock_changes_twice_a_year_and_on_the_hour() -> None:
    assert len(CHANGES) == 32
    for change in CHANGES:
        for minute in range(change - AROUND, change + AROUND):
            local = datetime.fromtimestamp(minute * 60, ZONE).replace(tzinfo=UTC)
            assert wall(minute) * 60 == int(local.timestamp())


@pytest.mark.parametrize("name", WEEKS)
def test_a_calendar_equals_the_reference_in_every_minute_around_the_clock_changes(name: str) -> None:
    minutes = (minute for change in CHANGES for minute in range(change - AROUND, change + AROUND))
    assert differences(name, (minute * MINUTE_MS for minute in minutes)) == []


@pytest.mark.parametrize("name", WEEKS)
def test_a_calendar_equals_the_reference_at_any_other_moment(name: str) -> None:
    chance = random.Random(f"2020-2035 {name}")
    sixteen_years = (YEARS.stop - YEARS.start) * 365 * DAY
    moments = sorted(FIRST * MINUTE_MS + chance.randrange(sixteen_years * MINUTE_MS) for _ in range(OTHERS))
    assert differences(name, moments) == []
