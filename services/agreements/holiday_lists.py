"""A list of holidays as it is pasted into an agreement: each with name and source, what partners must choose apart.

Nothing is computed here or anywhere in an agreement: the days are given, the partners review them, and from then on
they are data (semantics 10).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, NamedTuple

Language = Literal["nl", "en"]
#: A text in Dutch and in English.
Words = Mapping[Language, str]

_DAYS: Mapping[Language, tuple[str, ...]] = {
    "nl": ("ma", "di", "wo", "do", "vr", "za", "zo"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_HEADING: Words = {
    "nl": (
        "# Feestdagen {country} {years}, om na te lopen. Plak ze onder `calendars: NAAM: holidays:`, verbeter wat\n"
        "# hier anders is, en zet in `source` waar het is afgesproken. Een regel achter `#` is niet overal een vrije\n"
        "# dag: kies, en haal het teken weg als hij hier wel vrij is.\n"
    ),
    "en": (
        "# Holidays {country} {years}, for review. Paste them under `calendars: NAME: holidays:`, correct what\n"
        "# differs here, and put in `source` where it was agreed. A line behind `#` is not a day off everywhere:\n"
        "# choose, and take the sign away if it is one here.\n"
    ),
}
GOOD_FRIDAY: Words = {
    "nl": "kies: geen officiële vrije dag, bij sommige organisaties wel vrij",
    "en": "choose: no official day off, but one at some organisations",
}
LIBERATION_DAY: Words = {
    "nl": "kies: bij veel organisaties eens in de vijf jaar vrij, in {lustrum}",
    "en": "choose: at many organisations a day off once in five years, in {lustrum}",
}
OPTIONAL: Words = {
    "nl": "kies: niet voor iedereen een vrije dag",
    "en": "choose: not a day off for everybody",
}
#: By country and by its own name for the day: those about which organisations differ.
CHOSEN: Mapping[str, Mapping[str, Words]] = {
    "NL": {"Goede vrijdag": GOOD_FRIDAY, "Bevrijdingsdag": LIBERATION_DAY}
}
_LUSTRUM_YEARS = 5
_PLAIN = re.compile(r"[^\W\d_][\w .;()/'’-]*[\w.)]")


class Holiday(NamedTuple):
    """A day, its name, and why it must be chosen; None for one that nobody doubts."""

    on: date
    name: str
    choose: Words | None = None


def reason_to_choose(country: str, name: str, is_optional: bool) -> Words | None:
    """Why partners choose about a day of this name; several names on one day are joined by `; `."""
    chosen = CHOSEN.get(country, {})
    reasons = [chosen.get(one) for one in name.split("; ")]
    if all(reasons):
        return reasons[0]
    return OPTIONAL if is_optional else None


def written(country: str, years: str, holidays: Iterable[Holiday], source: str, language: Language) -> str:
    """The list, in the form of the file, one day a line in their order, the day of the week behind it."""
    lines = [_line(holiday, source, language) for holiday in sorted(holidays, key=lambda one: one.on)]
    return _HEADING[language].format(country=country, years=years) + "".join(lines)


def _line(holiday: Holiday, source: str, language: Language) -> str:
    on, name, choose = holiday
    line = f"      - {{date: {on.isoformat()}, name: {_scalar(name)}, source: {_scalar(source)}}}"
    line = f"{line}  # {_DAYS[language][on.weekday()]}"
    if choose is None:
        return f"{line}\n"
    lustrum = on.year + -on.year % _LUSTRUM_YEARS
    return f"      # {line.lstrip()}; {choose[language].format(lustrum=lustrum)}\n"


def _scalar(text: str) -> str:
    """A text as YAML takes it within braces: between quotes when it could be read as anything else."""
    if _PLAIN.fullmatch(text) and text.lower() not in {"true", "false", "yes", "no", "on", "off", "null"}:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
