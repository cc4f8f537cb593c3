"""Windows, terms and rhythms: `P30D`, `P6W`, `P3M`, `P1Y`. A type of its own, never the time of an obligation."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

_ISO = re.compile(r"^P([1-9][0-9]{0,3})([DWMY])$")
#: Ten years; whatever is longer is a mistake.
_MOST = {"D": 3660, "W": 522, "M": 120, "Y": 10}


class Period(NamedTuple):
    """So many days (D), weeks (W), months (M) or years (Y)."""

    amount: int
    unit: str


class PeriodError(ValueError):
    """A period that cannot be read; its text is the sentence for who wrote it."""


def parse_period(value: object) -> Period:
    """`P30D`, `P6W`, `P3M` or `P1Y`. Raises `PeriodError`."""
    found = _ISO.match(value) if isinstance(value, str) else None
    if not found or int(found[1]) > _MOST[found[2]]:
        raise PeriodError(
            f"`{value}` is no period of at most ten years; write days as P30D, weeks as P6W, months as P3M, "
            "years as P1Y"
        )
    return Period(int(found[1]), found[2])


def later(day: date, period: Period) -> date:
    """The day a period ends; of a month that is too short, its last day."""
    amount, unit = period
    if unit in "DW":
        return day + timedelta(days=amount * (7 if unit == "W" else 1))
    months = day.year * 12 + day.month - 1 + amount * (12 if unit == "Y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
