"""One worker at work, looked at from many sides: each test has cases of its own, so that one worker serves all."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from services.runtime.batch import POISON_MAX
from tests.contract.raw_produce import Odd, produce_oddly
from tests.contract.worker import Worker
from tests.contract.world import CAME_WITHIN_S, World

PARTITIONS = 4
#: Keys go where murmur2 puts them, but for the tests that name their lane.
HALTED_LANE = 3
FIVE_MB = 5 * 1024 * 1024


#: Rows of an earlier worker, each with so many versions that nobody compacted yet.
OLD, VERSIONS = [f"old-{n}" for n in range(200)], 20


class Standing(NamedTuple):
    world: World
    worker: Worker
    first_positions: dict[int, dict[str, int]]


@pytest.fixture(scope="module")
def standing(shared_world: World) -> Standing:
    world = shared_world
    world.make(PARTITIONS, max_message_bytes=str(FIVE_MB + 100_000))
    for n in range(500):
        world.say(world.book, "word", f"edition {n}".encode())
    for n in range(VERSIONS):
        for case in OLD:
            row: dict[str, Any] = {"n": n + 1, "due_ms": None, "seen": {}}
            world.say(world.changelog, case, b"- 5\n" + json.dumps(row).encode())
    world.flush()
    worker = world.opened(SEINHUIS_BATCH_RECORDS="100", SEINHUIS_GROUP_COMMIT_EVERY_S="0.5")
    world.until(lambda: len(world.positions) == PARTITIONS, "every lane has written down where it began")
    return Standing(world, worker, {lane: row["next"] for lane, row in world.positions.items()})


@pytest.fixture
def world(standing: Standing) -> Iterator[World]:
    yield standing.world
    assert standing.worker.is_alive, standing.worker.last_words


@pytest.fixture
def worker(standing: Standing) -> Worker:
    return standing.worker


def a_case() -> str:
    return f"case-{uuid.uuid4().hex[:8]}"


def facts_of(world: World, case: str, count: int) -> list[dict[str, Any]]:
    """The facts of one case, once there are so many of them and no more come."""
    world.until(lambda: len(_facts_of(world, case)) >= count, f"{count} facts of {case}")
    world.quiet(0.2)
    found = _facts_of(world, case)
    assert len(found) == count
    return found


def _facts_of(world: World, case: str) -> list[dict[str, Any]]:
    return [fact for fact in world.facts if fact["key"] == case]


def letters_of(world: World, value: bytes, count: int = 1) -> list[dict[str, Any]]:
    """The dead letters of records with this value, by its hash."""
    digest = hashlib.sha256(value).hexdigest()

    def found() -> list[dict[str, Any]]:
        return [letter for letter in world.letters if letter["sha256"] == digest]

    world.until(lambda: len(found()) >= count, f"{count} dead letters of {value[:40]!r}")
    world.quiet(0.2)
    assert len(found()) == count
    return found()


# -- order and facts ---------------------------------------------------------------------------------


def test_records_of_a_case_are_decided_in_the_order_of_each_input(world: World) -> None:
    case = a_case()
    for _ in range(20):
        world.say(world.a, case, {"do": "note"})
        world.say(world.b, case, {"do": "note"})
    world.flush()
    facts = facts_of(world, case, 40)
    assert [fact["n"] for fact in facts] == list(range(1, 41))
    for topic in (world.a, world.b):
        offsets = [fact["offset"] for fact in facts if fact["topic"] == topic]
        assert offsets == sorted(offsets)
        assert len(offsets) == 20


def test_fact_for_another_case_lands_where_that_case_lives(world: World) -> None:
    """Our murmur2 and librdkafka's agree, or one case would live on two lanes."""
    case = a_case()
    others = [a_case() for _ in range(8)]
    for other in others:
        world.say(world.a, case, {"do": "tell", "key": other})
        world.say(world.a, other, {"do": "note"})
    world.flush()
    facts_of(world, case, 8)
    for other in others:
        facts_of(world, other, 2)
    homes = {seen.key: seen.partition for seen in world.tail.seen if seen.topic == world.changelog}
    for seen in world.tail.seen:
        if seen.topic == world.facts_topic and seen.key and seen.key.decode() in others:
            assert seen.partition == homes[seen.key]


def test_row_that_is_forgotten_is_a_tombstone_and_its_case_begins_anew(world: World) -> None:
    case = a_case()
    for did in ("note", "note", "forget", "note"):
        world.say(world.a, case, {"do": did})
    world.flush()
    assert [fact["n"] for fact in facts_of(world, case, 4)] == [1, 2, 3, 1]


