"""Releases the schemas as they are now: `python -m tests.schemas.release`. Refuses what breaks a released one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from schemas.base import Said
from schemas.registry import TYPES
from tests.schemas.evolution import breaks

RELEASED = Path(__file__).parent / "released"


def path_of(model: type[Said]) -> Path:
    return RELEASED / f"{model.__name__}.v{model.version}.json"


def released(model: type[Said]) -> dict[str, Any] | None:
    """The schema as it was last released, or nothing when the type is new."""
    path = path_of(model)
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def present(model: type[Said]) -> dict[str, Any]:
    """The schema of the model, without its words: those may change at any time."""
    bare: dict[str, Any] = _bare(model.model_json_schema())
    return bare


def _bare(schema: Any, names_are_fields: bool = False) -> Any:
    if isinstance(schema, list):
        return [_bare(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _bare(inner, name in ("properties", "$defs"))
        for name, inner in schema.items()
        if names_are_fields or name not in ("description", "title")
    }


def main() -> int:
    refused = 0
    for name, model in sorted(TYPES.items()):
        before, now = released(model), present(model)
        if before is not None and (broken := breaks(before, now)):
            print(f"refused   {name}: {'; '.join(broken)}. Add a new major version instead")
            refused += 1
        elif before != now:
            path_of(model).write_text(json.dumps(now, indent=2, sort_keys=True) + "\n", encoding="utf-8")
            print(f"{'released' if before is None else 'extended':<9} {name}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
