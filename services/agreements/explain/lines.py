"""Lists and chapters, from the lines there are to say; what is not there is not told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from services.agreements import model
from services.agreements.explain.page import Block, Paragraph, Point, Points, Section, Table
from services.agreements.explain.voice import Voice

T = TypeVar("T", bound=model.Item)
Line = Point | str | None
#: A cell in which nothing is said.
NOTHING = "–"


def cap(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def line(lead: str, text: object) -> Point | None:
    """A line with a few words in front; none when there is no text: `part and f"..."` needs no other branch."""
    return Point(text, lead) if isinstance(text, str) and text else None


def listed(*lines: Line) -> tuple[Block, ...]:
    """A list of what there is to say."""
    told = points(lines)
    return (Points(told),) if told else ()


def points(lines: Iterable[Line]) -> tuple[Point, ...]:
    """What there is to say, as lines of a list."""
    return tuple(Point(one) if isinstance(one, str) else one for one in lines if one)


def table(caption: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    """A table without the columns in which nothing is said; the first one always stays."""
    kept = [n for n in range(len(columns)) if n == 0 or any(row[n] != NOTHING for row in rows)]
    return Table(
        caption,
        tuple(columns[n] for n in kept),
        tuple(tuple(row[n] for n in kept) for row in rows),
    )


def yes_no(value: bool, v: Voice) -> str:
    return v("ja", "yes") if value else v("nee", "no")


def about(item: model.Item, v: Voice) -> tuple[Point | None, ...]:
    """What an item says about itself: how it is followed, and whether it binds."""
    nothing = v("Hier meten wij niets voor.", "Nothing is measured for this.")
    intent = v("Dit is een voornemen, het bindt niet.", "This is an intention, it does not bind.")
    return (
        Point(nothing)
        if item.measure == "none"
        else line(v("Wij meten:", "Measured by:"), item.measure and v.measure(item.measure)),
        Point(intent) if item.binding == "intent" else None,
    )


def purpose(item: model.Item) -> tuple[Block, ...]:
    """What an item is for, as its first sentence."""
    return (Paragraph(sentence(item.purpose)),) if item.purpose else ()


def sentence(text: str) -> str:
    """With its capital and its full stop."""
    return cap(text) if text.endswith((".", "!", "?")) else f"{cap(text)}."


def part(  # noqa: PLR0913 - a chapter: its name, title and piece, and how they are told
    name: str,
    title: str,
    piece: T | model.NotApplicable | None,
    v: Voice,
    tell: Callable[[T], Iterable[Block]],
    sections: Callable[[T], Iterable[Section | None]] = lambda _: (),
) -> Section | None:
    """The chapter of an item; with its reason when the partners do without it, none when they say nothing."""
    if piece is None:
        return None
    if isinstance(piece, model.NotApplicable):
        return Section(name, title, (Paragraph(not_needed(piece, v)),))
    inner = tuple(section for section in sections(piece) if section)
    return Section(name, title, (*purpose(piece), *tell(piece), *listed(*about(piece, v))), inner)


def answer(
    lead: str, piece: T | model.NotApplicable | None, v: Voice, tell: Callable[[T], Iterable[Line]]
) -> Line:
    """An item as one line with lines below it."""
    if piece is None:
        return None
    if isinstance(piece, model.NotApplicable):
        return Point(not_needed(piece, v), f"{lead}.")
    return Point(
        sentence(piece.purpose) if piece.purpose else "",
        f"{lead}.",
        points=points((*tell(piece), *about(piece, v))),
    )


def not_needed(piece: model.NotApplicable, v: Voice) -> str:
    return v("Hier niet nodig: ", "Not needed here: ") + piece.not_applicable
