"""A batch: what its decisions become, and that it is one unit with the position it belongs to (I1, I7)."""

from __future__ import annotations

import orjson
import pytest

from services.runtime import batch as batches
from services.runtime.job import (
    KEEP,
    KEEP_ROW,
    TAKEN_BACK,
    Effect,
    Emit,
    Input,
    PassedOver,
    Record,
    Step,
    Turn,
    Wake,
    take_back,
)
from services.runtime.lane import EFFECT_PREFIX
from tests.runtime.given import (
    NOW_MS,
    OTHER,
    TOPIC,
    a_chunk,
    a_job,
    a_lane,
    a_record,
    always,
    apply,
    fact_ids,
    keep,
    positions,
    raising,
    write,
)

FACTS = "signals.events"


def told(key: bytes = b"case-1", value: bytes = b"fact", *, numbered: bool = True) -> Emit:
    return Emit(FACTS, key, value, [("ce_type", b"SignalReported")], numbered)


def test_unit_holds_rows_facts_and_the_position_after_them() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 2))
    batch = apply(lane, always(Step(b"{}", [told()], Wake(NOW_MS + 1, 3))))
    assert batch.unit.rows[b"case-1"] == b"%d 3\n{}" % (NOW_MS + 1)
    assert len(batch.unit.facts[(FACTS, 0)]) == 2
    assert positions(batch) == {TOPIC: 2}
    assert batch.unit.records == 2
    assert lane.timers.earliest_ms() == NOW_MS + 1


def test_decision_sees_the_row_that_the_record_before_it_left() -> None:
    seen: list[bytes | None] = []

    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        seen.append(row)
        return Step(b"%d\n\n" % len(seen), wake=Wake(5))

    lane = a_lane()
    lane.feed(a_chunk(0, 3))
    apply(lane, decide)
    assert seen == [None, b"1\n\n", b"2\n\n"]


def test_facts_are_numbered_by_job_lane_and_sequence() -> None:
    lane = a_lane(partition=7)
    lane.sequence = 40
    lane.feed(a_chunk(0, 2))
    batch = apply(lane, always(Step(b"{}", [told(), told(b"elsewhere")])))
    assert fact_ids(batch) == [f"casework-7-{n}" for n in (40, 41, 42, 43)]
    assert orjson.loads(batch.unit.rows[b"\x00position"] or b"")["sequence"] == 44


def test_decision_knows_the_ids_its_facts_will_carry() -> None:
    foretold: list[str] = []

    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        foretold.extend([turn.fact_id(0), turn.fact_id(1)])
        return Step(b"{}", [told(), told()])

    lane = a_lane()
    lane.feed(a_chunk(0, 3))
    assert fact_ids(apply(lane, decide)) == foretold


def test_record_that_is_not_a_fact_takes_no_number() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    batch = apply(lane, always(Step(b"{}", [told(numbered=False), told()])))
    assert fact_ids(batch) == ["casework-0-0"]


def test_numbering_leaves_the_emits_headers_as_they_were() -> None:
    emit = told()
    lane = a_lane()
    lane.feed(a_chunk(0, 2))
    apply(lane, always(Step(b"{}", [emit])))
    assert emit.headers == [("ce_type", b"SignalReported")]


def test_fact_of_the_inputs_own_key_goes_to_the_lanes_own_partition() -> None:
    lane = a_lane(partition=7)
    lane.feed(a_chunk(0, 1))
    assert set(apply(lane, always(Step(b"{}", [told(b"case-1")]))).unit.facts) == {(FACTS, 7)}


@pytest.mark.parametrize(
    ("key", "murmur2"),
    [  # as Apache Kafka's own tests have them
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_fact_of_another_key_goes_where_every_other_client_puts_it(key: bytes, murmur2: int) -> None:
    lane = a_lane(partition=7)
    lane.feed(a_chunk(0, 1))
    batch = apply(lane, always(Step(b"{}", [told(key)])), partitions={FACTS: 1000})
    assert set(batch.unit.facts) == {(FACTS, (murmur2 & 0x7FFFFFFF) % 1000)}


def test_same_input_on_the_same_state_gives_the_same_unit() -> None:
    """The ids are functions of committed state (I7): who decides again says the same."""

    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        return Step((row or b"") + b"x", [told(value=b"%d" % turn.now_ms)])

    units = []
    for _ in range(2):
        lane = a_lane()
        lane.feed(a_chunk(0, 5))
        units.append(apply(lane, decide).unit)
    assert (units[0].facts, units[0].rows) == (units[1].facts, units[1].rows)


def test_row_of_none_is_deleted_with_a_tombstone() -> None:
    lane = a_lane()
    lane.rows[b"case-1"] = b"- 5\n{}"
    lane.feed(a_chunk(0, 1))
    assert apply(lane, always(Step(None))).unit.rows[b"case-1"] is None
    assert lane.rows == {}


def test_row_that_never_was_leaves_no_tombstone() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    assert b"case-1" not in apply(lane, always(Step(None))).unit.rows


def test_kept_row_is_not_written_again_and_its_facts_go_out() -> None:
    lane = a_lane()
    lane.rows[b"case-1"] = b"77 5\n{}"
    lane.feed(a_chunk(0, 1))
    batch = apply(lane, always(Step(KEEP_ROW, [told()])))
    assert list(batch.unit.rows) == [b"\x00position"]
    assert lane.rows[b"case-1"] == b"77 5\n{}"
    assert len(batch.unit.facts[(FACTS, 0)]) == 1


def test_record_passed_over_moves_the_position_and_nothing_else() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 3))
    batch = apply(lane, raising(PassedOver("unknown_type")))
    assert positions(batch) == {TOPIC: 3}
    assert not batch.unit.facts
    assert list(batch.unit.rows) == [b"\x00position"]


