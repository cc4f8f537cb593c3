"""Hours of opening: what a week may say, when it is open, and what the clock change does to it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.agreements.calendars import Calendar, NeverOpen, WeekError, parse_week
from services.agreements.moments import milliseconds, moment

ZONE = ZoneInfo("Europe/Amsterdam")
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 26)})
OFFICE = Calendar(parse_week({"mon-fri": "08:30-17:00"}), CHRISTMAS, ZONE)
LUNCH = Calendar(parse_week({"mon-thu": "08:30-12:30, 13:30-17:00", "fri": "08:30-12:30"}), frozenset(), ZONE)
NIGHT = Calendar(parse_week({"mon-sun": "22:00-07:00"}), frozenset({date(2026, 12, 25)}), ZONE)
SHUT = Calendar(parse_week({}), frozenset(), ZONE)


def ms(local: str) -> int:
    at = datetime.fromisoformat(local)
    return milliseconds(at if at.tzinfo else at.replace(tzinfo=ZONE))


def wall(at_ms: int) -> str:
    return moment(at_ms).astimezone(ZONE).strftime("%a %d %b %H:%M")


@pytest.mark.parametrize(
    ("calendar", "at", "is_open"),
    [
        (OFFICE, "2026-11-23T08:30", True),
        (OFFICE, "2026-11-23T08:29:59", False),
        (OFFICE, "2026-11-23T17:00", False),  # a closing is the first moment that is shut
        (OFFICE, "2026-11-22T12:00", False),  # Sunday
        (OFFICE, "2026-12-25T12:00", False),  # a Friday, and Christmas
        (LUNCH, "2026-11-23T13:00", False),
        (NIGHT, "2026-11-24T06:59", True),  # Monday's shift runs into Tuesday
        (NIGHT, "2026-11-24T07:00", False),
        (NIGHT, "2026-12-26T02:00", False),  # the shift that began on the holiday is the one that is off
        (NIGHT, "2026-12-25T02:00", True),
        (SHUT, "2026-11-23T12:00", False),
    ],
)
def test_a_calendar_is_open_from_opening_to_closing(calendar: Calendar, at: str, is_open: bool) -> None:
    assert calendar.is_open(ms(at)) is is_open


@pytest.mark.parametrize(
    ("calendar", "at", "days", "due"),
    [
        (OFFICE, "2026-11-27T16:30", 1, "Mon 30 Nov 16:30"),  # Friday afternoon: Monday, the same time
        (OFFICE, "2026-11-27T17:30", 1, "Tue 01 Dec 08:30"),  # Friday evening counts from Monday morning
        (OFFICE, "2026-11-29T12:00", 1, "Tue 01 Dec 08:30"),  # so does Sunday
        (OFFICE, "2026-12-24T16:30", 1, "Mon 28 Dec 16:30"),  # over Christmas and the weekend
        (OFFICE, "2026-11-23T09:00", 5, "Mon 30 Nov 09:00"),
        (LUNCH, "2026-11-26T16:30", 1, "Fri 27 Nov 12:30"),  # a short Friday ends it earlier
        (LUNCH, "2026-11-27T08:30", 1, "Mon 30 Nov 08:30"),
        (NIGHT, "2026-11-24T02:00", 1, "Wed 25 Nov 02:00"),  # the night of Monday: the night of Tuesday
        (OFFICE, "2026-10-23T16:30", 1, "Mon 26 Oct 16:30"),  # the clock goes back in between
        (OFFICE, "2027-03-26T16:30", 1, "Mon 29 Mar 16:30"),  # and forward
    ],
)
def test_working_days_keep_the_time_of_day(calendar: Calendar, at: str, days: int, due: str) -> None:
    assert wall(calendar.after_working_days(ms(at), days)) == due


@pytest.mark.parametrize(
    ("calendar", "at", "hours", "due"),
    [
        (OFFICE, "2026-11-27T16:30", 4, "Mon 30 Nov 12:00"),
        (OFFICE, "2026-11-27T16:00", 1, "Fri 27 Nov 17:00"),  # ending at the closing is the closing
        (LUNCH, "2026-11-23T12:00", 1, "Mon 23 Nov 14:00"),
        (NIGHT, "2026-10-24T22:00", 3, "Sun 25 Oct 01:00"),
        (NIGHT, "2026-10-24T22:00", 6, "Sun 25 Oct 03:00"),  # five hours on the wall, six that have passed
        (NIGHT, "2027-03-27T22:00", 6, "Sun 28 Mar 05:00"),  # seven on the wall, six that have passed
    ],
)
def test_working_hours_run_only_while_it_is_open(calendar: Calendar, at: str, hours: int, due: str) -> None:
    assert wall(calendar.after_open(ms(at), hours * 3_600_000)) == due


def test_a_calendar_that_never_opens_says_so() -> None:
    with pytest.raises(NeverOpen):
        SHUT.next_open(ms("2026-11-23T12:00"))


@pytest.mark.parametrize(
    ("week", "code"),
    [
        ({"monday": "08:30-17:00"}, "wrong_day"),
        ({"mon-fri": "8:30-17:00"}, "wrong_shift"),
        ({"mon-fri\n": "08:30-17:00"}, "wrong_day"),
        ({"mon-fri": "0８:30-17:00"}, "wrong_shift"),
        ({"mon-fri": "08:30-24:30"}, "shift_without_length"),
        ({"mon-fri": "08:30-08:30"}, "shift_without_length"),
        ({"mon-fri": 8}, "hours_not_text"),
        ({"mon-fri": "08:30-17:00", "fri": "08:30-12:30"}, "day_twice"),
        ({"mon": "08:30-12:30, 12:00-17:00"}, "shifts_overlap"),
        ({"mon": "22:00-07:00", "tue": "06:00-09:00"}, "shifts_overlap"),
        ({"sun": "22:00-07:00", "mon": "06:00-09:00"}, "shifts_overlap"),
    ],
)
def test_a_week_that_cannot_be_meant_is_refused(week: dict[str, object], code: str) -> None:
    with pytest.raises(WeekError, match=code):
        parse_week(week)


def test_a_range_may_run_over_the_weekend() -> None:
    week = parse_week({"fri-mon": "10:00-12:00"})
    assert [bool(shifts) for shifts in week] == [True, False, False, False, True, True, True]
