"""When deciding itself fails: nobody's claim on an answer is lost with the record."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from services.casework import decide as core
from services.casework.step import CaseStep
from services.runtime.job import KEEP, TimerDue, Turn
from tests.casework.world import CASE, WATERKANT, World

POINT = "schakel/coordination-point"


def a_world() -> World:
    return World(WATERKANT, at="2026-11-23T09:00")


class Bug(Exception):
    """What nobody thought of."""


@pytest.fixture
def broken_decider(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every decider of commands raises."""

    def fails(asks: Any, at: Any) -> Any:
        raise Bug

    monkeypatch.setattr(core, "DECIDERS", dict.fromkeys(core.DECIDERS, fails))


def broken_case(world: World) -> None:
    """The row of the one case, with obligations that no step can live with."""
    row = orjson.loads(world.rows[CASE.encode()])
    for one in row["obligations"]:
        del one["due_ms"]
    world.rows[CASE.encode()] = orjson.dumps(row)
    world.wakes.clear()


@pytest.mark.usefixtures("broken_decider")
def test_a_report_that_cannot_be_decided_goes_to_the_coordination_point() -> None:
    world = a_world()
    world.report(types=["nursing"])
    assert world.dead == {"decision_failed": 1}
    assert world.story() == [
        "Mon 09:00 reported acute",
        "Mon 09:00 routed to schakel/coordination-point (root, decision_failed)",
        "Mon 09:00 acknowledge_signal opened, due Mon 09:15",
    ]


@pytest.mark.usefixtures("broken_decider")
def test_a_rescued_report_has_its_ladder() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.run_until("2026-11-23T09:15")
    assert [fact.data["to"] for fact in world.named("ObligationEscalated")] == ["waterkant/regional-duty"]


def test_a_rescued_report_can_be_taken(broken_decider: None, monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world()
    world.report(types=["nursing"])
    monkeypatch.undo()
    world.acknowledge(POINT, "2026-11-23T09:05")
    assert world.names()[-2:] == ["SignalAcknowledged", "ObligationDischarged"]


@pytest.mark.usefixtures("broken_decider")
def test_an_answer_that_cannot_be_decided_is_refused() -> None:
    world = a_world()
    world.acknowledge(POINT)
    assert world.story() == ["Mon 09:00 refused AcknowledgeSignal (decision_failed)"]


def test_a_report_to_a_broken_case_is_told_and_the_row_left_alone() -> None:
    world = a_world()
    world.report(types=["nursing"])
    broken_case(world)
    row = world.rows[CASE.encode()]
    world.report("2026-11-23T09:05", signal="sig-bbbbbbbbbbbb", types=["social"])
    assert world.story()[-2:] == [
        "Mon 09:05 reported acute",
        "Mon 09:05 routed to schakel/coordination-point (root, decision_failed)",
    ]
    assert world.rows[CASE.encode()] == row


def test_a_row_of_a_version_to_come_is_left_alone() -> None:
    world = a_world()
    world.rows[CASE.encode()] = b'{"v":2}'
    world.report(types=["nursing"])
    assert world.names() == ["SignalReported", "SignalRouted"]
    assert world.rows[CASE.encode()] == b'{"v":2}'


@pytest.mark.usefixtures("broken_decider")
def test_without_an_agreement_a_rescue_is_a_refusal() -> None:
    world = World(at="2026-11-23T09:00")
    world.report(types=["nursing"])
    # No agreement: not even the broken decider was reached.
    assert world.story() == ["Mon 09:00 refused ReportSignal (unknown_partnership)"]


def test_when_nothing_can_be_made_of_a_report_the_refusal_remains(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world()

    def fails(self: CaseStep, partnership: str) -> Any:
        raise Bug

    monkeypatch.setattr(CaseStep, "_in_force", fails)
    world.report(types=["nursing"])
    assert world.story() == ["Mon 09:00 refused ReportSignal (decision_failed)"]


@pytest.mark.usefixtures("broken_decider")
def test_a_signal_that_is_there_already_is_not_born_by_a_rescue() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.report("2026-11-23T09:01", types=["nursing"])
    assert world.story()[-1] == "Mon 09:01 refused ReportSignal (decision_failed)"


def test_a_timer_that_failed_needs_no_rescue() -> None:
    world = a_world()
    assert (
        world.casework.rescue(TimerDue(CASE.encode(), 0), b"{}", Turn(0, 0, "x-0-", 0), "decision_failed")
        == KEEP
    )


def test_a_timer_of_a_broken_case_raises_so_that_it_stays_armed() -> None:
    world = a_world()
    world.report(types=["nursing"])
    wake = world.wakes[CASE.encode()]
    broken_case(world)
    with pytest.raises(KeyError):
        world.casework.decide(
            TimerDue(CASE.encode(), wake.at_ms),
            world.rows[CASE.encode()],
            Turn(wake.at_ms, wake.at_ms, "x-0-", 0),
        )
