"""No free text on any topic: every text field has a form that no name, address or sentence fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from schemas.attributes import Attributes, PartyAttributes
from schemas.base import Part
from schemas.registry import TYPES

#: The signed text itself and its template: parties' functions, desks and public numbers. The one exception there is.
EXCEPTIONS = {("AgreementPublished", "text"), ("AgreementPublished", "template_text")}
#: What must fit into no field.
WORDS = (
    "Jan de Vries",
    "mw. Bakker",
    "Dorpsstraat 12",
    "jan@example.org",
    "belt niet terug",
    "06-12345678 ",
    "",
    "é",
)


def free_fields(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Fields, at any depth, in which a sentence would fit; and objects with keys of any name."""
    schema = model.model_json_schema()
    for name, part in {model.__name__: schema, **schema.get("$defs", {})}.items():
        for field, found in part.get("properties", {}).items():
            if _is_free(found) and (name, field) not in EXCEPTIONS:
                yield name, field


def _is_free(found: dict[str, Any]) -> bool:
    if "$ref" in found or "const" in found or "enum" in found:
        return False
    for inner in ("anyOf", "allOf", "oneOf"):
        if inner in found:
            return any(_is_free(branch) for branch in found[inner])
    match found.get("type"):
        case "string":
            return found.get("format") not in {"date-time", "date"} and not _is_tight(found.get("pattern"))
        case "array":
            return _is_free(found["items"])
        case "integer" | "number" | "boolean" | "null":
            return False
        case _:  # an object without a model, or anything at all
            return True


def _is_tight(pattern: str | None) -> bool:
    return pattern is not None and not any(re.search(pattern, words) for words in WORDS)


@pytest.mark.parametrize(
    "model", [*TYPES.values(), Attributes, PartyAttributes], ids=lambda model: model.__name__
)
def test_no_field_takes_free_text(model: type[BaseModel]) -> None:
    assert list(free_fields(model)) == []


class _Inner(Part):
    said: str


class _Loose(Part):
    words: str
    maybe: str | None = None
    wide: dict[str, int]
    anything: Any
    lists: tuple[str, ...] = ()
    inner: _Inner
    number: int


def test_the_walk_finds_every_kind_of_free_field() -> None:
    found = set(free_fields(_Loose))
    fields = ("words", "maybe", "wide", "anything", "lists")
    assert found == {*((_Loose.__name__, field) for field in fields), (_Inner.__name__, "said")}
