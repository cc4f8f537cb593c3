"""Broadcast topics: what a decision must know is known before the first one, and no staler than agreed (engine 12)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.brokers import Kafka
from tests.contract.world import World

#: Above the two seconds after which the reader looks for the end again.
STALE_S = 4.0


@pytest.mark.beyond_embedded("without transactions it is not known whether the last record was read")
def test_lanes_open_only_once_a_committed_broadcast_is_read_whole(world: World) -> None:
    """Behind the last edition lie a transaction's marker and an aborted edition."""
    world.make(1)
    for is_aborted in (False, True):
        producer = world.producer(transactional_id=f"{world.name}-publisher")
        producer.init_transactions(30)
        producer.begin_transaction()
        for n in range(2000):
            producer.produce(world.book, key=b"word", value=b"edition %d of %d" % (n, 2 if is_aborted else 1))
        producer.flush(30)
        (producer.abort_transaction if is_aborted else producer.commit_transaction)(30)
    world.say(world.a, "case-1", {"do": "look"})
    world.flush()
    worker = world.opened()
    loaded, opened = worker.said("broadcasts_loaded")[0], worker.said("lane_opened")[0]
    assert loaded["timestamp"] < opened["timestamp"]
    assert world.until_told(1)[0]["book"] == {"word": "edition 1999 of 1"}


@pytest.mark.kafka
def test_worker_whose_broadcasts_are_stale_decides_nothing_and_goes_on_when_they_are_fresh(
    tmp_path: Path,
) -> None:
    """A broker that answers nobody: nobody may decide on what may have changed."""
    with Kafka(tmp_path / "kafka", heap_mb=512) as node:
        world = World(node.bootstrap, tmp_path, is_transactional=True).make(1)
        try:
            worker = world.opened(SEINHUIS_BROADCAST_STALE_S=str(STALE_S))
            world.say(world.a, "case-1", {"do": "note"})
            world.flush()
            world.until_told(1)
            node.pause()
            until = time.monotonic() + 30
            while (said := worker.health("/ready"))[1]["why"] != ["broadcast_stale"]:
                assert time.monotonic() < until, said
                time.sleep(0.1)
            assert worker.health("/live")[0] == 200, "a broker that is away is no reason to end"
            node.resume()
            world.say(world.a, "case-1", {"do": "note"})
            world.flush()
            assert world.until_told(2)[-1]["n"] == 2
            assert worker.health("/ready")[0] == 200
        finally:
            world.close()
