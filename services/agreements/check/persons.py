"""No persons in the file: it names functions. What leads to somebody's own letter box, load.py finds in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.agreements.check.given import Given
from services.agreements.check.texts import texts
from services.agreements.findings import Found, found

_WORD = re.compile(r"[a-z_-]*")
#: A title that goes before a person's name.
_PERSON = re.compile(
    r"\b(?i:dhr|mevr|mw|mevrouw|meneer|de heer|drs|dr|mr|ir|prof|zuster|broeder)\b\.?\s+(?:[a-z]{1,3}\s+){0,3}[A-Z]",
)


def persons(given: Given) -> Iterator[Found]:
    """What looks like a name, which is for the partners to judge."""
    for path, piece in given.pieces:
        for field, value in piece.__dict__.items():
            for at, text in texts(value, (*path, field)):
                # A single word of small letters, as most names of the file's own things are, can hold none.
                if not _WORD.fullmatch(text) and (name := _PERSON.search(text)):
                    yield found(at, "looks_like_a_person", "warning", given=name[0])
