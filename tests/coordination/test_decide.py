"""A case's own slots: who answers for it, who is its contact, and what it holds of the client."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.coordination import DescribeCase, JoinCase, ReleaseRole, TakeRole
from schemas.signals import (
    CheckEffect,
    CloseSignal,
    GiveFeedback,
    InterpretSignal,
    ReassignSignal,
    RecordAction,
)
from tests.casework.test_life_story import EVENING, REF, TEAM, a_world, about
from tests.casework.world import CASE, World

POINT, WELFARE, OTHER = "schakel/coordination-point", "welzijn/welzijn-worker", "sig-bbbbbbbbbbbb"


def taken() -> World:
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], urgency="urgent")
    world.acknowledge(TEAM, "2026-11-30T11:25")
    return world


def refused(world: World) -> list[str]:
    return [fact.data["reason"] for fact in world.named("CoordinationRefused")]


def test_before_anybody_accepted_the_coordination_point_answers_for_the_case() -> None:
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], urgency="urgent")
    assert world.case()["responsible"] == POINT
    world.decline(TEAM, "no_capacity", "2026-11-30T11:22")
    assert world.case()["responsible"] == POINT, "a no takes nothing on"


def test_whoever_takes_the_first_signal_answers_for_the_case() -> None:
    world = taken()
    assert world.case()["responsible"] == TEAM
    (fact,) = world.named("ResponsibilityTaken")
    assert (fact.data["before"], fact.envelope.subject) == (POINT, fact.envelope.caseid)


def test_given_away_it_stays_with_the_giver_until_the_other_says_yes() -> None:
    world = taken()
    world.say(ReassignSignal, TEAM, "2026-11-30T12:00", to=EVENING, reason="no_capacity")
    assert world.case()["responsible"] == TEAM
    world.run_until("2026-11-30T18:00")
    assert world.case()["responsible"] == TEAM, "silence moves nothing"
    world.acknowledge(EVENING, "2026-11-30T18:01")
    assert world.case()["responsible"] == EVENING
    assert [fact.data["before"] for fact in world.named("ResponsibilityTaken")] == [POINT, TEAM]


def test_taking_another_signal_of_the_case_moves_nothing_until_the_first_is_over() -> None:
    world = taken()
    world.report("2026-11-30T12:00", types=["social"], urgency="urgent", signal=OTHER)
    world.acknowledge(WELFARE, "2026-11-30T12:05", signal=OTHER)
    assert world.case()["responsible"] == TEAM
    world.say(InterpretSignal, TEAM, findings_ref=REF, urgency="urgent", expects_action=False)
    world.say(RecordAction, TEAM, action="no_action", reason="client_declines")
    world.say(GiveFeedback, TEAM, to="reporter", form="phone", outcome="spoken")
    world.say(CloseSignal, TEAM, reason="no_action_needed")
    assert world.case()["responsible"] == TEAM, "nobody else has said yes to the case"
    world.report("2026-12-01T12:00", types=["social"], urgency="urgent", signal="sig-cccccccccccc")
    world.acknowledge(WELFARE, "2026-12-01T12:05", signal="sig-cccccccccccc")
    assert world.case()["responsible"] == WELFARE


def test_a_case_that_has_a_contact_or_a_coordinator_sends_its_signals_there_first() -> None:
    world = taken()
    world.say(TakeRole, TEAM, "2026-11-30T12:00", role="client_contact")
    world.report("2026-11-30T13:00", types=["social"], urgency="urgent", signal=OTHER)
    routed = world.named("SignalRouted")[-1].data
    assert (routed["contact"], routed["rule"]) == (TEAM, "already-known")
    world.say(ReleaseRole, TEAM, role="client_contact")
    world.say(TakeRole, TEAM, role="coordinator")
    world.report("2026-11-30T14:00", types=["social"], urgency="urgent", signal="sig-cccccccccccc")
    routed = world.named("SignalRouted")[-1].data
    assert (routed["contact"], routed["rule"]) == (TEAM, "already-coordinated")


def test_the_coordinator_may_speak_for_every_signal_of_the_case() -> None:
    world = taken()
    world.say(TakeRole, EVENING, role="coordinator")
    world.say(InterpretSignal, EVENING, findings_ref=REF, urgency="urgent", expects_action=False)
    assert world.named("SignalInterpreted")[0].data["by"]["contact"] == EVENING


def test_a_slot_is_nobodys_to_take_from_another() -> None:
    world = taken()
    world.say(TakeRole, TEAM, role="coordinator")
    world.say(TakeRole, EVENING, role="coordinator")
    world.say(TakeRole, TEAM, role="coordinator")
    world.say(ReleaseRole, EVENING, role="coordinator")
    world.say(ReleaseRole, EVENING, role="client_contact")
    assert refused(world) == ["already_taken", "not_allowed_now", "not_the_holder", "not_allowed_now"]
    world.say(ReleaseRole, POINT, role="coordinator")
    assert world.named("RoleReleased")[0].data["held_by"] == TEAM
    assert world.case()["roles"] == {}


@pytest.mark.parametrize(
    ("kind", "said"), [(TakeRole, {"role": "coordinator"}), (DescribeCase, {"practice": "praktijk-lok"})]
)
def test_outside_the_circle_nobody_settles_anything(kind: Any, said: dict[str, str]) -> None:
    world = taken()
    world.say(kind, WELFARE, **said)
    world.say(kind, "linde/nobody", **said)
    assert refused(world) == ["never_asked", "unknown_contact"]


def test_nobody_takes_a_role_in_a_case_that_is_not_there() -> None:
    world = a_world("2026-11-30T11:20")
    world.say(TakeRole, POINT, role="coordinator")
    assert refused(world) == ["unknown_entity"] and not world.rows


def test_a_case_may_begin_with_what_is_known_of_the_client_and_its_first_signal_goes_by_it() -> None:
    world = a_world("2026-11-30T11:20")
    world.say(DescribeCase, POINT, practice="praktijk-brink", target_group="chronic_wounds")
    world.report(types=["medical"], urgency="routine", concern=[])
    assert world.named("SignalRouted")[0].data["rule"] == "path"
    assert world.case()["client"] == {"practice": "praktijk-brink", "target_group": "chronic_wounds"}


def test_what_is_left_out_stays_as_it_was() -> None:
    world = taken()
    world.say(DescribeCase, TEAM, practice="praktijk-lok")
    world.say(DescribeCase, TEAM, target_group="dementia")
    assert world.named("CaseDescribed")[-1].data["practice"] == "praktijk-lok"


def written(**more: Any) -> dict[str, Any]:
    said = {"to": "gp", "form": "written", "outcome": "sent", "content_ref": REF, "chars": 480}
    return {**said, **more}


def test_a_practice_nobody_knows_is_a_task_while_the_clock_runs() -> None:
    world = taken()
    said = {"findings_ref": REF, "urgency": "acute", "findings_for": ["gp"], "expects_action": False}
    world.say(InterpretSignal, TEAM, "2026-11-30T14:00", **said)
    world.say(GiveFeedback, TEAM, "2026-11-30T14:05", **written())
    assert world.named("CommandRefused")[-1].data["reason"] == "practice_unknown"
    world.say(DescribeCase, TEAM, "2026-11-30T15:00", practice="praktijk-lok")
    world.say(GiveFeedback, TEAM, "2026-11-30T15:05", **written())
    assert about(world, "find_the_practice", "tell_the_gp") == [
        "Mon 14:00 tell_the_gp opened, due Tue 14:00",
        "Mon 14:00 find_the_practice opened, due Mon 16:00",
        "Mon 15:00 find_the_practice discharged on time",
    ]
    assert world.named("FeedbackGiven")[-1].data["receiver"] == "praktijk-lok/lok-desk"


def test_the_letter_goes_to_the_clients_own_practice_and_to_no_other() -> None:
    world = taken()
    world.say(DescribeCase, TEAM, practice="praktijk-lok")
    world.say(GiveFeedback, TEAM, **written(receiver="praktijk-brink/brink-desk"))
    assert world.named("CommandRefused")[-1].data["reason"] == "wrong_receiver"
    world.say(GiveFeedback, TEAM, **written(receiver="praktijk-lok/lok-manager"))
    assert world.named("FeedbackGiven")[-1].data["receiver"] == "praktijk-lok/lok-manager"


def test_a_practice_that_takes_no_part_is_written_to_by_hand() -> None:
    world = taken()
    world.say(DescribeCase, TEAM, practice="praktijk-elders")
    world.say(GiveFeedback, TEAM, **written())
    assert world.named("CommandRefused")[-1].data["reason"] == "wrong_receiver", "nobody sends it there"
    world.say(GiveFeedback, TEAM, **written(outcome="delivered"))
    assert world.named("FeedbackGiven")[-1].data["receiver"] is None


def test_a_signal_that_ended_is_no_reason_to_check_its_effect() -> None:
    world = taken()
    world.say(CheckEffect, TEAM, outcome="achieved")
    assert world.named("CommandRefused")[-1].data["reason"] == "not_allowed_now"


def test_joined_cases_are_told_of_each_other_and_nothing_is_moved() -> None:
    world = taken()
    before = world.case()
    world.ask(
        JoinCase, None, other="case-bbbbbbbbbbbb", leads_to="case-bbbbbbbbbbbb", source="urn:seinhuis:gateway"
    )
    (fact,) = world.named("CaseJoined")
    assert (fact.data["other"], fact.envelope.subject) == ("case-bbbbbbbbbbbb", CASE)
    after = world.case()
    assert (after["responsible"], after["roles"], after["entities"]) == (
        before["responsible"],
        before["roles"],
        before["entities"],
    )
    unknown = a_world("2026-11-30T11:20")
    unknown.ask(JoinCase, None, other="case-bbbbbbbbbbbb", leads_to="case-bbbbbbbbbbbb")
    assert refused(unknown) == ["unknown_entity"] and not unknown.rows
