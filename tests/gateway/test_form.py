"""The report form: five fields, two languages, no account; a report like any other by the same road."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import html5lib
import pytest

from schemas.gateway import DoorRefusal
from schemas.signals import ReportSignal
from services.gateway import report_form
from services.gateway.asked import Turned
from services.gateway.paper import Language
from services.gateway.report_form import code_of
from services.gateway.report_words import WORDS, Words
from tests.gateway.doors import Opened, opened

PAGE = "/melden/de-vlier"
OURS = {"Origin": "http://door"}
FILLED = {
    "form": "form-abcdefghijklmnopqrstuv",
    "concern": "care_avoidance",
    "seen": "Doet niet open, ziet er mager uit. Havenweg 7.",
    "postcode": "9902 AB",
    "who": "neighbour",
    "call_back": "",
}


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Opened]:
    async with opened(tmp_path, "waterkant/de-vlier.yaml") as found:
        yield found


async def send(door: Opened, headers: dict[str, str] | None = None, lang: str = "nl", **changed: Any) -> Any:
    filled = {**FILLED, **changed}
    return await door.client.post(
        f"{PAGE}?lang={lang}", data=filled, headers=OURS if headers is None else headers
    )


def fields_of(text: str) -> set[str]:
    """The names of what a person is asked for."""
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    found = [*tree.iter("input"), *tree.iter("textarea"), *tree.iter("select")]
    return {one.get("name") for one in found if one.get("type") != "hidden"}


async def test_form_asks_five_things_and_no_name(door: Opened) -> None:
    answer = await door.client.get(PAGE)
    assert answer.status_code == 200
    assert fields_of(answer.text) == set(report_form.FIELDS)
    assert len(report_form.FIELDS) <= 5


async def test_form_shows_the_number_of_the_agreement_and_112(door: Opened) -> None:
    text = (await door.client.get(PAGE)).text
    assert '<a href="tel:0880009901">088 000 99 01</a>' in text
    assert '<a href="tel:112">112</a>' in text


async def test_form_tells_avoiding_missing_and_delaying_care_apart(door: Opened) -> None:
    text = (await door.client.get(PAGE)).text
    assert re.findall(r'name="concern" value="([a-z_]+)"', text) == [
        "care_avoidance",
        "missed_care",
        "care_delay",
        "other",
    ]


@pytest.mark.parametrize("concern", ["care_avoidance", "missed_care", "care_delay", "other"])
async def test_report_is_one_like_any_other(door: Opened, concern: str) -> None:
    answer = await send(door, concern=concern)
    assert answer.status_code == 200, answer.text
    (asked,) = door.intake.asked
    assert asked.command is ReportSignal
    assert asked.values == {
        "urgency": "urgent",
        "concern": [] if concern == "other" else [concern],
        "reporter": {"kind": "neighbour"},
        "expects_feedback": False,
        "postcode": "9902",
    }
    assert asked.content == {"content_ref": {"what_was_seen": FILLED["seen"]}}
    assert (asked.source, asked.partnership) == ("urn:seinhuis:report-form", "de-vlier")


async def test_report_with_a_number_is_to_be_answered_and_the_number_is_content(door: Opened) -> None:
    await send(door, call_back="06 12345678")
    (asked,) = door.intake.asked
    assert asked.values["expects_feedback"] is True
    assert asked.content["content_ref"]["call_back"] == "06 12345678"
    assert "12345678" not in repr(asked.values)


async def test_report_is_confirmed_by_a_code_and_no_word_of_it(door: Opened) -> None:
    text = (await send(door)).text
    (code,) = re.findall(r'<p class="code">([A-Z2-7x-z]{4}-[A-Z2-7x-z]{4})</p>', text)
    assert code == code_of("as-" + code.replace("-", "").lower() + "abcdefghijkl")
    assert "Havenweg" not in text
    assert "088 000 99 01" in text


async def test_button_pressed_twice_is_one_report_with_one_code(door: Opened) -> None:
    assert (await send(door)).text == (await send(door)).text
    assert len(door.intake.asked) == 1


async def test_page_opened_twice_is_two_reports(door: Opened) -> None:
    ids = {
        re.findall(r'name="form" value="([^"]+)"', (await door.client.get(PAGE)).text)[0] for _ in range(2)
    }
    assert len(ids) == 2
    for form in ids:
        await send(door, form=form)
    assert len(door.intake.asked) == 2


async def test_form_id_somebody_made_up_is_replaced(door: Opened) -> None:
    await send(door, form="123456782")
    assert door.intake.asked[0].event_id.startswith("form-")


WRONG = [
    ("concern", "", "concern_missing"),
    ("concern", "acute", "concern_missing"),
    ("seen", "  ", "seen_missing"),
    ("seen", "x" * 4001, "too_long"),
    ("postcode", "Havenweg", "postcode_wrong"),
    ("postcode", "0123", "postcode_wrong"),
    ("who", "", "who_missing"),
    ("who", "professional", "who_missing"),
    ("call_back", "x" * 101, "too_long"),
]


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize(("field", "value", "word"), WRONG)
async def test_form_filled_in_wrongly_comes_back_as_it_was_with_what_to_do(
    door: Opened, language: Language, field: str, value: str, word: str
) -> None:
    answer = await send(door, None, language, **{field: value})
    assert answer.status_code == 422
    assert getattr(WORDS[language], word) in answer.text
    assert f'id="{field}-error"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    if field != "seen":
        assert FILLED["seen"] in answer.text
    assert f'value="{FILLED["form"]}"' in answer.text
    assert door.intake.asked == []


async def test_what_somebody_writes_is_never_markup(door: Opened) -> None:
    text = (await send(door, seen="<script>alert(1)</script>", who="")).text
    assert "<script" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("query", "accepted", "expected"),
    [
        ("", "", "nl"),
        ("", "de-DE,de;q=0.9", "nl"),
        ("", "de,en;q=0.8,nl;q=0.7", "en"),
        ("", "en-GB", "en"),
        ("?lang=nl", "en", "nl"),
        ("?lang=en", "nl", "en"),
        ("?lang=xx", "en", "en"),
    ],
)
async def test_page_is_in_the_language_asked_for(
    door: Opened, query: str, accepted: str, expected: str
) -> None:
    answer = await door.client.get(PAGE + query, headers={"Accept-Language": accepted})
    assert f'<html lang="{expected}">' in answer.text
    assert answer.headers["content-language"] == expected


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"Origin": "http://door"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://door"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({}, False),
    ],
)
async def test_form_is_taken_from_its_own_page_only(
    door: Opened, headers: dict[str, str], is_ours: bool
) -> None:
    answer = await send(door, headers)
    assert answer.status_code == (200 if is_ours else 403)
    assert len(door.intake.asked) == is_ours


async def test_pages_have_no_script_and_a_strict_policy(door: Opened) -> None:
    for answer in (
        await door.client.get(PAGE),
        await send(door),
        await send(door, who=""),
        await door.client.get("/melden/nowhere"),
    ):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert "<script" not in answer.text
        assert not re.search(r"\son[a-z]+=|\sstyle=", answer.text)


async def test_too_many_forms_from_one_address_are_429_in_plain_words(tmp_path: Path) -> None:
    async with opened(tmp_path, "waterkant/de-vlier.yaml", settings={"forms_per_hour": 2}) as door:
        statuses = [(await send(door, form=f"form-{'a' * 21}{n}")).status_code for n in range(3)]
        assert statuses == [200, 200, 429]
        answer = await send(door)
        assert WORDS["nl"].too_often_says in answer.text
        assert int(answer.headers["retry-after"]) >= 1


async def test_report_that_cannot_be_taken_in_says_to_try_again_or_phone(door: Opened) -> None:
    door.intake.fails = OSError("x")
    answer = await send(door)
    assert answer.status_code == 503
    assert WORDS["nl"].not_now_says in answer.text
    assert "088 000 99 01" in answer.text
    door.intake.fails = None
    door.intake.answers = lambda asked: Turned(asked.event_id, DoorRefusal.DATA_INVALID, "data")
    assert (await send(door)).status_code == 503


async def test_nowhere_is_a_page_too(door: Opened) -> None:
    for answer in (await door.client.get("/melden/nowhere"), await door.client.post("/melden/nowhere")):
        assert answer.status_code == 404
        assert WORDS["nl"].no_page in answer.text


async def test_partnership_without_a_number_has_a_form_all_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        text = (await door.client.get(PAGE)).text
        assert "Coördinatiepunt De Schakel" in text
        assert text.count("tel:") == 1


async def test_form_wakes_nobody(door: Opened) -> None:
    """Who reports by form is no judge of urgency: what cannot wait is phoned."""
    terms = door.door.agreements.in_force("de-vlier", door.door.clock.now_ms())
    assert terms is not None
    level = report_form.level_of(terms)
    assert not level.is_always
    assert all(level.rank <= other.rank for other in terms.levels.values() if not other.is_always)


def test_words_are_there_in_both_languages() -> None:
    for field in Words._fields:
        nl, en = getattr(WORDS["nl"], field), getattr(WORDS["en"], field)
        assert nl
        assert en
        if isinstance(nl, tuple):
            assert [value for value, _ in nl] == [value for value, _ in en]
        else:
            assert nl != en
