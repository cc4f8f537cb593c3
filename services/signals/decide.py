"""What a command about a signal comes to: facts and the signal's new row, or a refusal with its reason."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from schemas.base import Said
from schemas.signals import (
    AcknowledgeSignal,
    ActionRecorded,
    CheckEffect,
    CloseSignal,
    DeclineSignal,
    EffectChecked,
    FeedbackForm,
    FeedbackGiven,
    GiveFeedback,
    InterpretSignal,
    ReassignSignal,
    RecordAction,
    Refusal,
    ReportSignal,
    RouteReason,
    SignalAcknowledged,
    SignalClosed,
    SignalDeclined,
    SignalInterpreted,
    SignalReassigned,
    SignalRepeated,
    SignalReported,
    SignalRouted,
    SignalUrgencyChanged,
    SignalWithdrawn,
    WithdrawSignal,
)
from services.agreements.feedback import heard
from services.agreements.moments import moment
from services.agreements.periods import later
from services.agreements.routable import CaseView
from services.agreements.route import Decision, route, to_root
from services.agreements.terms import Terms
from services.signals.lifecycle import ABSENT, LIFECYCLE, NO_ACTION, Signal, after

#: The rule named by a routing that no rule chose: somebody gave the signal to this function.
BY_HAND = "by_hand"
#: Feedback to whoever reported.
REPORTER = "reporter"


class Situation(NamedTuple):
    """All that may be looked at besides the command: the signal when there is one, everybody who was ever asked for it,
    the case, the moment, the agreement in force, and when the case's other signals were reported."""

    signal: Signal | None
    asked: Collection[str]
    case: CaseView
    now_ms: int
    agreement: Terms
    reported_before_ms: Collection[int] = ()


class Decided(NamedTuple):
    """The signal as it is now, the facts in order, and who is asked by them. With a refusal nothing has changed."""

    signal: Signal | None
    facts: tuple[Said, ...] = ()
    asked: tuple[str, ...] = ()
    refusal: Refusal | None = None


def report(asks: ReportSignal, at: Situation) -> Decided:
    """A worry comes in and goes to somebody in the same step: there is no signal that nobody was asked for."""
    if at.signal is not None:
        return Decided(at.signal, refusal=Refusal.ALREADY_EXISTS)
    found = _reported(asks, route(asks, at.case, at.now_ms, at.agreement), at)
    return found._replace(facts=(*found.facts, *_repeated(at)))


def report_unrouted(asks: ReportSignal, at: Situation) -> Decided:
    """What is left to do when deciding itself failed: the coordination point is asked, and no rule."""
    if at.signal is not None:
        return Decided(at.signal, refusal=Refusal.DECISION_FAILED)
    return _reported(asks, to_root(at.agreement, RouteReason.DECISION_FAILED, asks.urgency), at)


def acknowledge(asks: AcknowledgeSignal, at: Situation) -> Decided:
    """An asked contact takes ownership. Whoever was ever asked may, at whatever level the ladder stands now."""
    fact = SignalAcknowledged(by=asks.by, agreement_version=at.agreement.version)
    return _told(at, _asked(at, asks.by.contact), fact, taken_by=asks.by.contact)


def decline(asks: DeclineSignal, at: Situation) -> Decided:
    """An asked contact does not take it; the watchman asks the next level."""
    fact = SignalDeclined(by=asks.by, reason=asks.reason, agreement_version=at.agreement.version)
    return _told(at, _asked(at, asks.by.contact), fact)


def reassign(asks: ReassignSignal, at: Situation) -> Decided:
    """It is given to another function, which is asked. As long as nobody took it, its deadline stays (semantics 25);
    of one that was taken, the taking is over, and the other is asked as of a new one."""
    signal, agreement = at.signal, at.agreement
    if signal is None:
        return Decided(None, refusal=Refusal.UNKNOWN_ENTITY)
    contact = agreement.contacts.get(asks.to)
    if contact is None or not contact.takes_part(at.now_ms):
        return Decided(signal, refusal=Refusal.UNKNOWN_CONTACT)
    given = SignalReassigned(by=asks.by, to=asks.to, reason=asks.reason, agreement_version=agreement.version)
    if signal["taken_by"] is None:
        found = _told(at, _asked(at, asks.by.contact), given)
    else:
        routed = SignalRouted(
            contact=asks.to,
            reason=RouteReason.REASSIGNED,
            rule=BY_HAND,
            ladder=agreement.root.ladder,
            urgency=signal["urgency"],
            agreement_version=agreement.version,
            expertise=_expertise(agreement, signal["urgency"], signal.get("types", ())),
        )
        found = _told(at, _held(at, asks.by.contact), given, routed, taken_by=None)
    return found if found.refusal is not None else found._replace(asked=(asks.to,))


