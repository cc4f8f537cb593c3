"""Windows, terms and rhythms: what may be written, and the day they end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.agreements.periods import Period, PeriodError, later, parse_period


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ("P1D", Period(1, "D")),
        ("P30D", Period(30, "D")),
        ("P6W", Period(6, "W")),
        ("P3M", Period(3, "M")),
        ("P1Y", Period(1, "Y")),
        ("P3660D", Period(3660, "D")),
        ("P522W", Period(522, "W")),
        ("P120M", Period(120, "M")),
        ("P10Y", Period(10, "Y")),
    ],
)
def test_a_period_is_days_weeks_months_or_years(written: str, period: Period) -> None:
    assert parse_period(written) == period


@pytest.mark.parametrize(
    "written",
    [
        "P0D",
        "P-1D",
        "P03M",
        "P1.5M",
        "P1Y6M",  # one unit: whoever reads it must not add up
        "PT24H",  # a length of time, for an obligation
        "P30",
        "30D",
        "p30d",
        " P30D",
        "P30D\n",
        "P３D",  # another alphabet's three
        "six weeks",
        "",
        "P3661D",
        "P523W",
        "P121M",
        "P11Y",
        30,
        True,
        None,
        {"days": 30},
    ],
)
def test_what_is_no_period_of_at_most_ten_years_is_refused(written: object) -> None:
    with pytest.raises(PeriodError, match="wrong_period"):
        parse_period(written)


@pytest.mark.parametrize(
    ("day", "period", "end"),
    [
        ("2026-11-22", "P1D", "2026-11-23"),
        ("2026-11-22", "P30D", "2026-12-22"),
        ("2026-12-15", "P6W", "2027-01-26"),
        ("2026-10-24", "P2D", "2026-10-26"),  # over a clock change a day is a day
        ("2026-11-22", "P3M", "2027-02-22"),
        ("2026-12-31", "P1M", "2027-01-31"),
        ("2026-10-31", "P1M", "2026-11-30"),  # the last day of a month that is too short
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2028-01-31", "P1M", "2028-02-29"),
        ("2027-11-30", "P3M", "2028-02-29"),
        ("2026-08-31", "P6M", "2027-02-28"),
        ("2026-02-28", "P1M", "2026-03-28"),  # the 28th stays the 28th
        ("2028-02-29", "P1M", "2028-03-29"),
        ("2028-02-29", "P1Y", "2029-02-28"),  # a leap day has its birthday on the 28th
        ("2028-02-29", "P4Y", "2032-02-29"),
        ("2028-02-28", "P1D", "2028-02-29"),
        ("2027-02-28", "P1Y", "2028-02-28"),
        ("2028-01-15", "P366D", "2029-01-15"),
        ("2026-12-01", "P1M", "2027-01-01"),
        ("2026-01-01", "P12M", "2027-01-01"),
        ("2026-01-01", "P120M", "2036-01-01"),
        ("2096-02-29", "P4Y", "2100-02-28"),  # 2100 is no leap year
        ("9999-06-30", "P1Y", "9999-12-31"),
        ("9999-06-30", "P10W", "9999-09-08"),
        ("9999-12-30", "P6W", "9999-12-31"),
    ],
)
def test_a_period_ends_on_the_day_a_person_expects(day: str, period: str, end: str) -> None:
    assert later(date.fromisoformat(day), parse_period(period)) == date.fromisoformat(end)


days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
periods = st.one_of(
    st.builds(Period, st.integers(1, 3660), st.just("D")),
    st.builds(Period, st.integers(1, 522), st.just("W")),
    st.builds(Period, st.integers(1, 120), st.just("M")),
    st.builds(Period, st.integers(1, 10), st.just("Y")),
)


@given(days, st.integers(0, 400), periods)
def test_what_begins_later_never_ends_earlier(day: date, ahead: int, period: Period) -> None:
    assert day < later(day, period) <= later(day + timedelta(days=ahead), period)


@given(days, st.integers(1, 10))
def test_twelve_months_are_a_year_and_seven_days_a_week(day: date, amount: int) -> None:
    assert later(day, Period(12 * amount, "M")) == later(day, Period(amount, "Y"))
    assert later(day, Period(7 * amount, "D")) == later(day, Period(amount, "W"))
