"""What changed between two versions of an agreement, part by part, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from itertools import groupby
from typing import Literal, NamedTuple

from pydantic import BaseModel

from services.agreements import model
from services.agreements.calendars import Shift
from services.agreements.explain import lengths
from services.agreements.periods import Period
from services.agreements.times import Span

#: What an item of a list is known by, when it has it.
_KNOWN_BY = ("id", "date", "name", "partnership", "party", "template", "to", "event", "measure")


class Change(NamedTuple):
    """A part that came, went, or reads otherwise; `path` leads to it from the top of the file."""

    path: tuple[str, ...]
    how: Literal["added", "removed", "changed", "reordered"]
    old: str = ""
    new: str = ""


class _Items(dict[str, object]):
    """A list whose items have a name of their own: they are told apart by it, and their order may matter."""

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and isinstance(other, dict) and list(self) == list(other)

    __hash__ = None


def changes(old: model.Agreement, new: model.Agreement) -> list[Change]:
    """Every part that differs, in the order of the file."""
    return list(_walk((), _readable(old), _readable(new)))


def told_changes(found: list[Change]) -> Iterator[str]:
    """The changes by part of the file, one a line."""
    for part, of_part in groupby(found, key=lambda change: change.path[0]):
        yield part
        for change in of_part:
            yield f"  {_told(change)}"


def _told(change: Change) -> str:
    place = " / ".join(change.path[1:]) or "the whole part"
    match change.how:
        case "added":
            return f"+ {place}: {change.new}"
        case "removed":
            return f"- {place}: {change.old}"
        case "reordered":
            return f"~ {place}: now in the order {change.new}"
        case _:
            return f"~ {place}: {change.old} → {change.new}"


def _walk(path: tuple[str, ...], old: object, new: object) -> Iterator[Change]:
    if old == new:
        return
    if not (isinstance(old, dict) and isinstance(new, dict)):
        yield Change(path, "changed", _text(old), _text(new))
        return
    for key in [*old, *(key for key in new if key not in old)]:
        if key not in new:
            yield Change((*path, key), "removed", old=_text(old[key]))
        elif key not in old:
            yield Change((*path, key), "added", new=_text(new[key]))
        else:
            yield from _walk((*path, key), old[key], new[key])
    if isinstance(old, _Items):
        before = [key for key in old if key in new]
        after = [key for key in new if key in old]
        if before != after:
            yield Change(path, "reordered", ", ".join(before), ", ".join(after))


def _readable(value: object) -> object:  # noqa: PLR0911 - one line a kind of value
    """A part as people read it; what is so when nothing is written is left out."""
    match value:
        case BaseModel():
            return {
                field.alias or name: _readable(getattr(value, name))
                for name, field in type(value).model_fields.items()
                if getattr(value, name) != field.default
            }
        case Span():
            return lengths.long(value, "en")
        case Period():
            return lengths.period(value, "en")
        case Enum():
            return str(value.value)
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case None:
            return "nothing"
        case Mapping():
            return {str(key): _readable(one) for key, one in value.items()}
        case tuple() if _is_week(value):
            return ", ".join(lengths.week(value, "en"))
        case tuple() if value and all(_is_condition(one) for one in value):
            return {name: _readable(values) for name, values in value}
        case tuple():
            return _items(value)
        case _:
            return str(value)


def _is_week(value: tuple[object, ...]) -> bool:
    return len(value) == 7 and all(
        isinstance(shifts, tuple) and all(isinstance(shift, Shift) for shift in shifts) for shifts in value
    )


def _is_condition(value: object) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], tuple)
    )


def _items(values: tuple[object, ...]) -> object:
    if not any(isinstance(one, BaseModel) for one in values):
        return ", ".join(_text(_readable(one)) for one in values) or "nothing"
    names = [_name(one, n) for n, one in enumerate(values, start=1)]
    if len(set(names)) < len(names):
        names = [str(n) for n in range(1, len(values) + 1)]
    return _Items(zip(names, (_readable(one) for one in values), strict=True))


def _name(item: object, position: int) -> str:
    for field in _KNOWN_BY:
        found = getattr(item, field, None)
        if found is not None:
            return _text(_readable(found))
    return str(position)


def _text(readable: object) -> str:
    if isinstance(readable, dict):
        return ", ".join(f"{key}: {_nested(one)}" for key, one in readable.items()) or "nothing"
    return str(readable)


def _nested(readable: object) -> str:
    return f"({_text(readable)})" if isinstance(readable, dict) else _text(readable)
