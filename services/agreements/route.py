"""Who is asked: one pure function for production, dry run and tests (semantics 1-4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from schemas.signals import RouteReason, TraceStep
from services.agreements.matching import MATCHED, RULE_ERROR, CaseView, Routable, mismatch
from services.agreements.model.words import (
    CASE_CONTACT,
    CASE_COORDINATOR,
    INTAKE_CONTACT,
    NEIGHBOUR_ENTRY,
    PATH_CONTACT,
    PRACTICE_CONTACT,
)
from services.agreements.parts import ROOT, Node
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
        choices = _walk(agreement.root, signal, case, at_ms, agreement, trace)
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
    agreement: Terms,
    trace: list[TraceStep],
) -> list[Choice]:
    found: list[Choice] = []
    for rule in node.routes:
        try:
            why = mismatch(rule.ask, signal, case, at_ms)
            if why is None:
                receiver, why = _receiver(rule.receiver, signal, case, at_ms, agreement)
        except Exception as error:
            # Whatever goes wrong in a rule, the person's claim on an answer stands: the root is asked.
            trace.append(rule.steps[RULE_ERROR])
            raise _RuleFailed from error
        if why is not None:
            trace.append(rule.steps[why])
            continue
        trace.append(rule.steps[MATCHED])
        chosen = Choice(receiver, rule.ladder, rule.name)
        found += _walk(rule, signal, case, at_ms, agreement, trace) or [chosen]
        if not rule.goes_on:
            break
    return found


def _receiver(
    said: str, signal: Routable, case: CaseView, at_ms: int, agreement: Terms
) -> tuple[str, str | None]:
    """Whom a rule sends to at this moment, and why it cannot: a rule with nobody to send to does not match.

    A contact that the case names and the agreement does not know any more is an error of the rule.
    """
    ref, otherwise = said, ""
    if said in _NAMED:
        find, otherwise = _NAMED[said]
        ref = find(signal, case, agreement) or ""
    if not ref:
        return "", otherwise
    contact = agreement.contacts[ref]
    return contact.ref, None if contact.takes_part(at_ms) else "receiver_takes_no_part"


def _intake(signal: Routable, case: CaseView, agreement: Terms) -> str | None:
    """Who does the first intake: the first line of which everything fits."""
    for line in agreement.intake:
        if (
            (line.target_group is None or case.target_group in line.target_group)
            and (line.types is None or not line.types.isdisjoint(signal.types))
            and (line.postcodes is None or signal.postcode in line.postcodes)
        ):
            return line.by
    return None


#: Words a rule may name instead of a contact: who is meant, and why the rule does not match when nobody is.
_NAMED: Mapping[str, tuple[Callable[[Routable, CaseView, Terms], str | None], str]] = {
    CASE_CONTACT: (lambda _, case, __: case.contact, "case_has_no_contact"),
    CASE_COORDINATOR: (lambda _, case, __: case.coordinator, "case_has_no_coordinator"),
    NEIGHBOUR_ENTRY: (
        lambda signal, _, agreement: agreement.neighbours.get(signal.postcode or ""),
        "no_neighbour_there",
    ),
    PRACTICE_CONTACT: (
        lambda _, case, agreement: agreement.practices.get(case.practice or ""),
        "practice_without_contact",
    ),
    PATH_CONTACT: (
        lambda _, case, agreement: agreement.paths.get(case.target_group or ""),
        "no_path_for_it",
    ),
    INTAKE_CONTACT: (_intake, "no_intake_for_it"),
}
