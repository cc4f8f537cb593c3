"""Who is asked: the example's tree, row by row, and what holds for every tree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.signals import About, Concern, Reporter, ReporterKind, RouteReason, SignalType
from services.agreements.calendars import milliseconds
from services.agreements.matching import MISMATCHES, CaseView
from services.agreements.route import Decision, route, to_root
from services.agreements.terms import Terms
from tests.agreements.texts import an_agreement

WATERKANT = an_agreement()
OFFICE_MS = milliseconds(datetime.fromisoformat("2026-11-23T09:00+01:00"))
NIGHT_MS = milliseconds(datetime.fromisoformat("2026-11-23T23:00+01:00"))
NOBODY = CaseView()
POINT = "schakel/coordination-point"
A_PROFESSIONAL = Reporter(kind=ReporterKind.PROFESSIONAL)


@dataclass(frozen=True)
class Asked:
    """A signal as a line of a file of test cases would have it."""

    urgency: str = "urgent"
    types: tuple[str, ...] = ()
    concern: tuple[str, ...] = ()
    about: str = "client"
    postcode: str | None = "9901"
    reporter: Reporter = A_PROFESSIONAL


def decided(
    at_ms: int = OFFICE_MS, agreement: Terms = WATERKANT, case: CaseView = NOBODY, **fields: Any
) -> Decision:
    return route(Asked(**fields), case, at_ms, agreement)


@pytest.mark.parametrize(
    ("at_ms", "fields", "rule", "receiver"),
    [
        (OFFICE_MS, {"types": ("nursing",)}, "care-at-home", "linde/linde-team"),
        (OFFICE_MS, {"types": ("nursing",), "about": "informal_carer"}, "informal-carer", "welzijn/welzijn-desk"),
        (OFFICE_MS, {"types": ("social", "nursing")}, "care-at-home", "linde/linde-team"),
        (OFFICE_MS, {"types": ("social",)}, "social", "welzijn/welzijn-desk"),
        (OFFICE_MS, {"types": ("medical",)}, "medical", "huisartsen/gp-desk"),
        (OFFICE_MS, {"types": ("medical",), "urgency": "acute"}, "acute-medical", "huisartsen/gp-desk"),
        (NIGHT_MS, {"types": ("medical",), "urgency": "acute"}, "acute-medical-after-hours", "huisartsen/gp-post"),
        (NIGHT_MS, {"types": ("medical",)}, "medical", "huisartsen/gp-desk"),
        (OFFICE_MS, {"concern": ("care_delay",), "types": ("medical",)}, "care-avoidance", POINT),
        (OFFICE_MS, {"types": ("nursing",), "postcode": "9911"}, "outside-area", "kolk/kolk-entry"),
        (OFFICE_MS, {"types": ("nursing",), "postcode": None}, "care-at-home", "linde/linde-team"),
        (OFFICE_MS, {}, "root", POINT),
        (OFFICE_MS, {"types": ("unknown",)}, "root", POINT),
    ],
)  # fmt: skip
def test_a_signal_goes_to_the_first_that_fits(
    at_ms: int, fields: dict[str, Any], rule: str, receiver: str
) -> None:
    found = decided(at_ms, **fields)
    assert [(choice.rule, choice.receiver, choice.ladder) for choice in found.choices] == [
        (rule, receiver, "standard")
    ]
    matched = RouteReason.NO_RULE_MATCHED if rule == "root" else RouteReason.RULE_MATCHED
    assert found.reason == matched


def test_a_decision_explains_every_rule_that_was_looked_at() -> None:
    found = decided(NIGHT_MS, types=("nursing",), urgency="acute")
    assert [(step.node, step.because) for step in found.trace] == [
        ("outside-area", "inside_area"),
        ("crisis", "concern_differs"),
        ("acute-medical", "types_differ"),
        ("care-avoidance", "concern_differs"),
        ("care-at-home", "matched"),
        ("informal-carer", "about_differs"),
    ]
    assert [step.node for step in found.trace if step.matched] == ["care-at-home"]


def test_landing_on_the_root_is_a_step_of_its_own() -> None:
    found = decided()
    assert (found.trace[-1].node, found.trace[-1].matched) == ("root", True)


def test_a_rule_with_continue_asks_the_next_as_well() -> None:
    found = decided(concern=("possible_violence",), types=("social",))
    assert [choice.receiver for choice in found.choices] == [
        POINT,
        "welzijn/welzijn-desk",
    ]


def test_nobody_is_asked_twice_by_one_decision() -> None:
    found = decided(concern=("crisis", "care_delay"))
    assert [(choice.receiver, choice.rule) for choice in found.choices] == [(POINT, "crisis")]


def test_a_rule_has_from_above_what_it_does_not_say() -> None:
    agreement = an_agreement(
        ("receiver: linde-team\n      routes:", "receiver: linde-team\n      ladder: desk\n      routes:"),
        ("match: {about: [informal_carer]}, receiver: welzijn-desk", "match: {about: [informal_carer]}"),
    )
    choice = decided(agreement=agreement, types=("nursing",), about="informal_carer").choices[0]
    assert choice == ("linde/linde-team", "desk", "informal-carer")


KNOWN = ("routes:\n", "routes:\n    - {name: known, match: {case: has_contact}, receiver: case.contact}\n")


def test_a_case_that_has_a_contact_can_be_sent_there() -> None:
    agreement = an_agreement(KNOWN)
    found = decided(agreement=agreement, case=CaseView("welzijn/welzijn-desk"), types=("nursing",))
    assert [choice.receiver for choice in found.choices] == ["welzijn/welzijn-desk"]
    assert decided(agreement=agreement, types=("nursing",)).trace[0].because == "case_has_no_contact"


def test_a_rule_that_errs_goes_to_the_coordination_point() -> None:
    gone = CaseView("linde/left-last-year")
    found = decided(agreement=an_agreement(KNOWN), case=gone, types=("nursing",))
    assert found.reason == RouteReason.RULE_ERROR
    assert [choice.receiver for choice in found.choices] == [POINT]
    assert [(step.node, step.because) for step in found.trace] == [("known", "rule_error")]


def test_a_signal_that_no_rule_can_read_goes_to_the_coordination_point() -> None:
    found = decided(types=5)
    assert (found.reason, found.choices[0].receiver) == (RouteReason.RULE_ERROR, POINT)
    assert found.trace[-1].because == "rule_error"


def test_an_urgency_nobody_agreed_on_is_the_most_pressing_one() -> None:
    found = decided(urgency="soonish", types=("nursing",))
    assert (found.reason, found.urgency) == (RouteReason.RULE_ERROR, "acute")
    assert found.choices[0].receiver == POINT


def test_without_any_rule_the_coordination_point_is_asked() -> None:
    found = to_root(WATERKANT, RouteReason.DECISION_FAILED, "routine")
    assert (found.choices[0].receiver, found.urgency) == (POINT, "routine")


@pytest.mark.parametrize(
    ("match", "fields", "because"),
    [
        ('postcode: ["9902"]', {}, "postcode_differs"),
        ('postcode: ["9902"]', {"postcode": None}, "postcode_unknown"),
        ("area: inside", {"postcode": "9911"}, "outside_area"),
        ("area: inside", {"postcode": None}, "postcode_unknown"),
        ("area: outside", {"postcode": None}, "postcode_unknown"),
        ("hours: {inside: office}", {}, "outside_hours"),
        ("urgency: [acute]", {}, "urgency_differs"),
    ],
)
def test_a_rule_that_does_not_match_says_why(match: str, fields: dict[str, Any], because: str) -> None:
    agreement = an_agreement(
        ("routes:\n", f"routes:\n    - {{name: asked, match: {{{match}}}, receiver: kolk-entry}}\n")
    )
    assert because in MISMATCHES
    assert decided(NIGHT_MS, agreement, **fields).trace[0].because == because


@settings(deadline=None)
@given(
    st.sampled_from(["acute", "urgent", "routine", "no-such-level"]),
    st.lists(st.sampled_from(list(SignalType)), max_size=6),
    st.lists(st.sampled_from(list(Concern)), max_size=6),
    st.sampled_from(list(About)),
    st.none() | st.integers(1000, 9999).map(str),
    st.integers(OFFICE_MS, OFFICE_MS + 366 * 86_400_000),
)
def test_there_is_no_signal_that_nobody_is_asked_for(  # noqa: PLR0913 - all that a signal says
    urgency: str, types: list[str], concern: list[str], about: str, postcode: str | None, at_ms: int
) -> None:
    found = decided(
        at_ms, urgency=urgency, types=tuple(types), concern=tuple(concern), about=about, postcode=postcode
    )
    assert found.choices
    assert all(choice.receiver in WATERKANT.contacts for choice in found.choices)
    assert all(choice.ladder in WATERKANT.ladders for choice in found.choices)
    assert found.urgency in WATERKANT.levels
    assert found.trace
