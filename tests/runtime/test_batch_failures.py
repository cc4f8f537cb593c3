"""What goes wrong in a batch: dead letters by reference, what is still owed, and a lane that halts (engine 8)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from services.runtime import batch as batches
from services.runtime.batch import Batch
from services.runtime.job import (
    KEEP,
    KEEP_ROW,
    Effect,
    EffectDone,
    Emit,
    Input,
    Record,
    Step,
    TimerDue,
    Turn,
    Unreadable,
    Wake,
)
from services.runtime.lane import EFFECT_PREFIX
from tests.runtime.given import (
    NOW_MS,
    TOPIC,
    a_chunk,
    a_job,
    a_lane,
    a_record,
    apply,
    positions,
    raising,
    write,
)

DEAD = f"{TOPIC}.dead"


def letters(batch: Batch) -> list[Mapping[str, Any]]:
    return [
        orjson.loads(value or b"")
        for (topic, _), facts in batch.unit.facts.items()
        if topic == DEAD
        for _, value, _ in facts
    ]


def breaks_at(*offsets: int) -> Any:
    """Decides the row of every record but these."""

    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        if isinstance(item, Record) and item.offset in offsets:
            raise ZeroDivisionError
        return Step((row or b"") + b"x")

    return decide


def test_unreadable_record_becomes_a_dead_letter_by_reference() -> None:
    lane = a_lane(partition=3)
    content = b"somebody, 84, fell"
    lane.feed(a_chunk(17, 18, [a_record(17, b"case-of-somebody", content)]))
    lane.fed[TOPIC] = 17
    lane.feed(a_chunk(17, 18, [a_record(17, b"case-of-somebody", content)]))
    batch = apply(lane, raising(Unreadable("data_invalid")))
    ((key, value, headers),) = batch.unit.facts[(DEAD, 3)]
    assert orjson.loads(value or b"") == {
        "v": 1,
        "topic": TOPIC,
        "partition": 3,
        "offset": 17,
        "reason": "data_invalid",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "at_ms": NOW_MS,
        "by": "casework",
    }
    assert b"somebody" not in (key or b"") + (value or b"")
    assert list(headers) == [("content-type", b"application/json")]
    assert positions(batch) == {TOPIC: 18}


def test_record_without_a_value_has_the_hash_of_nothing() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1, [a_record(0, None, None)]))
    (letter,) = letters(apply(lane, raising(Unreadable("value_missing"))))
    assert (letter["size"], letter["sha256"]) == (0, hashlib.sha256(b"").hexdigest())


def test_dead_letter_of_a_topic_with_fewer_partitions_finds_a_place() -> None:
    lane = a_lane(partition=7)
    lane.feed(a_chunk(0, 1))
    batch = apply(lane, raising(Unreadable("data_invalid")), partitions={DEAD: 1})
    assert set(batch.unit.facts) == {(DEAD, 0)}


def test_decision_that_raises_costs_its_own_record_only() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 5))
    batch = apply(lane, breaks_at(2))
    assert batch.unit.rows[b"case-1"] == b"- 5\nxxxx"
    assert [(letter["offset"], letter["reason"]) for letter in letters(batch)] == [(2, "decision_failed")]
    assert positions(batch) == {TOPIC: 5}


def test_rescue_says_what_is_still_owed_in_the_same_unit() -> None:
    def rescue(item: Input, row: bytes | None, turn: Turn, reason: str) -> Step:
        assert isinstance(item, Record)
        return Step((row or b"") + b"!", [Emit("signals.events", b"case-1", reason.encode(), [])], Wake(9))

    decide = breaks_at(1)
    lane = a_lane()
    lane.feed(a_chunk(0, 3))
    batch = apply(lane, decide, job=a_job(decide, rescue=rescue))
    assert batch.unit.rows[b"case-1"] == b"- 5\nx!x"
    ((_, value, headers),) = batch.unit.facts[("signals.events", 0)]
    assert (value, list(headers)) == (b"decision_failed", [("ce_id", b"casework-0-0")])
    assert len(letters(batch)) == 1


def test_rescue_that_raises_leaves_the_dead_letter() -> None:
    def rescue(item: Input, row: bytes | None, turn: Turn, reason: str) -> Step:
        raise KeyError(reason)

    decide = breaks_at(1)
    lane = a_lane()
    lane.feed(a_chunk(0, 3))
    batch = apply(lane, decide, job=a_job(decide, rescue=rescue))
    assert len(letters(batch)) == 1
    assert batch.unit.rows[b"case-1"] == b"- 5\nxx"


def test_unreadable_record_needs_no_rescue() -> None:
    def rescue(item: Input, row: bytes | None, turn: Turn, reason: str) -> Step:
        raise AssertionError("nothing is owed to what cannot be read")

    decide = raising(Unreadable("data_invalid"))
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    assert len(letters(apply(lane, decide, job=a_job(decide, rescue=rescue)))) == 1


@pytest.mark.parametrize("key", [b"\x00position", b"\x00effect\x00mail-1", b"\x00"])
def test_record_cannot_speak_for_the_lane_itself(key: bytes) -> None:
    """A sender chooses its keys; none of them may become a position or an effect of ours."""
    lane = a_lane()
    lane.feed(a_chunk(0, 1, [a_record(0, key)]))
    batch = apply(lane, write(b"9\nforged"))
    assert [letter["reason"] for letter in letters(batch)] == ["key_reserved"]
    assert list(batch.unit.rows) == [b"\x00position"]
    assert positions(batch) == {TOPIC: 1}
    assert lane.rows == {}


@pytest.mark.parametrize("step", [Step(b"{}"), Step(KEEP_ROW, effects=[Effect("mail-1", b"")])])
def test_record_without_a_key_cannot_leave_a_row_or_an_effect_unsaid(step: Step) -> None:
    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        return step

    lane = a_lane()
    lane.feed(a_chunk(0, 1, [a_record(0, None)]))
    assert [letter["reason"] for letter in letters(apply(lane, decide))] == ["decision_failed"]


def test_record_without_a_key_can_still_be_answered_by_facts() -> None:
    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        assert row is None
        return Step(KEEP_ROW, [Emit("signals.events", b"case-1", b"refused", [])])

    lane = a_lane()
    lane.feed(a_chunk(0, 1, [a_record(0, None)]))
    batch = apply(lane, decide)
    assert letters(batch) == []
    assert [topic for topic, _ in batch.unit.facts] == ["signals.events"]


@pytest.mark.parametrize(
    "step",
    [
        Step(b"x" * (batches.RECORD_MAX_BYTES + 1)),
        Step(b"{}", [Emit("signals.events", b"case-1", b"x" * (batches.RECORD_MAX_BYTES + 1), [])]),
        Step(b"{}", effects=[Effect("mail-1", b"x" * (batches.RECORD_MAX_BYTES + 1))]),
    ],
    ids=["row", "fact", "effect"],
)
def test_step_that_fits_into_no_batch_of_the_broker_costs_its_own_record_only(step: Step) -> None:
    """It would fail at every commit for ever, and hold up every case of its lane."""

    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        assert isinstance(item, Record)
        return step if item.offset == 1 else Step((row or b"") + b"x")

    lane = a_lane()
    lane.feed(a_chunk(0, 3))
    batch = apply(lane, decide, job=a_job(decide, rescue=lambda item, row, turn, reason: step))
    assert [(letter["offset"], letter["reason"]) for letter in letters(batch)] == [(1, "decision_failed")]
    assert batch.unit.rows[b"case-1"] == b"- 5\nxx"
    assert set(batch.unit.facts) == {(DEAD, 0)}


# -- too many ----------------------------------------------------------------------------------------


def test_lane_halts_after_too_many_failed_decisions_and_decides_nothing_more() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 500))
    batch = apply(lane, raising(ZeroDivisionError()))
    assert lane.halted == "too_many_failed_decisions"
    assert len(letters(batch)) == batches.POISON_MAX + 1
    assert positions(batch) == {TOPIC: batches.POISON_MAX + 1}
    assert lane.buffered == 500 - batches.POISON_MAX - 1


def test_lane_bears_a_few_failed_decisions_among_many_good_ones() -> None:
    lane = a_lane()
    for start in range(0, 10_000, 1000):
        lane.feed(a_chunk(start, start + 1000))
        apply(lane, breaks_at(*range(start, start + batches.POISON_MAX // 2)))
    assert lane.halted == ""


def test_lane_that_was_good_for_long_halts_as_soon_as_it_fails_often() -> None:
    """A thousand good records a day do not buy the right to lose half of tomorrow's."""
    lane = a_lane()
    lane.feed(a_chunk(0, 100_000))
    apply(lane, write())
    lane.feed(a_chunk(100_000, 100_500))
    apply(lane, raising(ZeroDivisionError()))
    assert lane.halted == "too_many_failed_decisions"


