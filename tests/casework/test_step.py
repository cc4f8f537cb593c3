"""One step of a case: refusals, repeats, and what its facts say of themselves."""

from __future__ import annotations

import pytest

from schemas.signals import Refusal
from services.runtime.job import EffectDone, PassedOver, TimerDue, Turn
from tests.casework.world import CASE, WATERKANT, World

TEAM, DUTY = "linde/linde-team", "linde/linde-duty"


def a_world() -> World:
    return World(WATERKANT, at="2026-11-23T09:00")


def refusals(world: World) -> list[str]:
    return [fact.data["reason"] for fact in world.named("CommandRefused")]


def test_a_repeated_command_changes_nothing() -> None:
    world = a_world()
    world.report(types=["nursing"], id="same")
    row = world.rows[CASE.encode()]
    assert world.report("2026-11-23T09:01", types=["nursing"], id="same") == []
    assert world.passed_over == {"repeated_command": 1}
    assert world.rows[CASE.encode()] == row


def test_a_repeated_answer_changes_nothing() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.acknowledge(TEAM, id="same")
    assert world.acknowledge(TEAM, "2026-11-23T09:01", id="same") == []


def test_a_repeat_is_known_for_seven_days() -> None:
    world = a_world()
    world.report(types=["nursing"], id="same")
    world.acknowledge(TEAM)
    world.report("2026-11-30T08:59", types=["nursing"], id="same")
    assert world.passed_over == {"repeated_command": 1}
    world.report("2026-11-30T09:01", signal="sig-bbbbbbbbbbbb", types=["nursing"], id="other")
    assert "same" not in world.case()["commands"]
    # After that it is a new command; the signal is not born twice all the same.
    world.report("2026-11-30T09:02", types=["nursing"], id="same")
    assert refusals(world) == [Refusal.ALREADY_EXISTS]


def test_a_flood_of_commands_does_not_grow_a_case_without_end() -> None:
    world = a_world()
    world.report(types=["nursing"])
    for _ in range(600):
        world.acknowledge("kolk/kolk-entry")
    assert len(world.case()["commands"]) == 500


def test_a_refusal_is_a_fact_about_the_command() -> None:
    world = a_world()
    world.acknowledge(TEAM, id="the-command")
    (fact,) = world.facts
    assert fact.data == {
        "command_id": "the-command",
        "command": "AcknowledgeSignal",
        "reason": "unknown_entity",
    }
    assert fact.envelope.causationid == "the-command"


def test_a_command_about_a_case_that_is_not_there_leaves_none_behind() -> None:
    world = a_world()
    world.acknowledge(TEAM)
    world.decline(TEAM, "no_capacity")
    assert refusals(world) == [Refusal.UNKNOWN_ENTITY] * 2
    assert not world.rows


@pytest.mark.parametrize("partnership", ["de-kolk", "nobody-of-that-name"])
def test_without_an_agreement_the_refusal_is_the_fact_that_remains(partnership: str) -> None:
    world = a_world()
    world.report(partnership=partnership)
    assert refusals(world) == [Refusal.UNKNOWN_PARTNERSHIP]
    assert not world.rows


def test_an_agreement_that_is_not_yet_in_force_is_none() -> None:
    world = World(WATERKANT, at="2026-10-31T23:59:59")
    world.report()
    world.report("2026-11-01T00:00", types=["nursing"])
    assert world.names() == [
        "CommandRefused",
        "SignalReported",
        "SignalRouted",
        "ObligationOpened",
        "ObligationEscalated",
    ]


def test_a_refused_command_still_lets_time_do_its_work() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.sleep_until("2026-11-23T09:20")
    world.acknowledge("kolk/kolk-entry")
    assert world.names()[3:] == ["ObligationBreached", "CommandRefused", "ObligationEscalated"]


def test_each_fact_names_what_led_to_it() -> None:
    world = a_world()
    world.report(types=["nursing"], id="the-report")
    world.decline(TEAM, "outside_expertise", id="the-decline")
    world.run_until("2026-11-23T09:08")
    world.acknowledge(DUTY, id="the-answer")
    ids = {"the-report": "the-report", "the-decline": "the-decline", "the-answer": "the-answer"}
    ids |= {fact.envelope.id: fact.name for fact in world.facts}
    assert [(fact.name, ids[fact.envelope.causationid]) for fact in world.facts] == [
        ("SignalReported", "the-report"),
        ("SignalRouted", "SignalReported"),
        ("ObligationOpened", "SignalRouted"),
        ("SignalDeclined", "the-decline"),
        ("ObligationEscalated", "SignalDeclined"),
        ("ObligationWarned", "ObligationOpened"),
        ("SignalAcknowledged", "the-answer"),
        ("ResponsibilityTaken", "SignalAcknowledged"),
        ("ObligationDischarged", "SignalAcknowledged"),
    ]


def test_an_obligation_has_the_id_of_the_fact_that_opened_it() -> None:
    world = a_world()
    world.report(types=["social"], concern=["crisis"])
    opened = world.named("ObligationOpened")
    assert len(opened) == 2
    assert all(fact.data["obligation_id"] == fact.envelope.id for fact in opened)


def test_every_fact_carries_the_conversation_and_the_level() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.run_until("2026-11-23T10:00")
    for fact in world.facts:
        envelope = fact.envelope
        assert (envelope.source, envelope.subject) == ("urn:seinhuis:casework", "sig-aaaaaaaaaaaa")
        assert (envelope.partnership, envelope.correlationid) == ("de-vlier", "conversation-1")
        assert (envelope.urgency, envelope.priority) == ("acute", "stat")
        assert envelope.traceparent.startswith("00-0af7651916cd43dd8448eb211c80319c-")


def test_a_timer_that_has_nothing_to_do_leaves_the_case_as_it_is() -> None:
    world = a_world()
    world.report(types=["nursing"])
    row, wake = world.rows[CASE.encode()], world.wakes[CASE.encode()]
    step = world.casework.decide(
        TimerDue(CASE.encode(), wake.at_ms), row, Turn(world.clock_ms, world.clock_ms, "x-0-", 0)
    )
    assert (step.row, step.wake, list(step.emits)) == (row, wake, [])


def test_the_core_asks_for_no_effects() -> None:
    with pytest.raises(PassedOver):
        a_world().casework.decide(EffectDone(b"k", "e", b""), None, Turn(0, 0, "x-0-", 0))