def interpret(asks: InterpretSignal, at: Situation) -> Decided:
    """What was seen is understood; how urgent it is may turn out otherwise (S003-04)."""
    agreement, signal = at.agreement, at.signal
    if signal is not None and asks.urgency not in agreement.levels:
        return Decided(signal, refusal=Refusal.UNKNOWN_URGENCY)
    facts: list[Said] = []
    if signal is not None and asks.urgency != signal["urgency"]:
        facts.append(
            SignalUrgencyChanged(
                by=asks.by,
                before=signal["urgency"],
                urgency=asks.urgency,
                reason=asks.urgency_reason,
                reason_ref=asks.findings_ref,
                agreement_version=agreement.version,
            )
        )
    said = {name: value for name, value in vars(asks).items() if name != "urgency_reason"}
    facts.append(SignalInterpreted(**said, agreement_version=agreement.version))
    found = _told(at, _held(at, asks.by.contact), *facts)
    if found.signal is None or found.refusal is not None:
        return found
    return found._replace(
        signal={**found.signal, "urgency": asks.urgency, "expects_action": asks.expects_action}
    )


def record_action(asks: RecordAction, at: Situation) -> Decided:
    """Each signal ends in a decision: action, owner, date; or none, with the reason (S000-28)."""
    refusal = _held(at, asks.by.contact)
    if asks.action == NO_ACTION:
        refusal = refusal or (None if asks.reason else Refusal.REASON_MISSING)
    else:
        refusal = refusal or (None if asks.owner and asks.due_at else Refusal.OWNER_MISSING)
    fact = ActionRecorded(
        **vars(asks), is_action=asks.action != NO_ACTION, agreement_version=at.agreement.version
    )
    return _told(at, refusal, fact)


def give_feedback(asks: GiveFeedback, at: Situation) -> Decided:
    """Somebody was told, or it was tried. What counts as an answer, the agreement's obligations say (semantics 43)."""
    refusal = _held(at, asks.by.contact) or _formless(asks, at)
    said = {name: value for name, value in vars(asks).items() if name != "chars"}
    return _told(at, refusal, FeedbackGiven(**said, agreement_version=at.agreement.version))


def check_effect(asks: CheckEffect, at: Situation) -> Decided:
    """Whether what was done helped; a check that reached nobody is no answer (S003-06, semantics 44)."""
    fact = EffectChecked(**vars(asks), agreement_version=at.agreement.version)
    return _told(at, _held(at, asks.by.contact), fact)


def close(asks: CloseSignal, at: Situation) -> Decided:
    """Only after an answered effect check, or a reasoned decision to leave it (semantics 46)."""
    found = _told(
        at,
        _held(at, asks.by.contact),
        SignalClosed(by=asks.by, reason=asks.reason, agreement_version=at.agreement.version),
    )
    is_early = (
        found.refusal is Refusal.NOT_ALLOWED_NOW and at.signal is not None and LIFECYCLE[at.signal["state"]]
    )
    return found._replace(refusal=Refusal.EFFECT_NOT_CHECKED) if is_early else found


def withdraw(asks: WithdrawSignal, at: Situation) -> Decided:
    """Who reported it takes it back; nobody else can."""
    signal = at.signal
    if signal is None:
        return Decided(None, refusal=Refusal.UNKNOWN_ENTITY)
    reported_by = (signal.get("reporter_kind"), signal.get("reporter_party"))
    is_reporter = reported_by == (asks.reporter.kind.value, asks.reporter.party)
    refusal = None if is_reporter else Refusal.NOT_THE_REPORTER
    fact = SignalWithdrawn(reporter=asks.reporter, reason=asks.reason, agreement_version=at.agreement.version)
    return _told(at, refusal, fact)


# -- who may, and when -------------------------------------------------------------------------------


