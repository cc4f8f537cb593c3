"""Memory: what was read and decided is let go."""

from __future__ import annotations

from tests.contract.world import World

PAD = "x" * 1000
WARM, MORE = 10_000, 60_000
#: Of 60 MB read; a worker that ties each fetch into a cycle keeps them all.
MAY_GROW_BYTES = 30e6


def test_memory_does_not_grow_with_what_was_read(world: World) -> None:
    world.make(1)
    worker = world.opened()

    def read_on(until: int) -> float:
        for n in range(len(world.facts), until):
            world.say(world.a, f"case-{n % 50}", {"do": "note", "pad": PAD}, partition=0)
        world.flush()
        world.until_told(until)
        return worker.metric("process_resident_memory_bytes")

    before = read_on(WARM)
    assert before > 0
    assert read_on(WARM + MORE) - before < MAY_GROW_BYTES
