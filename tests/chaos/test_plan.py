"""What is random comes from the seed, and whatever is done to workers and broker is undone again."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.chaos import counting_load
from tests.chaos.casework_load import Play
from tests.chaos.casework_model import Model
from tests.chaos.plan import FAULTS, Action, Fault, timeline

SESSION_TIMEOUT_S = 10.0


def a_timeline(*faults: Fault, seed: int = 1, block: int = 0, seconds: float = 120.0) -> list[Action]:
    return timeline(
        faults, seed=seed, block=block, seconds=seconds, workers=2, session_timeout_s=SESSION_TIMEOUT_S
    )


def test_a_seed_gives_the_same_faults_and_another_seed_others() -> None:
    assert a_timeline(*FAULTS, seed=7, block=3) == a_timeline(*FAULTS, seed=7, block=3)
    assert a_timeline(*FAULTS, seed=7, block=3) != a_timeline(*FAULTS, seed=8, block=3)
    assert a_timeline(*FAULTS, seed=7, block=3) != a_timeline(*FAULTS, seed=7, block=4)


def test_no_faults_are_asked_for_and_none_happen() -> None:
    assert a_timeline() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_short_block_has_its_fault_once(fault: Fault) -> None:
    assert [action.fault for action in a_timeline(fault, seconds=5.0)].count(fault) >= 1


@pytest.mark.parametrize("seed", range(20))
def test_every_fault_happens_within_a_few_blocks(seed: int) -> None:
    happened = {action.fault for block in range(4) for action in a_timeline(*FAULTS, seed=seed, block=block)}
    assert set(FAULTS) <= happened


@pytest.mark.parametrize("seed", range(20))
def test_what_is_stopped_goes_on_and_what_is_killed_comes_back(seed: int) -> None:
    actions = a_timeline(*FAULTS, seed=seed)
    assert actions == sorted(actions)
    deeds = [action.deed for action in actions]
    for deed, undone in (("broker_pause", "broker_resume"), ("broker_kill", "broker_start")):
        assert deeds.count(deed) == deeds.count(undone)  # type: ignore[arg-type]
    stops = {action.tag: action.at_s for action in actions if action.deed == "stop"}
    assert {action.tag for action in actions if action.deed == "continue"} == set(stops)
    scales = [action.workers for action in actions if action.deed == "scale"]
    assert scales[3::4] == [2] * (len(scales) // 4)


def test_a_long_stop_outlasts_the_session_and_a_short_one_does_not() -> None:
    for fault, is_long in (("stop_long", True), ("stop_short", False)):
        began, ended = sorted(a_timeline(fault, seconds=5.0))[:2]  # type: ignore[arg-type]
        assert (ended.at_s - began.at_s > SESSION_TIMEOUT_S) == is_long


def test_a_seed_gives_the_same_load_in_the_order_of_its_moments() -> None:
    loads = [list(counting_load.plan("x", 2, seed, 200.0, 10.0)) for seed in (1, 1, 2)]
    assert loads[0] == loads[1]
    assert loads[0] != loads[2]
    assert all(one.at_s <= two.at_s for one, two in pairwise(loads[0]))
    assert 2000 < len(loads[0]) < 3000


def test_the_commands_of_a_block_are_the_same_for_a_seed_and_none_of_another_block() -> None:
    said = [list(Play(Model(), "t", block, 5).commands(100.0, 10.0)) for block in (0, 0, 1)]
    assert said[0] == said[1]
    assert all(one.at_s <= two.at_s for one, two in pairwise(said[0]))
    assert not {one.key for one in said[0]} & {one.key for one in said[2]}