# -- timers and effects ------------------------------------------------------------------------------


def test_timer_whose_decision_raises_stays_armed_and_backs_off() -> None:
    lane = a_lane()
    lane.rows[b"case-1"] = b"100 5\n{}"
    batch = apply(lane, raising(ZeroDivisionError()), timers=[(b"case-1", 100)])
    assert list(batch.unit.rows) == [b"\x00position"]
    assert lane.timers.take_due(NOW_MS, lane.rows, 10) == []
    assert lane.timers.take_due(NOW_MS + batches.TIMER_RETRY_MS, lane.rows, 10) == [(b"case-1", 100)]


@pytest.mark.parametrize("step", [KEEP, Step(b"changed", wake=Wake(100))])
def test_timer_whose_decision_leaves_it_due_is_asked_again_and_not_in_a_circle(step: Step) -> None:
    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        return step

    lane = a_lane()
    lane.rows[b"case-1"] = b"100 5\n{}"
    apply(lane, decide, timers=[(b"case-1", 100)])
    assert lane.timers.take_due(NOW_MS, lane.rows, 10) == []
    assert lane.timers.take_due(NOW_MS + batches.TIMER_RETRY_MS, lane.rows, 10) == [(b"case-1", 100)]


def test_timer_is_decided_at_the_moment_its_evidence_reaches_and_not_at_the_clock() -> None:
    """I8: what fell due since the log's end was asked for has no evidence of its own yet."""
    seen: list[tuple[Input, bytes | None, int]] = []

    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        seen.append((item, row, turn.now_ms))
        return Step(row)

    lane = a_lane()
    lane.rows[b"case-1"] = b"100 5\nrow"
    lane.fire_until_ms = NOW_MS - 40
    batch = apply(lane, decide, timers=[(b"case-1", 100)], clock_ms=NOW_MS)
    assert seen == [(TimerDue(b"case-1", 100), b"row", NOW_MS - 40)]
    assert batch.unit.rows[b"case-1"] == b"- 5\nrow"


