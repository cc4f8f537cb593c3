"""A run is told so that a reader sees what is wrong, and so that a build server can read it."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.agreements.dryrun.cases import Case
from services.agreements.dryrun.junit import Outcome, junit
from services.agreements.dryrun.keys import Answer, key_of
from services.agreements.dryrun.reasons import looked_at, not_reached
from services.agreements.dryrun.told import told
from services.agreements.dryrun.trial import Trial, tried_on
from services.agreements.dryrun.verdicts import judge
from services.agreements.matching import MATCHED, MISMATCHES, RULE_ERROR
from tests.agreements.dryruns import WATERKANT, a_case, ms

ZONE = WATERKANT.clock.zone


def expecting(case: Case, **answers: Answer) -> Case:
    found = {}
    for title, answer in answers.items():
        key = key_of(title.replace("_", " ", 1) if title.startswith(("due", "level")) else title)
        assert key is not None
        found[key] = answer
    return replace(case, expected=found)


def lines(*cases: Case, every: bool = False) -> list[str]:
    return list(told(judge(cases, tried_on(WATERKANT)), ZONE, every=every))


def test_a_case_that_differs_shows_expected_beside_got_and_the_way_through_the_tree() -> None:
    case = expecting(
        a_case(at_ms=ms("2026-11-27T17:30+01:00"), name="after five"),
        receiver=("huisartsen/gp-desk",),
        rule=("medical",),
        due_acknowledge_signal=(ms("2026-11-27T18:30+01:00"),),
        level_0=("linde/linde-team",),
    )
    assert lines(case) == [
        "DIFFERS  line 2  after five",
        "  Fri 27 Nov 2026 17:30 +01:00, urgent, nursing, 9901, by professional",
        "                            expected                      got",
        "    receiver                huisartsen/gp-desk            linde/linde-team",
        "    rule                    medical                       care-at-home",
        "    due acknowledge_signal  Fri 27 Nov 2026 18:30 +01:00  Fri 27 Nov 2026 19:30 +01:00",
        "    level 0                 linde/linde-team              none",
        "  rules looked at:",
        "    no  outside-area    it asks for outside the area, and the postcode is inside  (inside_area)",
        "    no  crisis          it asks one of the concerns crisis, possible_violence, and the case has none"
        "  (concern_differs)",
        "    no  acute-medical   it asks urgency acute, and the case has urgent  (urgency_differs)",
        "    no  care-avoidance  it asks one of the concerns care_avoidance, care_delay, missed_care, and the case "
        "has none  (concern_differs)",
        "    yes care-at-home    matched",
        "    no  informal-carer  it asks it to be about informal_carer, and the case has client  (about_differs)",
        "    `medical` was not looked at: care-at-home decided before it",
        "",
        "1 case: 0 as expected, 1 not",
    ]


def test_cases_as_expected_are_only_counted_unless_all_are_asked_for() -> None:
    case = expecting(a_case(), receiver=("linde/linde-team",))
    idle = a_case(name="asks nothing")
    assert lines(case, idle) == ["2 cases: 2 as expected, 0 not; 1 of them expect nothing"]
    assert lines(case, every=True)[:3] == [
        "AS EXPECTED  line 2  a case",
        "  Mon 23 Nov 2026 09:00 +01:00, urgent, nursing, 9901, by professional",
        "  asked: linde/linde-team by care-at-home",
    ]


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (["acute-medical-after-hours"],
         ["`acute-medical-after-hours` was not looked at: it is within `acute-medical`"]),
        (["social"], ["`social` was not looked at: care-at-home decided before it"]),
        (["gone"], ["`gone` is no rule of this agreement"]),
        (["crisis", "root", "care-at-home"], []),
    ],
)  # fmt: skip
def test_an_expected_rule_that_was_not_looked_at_says_what_came_before(
    rules: list[str], says: list[str]
) -> None:
    assert list(not_reached(Trial(a_case(), tried_on(WATERKANT)), rules)) == says


def test_every_reason_not_to_match_has_words_of_its_own() -> None:
    trial = Trial(a_case(), tried_on(WATERKANT))
    for code in (*MISMATCHES, MATCHED, RULE_ERROR, "unknown_urgency"):
        step = trial.decision.trace[0].model_copy(update={"because": code})
        trial.decision = trial.decision._replace(trace=(step,))
        (looked,) = looked_at(trial)
        assert looked.says != code.replace("_", " ") or code == MATCHED, code


#: What the schema of Jenkins and Surefire allows where: attributes that must be and may be there, and children.
SHAPE = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "disabled", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests"},
        {"failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name"},
        {"assertions", "time", "classname", "status"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"message", "type"}, set()),
}  # fmt: skip


def assert_shape(element: ET.Element) -> None:
    must, may, children = SHAPE[element.tag]
    assert must <= set(element.attrib) <= must | may, element.attrib
    assert {child.tag for child in element} <= children
    for child in element:
        assert_shape(child)


def test_a_report_counts_and_carries_what_differs() -> None:
    report = ET.fromstring(
        junit("vlier.v1", [Outcome("one"), Outcome("two", "rule differs", "a\nb"), Outcome("three")])
    )
    assert_shape(report)
    (suite,) = report
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("vlier.v1", "3", "1")
    assert [case.get("name") for case in suite] == ["one", "two", "three"]
    (failure,) = suite.iter("failure")
    assert (failure.get("message"), failure.text) == ("rule differs", "a\nb")


@given(st.lists(st.builds(Outcome, st.text(), st.text(), st.text()), max_size=4), st.text())
def test_no_text_breaks_the_report(tested: list[Outcome], suite: str) -> None:
    report = ET.fromstring(junit(suite, tested).encode())
    assert_shape(report)
    assert len(list(report.iter("testcase"))) == len(tested)


def test_marks_of_the_language_are_escaped_and_what_cannot_be_written_is_replaced() -> None:
    text = junit("s", [Outcome('a<b>&"c"\x00', "m", "]]> \x0b <failure/>")])
    (case,) = ET.fromstring(text).iter("testcase")
    assert case.get("name") == 'a<b>&"c"�'
    assert case[0].text == "]]> � <failure/>"
