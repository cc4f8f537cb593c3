"""The JSON Schema of an agreement, drawn from the model, so that an editor completes and checks the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.agreements.fields import PERIOD_SCHEMA, SPAN_SCHEMA, WEEK_SCHEMA, WHERE_SCHEMA, JsonSchema
from services.agreements.model import Agreement
from services.agreements.template import JOINED_BY

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ABOUT = "Who is asked, how fast, by which form, and who may see what. The guide to it is AGREEMENTS.md."
#: Kinds of value that stand in many places, under one name each.
_KINDS: Mapping[str, JsonSchema] = {
    "Span": SPAN_SCHEMA,
    "Period": PERIOD_SCHEMA,
    "Week": WEEK_SCHEMA,
    "Condition": WHERE_SCHEMA,
}
#: What an editor shows beside a value; it decides nothing.
_WORDS = frozenset({"title", "description", "default", "examples"})


def whole() -> JsonSchema:
    """The schema of a file that stands alone, or of a file and its template read together."""
    drawn = Agreement.model_json_schema()
    schema = _tidy({name: part for name, part in drawn.items() if name != "$defs"})
    defs = {name: _tidy(part) for name, part in drawn["$defs"].items()}
    return {
        "$schema": DIALECT,
        "$id": "urn:seinhuis:agreement:1",
        **schema,
        "title": "Agreement",
        "description": _ABOUT,
        "$defs": {**{name: {"title": name, **kind} for name, kind in _KINDS.items()}, **defs},
    }


def part() -> JsonSchema:
    """The schema of a template, and of a file that leaves to its template what it does not say: nothing that may come
    from the other of the two is required."""
    schema = whole()
    defs = schema["$defs"]
    for name in _fillable(schema):
        defs[name] = _open(defs[name])
    for name, key in JOINED_BY.items():
        joined = _def_of(schema["properties"][name]["items"])
        defs[joined] = {**_open(defs[joined]), "required": [key]}
    defs["Meta"]["properties"] |= {
        "template": {
            "$ref": "#/$defs/Inherits/properties/template",
            "description": "Of a template: its name, by which files inherit it (S004-06).",
        }
    }
    return {**_open(schema), "$id": "urn:seinhuis:agreement-part:1", "title": "Template, or agreement on one"}


def _tidy(drawn: Any) -> Any:
    """Without the words an editor has no use for, closed to unknown keys, and each kind of value by its name."""
    if isinstance(drawn, list):
        return [_tidy(inner) for inner in drawn]
    if not isinstance(drawn, dict):
        return drawn
    bare = {name: inner for name, inner in drawn.items() if name not in _WORDS}
    for name, kind in _KINDS.items():
        if bare == {key: inner for key, inner in kind.items() if key not in _WORDS}:
            said = {word: drawn[word] for word in ("description", "default") if drawn.get(word) is not None}
            return {"$ref": f"#/$defs/{name}", **said}
    tidy = {
        name: {key: _tidy(inner) for key, inner in found.items()} if name == "properties" else _tidy(found)
        for name, found in drawn.items()
        if name != "title" and not (name == "default" and found is None)
    }
    if "patternProperties" in tidy:
        tidy.setdefault("additionalProperties", False)
    return tidy


def _open(schema: JsonSchema) -> JsonSchema:
    return {name: found for name, found in schema.items() if name != "required"}


def _fillable(schema: JsonSchema) -> set[str]:
    """The pieces of which some keys may come from the template: all that are not items of a list that is replaced."""
    found: set[str] = set()
    left = list(_refs({name: inner for name, inner in schema["properties"].items() if name not in JOINED_BY}))
    left += [
        ref
        for name in JOINED_BY
        for ref in _refs(schema["$defs"][_def_of(schema["properties"][name]["items"])])
    ]
    while left:
        name = left.pop()
        if name not in found and name not in _KINDS and name != "NotApplicable":
            found.add(name)
            left += _refs(schema["$defs"][name])
    return found


def _refs(schema: Any) -> Iterator[str]:
    """The pieces that stand under keys of a piece, not in its lists."""
    if isinstance(schema, list):
        for inner in schema:
            yield from _refs(inner)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            yield _def_of(schema)
        for name, inner in schema.items():
            if name != "items":
                yield from _refs(inner)


def _def_of(schema: JsonSchema) -> str:
    return str(schema["$ref"]).removeprefix("#/$defs/")
