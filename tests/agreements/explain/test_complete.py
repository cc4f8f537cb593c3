"""The page says all that the agreement says: a field that is added to the model and not told fails here."""

from __future__ import annotations

from enum import Enum
from typing import Any, get_args

import pytest

from services.agreements import model
from services.agreements.explain.chapters.closing import pieces
from services.agreements.explain.page import Page
from services.agreements.explain.telling import page
from services.agreements.explain.text import as_text
from services.agreements.explain.words import TABLES, known
from services.agreements.findings import Language
from tests.agreements.explain.filled import LEVEL, Path, changed, closed_words, filled, leaves, other

#: A level that runs day and night has no calendar to tell of.
FILLED = changed(filled(), ("urgency", "levels", LEVEL, "always"), False)
LANGUAGES: tuple[Language, ...] = ("nl", "en")
#: Words of closed lists that never reach the page as words: the page has a sentence of its own for each.
SAID_IN_SENTENCES = frozenset(
    {"allowed", "refused", "refuse", "flag", "binding", "intent", "core", "shell", "function", "group",
     "shared_number", "first", "inside", "outside", "has_contact", "has_coordinator", "when_asked", "when_due"}
)  # fmt: skip


def told(agreement: model.Agreement, language: Language) -> Page:
    return page(agreement, language)


def text(agreement: model.Agreement, language: Language) -> str:
    return as_text(page(agreement, language))


def is_untold(path: Path) -> bool:
    """Nobody is waited for before the first level is asked, and only the last level is asked again."""
    match path:
        case ("escalation", "operational", _, 0, "after" | "repeat_every", *_):
            return True
    return False


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_single_value_of_the_agreement_is_told(language: Language) -> None:
    before = told(FILLED, language)
    tried, silent = 0, []
    for path, value in leaves(FILLED):
        to = other(value, closed_words(path))
        if to is None or is_untold(path):  # a word that can only be this one says nothing
            continue
        tried += 1
        if told(changed(FILLED, path, to), language) == before:
            silent.append(".".join(map(str, path)))
    assert silent == []
    assert tried > 300


OPTIONAL = [
    name
    for name, field in model.Agreement.model_fields.items()
    if not field.is_required() and name != "escalation"
]


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_part_that_is_left_out_is_named(name: str) -> None:
    empty = FILLED.model_copy(update={name: model.Agreement.model_fields[name].get_default()})
    for language in LANGUAGES:
        topic = known(name, "topic")
        assert topic is not None
        section = next(section for section in told(empty, language).sections if section.name == "left-out")
        assert topic[language == "en"].lower() in str(section).lower()


def _parts_of(kind: Any) -> list[Any]:
    args = get_args(kind)
    return [found for one in args for found in _parts_of(one)] if args else [kind]


def test_every_reason_to_do_without_is_told_in_its_place_and_with_the_others() -> None:
    reason = model.NotApplicable(not_applicable="because the neighbours do it for us")
    ways: list[Path] = [
        (*path, name)
        for path, piece in pieces(FILLED)
        for name, field in type(piece).model_fields.items()
        if model.NotApplicable in _parts_of(field.annotation)
    ]
    assert len(ways) > 20
    for way in ways:
        for language in LANGUAGES:
            assert str(told(changed(FILLED, way, reason), language)).count(reason.not_applicable) == 2, way


def test_intentions_are_listed_apart() -> None:
    intent = changed(FILLED, ("aftercare", "binding"), "intent")
    last = text(intent, "en").split("What is an intention\n")[1].split("What is not in it")[0]
    assert last.strip().splitlines()[-1] == "- Aftercare"


def _closed() -> set[str]:
    """Every word of a closed list of the model."""
    found: set[str] = set()
    for path, value in leaves(FILLED):
        words = [one.value for one in type(value)] if isinstance(value, Enum) else closed_words(path)
        found |= {word for word in words if isinstance(word, str)}
    return found - {"unknown"}


def test_every_word_of_a_closed_list_has_words_in_both_languages() -> None:
    codes = {code for table in TABLES.values() for code in table}
    missing = [word for word in _closed() - SAID_IN_SENTENCES if word not in codes and known(word) is None]
    assert missing == []


def test_a_public_number_is_told_where_a_report_may_name_its_client_by_it() -> None:
    without = changed(FILLED, ("information", "identifiers"), ())
    for language in LANGUAGES:
        words = "burgerservicenummer" if language == "nl" else "citizen service number"
        assert words in text(FILLED, language)
        assert words not in text(without, language)


def test_no_word_is_empty() -> None:
    assert [code for table in TABLES.values() for code, pair in table.items() if not all(pair)] == []


def test_a_word_nobody_translated_is_shown_as_it_is_with_spaces() -> None:
    agreement = changed(FILLED, ("aftercare", "ends_when"), "after_the_last_tea")
    assert "Stopt bij: after the last tea" in text(agreement, "nl")
