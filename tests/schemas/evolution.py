"""Whether a new schema keeps the promise of its major version: only optional fields are added.

Two questions, both put to `jsoncompat`: does the present writer's schema take all that was ever written, and can a
reader who knows only the released schema read all that is written now? `jsoncompat` 0.3.1 looks into neither a
string's pattern nor its format, so these are turned into constants first: a changed one then counts as a break.
"""

from __future__ import annotations

from typing import Any

import jsoncompat
import orjson

Schema = dict[str, Any]


def breaks(released: Schema, present: Schema) -> list[str]:
    """The promises that are broken, in words; none when the change is allowed within the major version."""
    broken: list[str] = []
    if not _takes(_comparable(present), _comparable(released)):
        broken.append("what was written before is refused now")
    if not _takes(_comparable(as_read(released)), _comparable(as_read(present))):
        broken.append("what is written now cannot be read by who knows the released schema")
    return broken


def _takes(wide: Schema, narrow: Schema) -> bool:
    return jsoncompat.check_compat(orjson.dumps(narrow).decode(), orjson.dumps(wide).decode(), "deserializer")


def as_read(schema: Any) -> Any:
    """How a reader takes a schema: more fields may come, and a list with an `unknown` branch may grow."""
    if isinstance(schema, list):
        return [as_read(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if "unknown" in schema.get("enum", ()):
        return {"type": "string"}
    return {name: as_read(inner) for name, inner in schema.items() if name != "additionalProperties"}


def _comparable(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_comparable(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "string" and ("pattern" in schema or "format" in schema):
        return {"const": f"pattern {schema.get('pattern')} format {schema.get('format')}"}
    return {name: _comparable(inner) for name, inner in schema.items()}
