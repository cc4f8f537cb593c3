"""The life of a signal: every state with every command, and what is refused with which reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from schemas.base import Said
from schemas.signals import (
    AcknowledgeSignal,
    Actor,
    DeclineReason,
    DeclineSignal,
    Refusal,
    Reporter,
    ReporterKind,
    ReportSignal,
    RouteReason,
    SignalReported,
    SignalRouted,
    SignalType,
)
from services.agreements.moments import milliseconds
from services.agreements.routable import CaseView
from services.signals import decide
from services.signals.decide import Decided, Situation
from services.signals.lifecycle import ABSENT, ACKNOWLEDGED, LIFECYCLE, REPORTED, ROUTED, Signal
from tests.agreements.texts import an_agreement

WATERKANT = an_agreement()
NOW_MS = milliseconds(datetime.fromisoformat("2026-11-23T09:00+01:00"))
TEAM, DUTY, STRANGER = "linde/linde-team", "linde/linde-duty", "kolk/kolk-entry"


def a_report(**fields: Any) -> ReportSignal:
    said = {"urgency": "urgent", "types": (SignalType.NURSING,), "postcode": "9901", **fields}
    return ReportSignal(reporter=Reporter(kind=ReporterKind.NEIGHBOUR), **said)


def a_signal(state: str, taken_by: str | None = None) -> Signal:
    return {"state": state, "urgency": "urgent", "taken_by": taken_by}


def the_situation(signal: Signal | None, *asked: str) -> Situation:
    return Situation(signal, asked, CaseView(), NOW_MS, WATERKANT)


def acknowledged(by: str, signal: Signal | None, *asked: str) -> Decided:
    return decide.acknowledge(AcknowledgeSignal(by=Actor(contact=by)), the_situation(signal, *asked))


def declined(by: str, signal: Signal | None, *asked: str) -> Decided:
    asks = DeclineSignal(by=Actor(contact=by), reason=DeclineReason.NO_CAPACITY)
    return decide.decline(asks, the_situation(signal, *asked))


def names(facts: tuple[Said, ...]) -> list[str]:
    return [type(fact).__name__ for fact in facts]


def test_every_state_can_be_reached_and_every_way_leads_to_a_state() -> None:
    reached = {ABSENT} | {state for facts in LIFECYCLE.values() for state in facts.values()}
    assert reached == set(LIFECYCLE)


def test_a_report_is_told_and_routed_in_one_step() -> None:
    found = decide.report(a_report(content_ref="vault:abcdefgh"), the_situation(None))
    assert names(found.facts) == ["SignalReported", "SignalRouted"]
    assert found.signal == {
        **a_signal(ROUTED),
        "reporter_kind": "neighbour",
        "reporter_party": None,
        "reported_ms": NOW_MS,
        "source": "",
        "types": ["nursing"],
        "postcode": "9901",
    }
    assert found.asked == (TEAM,)
    reported, routed = found.facts
    assert isinstance(reported, SignalReported) and reported.content_ref == "vault:abcdefgh"
    assert isinstance(routed, SignalRouted)
    assert (routed.contact, routed.ladder, routed.rule, routed.agreement_version) == (
        TEAM,
        "standard",
        "care-at-home",
        1,
    )
    assert routed.reason == RouteReason.RULE_MATCHED


def test_a_report_says_on_what_it_was_told() -> None:
    asks = a_report(expects_feedback=True, client_informed=False)
    reported = decide.report(asks, the_situation(None)).facts[0]
    assert reported.model_dump() == {**asks.model_dump(), "split_from": None}


def test_rules_that_continue_route_a_signal_more_than_once() -> None:
    found = decide.report(ReportSignal.model_validate_json(
        b'{"urgency":"acute","types":["social"],"concern":["crisis"],"postcode":"9901","reporter":{"kind":"other"}}'
    ), the_situation(None))  # fmt: skip
    assert names(found.facts) == ["SignalReported", "SignalRouted", "SignalRouted"]
    assert found.asked == ("schakel/coordination-point", "welzijn/welzijn-desk")


def test_an_urgency_nobody_agreed_on_is_told_as_said_and_routed_as_the_most_pressing() -> None:
    reported, routed = decide.report(a_report(urgency="soonish"), the_situation(None)).facts
    assert isinstance(reported, SignalReported) and reported.urgency == "soonish"
    assert isinstance(routed, SignalRouted)
    assert (routed.urgency, routed.contact, routed.reason) == (
        "acute",
        "schakel/coordination-point",
        "rule_error",
    )


#: Who was asked: TEAM and DUTY. Who acts, in which state, taken by whom: the refusal, or None when it is accepted.
CASES = [
    (TEAM, None, Refusal.UNKNOWN_ENTITY),
    (STRANGER, None, Refusal.UNKNOWN_ENTITY),
    (STRANGER, a_signal(ROUTED), Refusal.NEVER_ASKED),
    (TEAM, a_signal(ROUTED), None),
    (DUTY, a_signal(ROUTED), None),
    (STRANGER, a_signal(ACKNOWLEDGED, TEAM), Refusal.NEVER_ASKED),
    (DUTY, a_signal(ACKNOWLEDGED, TEAM), Refusal.ALREADY_TAKEN),
    (TEAM, a_signal(ACKNOWLEDGED, TEAM), Refusal.NOT_ALLOWED_NOW),
    (TEAM, a_signal(REPORTED), Refusal.NOT_ALLOWED_NOW),
]


@pytest.mark.parametrize(("by", "signal", "refusal"), CASES)
def test_only_who_was_asked_may_take_it_and_only_once(
    by: str, signal: Signal | None, refusal: Refusal | None
) -> None:
    found = acknowledged(by, signal, TEAM, DUTY)
    assert found.refusal == refusal
    if refusal is None:
        assert names(found.facts) == ["SignalAcknowledged"]
        assert found.signal == a_signal(ACKNOWLEDGED, by)
    else:
        assert (found.facts, found.signal) == ((), signal)


@pytest.mark.parametrize(("by", "signal", "refusal"), CASES)
def test_only_who_was_asked_may_decline_and_it_stays_routed(
    by: str, signal: Signal | None, refusal: Refusal | None
) -> None:
    found = declined(by, signal, TEAM, DUTY)
    assert found.refusal == refusal
    if refusal is None:
        assert names(found.facts) == ["SignalDeclined"]
    assert found.signal == signal


@pytest.mark.parametrize("state", [REPORTED, ROUTED, ACKNOWLEDGED])
def test_a_signal_is_born_once(state: str) -> None:
    signal = a_signal(state)
    assert decide.report(a_report(), the_situation(signal)) == Decided(signal, refusal=Refusal.ALREADY_EXISTS)
    assert decide.report_unrouted(a_report(), the_situation(signal)).refusal == Refusal.DECISION_FAILED


def test_a_report_that_could_not_be_decided_goes_to_the_coordination_point() -> None:
    found = decide.report_unrouted(a_report(urgency="soonish"), the_situation(None))
    routed = found.facts[1]
    assert isinstance(routed, SignalRouted)
    assert (routed.contact, routed.reason, routed.rule, routed.urgency) == (
        "schakel/coordination-point", "decision_failed", "root", "acute"
    )  # fmt: skip


def test_what_a_later_version_added_to_a_signal_is_carried_along() -> None:
    signal: Any = {**a_signal(ROUTED), "interpreted_by": "later"}
    assert acknowledged(TEAM, signal, TEAM).signal == {**signal, "state": ACKNOWLEDGED, "taken_by": TEAM}
