"""The life of a signal in any order, by anybody, at any moment: what is owed is never lost, and never owed for nothing.

What should be is read from the agreement and from the facts alone, by a model that knows nothing of the watchman.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemas.base import OpenEnum, Said
from schemas.signals import (
    AcknowledgeSignal,
    CheckEffect,
    CloseReason,
    CloseSignal,
    Concern,
    DeclineReason,
    DeclineSignal,
    Effect,
    FeedbackForm,
    FeedbackOutcome,
    GiveFeedback,
    InterpretSignal,
    ReassignReason,
    ReassignSignal,
    RecordAction,
    SignalType,
    WithdrawReason,
    WithdrawSignal,
)
from services.agreements import model
from services.agreements.book import AgreementBook
from services.agreements.moments import moment
from services.casework.decide import Casework
from services.deadlines.obligation import next_moment
from tests.agreements.waterkant import TEMPLATE, VLIER
from tests.casework.world import CASE, WATERKANT, Fact, World, ms

START = "2026-12-23T16:00"  # two days before Christmas
SIGNALS = ("sig-aaaaaaaaaaaa", "sig-bbbbbbbbbbbb", "sig-cccccccccccc")
URGENCIES = ("acute", "urgent", "routine")
OVER = {"closed", "withdrawn"}
#: By whom: mostly whoever has it, or else somebody who was asked; seldom any contact of the agreement.
BY = ("holder", "holder", "holder", "holder", "asked", "anybody")
REPORTER = {"kind": "professional", "party": "linde"}


@cache
def book(example: str) -> AgreementBook:
    """Either example, read once."""
    world = World(at=START)
    if example == "small":
        world.publish(WATERKANT)
    else:
        world.publish(VLIER.read_text(encoding="utf-8"), TEMPLATE.read_text(encoding="utf-8"))
    return world.book


def words(kind: type[OpenEnum]) -> st.SearchStrategy[str]:
    return st.sampled_from([word.value for word in kind if word.value != "unknown"])


signals = st.sampled_from((SIGNALS[0], *SIGNALS))
minutes = st.sampled_from([0, 0, 0, 1, 7, 15, 16, 61, 121, 600, 1500])


class Lives(RuleBasedStateMachine):
    """Three signals of one case. The worker is never down, so what is due is told at its own moment."""

    @initialize(example=st.sampled_from(["small", "large"]))
    def begin(self, example: str) -> None:
        self.world = World(at=START)
        self.world.book = book(example)
        self.world.casework = Casework(self.world.book)
        found = self.world.book.in_force("de-vlier", ms(START))
        assert found is not None
        self.terms = found
        self.heard = 0
        self.state: dict[str, str] = {}
        self.urgency: dict[str, str] = {}
        self.asked: dict[str, set[str]] = {}
        self.due_ms: dict[str, int] = {}
        self.of: dict[str, str] = {}
        self.breaches: Counter[str] = Counter()
        self.ended: set[str] = set()
        for signal, urgency in zip(SIGNALS, URGENCIES[1:], strict=False):
            self.report(signal, 0, urgency=urgency, types=["nursing"], concern=[])

    # -- what is asked -----------------------------------------------------------------------------

    def _at(self, later: int) -> str:
        return moment(self.world.clock_ms + later * 60_000).isoformat()

    def _by(self, data: st.DataObject, signal: str) -> str:
        who, anybody = data.draw(st.sampled_from(BY)), sorted(self.terms.contacts)
        entities = self.world.case()["entities"] if CASE.encode() in self.world.rows else {}
        if signal not in entities or who == "anybody":
            return data.draw(st.sampled_from(anybody))
        holder = entities[signal]["signal"]["taken_by"]
        if who == "asked" or holder is None:
            return data.draw(st.sampled_from(entities[signal]["asked"]))
        return holder

    def _say(self, data: st.DataObject, kind: type[Said], signal: str, later: int, **fields: Any) -> None:
        by = self._by(data, signal)
        self.world.run_until(self._at(later))
        self.hear()
        asked = self.asked.get(signal, set())
        told = self.world.say(kind, by, signal=signal, **fields)
        if kind in {AcknowledgeSignal, DeclineSignal} and told[0].name != "CommandRefused":
            assert by in asked, f"{by} was never asked"

    @rule(
        signal=signals,
        urgency=st.sampled_from(URGENCIES),
        types=st.lists(words(SignalType), max_size=2),
        concern=st.lists(words(Concern), max_size=2),
        later=minutes,
    )
    def report(self, signal: str, later: int, **fields: Any) -> None:
        self.world.report(self._at(later), signal=signal, reporter=REPORTER, **fields)

    @rule(data=st.data(), signal=signals, later=minutes)
    def acknowledge(self, data: st.DataObject, signal: str, later: int) -> None:
        self._say(data, AcknowledgeSignal, signal, later)

    @rule(data=st.data(), signal=signals, later=minutes, part=st.floats(0, 1))
    def acknowledge_read_late(self, data: st.DataObject, signal: str, later: int, part: float) -> None:
        """Taken in before now, and read only now: what was due since then is told already."""
        by, since_ms = self._by(data, signal), self.world.clock_ms
        self.world.run_until(self._at(later))
        recorded = moment(since_ms + int((self.world.clock_ms - since_ms) * part)).isoformat()
        self.world.acknowledge(by, signal=signal, recorded=recorded)

    @rule(data=st.data(), signal=signals, later=minutes, reason=words(DeclineReason))
    def decline(self, data: st.DataObject, signal: str, later: int, reason: str) -> None:
        self._say(data, DeclineSignal, signal, later, reason=reason)

    @rule(data=st.data(), signal=signals, later=minutes, reason=words(ReassignReason))
    def reassign(self, data: st.DataObject, signal: str, later: int, reason: str) -> None:
        to = data.draw(st.sampled_from(sorted(self.terms.contacts)))
        self._say(data, ReassignSignal, signal, later, to=to, reason=reason)

    @rule(
        data=st.data(), signal=signals, later=minutes, urgency=st.sampled_from(URGENCIES), acts=st.booleans()
    )
    def interpret(self, data: st.DataObject, signal: str, later: int, urgency: str, acts: bool) -> None:
        said = {"findings_ref": "vault:abcdefgh", "findings_for": ["gp"], "expects_action": acts}
        self._say(data, InterpretSignal, signal, later, urgency=urgency, **said)

    @rule(data=st.data(), signal=signals, later=minutes, action=st.sampled_from(["home_visit", "no_action"]))
    def act(self, data: st.DataObject, signal: str, later: int, action: str) -> None:
        said = {"owner": "linde/linde-team", "due_at": "2027-01-20T12:00:00Z", "reason": "seen_by_gp"}
        self._say(data, RecordAction, signal, later, action=action, **said)

    @rule(
        data=st.data(),
        signal=signals,
        later=minutes,
        to=st.sampled_from(["gp", "reporter"]),
        form=words(FeedbackForm),
        outcome=words(FeedbackOutcome),
    )
    def feed_back(self, data: st.DataObject, signal: str, later: int, **said: Any) -> None:
        self._say(data, GiveFeedback, signal, later, content_ref="vault:abcdefgh", chars=100, **said)

    @rule(data=st.data(), signal=signals, later=minutes, outcome=words(Effect))
    def check(self, data: st.DataObject, signal: str, later: int, outcome: str) -> None:
        self._say(data, CheckEffect, signal, later, outcome=outcome)

    @rule(data=st.data(), signal=signals, later=minutes, reason=words(CloseReason))
    def close(self, data: st.DataObject, signal: str, later: int, reason: str) -> None:
        self._say(data, CloseSignal, signal, later, reason=reason)

    @rule(data=st.data(), signal=signals, later=minutes)
    def go_on_again(self, data: st.DataObject, signal: str, later: int) -> None:
        self.go_on(data, signal, later)

    @rule(data=st.data(), signal=signals, later=minutes)
    def go_on(self, data: st.DataObject, signal: str, later: int) -> None:
        """What comes next when all goes well, by whoever may: a life told at random seldom comes to its end."""
        if CASE.encode() not in self.world.rows or signal not in self.world.case()["entities"]:
            return
        match self.world.case()["entities"][signal]["signal"]["state"]:
            case "routed":
                self.acknowledge(data, signal, later)
            case "acknowledged":
                self.interpret(data, signal, later, data.draw(st.sampled_from(URGENCIES)), True)
            case "interpreted":
                self.act(data, signal, later, data.draw(st.sampled_from(["home_visit", "no_action"])))
            case "acted_on":
                self.check(data, signal, later, "achieved")
            case _:
                self.close(data, signal, later, "effect_achieved")

    @rule(signal=signals, later=minutes, reason=words(WithdrawReason))
    def withdraw(self, signal: str, later: int, reason: str) -> None:
        self.world.ask(WithdrawSignal, self._at(later), signal=signal, reporter=REPORTER, reason=reason)

    @rule(later=minutes)
    def time_passes(self, later: int) -> None:
        self.world.run_until(self._at(later))

    # -- what should be ----------------------------------------------------------------------------

    def opens(self, fact: Fact) -> list[str]:
        """The obligations that this fact opens, as the agreement words them."""
        return [one.name for one in self.terms.agreement.obligations if _fits(one.opened_by, fact)]

    @invariant()
    def all_is_as_it_should_be(self) -> None:
        self.hear()
        self.nothing_is_lost_and_nothing_is_owed_for_nothing()
        self.every_breach_is_counted_once()

    def hear(self) -> None:
        """Reads what was told since; every fact is read once."""
        told = self.world.facts[self.heard :]
        self.heard = len(self.world.facts)
        opened: dict[str, list[str]] = {}
        for fact in told:
            if fact.name == "ObligationOpened":
                opened.setdefault(fact.envelope.causationid, []).append(fact.data["name"])
        for fact in told:
            assert opened.pop(fact.envelope.id, []) == self.opens(fact), f"after {fact.name}"
            self._hear(fact)
        assert not opened, "opened by no fact"

    def _hear(self, fact: Fact) -> None:
        data, signal = fact.data, fact.envelope.subject
        match fact.name:
            case "SignalRouted":
                self.asked.setdefault(signal, set()).add(data["contact"])
                self.urgency.setdefault(signal, data["urgency"])
            case "SignalReassigned":
                self.asked[signal].add(data["to"])
            case "SignalUrgencyChanged":
                self.urgency[signal] = data["urgency"]
            case "SignalClosed" | "SignalWithdrawn":
                self.state[signal] = "over"
            case "ObligationOpened":
                assert self.state.get(signal) != "over", "nothing begins when it is over"
                self.due_ms[data["obligation_id"]] = ms(data["due_at"])
                self.of[data["obligation_id"]] = signal
            case "ObligationEscalated":
                self.asked[signal].add(data["to"])
            case "ObligationMoved":
                due_ms = ms(data["due_at"])
                assert due_ms <= self.due_ms[data["obligation_id"]] == ms(data["due_before"])
                self.due_ms[data["obligation_id"]] = due_ms
            case "ObligationBreached":
                self.breaches[data["obligation_id"]] += 1
                assert fact.at_ms == self.due_ms[data["obligation_id"]] == ms(data["due_at"])
                assert data["late_by_s"] == 0
            case "ObligationDischarged":
                is_breached = self.breaches[data["obligation_id"]] == 1
                assert data["withdraws_breach"] == (is_breached and data["on_time"])
                assert data["on_time"] or is_breached, "what is late was told as a breach first"
        if fact.name.startswith("Obligation"):
            assert data["obligation_id"] not in self.ended, "nothing is told of what has ended"
        if fact.name in {"ObligationDischarged", "ObligationCancelled"}:
            self.ended.add(data["obligation_id"])

    def nothing_is_lost_and_nothing_is_owed_for_nothing(self) -> None:
        if CASE.encode() not in self.world.rows:
            return
        case = self.world.case()
        owed = {one["id"]: one["due_ms"] for one in case["obligations"]}
        assert owed == {one: due_ms for one, due_ms in self.due_ms.items() if one not in self.ended}
        for one in case["obligations"]:
            assert case["entities"][one["entity"]]["signal"]["state"] not in OVER
            assert one["urgency"] == self.urgency[one["entity"]]
            assert next_moment(one) > self.world.now_ms
        for signal, entity in case["entities"].items():
            assert set(entity["asked"]) == self.asked[signal]

    def every_breach_is_counted_once(self) -> None:
        for one, due_ms in self.due_ms.items():
            if one not in self.ended:
                assert self.breaches[one] == (due_ms <= self.world.now_ms)
        assert all(count == 1 for count in self.breaches.values() if count)

    def teardown(self) -> None:
        """Left alone for days, what is late is told, and it is still owed."""
        self.world.run_until(self._at(3 * 24 * 60))
        self.all_is_as_it_should_be()


def _fits(by: str | model.Trigger, fact: Fact) -> bool:
    if isinstance(by, str):
        return by == fact.name
    return by.event == fact.name and all(
        any(value in wanted for value in (found if isinstance(found, list) else [found]))
        for name, wanted in by.where
        for found in (fact.data[name],)
    )


Lives.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_any_life = Lives.TestCase