def test_unit_larger_than_a_batch_of_the_broker_becomes_visible_whole(world: World) -> None:
    case = a_case()
    for n in range(6):
        world.say(world.a, f"{case}-{n}", {"do": "swell", "bytes": 300_000}, partition=1)
    world.flush()
    for n in range(6):
        facts_of(world, f"{case}-{n}", 1)
    world.until(lambda: all(f"{case}-{n}" in world.counts() for n in range(6)), "six fat rows")


# -- what was there before ---------------------------------------------------------------------------


def test_changelog_with_twenty_dead_versions_a_row_gives_the_last_one(world: World, worker: Worker) -> None:
    """C18: nothing was compacted yet."""
    opened = worker.said("lane_opened")
    assert sum(lane["rows"] for lane in opened) == len(OLD)
    assert sum(lane["changelog_records"] for lane in opened) == len(OLD) * VERSIONS
    for case in OLD[:5]:
        world.say(world.a, case, {"do": "note"})
    world.flush()
    for case in OLD[:5]:
        assert [fact["n"] for fact in facts_of(world, case, 1)] == [VERSIONS + 1]


def test_lane_that_never_decided_anything_knows_where_it_began(standing: Standing) -> None:
    """A position is committed before the first record, or deleting what came meanwhile would go unnoticed."""
    world = standing.world
    assert standing.first_positions == {lane: {world.a: 0, world.b: 0} for lane in range(PARTITIONS)}


# -- what cannot be decided --------------------------------------------------------------------------


def test_failing_decision_is_dead_lettered_once_by_reference_and_its_neighbours_are_decided(
    world: World, worker: Worker
) -> None:
    case = a_case()
    poison = json.dumps({"do": "raise", "what": f"private words of {case}"}).encode()
    said: tuple[bytes | dict[str, str], ...] = ({"do": "note"}, poison, {"do": "note"})
    for value in said:
        world.say(world.a, case, value)
    world.flush()
    noted, rescued, again = facts_of(world, case, 3)
    assert (noted["did"], rescued["did"], again["did"]) == ("note", "rescued", "note")
    assert (noted["n"], again["n"]) == (1, 2)
    (letter,) = letters_of(world, poison)
    assert letter == {
        "v": 1,
        "topic": world.a,
        "partition": rescued["partition"],
        "offset": rescued["offset"],
        "reason": "decision_failed",
        "sha256": hashlib.sha256(poison).hexdigest(),
        "size": len(poison),
        "at_ms": letter["at_ms"],
        "by": world.name,
    }
    for seen in world.tail.seen:
        if seen.topic.endswith(".dead"):
            assert case.encode() not in (seen.key or b"") + (seen.value or b"")
    assert case not in worker.last_words, "the log tells no content and no key"


def test_row_that_outgrows_the_broker_costs_its_own_record_only(world: World) -> None:
    case = a_case()
    fat = json.dumps({"do": "swell", "bytes": 2_000_000, "as": case}).encode()
    world.say(world.a, case, fat)
    world.say(world.a, case, {"do": "note"})
    world.flush()
    assert [fact["did"] for fact in facts_of(world, case, 2)] == ["rescued", "note"]
    (letter,) = letters_of(world, fat)
    assert letter["reason"] == "decision_failed"


BAD: dict[str, tuple[bytes | None, str]] = {
    "not JSON": (b"{" * 20, "data_invalid"),
    "not UTF-8": (b"\xff\xfe\x00junk", "data_invalid"),
    "another shape": (b'["do"]', "data_invalid"),
    "empty": (b"", "data_invalid"),
    "null": (None, "data_invalid"),
    "deep": (b"[" * 100_000, "data_invalid"),
    "five megabytes": (b"x" * FIVE_MB, "data_invalid"),
}


def test_unreadable_records_are_dead_lettered_and_those_between_them_decided(world: World) -> None:
    case = a_case()
    first = len(world.letters)
    for value, _ in BAD.values():
        world.say(world.a, case, value)
        world.say(world.a, case, {"do": "note"})
    world.flush()
    facts_of(world, case, len(BAD))
    world.until(lambda: len(world.letters) >= first + len(BAD), "a dead letter for each")
    found = world.letters[first:]
    assert [(letter["size"], letter["reason"]) for letter in found] == [
        (len(value or b""), reason) for value, reason in BAD.values()
    ]


