"""Broken, killed in the middle of its work, stopped in order: what a successor finds, does again, and does not.

One story for each broker, told once, for a group takes its time to form; each test looks at one of its threads.

    broken       a bug in the shell at the eighth record: nothing may have become visible
    at work      two inputs of each lane under load, deadlines asked, an effect sent whose answer never comes
    killed       kill -9; answers come in, many records wait, somebody sets the group's offsets to 0
    at work      the clock is two hours on, deadlines have passed; everything is made good; more input, and SIGTERM
    stopped      more input again; somebody sets the group's offsets to the end
    at work      that is decided too
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicPartition

from services.runtime import exits
from tests.contract.worker import Worker
from tests.contract.world import SILENT, World, assert_ids_are_whole

PARTITIONS = 4
FIRST, NOTES, LATER = 20, 2000, 300
SAID = NOTES + 2 * LATER
#: Not a divisor's friend: every case gets records from both inputs.
CASES = 41
ANSWERED = [f"answered-{n}" for n in range(12)]
MISSED = [f"missed-{n}" for n in range(4)]
#: Nobody waits for it, and no machine is so slow that it passes before the kill.
WITHIN = timedelta(hours=1)
WITHIN_MS = int(WITHIN.total_seconds() * 1000)


class Story(NamedTuple):
    world: World
    many: int
    broken: Worker
    visible_when_broken: tuple[int, int]
    visible_when_killed: int
    second: Worker
    exit_code: int
    ended_in_s: float
    third: Worker
    group_was_set: list[bool]

    def of(self, case: str) -> list[dict[str, Any]]:
        return [fact for fact in self.world.facts if fact["key"] == case]


def say_notes(world: World, count: int) -> None:
    for n in range(count):
        world.say(world.a if n % 2 else world.b, f"case-{n % CASES}", {"do": "note"})
    world.flush()


def noted(world: World) -> int:
    """How many different records of `say_notes` left their fact."""
    return len({place for place, key in _notes(world) if key.startswith("case-")})


def _notes(world: World) -> list[tuple[tuple[str, int, int], str]]:
    return [
        ((fact["topic"], fact["partition"], fact["offset"]), fact["key"])
        for fact in world.facts
        if fact["did"] == "note"
    ]


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
    many = 50_000 if world.is_transactional else 10_000

    for _ in range(FIRST):
        world.say(world.a, "first", {"do": "note"})
    world.flush()
    broken = world.start(CONTRACT_BREAKS_AT="7")
    broken.exit_code()
    world.quiet()
    visible_when_broken = (len(world.facts), len(world.rows))

    # At this pace the load takes some seconds: however late the kill, it comes in the middle.
    first = world.opened(CONTRACT_OUTBOX_MOOD="silent", CONTRACT_TAKES_S="0.002", SEINHUIS_BATCH_RECORDS="50")
    for case in (*ANSWERED, *MISSED):
        world.say(world.a, case, {"do": "ask", "within_ms": WITHIN_MS})
    world.say(world.a, "effect", {"do": "send", "effect": "mail-1"})
    world.flush()
    world.until_told(FIRST + len(ANSWERED) + len(MISSED) + 1)
    world.until(lambda: world.outbox.exists() and "mail-1" in world.outbox.read_text(), "the effect was sent")
    say_notes(world, NOTES)
    world.until(lambda: noted(world) >= 200, "the load is under way")
    first.kill()
    visible_when_killed = noted(world)
    for case in ANSWERED:
        world.say(world.b, case, {"do": "answer"})
    for n in range(many):
        world.say(world.a, f"many-{n}", {"do": "note"})
    world.flush()
    was_set = [set_group(world, to_end=False)]

    in_two_hours = (datetime.now(UTC) + 2 * WITHIN).isoformat(timespec="seconds")
    later = f"{in_two_hours}@{time.time()}x1"
    second = world.opened(SEINHUIS_CLOCK=later)
    expected = {"late": len(MISSED), "answer": len(ANSWERED), "sent": 1, "note": FIRST + NOTES + many}
    world.until(lambda: _done(world) == expected, f"{expected}", within_s=300)
    world.quiet()
    say_notes(world, LATER)
    stopping_s = time.monotonic()
    second.terminate()
    exit_code = second.exit_code()
    ended_in_s = time.monotonic() - stopping_s

    say_notes(world, LATER)
    for n in range(0, many, 10):
        world.say(world.b, f"many-{n}", {"do": "note"})
    world.flush()
    was_set.append(set_group(world, to_end=True))
    third = world.opened(SEINHUIS_CLOCK=later)
    expected["note"] += 2 * LATER + many // 10
    world.until(lambda: _done(world) == expected, f"{expected}", within_s=300)
    world.quiet()
    return Story(
        world,
        many,
        broken,
        visible_when_broken,
        visible_when_killed,
        second,
        exit_code,
        ended_in_s,
        third,
        was_set,
    )


def _done(world: World) -> dict[str, int]:
    """How many different inputs left each kind of fact; without transactions a fact may be there twice."""
    found = {
        (fact["did"], fact["key"], fact.get("topic"), fact.get("partition"), fact.get("offset"))
        for fact in world.facts
    }
    counted = Counter(did for did, *_ in found)
    return {did: counted[did] for did in ("late", "answer", "sent", "note")}


# -- nothing lost, nothing twice ---------------------------------------------------------------------


def test_bug_in_the_shell_publishes_nothing_of_its_batch_and_ends_the_process(story: Story) -> None:
    """C6: the body raises at a record in the middle of a batch. That nothing of it is lost, the counts below say."""
    assert story.broken.exit_code() == exits.FAILED
    (failed,) = story.broken.said("worker_failed")
    assert failed["reason"] == "agent_body_raised"
    assert story.visible_when_broken == (0, 0)


def test_kill_came_in_the_middle_of_the_work(story: Story) -> None:
    assert story.visible_when_killed < NOTES, "nothing was left to be made good: the story proves nothing"


def test_no_record_of_either_input_is_lost_or_counted_twice(story: Story) -> None:
    """C13: each case's row has counted what both inputs hold of it, no more and no less."""
    expected = Counter(n % CASES for count in (NOTES, LATER, LATER) for n in range(count))
    counts = story.world.counts()
    assert counts["first"] == FIRST
    assert {n: counts[f"case-{n}"] for n in range(CASES)} == dict(expected)
    assert noted(story.world) == SAID


