"""Three kinds of time, never mixed: what may be written, and when it ends, over both clock changes."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.agreements.calendars import Calendar, milliseconds, moment, parse_week
from services.agreements.times import Clock, Inputs, Span, SpanError, after, due, parse_span, passed

ZONE = ZoneInfo("Europe/Amsterdam")
OFFICE = Calendar(parse_week({"mon-fri": "08:30-17:00"}), frozenset(), ZONE)
NIGHT = Calendar(parse_week({"mon-sun": "22:00-07:00"}), frozenset(), ZONE)
CLOCK = Clock(ZONE, {"office": OFFICE, "night": NIGHT})
YEAR_MS = 366 * 86_400_000
BEGIN_MS = milliseconds(datetime(2026, 1, 1, tzinfo=ZONE))

moments = st.integers(min_value=BEGIN_MS, max_value=BEGIN_MS + 2 * YEAR_MS)
spans = st.one_of(
    st.builds(Span, st.just("elapsed"), st.integers(60, 10 * 86_400)),
    st.builds(Span, st.just("calendar_days"), st.integers(1, 10)),
    st.builds(Span, st.just("working_days"), st.integers(1, 10), st.sampled_from(["office", "night"])),
    st.builds(
        Span, st.just("working_hours"), st.integers(60, 40 * 3600), st.sampled_from(["office", "night"])
    ),
)


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
        ("2027-03-27T14:00+01:00", Span("elapsed", 86_400), "2027-03-28T15:00+02:00"),
        ("2027-03-27T14:00+01:00", Span("calendar_days", 1), "2027-03-28T14:00+02:00"),
        # Friday 16:30, over an ordinary weekend and over the clock change.
        ("2026-11-27T16:30+01:00", Span("working_days", 1, "office"), "2026-11-30T16:30+01:00"),
        ("2026-10-23T16:30+02:00", Span("working_days", 1, "office"), "2026-10-26T16:30+01:00"),
        ("2026-11-27T16:30+01:00", Span("working_hours", 3600, "office"), "2026-11-30T09:00+01:00"),
        # A calendar that is gone is counted as plain days and hours: what is owed must still end.
        ("2026-11-27T16:30+01:00", Span("working_days", 1, "gone"), "2026-11-28T16:30+01:00"),
        ("2026-11-27T16:30+01:00", Span("working_hours", 3600, "gone"), "2026-11-27T17:30+01:00"),
    ],
)
def test_a_length_of_time_ends_when_a_person_expects(start: str, span: Span, end: str) -> None:
    assert moment(after(span, ms(start), CLOCK)) == moment(ms(end))


def test_a_clock_of_working_time_is_half_way_in_its_hours() -> None:
    # Friday 16:30 to Monday 16:30 holds 8.5 working hours: half of them have passed on Monday at 12:15.
    deadline = due(
        Inputs(ms("2026-11-27T16:30+01:00"), "routine", "x", Span("working_days", 1, "office")), CLOCK
    )
    assert passed(deadline, (50,), CLOCK) == [[50, ms("2026-11-30T12:15+01:00")]]


def test_a_clock_of_elapsed_time_is_half_way_in_the_middle() -> None:
    deadline = due(Inputs(ms("2026-10-25T02:45+02:00"), "acute", "x", Span("elapsed", 1800)), CLOCK)
    assert passed(deadline, (50, 90), CLOCK) == [
        [50, ms("2026-10-25T02:00+01:00")],
        [90, ms("2026-10-25T02:12+01:00")],
    ]


@settings(deadline=None)
@given(moments, st.integers(60, 10 * 86_400))
def test_elapsed_time_is_elapsed_whatever_the_wall_clock_does(start_ms: int, amount_s: int) -> None:
    assert after(Span("elapsed", amount_s), start_ms, CLOCK) - start_ms == amount_s * 1000


@settings(deadline=None)
@given(moments, spans)
def test_a_deadline_is_after_its_start_and_the_same_each_time(start_ms: int, span: Span) -> None:
    inputs = Inputs(start_ms, "routine", "x", span)
    deadline = due(inputs, CLOCK)
    assert deadline.due_ms > start_ms
    assert due(deadline.inputs, CLOCK) == deadline


@settings(deadline=None)
@given(moments, st.integers(0, YEAR_MS), spans)
def test_who_starts_later_is_never_due_earlier(start_ms: int, later_ms: int, span: Span) -> None:
    assert after(span, start_ms + later_ms, CLOCK) >= after(span, start_ms, CLOCK)


@settings(deadline=None)
@given(moments, spans)
def test_warnings_come_in_order_and_before_the_deadline(start_ms: int, span: Span) -> None:
    deadline = due(Inputs(start_ms, "routine", "x", span), CLOCK)
    warned = [at_ms for _, at_ms in passed(deadline, (50, 75, 90), CLOCK)]
    assert len(warned) == 3
    assert start_ms <= warned[0] <= warned[1] <= warned[2] <= deadline.due_ms


@settings(deadline=None)
@given(moments, st.integers(60_000, 40 * 3_600_000))
def test_working_time_ends_within_hours_or_at_a_closing(start_ms: int, amount_ms: int) -> None:
    end_ms = OFFICE.after_open(start_ms, amount_ms)
    assert OFFICE.is_open(end_ms - 1)