@pytest.mark.parametrize("row", [None, b"- 5\n{}", b"200 5\n{}"])
def test_timer_whose_row_moved_on_is_not_decided(row: bytes | None) -> None:
    lane = a_lane()
    if row is not None:
        lane.rows[b"case-1"] = row
    batch = apply(lane, raising(AssertionError("stale")), timers=[(b"case-1", 100)])
    assert list(batch.unit.rows) == [b"\x00position"]
    assert len(lane.timers) == 0


def test_outcome_enters_once_and_ends_the_effect_in_the_same_unit() -> None:
    seen: list[tuple[Input, bytes | None]] = []

    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        seen.append((item, row))
        return Step(b"sent")

    lane = a_lane()
    lane.rows[b"case-1"] = b"- 5\nsending"
    lane.effects["mail-1"] = (b"case-1", Effect("mail-1", b""))
    done = EffectDone(b"case-1", "mail-1", b"accepted")
    batch = apply(lane, decide, outcomes=[done, done])
    assert seen == [(done, b"sending")]
    assert batch.unit.rows[b"case-1"] == b"- 5\nsent"
    assert batch.unit.rows[EFFECT_PREFIX + b"mail-1"] is None
    assert lane.effects == {}


def test_outcome_whose_decision_raises_comes_again() -> None:
    lane = a_lane()
    lane.effects["mail-1"] = (b"case-1", Effect("mail-1", b""))
    done = EffectDone(b"case-1", "mail-1", b"accepted")
    batch = apply(lane, raising(ZeroDivisionError()), outcomes=[done])
    assert list(batch.unit.rows) == [b"\x00position"]
    assert list(lane.failed_effects) == [done]
    assert "mail-1" in lane.effects
