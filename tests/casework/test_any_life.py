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
from schemas.coordination import DescribeCase, ReleaseRole, Role, TakeRole
from schemas.notices import NoticeDelivered
from schemas.signals import (
    AcknowledgeSignal,
    ActionOutcome,
    CheckEffect,
    CloseReason,
    CloseSignal,
    Concern,
    DeclineReason,
    DeclineSignal,
    Effect,
    EndAction,
    FeedbackForm,
    FeedbackOutcome,
    GiveFeedback,
    InterpretSignal,
    ReassignReason,
    ReassignSignal,
    RecordAction,
    RecordWait,
    SignalType,
    WaitReason,
    WithdrawReason,
    WithdrawSignal,
)
from services.agreements import model
from services.agreements.book import AgreementBook
from services.agreements.moments import moment
from services.casework.decide import Casework
from services.deadlines.obligation import next_moment
from tests.agreements.waterkant import TEMPLATE, VLIER
from tests.casework.world import CASE, SOURCE, WATERKANT, Fact, World, ms

START = "2026-12-23T16:00"  # two days before Christmas
SIGNALS = ("sig-aaaaaaaaaaaa", "sig-bbbbbbbbbbbb", "sig-cccccccccccc")
URGENCIES = ("acute", "urgent", "routine")
OVER = {"closed", "withdrawn"}
#: By whom: mostly whoever has it, or else somebody who was asked; seldom any contact of the agreement.
BY = ("holder", "holder", "holder", "holder", "asked", "anybody")
#: A professional of a party, and somebody whom a party, or the form, speaks for.
REPORTERS = ({"kind": "professional", "party": "linde"}, {"kind": "neighbour"})


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


