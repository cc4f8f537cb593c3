"""Health: why a process should be ended, and why it should get no work; each by its reason."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.runtime import exits
from services.runtime.lane import Lane
from services.runtime.lanes import Lanes
from services.runtime.settings import RuntimeSettings
from services.runtime.watchdog import LOOK_EVERY_S, Watchdog, not_live, not_ready
from tests.runtime.given import a_chunk, a_lane

NOW_S = 1000.0
SETTINGS = RuntimeSettings(clock=None)


@dataclass
class Opened:
    lane: Lane
    moved_at_s: float = NOW_S
    is_busy: bool = False


@dataclass
class Yard:
    """What the watchdog looks at."""

    broadcasts: Any
    open: dict[int, Opened] = field(default_factory=dict)
    opening: dict[int, float] = field(default_factory=dict)
    assigned: set[int] = field(default_factory=lambda: {0})
    ticked_at_s: float = NOW_S
    stopping: bool = False
    held: bool = False
    settings: RuntimeSettings = SETTINGS
    job: Any = field(default_factory=lambda: SimpleNamespace(name="casework"))

    def is_held(self) -> bool:
        return self.held


def a_yard(*, age_s: float = 0.0, is_loaded: bool = True, **more: Any) -> Yard:
    loaded = asyncio.Event()
    if is_loaded:
        loaded.set()
    return Yard(SimpleNamespace(age_s=lambda: age_s, loaded=loaded), **more)


def live(yard: Yard, now_s: float = NOW_S) -> list[str]:
    return not_live(cast(Lanes, yard), now_s)


def ready(yard: Yard) -> list[str]:
    return not_ready(cast(Lanes, yard))


def waiting(moved_at_s: float = NOW_S, **more: Any) -> Opened:
    lane = a_lane()
    lane.feed(a_chunk(0, 3))
    return Opened(lane, moved_at_s, **more)


def test_idle_worker_is_live_and_ready() -> None:
    yard = a_yard(open={0: Opened(a_lane(), moved_at_s=0.0)})
    assert live(yard) == []
    assert ready(yard) == []


def test_worker_whose_loop_lags_is_not_live() -> None:
    assert live(a_yard(ticked_at_s=NOW_S - SETTINGS.loop_lag_max_s - 1)) == ["loop_lag"]
    assert live(a_yard(ticked_at_s=NOW_S - SETTINGS.loop_lag_max_s + 1)) == []


class Clockwork:
    """Looks at these moments, and no further."""

    def __init__(self, *looks_s: float) -> None:
        self._looks_s = iter(looks_s)

    def monotonic(self) -> float:
        return next(self._looks_s)

    def sleep(self, _seconds: float) -> None:
        pass


@pytest.mark.parametrize(
    ("lag_s", "looks_s", "is_ended"),
    [
        (SETTINGS.loop_lag_max_s + 1, (0, 1), True),
        (31, (0, 30, 31), False),
        (40, (0, *range(30, 42)), True),
        (1, (0, 1, 2), False),
    ],
    ids=["a loop that lags", "a process that was stopped", "and does not come back", "a loop that ticks"],
)
def test_process_that_was_stopped_is_given_its_time_before_it_is_judged(
    monkeypatch: pytest.MonkeyPatch, lag_s: float, looks_s: tuple[float, ...], is_ended: bool
) -> None:
    ends: list[int] = []

    def end(code: int) -> None:
        ends.append(code)
        raise StopIteration

    monkeypatch.setattr("services.runtime.watchdog.time", Clockwork(*looks_s))
    monkeypatch.setattr("services.runtime.watchdog.exits.now", end)
    assert LOOK_EVERY_S == 1
    with pytest.raises(StopIteration):
        Watchdog(cast(Lanes, a_yard(ticked_at_s=looks_s[-1] - lag_s))).run()
    assert ends == ([exits.FAILED] if is_ended else [])


@pytest.mark.parametrize(
    "opened",
    [
        waiting(NOW_S - SETTINGS.stuck_after_s - 1),
        Opened(a_lane(), NOW_S - SETTINGS.stuck_after_s - 1, is_busy=True),
    ],
    ids=["unread input", "commit under way"],
)
def test_lane_that_stands_still_with_work_is_not_live(opened: Opened) -> None:
    assert live(a_yard(open={4: opened})) == ["lane_4_stands_still"]


def test_lane_is_given_its_time_from_the_moment_it_had_work() -> None:
    """A lane that was idle for an hour is not late the instant its first record comes."""
    opened = Opened(a_lane(), moved_at_s=0.0)
    yard = a_yard(open={4: opened})
    assert live(yard) == []
    opened.lane.feed(a_chunk(0, 3))
    assert live(yard, NOW_S + 1) == []
    yard.ticked_at_s = NOW_S + SETTINGS.stuck_after_s + 2
    assert live(yard, yard.ticked_at_s) == ["lane_4_stands_still"]


def test_lane_that_is_held_or_halted_does_not_stand_still() -> None:
    long_ago = NOW_S - SETTINGS.stuck_after_s - 1
    assert live(a_yard(open={4: waiting(long_ago)}, held=True)) == []
    halted = waiting(long_ago)
    halted.lane.halted = "too_many_failed_decisions"
    assert live(a_yard(open={4: halted})) == []


def test_lane_that_recovers_too_long_is_not_live() -> None:
    assert live(a_yard(opening={2: NOW_S - SETTINGS.recover_within_s - 1})) == ["lane_2_recovers_too_long"]
    assert live(a_yard(opening={2: NOW_S - SETTINGS.recover_within_s + 1})) == []


def test_broadcasts_are_stale_before_the_worker_is_given_up() -> None:
    stale = a_yard(age_s=SETTINGS.broadcast_stale_s + 1)
    assert live(stale) == []
    assert ready(stale) == ["broadcast_stale"]
    assert live(a_yard(age_s=SETTINGS.broadcast_stale_s + SETTINGS.stuck_after_s + 1)) == ["broadcast_stale"]


def test_ready_names_the_lane_and_its_reason() -> None:
    halted = Opened(a_lane())
    halted.lane.halted = "too_many_failed_decisions"
    yard = a_yard(open={3: halted}, opening={5: NOW_S})
    assert ready(yard) == ["lane_5_recovering", "lane_3_halted:too_many_failed_decisions"]


def test_worker_without_lanes_is_not_ready() -> None:
    assert ready(a_yard(assigned=set())) == ["no_lanes_assigned"]


def test_worker_is_not_ready_while_broadcasts_load() -> None:
    assert ready(a_yard(is_loaded=False)) == ["broadcasts_loading"]


def test_stopping_worker_is_not_ready() -> None:
    assert ready(a_yard(stopping=True)) == ["stopping"]
