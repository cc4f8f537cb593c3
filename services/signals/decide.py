"""What a command about a signal comes to: facts and the signal's new row, or a refusal with its reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple, TypedDict

from schemas.base import Said
from schemas.signals import (
    AcknowledgeSignal,
    DeclineSignal,
    Refusal,
    ReportSignal,
    RouteReason,
    SignalAcknowledged,
    SignalDeclined,
    SignalReported,
    SignalRouted,
)
from services.agreements.matching import CaseView
from services.agreements.route import Decision, route, to_root
from services.agreements.terms import Terms

ABSENT, REPORTED, ROUTED, ACKNOWLEDGED = "absent", "reported", "routed", "acknowledged"

#: The life of a signal: state → fact → state. A fact that is not listed for a state cannot be told in it: the command
#: is refused, and nothing changes. Still to come: acknowledged → interpreted → acted_on → effect_checked → closed.
LIFECYCLE: Mapping[str, Mapping[str, str]] = {
    ABSENT: {"SignalReported": REPORTED},
    REPORTED: {"SignalRouted": ROUTED},
    ROUTED: {
        "SignalRouted": ROUTED,  # rules with `continue` ask several at once
        "SignalAcknowledged": ACKNOWLEDGED,
        "SignalDeclined": ROUTED,  # the next level is asked in the same step
    },
    ACKNOWLEDGED: {},
}


class Signal(TypedDict):
    """A signal as it stands in a case's row; contacts as `party/contact`."""

    state: str
    urgency: str
    taken_by: str | None


class Situation(NamedTuple):
    """All that may be looked at besides the command: the signal when there is one, everybody who was ever asked for it,
    the case, the moment, and the agreement in force."""

    signal: Signal | None
    asked: Collection[str]
    case: CaseView
    now_ms: int
    agreement: Terms


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
    return _reported(asks, route(asks, at.case, at.now_ms, at.agreement), at.agreement)


def report_unrouted(asks: ReportSignal, at: Situation) -> Decided:
    """What is left to do when deciding itself failed: the coordination point is asked, and no rule."""
    if at.signal is not None:
        return Decided(at.signal, refusal=Refusal.DECISION_FAILED)
    return _reported(asks, to_root(at.agreement, RouteReason.DECISION_FAILED, asks.urgency), at.agreement)


def acknowledge(asks: AcknowledgeSignal, at: Situation) -> Decided:
    """An asked contact takes ownership. Whoever was ever asked may, at whatever level the ladder stands now."""
    signal, by = at.signal, asks.by.contact
    refusal = _refused(at, "SignalAcknowledged", by)
    if signal is None or refusal is not None:
        return Decided(signal, refusal=refusal)
    fact = SignalAcknowledged(by=asks.by, agreement_version=at.agreement.version)
    return Decided({**signal, "state": _after(signal["state"], fact), "taken_by": by}, (fact,))


def decline(asks: DeclineSignal, at: Situation) -> Decided:
    """An asked contact does not take it; the watchman asks the next level."""
    signal = at.signal
    refusal = _refused(at, "SignalDeclined", asks.by.contact)
    if signal is None or refusal is not None:
        return Decided(signal, refusal=refusal)
    fact = SignalDeclined(by=asks.by, reason=asks.reason, agreement_version=at.agreement.version)
    return Decided({**signal, "state": _after(signal["state"], fact)}, (fact,))


def _after(state: str, *facts: Said) -> str:
    for fact in facts:
        state = LIFECYCLE[state][type(fact).__name__]
    return state


def _refused(at: Situation, fact: str, by: str) -> Refusal | None:
    """Why this contact may not tell this fact now; None when it may."""
    if at.signal is None:
        return Refusal.UNKNOWN_ENTITY
    if by not in at.asked:
        return Refusal.NEVER_ASKED
    if fact in LIFECYCLE[at.signal["state"]]:
        return None
    return Refusal.NOT_ALLOWED_NOW if at.signal["taken_by"] in {None, by} else Refusal.ALREADY_TAKEN


def _reported(asks: ReportSignal, decision: Decision, agreement: Terms) -> Decided:
    reported = SignalReported(
        urgency=asks.urgency,
        types=asks.types,
        concern=asks.concern,
        about=asks.about,
        postcode=asks.postcode,
        reporter=asks.reporter,
        expects_feedback=asks.expects_feedback,
        client_informed=asks.client_informed,
        content_ref=asks.content_ref,
    )
    routed = [
        SignalRouted(
            contact=choice.receiver,
            reason=decision.reason,
            rule=choice.rule,
            ladder=choice.ladder,
            urgency=decision.urgency,
            agreement_version=agreement.version,
            trace=decision.trace,
        )
        for choice in decision.choices
    ]
    signal: Signal = {
        "state": _after(ABSENT, reported, *routed),
        "urgency": decision.urgency,
        "taken_by": None,
    }
    return Decided(signal, (reported, *routed), tuple(choice.receiver for choice in decision.choices))
