"""The whole life of a signal under the large example, as the people in it would tell it."""

from __future__ import annotations

from typing import Any

from schemas.coordination import DescribeCase
from schemas.notices import NoticeDelivered, NoticeFailed
from schemas.signals import (
    CheckEffect,
    CloseSignal,
    EndAction,
    GiveFeedback,
    InterpretSignal,
    ReassignSignal,
    RecordAction,
    WithdrawSignal,
)
from tests.agreements.waterkant import TEMPLATE, VLIER
from tests.casework.world import World, wall

TEAM, EVENING = "linde/linde-north", "linde/linde-evening"
REF = "vault:abcdefgh"


def a_world(at: str) -> World:
    world = World(at=at)
    world.publish(VLIER.read_text(encoding="utf-8"), TEMPLATE.read_text(encoding="utf-8"))
    return world


def interpreted(at: str, urgency: str = "acute", **more: Any) -> World:
    """A fall that was reported, taken and understood at a moment; what is told from then on is the story."""
    world = a_world(at)
    world.report(types=["nursing"], concern=["fall"], urgency="urgent", reporter={"kind": "domestic_help"})
    world.acknowledge(TEAM)
    world.say(DescribeCase, TEAM, practice="praktijk-lok")
    said = {"findings_for": ["gp"], "expects_action": True, **more}
    world.say(InterpretSignal, TEAM, findings_ref=REF, urgency=urgency, **said)
    return world


def gp_hears(world: World, at: str, form: str, outcome: str, **more: Any) -> None:
    text = {"content_ref": REF, "chars": 480} if form == "written" else {}
    world.say(GiveFeedback, TEAM, at, to="gp", form=form, outcome=outcome, **{**text, **more})


def letter_arrives(world: World, at: str, to: str = "praktijk-lok/lok-desk") -> None:
    """The bell has brought it where it was to go."""
    world.run_until(at)
    said: dict[str, Any] = {"notice_id": "n-12345678", "of": "FeedbackGiven", "to": to}
    world.word(NoticeDelivered, channel="webhook", text_for="gp", **said)
    world.run_until(at)


def about(world: World, *names: str) -> list[str]:
    """The lines of the story that begin with one of these words."""
    return [line for line in world.story() if any(f" {name} " in f"{line} " for name in names)]


