"""Another urgency: time used is kept, nothing is due later by itself, and nobody is asked twice."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.deadlines import ObligationMoved
from services.agreements.book import usable
from services.agreements.moments import moment
from services.deadlines.obligation import Obligation, wake_of
from tests.casework.world import ms
from tests.deadlines.bench import DUTY, TEAM, TEXT, Bench


def a_bench(urgency: str = "urgent", at: str = "2026-11-23T09:00") -> Bench:
    """Asked on Monday at nine: acute has an hour, urgent two, routine a working day."""
    bench = Bench(at)
    bench.ask(urgency=urgency)
    bench.told.clear()
    return bench


def moved(bench: Bench) -> ObligationMoved:
    return next(fact for fact in reversed(bench.told) if isinstance(fact, ObligationMoved))


def test_more_urgent_is_due_sooner_from_the_same_start() -> None:
    bench = a_bench()
    assert bench.hear("SomethingSaid", "2026-11-23T09:10", urgency="acute") == [
        "urgent to acute, due Mon 10:00"
    ]
    one = bench.open[0]
    assert (one["urgency"], one["priority"], one["rank"]) == ("acute", "stat", 0)
    assert moved(bench).model_dump(mode="json") == {
        "obligation_id": one["id"],
        "name": "answer_thing",
        "owed_by": TEAM,
        "cause": "urgency_changed",
        "reason": None,
        "urgency_before": "urgent",
        "urgency": "acute",
        "due_before": "2026-11-23T10:00:00Z",
        "due_at": "2026-11-23T09:00:00Z",
        "inputs": {
            "started_at": "2026-11-23T08:00:00Z",
            "urgency": "acute",
            "rule": "answer_thing",
            "counting": "elapsed",
            "amount": 3600.0,
            "calendar": None,
            "pauses": [],
        },
    }
    assert bench.until("2026-11-23T10:00") == [
        "level 1 linde-duty no_answer []",  # a quarter of an hour after he was asked, not after the change
        "warned 50",
        "level 2 coordination-point no_answer []",
        "warned 75",
        "level 3 regional-duty no_answer []",
        "warned 90",
        "breached +0",
        "level 3 regional-duty repeated []",
        "opened",
    ]


def test_said_again_it_changes_nothing() -> None:
    bench = a_bench()
    bench.hear("SomethingSaid", "2026-11-23T09:10", urgency="acute")
    assert bench.hear("SomethingSaid", urgency="acute") == []
    assert bench.hear("SomethingSaid", urgency="acute", entity="thing-0002") == []
    assert bench.hear("SomethingSaid", urgency="") == []
    assert bench.hear("SomethingSaid", urgency="no_such_level") == []


def test_it_concerns_one_thing_only() -> None:
    bench = a_bench()
    bench.ask(urgency="urgent", entity="thing-0002")
    bench.hear("SomethingSaid", "2026-11-23T09:10", urgency="acute")
    assert [one["urgency"] for one in bench.open] == ["acute", "urgent"]


@pytest.mark.parametrize("before", ["acute", "urgent"])
def test_less_urgent_keeps_the_deadline(before: str) -> None:
    bench = a_bench(before)
    due_ms, warnings, next_ms = (bench.open[0][name] for name in ("due_ms", "warnings", "next_ms"))
    bench.hear("SomethingSaid", "2026-11-23T09:05", urgency="routine", by=TEAM)
    one = bench.open[0]
    assert (one["due_ms"], one["warnings"], one["next_ms"]) == (due_ms, warnings, next_ms)
    assert (one["urgency"], one["rank"]) == ("routine", 5)


def test_somebody_with_a_reason_may_give_it_longer() -> None:
    bench = a_bench("acute")
    said: dict[str, Any] = {"by": TEAM, "reason": "condition_improved", "urgency": "urgent"}
    assert bench.hear("SomethingSaid", "2026-11-23T09:05", **said) == ["acute to urgent, due Mon 11:00"]
    assert moved(bench).reason == "condition_improved"
    assert bench.open[0]["next_ms"] == ms("2026-11-23T10:00")


def test_a_reason_that_nobody_gave_is_none() -> None:
    bench = a_bench("acute")
    bench.hear("SomethingSaid", "2026-11-23T09:05", reason="condition_improved", urgency="urgent")
    assert bench.open[0]["due_ms"] == ms("2026-11-23T10:00")


def test_what_would_have_been_due_before_the_change_is_due_at_it() -> None:
    bench = a_bench("urgent")
    bench.until("2026-11-23T10:30")
    assert bench.hear("SomethingSaid", urgency="acute") == ["urgent to acute, due Mon 10:30"]
    told = bench.until("2026-11-23T10:30")
    assert told[:2] == ["breached +0", "level 2 coordination-point no_answer []"]


def test_whoever_was_asked_is_not_asked_again() -> None:
    bench = a_bench("urgent")
    bench.until("2026-11-23T10:00")
    assert bench.open[0]["asked"] == [TEAM, DUTY]
    bench.hear("SomethingSaid", urgency="acute")
    told = bench.until("2026-11-23T10:46")
    assert [line for line in told if line.startswith("level")] == [
        "level 2 coordination-point no_answer []",
        "level 3 regional-duty no_answer []",
        "level 3 regional-duty repeated []",
    ]


def test_each_warning_is_told_once_for_each_deadline() -> None:
    bench = a_bench("urgent")
    told = bench.until("2026-11-23T10:00")
    assert [line for line in told if line.startswith("warned")] == ["warned 50"]
    said: dict[str, Any] = {"by": TEAM, "reason": "condition_improved", "urgency": "routine"}
    bench.hear("SomethingSaid", **said)
    told = bench.until("2026-11-24T09:00")
    assert [line for line in told if line.startswith("warned")] == ["warned 50", "warned 75", "warned 90"]


def test_a_breach_stays_a_breach() -> None:
    bench = a_bench("acute")
    bench.until("2026-11-23T10:00")
    said: dict[str, Any] = {"by": TEAM, "reason": "condition_improved", "urgency": "routine"}
    told = bench.hear("SomethingSaid", **said)
    assert told[0] == "acute to routine, due Mon 10:00"
    assert bench.hear("ThingExplained", **said)[-1] == "on time"
    assert "breached +0" not in bench.until("2026-11-25T10:00")


def test_pauses_are_kept() -> None:
    bench = a_bench("routine")
    said: dict[str, Any] = {
        "reason": "reporter_away",
        "until": moment(ms("2026-11-23T10:00")),
        "urgency": "routine",
    }
    bench.hear("ThingAwaited", "2026-11-23T09:30", **said)
    bench.until("2026-11-23T10:10")
    assert bench.hear("SomethingSaid", urgency="urgent") == ["routine to urgent, due Mon 11:30"]


def test_so_urgent_that_nothing_may_stop_it_it_runs_on() -> None:
    bench = a_bench("routine")
    said: dict[str, Any] = {
        "reason": "reporter_away",
        "until": moment(ms("2026-11-24T10:00")),
        "urgency": "routine",
    }
    bench.hear("ThingAwaited", "2026-11-23T09:10", **said)
    assert bench.hear("SomethingSaid", "2026-11-23T09:20", urgency="acute") == [
        "runs on never_paused, due Tue 09:10",
        "routine to acute, due Mon 10:00",
    ]
    wake = wake_of(bench.open)
    assert wake is not None and (wake.at_ms, wake.rank) == (ms("2026-11-23T09:20"), 0)


def test_an_answer_is_measured_by_the_urgency_it_had() -> None:
    bench = a_bench("urgent")
    assert bench.hear("ThingAnswered", "2026-11-23T10:30", urgency="acute")[-1] == "on time"


def test_a_version_that_begins_meanwhile_has_no_say_in_it() -> None:
    bench = a_bench("urgent")
    text = TEXT.replace("version: 1\n", "version: 2\n").replace(
        "within: {acute: PT1H", "within: {acute: PT5H"
    )
    bench.agreement = usable(text.replace("deputy, after: {acute: PT15M", "deputy, after: {acute: PT45M"))
    assert bench.agreement.version == 2
    bench.hear("SomethingSaid", "2026-11-23T09:05", urgency="acute")
    assert (bench.open[0]["due_ms"], bench.open[0]["next_ms"]) == (
        ms("2026-11-23T10:00"),
        ms("2026-11-23T09:15"),
    )


def test_a_level_only_the_new_version_has_goes_by_that_version() -> None:
    bench = a_bench("urgent")
    text = TEXT.replace("version: 1\n", "version: 2\n").replace("acute:", "now:").replace("[acute]", "[now]")
    bench.agreement = usable(text)
    assert bench.hear("SomethingSaid", "2026-11-23T09:05", urgency="now") == ["urgent to now, due Mon 10:00"]


@pytest.mark.parametrize("lost", [("ladder",), ("ladder", "asked_ms")])
def test_an_older_row_is_moved_too(lost: tuple[str, ...]) -> None:
    bench = a_bench("urgent")
    older: Any = {name: value for name, value in bench.open[0].items() if name not in lost}
    before: Obligation = older
    bench.open = [before]
    assert bench.hear("SomethingSaid", "2026-11-23T09:05", urgency="acute") == [
        "urgent to acute, due Mon 10:00"
    ]
    assert "breached +0" in bench.until("2026-11-23T10:00")
