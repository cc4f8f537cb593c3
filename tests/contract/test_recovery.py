"""Recovery: a lane begins nowhere but at its position, and what was never committed is not there.

What an earlier worker would have left in the changelog is written by the test where that is all it takes.
"""

from __future__ import annotations

import json
import time

import pytest
from confluent_kafka import KafkaException, TopicPartition

from services.runtime import exits
from tests.contract.world import ASKED_WITHIN_S, World

NO_TRANSACTIONS = "it has no transactions: an aborted record is a record"
NO_DELETE = "it does not know DeleteRecords"
NOTE = b'{"do": "note"}'


def delete_before(world: World, topic: str, offset: int) -> None:
    """What retention does, now: deletes every record of partition 0 before this offset (-1: all of them)."""
    until = time.monotonic() + (ASKED_WITHIN_S if world.is_transactional else 0)
    while True:
        asked = world.admin.delete_records([TopicPartition(topic, 0, offset)], request_timeout=2)
        try:
            for waiting in asked.values():
                waiting.result(ASKED_WITHIN_S)
            return
        except KafkaException:  # a new topic has no leader for a moment
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def assert_it_aborts(world: World) -> None:
    world.abort((f"{world.a}.dead", b"", b"null"))
    world.quiet(0.5)
    assert world.letters == [], "an aborted record is read"


def leave_position(world: World, **next_offsets: int) -> None:
    """What a worker that stopped at these positions left behind."""
    row = {"v": 1, "next": {f"{world.name}.{name}": at for name, at in next_offsets.items()}}
    world.say(world.changelog, b"\x00position", {**row, "sequence": 1, "now_ms": 0}, partition=0)
    world.flush()


def leave_row(world: World, key: bytes, n: int) -> None:
    row: dict[str, object] = {"n": n, "due_ms": None, "seen": {}}
    world.say(world.changelog, key, b"- 5\n" + json.dumps(row).encode(), partition=0)


# -- aborted transactions ----------------------------------------------------------------------------


@pytest.mark.beyond_embedded(NO_TRANSACTIONS)
def test_aborted_records_at_the_end_of_changelog_and_input_are_not_applied_and_recovery_ends(
    world: World,
) -> None:
    """C9: behind the last committed record there is nothing but aborted ones and markers."""
    world.make(1)
    assert_it_aborts(world)
    leave_row(world, b"case-1", 1)
    leave_position(world, a=0, b=0)
    world.abort(
        (world.changelog, b"case-1", b'- 5\n{"n": 900, "due_ms": null, "seen": {}}'),
        (world.changelog, b"forged", b'- 5\n{"n": 900, "due_ms": null, "seen": {}}'),
        (world.changelog, b"\x00position", b'{"v":1,"next":{},"sequence":900,"now_ms":0}'),
        *((world.a, b"case-1", NOTE) for _ in range(50)),
    )
    worker = world.opened()
    assert worker.said("lane_opened")[0]["rows"] == 1
    world.say(world.a, "case-1", {"do": "note"})
    world.flush()
    world.until_told(1)
    world.quiet()
    assert [(fact["n"], fact["ce_id"]) for fact in world.facts] == [(2, f"{world.name}-0-1")]


@pytest.mark.beyond_embedded(NO_TRANSACTIONS)
def test_chunks_of_only_aborted_records_are_passed_while_at_work(world: World) -> None:
    """C18: they hold no record and still move the position, or the chain rule would turn for ever."""
    world.make(1)
    assert_it_aborts(world)
    worker = world.opened()
    padded = b'{"do": "note", "pad": "%b"}' % (b"x" * 500)
    for round_ in range(1, 4):
        world.abort(*((world.a, b"case-1", padded) for _ in range(3000)))
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
    delete_before(world, world.a, 0)  # whoever cannot, fails here
    world.say(world.a, "case-1", {"do": "note"})
    world.flush()
    worker = world.opened(SEINHUIS_GROUP_COMMIT_EVERY_S="0.5")
    world.until_told(1)
    world.abort((world.a, b"case-1", NOTE))
    world.abort((world.b, b"case-1", NOTE))
    behind_the_markers = {world.a: 3, world.b: 2}
    world.until(
        lambda: world.positions.get(0, {}).get("next") == behind_the_markers, "positions behind the markers"
    )
    worker.terminate()
    assert worker.exit_code() == exits.OK
    for topic in (world.a, world.b):
        delete_before(world, topic, -1)
    world.opened()
    world.say(world.b, "case-1", {"do": "note"})
    world.flush()
    assert world.until_told(2)[-1]["n"] == 2


@pytest.mark.beyond_embedded(NO_DELETE)
def test_input_deleted_beyond_the_position_is_refused_and_not_skipped(world: World) -> None:
    """C10: what nobody decided is gone; only a person can say what becomes of it."""
    world.make(1)
    delete_before(world, world.a, 0)  # whoever cannot, fails here
    leave_position(world, a=1, b=0)
    for _ in range(11):
        world.say(world.a, "case-1", {"do": "note"})
    world.flush()
    delete_before(world, world.a, 5)
    assert f"{world.a}[0] holds 5..11, the changelog says 1" in refusal(world)
    world.quiet()
    assert world.facts == []


def test_position_beyond_the_end_of_the_log_is_refused(world: World) -> None:
    """C10: the topic was made anew, or lost its tail: what comes next are not the records we know."""
    world.make(1)
    # Without transactions an end may be short by a batch, so only what is far beyond it is beyond it.
    beyond = 20 if world.is_transactional else 2_000_000
    leave_position(world, a=beyond, b=0)
    assert f"the changelog says {beyond}" in refusal(world)


def refusal(world: World) -> str:
    """Why a worker refused to open its lane."""
    refused = world.start()
    assert refused.exit_code() == exits.CONFIG
    (said,) = refused.said("worker_failed")
    assert said["reason"] == "position_outside_the_input"
    detail: str = said["detail"]
    return detail


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
