"""Answers read before their time, duties of one group, and a thing given to somebody else: each by the agreement."""

from __future__ import annotations

import re
from typing import Any

import pytest

from schemas.deadlines import ObligationDischarged
from services.agreements.book import usable
from services.deadlines.early import KEPT_MAX
from tests.casework.world import ms
from tests.deadlines.bench import DUTY, TEAM, TEXT, Bench

POST = "huisartsen/gp-post"
RECEIPT: dict[str, Any] = {"outcome": "spoken", "from_elsewhere": True}


# -- two at once ----------------------------------------------------------------------------------


def test_two_of_the_same_kind_about_one_thing_are_answered_together_each_by_its_own_clock() -> None:
    bench = Bench("2026-11-23T09:00")
    bench.ask()
    bench.ask("2026-11-23T09:30")
    assert [one["due_ms"] for one in bench.open] == [ms("2026-11-23T10:00"), ms("2026-11-23T10:30")]
    bench.until("2026-11-23T10:10")
    bench.hear("ThingExplained")
    assert bench.hear("ThingAnswered") == ["late", "on time"]


def test_an_answer_on_its_way_withdraws_only_the_breach_it_was_in_time_for() -> None:
    bench = Bench("2026-11-23T09:00")
    bench.ask()
    bench.ask(entity="thing-0002")
    bench.until("2026-11-23T10:00:05")
    bench.hear("ThingExplained")
    recorded = "2026-11-23T09:59:59"
    assert bench.hear("ThingAnswered", recorded=recorded) == ["on time, withdrawn"]
    assert [one["breached_ms"] for one in bench.open if one["name"] == "answer_thing"] == [
        bench.now_ms - 5000
    ]


# -- read before its time -------------------------------------------------------------------------


def test_a_receipt_read_before_what_it_answers_answers_it() -> None:
    bench = Bench("2026-11-23T09:00:02")
    assert bench.hear("NoteLeft", recorded="2026-11-23T09:00:01", by=DUTY, **RECEIPT) == []
    told = bench.hear("ThingAsked", recorded="2026-11-23T09:00:00", kind="big", about="thing", whom=TEAM)
    assert told == ["opened", "on time"]
    assert bench.open == []
    ended = bench.told[-1]
    assert isinstance(ended, ObligationDischarged)
    assert (ended.by, ended.took_s) == (DUTY, 1)


@pytest.mark.parametrize(
    ("said", "recorded"),
    [
        ({**RECEIPT, "outcome": "not_reached"}, "2026-11-23T09:00:01"),
        ({**RECEIPT, "from_elsewhere": False}, "2026-11-23T09:00:01"),
        ({**RECEIPT, "entity": "thing-0002"}, "2026-11-23T09:00:01"),
        (RECEIPT, "2026-11-23T08:59:59"),
        (RECEIPT, "2026-11-23T09:00:00"),
    ],
    ids=["no answer", "of our own", "of another", "taken in before", "taken in at the same moment"],
)
def test_only_what_was_taken_in_afterwards_answers(said: dict[str, Any], recorded: str) -> None:
    bench = Bench("2026-11-23T09:00:02")
    bench.hear("NoteLeft", recorded=recorded, **said)
    told = bench.hear("ThingAsked", recorded="2026-11-23T09:00:00", kind="big", about="thing", whom=TEAM)
    assert told == ["opened"]


def test_receipts_are_kept_for_an_hour_and_so_many() -> None:
    bench = Bench("2026-11-23T09:00")
    for _ in range(KEPT_MAX + 5):
        bench.hear("NoteLeft", **RECEIPT)
    assert len(bench.early) == KEPT_MAX
    bench.hear("NoteLeft", "2026-11-23T10:00:01", **RECEIPT)
    assert len(bench.early) == 1


# -- a group --------------------------------------------------------------------------------------

BOTH = """
  - name: write_thing
    opened_by: ThingFound
    discharged_by: [ThingWritten]
    owed_by: linde-team
    within: {acute: PT1H, urgent: PT1H, routine: PT1H}
    ladder: desk
    group: thing_told
  - name: call_thing
    opened_by: ThingFound
    discharged_by: [ThingSpoken, ThingWrittenAndSpoken]
    owed_by: linde-team
    within: {acute: PT1H, urgent: PT1H, routine: PT1H}
    ladder: desk
    group: thing_told
"""
GROUP = usable(
    TEXT.replace("\n# Who is asked next", BOTH + "\n# Who is asked next").replace(
        "[ThingWritten]", "[ThingWritten, ThingWrittenAndSpoken]"
    )
)


@pytest.mark.parametrize(
    ("facts", "met"),
    [
        (["ThingWritten", "ThingSpoken"], [False, True]),
        (["ThingSpoken", "ThingWritten"], [False, True]),
        (["ThingWrittenAndSpoken"], [False, True]),
        (["ThingSpoken"], [False]),
    ],
)
def test_duties_of_one_group_are_met_with_the_last_of_them(facts: list[str], met: list[bool]) -> None:
    bench = Bench(agreement=GROUP)
    bench.hear("ThingFound")
    bench.hear("ThingFound", entity="thing-0002")  # another thing's group is its own
    for fact in facts:
        bench.hear(fact)
    ended = [fact for fact in bench.told if isinstance(fact, ObligationDischarged)]
    assert [(fact.group, fact.group_is_met) for fact in ended] == [("thing_told", is_met) for is_met in met]


def test_what_has_no_group_meets_none() -> None:
    bench = Bench()
    bench.ask()
    bench.hear("ThingAnswered")
    ended = bench.told[-1]
    assert isinstance(ended, ObligationDischarged)
    assert (ended.group, ended.group_is_met) == (None, False)


# -- given to somebody else -----------------------------------------------------------------------


def test_whoever_it_is_given_to_is_asked_with_the_whole_wait_and_the_same_deadline() -> None:
    bench = Bench("2026-11-23T09:00")
    bench.ask()
    told = bench.hear("ThingGiven", "2026-11-23T09:10", by=TEAM, to=POST)
    assert told == ["level 0 gp-post reassigned []"]
    one = bench.open[0]
    assert (one["id"], one["due_ms"]) == ("test-0-0", ms("2026-11-23T10:00"))
    assert (one["asked"], one["next_ms"]) == ([TEAM, POST], ms("2026-11-23T09:25"))
    assert bench.hear("ThingGiven", by=TEAM, to=POST) == []
    assert bench.hear("ThingGiven", by=TEAM, to=None) == []


def test_what_is_given_is_refused_by_whom_it_was_given_to_and_by_no_other() -> None:
    bench = Bench("2026-11-23T09:00")
    bench.ask()
    bench.hear("ThingGiven", "2026-11-23T09:10", by=TEAM, to=POST)
    assert bench.hear("ThingRefused", by=TEAM) == []
    assert bench.hear("ThingRefused", by=POST) == ["level 1 linde-duty declined []"]


def test_whoever_is_left_to_it_is_still_left_to_it_after_it_was_given_away() -> None:
    text = re.sub(
        r"(    warn_at: \[50, 75, 90\]\n    ladder: standard\n)", r"\1    ladder_begins: when_due\n", TEXT
    )
    bench = Bench("2026-11-23T09:00", usable(text))
    bench.ask()
    bench.hear("ThingGiven", "2026-11-23T09:10", by=TEAM, to=POST)
    told = bench.until("2026-11-23T10:00")
    assert told == [
        "warned 50",
        "warned 75",
        "warned 90",
        "breached +0",
        "level 1 linde-duty no_answer []",
        "opened",
    ]
