"""What holds for every length of time, start and pause of 2020-2035: `due` is monotone, repeatable and never early."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.agreements.calendars import Calendar, parse_week
from services.agreements.due import due
from services.agreements.moments import milliseconds, moment
from services.agreements.parts import Duty
from services.agreements.terms import Terms
from services.agreements.times import Clock, Pause, Span, deadline, passed
from tests.agreements.by_the_minute import CHANGES, MINUTE_MS, ZONE
from tests.agreements.test_calendars_by_the_minute import HOLIDAYS, WEEKS
from tests.agreements.texts import an_agreement

pytestmark = pytest.mark.thorough

HOUR_MS = 60 * MINUTE_MS
BEGIN_MS = milliseconds(datetime(2020, 1, 1, tzinfo=UTC))
END_MS = milliseconds(datetime(2036, 1, 1, tzinfo=UTC))
CALENDARS = {name: Calendar(parse_week(week), HOLIDAYS, ZONE) for name, (week, _) in WEEKS.items()}
TERMS = replace(an_agreement(), clock=Clock(ZONE, CALENDARS))
DUTY = TERMS.duties["SignalRouted"][0]

near_a_change = st.builds(
    lambda change, by_ms: change * MINUTE_MS + by_ms,
    st.sampled_from(CHANGES),
    st.integers(-30 * HOUR_MS, 30 * HOUR_MS),
)
moments = st.one_of(st.integers(BEGIN_MS, END_MS), near_a_change)
lengths_ms = st.one_of(
    st.integers(0, 3 * HOUR_MS), st.integers(0, 72 * HOUR_MS), st.integers(0, 90 * 24 * HOUR_MS)
)
of_a_calendar = st.sampled_from([*WEEKS, "gone"])
spans = st.one_of(
    st.builds(Span, st.just("elapsed"), st.integers(60, 10 * 86_400)),
    st.builds(Span, st.just("calendar_days"), st.integers(1, 10)),
    st.builds(Span, st.just("working_days"), st.integers(1, 10), of_a_calendar),
    st.builds(Span, st.just("working_hours"), st.integers(60, 40 * 3600), of_a_calendar),
)


@st.composite
def begun(draw: st.DrawFn) -> tuple[int, tuple[Pause, ...]]:
    """A start, and pauses around it and after it."""
    start_ms = draw(moments)
    at_ms = start_ms - draw(lengths_ms)
    found = []
    for gap_ms, length_ms in draw(st.lists(st.tuples(lengths_ms, lengths_ms), max_size=3)):
        found.append(Pause(at_ms + gap_ms, at_ms + gap_ms + length_ms))
        at_ms += gap_ms + length_ms
    return start_ms, tuple(found)


def a_duty(span: Span) -> Duty:
    """An obligation with one length of time for every level."""
    return DUTY._replace(within=dict.fromkeys(TERMS.levels, span), otherwise=span)


def due_ms(span: Span, start_ms: int, pauses: tuple[Pause, ...], terms: Terms = TERMS) -> int:
    return due(a_duty(span), "urgent", start_ms, pauses, terms).due_ms


@settings(max_examples=1000, deadline=None)
@given(begun(), lengths_ms, spans)
def test_who_starts_later_is_never_due_earlier(
    start: tuple[int, tuple[Pause, ...]], later_ms: int, span: Span
) -> None:
    start_ms, pauses = start
    assert due_ms(span, start_ms + later_ms, ()) >= due_ms(span, start_ms, ())
    assert due_ms(span, start_ms + later_ms, pauses) >= due_ms(span, start_ms, pauses)


@pytest.mark.parametrize(
    "span",
    [
        Span("elapsed", 1800),
        Span("calendar_days", 1),
        *(Span("working_days", 1, name) for name in WEEKS),
        *(Span("working_hours", 5_400, name) for name in WEEKS),
    ],
    ids=str,
)
def test_no_minute_around_a_clock_change_is_due_before_the_minute_before(span: Span) -> None:
    for change in CHANGES:
        # A day before too: what starts then is due in the changing night.
        starts = [minute for day in (-1440, 0) for minute in range(change + day - 150, change + day + 150)]
        paused = (Pause((change - 30) * MINUTE_MS, (change + 45) * MINUTE_MS),)
        for pauses in ((), paused):
            found = [due_ms(span, minute * MINUTE_MS, pauses) for minute in starts]
            assert found == sorted(found)


@settings(max_examples=300, deadline=None)
@given(begun(), spans)
@example(
    # The first pause moves it to the opening of a day that opens late; the second begins a moment after that.
    (
        2024786205089,
        (Pause(2024791254879, 2024871854910), Pause(2024953200001, 2024985600002)),
    ),
    Span("working_days", 1, "awkward"),
)
def test_a_deadline_is_after_its_start_outside_pauses_and_the_same_each_time(
    start: tuple[int, tuple[Pause, ...]], span: Span
) -> None:
    start_ms, pauses = start
    found = due(a_duty(span), "urgent", start_ms, pauses, TERMS)
    assert found.due_ms > start_ms
    assert not any(from_ms < found.due_ms < to_ms for from_ms, to_ms in pauses)
    assert found.inputs.pauses == pauses
    assert deadline(found.inputs, TERMS.clock) == found


@settings(max_examples=300, deadline=None)
@given(begun(), spans)
def test_pauses_never_make_it_earlier_and_those_after_it_change_nothing(
    start: tuple[int, tuple[Pause, ...]], span: Span
) -> None:
    start_ms, pauses = start
    without_ms = due_ms(span, start_ms, ())
    found_ms = due_ms(span, start_ms, pauses)
    assert found_ms >= without_ms
    assert found_ms == due_ms(span, start_ms, (*pauses, Pause(*[max(found_ms, *map(max, pauses), 0)] * 2)))
    if all(from_ms >= without_ms for from_ms, _ in pauses):
        assert found_ms == without_ms


@settings(max_examples=300, deadline=None)
@given(begun(), st.integers(60, 10 * 86_400))
def test_elapsed_time_is_elapsed_whatever_the_wall_clock_does(
    start: tuple[int, tuple[Pause, ...]], amount_s: int
) -> None:
    start_ms, pauses = start
    found_ms = due_ms(Span("elapsed", amount_s), start_ms, pauses)
    paused_ms = sum(
        to_ms - max(from_ms, start_ms) for from_ms, to_ms in pauses if to_ms > start_ms and from_ms < found_ms
    )
    assert found_ms - start_ms == amount_s * 1000 + paused_ms


@settings(max_examples=300, deadline=None)
@given(begun(), st.integers(1, 40 * 60), st.sampled_from(sorted(WEEKS)))
def test_working_time_runs_in_open_hours_outside_pauses(
    start: tuple[int, tuple[Pause, ...]], minutes: int, name: str
) -> None:
    start_ms, pauses = start
    calendar = CALENDARS[name]
    found_ms = due_ms(Span("working_hours", minutes * 60, name), start_ms, pauses)
    ran_ms = sum(to_ms - from_ms for from_ms, to_ms in calendar.open_between(start_ms, found_ms))
    for from_ms, to_ms in pauses:
        begin_ms, end_ms = max(from_ms, start_ms), min(to_ms, found_ms)
        if begin_ms < end_ms:
            ran_ms -= sum(until_ms - at_ms for at_ms, until_ms in calendar.open_between(begin_ms, end_ms))
    assert ran_ms == minutes * MINUTE_MS
    assert calendar.is_open(found_ms - 1)


@settings(max_examples=300, deadline=None)
@given(begun(), spans)
def test_warnings_come_in_order_while_the_clock_runs(
    start: tuple[int, tuple[Pause, ...]], span: Span
) -> None:
    start_ms, pauses = start
    found = due(a_duty(span), "urgent", start_ms, pauses, TERMS)
    warned = [at_ms for _, at_ms in passed(found, (50, 75, 90), TERMS.clock)]
    assert start_ms <= warned[0] <= warned[1] <= warned[2] <= found.due_ms
    assert not any(from_ms < at_ms < to_ms for from_ms, to_ms in pauses for at_ms in warned)


@settings(max_examples=200, deadline=None)
@given(begun(), st.integers(1, 240))
def test_a_level_that_runs_day_and_night_knows_no_pause(
    start: tuple[int, tuple[Pause, ...]], minutes: int
) -> None:
    start_ms, pauses = start
    found = due(a_duty(Span("elapsed", minutes * 60)), "acute", start_ms, pauses, TERMS)
    assert found.due_ms - start_ms == minutes * MINUTE_MS
    assert found.inputs.pauses == ()


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-10-25T02:45+02:00", "2026-10-25T02:15+01:00"),
        ("2026-10-25T02:45+01:00", "2026-10-25T03:15+01:00"),
        ("2027-03-28T01:45+01:00", "2027-03-28T03:15+02:00"),
        ("2027-03-28T03:00+02:00", "2027-03-28T03:30+02:00"),
    ],
)
def test_thirty_acute_minutes_are_thirty_minutes(start: str, end: str) -> None:
    found = due(
        a_duty(Span("elapsed", 1800)), "acute", milliseconds(datetime.fromisoformat(start)), (), TERMS
    )
    assert moment(found.due_ms) == datetime.fromisoformat(end)
    assert found.due_ms - found.inputs.started_ms == 30 * MINUTE_MS


def test_a_level_this_version_does_not_know_is_held_to_the_most_pressing() -> None:
    span, other = Span("elapsed", 900), Span("elapsed", 7200)
    duty = a_duty(other)._replace(within={"acute": span}, otherwise=span)
    found = due(duty, "gone", BEGIN_MS, (), TERMS)
    assert (found.inputs.urgency, found.inputs.span) == ("acute", span)
    assert due(duty, "urgent", BEGIN_MS, (), TERMS).inputs.span == span
