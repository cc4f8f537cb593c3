"""Who hears of what, by which way, and what becomes of it: told as stories of the small agreement."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from schemas.directory import Change, ContactDescribed, Reached, Shift, Silenced, SilenceReason
from schemas.notices import FailReason, ReplayNotice
from schemas.signals import (
    DeclineSignal,
    FeedbackGiven,
    InterpretSignal,
    LogCall,
    ReassignSignal,
    RecordAction,
    SignalClosed,
    WithdrawSignal,
)
from services.agreements import directory_changes as changes
from services.agreements.directory import Window
from services.agreements.directory_book import times_of
from services.agreements.directory_changes import nothing_told
from services.agreements.moments import moment
from services.notices.outcome import ACCEPTED, DELIVERED, failed
from tests.casework.world import CASE, Fact, ms
from tests.notices.world import WATERKANT, World

MONDAY = "2026-11-23T09:00"
TEAM, DUTY, POINT, GP = (
    "linde/linde-team",
    "linde/linde-duty",
    "schakel/coordination-point",
    "huisartsen/gp-desk",
)
BY_A_GP = {"kind": "professional", "party": "huisartsen"}
TIMED_OUT = failed(FailReason.TIMED_OUT)


def a_world(*agreements: str, at: str = MONDAY) -> World:
    return World(*agreements, at=at)


# -- who is told -------------------------------------------------------------------------------------


def test_whoever_is_asked_is_told_at_once_by_the_first_way() -> None:
    world = a_world()
    world.report(types=["nursing"])
    assert world.story() == [
        f"Mon 09:00 SignalRouted for {TEAM} (webhook, written)",
        f"Mon 09:00 attempt 1 to {TEAM} by webhook",
    ]
    assert (world.passed_over, world.dead) == ({}, {})


def test_next_level_is_told_when_nobody_answers_and_everybody_asked_before_when_it_is_taken() -> None:
    world = a_world()
    world.report(types=["nursing"], reporter=BY_A_GP)
    world.answer_all(DELIVERED)
    world.acknowledge(DUTY, at="2026-11-23T09:20")
    world.answer_all(DELIVERED)
    asked = [(fact.data["to"], fact.data["of"]) for fact in world.named("NoticeQueued") if fact.data["asks"]]
    assert asked == [(TEAM, "SignalRouted"), (DUTY, "ObligationEscalated")]
    taken = [
        (fact.data["to"], fact.data["phone"])
        for fact in world.named("NoticeQueued")
        if fact.data["of"] == "SignalAcknowledged"
    ]
    assert taken == [(TEAM, DUTY), (GP, DUTY)]


def test_warning_and_breach_go_to_whom_the_agreement_names() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.answer_all(DELIVERED)
    world.run_until("2026-11-23T09:16")
    told = {(fact.data["of"], fact.data["to"]) for fact in world.named("NoticeQueued")}
    assert ("ObligationWarned", TEAM) in told
    assert {("ObligationBreached", TEAM), ("ObligationBreached", POINT)} <= told


def test_who_did_it_is_not_told_of_it() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.acknowledge(TEAM)
    assert [fact.data["of"] for fact in world.named("NoticeQueued")] == ["SignalRouted"]


def test_function_that_is_asked_by_two_facts_of_one_step_is_told_once() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.say(ReassignSignal, TEAM, to=GP, reason="outside_expertise")
    told = [fact.data["of"] for fact in world.named("NoticeQueued") if fact.data["to"] == GP]
    assert told == ["SignalReassigned"]
    (one,) = [one for one in world.open() if one["to"] == GP]
    assert one["obligation_id"] is not None, "and it knows what is owed"


def test_whoever_declined_is_told_who_took_it() -> None:
    world = a_world()
    world.report(types=["nursing"], reporter=BY_A_GP)
    world.say(DeclineSignal, TEAM, reason="no_capacity")
    world.acknowledge(DUTY)
    assert (TEAM, "SignalAcknowledged") in [
        (fact.data["to"], fact.data["of"]) for fact in world.named("NoticeQueued")
    ]


def test_notice_says_whom_to_phone_and_never_oneself() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.run_until("2026-11-23T12:00")
    for fact in world.named("NoticeQueued"):
        assert fact.data["phone"] not in {None, fact.data["to"]}


# -- by which way ------------------------------------------------------------------------------------


def test_phone_is_a_task_for_a_person_and_nothing_is_sent() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.answer_all(DELIVERED)
    sent = len(world.attempts)
    world.say(DeclineSignal, TEAM, reason="no_capacity")
    assert f"ObligationEscalated {DUTY} by phone" in world.stream("schakel")
    (task,) = [fact for fact in world.named("NoticeQueued") if fact.data["to"] == DUTY]
    assert (task.data["channel"], task.data["form"]) == ("phone", "oral")
    assert all(attempt["contact"] != DUTY for attempt in world.attempts[sent:])


def called(to: str, outcome: str, **more: str) -> World:
    """Nobody of the team answers, so the duty nurse is to be phoned; the coordination point does."""
    world = a_world()
    world.report(types=["nursing"])
    world.answer_all(DELIVERED)
    world.say(DeclineSignal, TEAM, reason="no_capacity")
    world.say(LogCall, POINT, to=to, outcome=outcome, **more)
    return world


@pytest.mark.parametrize("outcome", ["spoken", "taken"])
def test_call_that_was_made_is_done_in_one_step(outcome: str) -> None:
    world = called(DUTY, outcome)
    (task,) = [fact.data for fact in world.named("NoticeQueued") if fact.data["to"] == DUTY]
    assert task["caller"] == POINT
    (done,) = [fact.data for fact in world.named("NoticeDelivered") if fact.data["to"] == DUTY]
    assert (done["notice_id"], done["channel"]) == (task["notice_id"], "phone")
    taken = [fact.data["by"]["contact"] for fact in world.core.named("SignalAcknowledged")]
    assert taken == ([DUTY] if outcome == "taken" else [])
    world.say(LogCall, POINT, to=DUTY, outcome="spoken")
    assert len([fact for fact in world.named("NoticeDelivered") if fact.data["to"] == DUTY]) == 1


def test_who_is_not_reached_by_phone_is_waited_for_no_longer() -> None:
    world = called(DUTY, "not_reached")
    failure = world.named("NoticeFailed")[-1].data
    assert (failure["to"], failure["reason"], failure["is_permanent"]) == (DUTY, "unreachable", True)


def test_call_to_somebody_else_leaves_the_task_as_it_is() -> None:
    world = called(TEAM, "not_reached")
    assert [fact for fact in world.named("NoticeFailed") if fact.data["to"] == DUTY] == []
    world.say(LogCall, POINT, to=DUTY, outcome="spoken")
    assert [fact.data["to"] for fact in world.named("NoticeDelivered")][-1] == DUTY


def test_last_level_that_is_asked_again_by_phone_is_one_task() -> None:
    """However long nobody calls: a case does not grow by it."""
    world = a_world()
    world.report(types=["nursing"], urgency="acute")
    for _ in range(40):
        world.answer_all(DELIVERED)
        world.run_until(moment(world.now_ms + 900_000).isoformat())
    calls = world.row().get("calls", [])
    assert len([one for one in calls if one["to"] == "waterkant/regional-duty" and one["asks"]]) == 1
    world.ask(WithdrawSignal, reporter={"kind": "neighbour"}, reason="mistaken")
    world.run_until("2026-12-10T09:00")
    assert "calls" not in world.row(), "what is over is forgotten"


def test_nobody_is_tried_by_another_way_when_it_was_answered_meanwhile() -> None:
    world = called(TEAM, "spoken")
    world.acknowledge(DUTY)
    world.say(LogCall, POINT, to=DUTY, outcome="not_reached")
    assert world.named("NoticeSuppressed")[-1].data["to"] == DUTY


def test_way_of_today_is_the_directorys() -> None:
    world = a_world()
    described = ContactDescribed(
        contact=TEAM,
        revision=1,
        because=Change.REACH,
        reach=(Reached(from_at=moment(ms(MONDAY)), channels=("email",)),),
    )
    world.core.describe(described)
    world.report(types=["nursing"])
    assert world.named("NoticeQueued")[0].data["channel"] == "email"


def test_attempt_is_repeated_with_back_off_and_the_same_key() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.answer(TEAM, TIMED_OUT)
    world.run_until("2026-11-23T09:00:05")
    world.answer(TEAM, TIMED_OUT)
    world.run_until("2026-11-23T09:00:15")
    world.answer(TEAM, DELIVERED)
    assert [fact.data["attempt"] for fact in world.named("NoticeAttempted")] == [1, 2, 3]
    assert [fact.at_ms - ms(MONDAY) for fact in world.named("NoticeAttempted")] == [0, 5_000, 15_000]
    assert len({attempt["delivery_id"] for attempt in world.attempts}) == 1
    assert world.open() == []


def test_retry_after_is_kept_to() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.answer(TEAM, failed(FailReason.OVERLOADED, 60))
    (failure,) = world.named("NoticeFailed")
    assert ms(failure.data["retry_at"]) == ms(MONDAY) + 60_000


def test_next_way_is_taken_well_before_the_next_level_is_asked() -> None:
    world = a_world()
    world.report(types=["nursing"])
    while world.open():
        world.answer_all(TIMED_OUT)
        world.run_until(moment(world.now_ms + 1_000).isoformat())
    by_phone = next(one for one in world.named("NoticeQueued") if one.data["channel"] == "phone")
    assert (by_phone.data["to"], by_phone.data["of"]) == (TEAM, "SignalRouted")
    assert by_phone.at_ms < ms(MONDAY) + 15 * 60_000 / 2


@pytest.mark.parametrize(
    "reason",
    [
        FailReason.NO_ADDRESS,
        FailReason.ADDRESS_REFUSED,
        FailReason.ADDRESS_NOT_ALLOWED,
        FailReason.REJECTED,
        FailReason.TLS_FAILED,
    ],
)
def test_what_will_not_change_is_not_tried_again(reason: FailReason) -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.answer(TEAM, failed(reason))
    (failure,) = world.named("NoticeFailed")
    assert (failure.data["next_channel"], failure.data["is_permanent"]) == ("phone", False)


ONLY_WEBHOOK = WATERKANT.replace("channels: [webhook, phone]", "channels: [webhook]")


def test_notice_without_a_way_left_fails_for_good_and_lies_with_the_dead_letters() -> None:
    world = a_world(ONLY_WEBHOOK)
    world.report(types=["nursing"])
    world.answer(TEAM, failed(FailReason.NO_ADDRESS))
    (failure,) = world.named("NoticeFailed")
    assert failure.data["is_permanent"]
    (letter,) = world.letters
    assert (letter["topic"], letter["reason"]) == ("signals.events.v1", "notice_failed")
    assert TEAM not in str(letter) and CASE not in str(letter)


def test_replay_sends_again_with_the_key_it_had() -> None:
    world = a_world(ONLY_WEBHOOK)
    world.report(types=["nursing"])
    world.answer(TEAM, failed(FailReason.NO_ADDRESS))
    world.command(ReplayNotice, CASE, notice_id=world.letters[0]["notice_id"])
    world.answer(TEAM, DELIVERED)
    first, again = (one for one in world.attempts if one["contact"] == TEAM)
    assert first["delivery_id"] == again["delivery_id"]
    assert world.named("NoticeDelivered")[-1].data["to"] == TEAM


def test_replay_of_what_was_answered_meanwhile_sends_nothing() -> None:
    world = a_world(ONLY_WEBHOOK)
    world.report(types=["nursing"])
    world.answer(TEAM, failed(FailReason.NO_ADDRESS))
    world.acknowledge(TEAM)
    world.command(ReplayNotice, CASE, notice_id=world.letters[0]["notice_id"])
    assert world.sending == {}
    assert world.named("NoticeSuppressed")[-1].data["reason"] == "discharged"


def test_replay_of_what_did_not_fail_is_passed_over() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.command(ReplayNotice, CASE, notice_id="n-00000000")
    assert world.passed_over == {"notice_not_failed": 1}


# -- what is over ------------------------------------------------------------------------------------


def test_taking_it_stops_what_has_not_begun() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.acknowledge(TEAM)
    world.answer_all(DELIVERED)
    assert [fact.name for fact in world.told] == ["NoticeQueued", "NoticeAttempted", "NoticeSuppressed"]
    assert world.open() == []


def test_taking_it_stops_what_waits_to_be_tried_again() -> None:
    world = a_world()
    world.report(types=["nursing"])
    world.answer(TEAM, TIMED_OUT)
    world.acknowledge(TEAM)
    assert world.named("NoticeSuppressed")[0].data["reason"] == "discharged"
    world.run_until("2026-11-23T10:00")
    assert len(world.attempts) == 1


def test_withdrawing_it_stops_what_was_asked() -> None:
    world = a_world()
    world.report(types=["nursing"], reporter=BY_A_GP)
    world.answer(TEAM, TIMED_OUT)
    world.ask(WithdrawSignal, reporter=BY_A_GP, reason="mistaken")
    assert [fact.data["reason"] for fact in world.named("NoticeSuppressed")] == ["discharged"]


def test_what_was_asked_before_it_was_taken_is_not_sent_when_it_is_read_after() -> None:
    world = a_world()
    world.core.report(types=["nursing"])
    world.core.acknowledge(TEAM)
    routed = next(fact for fact in world.core.facts if fact.name == "SignalRouted")
    for fact in world.core.facts:
        if fact is not routed:
            world.hear(fact)
    world.hear(routed)
    assert world.attempts == []
    assert [fact.data["reason"] for fact in world.named("NoticeSuppressed")] == ["discharged"]


def test_warning_that_is_read_after_its_discharge_is_not_sent() -> None:
    world = a_world()
    world.core.report(types=["nursing"])
    world.core.run_until("2026-11-23T09:08")
    world.core.acknowledge(TEAM)
    warned = next(fact for fact in world.core.facts if fact.name == "ObligationWarned")
    for fact in world.core.facts:
        if fact is not warned:
            world.hear(fact)
    queued = len(world.named("NoticeQueued"))
    world.hear(warned)
    assert len(world.named("NoticeQueued")) == queued
    assert world.named("NoticeSuppressed")[-1].data["of"] == "ObligationWarned"


FINISH_ACTION = """obligations:
  - name: finish_action
    purpose: wie iets op zich nam zegt wanneer het klaar is
    measure: acknowledged_in_time
    opened_by: {event: ActionRecorded, where: {is_action: true}}
    discharged_by: [{event: ActionEnded, same: [action_id]}]
    cancelled_by: [SignalWithdrawn, {event: SignalClosed, because: closed}]
    owed_by: event.owner
    owed_to: circle
    due: event.due_at
    within: {acute: PT4H, urgent: PT4H, routine: PT4H}
    warn_at: [75]
    ladder: desk
    ladder_begins: when_due
