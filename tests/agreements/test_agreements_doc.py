"""What docs/AGREEMENTS.md says of keys, words, commands and measures is what the model and the code have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest

from services.agreements.check import check
from services.agreements.load import load
from services.agreements.measures import MEASURES
from services.agreements.model import Agreement, Piece, words
from services.cli.agreements import agreements_app
from tests.agreements.waterkant import EXAMPLES

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "AGREEMENTS.md").read_text(encoding="utf-8")
#: Stand for a name the author chooses.
CHOSEN = {"NAME", "LEVEL"}


def rows(mark: str) -> list[list[str]]:
    """The cells of the table that follows a mark."""
    table = TEXT.partition(f"<!-- {mark}")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[3:]]


def keys(cell: str) -> list[str]:
    """The keys a cell names; what stands between brackets explains only."""
    return re.findall(r"`([a-z][\w.\[\]]*)`", re.sub(r"\([^)]*\)", "", cell))


def _kinds(annotation: Any) -> Iterator[Any]:
    """What a key may hold, without what is said about it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for one in get_args(annotation):
            yield from _kinds(one)
    else:
        yield annotation


def is_there(path: str) -> bool:
    """Whether a key of this path exists: `parties[].contacts[].deputy`, `handover.forms.NAME.required`."""
    found: list[Any] = [Agreement]
    for step in path.split("."):
        name = step.removesuffix("[]")
        inner: list[Any] = []
        for kind in found:
            if name in CHOSEN and get_origin(kind) is dict:
                inner.append(get_args(kind)[1])
            elif isinstance(kind, type) and issubclass(kind, Piece):
                inner += [
                    field.annotation
                    for key, field in kind.model_fields.items()
                    if name == (field.alias or key)
                ]
        if step.endswith("[]"):
            lists = [kind for one in inner for kind in _kinds(one) if get_origin(kind) is tuple]
            inner = [get_args(kind)[0] for kind in lists]
        found = [kind for one in inner for kind in _kinds(one)]
    return bool(found)


def test_a_key_that_is_not_there_is_seen() -> None:
    assert is_there("parties[].contacts[].deputy")
    assert is_there("escalation.operational.NAME[].after.LEVEL")
    assert not is_there("parties[].contacts[].deputies")
    assert not is_there("parties.contacts[].deputy")
    assert not is_there("handover.forms.required")


def test_every_part_of_the_file_is_described_and_may_be_left_out_where_it_says_so() -> None:
    told = {key.strip("`"): left_out == "or not" for key, _, left_out in rows("parts")}
    # The form allows a file without ladders, so that `check` can say why it needs them.
    needed = {name for name, field in Agreement.model_fields.items() if field.is_required()} | {"escalation"}
    assert told == {name: name not in needed for name in Agreement.model_fields}


def test_every_question_is_mapped_to_keys_there_are() -> None:
    told = {number: (question, keys(cell)) for number, question, cell in rows("questions") if number}
    assert list(told) == [str(n) for n in range(1, 29)]
    assert all(question and found for question, found in told.values())


@pytest.mark.parametrize("mark", ["questions", "besides", "open"])
def test_every_key_of_the_table_is_in_the_model(mark: str) -> None:
    column = 2 if mark == "questions" else 1
    named = [key for row in rows(mark) for key in keys(row[column])]
    assert len(named) > 20
    assert [key for key in named if not is_there(key)] == []


@pytest.mark.parametrize("mark", ["besides", "open"])
def test_every_row_names_a_key(mark: str) -> None:
    assert all(keys(row[1]) for row in rows(mark))


def test_every_value_the_documents_leave_open_has_its_row() -> None:
    words_of_rows = " ".join(row[0] for row in rows("open"))
    for value in (
        "levels of urgency", "one day", "acknowledge", "handover", "directly available", "opening hours", "operational",
        "collaboration", "sharing without consent", "capacity", "contact", "short", "two meetings", "scarce",
        "providers", "hard to place", "indicators", "new party", "leaving",
    ):  # fmt: skip
        assert value in words_of_rows, value


def test_every_word_with_a_meaning_is_explained() -> None:
    reserved = (
        {words.ALWAYS, words.NONE} | words.RUNG_WORDS | words.RECEIVER_WORDS | words.COLLABORATION_WORDS
    )
    assert {row[0].strip("`") for row in rows("words")} == reserved


def test_every_command_is_told() -> None:
    named = {row[0].strip("`").split()[2] for row in rows("commands")}
    there = {
        command.name or command.callback.__name__
        for command in agreements_app.registered_commands
        if command.callback
    }
    assert named == there


def test_every_measure_is_told_with_what_it_counts() -> None:
    assert {name.strip("`"): says for name, says in rows("measures")} == {
        name: measure.counts_en for name, measure in MEASURES.items()
    }


def test_smallest_agreement_may_be_used_as_it_stands() -> None:
    (text,) = re.findall(r"<!-- smallest[^\n]*\n```yaml\n(.*?)```", TEXT, re.DOTALL)
    draft = load(text)
    assert draft.findings == ()
    assert [finding for finding in check(draft) if finding.severity == "error"] == []


def test_every_file_named_is_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert linked
    assert all((ROOT / "docs" / file).resolve().exists() for file in linked)
    assert all(f"`{path.name}`" in TEXT or path.name in TEXT or path.parent.name in TEXT for path in EXAMPLES)
