"""No persons in the file: it names functions. What leads to somebody's own letter box, load.py finds in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.agreements.check.given import Given
from services.agreements.findings import Found, Path, found

_WORD = re.compile(r"[a-z_-]*")
#: A title that goes before a person's name.
_PERSON = re.compile(
    r"\b(?i:dhr|mevr|mw|mevrouw|meneer|de heer|drs|dr|mr|ir|prof|zuster|broeder)\b\.?\s+(?:[a-z]{1,3}\s+){0,3}[A-Z]",
)


def persons(given: Given) -> Iterator[Found]:
    """What looks like a name, which is for the partners to judge."""
    for path, piece in given.pieces:
        for field, value in piece.__dict__.items():
            for at, text in _texts(value, (*path, field)):
                if name := _PERSON.search(text):
                    yield found(at, "looks_like_a_person", "warning", given=name[0])


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """All texts but single words of small letters, as most names of the file's own things are: they can hold none."""
    if isinstance(value, str):
        if not _WORD.fullmatch(value):
            yield path, value
    elif type(value) is tuple:
        for n, one in enumerate(value):
            yield from _texts(one, (*path, n))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, (*path, key))
