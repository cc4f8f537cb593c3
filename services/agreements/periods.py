"""Windows, terms and rhythms: `P30D`, `P6W`, `P3M`, `P1Y`. A type of its own, never the time of an obligation."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from services.agreements.findings import Unreadable

_ISO = re.compile(r"P([1-9][0-9]{0,3})([DWMY])")
#: Ten years; whatever is longer is a mistake.
_MOST = {"D": 3660, "W": 522, "M": 120, "Y": 10}


class Period(NamedTuple):
    """So many days (D), weeks (W), months (M) or years (Y)."""

    amount: int
    unit: str


class PeriodError(Unreadable):
    """A period that cannot be read."""


def parse_period(value: object) -> Period:
    """`P30D`, `P6W`, `P3M` or `P1Y`. Raises `PeriodError`."""
    found = _ISO.fullmatch(value) if isinstance(value, str) else None
    if not found or int(found[1]) > _MOST[found[2]]:
        raise PeriodError("wrong_period")
    return Period(int(found[1]), found[2])


def later(day: date, period: Period) -> date:
    """The day a period ends; of a month that is too short, its last day. The calendar itself ends in 9999."""
    amount, unit = period
    if unit in "DW":
        days = amount * (7 if unit == "W" else 1)
        return day + timedelta(days=min(days, (date.max - day).days))
    months = day.year * 12 + day.month - 1 + amount * (12 if unit == "Y" else 1)
    year, month = divmod(months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def share_of_year(times: int) -> Period:
    """The period that fits so many times in a year, in whole months."""
    return Period(12 // times, "M")
