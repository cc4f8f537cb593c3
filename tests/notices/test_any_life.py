"""Whatever happens to a signal, and in whatever order its two topics are read: who is asked is told, or it is said why
not; and nothing is begun for what was answered once the answer has been read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.notices import FailReason
from schemas.signals import (
    AcknowledgeSignal,
    DeclineSignal,
    InterpretSignal,
    LogCall,
    ReassignSignal,
    WithdrawSignal,
)
from services.agreements.moments import moment
from services.notices.outcome import ACCEPTED, DELIVERED, Outcome, failed
from tests.casework.world import Fact
from tests.notices.world import Told, World

TEAM, DUTY, POINT = "linde/linde-team", "linde/linde-duty", "schakel/coordination-point"
REPORTER = {"kind": "professional", "party": "huisartsen"}
ASKING = {"SignalRouted": "contact", "SignalReassigned": "to", "ObligationEscalated": "to"}
TAKING = {"SignalAcknowledged", "SignalWithdrawn", "SignalClosed"}

contacts = st.sampled_from([TEAM, DUTY, POINT, "welzijn/welzijn-desk", "huisartsen/gp-desk"])
acts = st.one_of(
    st.tuples(
        st.just("report"),
        st.sampled_from(["acute", "urgent", "routine"]),
        st.sampled_from([["nursing"], ["social"], []]),
    ),
    st.tuples(st.just("acknowledge"), contacts),
    st.tuples(st.just("decline"), contacts),
    st.tuples(st.just("give"), contacts, contacts),
    st.tuples(st.just("interpret"), contacts, st.sampled_from(["acute", "urgent"])),
    st.tuples(st.just("withdraw")),
    st.tuples(st.just("call"), contacts, st.sampled_from(["spoken", "taken", "declined", "not_reached"])),
    st.tuples(st.just("wait"), st.integers(1, 20_000)),
    st.tuples(st.just("read"), st.integers(1, 6), st.booleans()),
    st.tuples(
        st.just("answer"),
        st.sampled_from(
            [
                DELIVERED,
                ACCEPTED,
                failed(FailReason.TIMED_OUT),
                failed(FailReason.NO_ADDRESS),
                failed(FailReason.OVERLOADED, 30),
            ]
        ),
    ),
)


class Reading(World):
    """The bell reads when it is told to, and the two topics in any order between them."""

    def __init__(self) -> None:
        super().__init__(at="2026-11-23T09:00")
        self.waiting: dict[str, list[Fact]] = {}
        self._taken = 0

    def listen(self) -> None:
        """What the core told lies on its topics."""
        for fact in self.core.facts[self._taken :]:
            name = fact.envelope.type.split(".")[2]
            self.waiting.setdefault(name, []).append(fact)
        self._taken = len(self.core.facts)

    def take_in(self, count: int, *, is_deadlines_first: bool) -> None:
        """Reads so many facts of one topic, of the other when that has none."""
        for _ in range(count):
            names = sorted(self.waiting, reverse=not is_deadlines_first)
            name = next((one for one in names if self.waiting[one]), None)
            if name is None:
                return
            self.hear(self.waiting[name].pop(0))


def act(world: Reading, what: tuple[Any, ...]) -> None:
    match what:
        case ("report", urgency, types):
            world.report(urgency=urgency, types=types, reporter=REPORTER)
        case ("acknowledge", contact):
            world.say(AcknowledgeSignal, contact)
        case ("decline", contact):
            world.say(DeclineSignal, contact, reason="no_capacity")
        case ("give", contact, to):
            world.say(ReassignSignal, contact, to=to, reason="no_capacity")
        case ("interpret", contact, urgency):
            world.say(
                InterpretSignal, contact, findings_ref="vault:aaaaaaaa", urgency=urgency, expects_action=True
            )
        case ("withdraw",):
            world.ask(WithdrawSignal, reporter=REPORTER, reason="mistaken")
        case ("call", to, outcome):
            world.say(LogCall, POINT, to=to, outcome=outcome, reason="no_capacity")
        case ("wait", seconds):
            world.run_until(moment(world.now_ms + seconds * 1000).isoformat())
        case ("read", count, is_deadlines_first):
            world.take_in(count, is_deadlines_first=is_deadlines_first)
        case ("answer", outcome):
            answer(world, outcome)


def answer(world: Reading, outcome: Outcome) -> None:
    for effect_id in list(world.sending):
        world.end(effect_id, outcome)


@given(st.lists(acts, min_size=1, max_size=25))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_life(plan: list[tuple[Any, ...]]) -> None:
    world = Reading()
    world.report(urgency="acute", types=["nursing"], reporter=REPORTER)
    for what in plan:
        act(world, what)
        world.listen()
    world.take_in(10_000, is_deadlines_first=False)
    for _ in range(300):
        if not world.sending and not world.open():
            break
        answer(world, failed(FailReason.NO_ADDRESS))
        later = [one["at_ms"] for one in world.open() if one["at_ms"] is not None]
        if later:
            world.run_until(moment(min(later)).isoformat())
            world.take_in(10_000, is_deadlines_first=False)
    assert world.dead == {}
    everybody_who_is_asked_is_told_or_it_is_said_why_not(world)
    nothing_is_begun_for_what_was_answered(world)
    one_key_a_notice(world)


def everybody_who_is_asked_is_told_or_it_is_said_why_not(world: Reading) -> None:
    told = {(fact.data["to"], fact.envelope.causationid) for fact in world.told}
    when = {fact.envelope.id: (fact.at_ms, fact.envelope.subject) for fact in world.read}
    moments = {(to, *when[cause]) for to, cause in told if cause in when}
    for fact in world.read:
        if field := ASKING.get(fact.name):
            assert (fact.data[field], fact.at_ms, fact.envelope.subject) in moments, fact.name
    ends = {
        fact.data["notice_id"]
        for fact in world.told
        if fact.name in {"NoticeAccepted", "NoticeSuppressed"}
        or (fact.name == "NoticeFailed" and fact.data["is_permanent"])
        or (fact.name == "NoticeQueued" and fact.data["form"] == "oral")
    }
    begun = {fact.data["notice_id"] for fact in world.told}
    assert begun - ends == {one["id"] for one in world.open()}, "each notice comes to an end, and says so"


def nothing_is_begun_for_what_was_answered(world: Reading) -> None:
    queued = {fact.data["notice_id"]: fact for fact in world.named("NoticeQueued")}
    facts = {fact.envelope.id: fact for fact in world.read}
    for attempt, count in zip(world.attempts, world.read_before, strict=True):
        notice = queued[attempt["notice_id"]]
        of = facts[notice.envelope.causationid]
        for ending in endings(world.read[:count], of, notice):
            raise AssertionError(f"{notice.data['of']} to {notice.data['to']} after {ending.name} was read")


def endings(read: list[Fact], of: Fact, notice: Told) -> Iterator[Fact]:
    """What was read and had answered what a notice asks or warns of."""
    for fact in read:
        is_later = number(fact) > number(of) and fact.envelope.subject == of.envelope.subject
        if notice.data["asks"] and fact.name in TAKING and is_later:
            yield fact
        ended = {"ObligationDischarged", "ObligationCancelled"}
        is_about_it = fact.data.get("obligation_id") == of.data.get("obligation_id") is not None
        if fact.name in ended and is_about_it and of.name not in ended:
            yield fact


def number(fact: Fact) -> int:
    return int(fact.envelope.id.rpartition("-")[2])


def one_key_a_notice(world: Reading) -> None:
    keys: dict[str, set[str]] = {}
    for attempt in world.attempts:
        keys.setdefault(attempt["notice_id"], set()).add(attempt["delivery_id"])
    assert all(len(found) == 1 for found in keys.values())