"""


def test_what_is_owed_to_the_circle_is_told_to_whoever_has_had_a_signal_of_the_case() -> None:
    """The circle hears, thinly, that an action is late."""
    circle = WATERKANT.replace(
        "{on: ObligationBreached, to: [owed_by, coordinator]}", "{on: ObligationBreached, to: owed_to}"
    )
    text = circle.replace("obligations:\n", FINISH_ACTION)
    world = a_world(text)
    world.report(types=["nursing"], reporter=BY_A_GP)
    world.acknowledge(TEAM)
    world.say(InterpretSignal, TEAM, findings_ref="vault:aaaaaaaa", urgency="acute", expects_action=True)
    due = moment(ms("2026-11-23T10:00")).isoformat()
    world.say(RecordAction, TEAM, action="visit", owner=DUTY, due_at=due)
    world.run_until("2026-11-23T10:01")
    late = [
        fact.data["to"] for fact in world.named("NoticeQueued") if fact.data["of"] == "ObligationBreached"
    ]
    assert late == [TEAM]


# -- silences ----------------------------------------------------------------------------------------


def silence(until: str | None, reason: SilenceReason = SilenceReason.SILENCE) -> ContactDescribed:
    until_at = None if until is None else moment(ms(until))
    return ContactDescribed(
        contact=TEAM,
        revision=1,
        because=Change.SILENCED,
        silences=(Silenced(from_at=moment(ms(MONDAY)), until_at=until_at, reason=reason),),
    )


def test_silence_holds_up_what_is_not_acute_and_lets_it_go_when_it_is_over() -> None:
    world = a_world()
    world.core.describe(silence("2026-11-23T10:00"))
    world.report(types=["nursing"], urgency="urgent")
    assert world.attempts == []
    (held,) = world.named("NoticeSuppressed")
    assert (held.data["reason"], ms(held.data["until"])) == ("silence", ms("2026-11-23T10:00"))
    world.run_until("2026-11-23T10:00")
    assert [attempt["contact"] for attempt in world.attempts][:1] == [TEAM]


def test_silence_never_holds_up_what_is_acute() -> None:
    world = a_world()
    world.core.describe(silence("2026-11-23T10:00"))
    world.report(types=["nursing"], urgency="acute")
    assert [attempt["contact"] for attempt in world.attempts] == [TEAM]


def test_silence_without_an_end_holds_it_up_until_somebody_ends_it() -> None:
    world = a_world()
    world.core.describe(silence(None, SilenceReason.MAINTENANCE))
    world.report(types=["nursing"], urgency="routine")
    world.run_until("2026-11-23T11:00")
    (held,) = world.named("NoticeSuppressed")
    assert (held.data["reason"], held.data["until"], world.attempts) == ("maintenance", None, [])
    world.core.describe(silence(MONDAY).model_copy(update={"silences": ()}))
    world.run_until("2026-11-23T11:05")
    assert [attempt["contact"] for attempt in world.attempts] == [TEAM]


def test_silence_that_is_made_longer_or_lifted_early_holds_as_it_is_told_last() -> None:
    for until, first in (("2026-11-23T10:30", "10:30"), ("2026-11-23T09:20", "09:20")):
        world = a_world()
        world.core.describe(silence("2026-11-23T10:00"))
        world.report(types=["nursing"], urgency="urgent")
        world.run_until("2026-11-23T09:10")
        world.core.describe(silence(until))
        world.run_until("2026-11-23T10:40")
        attempted = [fact for fact in world.named("NoticeAttempted") if fact.data["to"] == TEAM]
        assert attempted[0].at_ms == ms(f"2026-11-23T{first}")
        held = [fact.data["notice_id"] for fact in world.named("NoticeSuppressed")]
        assert len(held) == len(set(held)), "each is told once to be held up"


def test_silence_that_begins_later_holds_up_what_is_tried_again_and_what_waits_in_a_bundle() -> None:
    world = a_world()
    world.report(types=["nursing"], urgency="urgent")
    world.answer(TEAM, TIMED_OUT)
    world.core.describe(silence("2026-11-23T09:30"))
    world.run_until("2026-11-23T09:29")
    assert len(world.attempts) == 1
    world.run_until("2026-11-23T09:31")
    assert len(world.attempts) == 2

    world = a_world(BUNDLED)
    routine(world)
    world.answer_all(DELIVERED)
    world.forward()
    told = ContactDescribed(
        contact=GP,
        revision=1,
        because=Change.SILENCED,
        silences=(
            Silenced(
                from_at=moment(ms("2026-11-23T12:30")),
                until_at=moment(ms("2026-11-23T14:00")),
                reason=SilenceReason.SILENCE,
            ),
        ),
    )
    world.core.describe(told)
    world.run_until("2026-11-23T13:59")
    assert [said for said in world.attempts if said["items"]] == []
    world.run_until("2026-11-23T14:00")
    assert [said["contact"] for said in world.attempts if said["items"]] == [GP]


def test_silence_touches_no_deadline() -> None:
    quiet, loud = a_world(), a_world()
    quiet.core.describe(silence("2026-11-23T18:00"))
    for world in (quiet, loud):
        world.report(types=["nursing"], urgency="urgent")
        world.run_until("2026-11-23T12:00")
    assert quiet.core.story() == loud.core.story()


def test_what_was_taken_during_a_silence_is_not_sent_after_it() -> None:
    world = a_world()
    world.core.describe(silence("2026-11-23T10:00"))
    world.report(types=["nursing"], urgency="urgent")
    world.acknowledge(TEAM, at="2026-11-23T09:30")
    world.run_until("2026-11-23T11:00")
    assert world.attempts == []


# -- bundles -----------------------------------------------------------------------------------------

BUNDLED = WATERKANT.replace(
    "{on: SignalClosed, to: [circle, reporter]}", "{on: ActionRecorded, to: reporter, bundle: PT4H}"
)


def routine(world: World, urgency: str = "routine") -> None:
    """A signal that is taken, understood and acted on."""
    world.report(types=["nursing"], urgency=urgency, reporter=BY_A_GP)
    world.acknowledge(TEAM)
    world.say(InterpretSignal, TEAM, findings_ref="vault:aaaaaaaa", urgency=urgency, expects_action=True)
    due = moment(world.now_ms + 86_400_000).isoformat()
    world.say(RecordAction, TEAM, action="visit", owner=TEAM, due_at=due)


def test_routine_notices_of_a_contact_are_told_together_by_its_own_lane() -> None:
    world = a_world(BUNDLED)
    routine(world)
    world.answer_all(DELIVERED)
    sent = len(world.attempts)
    bundled = [fact for fact in world.named("NoticeQueued") if fact.data["bundled"]]
    assert [(fact.data["of"], fact.data["to"]) for fact in bundled] == [("ActionRecorded", GP)]
    world.forward()
    world.run_until("2026-11-23T12:59")
    assert world.attempts[sent:] == []
    world.run_until("2026-11-23T13:00")
    (bundle,) = world.attempts[sent:]
    assert [item["of"] for item in bundle["items"]] == ["ActionRecorded"]
    assert bundle["contact"] == GP and bundle["link"] is None
    assert CASE not in str(bundle)


def test_bundle_takes_each_notice_once() -> None:
    world = a_world(BUNDLED)
    routine(world)
    again = list(world.commands)
    world.forward()
    world.commands = again
    world.forward()
    (bundle,) = world.open(GP)
    assert len(bundle["items"]) == 1


@pytest.mark.parametrize("urgency", ["acute", "urgent"])
def test_what_is_not_routine_is_never_bundled(urgency: str) -> None:
    world = a_world(BUNDLED)
    routine(world, urgency)
    assert world.commands == []
    assert ("ActionRecorded", GP) in [(one.data["of"], one.data["to"]) for one in world.named("NoticeQueued")]


def test_of_a_group_the_others_hear_that_it_is_claimed_and_who_comes_second_that_it_is_taken() -> None:
    """S002-08: the first to claim has it, the others see that."""
    desk = "{id: welzijn-desk, title: Sociaal werker van dienst,"
    assert desk in WATERKANT
    group = WATERKANT.replace(desk, f"{desk} kind: group, claim: first,")
    for text, told in ((group, ["welzijn/welzijn-desk"]), (WATERKANT, [])):
        world = a_world(text)
        world.report(types=["social"])
        world.answer_all(ACCEPTED)
        world.acknowledge("welzijn/welzijn-desk")
        queued = [one.data for one in world.named("NoticeQueued") if one.data["of"] == "SignalAcknowledged"]
        assert [one["to"] for one in queued] == told
        world.acknowledge("welzijn/welzijn-desk")
        (refused,) = [one for one in world.core.facts if one.name == "CommandRefused"]
        assert refused.data["reason"] == ("already_taken" if told else "not_allowed_now")


# -- texts -------------------------------------------------------------------------------------------


def feedback(world: World, to: str, receiver: str | None, outcome: str = "sent") -> None:
    """A text for somebody, as the core tells it."""
    world.report(types=["nursing"], reporter=BY_A_GP)
    world.acknowledge(TEAM)
    world.answer_all(DELIVERED)
    before = next(fact for fact in world.core.facts if fact.name == "SignalAcknowledged")
    said = {
        "by": {"contact": TEAM},
        "to": to,
        "receiver": receiver,
        "form": "written",
        "outcome": outcome,
        "content_ref": "vault:bbbbbbbb",
        "agreement_version": 1,
    }
    envelope = replace(before.envelope, id="casework-0-99", type=FeedbackGiven.type_name())
    world.hear(Fact("FeedbackGiven", world.now_ms, said, envelope))


@pytest.mark.parametrize(("to", "receiver"), [("gp", GP), ("reporter", None)])
def test_text_goes_to_its_receiver_as_content_by_a_way_that_may_carry_it(
    to: str, receiver: str | None
) -> None:
    world = a_world()
    feedback(world, to, receiver)
    (attempt,) = [one for one in world.attempts if one["event"]["data"]["of"] == "FeedbackGiven"]
    assert (attempt["contact"], attempt["channel"]) == (GP, "webhook")
    assert (attempt["content_ref"], attempt["link"]) == ("vault:bbbbbbbb", None)
    world.answer_all(DELIVERED)
    assert world.named("NoticeDelivered")[-1].data["text_for"] == to


def test_text_by_a_way_that_may_not_carry_it_is_a_link_to_pull_it() -> None:
    """That the link arrived is no word that the text did: it counts when it is opened."""
    world = a_world(
        WATERKANT.replace(
            "webhook: {form: written, carries_client_data: true}",
            "webhook: {form: written, carries_client_data: false}",
        )
    )
    feedback(world, "gp", GP)
    (attempt,) = [one for one in world.attempts if one["event"]["data"]["of"] == "FeedbackGiven"]
    assert attempt["content_ref"] is None
    assert attempt["link"]["action"] == "read"
    world.answer_all(DELIVERED)
    assert world.named("NoticeDelivered")[-1].data["text_for"] is None


def test_a_text_that_somebody_brought_by_hand_is_not_brought_twice() -> None:
    world = a_world()
    feedback(world, "gp", GP, outcome="delivered")
    assert [one for one in world.attempts if one["event"]["data"]["of"] == "FeedbackGiven"] == []


def test_text_for_a_kind_of_party_goes_to_nobody_in_particular() -> None:
    world = a_world()
    feedback(world, "gp", None)
    assert [one for one in world.attempts if one["event"]["data"]["of"] == "FeedbackGiven"] == []


# -- streams -----------------------------------------------------------------------------------------


def test_stream_of_a_party_holds_its_notices_and_the_facts_of_its_cases() -> None:
    world = a_world()
    world.report(types=["nursing"], reporter=BY_A_GP)
    world.acknowledge(TEAM)
    assert world.stream("linde") == [
        f"SignalRouted {TEAM}",
        "ObligationOpened",
        "SignalAcknowledged (taken by linde/linde-team)",
        "ObligationDischarged (taken by linde/linde-team)",
    ]
    assert world.stream("huisartsen")[:2] == ["SignalReported", "SignalRouted"]
    assert world.stream("welzijn") == []


def staffed(party: str | None, kind: str = "shared_number") -> World:
    """Welzijn staffs the number of Linde's team with it; its rota says whose people are on duty this morning."""
    team = "- id: linde-team\n"
    assert team in WATERKANT
    world = a_world(WATERKANT.replace(team, f"{team}        kind: {kind}\n        staffed_by: [welzijn]\n"))
    morning = Window(ms("2026-11-23T08:00"), ms("2026-11-23T12:00"))
    shift = Shift(**times_of(morning), party=party)
    world.core.describe(changes.rota(nothing_told(TEAM), [shift], world.now_ms))
    return world


