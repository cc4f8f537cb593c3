"""An agreement in which every field of the model is filled in, made from the model itself, and each value changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from itertools import count
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from services.agreements import model
from services.agreements.calendars import Shift
from services.agreements.periods import Period
from services.agreements.times import Span

Path = tuple[str | int, ...]
#: The one level of urgency: what is said by level is said of this one.
LEVEL = "mylevel"
_BY_LEVEL = {Span, model.Level, model.HandoverChannels}
_DEEPEST = 2
_words = count(1)


def filled() -> model.Agreement:
    """Every field has a value; every word is used once, so that it can be found again."""
    found = _value(model.Agreement, ())
    assert isinstance(found, model.Agreement)
    return found


def _value(kind: Any, path: Path) -> Any:  # noqa: PLR0911 - one line a kind of value
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _value(args[0], path)
    if origin in {Union, UnionType}:
        pieces = [one for one in args if _bare(one) not in {type(None), model.NotApplicable}]
        return _value(next((one for one in pieces if _is_piece(one)), pieces[0]), path)
    if origin is tuple:
        if len(args) == 2 and args[1] is Ellipsis:
            return _several(args[0], path)
        return tuple(_value(one, path) for one in args)
    if origin in {dict, Mapping}:
        key = LEVEL if _bare(args[1]) in _BY_LEVEL else _value(args[0], path)
        return {key: _value(args[1], (*path, str(key)))}
    if origin is Literal:
        return args[0]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind.model_construct(
            **{name: _value(field.annotation, (*path, name)) for name, field in kind.model_fields.items()}
        )
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return _plain(kind)


def _several(kind: Any, path: Path) -> tuple[Any, ...]:
    if _bare(kind) is model.Rule:
        return () if path.count("routes") > _DEEPEST else (_value(kind, path),)
    if _bare(kind) is model.Rung:
        return (_value(kind, path), _value(kind, path))
    if kind is int:  # percentages, and from-to
        return (20, 40)
    return (_value(kind, path),)


def _plain(kind: Any) -> Any:  # noqa: PLR0911 - one line a kind of value
    n = next(_words)
    if kind is str:
        return f"word{n}"
    if kind is bool:
        return True
    if kind is int:
        return 1000 + n
    if kind is date:
        return date(2031, 1, 1) + timedelta(days=n)
    if kind is Span:
        return Span("elapsed", 60 * (n % 50 + 3))
    if kind is Period:
        return Period(n, "D")
    if kind is Shift:
        return Shift(600, 660)
    raise TypeError(f"a kind of value that nobody fills in here yet: {kind}")


def _bare(kind: Any) -> Any:
    return _bare(get_args(kind)[0]) if get_origin(kind) is Annotated else kind


def _is_piece(kind: Any) -> bool:
    bare = _bare(kind)
    return isinstance(bare, type) and issubclass(bare, BaseModel)


# -- changing one value ----------------------------------------------------------------------------


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every single value, with the way to it."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from leaves(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, tuple) and not isinstance(value, Span | Period | Shift):
        for n, one in enumerate(value):
            yield from leaves(one, (*path, n))
    else:
        yield path, value


def changed(value: Any, path: Path, to: Any) -> Any:
    """The same with one value changed."""
    if not path:
        return to
    name, rest = path[0], path[1:]
    if isinstance(value, BaseModel):
        return value.model_copy(update={str(name): changed(getattr(value, str(name)), rest, to)})
    if isinstance(value, dict):
        return {key: changed(one, rest, to) if key == name else one for key, one in value.items()}
    return tuple(changed(one, rest, to) if n == name else one for n, one in enumerate(value))


def other(value: Any, kinds: tuple[Any, ...]) -> Any:  # noqa: PLR0911 - one line a kind of value
    """Another value of the same kind; `kinds` are the words of a closed list, when it is one."""
    if kinds:
        return next((one for one in kinds if one != value), None)
    if isinstance(value, bool):
        return not value
    if isinstance(value, Enum):
        return next(one for one in type(value) if one != value)
    match value:
        case str():
            return f"{value}-other"
        case int():
            return value + 1
        case date():
            return value + timedelta(days=400)
        case Span():
            return Span("elapsed", value.amount + 60 * 60)
        case Period():
            return Period(value.amount + 1, "W")
        case Shift():
            return Shift(615, 660)
    raise TypeError(f"a kind of value that nobody changes here yet: {value!r}")


def closed_words(path: Path) -> tuple[Any, ...]:
    """The words of the closed list a value is from; none when it is free."""
    kind: Any = model.Agreement
    for name in path:
        kind = _within(kind, name)
    kind = _first(kind)
    return get_args(kind) if get_origin(kind) is Literal else ()


def _first(kind: Any) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _first(args[0])
    if origin in {Union, UnionType}:
        pieces = [one for one in args if _bare(one) not in {type(None), model.NotApplicable}]
        return _first(next((one for one in pieces if _is_piece(one)), pieces[0]))
    return kind


def _within(kind: Any, name: str | int) -> Any:
    kind = _first(kind)
    args = get_args(kind)
    if get_origin(kind) is dict:
        return args[1]
    if get_origin(kind) is tuple:
        return args[0] if args[1:] == (Ellipsis,) else args[int(name)]
    return kind.model_fields[name].annotation
