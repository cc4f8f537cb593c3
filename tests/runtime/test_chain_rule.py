"""The chain rule (I5): whatever the fetcher hands over, a lane sees each record once and in order."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.runtime.lane import Chunk, Lane, RawRecord
from tests.runtime.given import OTHER, TOPIC, a_chunk, a_lane, a_record, records

TOPICS = (TOPIC, OTHER)


def offsets(lane: Lane, topic: str = TOPIC) -> list[int]:
    return [record.offset for found, segment in lane.take(10**9) if found == topic for record in segment]


def test_feed_takes_chunks_that_follow_each_other() -> None:
    lane = a_lane()
    assert lane.feed(a_chunk(0, 3)) is None
    assert lane.feed(a_chunk(3, 5)) is None
    assert offsets(lane) == [0, 1, 2, 3, 4]


def test_feed_refuses_a_chunk_beyond_what_was_fed_and_says_where_to_go_back() -> None:
    lane = a_lane(at=3)
    assert lane.feed(a_chunk(4, 6)) == 3
    assert not lane.has_input
    assert lane.positions() == {TOPIC: 3}


def test_feed_drops_what_is_known_of_a_chunk_that_overlaps() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 4))
    assert lane.feed(a_chunk(2, 6)) is None
    assert offsets(lane) == [0, 1, 2, 3, 4, 5]


def test_feed_takes_a_repeated_chunk_once() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 4))
    assert lane.feed(a_chunk(0, 4)) is None
    assert lane.feed(a_chunk(1, 3)) is None
    assert offsets(lane) == [0, 1, 2, 3]


def test_feed_moves_on_over_a_chunk_that_holds_only_markers() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 2))
    assert lane.feed(a_chunk(2, 7, [])) is None
    assert lane.feed(a_chunk(7, 8)) is None
    assert offsets(lane) == [0, 1, 7]


def test_feed_drops_nothing_of_a_chunk_that_overlaps_by_markers_only() -> None:
    lane = a_lane(at=5)
    assert lane.feed(a_chunk(3, 7, records(3, 5, 6))) is None
    assert offsets(lane) == [5, 6]


def test_feed_knows_each_input_by_itself() -> None:
    lane = a_lane(TOPIC, OTHER)
    assert lane.feed(a_chunk(0, 3)) is None
    assert lane.feed(a_chunk(3, 4, topic=OTHER)) == 0
    assert lane.positions() == {TOPIC: 0, OTHER: 0}


class Fetching(RuleBasedStateMachine):
    """Two logs with holes, a consumer that anybody may seek, seeks back that are late, and a lane that decides."""

    @initialize(
        held=st.tuples(
            st.lists(st.booleans(), min_size=1, max_size=40), st.lists(st.booleans(), min_size=1, max_size=40)
        ),
        first=st.integers(0, 1000),
    )
    def begin(self, held: tuple[list[bool], list[bool]], first: int) -> None:
        self.lane = a_lane(*TOPICS, at=first)
        self.first = first
        self.last = {topic: first + len(of) for topic, of in zip(TOPICS, held, strict=True)}
        self.log = {
            topic: [first + n for n, is_record in enumerate(of) if is_record]
            for topic, of in zip(TOPICS, held, strict=True)
        }
        self.position = dict.fromkeys(TOPICS, first)
        self.seeks: list[tuple[str, int]] = []
        self.fetched: list[Chunk] = []
        self.handed: list[Chunk] = []
        self.decided: dict[str, list[int]] = {topic: [] for topic in TOPICS}

    @rule(topic=st.sampled_from(TOPICS), length=st.integers(1, 15))
    def fetch(self, topic: str, length: int) -> None:
        start = self.position[topic]
        end = min(start + length, self.last[topic])
        if end > start:
            self.position[topic] = end
            found: list[RawRecord] = [a_record(at) for at in self.log[topic] if start <= at < end]
            self.fetched.append(Chunk(topic, 0, start, end, found))

    @rule(topic=st.sampled_from(TOPICS), share=st.floats(0, 1))
    def somebody_else_seeks(self, topic: str, share: float) -> None:
        self.position[topic] = self.first + int(share * (self.last[topic] - self.first))

    @precondition(lambda self: self.fetched)
    @rule()
    def hand_over(self) -> None:
        chunk = self.fetched.pop(0)
        self.handed.append(chunk)
        self._feed(chunk)

    @precondition(lambda self: self.fetched)
    @rule()
    def lose_what_was_fetched(self) -> None:
        """A cancelled fetch, a cleared queue."""
        self.fetched.clear()

    @precondition(lambda self: self.handed)
    @rule(data=st.data())
    def hand_over_again(self, data: st.DataObject) -> None:
        self._feed(data.draw(st.sampled_from(self.handed)))

    @precondition(lambda self: self.seeks)
    @rule()
    def seek_back(self) -> None:
        topic, offset = self.seeks.pop(0)
        self.position[topic] = offset

    @rule(limit=st.integers(1, 12), undecided=st.integers(0, 12))
    def decide(self, limit: int, undecided: int) -> None:
        """Takes a batch and decides it but for its last records, which go back."""
        segments = self.lane.take(limit)
        taken = [(topic, record) for topic, segment in segments for record in segment]
        assert len(taken) <= limit
        keep = max(0, len(taken) - undecided)
        for topic, record in taken[:keep]:
            self.decided[topic].append(record.offset)
        left = len(taken) - keep
        for topic, segment in reversed(segments):
            back = segment[max(0, len(segment) - left) :] if left else []
            left -= len(back)
            if back:
                self.lane.put_back(topic, back)

    def _feed(self, chunk: Chunk) -> None:
        seek_to = self.lane.feed(chunk)
        if seek_to is not None:
            self.seeks.append((chunk.topic, seek_to))

    @invariant()
    def each_record_was_decided_once_and_in_order(self) -> None:
        for topic, decided in getattr(self, "decided", {}).items():
            assert decided == self.log[topic][: len(decided)]

    @invariant()
    def the_position_lies_behind_all_that_was_decided_and_before_all_that_was_not(self) -> None:
        for topic, decided in getattr(self, "decided", {}).items():
            position = self.lane.decided_to(topic)
            assert all(offset < position for offset in decided)
            assert all(offset >= position for offset in self.log[topic][len(decided) :])

    def teardown(self) -> None:
        """Left alone, the consumer goes back to what the lane was fed and everything is decided."""
        if not hasattr(self, "lane"):
            return
        for topic in TOPICS:
            self.position[topic] = self.lane.fed[topic]
            self.fetch(topic, 10**6)
        while self.fetched:
            self.hand_over()
        self.decide(10**6, 0)
        self.decide(10**6, 0)
        assert self.decided == self.log
        assert self.lane.positions() == self.last


Fetching.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestFetching = Fetching.TestCase


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_take_gives_every_input_its_turn(limit: int) -> None:
    lane = a_lane(TOPIC, OTHER)
    lane.feed(a_chunk(0, 50))
    lane.feed(a_chunk(0, 50, topic=OTHER))
    taken = {topic: 0 for topic in TOPICS}
    for topic, segment in lane.take(limit):
        taken[topic] += len(segment)
    assert sum(taken.values()) <= limit
    assert limit == 1 or abs(taken[TOPIC] - taken[OTHER]) <= 1


def test_take_leaves_nothing_behind_when_one_input_is_silent() -> None:
    lane = a_lane(TOPIC, OTHER)
    lane.feed(a_chunk(0, 10))
    assert [record.offset for _, segment in lane.take(10) for record in segment] == list(range(10))
    assert not lane.has_input


def test_put_back_comes_first_again() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 3))
    lane.feed(a_chunk(3, 6))
    (_, first), (_, second) = lane.take(5)
    lane.put_back(TOPIC, second)
    lane.put_back(TOPIC, first[1:])
    assert lane.positions() == {TOPIC: 1}
    assert offsets(lane) == [1, 2, 3, 4, 5]
