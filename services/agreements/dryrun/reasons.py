"""Why a rule did not match, in a sentence with what it asks and what the case has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from services.agreements.dryrun.cases import Case
from services.agreements.dryrun.trial import Trial
from services.agreements.matching import MATCHED, RULE_ERROR, Match
from services.agreements.parts import ROOT, Node


class Looked(NamedTuple):
    """A rule of the tree: whether it matched, the code why or why not, and that in words."""

    node: str
    is_matched: bool
    because: str
    says: str


#: Of these, what the rule asks for and what the case has are shown side by side.
_SIDES: Mapping[str, tuple[Callable[[Match], Collection[str] | None], Callable[[Case], Collection[str]], str]] = {
    "urgency_differs": (lambda ask: ask.urgency, lambda case: (case.urgency,), "urgency"),
    "types_differ": (lambda ask: ask.types, lambda case: case.types, "one of the types"),
    "not_every_type": (lambda ask: ask.every_type, lambda case: case.types, "all of the types"),
    "concern_differs": (lambda ask: ask.concern, lambda case: case.concern, "one of the concerns"),
    "not_every_concern": (lambda ask: ask.every_concern, lambda case: case.concern, "all of the concerns"),
    "about_differs": (lambda ask: ask.about, lambda case: (case.about,), "it to be about"),
    "reporter_differs": (lambda ask: ask.reporter, lambda case: (case.reporter.kind,), "as reporter"),
    "reporting_party_differs": (
        lambda ask: ask.reporting,
        lambda case: (case.reporter.party,) if case.reporter.party else (),
        "as reporting party",
    ),
    "postcode_differs": (
        lambda ask: ask.postcodes,
        lambda case: (case.postcode,) if case.postcode else (),
        "the postcode",
    ),
    "practice_differs": (
        lambda ask: ask.practice,
        lambda case: (case.view.practice,) if case.view.practice else (),
        "the practice",
    ),
    "target_group_differs": (
        lambda ask: ask.target_group,
        lambda case: (case.view.target_group,) if case.view.target_group else (),
        "the target group",
    ),
}  # fmt: skip
_SENTENCES: Mapping[str, str] = {
    MATCHED: "matched",
    RULE_ERROR: "the rule failed; the coordination point is asked",
    "unknown_urgency": "the agreement has no such urgency",
    "postcode_unknown": "it asks where, and the case has no postcode",
    "inside_area": "it asks for outside the area, and the postcode is inside",
    "outside_area": "it asks for inside the area, and the postcode is outside",
    "case_has_no_contact": "the case has no contact yet",
    "case_has_no_coordinator": "the case has no coordinator yet",
    "outside_hours": "it asks for a moment within hours, and it is outside them",
    "inside_hours": "it asks for a moment outside hours, and it is within them",
    "no_neighbour_there": "no neighbouring partnership answers for the postcode",
    "practice_without_contact": "no contact is there for the client's practice",
    "no_intake_for_it": "no line of the intake fits",
    "no_path_for_it": "the target group has no path with a contact",
    "receiver_takes_no_part": "its receiver does not take part at this moment",
}


def looked_at(trial: Trial) -> Iterator[Looked]:
    """Every rule that was looked at, in order."""
    asks = dict(_asks(trial.agreement.root))
    for step in trial.decision.trace:
        yield Looked(
            step.node,
            step.matched,
            step.because,
            _why(step.because, asks.get(step.node, Match()), trial.case),
        )


def not_reached(trial: Trial, rules: Collection[str]) -> Iterator[str]:
    """Of rules that were expected: why they were never looked at."""
    looked = {step.node for step in trial.decision.trace}
    decided = ", ".join(choice.rule for choice in trial.decision.choices)
    above = _parents(trial.agreement.root)
    for rule in rules:
        if rule in looked or rule == ROOT:
            continue
        parent = above.get(rule)
        if parent is None:
            yield f"`{rule}` is no rule of this agreement"
        elif parent == ROOT or parent in {choice.rule for choice in trial.decision.choices}:
            yield f"`{rule}` was not looked at: {decided} decided before it"
        else:
            yield f"`{rule}` was not looked at: it is within `{parent}`"


def _why(because: str, ask: Match, case: Case) -> str:
    if because in _SIDES:
        asked, has, what = _SIDES[because]
        return f"it asks {what} {_or(asked(ask) or ())}, and the case has {_or(has(case))}"
    return _SENTENCES.get(because, because.replace("_", " "))


def _or(words: Collection[str]) -> str:
    return ", ".join(sorted(str(word) for word in words)) or "none"


def _asks(node: Node) -> Iterator[tuple[str, Match]]:
    for rule in node.routes:
        yield rule.name, rule.ask
        yield from _asks(rule)


def _parents(node: Node) -> dict[str, str]:
    found = {rule.name: node.name for rule in node.routes}
    for rule in node.routes:
        found |= _parents(rule)
    return found