def test_a_fall_is_seen_understood_acted_on_and_closed_when_it_helped() -> None:
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], concern=["fall"], urgency="urgent", reporter={"kind": "domestic_help"})
    world.acknowledge(TEAM, "2026-11-30T11:25")
    world.say(DescribeCase, TEAM, "2026-11-30T11:30", practice="praktijk-lok")
    world.say(
        InterpretSignal, TEAM, "2026-11-30T14:00",
        findings_ref=REF, urgency="acute", findings_for=["gp"], expects_action=True,
    )  # fmt: skip
    gp_hears(world, "2026-11-30T14:05", "written", "sent", chars=2000)
    gp_hears(world, "2026-11-30T14:05", "written", "sent")
    letter_arrives(world, "2026-11-30T14:06")
    gp_hears(world, "2026-11-30T14:10", "phone", "not_reached")
    world.say(
        RecordAction, TEAM, "2026-11-30T14:30",
        action="home_visit", owner=TEAM, due_at="2026-12-03T17:00:00+01:00",
    )  # fmt: skip
    gp_hears(world, "2026-11-30T15:30", "phone", "not_spoken")
    gp_hears(world, "2026-12-01T08:20", "phone", "spoken")
    world.say(GiveFeedback, TEAM, "2026-12-01T09:00", to="reporter", form="oral", outcome="spoken")
    world.say(CloseSignal, TEAM, "2026-12-01T09:10", reason="effect_achieved")
    action = world.named("ActionRecorded")[0].data["action_id"]
    world.say(EndAction, TEAM, "2026-12-03T16:00", action_id=action, outcome="done")
    world.say(CheckEffect, TEAM, "2026-12-07T10:00", outcome="no_contact")
    world.say(CheckEffect, TEAM, "2026-12-07T11:00", outcome="achieved")
    world.say(CloseSignal, TEAM, "2026-12-07T11:05", reason="effect_achieved")
    world.run_until("2027-01-31T11:00")
    assert world.story() == [
        "Mon 11:20 reported urgent",
        "Mon 11:20 routed to linde/linde-north (care-at-home, rule_matched)",
        "Mon 11:20 acknowledge_signal opened, due Mon 13:20",
        "Mon 11:25 acknowledged by linde/linde-north",
        "Mon 11:25 linde/linde-north answers for the case, no more schakel/coordination-point",
        "Mon 11:25 acknowledge_signal discharged on time",
        "Mon 11:25 interpret_signal opened, due Tue 11:25",
        "Mon 11:25 tell_the_reporter opened, due Tue 11:25",
        "Mon 11:30 practice praktijk-lok, group None",
        "Mon 14:00 now acute, was urgent",
        "Mon 14:00 interpreted by linde/linde-north, for gp",
        "Mon 14:00 interpret_signal discharged on time",
        "Mon 14:00 act_on_signal opened, due Mon 18:00",
        "Mon 14:00 tell_the_gp opened, due Tue 14:00",
        "Mon 14:00 call_the_gp opened, due Tue 14:00",
        "Mon 14:00 tell_the_reporter now acute, due Tue 11:25",
        "Mon 14:05 refused GiveFeedback (text_too_long)",
        "Mon 14:05 feedback to gp: written, sent",
        "Mon 14:06 tell_the_gp discharged on time",
        "Mon 14:10 feedback to gp: phone, not_reached",
        "Mon 14:30 action home_visit by linde/linde-north",
        "Mon 14:30 act_on_signal discharged on time",
        "Mon 14:30 finish_action opened, due Thu 17:00",
        "Mon 14:30 effect_check opened, due Mon 14:30",
        "Mon 15:30 feedback to gp: phone, not_spoken",
        "Tue 02:00 call_the_gp warned at 50%",
        "Tue 05:25 tell_the_reporter warned at 75%",
        "Tue 08:00 call_the_gp warned at 75%",
        "Tue 08:20 feedback to gp: phone, spoken",
        "Tue 08:20 call_the_gp discharged on time",
        "Tue 09:00 feedback to reporter: oral, spoken",
        "Tue 09:00 tell_the_reporter discharged on time",
        "Tue 09:10 refused CloseSignal (action_runs)",
        "Wed 22:22:30 finish_action warned at 75%",
        "Thu 16:00 action ended by linde/linde-north: done",
        "Thu 16:00 finish_action discharged on time",
        "Sun 21:42 effect_check warned at 90%",
        "Mon 10:00 effect: no_contact",
        "Mon 11:00 effect: achieved",
        "Mon 11:00 effect_check discharged on time",
        "Mon 11:05 closed (effect_achieved)",
    ]
    assert world.case()["obligations"] == []


def test_text_alone_tells_a_gp_of_whom_nothing_is_expected() -> None:
    world = interpreted("2026-11-30T14:00", expects_action=False)
    gp_hears(world, "2026-11-30T14:05", "written", "sent")
    letter_arrives(world, "2026-11-30T14:06")
    assert about(world, "tell_the_gp", "call_the_gp") == [
        "Mon 14:00 tell_the_gp opened, due Tue 14:00",
        "Mon 14:06 tell_the_gp discharged on time",
    ]


