"""Lines for who reads them: wrapped to a terminal, whole for a file or another program."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from textwrap import fill

from rich.console import Console

#: So much of a narrow terminal is left for a text beside what stands before it.
TEXT_MIN = 30
#: A moment or a length of time, which is not read over two lines.
_WHOLE = re.compile(
    r"(?:[A-Z][a-z]{2} \d\d [A-Z][a-z]{2} )?\d\d:\d\d|\d+ (?:%|d\b|h\b|min\b|s\b)(?: \d+ (?:h|min|s)\b)?"
)
_STAYS = "\N{NO-BREAK SPACE}"


def terminal_width() -> int | None:
    """How wide the terminal is that reads us; None when it is none."""
    console = Console()
    return console.width if console.is_terminal else None


def wrapped(before: str, text: str, width: int | None) -> str:
    """A text beside what stands before it; when it does not fit, its next lines begin below its first."""
    if width is None:
        return before + text
    whole = _WHOLE.sub(lambda found: found[0].replace(" ", _STAYS), text)
    return fill(
        whole,
        max(width, len(before) + TEXT_MIN),
        initial_indent=before,
        subsequent_indent=" " * len(before),
        break_long_words=False,
        break_on_hyphens=False,
    ).replace(_STAYS, " ")


def show(lines: Iterable[str]) -> None:
    """Prints, and ends quietly when whoever read us has seen enough."""
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
