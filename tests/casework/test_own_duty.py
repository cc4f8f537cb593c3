"""An obligation that no example has is a change to the agreement only: opened, watched, moved and ended as any."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.signals import FeedbackForm, GiveFeedback, InterpretSignal, ReassignSignal, RecordAction
from services.agreements.book import usable
from services.agreements.check import check
from services.agreements.load import load
from tests.agreements.texts import changed
from tests.agreements.waterkant import SMALL, TEMPLATE, WHOLES
from tests.casework.world import World

#: Whoever sends a bus for somebody says so to the volunteers, who are asked by a ladder of their own.
OWN = """\
  - name: tell_the_volunteers
    purpose: nobody waits at the door for a bus that does not come
    measure: feedback_in_time
    opened_by: {event: ActionRecorded, where: {action: transport}}
    discharged_by: [{event: FeedbackGiven, where: {to: volunteer, form: phone, outcome: spoken}}]
    next_level_on: [SignalDeclined]
    asked_of: [{event: SignalReassigned, who: event.to}]
    cancelled_by: [SignalWithdrawn, {event: SignalClosed, because: closed}]
    owed_by: event.owner
    owed_to: volunteer
    within: {acute: PT1H, urgent: PT4H, routine: {working_days: 1, calendar: office}}
    warn_at: [50]
    ladder: bus
    ladder_begins: when_due
    group: bus_called

# Who is asked next"""
BUS = """\
    desk:
"""
OWN_LADDER = """\
    bus:
      - {to: contact}
      - to: regional-duty
        after: {acute: PT30M, urgent: PT1H, routine: {working_hours: 4, calendar: office}}
        repeat_every: {acute: PT1H, urgent: PT3H, routine: {working_days: 1, calendar: office}}
    desk:
"""
TEXT = changed(("# Who is asked next", OWN), (BUS, OWN_LADDER))
TEAM, REGION, DESK = "linde/linde-team", "waterkant/regional-duty", "welzijn/welzijn-desk"
REF = "vault:abcdefgh"


def a_bus(urgency: str = "urgent") -> World:
    """On Monday at ten a bus is sent."""
    world = World(TEXT, at="2026-11-23T09:00")
    world.report(types=["nursing"], urgency=urgency)
    world.acknowledge(TEAM, "2026-11-23T09:05")
    world.say(InterpretSignal, TEAM, findings_ref=REF, urgency=urgency, expects_action=True)
    said = {"action": "transport", "owner": TEAM, "due_at": "2026-11-23T16:00:00+01:00"}
    world.say(RecordAction, TEAM, "2026-11-23T10:00", **said)
    return world


def about_the_bus(world: World) -> list[str]:
    return [line for line in world.story() if " tell_the_volunteers " in line]


def called(world: World, at: str, form: FeedbackForm, outcome: str = "spoken") -> None:
    world.say(GiveFeedback, TEAM, at, to="volunteer", form=form, outcome=outcome)


def test_an_agreement_with_it_could_be_published() -> None:
    draft = load(TEXT)
    assert draft.agreement is not None
    assert [found for found in check(draft) if found.severity == "error"] == []


def test_a_field_the_fact_has_not_is_found_before_it_is_signed() -> None:
    draft = load(TEXT.replace("who: event.to}", "who: event.nobody}"))
    assert draft.agreement is not None
    errors = {found.code for found in check(draft) if found.severity == "error"}
    assert errors == {"unknown_field"}


def test_what_only_the_agreement_knows_is_opened_warned_of_breached_and_asked_up_its_ladder() -> None:
    world = a_bus()
    called(world, "2026-11-23T11:00", FeedbackForm.PHONE, "not_reached")
    called(world, "2026-11-23T11:05", FeedbackForm.VIDEO_CALL)
    called(world, "2026-11-23T17:30", FeedbackForm.PHONE)
    assert about_the_bus(world) == [
        "Mon 10:00 tell_the_volunteers opened, due Mon 14:00",
        "Mon 12:00 tell_the_volunteers warned at 50%",
        "Mon 14:00 tell_the_volunteers breached, late by 0 s",
        "Mon 14:00 tell_the_volunteers level 1 to waterkant/regional-duty (no_answer)",
        "Mon 17:00 tell_the_volunteers level 1 to waterkant/regional-duty (repeated)",
        "Mon 17:30 tell_the_volunteers discharged late",
    ]
    (ended,) = [fact for fact in world.named("ObligationDischarged") if fact.data["group"]]
    assert (ended.data["group"], ended.data["group_is_met"]) == ("bus_called", True)


def test_it_follows_the_urgency_of_its_signal() -> None:
    world = a_bus()
    world.say(
        InterpretSignal, TEAM, "2026-11-23T10:20", findings_ref=REF, urgency="acute", expects_action=True
    )
    assert about_the_bus(world)[-1] == "Mon 10:20 tell_the_volunteers now acute, due Mon 11:00"
    called(world, "2026-11-23T10:50", FeedbackForm.PHONE)
    assert about_the_bus(world)[-1] == "Mon 10:50 tell_the_volunteers discharged on time"


def test_given_to_somebody_else_it_is_asked_there() -> None:
    world = a_bus()
    world.say(ReassignSignal, TEAM, "2026-11-23T10:30", to=DESK, reason="no_capacity")
    assert about_the_bus(world)[-1] == f"Mon 10:30 tell_the_volunteers level 0 to {DESK} (reassigned)"


# -- and those of the example ---------------------------------------------------------------------


def test_a_signal_that_is_given_away_before_anybody_took_it_is_asked_there_with_its_deadline() -> None:
    world = World(TEXT, at="2026-11-23T09:00")
    world.report(types=["nursing"])
    world.say(ReassignSignal, TEAM, "2026-11-23T09:05", to=DESK, reason="already_known_there")
    world.run_until("2026-11-23T09:20")
    world.acknowledge(DESK, "2026-11-23T09:21")
    assert world.story()[2:] == [
        "Mon 09:00 acknowledge_signal opened, due Mon 09:15",
        "Mon 09:05 given to welzijn/welzijn-desk (already_known_there)",
        "Mon 09:05 acknowledge_signal level 0 to welzijn/welzijn-desk (reassigned)",
        "Mon 09:07:30 acknowledge_signal warned at 50%",
        "Mon 09:11:15 acknowledge_signal warned at 75%",
        "Mon 09:13:30 acknowledge_signal warned at 90%",
        "Mon 09:15 acknowledge_signal breached, late by 0 s",
        "Mon 09:20 acknowledge_signal level 1 to linde/linde-duty (no_answer)",
        "Mon 09:21 acknowledged by welzijn/welzijn-desk",
        "Mon 09:21 welzijn/welzijn-desk answers for the case, no more schakel/coordination-point",
        "Mon 09:21 acknowledge_signal discharged late",
    ]


@pytest.mark.parametrize("path", WHOLES, ids=lambda path: path.stem)
def test_the_first_acknowledgement_is_never_paused(path: Path) -> None:
    """That is the agreement's own matter: no example lets anything stop that clock (semantics 11)."""
    template = None if path == SMALL else TEMPLATE.read_text(encoding="utf-8")
    found = usable(path.read_text(encoding="utf-8"), template).agreement
    first = [one for one in found.obligations if "SignalAcknowledged" in one.discharged_by]
    assert first and not any(one.paused_by for one in first)
