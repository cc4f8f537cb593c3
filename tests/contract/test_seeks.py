"""Foreign seeks (C11): whoever moves the consumer's position, nothing is skipped and nothing is decided twice."""

from __future__ import annotations

from tests.contract.world import World, assert_ids_are_whole

PARTITIONS = 2
EACH = 6000
PAD = "x" * 1000


def test_foreign_seeks_under_load_skip_nothing(world: World) -> None:
    world.make(PARTITIONS)
    for n in range(EACH):
        for partition in range(PARTITIONS):
            for topic in (world.a, world.b):
                world.say(
                    topic, f"case-{partition}-{n % 50}", {"do": "note", "pad": PAD}, partition=partition
                )
    world.flush()
    worker = world.opened(
        module="tests.contract.meddled",
        CONTRACT_LAST_OFFSET=str(EACH - 1),
    )
    total = 2 * EACH * PARTITIONS
    world.until(lambda: len(world.tail.seen) >= total and len(world.facts) >= total, f"{total} facts")
    world.quiet()
    places = world.places("note")
    assert len(places) == len(set(places)) == total
    for topic in (world.a, world.b):
        for partition in range(PARTITIONS):
            assert [at for where, lane, at in places if (where, lane) == (topic, partition)] == list(
                range(EACH)
            )
    assert_ids_are_whole(world)
    assert worker.metric("runtime_chunks_refused_total") >= 1, "nobody meddled: the test proves nothing"
