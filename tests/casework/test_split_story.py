"""One interpretation, several signals: born in the same step, routed by the same rules, each with its own life."""

from __future__ import annotations

from typing import Any

from schemas.signals import CloseSignal, EndAction, InterpretSignal, RecordAction, RecordWait, WithdrawSignal
from tests.casework.test_life_story import REF, TEAM, a_world, about
from tests.casework.world import CASE, SIGNAL, World

WMO, SOCIAL = "gemeente/wmo-desk", "welzijn/welzijn-worker"
PART = {"types": ["social"], "concern": ["loneliness"], "urgency": "routine", "content_ref": REF}


def split(at: str = "2026-11-30T13:00", parts: Any = (PART,), **more: Any) -> World:
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], concern=["fall"], urgency="urgent", reporter={"kind": "domestic_help"})
    world.acknowledge(TEAM, "2026-11-30T11:25")
    world.say(
        InterpretSignal, TEAM, at,
        findings_ref=REF, urgency="urgent", expects_action=False, parts=list(parts), **more,
    )  # fmt: skip
    return world


def born_of(world: World) -> list[str]:
    born: list[str] = world.named("SignalSplit")[0].data["into"]
    return born


def test_the_second_signal_is_born_in_the_same_step_and_asked_where_its_kind_goes() -> None:
    world = split(types=["medical"], concern=["fall", "medication"])
    (born,) = born_of(world)
    assert set(world.case()["entities"]) == {SIGNAL, born}
    told = [fact for fact in world.facts if fact.envelope.subject == born]
    assert [fact.name for fact in told] == ["SignalReported", "SignalRouted", "ObligationOpened"]
    assert told[0].data["split_from"] == SIGNAL
    assert told[0].data["reporter"] == {"kind": "professional", "party": "linde"}
    assert told[1].data["contact"] == "morgenlijn/morgenlijn-lead", "by the same tree: lonely"
    assert told[0].envelope.causationid == world.named("SignalSplit")[0].envelope.id
    assert told[0].envelope.urgency == "routine"
    assert {fact.envelope.caseid for fact in told} == {CASE}


def test_each_part_has_a_life_of_its_own() -> None:
    world = split()
    (born,) = born_of(world)
    world.acknowledge("morgenlijn/morgenlijn-lead", "2026-11-30T14:00", signal=born)
    states = {one: entity["signal"]["state"] for one, entity in world.case()["entities"].items()}
    assert states == {SIGNAL: "interpreted", born: "acknowledged"}
    assert world.case()["responsible"] == TEAM, "who took the first one answers for the case"


def test_only_its_reporter_can_take_a_part_back_and_that_is_who_understood_it() -> None:
    world = split()
    (born,) = born_of(world)
    said = {"signal": born, "reason": "mistaken"}
    world.ask(WithdrawSignal, None, reporter={"kind": "domestic_help"}, **said)
    world.ask(WithdrawSignal, None, reporter={"kind": "professional", "party": "linde"}, **said)
    assert [fact.name for fact in world.facts[-3:]][-2:] == ["SignalWithdrawn", "ObligationCancelled"]
    assert world.named("CommandRefused")[-1].data["reason"] == "not_the_reporter"


def test_a_part_that_was_split_off_is_no_signal_more_of_the_case() -> None:
    world = split(parts=[PART, {**PART, "concern": []}])
    assert len(born_of(world)) == 2
    assert world.named("SignalRepeated") == []
    world.report("2026-12-01T11:20", types=["nursing"], urgency="urgent", signal="sig-cccccccccccc")
    assert world.named("SignalRepeated") == [], "two were reported"


def test_an_urgency_nobody_agreed_on_splits_nothing() -> None:
    world = split(parts=[{**PART, "urgency": "soonish"}])
    assert world.named("SignalSplit") == [] and set(world.case()["entities"]) == {SIGNAL}
    assert world.named("CommandRefused")[-1].data["reason"] == "unknown_urgency"


