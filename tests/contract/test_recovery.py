"""Recovery: what a lane reads back is what was committed, all of it, and it begins nowhere but at its position."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from confluent_kafka import TopicPartition

from services.runtime import exits
from tests.contract.world import ASKED_WITHIN_S, World

ROWS = 50_000
NO_TRANSACTIONS = "it has no transactions: an aborted record is a record"
NO_DELETE = "it does not know DeleteRecords"


def delete_before(world: World, topic: str, partition: int, offset: int) -> None:
    """What retention does, now: deletes every record of a partition before this offset (-1: all of them)."""
    asked = world.admin.delete_records([TopicPartition(topic, partition, offset)], request_timeout=2)
    for waiting in asked.values():
        waiting.result(ASKED_WITHIN_S)


def abort(world: World, *records: tuple[str, bytes, bytes]) -> None:
    """Writes records to partition 0 of their topics in a transaction that is aborted."""
    producer = world.producer(transactional_id=f"{world.name}-somebody")
    producer.init_transactions(ASKED_WITHIN_S)
    producer.begin_transaction()
    for topic, key, value in records:
        producer.produce(topic, key=key, value=value, partition=0)
    producer.flush(ASKED_WITHIN_S)
    producer.abort_transaction(ASKED_WITHIN_S)


def stop(world: World) -> None:
    world.workers[-1].terminate()
    assert world.workers[-1].exit_code() == exits.OK


def assert_it_aborts(world: World) -> None:
    abort(world, (f"{world.a}.dead", b"", b"null"))
    world.quiet(0.5)
    assert world.letters == [], "an aborted record is read"


# -- much --------------------------------------------------------------------------------------------


def test_fifty_thousand_rows_come_back_as_the_input_says(world: World) -> None:
    """C8, and the same again on top: what was recovered is what the next decision sees."""
    world.make(4)
    for n in range(ROWS):
        world.say(world.a, f"case-{n}", {"do": "note"})
    world.flush()
    world.opened()
    world.until(lambda: len(world.positions) == 4 and _decided(world) == ROWS, "all decided", within_s=120)
    stop(world)
    second = world.opened()
    assert sum(lane["rows"] for lane in second.said("lane_opened")) == ROWS
    for n in range(0, ROWS, 10):
        world.say(world.b, f"case-{n}", {"do": "note"})
    world.flush()
    world.until(lambda: _decided(world) == ROWS + ROWS // 10, "all decided again", within_s=120)
    rows = world.rows
    assert len(rows) == ROWS
    assert Counter(row["n"] for row in rows.values()) == {1: ROWS - ROWS // 10, 2: ROWS // 10}
    assert all(rows[b"case-%d" % n]["n"] == 2 for n in range(0, ROWS, 10))


def _decided(world: World) -> int:
    """How many records the committed positions have behind them; these inputs hold no markers."""
    return sum(offset for row in world.positions.values() for offset in row["next"].values())


def test_changelog_with_twenty_dead_versions_a_row_gives_the_last_one(world: World) -> None:
    """C18: nothing was compacted yet."""
    keys, versions = 200, 20
    world.make(1)
    for _ in range(versions):
        for n in range(keys):
            world.say(world.a, f"case-{n}", {"do": "note"})
    world.flush()
    world.opened(SEINHUIS_BATCH_RECORDS=str(keys))
    world.until_told(keys * versions)
    stop(world)
    second = world.opened()
    (opened,) = second.said("lane_opened")
    assert opened["rows"] == keys
    assert opened["changelog_records"] >= keys * versions
    world.say(world.a, "case-7", {"do": "note"})
    world.flush()
    assert world.until_told(keys * versions + 1)[-1]["n"] == versions + 1


# -- aborted transactions ----------------------------------------------------------------------------

NOTE = b'{"do": "note"}'


@pytest.mark.beyond_embedded(NO_TRANSACTIONS)
def test_aborted_records_at_the_end_of_changelog_and_input_are_not_applied_and_recovery_ends(
    world: World,
) -> None:
    """C9: behind the last committed record there is nothing but aborted ones and markers."""
    world.make(1)
    assert_it_aborts(world)
    world.say(world.a, "case-1", {"do": "note"})
    world.flush()
    world.opened()
    world.until_told(1)
    stop(world)
    abort(
        world,
        (world.changelog, b"case-1", b'- 5\n{"n": 900, "due_ms": null, "seen": {}}'),
        (world.changelog, b"forged", b'- 5\n{"n": 900, "due_ms": null, "seen": {}}'),
        (world.changelog, b"\x00position", b'{"v":1,"next":{},"sequence":900,"now_ms":0}'),
        *((world.a, b"case-1", NOTE) for _ in range(50)),
    )
    second = world.opened(within_s=20)
    assert second.said("lane_opened")[0]["rows"] == 1
    world.say(world.a, "case-1", {"do": "note"})
    world.flush()
    facts = world.until_told(2)
    world.quiet()
    assert [(fact["n"], fact["ce_id"]) for fact in facts] == [
        (1, f"{world.name}-0-0"),
        (2, f"{world.name}-0-1"),
    ]
    assert len(world.facts) == 2


@pytest.mark.beyond_embedded(NO_TRANSACTIONS)
def test_chunks_of_only_aborted_records_are_passed_while_at_work(world: World) -> None:
    """C18: they hold no record and still move the position, or the chain rule would turn for ever."""
    world.make(1)
    assert_it_aborts(world)
    worker = world.opened()
    for round_ in range(1, 4):
        abort(
            world, *((world.a, b"case-1", b'{"do": "note", "pad": "%b"}' % (b"x" * 500)) for _ in range(3000))
        )
        world.say(world.a, "case-1", {"do": "note"})
        world.flush()
        assert world.until_told(round_)[-1]["n"] == round_
    world.quiet()
    assert len(world.facts) == 3
    assert worker.metric("runtime_chunks_refused_total") == 0


# -- what the input holds no more --------------------------------------------------------------------


@pytest.mark.beyond_embedded(NO_DELETE)
def test_idle_lane_is_not_overtaken_by_retention(world: World) -> None:
    """C18: behind its last record there are only markers; retention takes them too, and it must start again."""
    world.make(1)
    delete_before(world, world.a, 0, 0)  # whoever cannot, fails here
    world.say(world.a, "case-1", {"do": "note"})
    world.flush()
    world.opened(SEINHUIS_GROUP_COMMIT_EVERY_S="0.5")
    world.until_told(1)
    abort(world, (world.a, b"case-1", NOTE))
    abort(world, (world.b, b"case-1", NOTE))
    behind_the_markers = {world.a: 3, world.b: 2}
    world.until(
        lambda: world.positions.get(0, {}).get("next") == behind_the_markers, "positions behind the markers"
    )
    stop(world)
    for topic in (world.a, world.b):
        delete_before(world, topic, 0, -1)
    world.opened()
    world.say(world.b, "case-1", {"do": "note"})
    world.flush()
    assert world.until_told(2)[-1]["n"] == 2


@pytest.mark.beyond_embedded(NO_DELETE)
def test_input_deleted_beyond_the_position_is_refused_and_not_skipped(world: World) -> None:
    """C10: what nobody decided is gone; only a person can say what becomes of it."""
    world.make(1)
    delete_before(world, world.a, 0, 0)  # whoever cannot, fails here
    world.say(world.a, "case-1", {"do": "note"})
    world.flush()
    world.opened()
    world.until_told(1)
    stop(world)
    for _ in range(10):
        world.say(world.a, "case-1", {"do": "note"})
    world.flush()
    delete_before(world, world.a, 0, 5)
    refused = world.start()
    assert refused.exit_code() == exits.CONFIG
    (said,) = refused.said("worker_failed")
    assert said["reason"] == "position_outside_the_input"
    assert f"{world.a}[0] holds 5..11, the changelog says 1" in said["detail"]
    world.quiet()
    assert len(world.facts) == 1


@pytest.mark.beyond_embedded(NO_DELETE)
def test_lane_that_never_decided_anything_knows_where_it_began(world: World) -> None:
    """A position is committed before the first record, or deleting what came meanwhile would go unnoticed."""
    world.make(1)
    delete_before(world, world.a, 0, 0)  # whoever cannot, fails here
    world.opened(SEINHUIS_GROUP_COMMIT_EVERY_S="0.5")
    world.until(lambda: 0 in world.positions, "a first position")
    stop(world)
    for _ in range(3):
        world.say(world.a, "case-1", {"do": "note"})
    world.flush()
    delete_before(world, world.a, 0, 2)
    assert world.start().exit_code() == exits.CONFIG


@pytest.mark.beyond_embedded("its log ends are short, so no position is too far")
def test_position_beyond_the_end_of_the_log_is_refused(world: World) -> None:
    """C10: the topic was made anew, or lost its tail: what comes next are not the records we know."""
    world.make(1)
    for _ in range(20):
        world.say(world.a, "case-1", {"do": "note"})
    world.flush()
    world.opened()
    world.until_told(20)
    stop(world)
    world.admin.delete_topics([world.a])[world.a].result(ASKED_WITHIN_S)
    until = time.monotonic() + ASKED_WITHIN_S
    while world.a in world.admin.list_topics(timeout=ASKED_WITHIN_S).topics:
        assert time.monotonic() < until
        time.sleep(0.1)
    world.create({world.a: (1, {})})
    refused = world.start()
    assert refused.exit_code(60 if world.is_transactional else 8) == exits.CONFIG
    (said,) = refused.said("worker_failed")
    assert said["reason"] == "position_outside_the_input"
    assert f"{world.a}[0] holds 0..0, the changelog says 20" in said["detail"]


@pytest.mark.parametrize("partitions", [1, 3])
def test_input_with_another_number_of_partitions_is_refused(world: World, partitions: int) -> None:
    """I12: a lane is the same partition number of all its inputs; counts that differ would part a case."""
    world.make(2)
    world.create({f"{world.name}.b2": (partitions, {})})
    refused = world.start(CONTRACT_INPUT_B=f"{world.name}.b2")
    assert refused.exit_code() == exits.CONFIG
    (said,) = refused.said("worker_failed")
    assert said["reason"] == "partitions_differ"
    assert f"{world.name}.b2 has {partitions} partitions, {world.name} has 2 lanes" in said["detail"]
