"""What the bell tells is heard by the core: a failure for good moves the ladder on, and nobody is late by it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from schemas.notices import NoticeAttempted, NoticeFailed
from services.agreements import directory_changes as changes
from services.casework.job import casework_job
from services.runtime.job import Record
from services.runtime.lane import Evidence
from tests.casework.world import CASE, WATERKANT, World, ms
from tests.runtime.given import a_lane, a_record, apply
from topics.catalogue import NOTICES_EVENTS, SIGNALS_COMMANDS

TEAM, DUTY = "linde/linde-team", "linde/linde-duty"
MONDAY = "2026-11-23T09:00"
AWAITED = "      - {event: NoticeFailed, where: {is_permanent: true}}\n"
assert AWAITED in WATERKANT


def failed(to: str = TEAM, is_permanent: bool = True) -> dict[str, Any]:
    return {
        "notice_id": "n-12345678",
        "of": "SignalRouted",
        "entity": "sig-aaaaaaaaaaaa",
        "to": to,
        "attempt": 1,
        "reason": "no_address",
        "is_permanent": is_permanent,
    }


def a_world(text: str = WATERKANT) -> World:
    world = World(text, at=MONDAY)
    world.report(types=["nursing"])
    return world


def test_failure_for_good_moves_the_ladder_on_at_once() -> None:
    world = a_world()
    world.word(NoticeFailed, **failed())
    world.run_until("2026-11-23T09:01")
    (moved,) = world.named("ObligationEscalated")
    assert (moved.data["to"], moved.at_ms, moved.data["cause"]) == (DUTY, ms(MONDAY), "unreachable")
    assert moved.envelope.causationid == "notices-0-1"


def test_ladder_moves_on_when_the_successor_of_whom_it_asked_is_not_reached_or_declines() -> None:
    """The bell writes to whoever came in the place of a function (S002-15)."""
    successor = "welzijn/welzijn-desk"
    for say in ("failed", "declined"):
        world = World(WATERKANT, at=MONDAY)
        world.report(types=["nursing"])
        world.describe(changes.succeeded(changes.nothing_told(TEAM), successor, None, ms(MONDAY)))
        if say == "failed":
            world.word(NoticeFailed, **failed(to=successor))
        else:
            world.decline(successor, "no_capacity")
        world.run_until("2026-11-23T09:01")
        assert [fact.data["to"] for fact in world.named("ObligationEscalated")] == [DUTY]


def test_word_is_heard_by_a_timer_and_not_when_it_is_read() -> None:
    world = a_world()
    assert world.word(NoticeFailed, **failed()) == []
    assert world.case()["words"]
    world.run_until("2026-11-23T09:01")
    assert "words" not in world.case()


@pytest.mark.parametrize(
    "what",
    [failed(is_permanent=False), failed(to="schakel/coordination-point")],
    ids=["not yet", "not asked now"],
)
def test_other_failure_moves_nothing(what: dict[str, Any]) -> None:
    world = a_world()
    world.word(NoticeFailed, **what)
    world.run_until("2026-11-23T09:01")
    assert world.named("ObligationEscalated") == []


def test_word_that_no_agreement_waits_for_is_passed_over() -> None:
    world = a_world()
    world.word(NoticeAttempted, notice_id="n-12345678", to=TEAM, channel="webhook", attempt=1)
    silent = a_world(WATERKANT.replace(AWAITED, ""))
    silent.word(NoticeFailed, **failed())
    assert world.passed_over == silent.passed_over == {"not_awaited": 1}


def test_word_about_what_the_core_does_not_know_is_passed_over() -> None:
    world = a_world()
    world.word(NoticeFailed, signal="sig-bbbbbbbbbbbb", **failed())
    assert world.passed_over == {"unknown_entity": 1}


def test_answer_that_is_read_after_a_word_and_before_its_timer_counts() -> None:
    world = a_world()
    world.word(NoticeFailed, **failed())
    world.acknowledge(TEAM)
    world.run_until("2026-11-23T09:01")
    assert world.named("ObligationEscalated") == []


def test_word_moves_no_time_so_nobody_is_late_by_it() -> None:
    world = a_world()
    world.sleep_until("2026-11-23T10:00")  # down for an hour, with the answer in the other topic
    world.word(NoticeFailed, recorded="2026-11-23T09:30", **failed())
    world.acknowledge(TEAM, recorded="2026-11-23T09:10")
    (discharged,) = world.named("ObligationDischarged")
    assert discharged.data["on_time"]
    assert world.named("ObligationBreached") == []


def test_command_tells_only_what_was_due_before_it_was_taken_in() -> None:
    world = a_world()
    world.sleep_until("2026-11-23T10:00")
    world.report(
        types=["nursing"], signal="sig-bbbbbbbbbbbb", case="case-bbbbbbbbbbbb"
    )  # the lane's time is ten
    world.report(types=["nursing"], signal="sig-cccccccccccc", recorded="2026-11-23T09:05")
    world.acknowledge(TEAM, recorded="2026-11-23T09:10")
    assert world.named("ObligationBreached") == []


def test_lane_hears_a_word_only_when_all_commands_before_it_are_read() -> None:
    """By the runtime itself: a timer waits until every input was decided up to an end asked for later."""
    job = casework_job()
    assert job.stamp_ms is not None
    core = a_world()
    for broadcast in job.broadcasts[:1]:
        _publish(broadcast, WATERKANT)
    start_ms = ms(MONDAY)
    lane = a_lane(*job.inputs)
    lane.now_ms = start_ms
    lane.rows[CASE.encode()] = b"- 5\n" + core.rows[CASE.encode()]
    word = _word_record(start_ms + 60_000)
    batch = apply(
        lane,
        job.decide,
        segments=[(NOTICES_EVENTS.name, [a_record(0, CASE.encode(), word.value, word.headers)])],
        clock_ms=start_ms + 120_000,
        job=job,
    )
    assert batch.unit.facts == {}
    assert lane.now_ms == start_ms, "a word moves no time"
    assert lane.timers.earliest_ms() == start_ms + 120_000
    assert not lane.may_fire(), "no evidence, no hearing"
    ends = {topic: 0 for topic in job.inputs} | {SIGNALS_COMMANDS.name: 1}
    lane.weigh(Evidence(start_ms + 121_000, ends))
    assert not lane.may_fire(), "a command is still unread"


def _publish(broadcast: Any, text: str) -> None:
    from services.agreements.book import publication, record_key, usable  # noqa: PLC0415

    found = usable(text)
    said = publication(found, text).model_dump_json().encode()
    assert broadcast.take(record_key(found), said, []) is None


def _word_record(at_ms: int) -> Record:
    seen: list[Record] = []

    class Listening(World):
        def take(self, record: Record) -> list[Any]:
            seen.append(record)
            return []

    world = Listening(WATERKANT, at=MONDAY)
    world.clock_ms = at_ms
    world.word(NoticeFailed, **failed())
    assert orjson.loads(seen[0].value or b"")["is_permanent"]
    return seen[0]
