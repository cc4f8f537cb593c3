"""Three kinds of time, never mixed: what may be written, and when it ends, over both clock changes."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from services.agreements.calendars import Calendar, parse_week
from services.agreements.moments import milliseconds, moment
from services.agreements.times import (
    Clock,
    Inputs,
    Pause,
    Span,
    SpanError,
    after,
    deadline,
    parse_span,
    passed,
)

ZONE = ZoneInfo("Europe/Amsterdam")
OFFICE = Calendar(parse_week({"mon-fri": "08:30-17:00"}), frozenset(), ZONE)
NIGHT = Calendar(parse_week({"mon-sun": "22:00-07:00"}), frozenset(), ZONE)
CLOCK = Clock(ZONE, {"office": OFFICE, "night": NIGHT})


def ms(text: str) -> int:
    return milliseconds(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("PT15M", Span("elapsed", 900)),
        ("PT2H", Span("elapsed", 7200)),
        ("PT1H30M", Span("elapsed", 5400)),
        ({"days": 1, "counting": "elapsed"}, Span("elapsed", 86_400)),
        ({"days": 1, "counting": "calendar"}, Span("calendar_days", 1)),
        ({"working_days": 5, "calendar": "office"}, Span("working_days", 5, "office")),
        ({"working_hours": 4, "calendar": "office"}, Span("working_hours", 14_400, "office")),
    ],
)
def test_a_length_of_time_says_how_it_is_counted(written: object, span: Span) -> None:
    assert parse_span(written) == span


@pytest.mark.parametrize(
    "written",
    [
        "P1D",  # a day is 23, 24 or 25 hours: it must say how it is counted
        "P30D",  # a period, not a deadline
        "15 min",
        "PT",
        "PT0M",
        "PT15S",
        "PT15M\n",
        "PT１５M",
        "PT8785H",  # more than a year
        15,
        True,
        None,
        {"days": 1},
        {"days": 1, "counting": "working"},
        {"days": True, "counting": "elapsed"},
        {"days": 0, "counting": "calendar"},
        {"days": 400, "counting": "calendar"},
        {"working_days": 1},
        {"working_days": 1, "calendar": "office", "counting": "elapsed"},
        {"hours": 4, "calendar": "office"},
    ],
)
def test_a_length_of_time_that_leaves_doubt_is_refused(written: object) -> None:
    with pytest.raises(SpanError):
        parse_span(written)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        # The clock goes back on 25 October 2026 at 03:00: between 02:00 and 03:00 the wall clock is read twice.
        ("2026-10-25T02:45+02:00", Span("elapsed", 1800), "2026-10-25T02:15+01:00"),
        ("2026-10-25T02:45+01:00", Span("elapsed", 1800), "2026-10-25T03:15+01:00"),
        ("2026-10-24T14:00+02:00", Span("elapsed", 86_400), "2026-10-25T13:00+01:00"),
        ("2026-10-24T14:00+02:00", Span("calendar_days", 1), "2026-10-25T14:00+01:00"),
        # Of two readings a deadline takes the later: nobody is late while the wall clock still says in time.
        ("2026-10-24T02:30+02:00", Span("calendar_days", 1), "2026-10-25T02:30+01:00"),
        # It goes forward on 28 March 2027 at 02:00: there is no 02:30.
        ("2027-03-28T01:45+01:00", Span("elapsed", 1800), "2027-03-28T03:15+02:00"),
        ("2026-10-25T02:45+01:00", Span("elapsed", 60), "2026-10-25T02:46+01:00"),
        ("2027-03-27T14:00+01:00", Span("elapsed", 86_400), "2027-03-28T15:00+02:00"),
        ("2027-03-27T14:00+01:00", Span("calendar_days", 1), "2027-03-28T14:00+02:00"),
        # Friday 16:30, over an ordinary weekend and over the clock change.
        ("2026-11-27T16:30+01:00", Span("working_days", 1, "office"), "2026-11-30T16:30+01:00"),
        ("2026-10-23T16:30+02:00", Span("working_days", 1, "office"), "2026-10-26T16:30+01:00"),
        ("2026-11-27T16:30+01:00", Span("working_hours", 3600, "office"), "2026-11-30T09:00+01:00"),
        # Whoever starts in the hour that is shown for the second time is due as if that hour were over, and a due
        # time that is skipped is the moment it is skipped: a later start is never due earlier.
        ("2026-10-25T02:45+02:00", Span("calendar_days", 1), "2026-10-26T02:45+01:00"),
        ("2026-10-25T02:15+01:00", Span("calendar_days", 1), "2026-10-26T03:00+01:00"),
        ("2027-03-27T01:59+01:00", Span("calendar_days", 1), "2027-03-28T01:59+01:00"),
        ("2027-03-27T02:30+01:00", Span("calendar_days", 1), "2027-03-28T03:00+02:00"),
        ("2027-03-27T03:00+01:00", Span("calendar_days", 1), "2027-03-28T03:00+02:00"),
        # A calendar that is gone is counted as plain days and hours: what is owed must still end.
        ("2026-11-27T16:30+01:00", Span("working_days", 1, "gone"), "2026-11-28T16:30+01:00"),
        ("2026-11-27T16:30+01:00", Span("working_hours", 3600, "gone"), "2026-11-27T17:30+01:00"),
    ],
)
def test_a_length_of_time_ends_when_a_person_expects(start: str, span: Span, end: str) -> None:
    assert moment(after(span, ms(start), CLOCK)) == moment(ms(end))


MONDAY_10_TO_TUESDAY_10 = [("2026-11-23T10:00+01:00", "2026-11-24T10:00+01:00")]


def pauses(windows: list[tuple[str, str]]) -> tuple[Pause, ...]:
    return tuple(Pause(ms(begin), ms(end)) for begin, end in windows)


@pytest.mark.parametrize(
    ("start", "span", "windows", "end"),
    [
        # Elapsed time moves by the paused time.
        ("2026-11-23T09:00+01:00", Span("elapsed", 7200), MONDAY_10_TO_TUESDAY_10, "2026-11-24T11:00+01:00"),
        # A pause that begins when it has ended changes nothing; nor one that was over before it began.
        ("2026-11-23T09:00+01:00", Span("elapsed", 3600), MONDAY_10_TO_TUESDAY_10, "2026-11-23T10:00+01:00"),
        ("2026-11-24T10:00+01:00", Span("elapsed", 3600), MONDAY_10_TO_TUESDAY_10, "2026-11-24T11:00+01:00"),
        # Begun in a pause, it runs from that pause's end.
        ("2026-11-23T15:00+01:00", Span("elapsed", 3600), MONDAY_10_TO_TUESDAY_10, "2026-11-24T11:00+01:00"),
        # Moved by one pause it may run into the next.
        (
            "2026-11-23T09:00+01:00",
            Span("elapsed", 7200),
            [*MONDAY_10_TO_TUESDAY_10, ("2026-11-24T10:30+01:00", "2026-11-24T11:30+01:00")],
            "2026-11-24T12:00+01:00",
        ),
        # Of working time only what is open in the pause counts: 7 hours of Monday, 1.5 of Tuesday.
        (
            "2026-11-23T09:00+01:00",
            Span("working_hours", 7200, "office"),
            MONDAY_10_TO_TUESDAY_10,
            "2026-11-24T11:00+01:00",
        ),
        (
            "2026-11-23T09:00+01:00",
            Span("working_hours", 7200, "office"),
            [("2026-11-23T10:00+01:00", "2026-11-23T23:00+01:00")],
            "2026-11-24T09:30+01:00",
        ),
        # From ten to ten is a working day; Monday's last hour and Tuesday's first half is an hour and a half of one.
        (
            "2026-11-23T09:00+01:00",
            Span("working_days", 1, "office"),
            MONDAY_10_TO_TUESDAY_10,
            "2026-11-25T09:00+01:00",
        ),
        (
            "2026-11-23T09:00+01:00",
            Span("working_days", 1, "office"),
            [("2026-11-23T16:00+01:00", "2026-11-24T09:00+01:00")],
            "2026-11-24T10:30+01:00",
        ),
        (
            "2026-11-27T16:00+01:00",
            Span("working_days", 1, "office"),
            [("2026-11-27T17:00+01:00", "2026-11-30T08:30+01:00")],  # a weekend holds no working time
            "2026-11-30T16:00+01:00",
        ),
        (
            "2026-11-23T09:00+01:00",
            Span("working_days", 5, "office"),
            [("2026-11-25T08:30+01:00", "2026-11-27T17:00+01:00")],  # three whole days
            "2026-12-03T09:00+01:00",
        ),
        # Days of the calendar go by the clock on the wall, over the clock change too.
        (
            "2026-10-24T09:00+02:00",
            Span("calendar_days", 1),
            [("2026-10-24T10:00+02:00", "2026-10-25T10:00+01:00")],
            "2026-10-26T09:00+01:00",
        ),
        (
            "2026-10-24T09:00+02:00",
            Span("elapsed", 86_400),
            [("2026-10-24T10:00+02:00", "2026-10-25T10:00+01:00")],
            "2026-10-26T09:00+01:00",
        ),
        (
            "2026-10-23T09:00+02:00",
            Span("calendar_days", 1),
            [("2026-10-24T08:00+02:00", "2026-10-24T08:30+02:00")],
            "2026-10-24T09:30+02:00",
        ),
        # By a calendar that is gone, as by plain hours and days.
        (
            "2026-11-23T09:00+01:00",
            Span("working_hours", 7200, "gone"),
            MONDAY_10_TO_TUESDAY_10,
            "2026-11-24T11:00+01:00",
        ),
        (
            "2026-11-23T09:00+01:00",
            Span("working_days", 1, "gone"),
            MONDAY_10_TO_TUESDAY_10,
            "2026-11-25T09:00+01:00",
        ),
    ],
)
def test_a_pause_moves_the_end_by_what_would_have_been_counted(
    start: str, span: Span, windows: list[tuple[str, str]], end: str
) -> None:
    assert moment(after(span, ms(start), CLOCK, pauses(windows))) == moment(ms(end))


@pytest.mark.parametrize(
    "windows",
    [
        [("2026-11-24T10:00+01:00", "2026-11-23T10:00+01:00")],
        [
            ("2026-11-23T10:00+01:00", "2026-11-23T12:00+01:00"),
            ("2026-11-23T11:00+01:00", "2026-11-23T13:00+01:00"),
        ],
        [
            ("2026-11-24T10:00+01:00", "2026-11-24T12:00+01:00"),
            ("2026-11-23T10:00+01:00", "2026-11-23T12:00+01:00"),
        ],
    ],
)
def test_pauses_out_of_order_are_refused(windows: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="in order"):
        after(Span("elapsed", 60), ms("2026-11-23T09:00+01:00"), CLOCK, pauses(windows))


@pytest.mark.parametrize(
    ("start", "span", "windows", "percent", "at"),
    [
        ("2026-10-25T02:45+02:00", Span("elapsed", 1800), [], 50, "2026-10-25T02:00+01:00"),
        ("2026-10-25T02:45+02:00", Span("elapsed", 1800), [], 90, "2026-10-25T02:12+01:00"),
        # Friday 16:30 to Monday 16:30 holds 8.5 working hours: half of them have passed on Monday at 12:15.
        ("2026-11-27T16:30+01:00", Span("working_days", 1, "office"), [], 50, "2026-11-30T12:15+01:00"),
        # Two hours, of which one ran before the pause: at three quarters half an hour of the other has run.
        (
            "2026-11-23T09:00+01:00",
            Span("elapsed", 7200),
            MONDAY_10_TO_TUESDAY_10,
            75,
            "2026-11-24T10:30+01:00",
        ),
        (
            "2026-11-23T09:00+01:00",
            Span("elapsed", 7200),
            MONDAY_10_TO_TUESDAY_10,
            25,
            "2026-11-23T09:30+01:00",
        ),
        (
            "2026-11-23T09:00+01:00",
            Span("working_hours", 7200, "office"),
            [("2026-11-23T10:00+01:00", "2026-11-23T23:00+01:00")],
            90,
            "2026-11-24T09:18+01:00",
        ),
    ],
)
def test_so_much_of_the_clock_has_passed_when_it_has_run_so_long(
    start: str, span: Span, windows: list[tuple[str, str]], percent: int, at: str
) -> None:
    found = deadline(Inputs(ms(start), "routine", "x", span, pauses(windows)), CLOCK)
    assert passed(found, (percent,), CLOCK) == [[percent, ms(at)]]
