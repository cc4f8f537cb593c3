"""A ladder as a drawing: where each box, line and text stands. Works out sizes; the template only prints them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from services.agreements.explain.page import Ladder

WIDTH = 256
_MARGIN, _PAD = 2, 9
_LINE = 18
_BETWEEN = 30
#: Each box stands a little further in than the one before, as the rungs of a ladder seen from the side.
_STAIR = 6
_MOST_STAIRS = 5
#: Widths of signs in a bold sans-serif font of 14 pixels, on the wide side: text that is measured so never runs over.
_NARROW, _USUAL, _CAPITAL, _WIDE = 5.6, 9.2, 11.2, 14.2
_NARROW_SIGNS = frozenset("iljtf.,:;'|!()[] ‘’-")
_WIDE_SIGNS = frozenset("mwMW@%—")
#: Beyond these, a sign may be as wide as it is high.
_LAST_LATIN = 0x24F
#: At the end of a line, where a word that is too long is cut.
_HYPHEN = "-"


class Text(NamedTuple):
    """A line of text at a place; `is_note` is the smaller kind."""

    x: float
    y: float
    text: str
    is_note: bool


class Box(NamedTuple):
    """A rung: one of several, the last, or one that is passed over."""

    x: float
    y: float
    width: float
    height: float
    looks: Literal["rung", "last", "over"]


class Arrow(NamedTuple):
    """From one rung to the next."""

    x: float
    y1: float
    y2: float


class Drawing(NamedTuple):
    """All of it, with what it says to who cannot see it."""

    name: str
    title: str
    about: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    texts: tuple[Text, ...]


def drawn(ladder: Ladder) -> Drawing:
    """The drawing of a ladder, from top to bottom; between two rungs stands when the next is asked."""
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    texts: list[Text] = []
    y = float(_MARGIN)
    for n, step in enumerate(ladder.steps):
        x = float(_MARGIN + _STAIR * min(n, _MOST_STAIRS))
        width = WIDTH - _MARGIN - x
        lines = [
            *((line, True) for line in wrapped(step.when, width - 2 * _PAD)),
            *((line, False) for line in wrapped(step.who, width - 2 * _PAD)),
            *((line, True) for line in wrapped(step.note, width - 2 * _PAD)),
        ]
        height = 2 * _PAD + _LINE * len(lines)
        if n:
            arrows.append(Arrow(x + 20, y, y + _BETWEEN))
            y += _BETWEEN
        boxes.append(Box(x, y, width, height, _looks(ladder, n)))
        texts += [
            Text(x + _PAD, y + _PAD + _LINE * (k + 0.75), line, is_note)
            for k, (line, is_note) in enumerate(lines)
        ]
        y += height
    about = " ".join(
        f"{n}. {step.when}: {step.who}." + (f" {step.note}." if step.note else "")
        for n, step in enumerate(ladder.steps, start=1)
    )
    return Drawing(
        ladder.name, ladder.title, about, WIDTH, y + _MARGIN, tuple(boxes), tuple(arrows), tuple(texts)
    )


def _looks(ladder: Ladder, n: int) -> Literal["rung", "last", "over"]:
    if ladder.steps[n].is_passed_over:
        return "over"
    return "last" if n == len(ladder.steps) - 1 else "rung"


def wrapped(text: str, width: float) -> list[str]:
    """The text in lines no wider than this; a word that is too long is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if measured(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while measured(line) > width:
            room = width - measured(_HYPHEN)
            fits = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or measured(line[:n]) <= room)
            lines.append(line[:fits] + _HYPHEN)
            line = line[fits:]
    return [*lines, line] if line else lines


def measured(text: str) -> float:
    """How wide a text is at most."""
    return sum(_measured(sign) for sign in text)


def _measured(sign: str) -> float:
    if sign in _NARROW_SIGNS:
        return _NARROW
    if sign in _WIDE_SIGNS or ord(sign) > _LAST_LATIN:
        return _WIDE
    return _CAPITAL if sign.isupper() else _USUAL
