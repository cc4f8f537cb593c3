"""Who is asked: one pure function for production, dry run and tests (semantics 1-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from schemas.signals import RouteReason, TraceStep
from services.agreements.matching import MATCHED, RULE_ERROR, mismatch
from services.agreements.model.words import (
    CASE_CONTACT,
    CASE_COORDINATOR,
    INTAKE_CONTACT,
    NEIGHBOUR_ENTRY,
    PATH_CONTACT,
    PRACTICE_CONTACT,
)
from services.agreements.parts import ROOT, Node
from services.agreements.routable import CaseView, Routable
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
    with reason `rule_error`, and an unknown urgency is treated as the most pressing one. The root's receiver is asked
    whether or not its party still takes part: an agreement in which it left is refused by `check`, and here somebody
    must be asked all the same.
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
    """What the rules below a node choose. A rule with nobody to send to does not match, but the routes within it are
    looked at: they may know somebody."""
    found: list[Choice] = []
    for rule in node.routes:
        receiver = nobody = None
        try:
            why = mismatch(rule.ask, signal, case, at_ms)
            if why is None:
                receiver, nobody = _receiver(rule.receiver, signal, case, at_ms, agreement)
        except Exception as error:
            # Whatever goes wrong in a rule, the person's claim on an answer stands: the root is asked.
            trace.append(rule.steps[RULE_ERROR])
            raise _RuleFailed from error
        if why is not None:
            trace.append(rule.steps[why])
            continue
        trace.append(rule.steps[nobody or MATCHED])
        chosen = _walk(rule, signal, case, at_ms, agreement, trace) if rule.routes else []
        if not chosen and receiver is not None:
            ladder = rule.path_ladders.get(case.target_group or "", rule.ladder)
            chosen = [Choice(receiver, ladder, rule.name)]
        found += chosen
        if chosen and not rule.goes_on:
            break
    return found


def _receiver(
    said: str, signal: Routable, case: CaseView, at_ms: int, agreement: Terms
) -> tuple[str | None, str | None]:
    """Whom a rule sends to at this moment, or why nobody: of those it may mean the first that takes part.

    A contact that the case names and the agreement does not know any more takes no part, as one whose party left.
    """
    find, why = _NAMED.get(said, (None, ""))
    for ref in (said,) if find is None else find(signal, case, agreement):
        contact = agreement.contacts.get(ref)
        if contact is not None and contact.takes_part(at_ms):
            return ref, None
        why = "receiver_takes_no_part"
    return None, why


def _known(ref: str | None) -> tuple[str, ...]:
    return () if ref is None else (ref,)


def _intake(signal: Routable, case: CaseView, agreement: Terms) -> Iterable[str]:
    """Who does the first intake: the lines of which everything fits."""
    for line in agreement.intake:
        if (
            (line.target_group is None or case.target_group in line.target_group)
            and (line.types is None or not line.types.isdisjoint(signal.types))
            and (line.postcodes is None or signal.postcode in line.postcodes)
        ):
            yield line.by


#: Words a rule may name instead of a contact: who may be meant, and why the rule does not match when nobody is.
_NAMED: Mapping[str, tuple[Callable[[Routable, CaseView, Terms], Iterable[str]], str]] = {
    CASE_CONTACT: (lambda _, case, __: _known(case.contact), "case_has_no_contact"),
    CASE_COORDINATOR: (lambda _, case, __: _known(case.coordinator), "case_has_no_coordinator"),
    NEIGHBOUR_ENTRY: (
        lambda signal, _, agreement: agreement.neighbours.get(signal.postcode or "", ()),
        "no_neighbour_there",
    ),
    PRACTICE_CONTACT: (
        lambda _, case, agreement: agreement.practices.get(case.practice or "", ()),
        "practice_without_contact",
    ),
    PATH_CONTACT: (
        lambda _, case, agreement: agreement.paths.get(case.target_group or "", ()),
        "no_path_for_it",
    ),
    INTAKE_CONTACT: (_intake, "no_intake_for_it"),
}
