"""A clock that stands still: for a reason, until a moment, and never at a level that runs day and night."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.agreements.book import usable
from services.agreements.moments import moment
from services.deadlines.counting import deadline_of
from services.deadlines.obligation import next_moment, wake_of
from tests.casework.world import ms
from tests.deadlines.bench import AGREEMENT, DUTY, TEAM, TEXT, Bench


def until(at: str) -> datetime:
    return moment(ms(at))


def a_bench(urgency: str = "urgent") -> Bench:
    """Asked on Monday at nine; urgent is due at eleven, and the deputy is asked at ten."""
    bench = Bench("2026-11-23T09:00")
    bench.ask(urgency=urgency)
    bench.told.clear()
    return bench


def paused(at: str = "2026-11-23T09:30", till: str = "2026-11-23T12:30", **more: Any) -> Bench:
    bench = a_bench()
    said: dict[str, Any] = {"reason": "reporter_away", "until": until(till), "urgency": "urgent", **more}
    assert bench.hear("ThingAwaited", at, **said) == ["paused reporter_away till Mon 12:30, due Mon 14:00"]
    return bench


def test_a_pause_moves_the_deadline_by_its_own_length_and_ends_by_itself() -> None:
    bench = paused()
    assert wake_of(bench.open) == (ms("2026-11-23T12:30"), 2)
    assert bench.until("2026-11-23T14:00") == [
        "runs on pause_over, due Mon 14:00",
        "warned 50",  # half an hour was used before it
        "level 1 linde-duty no_answer []",
        "warned 75",
        "warned 90",
        "breached +0",
        "opened",
    ]


def test_while_it_stands_still_nobody_is_warned_late_or_asked() -> None:
    assert paused().until("2026-11-23T12:29:59") == []


def test_a_fact_lets_it_run_on_before_that() -> None:
    bench = paused()
    assert bench.hear("ThingArrived", "2026-11-23T10:30", urgency="urgent") == [
        "runs on ended_by_fact, due Mon 12:00"
    ]
    assert bench.hear("ThingArrived", urgency="urgent") == []
    assert next_moment(bench.open[0]) == ms("2026-11-23T11:00")
    assert bench.until("2026-11-23T12:00")[-2:] == ["breached +0", "opened"]


def test_told_once_more_the_last_word_counts() -> None:
    bench = paused()
    said: dict[str, Any] = {"reason": "reporter_away", "urgency": "urgent"}
    again = bench.hear("ThingAwaited", "2026-11-23T10:00", until=until("2026-11-23T10:30"), **said)
    assert again == ["paused reporter_away till Mon 10:30, due Mon 12:00"]
    assert bench.hear("ThingAwaited", until=until("2026-11-23T10:30"), **said) == []
    assert bench.until("2026-11-23T10:30") == ["runs on pause_over, due Mon 12:00"]


def test_pauses_add_up_from_the_same_start() -> None:
    bench = paused()
    bench.until("2026-11-23T13:00")
    told = bench.hear(
        "ThingAwaited", reason="strike", until=until("2026-11-23T15:00"), urgency="urgent", recorded=None
    )
    assert told == ["paused strike till Mon 15:00, due Mon 16:00"]
    one = bench.open[0]
    assert one["started_ms"] == ms("2026-11-23T09:00")
    assert deadline_of(one, AGREEMENT).due_ms == one["due_ms"] == ms("2026-11-23T16:00")


@pytest.mark.parametrize(
    "said",
    [
        {"until": until("2026-11-23T12:30")},
        {"reason": "reporter_away"},
        {"reason": "reporter_away", "until": "2026-11-23T12:30:00Z"},
        {"reason": "reporter_away", "until": datetime(2026, 11, 23, 12, 30)},
        {"reason": "reporter_away", "until": until("2026-11-23T09:30")},
        {"reason": "", "until": until("2026-11-23T12:30")},
    ],
    ids=["no reason", "no end", "a text", "no zone", "no length", "an empty reason"],
)
def test_without_a_reason_and_an_end_nothing_stands_still(said: dict[str, Any]) -> None:
    bench = a_bench()
    before = [*bench.open]
    assert bench.hear("ThingAwaited", "2026-11-23T09:30", urgency="urgent", **said) == []
    assert bench.open == before


def test_what_runs_day_and_night_is_never_paused() -> None:
    bench = a_bench("acute")
    before = [*bench.open]
    said: dict[str, Any] = {"reason": "reporter_away", "until": until("2026-11-23T12:30")}
    assert bench.hear("ThingAwaited", "2026-11-23T09:30", **said) == []
    assert bench.open == before


def test_what_is_late_is_paused_no_more() -> None:
    bench = a_bench()
    bench.until("2026-11-23T11:00")
    before = [*bench.open]
    said: dict[str, Any] = {
        "reason": "reporter_away",
        "until": until("2026-11-23T12:30"),
        "urgency": "urgent",
    }
    assert bench.hear("ThingAwaited", **said) == []
    assert bench.open == before


def test_the_answer_counts_while_the_clock_stands_still() -> None:
    bench = paused()
    assert bench.hear("ThingAnswered", "2026-11-23T12:00", urgency="urgent") == ["on time"]
    assert wake_of(bench.open) is None


def test_a_refusal_in_a_pause_asks_the_next_who_has_the_whole_wait_after_it() -> None:
    bench = paused()
    told = bench.hear("ThingRefused", "2026-11-23T10:00", by=TEAM, urgency="urgent")
    assert told == ["level 1 linde-duty declined []"]
    assert bench.open[0]["next_ms"] == ms("2026-11-23T14:30")


def test_after_an_outage_the_pause_ends_before_the_deadline_is_missed() -> None:
    assert paused().after_outage("2026-11-23T15:00")[:2] == [
        "runs on pause_over, due Mon 14:00",
        "breached +3600",
    ]


def test_a_deadline_missed_before_a_command_tells_its_pause_first() -> None:
    bench = paused()
    bench.now_ms = ms("2026-11-23T14:00")
    assert bench.breached_until("2026-11-23T14:00")[:2] == [
        "runs on pause_over, due Mon 14:00",
        "breached +0",
    ]
    bench = paused()
    assert bench.breached_until("2026-11-23T12:29:59") == []


def test_a_pause_counts_working_time_as_the_deadline_does() -> None:
    bench = Bench("2026-11-27T16:30")  # a Friday; due on Monday at half past four
    bench.ask(urgency="routine")
    said: dict[str, Any] = {
        "reason": "reporter_away",
        "until": until("2026-11-30T09:30"),
        "urgency": "routine",
    }
    told = bench.hear("ThingAwaited", "2026-11-27T17:00", **said)
    assert told == ["paused reporter_away till Mon 09:30, due Tue 09:00"]


def test_a_row_of_before_pauses_can_be_paused() -> None:
    bench = a_bench()
    for name in ("asked_ms", "ladder"):
        del bench.open[0][name]  # type: ignore[misc]
    said: dict[str, Any] = {
        "reason": "reporter_away",
        "until": until("2026-11-23T12:30"),
        "urgency": "urgent",
    }
    told = bench.hear("ThingAwaited", "2026-11-23T09:30", **said)
    assert told == ["paused reporter_away till Mon 12:30, due Mon 14:00"]
    # Since when it was asked nobody knows any more: the whole wait from the pause on.
    assert bench.until("2026-11-23T13:30")[-1] == "level 1 linde-duty no_answer []"
    assert bench.open[0]["asked"][-1] == DUTY


def test_a_holiday_of_a_version_that_begins_meanwhile_does_not_count() -> None:
    bench = Bench("2026-11-27T16:30")
    bench.ask(urgency="routine")
    holiday = "    holidays:\n      - {date: 2026-11-30, name: Dag van de buurt, source: agreed 2026-11-01}\n"
    text = TEXT.replace("version: 1\n", "version: 2\n").replace("    holidays:\n", holiday)
    bench.agreement = usable(text)
    assert bench.agreement.version == 2
    said: dict[str, Any] = {
        "reason": "reporter_away",
        "until": until("2026-11-30T09:30"),
        "urgency": "routine",
    }
    told = bench.hear("ThingAwaited", "2026-11-27T17:00", **said)
    assert told == ["paused reporter_away till Mon 09:30, due Tue 09:00"]
    bench = Bench("2026-11-27T16:30", usable(text))
    bench.ask(urgency="routine")
    told = bench.hear("ThingAwaited", "2026-11-27T17:00", **said)
    assert told == ["paused reporter_away till Mon 09:30, due Tue 16:30"]
