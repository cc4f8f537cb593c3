"""Every finding is told in Dutch and in English, with all its words; and no sentence is there for nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest

import services.agreements
from services.agreements.sentences import SENTENCES
from services.agreements.sentences.reading import SENTENCES as READING
from services.agreements.sentences.rules import SENTENCES as RULES

_PACKAGE = Path(services.agreements.__file__).parent
_SOURCES = [
    path
    for path in sorted(_PACKAGE.rglob("*.py"))
    if path.relative_to(_PACKAGE).parts[0] not in {"sentences", "explain", "dryrun"}
]
#: What makes a finding, and which of its arguments is the code.
_MAKERS = {"found": 1, "finding": 0, "key_finding": 0}
_ERRORS = {"Unreadable", "SpanError", "PeriodError", "WeekError"}
#: What the model's own checks always tell (shape.py).
_GIVEN = {"given"}


class Made(NamedTuple):
    """A place in the code that makes a finding: its code, and the words it is sure to have; None when unsure."""

    where: str
    code: str
    words: frozenset[str] | None


def _made() -> Iterator[Made]:
    for path in _SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            place = 0 if name in _ERRORS else _MAKERS.get(name)
            if place is None or len(node.args) <= place:
                continue
            code = node.args[place]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                named = frozenset(word.arg for word in node.keywords if word.arg is not None)
                is_sure = all(word.arg is not None for word in node.keywords)
                more = _GIVEN if name in _ERRORS else frozenset()
                where = f"{path.name}:{node.lineno}"
                yield Made(where, code.value, named | more if is_sure else None)


def _blanks(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name)


MADE = sorted(_made(), key=lambda made: (made.code, made.where))


def test_the_code_makes_findings_where_this_test_looks_for_them() -> None:
    assert len({made.code for made in MADE}) > 60


@pytest.mark.parametrize("made", MADE, ids=lambda made: f"{made.code} {made.where}")
def test_a_finding_has_its_sentence_and_every_word_of_it(made: Made) -> None:
    assert made.code in SENTENCES
    if made.words is not None:
        for sentence in SENTENCES[made.code]:
            assert _blanks(sentence) <= made.words


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_is_dutch_and_english_with_the_same_words(code: str) -> None:
    dutch, english = SENTENCES[code]
    assert dutch and english and dutch != english
    assert _blanks(dutch) == _blanks(english)


def test_no_sentence_is_there_for_nothing() -> None:
    nodes = [node for path in _SOURCES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    said = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    # A code put together, as `unknown_` and what is not known.
    begun = tuple(
        str(node.values[0].value)
        for node in nodes
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant)
        if str(node.values[0].value).endswith("_")
    )
    assert [code for code in SENTENCES if code not in said and not code.startswith(begun)] == []


def test_reading_and_checking_share_no_code() -> None:
    assert not READING.keys() & RULES.keys()
