"""A page that explains something, as a value: what the text and the HTML are both printed from."""

from __future__ import annotations

from typing import NamedTuple

from services.agreements.findings import Language


class Paragraph(NamedTuple):
    """A few sentences."""

    text: str


class Point(NamedTuple):
    """A line of a list: its number or nothing, a few words in front, the sentence, and lines below it."""

    text: str
    lead: str = ""
    number: str = ""
    points: tuple[Point, ...] = ()


class Points(NamedTuple):
    """A list."""

    points: tuple[Point, ...]


class Table(NamedTuple):
    """Columns with a heading; the first cell of a row is what the row is about."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Step(NamedTuple):
    """A level of a ladder: when it is asked, who, and what goes for it besides."""

    when: str
    who: str
    note: str = ""
    is_passed_over: bool = False


class Ladder(NamedTuple):
    """A ladder for one level of urgency, from the first who is asked to the last."""

    name: str
    title: str
    steps: tuple[Step, ...]


class Ladders(NamedTuple):
    """Ladders that belong side by side."""

    ladders: tuple[Ladder, ...]


Block = Paragraph | Points | Table | Ladders


class Section(NamedTuple):
    """A chapter. `name` is its place on the page, the same in every language."""

    name: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


class Page(NamedTuple):
    """A whole page: its language, its title, a few lines under it, and its chapters."""

    language: Language
    title: str
    lines: tuple[str, ...]
    contents: str
    sections: tuple[Section, ...]
