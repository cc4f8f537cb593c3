"""Broadcast topics: what a decision must know is known before the first one, and no staler than agreed (engine 12)."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from aiokafka.consumer import fetcher

from services.runtime import raw_records
from services.runtime.broadcast import BroadcastReader
from tests.brokers import Kafka
from tests.contract.jobs import Book
from tests.contract.raw_produce import Odd, produce_oddly
from tests.contract.world import CAME_WITHIN_S, World

#: Above the two seconds after which the reader looks for the end again.
STALE_S = 4.0


@pytest.mark.beyond_embedded("it has no transactions: an aborted record is a record")
async def test_broadcast_is_loaded_once_all_that_was_committed_is_read(world: World) -> None:
    """Behind the last edition lie a transaction's marker and an aborted edition."""
    world.make(1)
    for n in range(2000):
        world.say(world.book, "word", f"edition {n}".encode())
    world.flush()
    world.abort(*((world.book, b"word", b"withdrawn %d" % n) for n in range(10)))
    assert await read_whole(world) == {"word": "edition 1999"}


@pytest.fixture
def as_in_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker reads with record classes of its own; this process only for as long as the test."""
    for name in ("PartitionRecords", "MemoryRecords"):
        monkeypatch.setattr(fetcher, name, getattr(fetcher, name))
    raw_records.install()


async def read_whole(world: World) -> dict[str, str]:
    """What a worker knows of a broadcast topic when it opens its lanes."""
    book = Book(world.book)
    reader = BroadcastReader(
        world.name,
        [book],
        bootstrap=world.bootstrap,
        security={},
        is_transactional=world.is_transactional,
    )
    reading = asyncio.create_task(reader.run())
    try:
        await asyncio.wait_for(reader.loaded.wait(), CAME_WITHIN_S)
        assert reader.age_s() < CAME_WITHIN_S
        return book.entries
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


@pytest.mark.usefixtures("as_in_a_worker")
async def test_broadcast_goes_on_behind_a_header_that_is_not_utf8(world: World) -> None:
    """One record that nobody can read must not keep every worker from starting."""
    world.make(1)
    await asyncio.to_thread(
        produce_oddly, world.bootstrap, world.book, 0, Odd(b"na\xe4m", b"odd", b"but there")
    )
    world.say(world.book, "word", b"behind it")
    world.flush()
    assert await read_whole(world) == {"odd": "but there", "word": "behind it"}


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
            until = time.monotonic() + CAME_WITHIN_S
            while (said := worker.health("/ready"))[1]["why"] != ["broadcast_stale"]:
                assert time.monotonic() < until, said
                time.sleep(0.1)
            assert worker.health("/live")[0] == 200, "a broker that is away is no reason to end"
            node.resume()
            world.say(world.a, "case-1", {"do": "note"})
            world.flush()
            assert world.until_told(2)[-1]["n"] == 2
            world.until(lambda: worker.health("/ready")[0] == 200, "ready again")
        finally:
            world.close()
