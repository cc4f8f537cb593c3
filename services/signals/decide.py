"""What a command about a signal comes to: facts and the signal's new row, or a refusal with its reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from schemas.base import Said
from schemas.signals import (
    About,
    AcknowledgeSignal,
    ActionEnded,
    ActionRecorded,
    Actor,
    CallLogged,
    CallOutcome,
    CheckEffect,
    CloseReason,
    CloseSignal,
    DeclineSignal,
    Effect,
    EffectChecked,
    EndAction,
    FeedbackGiven,
    FeedbackOutcome,
    GiveFeedback,
    Ground,
    InterpretSignal,
    LogCall,
    PracticeUnknown,
    ReassignSignal,
    RecordAction,
    RecordWait,
    Refusal,
    Reporter,
    ReporterKind,
    ReportSignal,
    RouteReason,
    SignalAcknowledged,
    SignalClosed,
    SignalDeclined,
    SignalInterpreted,
    SignalPart,
    SignalReassigned,
    SignalRepeated,
    SignalReported,
    SignalRouted,
    SignalSplit,
    SignalUrgencyChanged,
    SignalWithdrawn,
    WaitRecorded,
    WithdrawSignal,
)
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.moments import milliseconds, moment
from services.agreements.parts import DISCHARGED, EndingRow
from services.agreements.periods import later
from services.agreements.routable import CaseView
from services.agreements.route import Decision, route, to_root
from services.agreements.terms import Terms
from services.signals.lifecycle import (
    ABSENT,
    EFFECT_CHECKED,
    LEFT_AS_IT_IS,
    LIFECYCLE,
    NO_ACTION,
    Signal,
    after,
)
from services.signals.receivers import GP, TOLD_NOBODY, addressed
from services.signals.said_grounds import TO_OWN_GP, unfit

#: The rule named by a routing that no rule chose: somebody gave the signal to this function.
BY_HAND = "by_hand"
#: What the ids of what is born here begin with.
SIGNAL_ID, ACTION_ID = "sig-", "act-"


class Situation(NamedTuple):
    """All that may be looked at besides the command: the signal when there is one, everybody who was ever asked for it,
    the case, the moment, the agreement in force, the directory, and when the case's other signals were reported.

    `source` is where the command came from, by its envelope: the door lets a party speak with its own only.
    `next_id` is an id that nothing else has or will have: what is born in this step is named after it. `owed` is how
    each obligation about this signal ends: a fact, what it does, and what its fields must hold.
    """

    signal: Signal | None
    asked: Collection[str]
    case: CaseView
    now_ms: int
    agreement: Terms
    reported_before_ms: Collection[int] = ()
    entity: str = ""
    next_id: str = ""
    source: str = ""
    owed: Collection[Sequence[EndingRow]] = ()
    directory: Directory = AS_SIGNED

    def are(self, refs: Iterable[str | None], by: str) -> bool:
        """Whether a function is one of these, or has come in the place of one (S002-15)."""
        return any(ref is not None and by in {ref, self.directory.meant(ref, self.now_ms)} for ref in refs)


class Decided(NamedTuple):
    """The signal as it is now, the facts in order, who is asked by them, and the signals that are born by them, each by
    its id. With a refusal nothing has changed."""

    signal: Signal | None
    facts: tuple[Said, ...] = ()
    asked: tuple[str, ...] = ()
    refusal: Refusal | None = None
    born: tuple[Born, ...] = ()


class Born(NamedTuple):
    """A signal that another one was split into: its first facts, and who is asked."""

    id: str
    signal: Signal
    facts: tuple[Said, ...]
    asked: tuple[str, ...]


def report(asks: ReportSignal, at: Situation) -> Decided:
    """A worry comes in and goes to somebody in the same step: there is no signal that nobody was asked for."""
    if at.signal is not None:
        return Decided(at.signal, refusal=Refusal.ALREADY_EXISTS)
    if at.agreement.goes_back(asks.concern, asks.urgency):
        return Decided(None, refusal=Refusal.NUISANCE_ONLY)
    found = _reported(SignalReported(**vars(asks)), route(asks, at.case, at.now_ms, at.agreement), at)
    return found._replace(facts=(*found.facts, *_repeated(at)))


def report_unrouted(asks: ReportSignal, at: Situation) -> Decided:
    """What is left to do when deciding itself failed: the coordination point is asked, and no rule."""
    if at.signal is not None:
        return Decided(at.signal, refusal=Refusal.DECISION_FAILED)
    decision = to_root(at.agreement, RouteReason.DECISION_FAILED, asks.urgency)
    return _reported(SignalReported(**vars(asks)), decision, at)


def acknowledge(asks: AcknowledgeSignal, at: Situation) -> Decided:
    """An asked contact takes ownership. Whoever was ever asked may, at whatever level the ladder stands now."""
    fact = SignalAcknowledged(
        by=asks.by, agreement_version=at.agreement.version, expertise=_expertise_now(at)
    )
    return _told(at, _asked(at, asks.by.contact), fact, taken_by=asks.by.contact)


def decline(asks: DeclineSignal, at: Situation) -> Decided:
    """An asked contact does not take it; the watchman asks the next level."""
    fact = SignalDeclined(by=asks.by, reason=asks.reason, agreement_version=at.agreement.version)
    return _told(at, _asked(at, asks.by.contact), fact)


def log_call(asks: LogCall, at: Situation) -> Decided:
    """A function was phoned about it: by whoever has to do with it, or the coordination point, where such a task goes.
    What they said to it themselves, only the coordination point may say for them, and only of whoever was asked."""
    agreement, by = at.agreement, asks.by.contact
    call = CallLogged(by=asks.by, to=asks.to, outcome=asks.outcome, agreement_version=agreement.version)
    contact = agreement.contacts.get(asks.to)
    is_point = at.are((agreement.coordination_point, at.case.coordinator), by)
    refusal = None if is_point else _held(at, by) and _asked(at, by)
    if refusal is None and (contact is None or not contact.takes_part(at.now_ms)):
        refusal = Refusal.UNKNOWN_CONTACT
    if refusal is None and asks.to == by:
        refusal = Refusal.WRONG_RECEIVER
    if asks.outcome not in {CallOutcome.TAKEN, CallOutcome.DECLINED}:
        return _told(at, refusal, call)
    refusal = refusal or (None if is_point else Refusal.NOT_THE_HOLDER) or _asked(at, asks.to)
    them, version = Actor(contact=asks.to), agreement.version
    if asks.outcome is CallOutcome.TAKEN:
        taken = SignalAcknowledged(by=them, agreement_version=version, expertise=_expertise_now(at))
        return _told(at, refusal, call, taken, taken_by=asks.to)
    if asks.reason is None:
        return _told(at, refusal or Refusal.REASON_MISSING)
    return _told(at, refusal, call, SignalDeclined(by=them, reason=asks.reason, agreement_version=version))


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
            expertise=_expertise_now(at),
        )
        found = _told(at, _held(at, asks.by.contact), given, routed, taken_by=None)
    return found if found.refusal is not None else found._replace(asked=(asks.to,))


def interpret(asks: InterpretSignal, at: Situation) -> Decided:
    """What was seen is understood; how urgent it is may turn out otherwise (S003-04)."""
    agreement, signal = at.agreement, at.signal
    if signal is not None and not agreement.levels.keys() >= {
        asks.urgency,
        *(part.urgency for part in asks.parts),
    }:
        return Decided(signal, refusal=Refusal.UNKNOWN_URGENCY)
    types = [one.value for one in asks.types] or ([] if signal is None else signal.get("types", []))
    expertise = _expertise(agreement, asks.urgency, types)
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
                expertise=expertise,
            )
        )
    said = {name: value for name, value in vars(asks).items() if name not in {"urgency_reason", "parts"}}
    facts.append(SignalInterpreted(**said, agreement_version=agreement.version, expertise=expertise))
    if GP in asks.findings_for and at.case.practice is None:
        facts.append(PracticeUnknown(by=asks.by, agreement_version=agreement.version))
    parts = [(f"{SIGNAL_ID}{at.next_id}-{n}", part) for n, part in enumerate(asks.parts, 1)]
    if parts:
        into = tuple(born_id for born_id, _ in parts)
        facts.append(SignalSplit(by=asks.by, into=into, agreement_version=agreement.version))
    found = _told(at, _held(at, asks.by.contact), *facts)
    if found.signal is None or found.refusal is not None:
        return found
    now: Signal = {**found.signal, "urgency": asks.urgency, "expects_action": asks.expects_action}
    if asks.types:
        now["types"] = types
    born = tuple(_born(born_id, part, asks.by, now, at) for born_id, part in parts)
    return found._replace(signal=now, born=born)


def record_action(asks: RecordAction, at: Situation) -> Decided:
    """Each signal ends in a decision: action, owner, date; or none, with the reason (S000-28)."""
    refusal = _held(at, asks.by.contact)
    if asks.action == NO_ACTION:
        refusal = refusal or (None if asks.reason else Refusal.REASON_MISSING)
        fact = ActionRecorded(**vars(asks), is_action=False, agreement_version=at.agreement.version)
        return _told(at, refusal, fact)
    action_id, owner = f"{ACTION_ID}{at.next_id}", asks.owner
    refusal = refusal or _ownerless(asks, at)
    fact = ActionRecorded(**vars(asks), action_id=action_id, agreement_version=at.agreement.version)
    found = _told(at, refusal, fact)
    if found.signal is None or found.refusal is not None or owner is None:
        return found
    running = {**found.signal.get("actions", {}), action_id: owner}
    return found._replace(signal={**found.signal, "actions": running})


def end_action(asks: EndAction, at: Situation) -> Decided:
    """An action has ended, by whoever does it or has the signal (S000-29)."""
    running = {} if at.signal is None else at.signal.get("actions", {})
    ended = asks.action_id or (next(iter(running)) if len(running) == 1 else "")
    owner = running.get(ended)
    refusal = None if at.are((owner,), asks.by.contact) else _held(at, asks.by.contact)
    if refusal is None and owner is None:
        refusal = Refusal.UNKNOWN_ACTION
    if refusal is not None or at.signal is None:
        return _told(at, refusal)
    said = {**vars(asks), "action_id": ended}
    found = _told(at, refusal, ActionEnded(**said, agreement_version=at.agreement.version))
    if found.signal is None or found.refusal is not None:
        return found
    left = {one: who for one, who in running.items() if one != ended}
    return found._replace(signal={**found.signal, "actions": left})


def record_wait(asks: RecordWait, at: Situation) -> Decided:
    """Nothing can be done before a moment. Which clocks that stops, the agreement's obligations say (semantics 11)."""
    refusal = _held(at, asks.by.contact)
    if refusal is None and milliseconds(asks.until) <= at.now_ms:
        refusal = Refusal.TIME_NOT_CREDIBLE
    return _told(at, refusal, WaitRecorded(**vars(asks), agreement_version=at.agreement.version))


