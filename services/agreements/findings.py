"""What is wrong with an agreement, as a value: where, a code, how bad, and the words its sentence is filled with."""

from __future__ import annotations

from collections.abc import Iterable
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


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """From the first line of the file to the last, then those of its template."""
    return tuple(sorted(set(findings), key=lambda finding: (finding.source, *finding)))


class Unreadable(ValueError):
    """A value that cannot be read: a code, the words of its sentence, and which part of the value it is about."""

    def __init__(self, code: str, *, at: str | None = None, **words: object) -> None:
        super().__init__(code)
        self.code = code
        self.at = at
        self.words = {name: str(word) for name, word in words.items()}


class Found(NamedTuple):
    """A finding before its line is looked up: the part of the file it is about."""

    path: Path
    code: str
    words: tuple[tuple[str, str], ...] = ()
    severity: Severity = "error"


def found(path: Path, code: str, severity: Severity = "error", **words: object) -> Found:
    """A finding about the part at this path."""
    return Found(path, code, tuple((name, str(word)) for name, word in words.items()), severity)
