"""The example day: it is what it says it is, and it gives the story it was written for."""

from __future__ import annotations

from collections import Counter

import pytest

from schemas.base import unknown_words
from schemas.registry import TYPES
from schemas.structured import decode_structured
from tests.casework.make_day import case_of, lines, signal_of
from tests.casework.world import EXAMPLES, WATERKANT, World, ms

DAY = (EXAMPLES / "day.jsonl").read_bytes().splitlines()


@pytest.fixture(scope="module")
def day() -> World:
    """The day, and the night after it, gone through the core."""
    world = World(WATERKANT, at="2026-11-23T06:59")
    for line in DAY:
        world.feed(line)
    world.run_until("2026-11-24T08:00")
    return world


def told_of(day: World, name: str) -> list[str]:
    return day.story([fact for fact in day.facts if fact.envelope.subject == signal_of(name)])


def test_the_file_is_what_its_maker_writes() -> None:
    assert lines() == DAY


def test_every_line_is_a_command_as_the_gateway_writes_them() -> None:
    recorded = []
    for line in DAY:
        envelope, data = decode_structured(line)
        command = TYPES[envelope.type].model_validate_json(data)
        assert command.kind == "command" and not unknown_words(command)
        assert envelope.partnership == "de-vlier" and envelope.traceparent and envelope.correlationid
        recorded.append(ms(envelope.recordedtime))
    assert recorded == sorted(recorded)
    assert (recorded[0], recorded[-2]) == (ms("2026-11-23T07:05"), ms("2026-11-23T21:40"))
    assert 40 <= len(DAY) <= 60


def test_the_day_counts_what_happened(day: World) -> None:
    assert Counter(day.names()) == {
        "SignalReported": 28,
        "SignalRouted": 30,
        "SignalAcknowledged": 24,
        "ResponsibilityTaken": 16,
        "SignalDeclined": 5,
        "CommandRefused": 2,
        "ObligationOpened": 32,
        "ObligationWarned": 15,
        "ObligationBreached": 4,
        "ObligationEscalated": 23,
        "ObligationDischarged": 28,
    }
    assert day.passed_over == {"repeated_command": 1}
    assert not day.dead


def test_every_signal_of_the_day_was_asked_of_somebody(day: World) -> None:
    reported = [fact.envelope.subject for fact in day.named("SignalReported")]
    assert {fact.envelope.subject for fact in day.named("SignalRouted")} == set(reported)
    assert Counter(fact.data["reason"] for fact in day.named("SignalRouted")) == {
        "rule_matched": 29,
        "no_rule_matched": 1,
    }


def test_three_were_late_and_one_was_never_answered(day: World) -> None:
    late = [fact for fact in day.named("ObligationDischarged") if not fact.data["on_time"]]
    assert [fact.envelope.subject for fact in late] == [signal_of(name) for name in ("a6", "c2", "d1")]
    assert [fact.envelope.subject for fact in day.named("ObligationBreached")] == [
        signal_of(name) for name in ("a6", "b9", "c2", "d1")
    ]


def test_the_acute_fall_in_the_evening_reaches_the_region(day: World) -> None:
    assert told_of(day, "d1") == [
        "Mon 21:40 reported acute",
        "Mon 21:40 routed to linde/linde-team (care-at-home, rule_matched)",
        "Mon 21:40 acknowledge_signal opened, due Mon 21:55",
        "Mon 21:40 acknowledge_signal level 1 to linde/linde-duty (unreachable, not contact: outside_hours)",
        "Mon 21:47:30 acknowledge_signal warned at 50%",
        "Mon 21:51:15 acknowledge_signal warned at 75%",
        "Mon 21:53:30 acknowledge_signal warned at 90%",
        "Mon 21:55 acknowledge_signal breached, late by 0 s",
        "Mon 21:55 acknowledge_signal level 2 to schakel/coordination-point (no_answer)",
        "Mon 22:10 acknowledge_signal level 3 to waterkant/regional-duty (no_answer)",
        "Mon 22:16 acknowledged by waterkant/regional-duty",
        "Mon 22:16 acknowledge_signal discharged late",
    ]


def test_two_who_decline_leave_it_with_the_coordination_point(day: World) -> None:
    assert told_of(day, "c5")[2:] == [
        "Mon 15:00 acknowledge_signal opened, due Mon 17:00",
        "Mon 15:10 declined by linde/linde-team (conflict_of_interest)",
        "Mon 15:10 acknowledge_signal level 1 to linde/linde-duty (declined)",
        "Mon 15:25 declined by linde/linde-duty (no_capacity)",
        "Mon 15:25 acknowledge_signal level 2 to schakel/coordination-point (declined)",
        "Mon 15:25 settle_no_capacity opened, due Mon 19:25",
        "Mon 15:50 acknowledged by schakel/coordination-point",
        "Mon 15:50 acknowledge_signal discharged on time",
        "Mon 15:50 settle_no_capacity discharged on time",
    ]


def test_the_one_that_nobody_answered_is_still_asked_for(day: World) -> None:
    assert (
        told_of(day, "b9")[-1] == "Tue 07:30 acknowledge_signal level 3 to waterkant/regional-duty (repeated)"
    )
    assert [one["entity"] for one in day.case(case_of("b9"))["obligations"]] == [signal_of("b9")]


def test_two_signals_about_one_person_share_a_case(day: World) -> None:
    assert set(day.case(case_of("a5"))["entities"]) == {signal_of("a5"), signal_of("b5")}


def test_what_is_open_in_the_morning_has_a_wake(day: World) -> None:
    open_cases = {key for key, row in day.rows.items() if b'"obligations":[]' not in row}
    assert set(day.wakes) == open_cases
    assert len(open_cases) == 4
