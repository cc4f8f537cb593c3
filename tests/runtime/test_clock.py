"""The clock: the wall's own, or one that everybody with the same three values shares."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.clock import Clock, ClockTextError

MONDAY = "2026-11-23T07:00:00+01:00"
MONDAY_MS = 1_795_413_600_000


@pytest.mark.parametrize("text", [None, ""])
def test_clock_without_a_text_is_the_walls(text: str | None) -> None:
    clock = Clock.from_text(text)
    assert clock.is_wall
    assert abs(clock.now_ms() - time.time() * 1000) < 1000


def test_turned_clock_begins_at_its_start_and_runs_at_its_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock.from_text(f"{MONDAY}@1000x1440")
    assert not clock.is_wall
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    assert clock.now_ms() == MONDAY_MS
    monkeypatch.setattr(time, "time", lambda: 1060.0)
    assert clock.now_ms() == MONDAY_MS + 24 * 3600 * 1000


def test_clock_without_a_speed_runs_like_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1001.5)
    assert Clock.from_text(f"{MONDAY}@1000").now_ms() == MONDAY_MS + 1500


@given(at_ms=st.integers(MONDAY_MS, MONDAY_MS + 10**9), speed=st.sampled_from([0.5, 1.0, 60.0, 1440.0]))
def test_wall_moment_of_a_clocks_moment_is_when_it_shows_it(at_ms: int, speed: float) -> None:
    clock = Clock(MONDAY_MS, 1000.0, speed)
    wall_s = clock.to_wall_s(at_ms)
    assert clock.start_ms + (wall_s - clock.anchor_s) * 1000 * speed == pytest.approx(at_ms, abs=1)


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "2026-11-23T07:00:00@1000x10",  # no zone
        f"{MONDAY}@x10",
        f"{MONDAY}@1000x0",
        f"{MONDAY}@1000x-1",
        f"{MONDAY}@1000xfast",
        f"{MONDAY}@nanx1",
        f"{MONDAY}@infx1",
        f"{MONDAY}@1000xnan",
        f"{MONDAY}@1000xinf",
        "@1000x1",
    ],
)
def test_clock_text_that_says_no_clock_is_refused(text: str) -> None:
    with pytest.raises(ClockTextError, match="SEINHUIS_CLOCK"):
        Clock.from_text(text)
