"""The kinds of value an agreement is written in, each with what its author is told when it is none."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from schemas.base import OpenEnum
from services.agreements.calendars import Week, WeekError, parse_week
from services.agreements.periods import Period, PeriodError, parse_period
from services.agreements.times import Span, SpanError, parse_span

#: The name of something this file defines: a party, a contact, a calendar, a level, a ladder, a rule.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=300)]
#: The name of a fact.
Event = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z]{2,63}$")]
Scalar = str | int | bool


def _span(value: object) -> Span:
    try:
        return parse_span(value)
    except SpanError as error:
        raise PydanticCustomError("wrong_length_of_time", "{sentence}", {"sentence": str(error)}) from None


def _period(value: object) -> Period:
    try:
        return parse_period(value)
    except PeriodError as error:
        raise PydanticCustomError("wrong_period", "{sentence}", {"sentence": str(error)}) from None


def _week(value: object) -> Week:
    if not isinstance(value, dict):
        raise PydanticCustomError("wrong_week", "a week names its days, such as mon-fri, each with its hours")
    try:
        return parse_week(value)
    except WeekError as error:
        raise PydanticCustomError("wrong_week", "{sentence}", {"sentence": str(error)}) from None


Where = tuple[tuple[str, tuple[Scalar, ...]], ...]


def _where(value: object) -> Where:
    """`{urgency: [acute, urgent], about: client}`: every field must hold one of its values."""
    if not isinstance(value, dict):
        raise PydanticCustomError(
            "wrong_condition", "a condition names fields of the fact, each with what it may hold"
        )
    found = []
    for field, wanted in value.items():
        values = tuple(wanted) if isinstance(wanted, list) else (wanted,)
        if not values or not all(isinstance(one, str | int | bool) for one in values):
            raise PydanticCustomError(
                "wrong_condition", "`{field}` needs one value or a list of values", {"field": str(field)}
            )
        found.append((str(field), values))
    return tuple(found)


def known_word(kind: type[OpenEnum]) -> PlainValidator:
    """A word of a list of ours; what a reader would take as `unknown`, the author of an agreement is told."""
    words = sorted(word.value for word in kind if word.name != "UNKNOWN")

    def read(value: object) -> OpenEnum:
        if value not in words:
            raise PydanticCustomError(
                "unknown_word",
                "`{value}` is none of {words}",
                {"value": str(value), "words": ", ".join(words)},
            )
        return kind(value)

    return PlainValidator(read)


#: A window, term or rhythm.
AnyPeriod = Annotated[Period, PlainValidator(_period)]
#: A length of time, a week of hours, a condition on a fact.
AnySpan = Annotated[Span, PlainValidator(_span)]
AnyWeek = Annotated[Week, PlainValidator(_week)]
AnyWhere = Annotated[Where, PlainValidator(_where)]
