"""An agreement with one part deleted, misspelt or made another kind of thing, and the lines where that may be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from services.agreements.findings import Finding, Path
from services.agreements.written import Written

Changed = dict[str, Written]


#: Parts that codes speak of by another word.
_SPOKEN_OF = {"routing": {"root"}, "access": {"see", "seen"}}


class Mutation(NamedTuple):
    """What was done to which part of a file."""

    kind: str
    path: Path
    before: Written
    after: Written

    def __str__(self) -> str:
        return f"{self.kind} {'.'.join(map(str, self.path))}"

    def lines(self) -> frozenset[int]:
        """The lines of the part itself and of what it belongs to."""
        found = [self.before]
        for step in self.path:
            found.append(_step(found[-1], step))
        return frozenset(line for part in found[-2:] for line in (part.place.line, part.place.key_line))

    def is_told_by(self, finding: Finding) -> bool:
        """Whether it is told at its own line or its parent's; or elsewhere, where something refers to it by name."""
        source = self.before.place.source
        if finding.source == source and finding.line in self.lines():
            return True
        said = {part for _, words in finding.words for word in words.split() for part in _parts(word)}
        code = {word.rstrip("s") for word in finding.code.split("_")} - {"name"}
        steps = {str(step).rstrip("s") for step in self.path[-2:]}
        steps |= {word for step in self.path for word in _SPOKEN_OF.get(str(step), ())}
        return bool(said & self._names() or code & steps)

    def _names(self) -> frozenset[str]:
        """By what others may speak of the part: its key and value, and the names of what it is in or holds."""
        part, names = self.before, {str(step) for step in self.path if isinstance(step, str)}
        for step in self.path:
            part = _step(part, step)
            names |= {
                str(part.keys()[key].value) for key in ("id", "name", "kind") if key in set(part.keys())
            }
        return frozenset(names | set(part.keys()) | {str(below.value) for below in _plain_parts(part)})


def _parts(word: str) -> list[str]:
    """A word and what it is made of: `party/contact`, `part.of.part`, `a-name`."""
    return [word, *re.split(r"[./]", word), *re.split(r"[./-]", word)]


def _step(part: Written, step: str | int) -> Written:
    return part.keys()[step] if isinstance(step, str) else part.items()[step]


def _plain_parts(part: Written) -> Iterator[Written]:
    below = [*part.keys().values(), *part.items()]
    if not below:
        yield part
    for one in below:
        yield from _plain_parts(one)


def _paths(part: Written, path: Path = ()) -> Iterator[Path]:
    below: list[tuple[str | int, Written]] = [*part.keys().items(), *enumerate(part.items())]
    for step, inner in below:
        yield (*path, step)
        yield from _paths(inner, (*path, step))


def _changed(part: Written, path: Path, change: Callable[[str, Written], Changed]) -> Written:
    step, further = path[0], path[1:]
    inner = _step(part, step)
    new = {str(step): _changed(inner, further, change)} if further else change(str(step), inner)
    if isinstance(step, int):
        items = part.items()
        return part._replace(value=[*items[:step], *new.values(), *items[step + 1 :]])
    found: Changed = {}
    for name, one in part.keys().items():
        found |= new if name == step else {name: one}
    return part._replace(value=found)


def _another_kind(part: Written) -> Written:
    """A value no reader can take for what stood there."""
    match part.value:
        case dict():
            return part._replace(value="text")
        case list():
            return part._replace(value={"some": Written(1, part.place)})
        case bool():
            return part._replace(value="yes")
        case str():
            return part._replace(value=7)
        case _:
            return part._replace(value="one")


CHANGES: dict[str, Callable[[str, Written], Changed]] = {
    "delete": lambda _, part: {},
    "misspell": lambda name, part: {f"{name}x": part},
    "swap": lambda name, part: {name: _another_kind(part)},
}


def mutations(whole: Written, count: int) -> Iterator[Mutation]:
    """So many changes of each kind, or all there are, spread evenly over the file; always the same."""
    for kind in CHANGES:
        for path in _spread(changeable(whole, kind), count):
            yield mutation(whole, kind, path)


def mutation(whole: Written, kind: str, path: Path) -> Mutation:
    """This change of this part."""
    return Mutation(kind, path, whole, _changed(whole, path, CHANGES[kind]))


def changeable(whole: Written, kind: str) -> list[Path]:
    """The parts that can be changed so; only a key can be misspelt."""
    return [path for path in _paths(whole) if kind != "misspell" or isinstance(path[-1], str)]


def _spread(paths: Sequence[Path], count: int) -> Sequence[Path]:
    if len(paths) <= count:
        return paths
    return [paths[n * len(paths) // count] for n in range(count)]
