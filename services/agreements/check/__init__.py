"""What must be right before an agreement is signed: every finding at once, each with its place and what to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from zoneinfo import ZoneInfo

from services.agreements import model
from services.agreements.check import (
    acute,
    frame,
    items,
    ladders,
    obligations,
    parties,
    persons,
    routing,
    sharing,
)
from services.agreements.check.facts import FACTS
from services.agreements.check.given import Given
from services.agreements.check.references import spans, unknown_names
from services.agreements.check.walk import Walk
from services.agreements.days import begins_ms
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.findings import Finding, Found, found, in_order
from services.agreements.load import Draft
from services.agreements.terms import Unusable, terms

__all__ = ["FACTS", "check", "is_sound"]

#: What can be seen from the text and the moment alone.
_RULES: tuple[Callable[[Given], Iterator[Found]], ...] = (
    frame.names_given_once, unknown_names, spans, frame.calendars, frame.levels, frame.area, frame.validity,
    parties.contacts, parties.parties, parties.core_kinds, parties.partnership, parties.leaving,
    routing.root, routing.rules, ladders.ladders, obligations.obligations, obligations.routed,
    obligations.told_by_letter, obligations.unreached,
    sharing.feedback, sharing.grounds, sharing.identifiers, items.items, items.tasks, persons.persons,
)  # fmt: skip
#: What takes an agreement that can be decided with.
_WALKS: tuple[Callable[[Walk], Iterator[Found]], ...] = (
    ladders.holes, ladders.sights, acute.acute, sharing.receivers, sharing.findings_seen,
)  # fmt: skip


def check(
    draft: Draft,
    at_ms: int | None = None,
    directory: Directory = AS_SIGNED,
    others: Collection[model.Agreement] = (),
) -> tuple[Finding, ...]:
    """Everything wrong with an agreement, in the order of its lines: errors, and warnings for the partners to weigh.

    Looked at is the moment given, and without one the moment the agreement begins. `others` are the agreements of
    neighbours, whose areas must not overlap with this one's.
    """
    agreement = draft.agreement
    if agreement is None:
        return draft.findings
    if at_ms is None:
        at_ms = begins_ms(agreement.meta.valid_from, ZoneInfo(agreement.timezone))
    given = Given.of(agreement, at_ms, directory, tuple(others))
    if far_off := [draft.placed(one) for one in frame.dates(given)]:
        return in_order([*draft.findings, *far_off])
    broken = [one for rule in _RULES for one in rule(given)]
    if not any(one.severity == "error" for one in broken):
        try:
            walk = Walk(given, terms(agreement))
        except Unusable as error:
            # What cannot be decided with is a finding, whether or not a rule above knows why.
            broken.append(found((), "unusable", why=error.code, name=error.what))
        else:
            broken += [one for rule in _WALKS for one in rule(walk)]
    placed = (draft.placed(one) for one in broken)
    return in_order([*draft.findings, *(one for one in placed if not _is_of_the_region(one))])


def _is_of_the_region(finding: Finding) -> bool:
    """A template speaks of kinds of party that not every neighbourhood has."""
    return bool(finding.source) and (finding.code, finding.severity) == ("unknown_kind", "warning")


def is_sound(findings: Collection[Finding]) -> bool:
    """Whether there is no error among them: an agreement with warnings may be signed."""
    return not any(finding.severity == "error" for finding in findings)