def give_feedback(asks: GiveFeedback, at: Situation) -> Decided:
    """Somebody was told, or it was tried. What counts as an answer, the agreement's obligations say (semantics 43). The
    own GP hears of it on presumed consent where the partners agreed that, unless another ground is given."""
    if at.signal is None:
        return Decided(None, refusal=Refusal.UNKNOWN_ENTITY)
    to = addressed(asks, at.signal, at.case.practice, at.now_ms, at.agreement, at.directory)
    is_told = asks.outcome not in TOLD_NOBODY
    is_presumed = is_told and asks.to == GP and TO_OWN_GP in at.agreement.presumed_for
    ground = asks.ground or (Ground.PRESUMED_CONSENT if is_presumed else None)
    own = {"chars", "receiver", "ground"}
    said = {name: value for name, value in vars(asks).items() if name not in own}
    version = at.agreement.version
    fact = FeedbackGiven(**said, receiver=to.receiver, ground=ground, agreement_version=version)
    refusal = _held(at, asks.by.contact) or to.refusal or unfit(asks.ground, asks.purpose, at.agreement)
    found = _told(at, refusal, fact)
    ref = asks.content_ref if asks.outcome is FeedbackOutcome.SENT else None
    if found.signal is None or found.refusal is not None or ref is None:
        return found
    before = found.signal.get("sent", [])
    return found._replace(signal={**found.signal, "sent": [*(one for one in before if one != ref), ref]})


