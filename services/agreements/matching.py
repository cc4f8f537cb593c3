"""What a rule asks of a signal, and the named reason why it does not match."""

from __future__ import annotations

from dataclasses import dataclass

from services.agreements.calendars import Calendar
from services.agreements.routable import CaseView, Routable

MATCHED = "matched"
RULE_ERROR = "rule_error"
#: Why a rule does not match: a closed list, in the order in which it is asked.
MISMATCHES = (
    "urgency_differs",
    "types_differ",
    "not_every_type",
    "concern_differs",
    "not_every_concern",
    "about_differs",
    "reporter_differs",
    "reporting_party_differs",
    "postcode_unknown",
    "postcode_differs",
    "inside_area",
    "outside_area",
    "case_has_no_contact",
    "case_has_no_coordinator",
    "practice_differs",
    "target_group_differs",
    "outside_hours",
    "inside_hours",
    # What it asks for is there, but nobody to send to:
    "no_neighbour_there",
    "practice_without_contact",
    "no_intake_for_it",
    "no_path_for_it",
    "receiver_takes_no_part",
)


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule asks for; None asks nothing. Slots, for this is what a walk of the tree reads most."""

    urgency: frozenset[str] | None = None
    types: frozenset[str] | None = None
    every_type: frozenset[str] | None = None
    concern: frozenset[str] | None = None
    every_concern: frozenset[str] | None = None
    about: frozenset[str] | None = None
    reporter: frozenset[str] | None = None
    #: Ids of the parties whose kind is asked for.
    reporting: frozenset[str] | None = None
    postcodes: frozenset[str] | None = None
    inside_area: frozenset[str] | None = None
    outside_area: frozenset[str] | None = None
    has_contact: bool = False
    has_coordinator: bool = False
    practice: frozenset[str] | None = None
    target_group: frozenset[str] | None = None
    inside_hours: Calendar | None = None
    outside_hours: Calendar | None = None


def mismatch(  # noqa: PLR0911, PLR0912 - one line a reason
    ask: Match, signal: Routable, case: CaseView, at_ms: int
) -> str | None:
    """The first reason why a rule does not match, or None when it does."""
    if ask.urgency is not None and signal.urgency not in ask.urgency:
        return "urgency_differs"
    if ask.types is not None and ask.types.isdisjoint(signal.types):
        return "types_differ"
    if ask.every_type is not None and not ask.every_type.issubset(signal.types):
        return "not_every_type"
    if ask.concern is not None and ask.concern.isdisjoint(signal.concern):
        return "concern_differs"
    if ask.every_concern is not None and not ask.every_concern.issubset(signal.concern):
        return "not_every_concern"
    if ask.about is not None and signal.about not in ask.about:
        return "about_differs"
    if ask.reporter is not None and signal.reporter.kind not in ask.reporter:
        return "reporter_differs"
    if ask.reporting is not None and signal.reporter.party not in ask.reporting:
        return "reporting_party_differs"
    if ask.postcodes is not None or ask.inside_area is not None or ask.outside_area is not None:
        # Without a postcode nobody knows where it is: neither inside nor outside.
        if signal.postcode is None:
            return "postcode_unknown"
        if ask.postcodes is not None and signal.postcode not in ask.postcodes:
            return "postcode_differs"
        if ask.outside_area is not None and signal.postcode in ask.outside_area:
            return "inside_area"
        if ask.inside_area is not None and signal.postcode not in ask.inside_area:
            return "outside_area"
    if ask.has_contact and case.contact is None:
        return "case_has_no_contact"
    if ask.has_coordinator and case.coordinator is None:
        return "case_has_no_coordinator"
    if ask.practice is not None and case.practice not in ask.practice:
        return "practice_differs"
    if ask.target_group is not None and case.target_group not in ask.target_group:
        return "target_group_differs"
    if ask.inside_hours is not None and not ask.inside_hours.is_open(at_ms):
        return "outside_hours"
    if ask.outside_hours is not None and ask.outside_hours.is_open(at_ms):
        return "inside_hours"
    return None