# -- how much fits ---------------------------------------------------------------------------------


def test_unit_that_grows_too_big_puts_the_rest_back_and_its_position_says_so() -> None:
    lane = a_lane(TOPIC, OTHER)
    lane.feed(a_chunk(0, 10, [a_record(n, b"case-%d" % n) for n in range(10)]))
    lane.feed(a_chunk(0, 4, topic=OTHER))
    row = b"x" * (batches.UNIT_MAX_BYTES // 3)
    first = apply(lane, write(row))
    assert positions(first) == {TOPIC: 3, OTHER: 0}
    assert first.unit.size < 2 * batches.UNIT_MAX_BYTES
    units = [first]
    while lane.has_input:
        units.append(apply(lane, write(row)))
    assert positions(units[-1]) == {TOPIC: 10, OTHER: 4}
    assert sum(batch.unit.records for batch in units) == 14


def test_unit_that_is_full_at_its_last_record_puts_nothing_back() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    batch = apply(lane, write(b"x" * (batches.UNIT_MAX_BYTES + 1)))
    assert positions(batch) == {TOPIC: 1}
    assert not lane.has_input


def test_batch_that_takes_too_long_puts_the_rest_back() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1000))
    batch = apply(lane, write(), budget_s=-1.0)
    assert positions(batch) == {TOPIC: batches.BUDGET_CHECK_EVERY}
    assert batch.unit.records == batches.BUDGET_CHECK_EVERY
    assert lane.buffered == 1000 - batches.BUDGET_CHECK_EVERY