def check_effect(asks: CheckEffect, at: Situation) -> Decided:
    """Whether what was done helped; a check that reached nobody is no answer (S003-06, semantics 44). What is still to
    be done has achieved nothing yet."""
    fact = EffectChecked(**vars(asks), agreement_version=at.agreement.version)
    is_early = asks.outcome is Effect.ACHIEVED and _runs(at)
    found = _told(at, _held(at, asks.by.contact) or (Refusal.ACTION_RUNS if is_early else None), fact)
    if found.signal is None or found.refusal is not None or found.signal["state"] != EFFECT_CHECKED:
        return found
    return found._replace(signal={**found.signal, "effect": asks.outcome.value})


def close(asks: CloseSignal, at: Situation) -> Decided:
    """Only after an answered effect check, or a reasoned decision to leave it (semantics 46); when nothing is still to
    be done, and everybody who was to hear of it has: closing it would make them wait for nothing."""
    refusal = _held(at, asks.by.contact) or _unheard(at) or (Refusal.ACTION_RUNS if _runs(at) else None)
    fact = SignalClosed(by=asks.by, reason=asks.reason, agreement_version=at.agreement.version)
    found = _told(at, refusal, fact)
    signal = at.signal
    if signal is None:
        return found
    if found.refusal is Refusal.NOT_ALLOWED_NOW and LIFECYCLE[signal["state"]]:
        return found._replace(refusal=Refusal.EFFECT_NOT_CHECKED)
    if found.refusal is None and asks.reason not in _true_reasons(signal):
        return Decided(signal, refusal=Refusal.WRONG_REASON)
    return found


