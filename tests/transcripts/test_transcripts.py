"""The stories of the field, played under the large example: every fact that follows, and what must never be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transcripts.playing import Broken, Play, told

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))


def test_there_are_stories() -> None:
    assert len(STORIES) >= 12


@pytest.mark.parametrize("file", STORIES, ids=[file.stem for file in STORIES])
def test_story_is_told_as_it_is_written(file: Path, is_rewriting: bool) -> None:
    now = told(file)
    if is_rewriting:
        file.write_text(now, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == now, "if that is right: pytest tests/transcripts --rewrite"


REPORTED = "> 2026-11-30 11:20 ReportSignal a urgency=urgent types=nursing reporter=neighbour\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("never SignalReported urgency=urgent", "never should"),
        ("never SignalRouted", "never should"),
        ("never SignalReported types=nursing", "never should"),
        ("never SignalForgotten", "no fact is called"),
        ("never SignalReported urgencie=acute", "has no field"),
        ("never SignalReported reporter.kinds=neighbour", "has no field"),
        ("somebody phones", "nobody can read"),
    ],
)
def test_a_promise_that_is_broken_is_found(line: str, why: str) -> None:
    with pytest.raises(Broken, match=why):
        list(Play().lines(REPORTED + line))


@pytest.mark.parametrize(
    "line",
    ["never SignalReported urgency=acute", "never SignalClosed", "never SignalReported reporter.kind=client"],
)
def test_a_promise_that_is_kept_is_quiet(line: str) -> None:
    assert line in list(Play().lines(REPORTED + line))


def test_an_agreement_that_does_not_say_so_cannot_say_it_otherwise() -> None:
    with pytest.raises(Broken, match="does not say"):
        list(Play().lines(f"with nobody wrote this => nor this\n{REPORTED}"))


def test_second_ladder_is_held_to_its_promises_too() -> None:
    story = next(file for file in STORIES if file.stem == "e-three-times-too-late").read_text(
        encoding="utf-8"
    )
    with pytest.raises(Broken, match="never should"):
        list(Play().lines(story + "never RungReached to=linde/linde-manager\n"))
