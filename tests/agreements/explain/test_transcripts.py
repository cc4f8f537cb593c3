"""The small example as people read it: transcripts whose diff is the review.

To write them anew: `python -m tests.agreements.explain.test_transcripts`, then read what changed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from services.agreements.book import usable
from services.agreements.explain.telling import page
from services.agreements.explain.text import WIDTH, as_text
from services.agreements.findings import Language
from services.agreements.load import load
from tests.agreements.explain.stories import STORIES
from tests.agreements.texts import WATERKANT

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[2] / "examples"
LANGUAGES: tuple[Language, ...] = ("nl", "en")
BIG = ("de-vlier.yaml", "de-kolk.yaml")


def transcripts() -> dict[str, str]:
    """Every transcript by the name of its file."""
    agreement = usable(WATERKANT).agreement
    pages = {f"small.{language}.txt": as_text(page(agreement, language)) for language in LANGUAGES}
    return {**pages, **{f"story-{name}.txt": as_text(tell()) for name, tell in STORIES.items()}}


@pytest.mark.parametrize("name", sorted(transcripts()))
def test_the_transcript_is_what_is_told(name: str) -> None:
    assert (HERE / name).read_text(encoding="utf-8") == transcripts()[name]


def test_no_transcript_is_left_that_nobody_tells() -> None:
    assert {file.name for file in HERE.glob("*.txt")} == set(transcripts())


def test_no_line_is_longer_than_a_terminal_is_wide() -> None:
    for name, text in transcripts().items():
        assert [line for line in text.splitlines() if len(line) > WIDTH] == [], name


@pytest.mark.parametrize("name", BIG)
def test_no_code_word_is_left_in_the_dutch_of_the_large_examples(name: str) -> None:
    template = (EXAMPLES / "waterkant" / "region-waterkant.yaml").read_text(encoding="utf-8")
    draft = load((EXAMPLES / "waterkant" / name).read_text(encoding="utf-8"), template)
    assert draft.agreement is not None
    told = page(draft.agreement, "nl")
    text = as_text(told._replace(sections=told.sections[:-1]))  # the last one gives the names in the file
    assert "_" not in text
    english = {"and", "the", "of the", "within", "whoever", "in writing", "required", "signal"}
    assert [word for word in english if f" {word} " in text] == []


if __name__ == "__main__":
    for name, text in transcripts().items():
        (HERE / name).write_text(text, encoding="utf-8")