def test_two_actions_end_each_for_itself_and_one_that_does_not_is_late_at_its_own_moment() -> None:
    world = split()
    grab_bar = {"action": "grab_bar", "owner": WMO, "due_at": "2026-12-03T17:00:00+01:00"}
    world.say(RecordAction, TEAM, "2026-11-30T13:30", **grab_bar)
    visit = {"action": "home_visit", "owner": TEAM, "due_at": "2026-12-02T12:00:00+01:00"}
    world.say(RecordAction, TEAM, "2026-11-30T13:31", **visit)
    bar, home = [fact.data["action_id"] for fact in world.named("ActionRecorded")]
    world.say(EndAction, TEAM, "2026-12-02T11:00", action_id=home, outcome="done")
    world.run_until("2026-12-03T17:00")
    assert about(world, "finish_action") == [
        "Mon 13:30 finish_action opened, due Thu 17:00",
        "Mon 13:31 finish_action opened, due Wed 12:00",
        "Wed 00:22:45 finish_action warned at 75%",
        "Wed 11:00 finish_action discharged on time",
        "Wed 22:07:30 finish_action warned at 75%",
        "Thu 17:00 finish_action breached, late by 0 s",
        "Thu 17:00 finish_action level 2 to schakel/coordination-point "
        "(no_answer, not deputy: outside_hours)",
    ]
    world.say(EndAction, WMO, "2026-12-04T09:00", action_id=bar, outcome="done")
    assert about(world, "finish_action")[-1] == "Fri 09:00 finish_action discharged late"
    world.say(EndAction, WMO, action_id=bar, outcome="done")
    assert world.named("CommandRefused")[-1].data["reason"] in {"unknown_action", "never_asked"}


def test_an_action_of_somebody_unknown_or_by_a_moment_that_has_passed_is_refused() -> None:
    world = split()
    said = {"action": "home_visit", "owner": "linde/nobody", "due_at": "2026-12-03T17:00:00+01:00"}
    world.say(RecordAction, TEAM, **said)
    world.say(RecordAction, TEAM, **{**said, "owner": TEAM, "due_at": "2026-11-30T12:00:00+01:00"})
    refused = [fact.data["reason"] for fact in world.named("CommandRefused")]
    assert refused == ["unknown_contact", "time_not_credible"]


def test_a_clock_waits_for_a_reason_until_a_moment_and_runs_on_by_itself() -> None:
    world = split()
    world.say(RecordWait, TEAM, "2026-11-30T14:00", reason="client_away", until="2026-12-01T14:00:00+01:00")
    world.run_until("2026-12-01T14:00")
    assert about(world, "act_on_signal") == [
        "Mon 13:00 act_on_signal opened, due Wed 13:00",
        "Mon 14:00 act_on_signal paused until Tue 14:00 (client_away)",
        "Tue 14:00 act_on_signal runs on, due Thu 13:00 (pause_over)",
    ]


def test_the_first_answer_is_never_waited_for() -> None:
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], urgency="urgent")
    wait = {"reason": "waiting_for_reporter", "until": "2026-12-01T14:00:00+01:00"}
    world.say(RecordWait, TEAM, **wait)
    assert world.named("CommandRefused")[-1].data["reason"] == "not_the_holder"
    assert world.named("ObligationPaused") == []


def test_acute_runs_on_whatever_is_waited_for() -> None:
    world = split(parts=())
    world.say(InterpretSignal, TEAM, findings_ref=REF, urgency="acute", expects_action=False)
    world.say(RecordWait, TEAM, reason="client_away", until="2026-12-01T14:00:00+01:00")
    assert world.named("WaitRecorded") and world.named("ObligationPaused") == []


def test_a_signal_is_not_closed_while_somebody_waits_to_hear() -> None:
    world = split(parts=())
    world.say(RecordAction, TEAM, action="no_action", reason="client_declines")
    world.say(CloseSignal, TEAM, reason="no_action_needed")
    assert world.named("CommandRefused")[-1].data["reason"] == "feedback_owed"
    assert "tell_the_reporter" in {one["name"] for one in world.case()["obligations"]}


def test_a_signal_that_turns_acute_asks_only_who_has_the_expertise_for_what_was_owed_already() -> None:
    world = split(parts=())
    owed = {one["name"]: one for one in world.case()["obligations"]}
    assert owed["tell_the_reporter"]["expertise"] == []
    world.say(InterpretSignal, TEAM, findings_ref=REF, urgency="acute", expects_action=False)
    owed = {one["name"]: one for one in world.case()["obligations"]}
    assert owed["tell_the_reporter"]["expertise"] == ["nursing", "triage"]
    assert owed["act_on_signal"]["expertise"] == ["nursing", "triage"]