def test_timers_beyond_what_a_unit_holds_are_due_in_the_next() -> None:
    lane = a_lane()
    row = b"x" * (batches.UNIT_MAX_BYTES // 3)
    keys = [b"case-%d" % n for n in range(8)]
    for key in keys:
        lane.rows[key] = b"5 5\n{}"
        lane.timers.arm(key, Wake(5))
    sizes, fired = [], 0
    while due := lane.timers.take_due(NOW_MS, lane.rows, 100):
        batch = apply(lane, write(row), timers=due)
        sizes.append(batch.unit.size)
        fired += len(batch.unit.rows) - 1
    assert fired == len(keys)
    assert max(sizes) < 2 * batches.UNIT_MAX_BYTES


def test_timers_leave_most_of_a_unit_to_what_was_said() -> None:
    lane = a_lane()
    row = b"x" * (batches.UNIT_MAX_BYTES // 10)
    keys = [b"case-%d" % n for n in range(20)]
    for key in keys:
        lane.rows[key] = b"5 5\n{}"
        lane.timers.arm(key, Wake(5))
    lane.feed(a_chunk(0, 4))
    due = lane.timers.take_due(NOW_MS, lane.rows, 100)
    batch = apply(lane, write(row), timers=due)
    assert batch.unit.records == 4
    assert len(lane.timers.take_due(NOW_MS, lane.rows, 100)) == 17, "the others are due in the next unit"


def test_timers_that_take_too_long_are_due_in_the_next_unit() -> None:
    lane = a_lane()
    for key in (b"case-1", b"case-2", b"case-3"):
        lane.rows[key] = b"5 5\n{}"
        lane.timers.arm(key, Wake(5))
    fired = []
    while due := lane.timers.take_due(NOW_MS, lane.rows, 100):
        batch = apply(lane, write(), timers=due, budget_s=0.0)
        fired.append(len(batch.unit.rows) - 1)
    assert fired == [1, 1, 1]


# -- time --------------------------------------------------------------------------------------------


def nows(*stamps: int | None, clock_ms: int = NOW_MS, before_ms: int = 0) -> list[int]:
    """The `now` of each record when these are the recorded times in them."""
    seen: list[int] = []

    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        seen.append(turn.now_ms)
        assert turn.clock_ms == clock_ms
        return KEEP

    def stamp_ms(record: Record) -> int | None:
        return stamps[record.offset]

    lane = a_lane()
    lane.now_ms = before_ms
    lane.feed(a_chunk(0, len(stamps)))
    apply(lane, decide, job=a_job(decide, stamp_ms=stamp_ms), clock_ms=clock_ms)
    return seen


def test_now_is_the_recorded_time() -> None:
    assert nows(NOW_MS - 50, NOW_MS - 20) == [NOW_MS - 50, NOW_MS - 20]


def test_now_never_falls_within_a_lane() -> None:
    assert nows(NOW_MS - 20, NOW_MS - 50, NOW_MS - 10) == [NOW_MS - 20, NOW_MS - 20, NOW_MS - 10]
    assert nows(NOW_MS - 50, before_ms=NOW_MS - 30) == [NOW_MS - 30]


def test_now_is_never_above_the_services_own_clock() -> None:
    assert nows(NOW_MS + 10**9, NOW_MS - 5) == [NOW_MS, NOW_MS]


def test_now_without_a_stamp_is_the_services_own_clock() -> None:
    assert nows(None) == [NOW_MS]


def test_now_of_a_refused_record_does_not_push_the_lane_forward() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    apply(lane, raising(PassedOver("unknown_type")))
    assert lane.now_ms == 0


def test_stamp_that_cannot_be_read_is_left_to_the_decision() -> None:
    """`stamp_ms` judges nothing: what is wrong with the record, the decision says."""

    def stamp_ms(record: Record) -> int | None:
        raise ValueError("no time in here")

    lane = a_lane()
    lane.feed(a_chunk(0, 2))
    batch = apply(lane, keep, job=a_job(stamp_ms=stamp_ms))
    assert positions(batch) == {TOPIC: 2}
    assert lane.now_ms == NOW_MS


# -- effects -----------------------------------------------------------------------------------------


def test_effect_is_a_row_until_its_outcome_is_in() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    batch = apply(lane, always(Step(b"{}", effects=[Effect("mail-1", b"to whom")])))
    assert batch.unit.effects == [(b"case-1", Effect("mail-1", b"to whom"))]
    successor = a_lane()
    successor.replay([a_record(n, key, value) for n, (key, value) in enumerate(batch.unit.rows.items())])
    assert successor.effects == {"mail-1": (b"case-1", Effect("mail-1", b"to whom"))} == lane.effects


def test_effect_of_a_kept_row_is_not_forgotten() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    batch = apply(lane, always(Step(KEEP_ROW, effects=[Effect("mail-1", b"to whom")])))
    assert EFFECT_PREFIX + b"mail-1" in batch.unit.rows
    assert batch.unit.effects


@pytest.mark.parametrize("key", [b"case-1", b"two\nlines", b"", b"\n"])
def test_effect_finds_back_to_the_row_that_wished_it(key: bytes) -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1, [a_record(0, key)]))
    batch = apply(lane, always(Step(b"{}", effects=[Effect("mail-1", b"a\nb")])))
    successor = a_lane()
    successor.replay(
        [a_record(n, row_key, value) for n, (row_key, value) in enumerate(batch.unit.rows.items())]
    )
    assert successor.effects == {"mail-1": (key, Effect("mail-1", b"a\nb"))}


def test_effect_that_is_taken_back_is_not_begun_now_or_after_a_restart() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    first = apply(lane, always(Step(b"{}", effects=[Effect("send-1", b"payload")])))
    assert not lane.is_taken_back("send-1")
    lane.feed(a_chunk(1, 2))
    second = apply(lane, always(Step(b"{}", effects=[take_back("send-1")])))
    assert lane.is_taken_back("send-1")
    assert second.unit.effects == [], "taking back is nothing to be carried out"
    again = a_lane()
    rows = {**first.unit.rows, **second.unit.rows}
    again.replay(a_record(n, key, value) for n, (key, value) in enumerate(rows.items()))
    assert again.is_taken_back("send-1")
    assert again.effects["send-1"] == (b"case-1", Effect("send-1", TAKEN_BACK))


def test_effect_that_has_ended_can_not_be_taken_back() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    batch = apply(lane, always(Step(b"{}", effects=[take_back("send-1")])))
    assert lane.effects == {}
    assert EFFECT_PREFIX + b"send-1" not in batch.unit.rows


def test_optional_fact_without_its_topic_is_left_out_and_takes_no_number() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    optional = told(b"other")._replace(topic="deliveries.nobody", is_optional=True)
    batch = apply(lane, always(Step(b"{}", [optional, told()])), partitions={"deliveries.nobody": 0})
    assert list(batch.unit.facts) == [(FACTS, 0)]
    assert fact_ids(batch) == ["casework-0-0"]


def test_optional_fact_is_published_where_its_topic_is() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    optional = told(b"other", numbered=False)._replace(topic="deliveries.linde", is_optional=True)
    batch = apply(lane, always(Step(b"{}", [optional])), partitions={"deliveries.linde": 1})
    assert list(batch.unit.facts) == [("deliveries.linde", 0)]