def withdraw(asks: WithdrawSignal, at: Situation) -> Decided:
    """Who reported it takes it back; nobody else can. Where the reporter names no party, that is whoever it came from:
    many a signal was reported by a neighbour."""
    signal = at.signal
    if signal is None:
        return Decided(None, refusal=Refusal.UNKNOWN_ENTITY)
    kind, party = asks.reporter.kind.value, asks.reporter.party
    is_reporter = (signal.get("reporter_kind"), signal.get("reporter_party")) == (kind, party)
    is_theirs = party is not None or (at.source != "" and signal.get("source") == at.source)
    refusal = None if is_reporter and is_theirs else Refusal.NOT_THE_REPORTER
    fact = SignalWithdrawn(reporter=asks.reporter, reason=asks.reason, agreement_version=at.agreement.version)
    return _told(at, refusal, fact)


# -- who may, and when -------------------------------------------------------------------------------


def _asked(at: Situation, by: str) -> Refusal | None:
    """The asked contact, and any level of the ladder asked so far."""
    return None if at.are(at.asked, by) else Refusal.NEVER_ASKED


def _held(at: Situation, by: str) -> Refusal | None:
    """Who took it, and the coordinator of the case."""
    if at.signal is None or at.are((at.signal["taken_by"], at.case.coordinator), by):
        return None
    return Refusal.NOT_THE_HOLDER if at.are(at.asked, by) else Refusal.NEVER_ASKED


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
    taken_by = at.signal["taken_by"]
    if not is_taking or by is None or taken_by is None:
        return Refusal.NOT_ALLOWED_NOW
    # Of a group another may have claimed it before (S002-08).
    contact = at.agreement.contacts.get(taken_by)
    is_another = taken_by != by.contact or (contact is not None and contact.is_group)
    return Refusal.ALREADY_TAKEN if is_another else Refusal.NOT_ALLOWED_NOW


def _runs(at: Situation) -> bool:
    """Whether something that was to be done is still under way."""
    return at.signal is not None and bool(at.signal.get("actions"))


