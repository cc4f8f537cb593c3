"""The plain promises: every record leaves its facts once, in order, and a worker that stops begins where it stopped."""

from __future__ import annotations

from tests.contract.world import World, assert_ids_are_whole


def test_worker_ends_in_order_and_its_successor_begins_where_it_stopped(world: World) -> None:
    world.make(2)
    for n in range(200):
        world.say(world.a if n % 3 else world.b, f"case-{n % 7}", {"do": "note"})
    world.flush()
    first = world.opened()
    world.until_told(50)
    first.terminate()
    assert first.exit_code(10) == 0
    for n in range(100):
        world.say(world.a, f"case-{n % 7}", {"do": "note"})
    world.flush()
    world.opened()
    world.until_told(300)
    world.quiet()
    assert len(world.places("note")) == len(set(world.places("note"))) == 300
    assert_ids_are_whole(world)
