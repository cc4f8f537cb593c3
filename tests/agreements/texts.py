"""The example agreement, and versions of it with one thing changed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from services.agreements.book import usable
from services.agreements.load import Draft, load
from services.agreements.terms import Terms

WATERKANT = (Path(__file__).resolve().parents[2] / "examples" / "waterkant-small.yaml").read_text(
    encoding="utf-8"
)


def changed(*changes: tuple[str, str], text: str = WATERKANT) -> str:
    """The example with each `(old, new)` replaced once; `old` must be there."""
    for old, new in changes:
        assert old in text, f"not in the example: {old}"
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, part: str) -> int:
    """The number of the first line that holds this part."""
    return next(n for n, line in enumerate(text.splitlines(), start=1) if part in line)


def an_agreement(*changes: tuple[str, str]) -> Terms:
    """The example, changed, ready to decide with."""
    return usable(changed(*changes))


@cache
def drafted(text: str) -> Draft:
    """A text as it is read; each is read once."""
    return load(text)
