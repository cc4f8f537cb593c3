"""A page as plain text: lines of at most a hundred signs, tables as columns where they fit."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from services.agreements.explain.lines import cap
from services.agreements.explain.page import (
    Block,
    Ladder,
    Ladders,
    Page,
    Paragraph,
    Point,
    Points,
    Section,
    Table,
)

WIDTH = 100
#: A table of more columns is easier to read row by row.
MOST_COLUMNS = 4
#: Never more than two empty lines together.
_MANY_EMPTY = re.compile(r"\n{4,}")
_UNDER = ("=", "-", "")


def as_text(page: Page) -> str:
    """The whole page."""
    lines = [page.title, "=" * len(page.title), "", *page.lines]
    for section in page.sections:
        lines += ["", "", *_section(section, 1)]
    text = "\n".join(line.rstrip() for line in lines)
    return _MANY_EMPTY.sub("\n\n\n", text).rstrip("\n") + "\n"


def _section(section: Section, depth: int) -> Iterator[str]:
    yield section.title
    if depth < len(_UNDER) and _UNDER[depth]:
        yield _UNDER[depth] * len(section.title)
    for block in section.blocks:
        yield from _block(block)
        yield ""
    for inner in section.sections:
        yield ""
        yield from _section(inner, depth + 1)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield from _wrapped(text)
        case Points(points):
            yield from _points(points, "")
        case Table():
            yield from _table(block)
        case Ladders(ladders):
            for n, ladder in enumerate(ladders):
                if n:
                    yield ""
                yield from _ladder(ladder)


def _wrapped(text: str, first: str = "", then: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first]


def _points(points: Sequence[Point], indent: str) -> Iterator[str]:
    for point in points:
        sign = f"{point.number}  " if point.number else "- "
        text = " ".join(filter(None, [point.lead, point.text]))
        yield from _wrapped(text, indent + sign, indent + " " * len(sign))
        yield from _points(point.points, indent + " " * len(sign))


def _ladder(ladder: Ladder) -> Iterator[str]:
    yield f"{ladder.title}:"
    wide = max(len(step.when) for step in ladder.steps)
    for n, step in enumerate(ladder.steps, start=1):
        first = f"  {n}. {step.when:<{wide}}  "
        yield from _wrapped(". ".join(filter(None, [step.who, cap(step.note)])), first, " " * len(first))


def _table(table: Table) -> Iterator[str]:
    if len(table.columns) > MOST_COLUMNS:
        yield from _row_by_row(table)
        return
    widths = _widths(table)
    yield from _cells(table.columns, widths)
    yield "  ".join("-" * width for width in widths)
    for row in table.rows:
        yield from _cells(row, widths)


def _row_by_row(table: Table) -> Iterator[str]:
    for row in table.rows:
        yield from _wrapped(row[0])
        for title, cell in zip(table.columns[1:], row[1:], strict=True):
            yield from _wrapped(f"{title}: {cell}", "    ", "      ")


def _widths(table: Table) -> list[int]:
    """As wide as the longest cell; what does not fit is taken from the widest column."""
    widths = [max(map(len, column)) for column in zip(table.columns, *table.rows, strict=True)]
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH:
        widths[widths.index(max(widths))] -= 1
    return widths


def _cells(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    wrapped = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)]
    for n in range(max(map(len, wrapped))):
        parts = [lines[n] if n < len(lines) else "" for lines in wrapped]
        yield "  ".join(f"{part:<{width}}" for part, width in zip(parts, widths, strict=True))