def test_who_is_on_duty_for_another_party_hears_what_its_number_is_asked() -> None:
    """S002-09: the rota says whose people answer it; that party has it in its own stream, and who takes it as well."""
    world = staffed("welzijn")
    world.report(types=["nursing"])
    world.acknowledge(TEAM, at="2026-11-23T09:10")
    assert world.stream("welzijn") == world.stream("linde") != []
    assert world.stream("welzijn")[0] == f"SignalRouted {TEAM}"
    asking = [one["party"] for one in world.attempts if one["event"]["data"]["of"] == "SignalRouted"]
    assert asking == ["linde"], "its webhook is called once"
    names = [
        {one.envelope.subject for one in world.delivered if one.party == who} for who in ("linde", "welzijn")
    ]
    assert not names[0] & names[1], "each has its own names of it"


@pytest.mark.parametrize(("party", "kind", "hears"), [(None, "shared_number", False), (None, "group", True)])
def test_who_staffs_a_number_hears_nothing_off_duty_and_of_a_group_everything(
    party: str | None, kind: str, hears: bool
) -> None:
    world = staffed(party, kind)
    world.report(types=["nursing"])
    assert bool(world.stream("welzijn")) is hears


def test_who_was_on_duty_as_it_was_asked_hears_how_it_goes_on() -> None:
    world = staffed("welzijn")
    world.report(types=["nursing"])
    world.core.describe(changes.rota(nothing_told(TEAM), None, world.now_ms))
    world.acknowledge(DUTY, at="2026-11-23T09:20")
    assert f"SignalAcknowledged {TEAM} (taken by {DUTY})" in world.stream("welzijn")
    asking = next(one.data for one in world.named("NoticeQueued") if one.data["asks"])
    assert asking["staff"] == ["welzijn"], "the door lets in whom the bell told"


