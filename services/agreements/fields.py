"""The kinds of value an agreement is written in, each with what its author is told when it is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from schemas.base import OpenEnum
from schemas.registry import TYPES
from services.agreements.calendars import Week, parse_week
from services.agreements.findings import Unreadable
from services.agreements.periods import Period, parse_period
from services.agreements.times import Span, parse_span

#: The type of pydantic's error for a value of ours that cannot be read; which one, its context says.
UNREADABLE = "unreadable"
_NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
#: The name of something this file defines: a party, a contact, a calendar, a level, a ladder, a rule.
Name = Annotated[str, StringConstraints(pattern=_NAME)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=300)]
_FACTS = sorted(said.__name__ for said in TYPES.values() if said.kind == "fact")
#: The name of a fact. An editor offers those there are; what an older agreement named stays readable.
Event = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z][A-Za-z]{2,63}$"),
    WithJsonSchema({"type": "string", "enum": _FACTS}),
]
Scalar = str | int | bool
JsonSchema = dict[str, Any]


Where = tuple[tuple[str, tuple[Scalar, ...]], ...]
T = TypeVar("T")


def told(parse: Callable[[object], T]) -> PlainValidator:
    """Reads a value; what cannot be read is told by its code, with the words of its sentence."""

    def read(value: object) -> T:
        try:
            return parse(value)
        except Unreadable as error:
            raise PydanticCustomError(
                UNREADABLE, "{code}", {"code": error.code, "at": error.at, **error.words}
            ) from None

    return PlainValidator(read)


def _week(value: object) -> Week:
    if not isinstance(value, dict):
        raise Unreadable("wrong_week")
    return parse_week(value)


def _where(value: object) -> Where:
    """`{urgency: [acute, urgent], about: client}`: every field must hold one of its values."""
    if not isinstance(value, dict):
        raise Unreadable("wrong_condition")
    found = []
    for field, wanted in value.items():
        values = tuple(wanted) if isinstance(wanted, list) else (wanted,)
        if not values or not all(isinstance(one, str | int | bool) for one in values):
            raise Unreadable("condition_without_value", at=field, name=field)
        found.append((field, values))
    return tuple(found)


def known_word(kind: type[OpenEnum]) -> PlainValidator:
    """A word of a list of ours; what a reader would take as `unknown`, the author of an agreement is told."""
    words = sorted(word.value for word in kind if word.name != "UNKNOWN")

    def read(value: object) -> OpenEnum:
        if value not in words:
            known = ", ".join(words)
            raise PydanticCustomError(
                UNREADABLE, "{code}", {"code": "unknown_word", "at": None, "known": known}
            )
        return kind(value)

    written = WithJsonSchema({"type": "string", "enum": words})
    return PlainValidator(read, json_schema_input_type=Annotated[str, written])


#: What an editor knows of these kinds of value; the parsers above say the rest.
SPAN_SCHEMA: JsonSchema = {
    "description": "A length of time: PT15M, days or working days.",
    "anyOf": [
        {"type": "string", "pattern": r"^PT(?=\d)(\d{1,5}H)?(\d{1,6}M)?$", "examples": ["PT15M", "PT2H"]},
        *(
            {
                "type": "object",
                "properties": {amount: {"type": "integer", "minimum": 1}, by: how},
                "required": [amount, by],
                "additionalProperties": False,
            }
            for amount, by, how in (
                ("days", "counting", {"enum": ["elapsed", "calendar"]}),
                ("working_days", "calendar", {"type": "string", "pattern": _NAME}),
                ("working_hours", "calendar", {"type": "string", "pattern": _NAME}),
            )
        ),
    ],
}
PERIOD_SCHEMA: JsonSchema = {
    "description": "A window, term or rhythm: days, weeks, months or years.",
    "type": "string",
    "pattern": r"^P[1-9][0-9]{0,3}[DWMY]$",
    "examples": ["P30D", "P6W", "P3M", "P1Y"],
}
_DAY, _SHIFT = "(mon|tue|wed|thu|fri|sat|sun)", r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)"
WEEK_SCHEMA: JsonSchema = {
    "description": "Hours by day or range of days.",
    "type": "object",
    "patternProperties": {
        f"^{_DAY}(-{_DAY})?$": {"type": "string", "pattern": rf"^\s*{_SHIFT}\s*(,\s*{_SHIFT}\s*)*$"}
    },
    "additionalProperties": False,
    "examples": [{"mon-fri": "08:30-12:30, 13:00-17:00", "sat": "22:00-07:00"}],
}
_VALUE = {"type": ["string", "integer", "boolean"]}
WHERE_SCHEMA: JsonSchema = {
    "description": "Fields of the fact, each with the value or values it may hold.",
    "type": "object",
    "additionalProperties": {"anyOf": [_VALUE, {"type": "array", "items": _VALUE, "minItems": 1}]},
    "examples": [{"urgency": ["acute"], "reason": "no_capacity"}],
}

#: A window, term or rhythm.
AnyPeriod = Annotated[Period, told(parse_period), WithJsonSchema(PERIOD_SCHEMA)]
#: A length of time, a week of hours, a condition on a fact.
AnySpan = Annotated[Span, told(parse_span), WithJsonSchema(SPAN_SCHEMA)]
AnyWeek = Annotated[Week, told(_week), WithJsonSchema(WEEK_SCHEMA)]
AnyWhere = Annotated[Where, told(_where), WithJsonSchema(WHERE_SCHEMA)]
