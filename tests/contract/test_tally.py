"""What a job shows of its lanes is what they hold: as they change, after a restart, and when a lane goes elsewhere."""

from __future__ import annotations

from tests.contract.world import World

TALLIED = "tests.contract.jobs:tallied"
HELD, COUNTED = "contract_rows_held", "contract_counted_total"


def test_rows_are_tallied_as_they_change_and_again_after_a_restart(world: World) -> None:
    world.make()
    first = world.opened(job=TALLIED)
    for n in range(10):
        world.say(world.a, f"case-{n}", {"do": "note"}, partition=n % 2)
    world.say(world.a, "case-0", {"do": "forget"}, partition=0)
    world.flush()
    world.until(lambda: first.metric(HELD) == 9, "nine rows are shown")
    assert first.metric(COUNTED) == 11
    first.kill()
    second = world.opened(job=TALLIED)
    world.until(lambda: second.metric(HELD) == 9, "nine rows are shown again")
    assert second.metric(COUNTED) == 0


def test_rows_go_with_their_lane_to_another_worker(world: World) -> None:
    world.make()
    first = world.opened(job=TALLIED)
    for n in range(10):
        world.say(world.a, f"case-{n}", {"do": "note"}, partition=n % 2)
    world.flush()
    world.until(lambda: first.metric(HELD) == 10, "ten rows are shown")
    second = world.start("1", job=TALLIED)
    second.hear("lane_opened")
    world.until(lambda: first.metric(HELD) == second.metric(HELD) == 5, "each shows its own")
