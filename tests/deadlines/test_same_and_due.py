"""Due at a moment that the fact names, ended by what is about the same thing: the watchman knows neither."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.agreements.book import usable
from services.agreements.check import check
from services.agreements.load import load
from tests.casework.world import WATERKANT, wall
from tests.deadlines.bench import TEAM, TEXT, Bench

DUTY = """
  - name: bring_thing
    opened_by: ThingPromised
    discharged_by: [{event: ThingBrought, same: [thing_id, colour]}]
    paused_by: [ThingAwaited]
    owed_by: event.whom
    due: event.by_when
    within: {acute: PT1H, urgent: PT2H, routine: PT3H}
    warn_at: [50]
    ladder: standard
    ladder_begins: when_due
"""
AGREEMENT = usable(TEXT.replace("obligations:\n", f"obligations:{DUTY}", 1))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+01:00")


def promised(by_when: str | None = "2026-11-23T12:00:00", **data: Any) -> Bench:
    bench = Bench(agreement=AGREEMENT)
    said: dict[str, Any] = {"whom": TEAM, "thing_id": "thing-1", "colour": "red", **data}
    bench.hear("ThingPromised", by_when=None if by_when is None else at(by_when), **said)
    return bench


def due(bench: Bench) -> str:
    return wall(bench.open[0]["due_ms"])


def test_it_is_due_at_the_moment_that_was_named_and_warned_of_on_the_way() -> None:
    bench = promised()
    assert due(bench) == "Mon 12:00"
    assert bench.until("2026-11-23T12:00") == ["warned 50", "breached +0", "level 1 linde-duty no_answer []"]


def test_a_part_of_a_second_is_waited_for() -> None:
    assert due(promised("2026-11-23T12:00:00.200")) == "Mon 12:00:01"


def test_where_no_moment_was_named_the_agreed_time_holds() -> None:
    assert due(promised(None)) == "Mon 10:00"


def test_a_moment_that_had_passed_is_due_as_it_begins() -> None:
    bench = promised("2026-11-20T12:00:00")
    assert due(bench) == "Mon 09:00"
    assert bench.until("2026-11-23T09:00")[0] == "breached +0"


def test_a_named_moment_stays_however_urgent_it_becomes_and_a_pause_moves_it() -> None:
    bench = promised(urgency="routine")
    bench.hear("SomethingSaid", "2026-11-23T09:10", urgency="urgent")
    assert due(bench) == "Mon 12:00"
    bench.hear(
        "ThingAwaited", "2026-11-23T09:20", urgency="urgent", reason="rain", until=at("2026-11-23T10:20:00")
    )
    assert due(bench) == "Mon 13:00"


def test_of_two_things_the_end_of_one_is_that_ones() -> None:
    bench = promised()
    bench.hear(
        "ThingPromised", whom=TEAM, thing_id="thing-2", colour="red", by_when=at("2026-11-23T13:00:00")
    )
    assert bench.hear("ThingBrought", thing_id="thing-3", colour="red") == []
    assert bench.hear("ThingBrought", thing_id="thing-2", colour="blue") == []
    assert bench.hear("ThingBrought", thing_id="thing-2", colour="red") == ["on time"]
    assert due(bench) == "Mon 12:00", "the other is still owed"


def test_its_answer_cannot_be_heard_before_it() -> None:
    bench = Bench(agreement=AGREEMENT)
    bench.hear("ThingBrought", thing_id="thing-1", colour="red", from_elsewhere=True)
    assert bench.early == []


def test_what_is_said_of_the_case_ends_what_is_owed_about_anything_of_it() -> None:
    bench = Bench(agreement=AGREEMENT)
    bench.ask(entity="thing-0001")
    bench.ask(entity="thing-0002")
    assert bench.hear("ThingAnswered", entity="case-0001") == []
    assert bench.hear("ThingAnswered", entity="case-0001", of_case=True) == ["on time", "on time"]


def test_only_what_speaks_of_expertise_is_tightened_by_a_fact_that_does() -> None:
    bench = Bench(agreement=AGREEMENT)
    bench.ask(expertise=(), urgency="urgent")
    bench.hear("ThingPromised", whom=TEAM, urgency="urgent", entity="thing-0001")
    bench.hear("SomethingSaid", expertise=("nursing",))
    assert [one.get("expertise") for one in bench.open] == [["nursing"], None]


FINISH = """
  - name: finish_action
    opened_by: ActionRecorded
    discharged_by: [{event: ActionEnded, same: [action_id]}]
    cancelled_by: [SignalWithdrawn]
    owed_by: event.by
    due: event.due_at
    within: {acute: PT1H, urgent: PT2H, routine: PT3H}
    ladder: standard
"""


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("", "", None),
        ("event.due_at", "event.deadline", "unknown_field"),
        ("event.due_at", "event.owner", "wrong_field"),
        ("[action_id]", "[action]", "unknown_field"),
    ],
)
def test_a_field_that_is_not_there_is_found_before_it_is_signed(old: str, new: str, code: str | None) -> None:
    text = WATERKANT.replace(
        "obligations:\n", f"obligations:{FINISH.replace(old, new) if old else FINISH}", 1
    )
    draft = load(text)
    assert draft.agreement is not None
    assert {found.code for found in check(draft) if found.severity == "error"} == ({code} if code else set())