def test_who_comes_on_duty_later_hears_nothing_of_what_was_asked_before() -> None:
    world = staffed(None)
    world.report(types=["nursing"])
    shift = Shift(**times_of(Window(world.now_ms, None)), party="welzijn")
    world.core.describe(changes.rota(nothing_told(TEAM), [shift], world.now_ms))
    world.acknowledge(DUTY, at="2026-11-23T09:20")
    told = [one.data["to"] for one in world.named("NoticeQueued") if one.data["of"] == "SignalAcknowledged"]
    assert TEAM in told, "the team hears who took it"
    assert world.stream("welzijn") == []


def test_what_was_declined_on_one_shift_is_not_heard_on_by_it_when_the_next_is_asked() -> None:
    world = staffed("welzijn")
    world.report(types=["nursing"])
    world.say(DeclineSignal, TEAM, reason="no_capacity")
    world.core.describe(changes.rota(nothing_told(TEAM), None, world.now_ms))
    before = len(world.stream("welzijn"))
    asking = next(fact for fact in world.core.facts if fact.name == "ObligationEscalated")
    again = replace(asking.envelope, id="casework-0-97")
    world.hear(Fact("ObligationEscalated", world.now_ms, {**asking.data, "to": TEAM}, again))
    world.acknowledge(TEAM, at="2026-11-23T09:20")
    assert world.stream("linde")[-1].startswith("ObligationDischarged")
    assert world.stream("welzijn")[before:] == []