def test_unknown_type_is_passed_over_and_counted(world: World, worker: Worker) -> None:
    case = a_case()
    before = worker.metric("runtime_records_passed_over_total", reason="unknown_type")
    unknown = json.dumps({"do": f"of a later version, {case}"}).encode()
    world.say(world.a, case, unknown)
    world.say(world.a, case, {"do": "note"})
    world.flush()
    facts_of(world, case, 1)
    assert worker.metric("runtime_records_passed_over_total", reason="unknown_type") == before + 1
    letters_of(world, unknown, 0)


@pytest.mark.parametrize("key", [b"\x00position", b"\x00effect\x00e-1"])
def test_record_cannot_speak_for_the_lane(world: World, key: bytes) -> None:
    value = json.dumps({"do": "note", "as": a_case()}).encode()
    world.say(world.a, key, value, partition=0)
    world.flush()
    (letter,) = letters_of(world, value)
    assert letter["reason"] == "key_reserved"


def test_record_without_a_key_is_dead_lettered(world: World) -> None:
    value = json.dumps({"do": "note", "as": a_case()}).encode()
    world.say(world.a, None, value, partition=0)
    world.flush()
    (letter,) = letters_of(world, value)
    assert letter["reason"] == "decision_failed"


def test_no_header_stops_an_input(world: World) -> None:
    case = a_case()
    strange: list[list[tuple[str, bytes | None]]] = [
        [(f"h{n}", b"v") for n in range(200)],
        [("ce_id", b"\xff\xfe"), ("ce_id", b"twice")],
        [("", b"nameless"), ("null", None)],
        [("long", b"x" * 100_000)],
    ]
    for headers in strange:
        world.say(world.a, case, {"do": "note"}, headers)
    world.flush()
    facts_of(world, case, len(strange))


def test_header_name_that_is_not_utf8_stops_no_input(world: World) -> None:
    """aiokafka alone raises at such a record, for ever, at the same offset."""
    case = a_case()
    world.say(world.a, case, {"do": "note"}, partition=2)
    world.flush()
    produce_oddly(world.bootstrap, world.a, 2, Odd(b"na\xe4m", case.encode(), b'{"do": "note"}', times=3))
    world.say(world.a, case, {"do": "note"}, partition=2)
    world.flush()
    assert [fact["n"] for fact in facts_of(world, case, 5)] == [1, 2, 3, 4, 5]


# -- deadlines ---------------------------------------------------------------------------------------


def test_deadline_fires_once_at_its_time_and_an_answer_in_time_stops_it(world: World) -> None:
    missed = a_case()
    world.say(world.a, missed, {"do": "ask", "within_ms": 700})
    kept, due_ms = answered_in_time(world)
    asked, late = facts_of(world, missed, 2)
    assert late["did"] == "late"
    assert late["now_ms"] >= late["due_ms"] == asked["now_ms"] + 700
    time.sleep(max(0.0, due_ms / 1000 - time.time()) + 0.5)
    facts_of(world, kept, 2)
    facts_of(world, missed, 2)


def answered_in_time(world: World) -> tuple[str, int]:
    """A case whose answer was decided before it was due, and when that was; a busy machine is given more time."""
    for within_ms in (1_500, 6_000, 24_000):
        case = a_case()
        world.say(world.a, case, {"do": "ask", "within_ms": within_ms})
        world.flush()
        world.until(lambda case=case: bool(_facts_of(world, case)), "asked")  # type: ignore[misc]
        asked = _facts_of(world, case)[0]
        world.say(world.b, case, {"do": "answer"})
        world.flush()
        world.until(lambda case=case: _facts_of(world, case)[-1]["did"] == "answer", "answered")  # type: ignore[misc]
        answered = _facts_of(world, case)[-1]
        if answered["now_ms"] < asked["now_ms"] + within_ms:
            assert answered["in_time"] is True
            return case, asked["now_ms"] + within_ms
    raise AssertionError("no answer was decided in time")


