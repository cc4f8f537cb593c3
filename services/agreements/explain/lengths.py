"""Lengths of time, days and hours in words, Dutch and English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from services.agreements.calendars import DAY_MIN, Shift, Week
from services.agreements.explain.words import CALENDARS
from services.agreements.findings import Language
from services.agreements.periods import Period
from services.agreements.times import CALENDAR_DAYS, ELAPSED, WORKING_DAYS, WORKING_HOURS, Span

_HOUR_S, _DAY_S = 3_600, 86_400
_MONTHS = {
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
           "november", "december"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
}  # fmt: skip
_DAYS = {
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
#: One and more of each; in Dutch `uur` does not change after a number.
_UNITS = {
    "minute": (("minuut", "minuten"), ("minute", "minutes")),
    "hour": (("uur", "uur"), ("hour", "hours")),
    "day": (("dag", "dagen"), ("day", "days")),
    "D": (("dag", "dagen"), ("day", "days")),
    "W": (("week", "weken"), ("week", "weeks")),
    "M": (("maand", "maanden"), ("month", "months")),
    "Y": (("jaar", "jaar"), ("year", "years")),
    WORKING_HOURS: (("werkuur", "werkuren"), ("working hour", "working hours")),
    WORKING_DAYS: (("werkdag", "werkdagen"), ("working day", "working days")),
    CALENDAR_DAYS: (("kalenderdag", "kalenderdagen"), ("calendar day", "calendar days")),
}


def count(amount: int, unit: str, language: Language) -> str:
    """`1 minute`, `2 working days`."""
    one, more = _UNITS[unit][language == "en"]
    return f"{amount} {one if amount == 1 else more}"


def short(span: Span, language: Language) -> str:
    """A length of time without how it is counted: `1 hour and 30 minutes`, `2 working days`."""
    counting, amount, _ = span
    if counting == ELAPSED:
        return _elapsed(amount, language)
    if counting == WORKING_HOURS:
        hours, left_s = divmod(amount, _HOUR_S)
        parts = [count(hours, WORKING_HOURS, language)] if hours else []
        return _and([*parts, *([_elapsed(left_s, language)] if left_s else [])], language)
    return count(amount, counting, language)


def long(span: Span, language: Language) -> str:
    """A length of time with how it is counted: `15 minutes, day and night`, `2 working days by the office calendar`."""
    dutch = language == "nl"
    told = short(span, language)
    if span.counting == ELAPSED:
        return told + (", dag en nacht" if dutch else ", day and night")
    if span.counting == CALENDAR_DAYS:
        return told + (", tot dezelfde tijd op de klok" if dutch else ", to the same time on the clock")
    name = CALENDARS.get(span.calendar or "", (f"‘{span.calendar}’",) * 2)[not dutch]
    return told + (f" volgens de kalender {name}" if dutch else f" by the {name} calendar")


def total(spans: Iterable[Span], language: Language) -> str:
    """Waits one after the other as one length: minutes with minutes, working hours of one calendar together."""
    sums: dict[tuple[str, str | None], int] = {}
    for counting, amount, calendar in spans:
        sums[counting, calendar] = sums.get((counting, calendar), 0) + amount
    return _and([short(Span(how, amount, name), language) for (how, name), amount in sums.items()], language)


def period(value: Period, language: Language) -> str:
    """`30 days`, `6 weeks`."""
    return count(value.amount, value.unit, language)


def every(value: Period, language: Language) -> str:
    """`every 6 weeks`, `every month`."""
    one, _ = _UNITS[value.unit][language == "en"]
    each = _each(one, language)
    return f"{each} {one}" if value.amount == 1 else f"{_each('', language)} {period(value, language)}"


def again(span: Span, language: Language) -> str:
    """How often something is done again: `every 15 minutes`, `every working day`."""
    told = short(span, language)
    one = told.removeprefix("1 ")
    if one != told and " en " not in one and " and " not in one:
        return f"{_each(one, language)} {one}"
    return f"{_each('', language)} {told}"


def _each(word: str, language: Language) -> str:
    if language == "en":
        return "every"
    return "elk" if word in {"jaar", "uur", "werkuur"} else "elke"


def day(value: date, language: Language) -> str:
    """`25 December 2026`."""
    return f"{value.day} {_MONTHS[language][value.month - 1]} {value.year}"


def weekday(value: date, language: Language) -> str:
    """`Friday 25 December 2026`."""
    return f"{_DAYS[language][value.weekday()]} {day(value, language)}"


def clock(value: datetime) -> str:
    """The time of day; seconds only where there are any."""
    return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"


def week(value: Week, language: Language) -> list[str]:
    """A week of hours, days with the same hours together: `Monday to Friday 08:30–17:00`."""
    told: list[str] = []
    first = 0
    for n in range(1, len(value) + 1):
        if n < len(value) and value[n] == value[first]:
            continue
        if value[first]:
            told.append(f"{_days(first, n - 1, language)} {_shifts(value[first], language)}")
        first = n
    return told


def _days(first: int, last: int, language: Language) -> str:
    names = _DAYS[language]
    if first == last:
        return names[first]
    return f"{names[first]} {'tot en met' if language == 'nl' else 'to'} {names[last]}"


def _shifts(shifts: Sequence[Shift], language: Language) -> str:
    return _and([_shift(shift, language) for shift in shifts], language)


def _shift(shift: Shift, language: Language) -> str:
    opens, closes = shift
    if (opens, closes) == (0, DAY_MIN):
        return "de hele dag" if language == "nl" else "all day"
    over = closes > DAY_MIN
    next_day = (" de volgende dag" if language == "nl" else " the next day") if over else ""
    return f"{_time(opens)}–{_time(closes - DAY_MIN if over else closes)}{next_day}"


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _elapsed(seconds: int, language: Language) -> str:
    if seconds % _DAY_S == 0 and seconds > _DAY_S:
        of = " van 24 uur" if language == "nl" else " of 24 hours"
        return count(seconds // _DAY_S, "day", language) + of
    hours, left_s = divmod(seconds, _HOUR_S)
    minutes = left_s // 60
    told = [count(n, unit, language) for n, unit in ((hours, "hour"), (minutes, "minute")) if n]
    return _and(told, language)


def _and(parts: Sequence[str], language: Language) -> str:
    return (" en " if language == "nl" else " and ").join(parts)
