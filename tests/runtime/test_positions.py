"""Positions and replay: what a lane writes down of itself, and what a successor makes of it (I4)."""

from __future__ import annotations

import orjson

from services.runtime.job import Effect, Wake
from services.runtime.lane import EFFECT_PREFIX, POSITION_KEY, Lane
from services.runtime.timers import frame
from tests.runtime.given import OTHER, TOPIC, a_chunk, a_lane, a_record, records


def test_position_stands_behind_markers_when_nothing_waits() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 5, records(0, 1)))
    assert lane.positions() == {TOPIC: 0}
    lane.take(10)
    assert lane.positions() == {TOPIC: 5}


def test_position_stands_at_the_first_record_that_waits() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 9, records(2, 3, 7)))
    assert lane.positions() == {TOPIC: 2}
    lane.take(2)
    assert lane.positions() == {TOPIC: 7}


def test_position_row_says_where_a_successor_begins() -> None:
    lane = a_lane(TOPIC, OTHER)
    lane.feed(a_chunk(0, 5))
    lane.take(10)
    lane.sequence, lane.now_ms = 7, 1_795_420_800_123
    successor = Lane(0, (TOPIC, OTHER))
    successor.replay([a_record(0, POSITION_KEY, lane.position_row())])
    assert successor.fed == {TOPIC: 5, OTHER: 0}
    assert (successor.sequence, successor.now_ms) == (7, 1_795_420_800_123)


def test_position_row_keeps_its_shape() -> None:
    """Written by one version and read by the next: the bytes are a contract."""
    lane = a_lane()
    lane.sequence, lane.now_ms = 3, 9
    assert orjson.loads(lane.position_row()) == {"v": 1, "next": {TOPIC: 0}, "sequence": 3, "now_ms": 9}


def test_replay_keeps_the_last_version_of_a_row() -> None:
    lane = a_lane()
    lane.replay([a_record(n, b"case-1", frame(b"%d" % n, None)) for n in range(21)])
    assert lane.rows == {b"case-1": b"- 5\n20"}


def test_replay_forgets_a_row_at_its_tombstone() -> None:
    lane = a_lane()
    lane.replay([a_record(0, b"case-1", b"- 5\nx"), a_record(1, b"case-2", b"- 5\ny")])
    lane.replay([a_record(2, b"case-1", None), a_record(3, b"never-there", None)])
    assert lane.rows == {b"case-2": b"- 5\ny"}


def test_replay_rebuilds_the_timers_of_what_is_left() -> None:
    lane = a_lane()
    lane.replay(
        [
            a_record(0, b"case-1", frame(b"old", Wake(100))),
            a_record(1, b"case-1", frame(b"new", Wake(300, 2))),
            a_record(2, b"case-2", frame(b"gone", Wake(50))),
            a_record(3, b"case-2", None),
            a_record(4, b"case-3", frame(b"asleep", None)),
        ]
    )
    lane.rebuild_timers()
    assert lane.timers.earliest_ms() == 300
    assert lane.timers.take_due(10**15, lane.rows, 10) == [(b"case-1", 300)]


def test_replay_keeps_effects_that_have_no_outcome_yet() -> None:
    lane = a_lane()
    lane.replay(
        [
            a_record(0, EFFECT_PREFIX + b"mail-1", b"6\ncase-1first\nline two"),
            a_record(1, EFFECT_PREFIX + b"mail-2", b"6\ncase-1second"),
            a_record(2, EFFECT_PREFIX + b"mail-2", None),
        ]
    )
    assert lane.effects == {"mail-1": (b"case-1", Effect("mail-1", b"first\nline two"))}
    assert lane.rows == {}


def test_replay_passes_over_what_nobody_of_ours_wrote() -> None:
    lane = a_lane()
    lane.replay([a_record(0, None, b"no key"), a_record(1, b"\x00later", b"of a newer version")])
    assert lane.rows == {}
    assert lane.fed == {TOPIC: 0}