def test_a_letter_that_was_sent_and_never_arrived_is_missed_at_the_moment_itself() -> None:
    """Sent is not informed (semantics 43): not by who sends it, and not by a bell that reaches nobody."""
    world = interpreted("2026-11-30T14:00", expects_action=False)
    gp_hears(world, "2026-11-30T14:05", "written", "delivered")
    assert world.named("CommandRefused")[-1].data["reason"] == "wrong_outcome"
    gp_hears(world, "2026-11-30T14:06", "written", "sent")
    failed: dict[str, Any] = {"notice_id": "n-12345678", "of": "FeedbackGiven", "to": "praktijk-lok/lok-desk"}
    world.word(NoticeFailed, **failed, attempt=9, reason="server_failed", is_permanent=True)
    world.run_until("2026-12-01T14:00")
    assert about(world, "tell_the_gp")[-2:] == [
        "Tue 14:00 tell_the_gp breached, late by 0 s",
        "Tue 14:00 tell_the_gp level 1 to linde/linde-evening (no_answer)",
    ]
    # What the bell had and could not bring, somebody may bring by hand.
    gp_hears(world, "2026-12-01T14:20", "written", "delivered")
    assert about(world, "tell_the_gp")[-1] == "Tue 14:20 tell_the_gp discharged late"


def test_a_weekend_and_a_clock_change_do_not_stretch_an_acute_day() -> None:
    world = a_world("2027-03-27T13:00")
    world.report(types=["nursing"], concern=["fall"], urgency="urgent")
    holder = world.named("SignalRouted")[0].data["contact"]
    world.acknowledge(holder)
    said = {"findings_ref": REF, "urgency": "acute", "findings_for": ["gp"], "expects_action": False}
    world.say(InterpretSignal, holder, "2027-03-27T14:00", **said)
    assert about(world, "tell_the_gp") == ["Sat 14:00 tell_the_gp opened, due Sun 15:00"]


def test_routine_feedback_has_five_working_days() -> None:
    world = interpreted("2026-11-30T14:00", urgency="routine", expects_action=False)
    assert about(world, "tell_the_gp") == ["Mon 14:00 tell_the_gp opened, due Mon 14:00"]
    due = next(fact for fact in world.named("ObligationOpened") if fact.data["name"] == "tell_the_gp")
    assert due.data["due_at"] == "2026-12-07T13:00:00Z"


def test_a_gp_who_heard_nothing_is_a_breach_at_the_moment_itself_and_it_stays_owed() -> None:
    world = interpreted("2026-11-30T14:00")
    world.run_until("2026-12-01T14:30")
    assert about(world, "call_the_gp") == [
        "Mon 14:00 call_the_gp opened, due Tue 14:00",
        "Tue 02:00 call_the_gp warned at 50%",
        "Tue 08:00 call_the_gp warned at 75%",
        "Tue 11:36 call_the_gp warned at 90%",
        "Tue 14:00 call_the_gp breached, late by 0 s",
        "Tue 14:00 call_the_gp level 1 to linde/linde-evening (no_answer)",
    ]
    assert "call_the_gp" in {one["name"] for one in world.case()["obligations"]}


def test_what_is_sent_in_writing_is_no_call_and_a_call_is_no_letter() -> None:
    world = interpreted("2026-11-30T14:00")
    gp_hears(world, "2026-11-30T14:10", "phone", "spoken")
    assert {one["name"] for one in world.case()["obligations"]} >= {"tell_the_gp"}
    assert "call_the_gp" not in {one["name"] for one in world.case()["obligations"]}


def test_taken_and_given_away_it_is_asked_anew_and_can_be_taken_there() -> None:
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], urgency="urgent")
    world.acknowledge(TEAM, "2026-11-30T11:25")
    world.say(ReassignSignal, TEAM, "2026-11-30T11:30", to=EVENING, reason="no_capacity")
    world.acknowledge(EVENING, "2026-11-30T11:40")
    assert [line for line in world.story() if line > "Mon 11:30"][:5] == [
        "Mon 11:30 given to linde/linde-evening (no_capacity)",
        "Mon 11:30 routed to linde/linde-evening (by_hand, reassigned)",
        "Mon 11:30 interpret_signal cancelled (replaced)",
        "Mon 11:30 tell_the_reporter level 0 to linde/linde-evening (reassigned)",
        "Mon 11:30 acknowledge_signal opened, due Mon 13:30",
    ]
    assert world.story()[-1].startswith("Mon 11:40")
    assert "acknowledge_signal" not in {one["name"] for one in world.case()["obligations"]}


