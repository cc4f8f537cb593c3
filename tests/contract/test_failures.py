"""A bug in the shell, and what leaves no room: nothing of the batch is published, the process ends, nothing is lost."""

from __future__ import annotations

import pytest

from services.runtime import exits
from tests.contract.world import World, assert_ids_are_whole

RECORDS = 60


@pytest.mark.parametrize("breaks_at", [7])
def test_bug_in_the_shell_publishes_nothing_of_its_batch_and_a_successor_loses_nothing(
    world: World, breaks_at: int
) -> None:
    """C6: the body raises at a record in the middle of a batch."""
    world.make(1)
    for n in range(RECORDS):
        world.say(world.a, f"case-{n % 3}", {"do": "note"})
    world.flush()
    broken = world.start(CONTRACT_BREAKS_AT=str(breaks_at))
    assert broken.exit_code() == exits.FAILED
    (failed,) = broken.said("worker_failed")
    assert failed["reason"] == "agent_body_raised"
    world.quiet()
    assert world.facts == []
    assert world.rows == {}
    world.opened()
    world.until_told(RECORDS)
    world.quiet()
    assert world.places("note") == [(world.a, 0, offset) for offset in range(RECORDS)]
    assert_ids_are_whole(world)
