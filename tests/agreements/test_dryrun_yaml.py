"""Cases as YAML: what CSV says, and what it cannot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.agreements.dryrun.cases import Cases
from services.agreements.dryrun.trial import tried_on
from services.agreements.dryrun.verdicts import judge
from services.agreements.dryrun.yaml_file import read_yaml
from services.agreements.times import Pause
from tests.agreements.dryruns import KNOWN, WATERKANT, ms

PAUSED = """
cases:
  - name: paused over Monday
    at: 2026-11-27 16:30
    urgency: routine
    types: [nursing]
    postcode: 9901
    reporter: informal_carer
    expects_action: true
    pauses:
      - {from: 2026-11-30 10:00, until: 2026-12-01 10:00}
    expect:
      receiver: linde-team
      due acknowledge_signal: 2026-12-01 16:30
      skipped: none
      trace:
        - outside-area: inside_area
        - crisis: concern_differs
        - acute-medical: urgency_differs
        - care-avoidance: concern_differs
        - care-at-home: matched
        - informal-carer: about_differs
      asked:
        - {level: 0, to: linde-team, at: 2026-11-27 16:30}
        - {level: 1, to: linde-duty, at: 2026-11-30 16:00}
        - {level: 2, to: coordination-point, at: 2026-12-01 11:30}
        - {level: 3, to: regional-duty, at: 2026-12-02 11:00}
"""


def codes(text: str) -> list[tuple[int, str, str]]:
    found = read_yaml(text, KNOWN, WATERKANT)
    assert found.cases == ()
    return [(one.line, one.title, one.code) for one in found.findings]


def changed(*changes: tuple[str, str]) -> str:
    text = PAUSED
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def judged(found: Cases) -> list[str]:
    assert found.findings == ()
    (verdict,) = judge(found.cases, tried_on(WATERKANT))
    return [str(one.key) for one in verdict.differences]


def test_a_case_may_have_pauses_a_trace_and_a_whole_ladder() -> None:
    found = read_yaml(PAUSED, KNOWN, WATERKANT)
    assert judged(found) == []
    (case,) = found.cases
    assert (case.line, case.postcode, case.types, case.expects_action) == (3, "9901", ("nursing",), True)
    assert case.reporter.kind == "informal_carer"
    assert case.pauses == (Pause(ms("2026-11-30T10:00+01:00"), ms("2026-12-01T10:00+01:00")),)


def test_a_case_may_have_absences_of_its_own() -> None:
    text = changed(
        (
            "    expect:",
            "    directory:\n      absences: [{contact: linde-duty, from: 2026-11-27}]\n    expect:",
        ),
        ("skipped: none", "skipped: deputy:absent"),
    )
    found = read_yaml(text, KNOWN, WATERKANT)
    assert judged(found) == ["asked"]
    wrong = text.replace("contact: linde-duty", "contact: linde-dutie")
    assert codes(wrong) == [(13, "directory", "unknown_contact")]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("crisis: concern_differs", "crisis: matched", "trace"),
        ("        - care-at-home: matched\n", "", "trace"),
        ("to: linde-duty", "to: gp-post", "asked"),
        ("at: 2026-12-02 11:00", "at: 2026-12-02 11:01", "asked"),
        ("until: 2026-12-01 10:00", "until: 2026-11-30 11:00", "due acknowledge_signal"),
        ("skipped: none", "skipped: [deputy:absent]", "skipped"),
    ],
)
def test_what_does_not_come_true_is_a_difference(old: str, new: str, key: str) -> None:
    assert judged(read_yaml(changed((old, new)), KNOWN, WATERKANT)) == [key]


def test_every_finding_is_told_at_once_with_its_line() -> None:
    text = changed(
        ("at: 2026-11-27 16:30", "at: soon"),
        ("reporter: informal_carer", "reported: informal_carer"),
        ("until: 2026-12-01 10:00", "until: 2026-11-29 10:00"),
        ("receiver: linde-team", "receiver: nobody-here"),
        ("skipped: none", "skiped: none"),
        ("crisis: concern_differs", "crises: concern_differs"),
        ("{level: 0, to: linde-team, at: 2026-11-27 16:30}", "{level: 0, to: linde-team}"),
    )
    assert sorted(codes(text)) == [
        (4, "at", "no_moment"),
        (8, "reported", "unknown_key"),
        (11, "pauses", "pause_out_of_order"),
        (13, "receiver", "unknown_contact"),
        (15, "skiped", "unknown_column"),
        (17, "trace", "unknown_word"),
        (24, "asked", "no_level"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("cases: []", "empty"),
        ("- name: x", "empty"),
        ("cases: [{name: x}]", "missing_cell"),
        ("cases: [{name: x, at: 2026-11-23 09:00, urgency: urgent}]\nmore: 1", "unknown_key"),
        ("cases: &a [{name: *a}]", "anchor"),
        ("cases: [", "not_yaml"),
        (PAUSED + PAUSED.partition("cases:\n")[2], "name_twice"),
        (changed(("{from: 2026-11-30 10:00, until", "{until")), "no_pause"),
        # What would pass, for nothing was asked.
        (changed(("      - {from: 2026-11-30", "      {from: 2026-11-30")), "no_pause"),
        (
            "cases: [{name: x, at: 2026-11-23 09:00, urgency: urgent, expect: [receiver: gp-desk]}]",
            "not_keys",
        ),
        ("cases: [{name: x, at: 2026-11-23 09:00, urgency: urgent, expect: gp-desk}]", "not_keys"),
        ("cases: [{name: x, at: 2026-11-23 09:00, urgency: urgent, expect: {receiver: []}}]", "no_value"),
        ('cases: [{name: x, at: 2026-11-23 09:00, urgency: urgent, expect: {receiver: ""}}]', "no_value"),
    ],
)
def test_what_is_no_file_of_cases_is_refused_with_a_reason(text: str, code: str) -> None:
    assert code in {found for _, _, found in codes(text)}


@given(st.text(max_size=100))
def test_no_text_makes_the_reader_fall(text: str) -> None:
    for start in ("", "cases:\n- name: ", "cases: [{expect: {asked: ["):
        found = read_yaml(start + text, KNOWN, WATERKANT)
        assert found.cases or found.findings