def test_what_its_reporter_withdraws_is_owed_by_nobody() -> None:
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], urgency="urgent", reporter={"kind": "professional", "party": "linde"})
    world.acknowledge(TEAM, "2026-11-30T11:25")
    reporter = {"kind": "professional", "party": "linde"}
    world.ask(WithdrawSignal, "2026-11-30T11:30", reporter=reporter, reason="mistaken")
    assert "Mon 11:30 withdrawn (mistaken)" in world.story()
    assert world.case()["obligations"] == []


def test_the_third_signal_in_a_month_proposes_a_meeting() -> None:
    world = a_world("2026-11-02T11:20")
    for n, at in enumerate(("2026-11-02T11:20", "2026-11-20T11:20", "2026-11-30T11:20")):
        world.report(at, types=["nursing"], urgency="urgent", signal=f"sig-aaaaaaaaaaa{n}")
    assert about(world, "signals:") == ["Mon 11:20 3 signals: propose_meeting"]


def moved(urgency_reason: str | None) -> list[str]:
    """An urgent signal that turns out to be routine: what becomes of what was owed before."""
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], urgency="urgent")
    world.acknowledge(TEAM, "2026-11-30T11:25")
    said = {"urgency_reason": urgency_reason} if urgency_reason else {}
    world.say(
        InterpretSignal, TEAM, "2026-11-30T12:00",
        findings_ref=REF, urgency="routine", expects_action=False, **said,
    )  # fmt: skip
    owed = {one["name"]: one["due_ms"] for one in world.case()["obligations"]}
    return [wall(owed["tell_the_reporter"])]


def test_what_is_owed_may_wait_longer_only_for_a_reason() -> None:
    assert moved(None) == ["Tue 11:25"]
    assert moved("no_risk_seen") == ["Mon 11:25"]


def test_what_is_left_as_it_is_has_no_effect_to_check() -> None:
    world = interpreted("2026-11-30T14:00", urgency="urgent", findings_for=[], expects_action=False)
    world.say(RecordAction, TEAM, "2026-11-30T15:00", action="no_action", reason="client_declines")
    assert about(world, "effect_check") == []
    world.say(GiveFeedback, TEAM, "2026-11-30T15:01", to="reporter", form="oral", outcome="spoken")
    world.say(CloseSignal, TEAM, "2026-11-30T15:05", reason="no_action_needed")
    assert "Mon 15:05 closed (no_action_needed)" in world.story()
    assert world.case()["obligations"] == []


def test_the_only_action_that_runs_needs_no_name_and_of_two_neither_is_meant() -> None:
    world = a_world("2026-11-30T11:20")
    world.report(urgency="urgent", types=["nursing"], postcode="9902")
    world.acknowledge(TEAM, "2026-11-30T11:25")
    understood = {"findings_ref": REF, "urgency": "urgent", "expects_action": False}
    world.say(InterpretSignal, TEAM, "2026-11-30T11:30", **understood)
    visit = {"action": "home_visit", "owner": TEAM, "due_at": "2026-12-03T17:00:00+01:00"}
    for at in ("11:40", "11:50"):
        world.say(RecordAction, TEAM, f"2026-11-30T{at}", **visit)
    world.say(EndAction, TEAM, "2026-11-30T12:00", outcome="done")
    assert [one.data["reason"] for one in world.named("CommandRefused")] == ["unknown_action"]
    first, second = (one.data["action_id"] for one in world.named("ActionRecorded"))
    world.say(EndAction, TEAM, "2026-11-30T12:10", action_id=first, outcome="done")
    world.say(EndAction, TEAM, "2026-11-30T12:20", outcome="done")
    assert [one.data["action_id"] for one in world.named("ActionEnded")] == [first, second]