def _asked(at: Situation, by: str) -> Refusal | None:
    """The asked contact, and any level of the ladder asked so far."""
    return None if by in at.asked else Refusal.NEVER_ASKED


def _held(at: Situation, by: str) -> Refusal | None:
    """Who took it, and the coordinator of the case."""
    if at.signal is None or by == at.signal["taken_by"] or by == at.case.coordinator:
        return None
    return Refusal.NOT_THE_HOLDER if by in at.asked else Refusal.NEVER_ASKED


def _told(at: Situation, refusal: Refusal | None, *facts: Said, **changed: str | None) -> Decided:
    """The facts, when they may be told now by who tells them; the signal as it is then."""
    signal = at.signal
    if signal is None:
        return Decided(None, refusal=Refusal.UNKNOWN_ENTITY)
    if refusal is not None:
        return Decided(signal, refusal=refusal)
    try:
        state = after(signal["state"], *facts)
    except KeyError:
        return Decided(signal, refusal=_too_late(at, facts[-1]))
    now: Signal = {**signal, "state": state}
    if "taken_by" in changed:
        now["taken_by"] = changed["taken_by"]
    return Decided(now, facts)


def _too_late(at: Situation, fact: Said) -> Refusal:
    """Somebody else took it: said politely, for it is the most common refusal (semantics 26)."""
    assert at.signal is not None
    by = getattr(fact, "by", None)
    is_taking = isinstance(fact, SignalAcknowledged | SignalDeclined | SignalReassigned)
    if is_taking and by is not None and at.signal["taken_by"] not in {None, by.contact}:
        return Refusal.ALREADY_TAKEN
    return Refusal.NOT_ALLOWED_NOW


def _formless(asks: GiveFeedback, at: Situation) -> Refusal | None:
    """What is wrong with the form, or None: it follows the receiver (S000-58, S000-61)."""
    if asks.form is not FeedbackForm.WRITTEN or at.signal is None:
        return None
    to = asks.to
    if to == REPORTER:
        party = at.signal.get("reporter_party")
        to = next((one.kind for one in at.agreement.agreement.parties if one.id == party), REPORTER)
    found = heard(to, at.signal["urgency"], at.signal.get("expects_action", False), at.agreement.agreement)
    if found is not None and FeedbackForm.WRITTEN not in found.forms:
        return Refusal.WRONG_FORM
    if asks.content_ref is None or asks.chars is None:
        return Refusal.TEXT_MISSING
    if found is not None and found.max_chars is not None and asks.chars > found.max_chars:
        return Refusal.TEXT_TOO_LONG
    return None


# -- reporting ---------------------------------------------------------------------------------------


def _reported(asks: ReportSignal, decision: Decision, at: Situation) -> Decided:
    agreement = at.agreement
    facts: list[Said] = [SignalReported(**vars(asks))]
    facts += [
        SignalRouted(
            contact=choice.receiver,
            reason=decision.reason,
            rule=choice.rule,
            ladder=choice.ladder,
            urgency=decision.urgency,
            agreement_version=agreement.version,
            expertise=_expertise(agreement, decision.urgency, asks.types),
            trace=decision.trace,
        )
        for choice in decision.choices
    ]
    signal: Signal = {
        "state": after(ABSENT, *facts),
        "urgency": decision.urgency,
        "taken_by": None,
        "reporter_kind": asks.reporter.kind.value,
        "reporter_party": asks.reporter.party,
        "reported_ms": at.now_ms,
        "types": [one.value for one in asks.types],
    }
    return Decided(signal, tuple(facts), tuple(choice.receiver for choice in decision.choices))


def _repeated(at: Situation) -> list[Said]:
    """That this is one too many, when the agreement's pattern is met (S003-11)."""
    repeat = at.agreement.agreement.signals.repeat
    if repeat is None:
        return []
    zone = at.agreement.clock.zone
    today = moment(at.now_ms).astimezone(zone).date()
    count = 1 + sum(
        later(moment(before_ms).astimezone(zone).date(), repeat.within) >= today
        for before_ms in at.reported_before_ms
    )
    if count < repeat.count:
        return []
    return [SignalRepeated(count=count, then=repeat.then, agreement_version=at.agreement.version)]


def _expertise(agreement: Terms, urgency: str, types: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(agreement.expertise_for(agreement.level(urgency), types)))
