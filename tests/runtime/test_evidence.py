"""The evidence rule (I8): no deadline fires while an answer may lie unread in the log."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.runtime.job import Wake
from services.runtime.lane import Evidence, Lane
from services.runtime.timers import RANKS, frame
from tests.runtime.given import OTHER, TOPIC, a_chunk, a_lane, apply, keep

DUE_MS = 1000


def a_lane_with_a_timer(*topics: str) -> Lane:
    lane = a_lane(*topics)
    lane.rows[b"case-1"] = frame(b"{}", Wake(DUE_MS))
    lane.timers.arm(b"case-1", Wake(DUE_MS))
    return lane


def test_timer_waits_for_evidence_even_when_nothing_is_unread() -> None:
    lane = a_lane_with_a_timer()
    assert not lane.may_fire()
    assert lane.wants_evidence(now_ms=DUE_MS)


def test_timer_fires_on_a_log_end_that_was_asked_for_after_its_moment() -> None:
    lane = a_lane_with_a_timer()
    lane.weigh(Evidence(DUE_MS, {TOPIC: 0}))
    assert lane.may_fire()


def test_timer_does_not_fire_on_a_log_end_from_before_its_moment() -> None:
    lane = a_lane_with_a_timer()
    lane.weigh(Evidence(DUE_MS - 1, {TOPIC: 0}))
    assert not lane.may_fire()
    assert lane.wants_evidence(now_ms=DUE_MS)


def test_timer_waits_until_all_before_the_log_end_is_decided() -> None:
    lane = a_lane_with_a_timer()
    lane.weigh(Evidence(DUE_MS, {TOPIC: 3}))
    assert not lane.may_fire()
    lane.feed(a_chunk(0, 3))
    lane.settle_evidence()
    assert not lane.may_fire(), "read is not decided"
    lane.take(10)
    lane.settle_evidence()
    assert lane.may_fire()


def test_timer_waits_for_every_input_of_its_lane() -> None:
    lane = a_lane_with_a_timer(TOPIC, OTHER)
    lane.weigh(Evidence(DUE_MS, {TOPIC: 0, OTHER: 1}))
    assert not lane.may_fire()
    lane.feed(a_chunk(0, 1, topic=OTHER))
    lane.take(10)
    lane.settle_evidence()
    assert lane.may_fire()


def test_timer_is_let_go_by_markers_that_reach_the_log_end() -> None:
    lane = a_lane_with_a_timer()
    lane.weigh(Evidence(DUE_MS, {TOPIC: 2}))
    lane.feed(a_chunk(0, 2, []))
    lane.settle_evidence()
    assert lane.may_fire()


def test_evidence_is_asked_for_once_at_a_time_and_only_when_something_is_due() -> None:
    lane = a_lane_with_a_timer()
    assert not lane.wants_evidence(now_ms=DUE_MS - 1)
    lane.weigh(Evidence(DUE_MS, {TOPIC: 1}))
    assert not lane.wants_evidence(now_ms=DUE_MS)
    assert not a_lane().wants_evidence(now_ms=10**15)


def test_timer_is_let_go_by_the_batch_that_decides_what_its_evidence_waited_for() -> None:
    lane = a_lane_with_a_timer()
    lane.weigh(Evidence(DUE_MS, {TOPIC: 2}))
    lane.feed(a_chunk(0, 2))
    apply(lane, keep)
    assert lane.may_fire()


def test_acute_timer_wants_evidence_of_its_own_while_a_crowd_that_was_due_before_it_waits() -> None:
    lane = a_lane()
    for n in range(100):
        lane.timers.arm(b"routine-%d" % n, Wake(DUE_MS, 5))
    lane.timers.arm(b"acute", Wake(DUE_MS + 10, 0))
    lane.weigh(Evidence(DUE_MS + 5, {TOPIC: 0}))
    assert lane.may_fire()
    assert not lane.wants_evidence(now_ms=DUE_MS + 9)
    assert lane.wants_evidence(now_ms=DUE_MS + 10)


def test_lane_is_as_urgent_as_what_was_said_in_it_or_its_most_urgent_timer() -> None:
    lane = a_lane()
    lane.timers.arm(b"case-1", Wake(DUE_MS, 5))
    assert lane.urgency() == RANKS, "without evidence nothing of it is due"
    lane.weigh(Evidence(DUE_MS, {TOPIC: 0}))
    assert lane.urgency() == 5
    lane.feed(a_chunk(0, 1))
    assert lane.urgency() == 0


@given(
    due_ms=st.integers(1, 50),
    steps=st.lists(
        st.tuples(st.sampled_from(["ask", "say", "read", "decide", "wait"]), st.integers(1, 5)), max_size=60
    ),
)
def test_timer_never_fires_before_what_was_said_by_its_moment_is_decided(
    due_ms: int, steps: list[tuple[str, int]]
) -> None:
    """Whatever the order of asking, saying, reading and deciding."""
    lane = a_lane()
    lane.rows[b"case-1"] = frame(b"{}", Wake(due_ms))
    lane.timers.arm(b"case-1", Wake(due_ms))
    now_ms, log_end, read, decided, said_by_due = 0, 0, 0, 0, 0
    for step, amount in steps:
        match step:
            case "wait":
                now_ms += amount
            case "say":
                log_end += amount
            case "ask" if lane.wants_evidence(now_ms):
                lane.weigh(Evidence(now_ms, {TOPIC: log_end}))
            case "read" if read < log_end:
                end = min(log_end, read + amount)
                lane.feed(a_chunk(read, end))
                read = end
            case "decide":
                decided += sum(len(records) for _, records in lane.take(amount))
                lane.settle_evidence()
            case _:
                pass
        if now_ms < due_ms:
            said_by_due = log_end
        if lane.may_fire():
            assert now_ms >= due_ms
            assert decided >= said_by_due
