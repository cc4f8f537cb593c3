"""The facts an agreement may wait for, and what their fields can hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from schemas.base import ContactRef, Moment, OpenEnum, Said
from schemas.registry import TYPES
from schemas.signals import Actor
from services.agreements.fields import Scalar

#: Every fact there is, by its name: an obligation may be opened and ended by no other.
FACTS: Mapping[str, type[Said]] = {said.__name__: said for said in TYPES.values() if said.kind == "fact"}
#: Facts that are about no case: nothing can be owed after them.
NOT_OF_A_CASE = frozenset(
    name for name, said in FACTS.items() if said.subject in {"agreements", "directory", "collaboration"}
)


@cache
def functions_of(fact: str) -> frozenset[str]:
    """The fields of a fact that name a function, or somebody who acts for one."""
    hints = get_type_hints(FACTS[fact], include_extras=True)
    return frozenset(name for name, hint in hints.items() if {ContactRef, Actor} & {hint, *get_args(hint)})


@cache
def moments_of(fact: str) -> frozenset[str]:
    """The fields of a fact that name a moment."""
    hints = get_type_hints(FACTS[fact], include_extras=True)
    return frozenset(name for name, hint in hints.items() if Moment in {hint, *get_args(hint)})


@cache
def can_hold(fact: str, field: str, value: Scalar, is_flag: bool) -> bool:
    """Whether a field of a fact can ever hold this value: a word of its list, a reference of its form.

    `is_flag` tells `true` from `1`, which are the same to a cache.
    """
    said = FACTS[fact]
    annotation = said.model_fields[field].rebuild_annotation()
    adapter: TypeAdapter[object] = TypeAdapter(annotation)
    for tried in (value, (value,)):
        try:
            held = adapter.validate_python(tried)
        except ValidationError:
            continue
        for one in held if isinstance(held, tuple) else (held,):
            is_unknown = isinstance(one, OpenEnum) and one.name == "UNKNOWN"
            if one == value and isinstance(one, bool) is is_flag and not is_unknown:
                return True
    return False