def test_two_parties_can_not_join_what_they_read() -> None:
    world = a_world()
    world.report(types=["nursing"], reporter=BY_A_GP)
    world.acknowledge(TEAM)
    names: dict[str, set[str]] = {"linde": set(), "huisartsen": set()}
    for one in world.delivered:
        names[one.party] |= {one.envelope.id, one.envelope.subject, one.envelope.caseid}
    assert not names["linde"] & names["huisartsen"]


def test_stream_names_a_delivery_as_its_webhook_does() -> None:
    world = a_world()
    world.report(types=["nursing"])
    ids = [one.envelope.id for one in world.delivered if one.party == "linde"]
    assert world.attempts[0]["delivery_id"] == world.attempts[0]["event"]["id"] == ids[0]


def test_party_that_declined_reads_no_more_of_the_case() -> None:
    world = a_world()
    world.report(types=["social"], reporter=BY_A_GP)
    world.say(DeclineSignal, "welzijn/welzijn-desk", reason="no_capacity")
    before = len(world.stream("welzijn"))
    world.acknowledge(POINT)
    after = world.stream("welzijn")[before:]
    assert [line for line in after if "welzijn" not in line] == [], "only what is told to it by name"


# -- what is forgotten -------------------------------------------------------------------------------


def test_row_of_a_case_that_is_over_is_let_go() -> None:
    world = a_world()
    routine(world)
    world.ask(WithdrawSignal, reporter=BY_A_GP, reason="mistaken")
    world.answer_all(ACCEPTED)
    world.run_until("2026-12-10T09:00")
    assert "sig-aaaaaaaaaaaa" not in world.row()["entities"]


def test_outcome_of_an_attempt_that_nobody_knows_changes_nothing() -> None:
    world = a_world()
    world.report(types=["nursing"])
    before = dict(world.rows)
    world.sending["unknown"] = next(iter(world.sending.values()))
    world.end("unknown", DELIVERED)
    assert world.rows == before


def test_row_holds_no_text_and_no_address() -> None:
    world = a_world()
    routine(world)
    for row in world.rows.values():
        assert b"https://" not in row and b"@" not in row
        assert set(orjson.loads(row)) == {"v", "entities", "holders", "roles", "open", "failed"}


def test_close_is_told_to_the_circle() -> None:
    world = a_world()
    routine(world)
    assert world.row()["holders"] == [TEAM]
    close = next(fact for fact in world.core.facts if fact.name == "ActionRecorded")
    envelope = replace(close.envelope, id="casework-0-98", type=SignalClosed.type_name())
    said = {"by": {"contact": POINT}, "reason": "effect_achieved", "agreement_version": 1}
    world.hear(Fact("SignalClosed", world.now_ms, said, envelope))
    told = [one.data["to"] for one in world.named("NoticeQueued") if one.data["of"] == "SignalClosed"]
    assert told == [TEAM, GP]
