"""The report form in a real browser: a neighbour fills it in, with a mouse, a keyboard or a screen reader."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from schemas.signals import ReportSignal
from tests.gateway.pages import Listening, listening

SEEN = "Doet niet open en ziet er mager uit. Havenweg 7."


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    with listening(tmp_path_factory.mktemp("door"), "waterkant/de-vlier.yaml") as found:
        yield found


@pytest.fixture(params=["desktop", "phone"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page without script, as the form needs none, on a large screen and on a small one."""
    size = {"width": 1280, "height": 900} if request.param == "desktop" else {"width": 360, "height": 740}
    context = browser.new_context(viewport=size, java_script_enabled=False, locale="nl-NL")  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.fixture
def seeing(browser: Browser) -> Iterator[Page]:
    """A page with script, for who looks at it by script; what the browser complains about is a failure."""
    context = browser.new_context(locale="en-GB", bypass_csp=True)
    yield context.new_page()
    context.close()


def fill_in(page: Page) -> None:
    page.get_by_label("Iemand wil geen hulp, of houdt iedereen buiten de deur").check()
    page.get_by_label("2. Wat ziet of hoort u, en waar?").fill(SEEN)
    page.get_by_label("3. Postcode van die plek").fill("9902 AB")
    page.get_by_label("4. Wie bent u?").select_option(label="Buur of bekende")


def test_neighbour_reports_and_gets_a_code(page: Page, door: Listening) -> None:
    before = len(door.intake.asked)
    page.goto(f"{door.url}/melden/de-vlier")
    expect(page.get_by_role("heading", level=1)).to_have_text("Maakt u zich zorgen om iemand?")
    fill_in(page)
    page.get_by_role("button", name="Verstuur de melding").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dank u wel. Uw melding is aangekomen.")
    expect(page.locator(".code")).to_be_visible()
    (asked,) = door.intake.asked[before:]
    assert asked.command is ReportSignal
    assert asked.content == {"content_ref": {"what_was_seen": SEEN}}
    page.reload()
    assert len(door.intake.asked) == before + 1


def test_form_sent_empty_says_what_is_missing_and_keeps_the_rest(page: Page, door: Listening) -> None:
    page.goto(f"{door.url}/melden/de-vlier")
    page.get_by_label("2. Wat ziet of hoort u, en waar?").fill(SEEN)
    page.get_by_role("button", name="Verstuur de melding").click()
    expect(page.get_by_role("alert")).to_contain_text("Uw melding is nog niet verstuurd.")
    expect(page.get_by_label("2. Wat ziet of hoort u, en waar?")).to_have_value(SEEN)
    page.get_by_role("alert").get_by_role("link", name="Kies wie u bent (vraag 4)").click()
    assert page.url.endswith("#who")


def test_page_is_no_wider_than_the_screen(page: Page, door: Listening) -> None:
    page.goto(f"{door.url}/melden/de-vlier")
    size = page.viewport_size
    assert size is not None
    for name in ("main", "textarea", "button", "fieldset"):
        box = page.locator(name).first.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]


def test_language_is_the_browsers_and_can_be_changed(seeing: Page, door: Listening) -> None:
    seeing.goto(f"{door.url}/melden/de-vlier")
    expect(seeing.get_by_role("heading", level=1)).to_have_text("Are you worried about somebody?")
    seeing.get_by_role("link", name="Nederlands").click()
    expect(seeing.get_by_role("heading", level=1)).to_have_text("Maakt u zich zorgen om iemand?")


def test_form_can_be_filled_in_by_keyboard_alone(seeing: Page, door: Listening) -> None:
    before = len(door.intake.asked)
    seeing.goto(f"{door.url}/melden/de-vlier?lang=en")
    seeing.get_by_label("Something else").focus()
    for key in (" ", "Tab", "He", "Tab", "9902", "Tab", "Neighbour", "Tab", "Tab", "Enter"):
        if key in ("Tab", "Enter", " "):
            seeing.keyboard.press("Space" if key == " " else key)
        else:
            seeing.keyboard.type(key)
    expect(seeing.get_by_role("heading", level=1)).to_have_text("Thank you. Your report has arrived.")
    assert door.intake.asked[before].values["concern"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("what", ["empty", "wrong", "sent", "nowhere"])
def test_pages_hold_no_barrier_that_axe_finds(seeing: Page, door: Listening, what: str, scheme: str) -> None:
    seeing.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    seeing.goto(f"{door.url}/melden/{'nowhere' if what == 'nowhere' else 'de-vlier'}?lang=nl")
    if what == "sent":
        fill_in(seeing)
    if what in ("wrong", "sent"):
        seeing.get_by_role("button", name="Verstuur de melding").click()
    found = Axe().run(seeing)
    assert found.violations_count == 0, found.generate_report()


def test_browser_has_nothing_to_complain_of(browser: Browser, door: Listening) -> None:
    """A style or a script that the policy forbids would be told on the console."""
    context = browser.new_context()
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda said: complaints.append(said.text))
    page.goto(f"{door.url}/melden/de-vlier")
    colour = page.locator("button").evaluate("one => getComputedStyle(one).backgroundColor")
    context.close()
    assert complaints == []
    assert colour == "rgb(11, 83, 148)"
