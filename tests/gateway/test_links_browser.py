"""The page of a link in a real browser: read, sent and read again, by eye and by axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from schemas.signals import AcknowledgeSignal, DeclineReason, DeclineSignal
from services.gateway import links
from tests.gateway.beside import Beside
from tests.gateway.test_links import WELZIJN, a_link_door, commands, path, story
from tests.gateway.test_reading_grants import escalated, opened, reported, routed, taken

NURSE = "linde/linde-team"


@pytest.fixture
def beside(tmp_path: Path, embedded: str, postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Beside]:
    monkeypatch.setattr(links, "SEEN_WITHIN_S", 0.5)
    with Beside(a_link_door(tmp_path, embedded, postgres)) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A small screen; what the page would not allow, such as a style of another's, is a failure."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="nl-NL")
    found = context.new_page()
    complaints: list[str] = []
    found.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield found
    context.close()
    # The browser says of every answer that is a no that it is one; that is no complaint about the page.
    assert [one for one in complaints if "Failed to load resource" not in one] == []


def test_a_link_is_opened_and_taken_by_its_button(
    beside: Beside, embedded: str, page: Page, unique: Callable[[str], str], tmp_path: Path
) -> None:
    entity, caseid = unique("sig"), unique("case")
    asked = [reported(), routed(WELZIJN), opened()]
    beside.run(story(beside.door, entity, caseid, *asked))
    page.goto(beside.door.url + path(entity=entity, caseid=caseid))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pakt u deze melding op?")
    expect(page.locator("dl")).to_contain_text("Sociaal werker van dienst, Welzijn Waterkant")
    expect(page.locator("dl")).to_contain_text("dringend")
    page.screenshot(path=tmp_path / "link.png", full_page=True)
    assert beside.run(commands(embedded, caseid)) == []
    page.get_by_role("button", name="Ja, ik pak het op").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Uw antwoord is binnen")
    (said,) = beside.run(commands(embedded, caseid))
    assert isinstance(said, AcknowledgeSignal) and said.by.contact == WELZIJN
    beside.run(story(beside.door, entity, caseid, *asked, taken(WELZIJN)))
    page.goto(page.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("U hebt het opgepakt")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have taken it")


def test_a_link_is_opened_and_not_taken_and_says_why(
    beside: Beside, embedded: str, page: Page, unique: Callable[[str], str], tmp_path: Path
) -> None:
    entity, caseid = unique("sig"), unique("case")
    beside.run(story(beside.door, entity, caseid, reported(), routed(WELZIJN), opened()))
    page.goto(beside.door.url + path(entity=entity, caseid=caseid))
    decline = page.get_by_role("button", name="Niet oppakken")
    decline.click()  # without a reason the browser sends nothing
    expect(page.get_by_role("heading", level=1)).to_have_text("Pakt u deze melding op?")
    page.get_by_role("group", name="Waarom niet?").get_by_label("Wij hebben nu geen plek of tijd").check()
    decline.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("U hebt gezegd dat u dit niet oppakt")
    expect(page.get_by_role("button")).to_have_count(0)
    page.screenshot(path=tmp_path / "declined.png", full_page=True)
    (said,) = beside.run(commands(embedded, caseid))
    assert isinstance(said, DeclineSignal)
    assert (said.by.contact, said.reason) == (WELZIJN, DeclineReason.NO_CAPACITY)


def test_an_old_link_says_who_has_it_and_no_page_has_a_barrier(
    beside: Beside, browser: Browser, unique: Callable[[str], str], tmp_path: Path
) -> None:
    entity, caseid = unique("sig"), unique("case")
    context = browser.new_context(locale="en-GB", bypass_csp=True)
    page = context.new_page()
    beside.run(story(beside.door, entity, caseid, reported(), routed(WELZIJN), opened()))
    for action in ("acknowledge", "decline"):
        page.goto(beside.door.url + path(entity=entity, caseid=caseid, action=action))
        assert Axe().run(page).violations_count == 0
    page.screenshot(path=tmp_path / "decline.png", full_page=True)
    beside.run(
        story(beside.door, entity, caseid, reported(), routed(WELZIJN), escalated(NURSE), taken(NURSE))
    )
    page.goto(beside.door.url + path(entity=entity, caseid=caseid))
    expect(page.get_by_role("main")).to_contain_text("Aanspreekpunt wijkteam, ")
    assert Axe().run(page).violations_count == 0
    page.screenshot(path=tmp_path / "taken.png", full_page=True)
    context.close()
