"""A moment in a case is the one its author meant, or the author is told which it could be."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.agreements.local_moments import MomentError, iso_moment, read_moment, show_moment
from services.agreements.moments import milliseconds

ZONE = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-11-23 09:00", "2026-11-23T09:00+01:00"),
        ("2026-11-23T09:00", "2026-11-23T09:00+01:00"),
        ("2026-11-23 9:00", "2026-11-23T09:00+01:00"),
        ("23-11-2026 9:00", "2026-11-23T09:00+01:00"),
        ("23-11-2026 09:00:30", "2026-11-23T09:00:30+01:00"),
        ("2026-07-01 09:00", "2026-07-01T09:00+02:00"),
        ("2026-11-23T08:00Z", "2026-11-23T09:00+01:00"),
        ("2026-11-23 09:00 +0100", "2026-11-23T09:00+01:00"),
        # The hour that comes twice, with the offset that says which.
        ("2026-10-25 02:45+02:00", "2026-10-25T00:45+00:00"),
        ("25-10-2026 02:45+01:00", "2026-10-25T01:45+00:00"),
        # Its edges come once.
        ("2026-10-25 01:59", "2026-10-24T23:59+00:00"),
        ("2026-10-25 03:00", "2026-10-25T02:00+00:00"),
        ("2027-03-28 03:00", "2027-03-28T01:00+00:00"),
    ],
)
def test_a_moment_is_read_in_the_zone_of_the_agreement(text: str, means: str) -> None:
    assert read_moment(text, ZONE) == milliseconds(datetime.fromisoformat(means))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-10-25 02:45", "comes twice, for the clock goes back; write 2026-10-25 02:45+02:00 or"),
        ("2026-10-25 02:00", "comes twice"),
        ("2027-03-28 02:30", "does not exist, for the clock goes forward"),
        ("2027-03-28 02:00", "does not exist"),
        ("2026-02-30 09:00", "no day and time of the calendar"),
        ("2026-11-23 25:00", "no day and time of the calendar"),
        ("2026-11-23 09:00+15:00", "no day and time of the calendar"),
        ("11/23/2026 09:00", "is no moment; write year, month, day"),
        ("2026-11-23", "is no moment"),
        ("tomorrow", "is no moment"),
        ("9999-12-31 23:59", "too far off; write a year from 2000 to 2199"),
        ("0001-01-01 00:00+01:00", "too far off"),
    ],
)
def test_a_moment_that_leaves_a_doubt_is_refused_with_a_way_out(text: str, says: str) -> None:
    with pytest.raises(MomentError, match=says.replace("+", r"\+")):
        read_moment(text, ZONE)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(ZONE)))
def test_a_moment_that_is_shown_with_its_offset_reads_back_as_itself(at: datetime) -> None:
    at_ms = milliseconds(at.replace(second=0, microsecond=0))
    assert read_moment(iso_moment(at_ms, ZONE), ZONE) == at_ms


def test_two_moments_that_look_the_same_on_the_wall_are_told_apart() -> None:
    first, second = (read_moment(f"2026-10-25 02:45{sign}", ZONE) for sign in ("+02:00", "+01:00"))
    assert show_moment(first, ZONE) == "Sun 25 Oct 2026 02:45 +02:00"
    assert show_moment(second, ZONE) == "Sun 25 Oct 2026 02:45 +01:00"