def test_deadline_is_not_told_missed_when_the_worker_was_stopped_and_the_answer_lay_in_the_log(
    world: World, worker: Worker
) -> None:
    """C16, shorter than the session timeout: what was fetched before the stop looks fresh and is not."""
    cases = [a_case() for _ in range(12)]
    for case in cases:
        world.say(world.a, case, {"do": "ask", "within_ms": 2500})
    world.flush()
    for case in cases:
        world.until(lambda case=case: bool(_facts_of(world, case)), "asked")  # type: ignore[misc]
    worker.stop()
    stopped_s = time.time()
    asked = [_facts_of(world, case)[0] for case in cases]
    # What a busy machine let pass before the stop is no matter of it.
    due_s = {fact["key"]: fact["now_ms"] / 1000 + 2.5 for fact in asked}
    stopped_in_time = [case for case in cases if due_s[case] > stopped_s]
    assert stopped_in_time
    try:
        # The answers lie behind more than one batch of other things.
        for n in range(1500 * PARTITIONS):
            world.say(world.b, f"noise-{n % PARTITIONS}", {"do": "note"}, partition=n % PARTITIONS)
        for case in cases:
            world.say(world.b, case, {"do": "answer"})
        world.flush()
        time.sleep(max(0.0, max(due_s.values()) - time.time()) + 0.2)
    finally:
        worker.go_on()
    for case in stopped_in_time:
        assert [fact["did"] for fact in facts_of(world, case, 2)] == ["ask", "answer"]


# -- effects and broadcasts --------------------------------------------------------------------------


def test_effect_is_carried_out_once_and_its_outcome_enters_once(world: World) -> None:
    case = a_case()
    world.say(world.a, case, {"do": "send", "effect": f"mail-{case}"})
    world.flush()
    wished, sent = facts_of(world, case, 2)
    assert (wished["did"], sent["did"]) == ("send", "sent")
    assert (sent["effect"], sent["outcome"]) == (f"mail-{case}", "accepted")
    assert world.outbox.read_text().count(f"mail-{case}\n") == 1


def test_decision_sees_what_was_broadcast_before_the_lanes_opened_and_what_comes_later(
    world: World, worker: Worker
) -> None:
    loaded = worker.said("broadcasts_loaded")[0]
    assert all(loaded["timestamp"] < lane["timestamp"] for lane in worker.said("lane_opened"))
    case = a_case()
    world.say(world.a, case, {"do": "look"})
    world.flush()
    (before,) = facts_of(world, case, 1)
    assert before["book"]["word"] == "edition 499"
    world.say(world.book, case, b"of today")
    world.flush()
    until = time.monotonic() + CAME_WITHIN_S
    while True:
        other = a_case()
        world.say(world.a, other, {"do": "look"})
        world.flush()
        (after,) = facts_of(world, other, 1)
        if after["book"].get(case) == "of today":
            return
        assert time.monotonic() < until, "the broadcast was never seen"


def test_broadcast_record_that_cannot_be_read_is_counted_and_passed(world: World, worker: Worker) -> None:
    case = a_case()
    world.say(world.book, case, b"\xff\xff")
    world.say(world.book, case, b"readable")
    world.flush()
    until = time.monotonic() + CAME_WITHIN_S
    while worker.metric("runtime_broadcast_records_bad_total") < 1:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert worker.health("/live")[0] == 200


# -- health; the last test halts a lane --------------------------------------------------------------


def test_worker_says_that_it_is_live_and_ready(worker: Worker) -> None:
    for path in ("/live", "/ready"):
        status, said = worker.health(path)
        assert (status, said["status"], said["why"]) == (200, "pass", [])
    assert said["lanes_open"] == list(range(PARTITIONS))


def test_worker_keeps_nothing_on_its_disk(worker: Worker) -> None:
    assert list(worker.home.iterdir()) == []


def test_lane_with_too_many_failures_halts_says_so_and_disturbs_no_other(
    world: World, worker: Worker
) -> None:
    poison = json.dumps({"do": "raise", "as": a_case()}).encode()
    for _ in range(3 * POISON_MAX):
        world.say(world.b, a_case(), poison, partition=HALTED_LANE)
    world.flush()
    worker.hear("lane_halted")
    world.quiet()
    digest = hashlib.sha256(poison).hexdigest()
    # Another test's poison may have been the first of this lane's fifty-one.
    assert sum(letter["sha256"] == digest for letter in world.letters) in (POISON_MAX, POISON_MAX + 1)
    status, said = worker.health("/ready")
    assert (status, said["why"]) == (503, [f"lane_{HALTED_LANE}_halted:too_many_failed_decisions"])
    assert worker.metric("runtime_lanes_halted") == 1
    assert worker.health("/live")[0] == 200, "a restart would not help"
    case = a_case()
    world.say(world.a, case, {"do": "note"}, partition=0)
    world.say(world.a, case, {"do": "note"}, partition=HALTED_LANE)
    world.flush()
    (fact,) = facts_of(world, case, 1)
    assert fact["partition"] == 0
