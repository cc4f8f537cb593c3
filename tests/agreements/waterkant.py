"""The shipped agreements: which stand alone, which are parts, and what is in them as plain values."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_SHIPPED = Path(__file__).resolve().parents[2] / "examples"
FOLDER = _SHIPPED / "waterkant"
SMALL, TEMPLATE, VLIER, KOLK = (
    _SHIPPED / "waterkant-small.yaml",
    FOLDER / "region-waterkant.yaml",
    FOLDER / "de-vlier.yaml",
    FOLDER / "de-kolk.yaml",
)
EXAMPLES = (SMALL, VLIER, KOLK, TEMPLATE)
#: Templates, and files that leave to theirs what they do not say.
PARTS = (TEMPLATE, VLIER, KOLK)
#: What is an agreement by itself, or with its template.
WHOLES = (SMALL, KOLK, VLIER)


def values_of(path: Path) -> Any:
    """What stands in a file, as an editor reads it: a day is its text."""
    return _plain(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def whole_of(path: Path) -> Any:
    """A file and its template as one, put together by hand: what the loader does, said a second time."""
    values = values_of(path)
    if "inherits" not in values["meta"]:
        return values
    template = values_of(FOLDER / f"{values['meta']['inherits']['template']}.yaml")
    own = ("template", "version", "title")
    template["meta"] = {name: value for name, value in template["meta"].items() if name not in own}
    return _joined(template, values)


def _joined(below: Any, above: Any, at: str = "") -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        both = {name: _joined(below[name], above[name], name) for name in below if name in above}
        return {**below, **above, **both}
    if at in {"parties", "obligations"}:
        key = "id" if at == "parties" else "name"
        items = {item[key]: item for item in below}
        for item in above:
            items[item[key]] = _joined(items[item[key]], item) if item[key] in items else item
        return list(items.values())
    return above
