"""Timers: a cache of the rows' wakes that is never early, serves the most urgent first, and forgets nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.job import Wake
from services.runtime.timers import NEVER_MS, RANKS, Timers, frame, unframe, wake_of

wakes = st.one_of(st.none(), st.builds(Wake, st.integers(0, 2**45), st.integers(0, RANKS - 1)))


@given(row=st.binary(), wake=wakes)
def test_frame_gives_back_row_and_wake(row: bytes, wake: Wake | None) -> None:
    framed = frame(row, wake)
    assert unframe(framed) == row
    assert wake_of(framed) == wake


@pytest.mark.parametrize(
    ("wake", "framed"),
    [(None, b"- 5\n{}"), (Wake(1763786400123, 0), b"1763786400123 0\n{}"), (Wake(7), b"7 5\n{}")],
)
def test_frame_keeps_the_shape_that_is_on_disk(wake: Wake | None, framed: bytes) -> None:
    assert frame(b"{}", wake) == framed


def armed(rows: dict[bytes, bytes], *wanted: tuple[bytes, Wake]) -> Timers:
    timers = Timers()
    for key, wake in wanted:
        rows[key] = frame(b"{}", wake)
        timers.arm(key, wake)
    return timers


def test_timer_is_due_at_its_moment_and_not_before() -> None:
    rows: dict[bytes, bytes] = {}
    timers = armed(rows, (b"a", Wake(100)))
    assert timers.take_due(99, rows, 10) == []
    assert timers.take_due(100, rows, 10) == [(b"a", 100)]
    assert timers.take_due(100, rows, 10) == []


def test_timers_of_a_lower_rank_go_first_and_then_the_longest_overdue() -> None:
    rows: dict[bytes, bytes] = {}
    timers = armed(
        rows,
        (b"routine", Wake(1, 9)),
        (b"late", Wake(30, 0)),
        (b"later", Wake(40, 0)),
        (b"urgent", Wake(20, 4)),
    )
    assert [key for key, _ in timers.take_due(50, rows, 10)] == [b"late", b"later", b"urgent", b"routine"]


def test_ten_thousand_routine_timers_do_not_delay_an_acute_one() -> None:
    rows: dict[bytes, bytes] = {}
    timers = armed(rows, *((b"r%d" % n, Wake(n, 5)) for n in range(10_000)))
    rows[b"acute"] = frame(b"{}", Wake(9_999, 0))
    timers.arm(b"acute", Wake(9_999, 0))
    assert timers.take_due(10_000, rows, 1) == [(b"acute", 9_999)]


def test_most_urgent_rank_that_is_due_is_known() -> None:
    timers = armed({}, (b"routine", Wake(10, 5)), (b"acute", Wake(20, 0)))
    assert [timers.first_rank(at_ms) for at_ms in (9, 10, 20)] == [RANKS, 5, 0]


def test_limit_bounds_a_scan_and_loses_nothing() -> None:
    rows: dict[bytes, bytes] = {}
    timers = armed(rows, *((b"%d" % n, Wake(n)) for n in range(25)))
    taken = [timers.take_due(100, rows, 10) for _ in range(4)]
    assert [len(due) for due in taken] == [10, 10, 5, 0]
    assert len({key for due in taken for key, _ in due}) == 25


def test_entry_whose_row_moved_on_is_dropped() -> None:
    rows: dict[bytes, bytes] = {}
    timers = armed(
        rows, (b"moved", Wake(10)), (b"gone", Wake(10)), (b"stopped", Wake(10)), (b"ranked", Wake(10, 3))
    )
    rows[b"moved"] = frame(b"{}", Wake(50))
    timers.arm(b"moved", Wake(50))
    del rows[b"gone"]
    rows[b"stopped"] = frame(b"{}", None)
    rows[b"ranked"] = frame(b"{}", Wake(10, 1))
    timers.arm(b"ranked", Wake(10, 1))
    assert timers.take_due(20, rows, 10) == [(b"ranked", 10)]
    assert timers.take_due(50, rows, 10) == [(b"moved", 50)]


def test_retry_comes_back_with_the_moment_the_row_still_asks_for() -> None:
    rows: dict[bytes, bytes] = {}
    timers = armed(rows, (b"a", Wake(100)))
    timers.take_due(100, rows, 10)
    timers.retry(b"a", 150)
    assert timers.earliest_ms() == 150
    assert timers.take_due(149, rows, 10) == []
    assert timers.take_due(150, rows, 10) == [(b"a", 100)]


def test_retry_is_dropped_when_its_row_was_answered_meanwhile() -> None:
    rows: dict[bytes, bytes] = {}
    timers = armed(rows, (b"answered", Wake(100)), (b"gone", Wake(100)), (b"moved", Wake(100)))
    timers.take_due(100, rows, 10)
    for key in (b"answered", b"gone", b"moved"):
        timers.retry(key, 150)
    rows[b"answered"] = frame(b"{}", None)
    del rows[b"gone"]
    rows[b"moved"] = frame(b"{}", Wake(500))
    assert timers.take_due(150, rows, 10) == []


def test_earliest_is_never_when_nothing_is_armed() -> None:
    assert Timers().earliest_ms() == NEVER_MS


def test_bloat_is_told_and_rebuilding_ends_it() -> None:
    rows: dict[bytes, bytes] = {}
    timers = armed(rows, *((b"a", Wake(n)) for n in range(2000)))
    assert timers.is_bloated(len(rows))
    rebuilt = Timers.rebuilt(rows)
    assert len(rebuilt) == 1
    assert not rebuilt.is_bloated(len(rows))
    assert rebuilt.take_due(5000, rows, 10) == [(b"a", 1999)]


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([b"a", b"b", b"c"]), st.one_of(st.none(), st.integers(0, 40)), st.integers(0, 3)
        ),
        max_size=40,
    ),
    until_ms=st.integers(0, 45),
)
def test_timers_kept_and_timers_rebuilt_agree(
    steps: list[tuple[bytes, int | None, int]], until_ms: int
) -> None:
    """The cache says what the rows say, whatever happened before (semantics 14)."""
    rows: dict[bytes, bytes] = {}
    kept = Timers()
    for key, at_ms, rank in steps:
        wake = None if at_ms is None else Wake(at_ms, rank)
        framed = frame(b"{}", wake)
        if wake is not None and rows.get(key) != framed:
            kept.arm(key, wake)
        rows[key] = framed
    due = dict(kept.take_due(until_ms, rows, 100))
    assert due == dict(Timers.rebuilt(rows).take_due(until_ms, rows, 100))
    assert set(due) == {key for key, row in rows.items() if (w := wake_of(row)) and w.at_ms <= until_ms}
