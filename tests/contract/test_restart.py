"""Killed in the middle of its work, then stopped in order: what a successor finds, does again, and does not.

One story for each broker, told once; each test looks at one of its threads.

    at work      two inputs of each lane under load, deadlines asked, an effect sent whose answer never comes
    killed       kill -9; answers come in, deadlines pass, somebody sets the group's offsets back to 0
    at work      everything is made good; more input, and SIGTERM at once
    stopped      more input again; somebody sets the group's offsets to the end
    at work      that is decided too
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicPartition

from tests.contract.world import SILENT, World, assert_ids_are_whole

PARTITIONS = 4
NOTES, LATER = 2000, 300
SAID = NOTES + 2 * LATER
ANSWERED = [f"answered-{n}" for n in range(12)]
MISSED = [f"missed-{n}" for n in range(4)]
WITHIN_MS = 4000


class Story(NamedTuple):
    world: World
    killed_after: int
    exit_code: int
    ended_in_s: float
    lanes_unfinished: int
    group_was_set: list[bool]
    facts: list[dict[str, Any]]

    def of(self, case: str) -> list[dict[str, Any]]:
        return [fact for fact in self.facts if fact["key"] == case]


def say_notes(world: World, count: int) -> None:
    for n in range(count):
        world.say(world.a if n % 2 else world.b, f"case-{n % 40}", {"do": "note", "pad": "x" * 200})
    world.flush()


def set_group(world: World, *, to_end: bool) -> bool:
    """Sets every committed offset of the group to 0 or to the end, once it has no member left; says whether it did."""
    group = f"seinhuis-{world.name}"
    probe = Consumer({"bootstrap.servers": world.bootstrap, "group.id": "probe"}, logger=SILENT)
    places = [TopicPartition(topic, number) for topic in (world.a, world.b) for number in range(PARTITIONS)]
    for place in places:
        place.offset = probe.get_watermark_offsets(place, timeout=30)[1] if to_end else 0
    probe.close()
    until = time.monotonic() + (45 if world.is_transactional else 0)
    while True:
        asked = world.admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, places)])
        try:
            answers = asked[group].result(30).topic_partitions
            if all(place.error is None for place in answers):
                return True
        except KafkaException:
            pass  # it still has a member
        if time.monotonic() > until:
            return False
        time.sleep(0.2)


@pytest.fixture(scope="module")
def story(shared_world: World) -> Story:
    world = shared_world.make(PARTITIONS)
    first = world.opened(CONTRACT_OUTBOX_MOOD="silent", SEINHUIS_BATCH_RECORDS="50")
    for case in (*ANSWERED, *MISSED):
        world.say(world.a, case, {"do": "ask", "within_ms": WITHIN_MS})
    world.say(world.a, "effect", {"do": "send", "effect": "mail-1"})
    world.flush()
    world.until_told(len(ANSWERED) + len(MISSED) + 1)
    world.until(lambda: world.outbox.exists() and "mail-1" in world.outbox.read_text(), "the effect was sent")
    say_notes(world, NOTES)
    world.until_told(200)
    first.kill()
    killed_after = len(world.facts)
    for case in ANSWERED:
        world.say(world.b, case, {"do": "answer"})
    world.flush()
    was_set = [set_group(world, to_end=False)]
    time.sleep(WITHIN_MS / 1000 + 0.5)

    second = world.opened()
    expected = NOTES + 2 * len(ANSWERED) + 2 * len(MISSED) + 2
    done = {"note": NOTES, "late": len(MISSED), "answer": len(ANSWERED), "sent": 1}
    world.until(
        lambda: all(
            len({f["ce_id"] for f in world.facts if f["did"] == did}) >= n for did, n in done.items()
        ),
        f"{expected} facts after the kill",
    )
    world.quiet()
    say_notes(world, LATER)
    stopping_s = time.monotonic()
    second.terminate()
    exit_code = second.exit_code()
    ended_in_s = time.monotonic() - stopping_s
    unfinished = second.said("worker_drained")[0]["lanes_unfinished"]

    say_notes(world, LATER)
    was_set.append(set_group(world, to_end=True))
    world.opened()
    world.until(lambda: len(set(world.places("note"))) == SAID, "the notes said meanwhile")
    world.quiet()
    return Story(world, killed_after, exit_code, ended_in_s, unfinished, was_set, world.facts)


def test_kill_came_in_the_middle_of_the_work(story: Story) -> None:
    assert story.killed_after < NOTES, "nothing was left to be made good: the story proves nothing"


def test_no_record_of_either_input_is_lost_or_counted_twice(story: Story) -> None:
    """C13: each case's row has counted what both inputs hold of it, no more and no less."""
    world = story.world
    assert sum(row["n"] for key, row in world.rows.items() if key.startswith(b"case-")) == SAID
    assert len(set(world.places("note"))) == SAID
    for number in range(40):
        expected = sum(1 for n in (*range(NOTES), *range(LATER), *range(LATER)) if n % 40 == number)
        assert world.rows[b"case-%d" % number]["n"] == expected


def test_every_fact_of_a_lane_has_its_number_once(story: Story) -> None:
    assert_ids_are_whole(story.world)
    if story.world.is_transactional:
        assert len(story.world.places("note")) == SAID


def test_records_keep_the_order_of_each_input_over_the_kill(story: Story) -> None:
    if not story.world.is_transactional:
        pytest.skip("without transactions facts may repeat, with the same id")
    last: dict[tuple[str, int], int] = {}
    for topic, partition, offset in story.world.places("note"):
        assert offset > last.get((topic, partition), -1)
        last[topic, partition] = offset


def test_deadline_whose_answer_came_while_the_worker_was_down_is_not_told_missed(story: Story) -> None:
    """C16: down while deadlines pass, with the answers already in the log."""
    for case in ANSWERED:
        assert [fact["did"] for fact in story.of(case)] == ["ask", "answer"]
        assert story.of(case)[-1]["in_time"] is True


def test_deadline_that_passed_while_the_worker_was_down_is_told_once_when_it_is_back(story: Story) -> None:
    for case in MISSED:
        asked, late = story.of(case)
        assert (asked["did"], late["did"]) == ("ask", "late")
        assert late["now_ms"] >= late["due_ms"] == asked["now_ms"] + WITHIN_MS


def test_effect_without_an_outcome_is_carried_out_again_with_the_same_id(story: Story) -> None:
    assert story.world.outbox.read_text() == "mail-1\nmail-1\n"
    assert [(fact["did"], fact.get("effect")) for fact in story.of("effect")] == [
        ("send", None),
        ("sent", "mail-1"),
    ]


@pytest.mark.beyond_embedded("a dead member stays in its group for ever, and nobody else may set offsets")
def test_group_offsets_have_no_say(story: Story) -> None:
    """C12: set to 0 nothing is decided again, set to the end nothing is skipped (see the counts above)."""
    world = story.world
    assert story.group_was_set == [True, True]
    positions = {lane: row["next"] for lane, row in world.positions.items()}
    assert sorted(positions) == list(range(PARTITIONS))
    for lane, position in positions.items():
        for topic in (world.a, world.b):
            decided = [place[2] for place in world.places("note") if place[:2] == (topic, lane)]
            assert not decided or position[topic] > max(decided)


def test_worker_asked_to_end_finishes_and_ends_in_order(story: Story) -> None:
    assert story.exit_code == 0
    assert story.lanes_unfinished == 0
    assert story.ended_in_s < 10
