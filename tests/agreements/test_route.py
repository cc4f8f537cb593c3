"""Who is asked: the example's tree, row by row, and how rules within rules decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from schemas.signals import RouteReason, TraceStep
from services.agreements.moments import milliseconds
from services.agreements.routable import CaseView
from services.agreements.route import Decision, route, to_root
from services.agreements.terms import Terms
from tests.agreements.strategies import ASignal
from tests.agreements.texts import an_agreement

WATERKANT = an_agreement()
OFFICE_MS = milliseconds(datetime.fromisoformat("2026-11-23T09:00+01:00"))
NIGHT_MS = milliseconds(datetime.fromisoformat("2026-11-23T23:00+01:00"))
NOBODY = CaseView()
POINT = "schakel/coordination-point"


def decided(
    at_ms: int = OFFICE_MS, agreement: Terms = WATERKANT, case: CaseView = NOBODY, **fields: Any
) -> Decision:
    return route(ASignal(**fields), case, at_ms, agreement)


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


def test_a_case_whose_contact_is_gone_is_sent_by_the_rules_below() -> None:
    gone = CaseView("linde/left-last-year")
    found = decided(agreement=an_agreement(KNOWN), case=gone, types=("nursing",))
    assert (found.reason, found.choices[0].receiver) == (RouteReason.RULE_MATCHED, "linde/linde-team")
    assert found.trace[0] == TraceStep(node="known", matched=False, because="receiver_takes_no_part")


def test_the_routes_of_a_rule_are_looked_at_when_its_own_receiver_takes_no_part() -> None:
    left = ("kind: home_care", "kind: home_care\n    leaves: 2026-11-23")
    found = decided(agreement=an_agreement(left), types=("nursing",), about="informal_carer")
    assert found.choices == (("welzijn/welzijn-desk", "standard", "informal-carer"),)
    assert [(step.node, step.because) for step in found.trace[-2:]] == [
        ("care-at-home", "receiver_takes_no_part"),
        ("informal-carer", "matched"),
    ]
    nobody = decided(agreement=an_agreement(left), types=("nursing", "social"))
    assert nobody.choices[0].rule == "social", "and the rules below it, when they know nobody either"


def test_the_root_is_asked_though_its_own_party_left() -> None:
    agreement = an_agreement(("kind: coordination_point", "kind: coordination_point\n    leaves: 2026-11-20"))
    found = decided(agreement=agreement)
    assert (found.reason, found.choices[0].receiver) == (RouteReason.NO_RULE_MATCHED, POINT)


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
