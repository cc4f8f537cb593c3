"""Two owners of one lane: the later one fences the earlier before it reads, and the earlier cannot write (I2, I3)."""

from __future__ import annotations

import pytest

from services.runtime import exits
from tests.contract.world import World, assert_ids_are_whole

RECORDS = 300


@pytest.mark.beyond_embedded("without transactions nothing fences a zombie: one worker a job")
def test_zombie_that_wakes_up_is_fenced_and_ends(world: World) -> None:
    """C2: stopped beyond the session timeout with a batch in hand; another worker took over; then it goes on."""
    world.make(2)
    for n in range(RECORDS):
        world.say(world.a, f"case-{n % 10}", {"do": "linger", "for_s": 0.01}, partition=n % 2)
    world.flush()
    zombie = world.opened("0")
    world.until_told(20)
    zombie.stop()
    try:
        world.opened("1", within_s=60 if world.is_transactional else 20)
        world.until_told(RECORDS)
    finally:
        zombie.go_on()
    assert zombie.exit_code(60 if world.is_transactional else 5) == exits.FAILED
    (failed,) = zombie.said("worker_failed")
    assert "fenced" in failed["error"].lower() + failed["detail"].lower()
    for n in range(20):
        world.say(world.a, f"case-{n % 10}", {"do": "note"}, partition=n % 2)
    world.flush()
    world.until_told(RECORDS + 20)
    world.quiet()
    places = world.places("linger")
    assert len(places) == len(set(places)) == RECORDS
    assert sum(row["n"] for row in world.rows.values()) == RECORDS + 20
    assert_ids_are_whole(world)