def test_every_fact_of_a_lane_has_its_number_once(story: Story) -> None:
    assert_ids_are_whole(story.world)
    if story.world.is_transactional:
        assert len(story.world.places("note")) == len(set(story.world.places("note")))


def test_records_keep_the_order_of_each_input_over_the_kill(story: Story) -> None:
    if not story.world.is_transactional:
        pytest.skip("without transactions facts may repeat, with the same id")
    last: dict[tuple[str, int], int] = {}
    for topic, partition, offset in story.world.places("note"):
        assert offset > last.get((topic, partition), -1)
        last[topic, partition] = offset


def test_many_rows_come_back_as_the_input_says(story: Story) -> None:
    """C8: what a successor reads back is what was committed, all of it, and what its next decision sees."""
    counts = story.world.counts()
    assert all(counts[f"many-{n}"] == (2 if n % 10 == 0 else 1) for n in range(story.many))
    opened = story.third.said("lane_opened")
    assert sum(lane["rows"] for lane in opened) == story.many + CASES + len(ANSWERED) + len(MISSED) + 2


# -- deadlines and effects ---------------------------------------------------------------------------


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


# -- positions and ends ------------------------------------------------------------------------------


@pytest.mark.beyond_embedded("a dead member stays in its group for ever, and nobody else may set offsets")
def test_group_offsets_have_no_say(story: Story) -> None:
    """C12: set to 0 nothing is decided again, set to the end nothing is skipped (see the counts above)."""
    world = story.world
    assert story.group_was_set == [True, True]
    assert sorted(world.positions) == list(range(PARTITIONS))
    for lane, position in world.positions.items():
        for topic in (world.a, world.b):
            decided = [
                offset for where, number, offset in world.places("note") if (where, number) == (topic, lane)
            ]
            assert position["next"][topic] > max(decided)


def test_worker_asked_to_end_finishes_and_ends_in_order(story: Story) -> None:
    assert story.exit_code == exits.OK
    assert story.second.said("worker_drained")[0]["lanes_unfinished"] == 0
    assert story.ended_in_s < 10
