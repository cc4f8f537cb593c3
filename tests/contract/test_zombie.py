"""Two owners of one lane: the later one fences the earlier before it reads, and the earlier cannot write (I2, I3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

from services.runtime import exits
from services.runtime.batch import Unit
from services.runtime.lane import POSITION_KEY, Lane
from services.runtime.ledger import Ledger
from tests.contract.world import World, assert_ids_are_whole

RECORDS = 300


@pytest.mark.beyond_embedded("without transactions nothing fences a zombie: one worker a job")
async def test_ledger_of_an_earlier_owner_cannot_commit(world: World) -> None:
    world.make(1)
    earlier, later = (
        Ledger(
            world.name,
            0,
            bootstrap=world.bootstrap,
            changelog=world.changelog,
            is_transactional=world.is_transactional,
            transaction_timeout_s=10,
            security={},
        )
        for _ in range(2)
    )
    lane = Lane(0, (world.a, world.b), fed={world.a: 0, world.b: 0})
    unit = Unit(lane, rows={b"case-1": b"- 5\n{}", POSITION_KEY: lane.position_row()})
    await earlier.fence()
    await earlier.commit(unit)
    await later.fence()
    try:
        with pytest.raises(KafkaError):
            await earlier.commit(unit)
        found = Lane(0, (world.a, world.b))
        assert await later.read_back(found) == 2
        assert found.rows == {b"case-1": b"- 5\n{}"}
        await later.commit(unit)
    finally:
        await earlier.close()
        await later.close()


@pytest.fixture
def on_kafka(kafka: str, tmp_path: Path) -> Iterator[World]:
    world = World(kafka, tmp_path, is_transactional=True)
    try:
        yield world
    finally:
        world.close()


def test_zombie_that_wakes_up_is_fenced_and_ends(on_kafka: World) -> None:
    """C2: stopped beyond the session timeout with a batch in hand; another worker took over; then it goes on."""
    world = on_kafka.make(2)
    for n in range(RECORDS):
        world.say(world.a, f"case-{n % 10}", {"do": "linger", "for_s": 0.02}, partition=n % 2)
    world.flush()
    zombie = world.opened("0")
    world.until_told(20)
    zombie.stop()
    try:
        world.opened("1")
        world.until_told(RECORDS)
    finally:
        zombie.go_on()
    assert zombie.exit_code() == exits.FAILED
    # On a machine so busy that its loop does not come round, the watchdog may be first.
    ended = zombie.said("worker_failed") or zombie.said("watchdog_bit")
    assert "fenced" in repr(ended).lower() or "loop_lag" in repr(ended)
    for n in range(20):
        world.say(world.a, f"case-{n % 10}", {"do": "note"}, partition=n % 2)
    world.flush()
    world.until_told(RECORDS + 20)
    world.quiet()
    places = world.places("linger")
    assert len(places) == len(set(places)) == RECORDS
    assert sum(world.counts().values()) == RECORDS + 20
    assert_ids_are_whole(world)
