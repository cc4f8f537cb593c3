"""The HTML page: whole by itself, safe, and in order for who reads it by ear."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator

import html5lib
import pytest

from services.agreements.book import usable
from services.agreements.explain.html import as_html
from services.agreements.explain.page import (
    Ladder,
    Ladders,
    Page,
    Paragraph,
    Point,
    Points,
    Section,
    Step,
    Table,
)
from services.agreements.explain.telling import page
from tests.agreements.explain.stories import STORIES
from tests.agreements.explain.test_complete import FILLED, LANGUAGES
from tests.agreements.texts import WATERKANT, changed

PAGES: dict[str, Page] = {
    **{f"small-{language}": page(usable(WATERKANT).agreement, language) for language in LANGUAGES},
    **{f"filled-{language}": page(FILLED, language) for language in LANGUAGES},
    **{name: tell() for name, tell in STORIES.items()},
}
SVG = "{http://www.w3.org/2000/svg}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def tree(told: Page) -> ET.Element:
    """The page as a browser builds it; an error in the HTML is an error here."""
    parser = html5lib.HTMLParser(strict=True)
    return parser.parse(as_html(told))  # type: ignore[no-any-return]


def tags(root: ET.Element, *names: str) -> Iterator[ET.Element]:
    for one in root.iter():
        if one.tag in {f"{XHTML}{name}" for name in names}:
            yield one


def words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_valid_html_in_its_language(name: str) -> None:
    root = tree(PAGES[name])
    assert root.get("lang") == PAGES[name].language
    assert words(next(tags(root, "title"))) == PAGES[name].title


@pytest.mark.parametrize("name", PAGES)
def test_every_id_is_there_once_and_every_link_leads_to_one(name: str) -> None:
    root = tree(PAGES[name])
    ids = Counter(one.get("id") for one in root.iter() if one.get("id"))
    assert [found for found, times in ids.items() if times > 1] == []
    named = {one.get("href", "").removeprefix("#") for one in tags(root, "a")}
    for one in root.iter():
        named |= set((one.get("aria-labelledby") or "").split())
    assert named <= set(ids)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing(name: str) -> None:
    text = as_html(PAGES[name])
    root = tree(PAGES[name])
    assert list(tags(root, "script", "iframe", "object", "embed", "img", "link", "form")) == []
    for one in root.iter():
        for attribute, value in one.items():
            assert not attribute.startswith("on"), (one.tag, attribute)
            assert attribute not in {"src", "srcset", "action"}
            assert attribute != "href" or value.startswith("#")
    assert not re.search(r"@import|url\(|javascript:", text)


@pytest.mark.parametrize("name", PAGES)
def test_headings_are_in_order(name: str) -> None:
    levels = [int(one.tag[-1]) for one in tags(tree(PAGES[name]), "h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("name", PAGES)
def test_tables_have_a_caption_and_headings_with_a_scope(name: str) -> None:
    for table in tags(tree(PAGES[name]), "table"):
        assert words(next(tags(table, "caption")))
        assert {heading.get("scope") for heading in tags(table, "th")} <= {"col", "row"}
        widths = {len(list(tags(row, "th", "td"))) for row in tags(table, "tr")}
        assert len(widths) == 1


@pytest.mark.parametrize("name", PAGES)
def test_a_drawing_says_what_it_shows_and_stays_within_itself(name: str) -> None:
    for drawing in tree(PAGES[name]).iter(f"{SVG}svg"):
        title, about = drawing.find(f"{SVG}title"), drawing.find(f"{SVG}desc")
        assert title is not None and about is not None
        assert drawing.get("role") == "img"
        assert (drawing.get("aria-labelledby") or "").split() == [title.get("id"), about.get("id")]
        left, top, width, height = map(float, (drawing.get("viewBox") or "").split())
        assert (left, top) == (0, 0)
        shown = " ".join(words(text) for text in drawing.iter(f"{SVG}text"))
        assert set(shown.split()) <= set(re.sub(r"[.:]( |$)", " ", words(about)).split()) | set(
            words(about).split()
        )
        for box in drawing.iter(f"{SVG}rect"):
            assert float(box.get("x", "0")) + float(box.get("width", "0")) <= width
            assert float(box.get("y", "0")) + float(box.get("height", "0")) <= height


def test_markup_in_the_agreement_is_text_on_the_page() -> None:
    evil = '<script>alert("x")</script><b onclick=y>&amp;'
    text = changed(
        ("title: Samenwerkingsafspraken wijkverband De Vlier", f"title: '{evil}'"),
        ("title: Aanspreekpunt wijkteam", f"title: '{evil}'"),
        ("title: Regionale achterwacht, channels", f"title: '{evil}', channels"),
    )
    told = page(usable(text).agreement, "nl")
    root = tree(told)
    assert words(next(tags(root, "h1"))) == evil
    assert list(tags(root, "script")) == []
    assert "<script" not in as_html(told)


def every_text(told: Page) -> Iterator[str]:
    """Every text of a page value."""
    yield from (told.title, *told.lines)
    for section in told.sections:
        yield from _texts(section)


def _texts(section: Section) -> Iterator[str]:
    yield section.title
    for block in section.blocks:
        match block:
            case Paragraph(text):
                yield text
            case Points(points):
                yield from _point_texts(points)
            case Table(caption, columns, rows):
                yield from (caption, *columns, *(cell for row in rows for cell in row))
            case Ladders(ladders):
                for ladder in ladders:
                    yield ladder.title
                    for step in ladder.steps:
                        yield from (step.when, step.who, step.note)
    for inner in section.sections:
        yield from _texts(inner)


def _point_texts(points: tuple[Point, ...]) -> Iterator[str]:
    for point in points:
        yield from (point.number, point.lead, point.text)
        yield from _point_texts(point.points)


@pytest.mark.parametrize("name", PAGES)
def test_the_html_holds_every_text_of_the_page(name: str) -> None:
    shown = words(tree(PAGES[name]))
    missing = [text for text in every_text(PAGES[name]) if " ".join(text.split()) not in shown]
    assert missing == []


def test_a_ladder_of_one_step_is_drawn() -> None:
    ladder = Ladder("one", "Acute", (Step("at once", "The desk"),))
    told = Page("en", "t", (), "c", (Section("s", "S", (Ladders((ladder,)),)),))
    assert len(list(tree(told).iter(f"{SVG}rect"))) == 1