#: `split` is whatever was split off so far; nothing yet is the first signal.
signals = st.sampled_from((SIGNALS[0], *SIGNALS, "split"))
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
        self.opened_ms: dict[str, int] = {}
        #: What each obligation is called, of which signal, and the fact that opened it; and of which action a fact is.
        self.owed: dict[str, tuple[str, str, str]] = {}
        self.action_of: dict[str, str] = {}
        self.heard_by_feedback = {
            one.name
            for one in found.agreement.obligations
            for by in one.discharged_by
            if getattr(by, "event", by) == "FeedbackGiven"
        }
        self.words = 0
        self.breaches: Counter[str] = Counter()
        self.ended: set[str] = set()
        self.born: list[str] = []
        self.running: dict[str, tuple[str, str]] = {}
        self.paused: set[str] = set()
        self.responsible = found.coordination_point
        self.roles: dict[str, str] = {}
        for signal, urgency in zip(SIGNALS, URGENCIES[1:], strict=False):
            self.report(signal, 0, urgency=urgency, types=["nursing"], concern=[], reporter=REPORTERS[0])

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

    def _one(self, data: st.DataObject, signal: str) -> str:
        """The signal that is meant: one that was split off, where that is asked for and there is any."""
        if signal != "split":
            return signal
        return data.draw(st.sampled_from(self.born)) if self.born else SIGNALS[0]

    def _say(self, data: st.DataObject, kind: type[Said], signal: str, later: int, **fields: Any) -> None:
        signal = self._one(data, signal)
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
        reporter=st.sampled_from(REPORTERS),
    )
    def report(self, signal: str, later: int, **fields: Any) -> None:
        signal = SIGNALS[-1] if signal == "split" else signal
        self.world.report(self._at(later), signal=signal, **fields)

    @rule(data=st.data(), signal=signals, later=minutes)
    def acknowledge(self, data: st.DataObject, signal: str, later: int) -> None:
        self._say(data, AcknowledgeSignal, signal, later)

    @rule(data=st.data(), signal=signals, later=minutes, part=st.floats(0, 1))
    def acknowledge_read_late(self, data: st.DataObject, signal: str, later: int, part: float) -> None:
        """Taken in before now, and read only now: what was due since then is told already."""
        signal = self._one(data, signal)
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

    @rule(
        data=st.data(),
        signal=signals,
        later=minutes,
        urgency=st.sampled_from(URGENCIES),
        types=st.lists(words(SignalType), min_size=1, max_size=2),
        parts=st.integers(1, 2),
    )
    def split(  # noqa: PLR0913 - one value a choice
        self, data: st.DataObject, signal: str, later: int, urgency: str, types: list[str], parts: int
    ) -> None:
        part = {"types": types, "urgency": data.draw(st.sampled_from(URGENCIES))}
        said = {"findings_ref": "vault:abcdefgh", "expects_action": False, "parts": [part] * parts}
        if len(self.born) < 4:
            self._say(data, InterpretSignal, signal, later, urgency=urgency, **said)

    @rule(data=st.data(), signal=signals, later=minutes, role=words(Role), release=st.booleans())
    def take_or_release_a_role(
        self, data: st.DataObject, signal: str, later: int, role: str, release: bool
    ) -> None:
        self._say(data, ReleaseRole if release else TakeRole, signal, later, role=role)

    @rule(
        data=st.data(), signal=signals, later=minutes, practice=st.sampled_from(["praktijk-lok", "elsewhere"])
    )
    def describe(self, data: st.DataObject, signal: str, later: int, practice: str) -> None:
        self._say(data, DescribeCase, signal, later, practice=practice)

    @rule(data=st.data(), signal=signals, later=minutes, outcome=words(ActionOutcome))
    def end_an_action(self, data: st.DataObject, signal: str, later: int, outcome: str) -> None:
        if not self.running:
            return
        action = data.draw(st.sampled_from(sorted(self.running)))
        of, owner = self.running[action]
        if data.draw(st.booleans()):
            self.world.say(EndAction, owner, self._at(later), signal=of, action_id=action, outcome=outcome)
        else:
            self._say(data, EndAction, signal, later, action_id=action, outcome=outcome)

    @rule(data=st.data(), signal=signals, later=minutes, reason=words(WaitReason), wait=minutes)
    def wait(self, data: st.DataObject, signal: str, later: int, reason: str, wait: int) -> None:
        self._say(data, RecordWait, signal, later, reason=reason, until=self._at(later + wait))

    @rule(data=st.data(), signal=signals, later=minutes, action=st.sampled_from(["home_visit", "no_action"]))
    def act(self, data: st.DataObject, signal: str, later: int, action: str) -> None:
        owner = data.draw(st.sampled_from(sorted(self.terms.contacts)))
        due_at = self._at(later + data.draw(st.sampled_from([-1, 5, 600, 3000])))
        said = {"owner": owner, "due_at": due_at, "reason": "seen_by_gp"}
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
        signal = self._one(data, signal)
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
                for action, (of, owner) in list(self.running.items()):
                    if of == signal:
                        self.world.say(EndAction, owner, signal=of, action_id=action, outcome="done")
                self.hear()
                self.check(data, signal, later, "achieved")
            case state:
                said = {"form": "oral", "outcome": data.draw(st.sampled_from(["spoken", "not_wanted"]))}
                self._say(data, GiveFeedback, signal, later, to="reporter", **said)
                text = {"content_ref": "vault:abcdefgh", "chars": 100}
                self._say(data, GiveFeedback, signal, 0, to="gp", form="written", outcome="sent", **text)
                self.text_arrives(signal, 0, "gp")
                self._say(data, GiveFeedback, signal, 0, to="gp", form="phone", outcome="spoken")
                reason = "effect_achieved" if state == "effect_checked" else "no_action_needed"
                self.close(data, signal, 0, reason)

    @rule(signal=signals, later=minutes, text_for=st.sampled_from(["gp", "reporter"]))
    def text_arrives(self, signal: str, later: int, text_for: str) -> None:
        """The bell tells that a text came where it was to go."""
        signal = self.born[-1] if signal == "split" and self.born else signal.replace("split", SIGNALS[0])
        said = {"notice_id": "n-12345678", "of": "FeedbackGiven", "to": "praktijk-lok/lok-desk"}
        self.world.run_until(self._at(later))
        self.words += 1
        self.world.word(
            NoticeDelivered, self.words, signal=signal, channel="webhook", text_for=text_for, **said
        )
        self.world.run_until(self._at(0))

    @rule(
        signal=signals,
        later=minutes,
        reason=words(WithdrawReason),
        source=st.sampled_from([SOURCE, "elsewhere"]),
    )
    def withdraw(self, signal: str, later: int, reason: str, source: str) -> None:
        signal = self.born[-1] if signal == "split" and self.born else signal.replace("split", SIGNALS[0])
        said = {"reason": reason, "source": source}
        who = data_of[0].data["reporter"] if (data_of := self._reported(signal)) else REPORTERS[0]
        told = self.world.ask(WithdrawSignal, self._at(later), signal=signal, reporter=who, **said)
        is_theirs = ("party" in who and who["party"] is not None) or source == SOURCE
        assert is_theirs or any(one.name == "CommandRefused" for one in told), "somebody else took it back"

    def _reported(self, signal: str) -> list[Fact]:
        return [one for one in self.world.named("SignalReported") if one.envelope.subject == signal]

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
        if fact.name.startswith("Obligation"):
            assert fact.data["obligation_id"] not in self.ended, "nothing is told of what has ended"
            self._hear_of_what_is_owed(fact, fact.data["obligation_id"])
        elif fact.envelope.subject == CASE:
            self._hear_of_the_case(fact)
        else:
            self._hear_of_a_signal(fact, fact.envelope.subject)

    def _hear_of_a_signal(self, fact: Fact, signal: str) -> None:
        data = fact.data
        match fact.name:
            case "SignalReported":
                assert (data["split_from"] is None) == (signal not in self.born)
            case "SignalRouted":
                self.asked.setdefault(signal, set()).add(data["contact"])
                self.urgency.setdefault(signal, data["urgency"])
            case "SignalReassigned":
                self.asked[signal].add(data["to"])
            case "SignalUrgencyChanged":
                self.urgency[signal] = data["urgency"]
            case "SignalSplit":
                assert not {*data["into"]} & {*self.born, *self.asked}, "what is born is new"
                self.born += data["into"]
            case "ActionRecorded" if data["is_action"]:
                self.running[data["action_id"]] = (signal, data["owner"])
                self.action_of[fact.envelope.id] = data["action_id"]
            case "ActionEnded":
                self.action_of[fact.envelope.id] = data["action_id"]
                assert self.running.pop(data["action_id"])[0] == signal
            case "SignalClosed" | "SignalWithdrawn":
                self.state[signal] = "over"
                open_now = {
                    name for one, (name, of, _) in self.owed.items() if of == signal and one not in self.ended
                }
                runs = [action for action, (of, _) in self.running.items() if of == signal]
                assert fact.name == "SignalWithdrawn" or not runs, "something is still to be done"
                assert fact.name == "SignalWithdrawn" or not open_now & self.heard_by_feedback, (
                    "somebody waits"
                )
                self.running = {one: of for one, of in self.running.items() if of[0] != signal}

    def _hear_of_the_case(self, fact: Fact) -> None:
        data = fact.data
        match fact.name:
            case "ResponsibilityTaken":
                assert data["before"] == self.responsible != data["by"]["contact"]
                self.responsible = data["by"]["contact"]
            case "RoleTaken":
                assert data["role"] not in self.roles
                self.roles[data["role"]] = data["by"]["contact"]
            case "RoleReleased":
                assert self.roles.pop(data["role"]) == data["held_by"]

    def _hear_of_what_is_owed(self, fact: Fact, one: str) -> None:
        data, signal = fact.data, fact.envelope.subject
        match fact.name:
            case "ObligationOpened":
                assert self.state.get(signal) != "over", "nothing begins when it is over"
                self.due_ms[one], self.opened_ms[one] = ms(data["due_at"]), fact.at_ms
                self.owed[one] = (data["name"], signal, fact.envelope.causationid)
            case "ObligationEscalated":
                self.asked[signal].add(data["to"])
            case "ObligationMoved":
                due_ms = ms(data["due_at"])
                assert due_ms <= self.due_ms[one] == ms(data["due_before"])
                self.due_ms[one] = due_ms
            case "ObligationPaused":
                assert data["urgency"] != "acute" and data["name"] != "acknowledge_signal"
                self.paused.add(one)
                self.due_ms[one] = ms(data["due_at"])
            case "ObligationResumed":
                self.paused.remove(one)
                self.due_ms[one] = ms(data["due_at"])
            case "ObligationBreached":
                assert one not in self.paused, "nobody is late while it waits"
                self.breaches[one] += 1
                # What was read late may have been due before anybody could know.
                assert fact.at_ms == max(self.due_ms[one], self.opened_ms[one])
                assert self.due_ms[one] == ms(data["due_at"])
                assert data["late_by_s"] == (fact.at_ms - self.due_ms[one]) / 1000
            case "ObligationDischarged":
                is_breached = self.breaches[one] == 1
                assert data["withdraws_breach"] == (is_breached and data["on_time"])
                assert data["on_time"] or is_breached, "what is late was told as a breach first"
                if data["name"] == "finish_action":
                    action = self.action_of[self.owed[one][2]]
                    assert self.action_of[fact.envelope.causationid] == action, "the end of another action"
                self.ended.add(one)
            case "ObligationCancelled":
                self.ended.add(one)

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
        assert (case["responsible"], case["roles"]) == (self.responsible, self.roles)
        assert {one["id"] for one in case["obligations"] if one.get("paused_until_ms")} <= self.paused

    def every_breach_is_counted_once(self) -> None:
        for one, due_ms in self.due_ms.items():
            if one not in self.ended and one not in self.paused:
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
