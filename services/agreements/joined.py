"""Names of an agreement looked up; one that is not there makes the whole agreement unusable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

V = TypeVar("V")


class Unusable(ValueError):
    """The agreement cannot be decided with. `code` says why, `what` names the part."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"{code}: {what}")
        self.code = code
        self.what = what


def pick(found: Mapping[str, V], name: str, code: str) -> V:
    """What a name stands for; raises `Unusable` with this code."""
    if name not in found:
        raise Unusable(code, name)
    return found[name]


def gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """All that is said of each name, in the order of the file."""
    found: dict[str, tuple[str, ...]] = {}
    for name, ref in pairs:
        found[name] = (*found.get(name, ()), ref)
    return found


def asked(words: Sequence[str]) -> frozenset[str] | None:
    """What is asked for; no words ask for nothing."""
    return frozenset(words) or None
