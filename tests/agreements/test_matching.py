"""What a rule asks, line by line, and whom each word for a receiver stands for; if not, the reason."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any

import orjson
import pytest
from ruamel.yaml import YAML

from schemas.signals import Reporter, ReporterKind
from services.agreements.matching import MISMATCHES
from services.agreements.model import Agreement
from services.agreements.moments import milliseconds
from services.agreements.routable import CaseView
from services.agreements.route import Decision, route
from services.agreements.terms import Terms, terms
from tests.agreements.strategies import ASignal
from tests.agreements.texts import WATERKANT

OFFICE, NIGHT = "2026-11-23T09:00+01:00", "2026-11-23T23:00+01:00"
FILE: dict[str, Any] = YAML(typ="safe", pure=True).load(WATERKANT)
DESK, TEAM, KOLK, POINT = (
    "welzijn/welzijn-desk",
    "linde/linde-team",
    "kolk/kolk-entry",
    "schakel/coordination-point",
)
A_NEIGHBOUR = Reporter(kind=ReporterKind.NEIGHBOUR)
BY_LINDE = Reporter(kind=ReporterKind.PROFESSIONAL, party="linde")


def ms(local: str) -> int:
    return milliseconds(datetime.fromisoformat(local))


def with_tree(routes: list[dict[str, Any]], **parts: Any) -> Terms:
    """The example with another tree, and other parts of the file."""
    file = {**deepcopy(FILE), **parts}
    file["routing"]["routes"] = routes
    return terms(Agreement.model_validate_json(orjson.dumps(file)))


def parties(**dates: dict[str, str]) -> list[dict[str, Any]]:
    """The parties of the example, some with a date of joining or leaving."""
    return [{**party, **dates.get(party["id"], {})} for party in deepcopy(FILE["parties"])]


def asked(agreement: Terms, signal: ASignal, case: CaseView, at: str = OFFICE) -> Decision:
    return route(signal, case, ms(at), agreement)


NO_CASE = CaseView()
ROWS: list[tuple[dict[str, Any], ASignal, CaseView, str, str]] = [
    ({}, ASignal(), NO_CASE, OFFICE, "matched"),
    ({"urgency": ["acute", "urgent"]}, ASignal(urgency="urgent"), NO_CASE, OFFICE, "matched"),
    ({"urgency": ["acute"]}, ASignal(urgency="urgent"), NO_CASE, OFFICE, "urgency_differs"),
    # One of several types is enough; of `every_type` all are needed, and more than these do no harm.
    ({"types": ["nursing", "social"]}, ASignal(types=("social",)), NO_CASE, OFFICE, "matched"),
    ({"types": ["nursing"]}, ASignal(types=("social",)), NO_CASE, OFFICE, "types_differ"),
    ({"types": ["nursing"]}, ASignal(), NO_CASE, OFFICE, "types_differ"),
    ({"every_type": ["medical", "social"]}, ASignal(types=("social", "caring", "medical")), NO_CASE, OFFICE, "matched"),
    ({"every_type": ["medical", "social"]}, ASignal(types=("social",)), NO_CASE, OFFICE, "not_every_type"),
    ({"concern": ["fall", "crisis"]}, ASignal(concern=("fall", "neglect")), NO_CASE, OFFICE, "matched"),
    ({"concern": ["crisis"]}, ASignal(concern=("fall",)), NO_CASE, OFFICE, "concern_differs"),
    # Crisis and somatic and psychic: three lines, and each must hold.
    ({"every_concern": ["crisis", "psychic"], "types": ["medical"]},
     ASignal(concern=("psychic", "crisis"), types=("medical",)), NO_CASE, OFFICE, "matched"),
    ({"every_concern": ["crisis", "psychic"], "types": ["medical"]},
     ASignal(concern=("crisis",), types=("medical",)), NO_CASE, OFFICE, "not_every_concern"),
    ({"every_concern": ["crisis", "psychic"], "types": ["medical"]},
     ASignal(concern=("psychic", "crisis"), types=("social",)), NO_CASE, OFFICE, "types_differ"),
    ({"about": ["informal_carer"]}, ASignal(about="informal_carer"), NO_CASE, OFFICE, "matched"),
    ({"about": ["informal_carer"]}, ASignal(about="client"), NO_CASE, OFFICE, "about_differs"),
    ({"reporter": ["neighbour"]}, ASignal(reporter=A_NEIGHBOUR), NO_CASE, OFFICE, "matched"),
    ({"reporter": ["neighbour"]}, ASignal(reporter=BY_LINDE), NO_CASE, OFFICE, "reporter_differs"),
    ({"reporting_kind": ["home_care"]}, ASignal(reporter=BY_LINDE), NO_CASE, OFFICE, "matched"),
    ({"reporting_kind": ["gp", "region"]}, ASignal(reporter=BY_LINDE), NO_CASE, OFFICE, "reporting_party_differs"),
    ({"reporting_kind": ["home_care"]}, ASignal(reporter=A_NEIGHBOUR), NO_CASE, OFFICE, "reporting_party_differs"),
    # A kind that no party has: nobody reports as such.
    ({"reporting_kind": ["police"]}, ASignal(reporter=BY_LINDE), NO_CASE, OFFICE, "reporting_party_differs"),
    ({"postcode": ["9901", "9902"]}, ASignal(postcode="9902"), NO_CASE, OFFICE, "matched"),
    ({"postcode": ["9901"]}, ASignal(postcode="9902"), NO_CASE, OFFICE, "postcode_differs"),
    ({"postcode": ["9901"]}, ASignal(postcode=None), NO_CASE, OFFICE, "postcode_unknown"),
    # Without a postcode nobody knows where it is: neither inside nor outside.
    ({"area": "inside"}, ASignal(postcode="9904"), NO_CASE, OFFICE, "matched"),
    ({"area": "inside"}, ASignal(postcode="9911"), NO_CASE, OFFICE, "outside_area"),
    ({"area": "inside"}, ASignal(postcode=None), NO_CASE, OFFICE, "postcode_unknown"),
    ({"area": "outside"}, ASignal(postcode="9911"), NO_CASE, OFFICE, "matched"),
    ({"area": "outside"}, ASignal(postcode="9904"), NO_CASE, OFFICE, "inside_area"),
    ({"area": "outside"}, ASignal(postcode=None), NO_CASE, OFFICE, "postcode_unknown"),
    ({"case": "has_contact"}, ASignal(), CaseView(contact=TEAM), OFFICE, "matched"),
    ({"case": "has_contact"}, ASignal(), CaseView(coordinator=TEAM), OFFICE, "case_has_no_contact"),
    ({"case": "has_coordinator"}, ASignal(), CaseView(coordinator=TEAM), OFFICE, "matched"),
    ({"case": "has_coordinator"}, ASignal(), CaseView(contact=TEAM), OFFICE, "case_has_no_coordinator"),
    ({"practice": ["de-vlier"]}, ASignal(), CaseView(practice="de-vlier"), OFFICE, "matched"),
    ({"practice": ["de-vlier"]}, ASignal(), CaseView(practice="de-kolk"), OFFICE, "practice_differs"),
    ({"practice": ["de-vlier"]}, ASignal(), NO_CASE, OFFICE, "practice_differs"),
    ({"target_group": ["frail"]}, ASignal(), CaseView(target_group="frail"), OFFICE, "matched"),
    ({"target_group": ["frail"]}, ASignal(), CaseView(target_group="young"), OFFICE, "target_group_differs"),
    ({"target_group": ["frail"]}, ASignal(), NO_CASE, OFFICE, "target_group_differs"),
    ({"hours": {"inside": "office"}}, ASignal(), NO_CASE, OFFICE, "matched"),
    ({"hours": {"inside": "office"}}, ASignal(), NO_CASE, NIGHT, "outside_hours"),
    ({"hours": {"outside": "office"}}, ASignal(), NO_CASE, NIGHT, "matched"),
    ({"hours": {"outside": "office"}}, ASignal(), NO_CASE, OFFICE, "inside_hours"),
    # The evening: in the hours of the day, and out of those of the office.
    ({"hours": {"inside": "daytime", "outside": "office"}}, ASignal(), NO_CASE, "2026-11-23T20:00+01:00", "matched"),
    ({"hours": {"inside": "daytime", "outside": "office"}}, ASignal(), NO_CASE, NIGHT, "outside_hours"),
    ({"hours": {"inside": "daytime", "outside": "office"}}, ASignal(), NO_CASE, OFFICE, "inside_hours"),
    # A holiday is out of hours, and the last minute before closing is within.
    ({"hours": {"inside": "office"}}, ASignal(), NO_CASE, "2026-12-25T12:00+01:00", "outside_hours"),
    ({"hours": {"inside": "office"}}, ASignal(), NO_CASE, "2026-11-23T16:59+01:00", "matched"),
    ({"hours": {"inside": "office"}}, ASignal(), NO_CASE, "2026-11-23T17:00+01:00", "outside_hours"),
    # Of several lines that do not hold the first of the list is the reason.
    ({"urgency": ["acute"], "types": ["social"], "hours": {"inside": "office"}}, ASignal(), NO_CASE, NIGHT,
     "urgency_differs"),
]  # fmt: skip


@pytest.mark.parametrize(("match", "signal", "case", "at", "because"), ROWS)
def test_a_line_of_a_match_holds_or_says_why_not(
    match: dict[str, Any], signal: ASignal, case: CaseView, at: str, because: str
) -> None:
    agreement = with_tree([{"name": "asked", "match": match, "receiver": "kolk-entry"}])
    found = asked(agreement, signal, case, at)
    step = found.trace[0]
    assert (step.node, step.because, step.matched) == ("asked", because, because == "matched")
    assert found.choices[0].receiver == (KOLK if because == "matched" else POINT)


NEIGHBOURS = [
    {"partnership": "de-kolk", "postcodes": ["9911", "9912"], "entry": "kolk-entry"},
    {"partnership": "de-meent", "postcodes": ["9912"], "entry": "regional-duty"},
]
INTAKE = [
    {"target_group": ["frail"], "types": ["nursing"], "by": "linde-team"},
    {"target_group": ["frail"], "by": "gp-desk"},
    {"postcodes": ["9902"], "by": "welzijn-desk"},
]
PATHS = {
    "frail": {
        "title": "Kwetsbare ouderen",
        "contact": "welzijn-desk",
        "parties": ["welzijn"],
        "ladder": "desk",
    },
    "young": {"title": "Jongeren", "contact": "gp-desk", "parties": ["huisartsen"]},
    "alone": {"title": "Zonder contact", "parties": ["linde"]},
}
FRAIL = CaseView(target_group="frail")
WORDS: list[tuple[str, ASignal, CaseView, str | None, str]] = [
    ("case.contact", ASignal(), CaseView(contact=DESK), DESK, "matched"),
    ("case.contact", ASignal(), CaseView(coordinator=DESK), None, "case_has_no_contact"),
    ("case.contact", ASignal(), CaseView(contact="linde/left-last-year"), None, "receiver_takes_no_part"),
    ("case.coordinator", ASignal(), CaseView(coordinator=DESK), DESK, "matched"),
    ("case.coordinator", ASignal(), CaseView(contact=DESK), None, "case_has_no_coordinator"),
    ("case.coordinator", ASignal(), CaseView(coordinator="gone/gone"), None, "receiver_takes_no_part"),
    ("neighbour.entry", ASignal(postcode="9911"), NO_CASE, KOLK, "matched"),
    # Of two neighbours in one postcode the first of the file.
    ("neighbour.entry", ASignal(postcode="9912"), NO_CASE, KOLK, "matched"),
    ("neighbour.entry", ASignal(postcode="9999"), NO_CASE, None, "no_neighbour_there"),
    ("neighbour.entry", ASignal(postcode=None), NO_CASE, None, "no_neighbour_there"),
    ("practice.contact", ASignal(), CaseView(practice="de-vlier"), "huisartsen/gp-desk", "matched"),
    ("practice.contact", ASignal(), CaseView(practice="elsewhere"), None, "practice_without_contact"),
    ("practice.contact", ASignal(), NO_CASE, None, "practice_without_contact"),
    # The first line that fits: group and type, then group alone, then the place.
    ("intake.contact", ASignal(types=("nursing",)), FRAIL, TEAM, "matched"),
    ("intake.contact", ASignal(types=("social",), postcode="9902"), FRAIL, "huisartsen/gp-desk", "matched"),
    ("intake.contact", ASignal(postcode="9902"), NO_CASE, DESK, "matched"),
    ("intake.contact", ASignal(postcode=None), NO_CASE, None, "no_intake_for_it"),
    ("path.contact", ASignal(), FRAIL, DESK, "matched"),
    ("path.contact", ASignal(), CaseView(target_group="alone"), None, "no_path_for_it"),
    ("path.contact", ASignal(), CaseView(target_group="unheard-of"), None, "no_path_for_it"),
    ("path.contact", ASignal(), NO_CASE, None, "no_path_for_it"),
    ("gp-desk", ASignal(), NO_CASE, "huisartsen/gp-desk", "matched"),
]


def with_words(said: str, **dates: dict[str, str]) -> Terms:
    found = parties(**dates)
    found[1]["contacts"][0]["for_practice"] = ["de-vlier"]
    found[2]["contacts"][0]["for_practice"] = ["de-vlier"]
    return with_tree(
        [{"name": "asked", "match": {}, "receiver": said}],
        parties=found,
        neighbours=NEIGHBOURS,
        intake=INTAKE,
        paths=PATHS,
    )


@pytest.mark.parametrize(("said", "signal", "case", "receiver", "because"), WORDS)
def test_a_word_for_a_receiver_is_somebody_or_the_rule_says_why_not(
    said: str, signal: ASignal, case: CaseView, receiver: str | None, because: str
) -> None:
    found = asked(with_words(said), signal, case)
    assert found.trace[0].because == because
    assert found.choices[0].receiver == (receiver or POINT)


def test_reasons_are_all_met_in_the_tables() -> None:
    assert {row[-1] for row in (*ROWS, *WORDS)} == {"matched", *MISMATCHES}


LEFT, LATER = {"leaves": "2026-11-23"}, {"joins": "2026-11-24"}


@pytest.mark.parametrize(
    ("said", "away", "signal", "case", "instead"),
    [
        ("case.contact", "welzijn", ASignal(), CaseView(contact=DESK), None),
        ("case.coordinator", "welzijn", ASignal(), CaseView(coordinator=DESK), None),
        ("gp-desk", "huisartsen", ASignal(), NO_CASE, None),
        ("path.contact", "welzijn", ASignal(), FRAIL, None),
        # Where the file names several, the next that takes part: a line may be there for the day after.
        ("neighbour.entry", "kolk", ASignal(postcode="9911"), NO_CASE, None),
        ("neighbour.entry", "kolk", ASignal(postcode="9912"), NO_CASE, "waterkant/regional-duty"),
        ("practice.contact", "huisartsen", ASignal(), CaseView(practice="de-vlier"), DESK),
        ("intake.contact", "linde", ASignal(types=("nursing",)), FRAIL, "huisartsen/gp-desk"),
        ("intake.contact", "welzijn", ASignal(postcode="9902"), NO_CASE, None),
    ],
)
@pytest.mark.parametrize("dates", [LEFT, LATER])
def test_a_receiver_whose_party_takes_no_part_is_not_sent_to(  # noqa: PLR0913 - a row of the table
    said: str, away: str, signal: ASignal, case: CaseView, instead: str | None, dates: dict[str, str]
) -> None:
    found = asked(with_words(said, **{away: dates}), signal, case)
    assert found.trace[0].because == ("matched" if instead else "receiver_takes_no_part")
    assert found.choices[0].receiver == (instead or POINT)


def test_a_party_takes_part_from_midnight_of_the_day_it_joins_until_midnight_of_the_day_it_leaves() -> None:
    agreement = with_words("gp-desk", huisartsen={"joins": "2026-11-24", "leaves": "2026-11-30"})
    seen = {
        at: asked(agreement, ASignal(), NO_CASE, at).trace[0].matched
        for at in (
            "2026-11-23T23:59+01:00",
            "2026-11-24T00:00+01:00",
            "2026-11-29T23:59+01:00",
            "2026-11-30T00:00+01:00",
        )
    }
    assert list(seen.values()) == [False, True, True, False]


def test_a_path_brings_its_ladder_unless_the_rule_names_one() -> None:
    by_path = with_words("path.contact")
    assert asked(by_path, ASignal(), FRAIL).choices[0].ladder == "desk"
    assert asked(by_path, ASignal(), CaseView(target_group="young")).choices[0].ladder == "standard"
    said = with_tree(
        [{"name": "asked", "match": {}, "receiver": "path.contact", "ladder": "standard"}], paths=PATHS
    )
    assert asked(said, ASignal(), FRAIL).choices[0].ladder == "standard"