def _true_reasons(signal: Signal) -> Collection[CloseReason]:
    """What a signal may be closed for as it stands: nobody reads later that it helped where it did not."""
    if signal["state"] == LEFT_AS_IT_IS:
        return (CloseReason.NO_ACTION_NEEDED, CloseReason.GOES_ON_IN_CASE)
    # A row of before that was kept does not say what the check came to.
    if signal.get("effect", Effect.ACHIEVED) == Effect.ACHIEVED:
        return (CloseReason.EFFECT_ACHIEVED, CloseReason.GOES_ON_IN_CASE)
    return (CloseReason.GOES_ON_IN_CASE,)


def _unheard(at: Situation) -> Refusal | None:
    """Whether somebody still waits for feedback, by whatever obligation."""
    awaited = any(
        event == FeedbackGiven.__name__ and effect == DISCHARGED
        for endings in at.owed
        for event, effect, _ in endings
    )
    return Refusal.FEEDBACK_OWED if awaited else None


def _ownerless(asks: RecordAction, at: Situation) -> Refusal | None:
    """What is wrong with who is to do it and by when, or None (S000-28)."""
    if asks.owner is None or asks.due_at is None:
        return Refusal.OWNER_MISSING
    owner = at.agreement.contacts.get(asks.owner)
    if owner is None or not owner.takes_part(at.now_ms):
        return Refusal.UNKNOWN_CONTACT
    return None if milliseconds(asks.due_at) > at.now_ms else Refusal.TIME_NOT_CREDIBLE


# -- reporting ---------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """A part of what was understood, as the routing tree looks at it: reported by whoever understood it."""

    urgency: str
    types: Collection[str]
    concern: Collection[str]
    about: str
    postcode: str | None
    reporter: Reporter


def _born(born_id: str, part: SignalPart, by: Actor, source: Signal, at: Situation) -> Born:
    """A signal of its own, routed as every other. Whoever understood it reports it, and hears what becomes of it;
    whoever reported the whole hears from who has that."""
    reporter = Reporter(kind=ReporterKind.PROFESSIONAL, party=by.contact.partition("/")[0])
    about, postcode = About(source.get("about", About.CLIENT)), source.get("postcode")
    fact = SignalReported(
        urgency=part.urgency,
        types=part.types,
        concern=part.concern,
        about=about,
        postcode=postcode,
        reporter=reporter,
        expects_feedback=False,
        client_informed=source.get("client_informed"),
        content_ref=part.content_ref,
        split_from=at.entity,
    )
    seen = _Part(part.urgency, part.types, part.concern, about, postcode, reporter)
    found = _reported(fact, route(seen, at.case, at.now_ms, at.agreement), at)
    assert found.signal is not None
    # It was reported once: it is not one more signal of the case.
    signal: Signal = {**found.signal, "split_from": at.entity}
    del signal["reported_ms"]
    return Born(born_id, signal, found.facts, found.asked)


def _reported(fact: SignalReported, decision: Decision, at: Situation) -> Decided:
    agreement = at.agreement
    facts: list[Said] = [fact]
    facts += [
        SignalRouted(
            contact=choice.receiver,
            reason=decision.reason,
            rule=choice.rule,
            ladder=choice.ladder,
            urgency=decision.urgency,
            agreement_version=agreement.version,
            expertise=_expertise(agreement, decision.urgency, fact.types),
            trace=decision.trace,
        )
        for choice in decision.choices
    ]
    signal: Signal = {
        "state": after(ABSENT, *facts),
        "urgency": decision.urgency,
        "taken_by": None,
        "reporter_kind": fact.reporter.kind.value,
        "reporter_party": fact.reporter.party,
        "reported_ms": at.now_ms,
        "types": [one.value for one in fact.types],
    }
    if fact.reporter.party is None:
        signal["source"] = at.source
    if fact.client_informed is not None:
        signal["client_informed"] = fact.client_informed
    if fact.postcode is not None:
        signal["postcode"] = fact.postcode
    if fact.about is not About.CLIENT:
        signal["about"] = fact.about.value
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


def _expertise_now(at: Situation) -> tuple[str, ...]:
    signal = at.signal
    return () if signal is None else _expertise(at.agreement, signal["urgency"], signal.get("types", ()))


def _expertise(agreement: Terms, urgency: str, types: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(agreement.expertise_for(agreement.level(urgency), types)))
