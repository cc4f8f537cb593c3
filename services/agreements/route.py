"""Who is asked: one pure function for production, dry run and tests (semantics 1-4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from schemas.signals import RouteReason, TraceStep
from services.agreements.matching import MATCHED, RULE_ERROR, CaseView, Routable, mismatch
from services.agreements.model import CASE_CONTACT
from services.agreements.parts import ROOT, Contact, Node
from services.agreements.terms import Terms


class Choice(NamedTuple):
    """Somebody who is asked, by which ladder, and the rule that says so."""

    receiver: str
    ladder: str
    rule: str


class Decision(NamedTuple):
    """At least one choice, why, and every rule that was looked at. `urgency` is a level of the agreement.

    Rules with `continue` may choose several: they are asked at the same time, and the first to take it has it.
    """

    choices: tuple[Choice, ...]
    reason: RouteReason
    urgency: str
    trace: tuple[TraceStep, ...]


class _RuleFailed(Exception):
    """A rule erred; the trace says which."""


def route(signal: Routable, case: CaseView, at_ms: int, agreement: Terms) -> Decision:
    """Walks the tree: the first rule that matches decides, its own routes before itself, the root when none does.

    A rule that errs, and an urgency the agreement does not know, are not "no match": the root's receiver is asked
    with reason `rule_error`, and an unknown urgency is treated as the most pressing one.
    """
    urgency = signal.urgency
    trace: list[TraceStep] = []
    if urgency not in agreement.levels:
        trace.append(TraceStep(node=ROOT, matched=False, because="unknown_urgency"))
        return _to_root(agreement, RouteReason.RULE_ERROR, agreement.most_pressing.name, trace)
    try:
        choices = _walk(agreement.root, signal, case, at_ms, agreement.contacts, trace)
    except _RuleFailed:
        return _to_root(agreement, RouteReason.RULE_ERROR, urgency, trace)
    if not choices:
        trace.append(agreement.root.steps[MATCHED])
        return _to_root(agreement, RouteReason.NO_RULE_MATCHED, urgency, trace)
    once: dict[str, Choice] = {}
    for choice in choices:
        once.setdefault(choice.receiver, choice)
    return Decision(tuple(once.values()), RouteReason.RULE_MATCHED, urgency, tuple(trace))


def to_root(agreement: Terms, reason: RouteReason, urgency: str) -> Decision:
    """The decision that needs no rule: the coordination point is asked."""
    return _to_root(agreement, reason, agreement.level(urgency).name, [])


def _to_root(agreement: Terms, reason: RouteReason, urgency: str, trace: list[TraceStep]) -> Decision:
    root = agreement.root
    return Decision((Choice(root.receiver, root.ladder, ROOT),), reason, urgency, tuple(trace))


def _walk(  # noqa: PLR0913 - what route() was asked, and the trace
    node: Node,
    signal: Routable,
    case: CaseView,
    at_ms: int,
    contacts: Mapping[str, Contact],
    trace: list[TraceStep],
) -> list[Choice]:
    found: list[Choice] = []
    for rule in node.routes:
        try:
            why = mismatch(rule.ask, signal, case, at_ms)
            if why is None:
                receiver = case.contact if rule.receiver == CASE_CONTACT else rule.receiver
                choice = Choice(contacts[receiver or ""].ref, rule.ladder, rule.name)
        except Exception as error:
            # Whatever goes wrong in a rule, the person's claim on an answer stands: the root is asked.
            trace.append(rule.steps[RULE_ERROR])
            raise _RuleFailed from error
        if why is not None:
            trace.append(rule.steps[why])
            continue
        trace.append(rule.steps[MATCHED])
        found += _walk(rule, signal, case, at_ms, contacts, trace) or [choice]
        if not rule.goes_on:
            break
    return found
