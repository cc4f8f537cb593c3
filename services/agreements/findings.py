"""What is wrong with an agreement, as a value: where, a code, how bad, and the words its sentence is filled with."""

from __future__ import annotations

from typing import Literal, NamedTuple

#: An error keeps an agreement from being signed; a warning is for the partners to weigh.
Severity = Literal["error", "warning"]
Language = Literal["nl", "en"]
Path = tuple[str | int, ...]


class Finding(NamedTuple):
    """Line and column are counted from 1, in the file itself, or in the template named by `source`."""

    line: int
    column: int
    code: str
    severity: Severity = "error"
    #: What fills the sentence, by name.
    words: tuple[tuple[str, str], ...] = ()
    source: str = ""


class Found(NamedTuple):
    """A finding before its line is looked up: the part of the file it is about."""

    path: Path
    code: str
    words: tuple[tuple[str, str], ...] = ()
    severity: Severity = "error"


def found(path: Path, code: str, severity: Severity = "error", **words: object) -> Found:
    """A finding about the part at this path."""
    return Found(path, code, tuple((name, str(word)) for name, word in words.items()), severity)
