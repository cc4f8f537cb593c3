"""The last line says no when anything is not as promised, and docs/PROOF.md explains every word of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.__main__ import PROMPT_S, is_as_promised, summary
from tests.chaos.fleet import ROOT
from tests.chaos.plan import FAULTS
from tests.chaos.recording import KINDS, Kind
from tests.chaos.run import Options

OPTIONS = Options(
    job="counting",
    worker="",
    workers=2,
    seconds=60.0,
    faults=FAULTS,
    rate=100.0,
    seed=1,
    block=30.0,
    partitions=4,
    session_timeout_s=10.0,
    grace_s=60.0,
    broker="",
)
TEXT = (ROOT / "docs" / "PROOF.md").read_text(encoding="utf-8")


def a_block(**fields: float) -> dict[str, Any]:
    zeros: dict[str, Any] = dict.fromkeys(KINDS, 0)
    return {**zeros, "seconds": 30.0, "input": 3000, "max_late_s": 1.0, "median_late_s": 0.1, **fields}


def first_column(after: str) -> list[str]:
    table = TEXT.partition(after)[2].partition("\n\n")[0].partition("|---|")[2]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def test_all_blocks_as_promised_make_a_run_as_promised() -> None:
    line = summary(OPTIONS, [a_block(kills=3), a_block(kills=4, max_late_s=2.5)])
    assert line["ok"]
    assert (line["input"], line["kills"], line["max_late_s"]) == (6000, 7, 2.5)


@pytest.mark.parametrize("kind", KINDS)
def test_one_finding_of_any_kind_breaks_the_run(kind: Kind) -> None:
    line = summary(OPTIONS, [a_block(), a_block(**{kind: 1})])
    assert not line["ok"]
    assert line[kind] == 1


def test_a_run_that_said_nothing_or_not_all_proves_nothing() -> None:
    assert not summary(OPTIONS, [])["ok"]
    assert not summary(OPTIONS, [a_block()])["ok"]
    assert not summary(OPTIONS, [a_block(), a_block(input=0)])["ok"]


def test_lateness_breaks_a_run_only_when_nothing_disturbed_it() -> None:
    late = a_block(max_late_s=PROMPT_S + 0.1)
    assert is_as_promised(OPTIONS, late)
    assert not is_as_promised(replace(OPTIONS, faults=()), late)


def test_the_page_lists_what_must_be_zero_and_every_fault() -> None:
    assert first_column("These must be zero:\n\n") == list(KINDS)
    assert first_column("## The faults\n\n") == list(FAULTS)
