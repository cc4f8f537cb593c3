"""What was written, held against a model: all that does not fit at once, each with its place, code and words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from services.agreements.fields import UNREADABLE
from services.agreements.findings import Finding, Path, in_order
from services.agreements.written import Place, Written

M = TypeVar("M", bound=BaseModel)

#: What the model's own checks are called here.
_CODES: Mapping[str, str] = {
    "missing": "missing_key",
    "extra_forbidden": "unknown_key",
    "string_type": "not_text",
    "string_too_short": "empty_text",
    "string_too_long": "text_too_long",
    "int_type": "not_a_whole_number",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_large",
    "bool_type": "not_true_or_false",
    "tuple_type": "not_a_list",
    "dict_type": "not_keys",
    "model_type": "not_keys",
    "model_attributes_type": "not_keys",
    "too_short": "missing_item",
    "too_long": "too_many_items",
    "date_type": "not_a_date",
    "date_parsing": "not_a_date",
    "date_from_datetime_parsing": "not_a_date",
    "date_from_datetime_inexact": "not_a_date",
    "literal_error": "unknown_word",
}
#: What is meant by the form of a text.
_FORMS: Mapping[str, str] = {
    r"^[a-z0-9][a-z0-9_-]{0,63}$": "not_a_name",
    r"^[a-z0-9][a-z0-9_.-]{0,63}$": "not_a_name",
    r"^[A-Z][A-Za-z]{2,63}$": "not_a_fact",
    r"^[1-9][0-9]{3}$": "not_a_postcode",
}
_LIMITS: Mapping[str, str] = {"ge": "least", "le": "most", "min_length": "least", "max_length": "most"}
#: These ask for a single value; a list or keys in its place is another mistake.
_ONE_VALUE = frozenset({"not_text", "not_a_whole_number", "not_true_or_false", "not_a_date", "unknown_word"})
_MOST_SHOWN = 60


class Shaped(NamedTuple, Generic[M]):
    """The value when its form is right, what is wrong with it, and where each part stands."""

    value: M | None
    findings: tuple[Finding, ...]
    places: Mapping[Path, Place]


def shaped(
    model: type[M], whole: Written, told: Iterable[Finding] = (), *, is_complete: bool = True
) -> Shaped[M]:
    """Holds what was written against a model; `told` is what was found when it was read.

    Of a text that is not complete, what is missing may stand elsewhere, and is not told.
    """
    findings = list(told)
    places = dict(_places(whole, ()))
    try:
        value = model.model_validate_json(orjson.dumps(whole.plain()))
    except ValidationError as error:
        # What could not be read is told as such, once.
        at = {(found.line, found.column, found.source) for found in findings}
        findings += [
            found
            for detail in error.errors(include_url=False)
            if (found := _finding(detail, places, is_complete=is_complete)) is not None
            and (found.line, found.column, found.source) not in at
        ]
        return Shaped(None, in_order(findings), places)
    return Shaped(None if findings else value, in_order(findings), places)


def _places(part: Written, path: Path) -> Iterator[tuple[Path, Place]]:
    yield path, part.place
    for name, below in part.keys().items():
        yield from _places(below, (*path, name))
    for n, below in enumerate(part.items()):
        yield from _places(below, (*path, n))


def _finding(detail: ErrorDetails, places: Mapping[Path, Place], *, is_complete: bool) -> Finding | None:
    path: Path = ()
    for part in detail["loc"]:
        if (*path, part) in places:
            path = (*path, part)
    kind, last = detail["type"], detail["loc"][-1] if detail["loc"] else ""
    if kind == "missing":
        is_told = is_complete or path[:2] == ("meta", "inherits")
        return _missing(path, str(last), places) if is_told else None
    if kind == "extra_forbidden":
        return places[path].key_finding("unknown_key", name=last)
    context = detail.get("ctx", {})
    if kind == "too_short" and len(detail["input"]) >= context["min_length"]:
        # Items that are wrong do not count; they are told already.
        return None
    code = _CODES.get(kind, "wrong_value")
    if kind == UNREADABLE:
        code = context["code"]
        path = (*path, context["at"]) if (*path, context["at"]) in places else path
    elif kind == "string_pattern_mismatch":
        code = _FORMS.get(context["pattern"], code)
    if code in _ONE_VALUE and isinstance(detail["input"], list | dict):
        code = "not_one_value"
    words = {"given": _shown(detail["input"]), **_words(kind, context)}
    return places[path].key_finding(code, **words) if last == "[key]" else places[path].finding(code, **words)


def _missing(path: Path, name: str, places: Mapping[Path, Place]) -> Finding:
    """Something is not there: in the file, or in a part of the template that the file may fill in as well."""
    at = places[path]
    if at.source:
        return at.key_finding("left_open", name=".".join(map(str, (*path, name))), template=at.source)
    return at.key_finding("missing_key", name=name)


def _words(kind: str, context: Mapping[str, object]) -> dict[str, object]:
    """The words of a sentence, from what the model says of a value."""
    if kind == UNREADABLE:
        return {name: word for name, word in context.items() if name not in {"code", "at"}}
    if kind == "literal_error":
        return {"known": _literals(str(context["expected"]))}
    return {name: context[key] for key, name in _LIMITS.items() if key in context}


def _literals(expected: str) -> str:
    """`a, b, true` of `'a', 'b' or True`."""
    found = re.findall(r"'([^']*)'|\b(True|False)\b", expected)
    return ", ".join(word or other.lower() for word, other in found)


def _shown(value: object) -> str:
    """A value as it may stand in the file, cut short."""
    text = orjson.dumps(value).decode()
    return f"`{text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + '…'}`"
