"""Reading an agreement: every mistake at once, each with its line, column, code and a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.agreements.load import MAX_CHARS, Finding, load
from tests.agreements.texts import WATERKANT, changed, line_of


def test_the_example_has_no_findings() -> None:
    draft = load(WATERKANT)
    assert draft.findings == ()
    assert draft.agreement is not None
    assert draft.agreement.meta.partnership == "de-vlier"


#: What is changed into what, the code that is found, and words of its sentence. It is found where it was changed.
MISTAKES = [
    ("fhir: urgent}", "fhri: urgent}", "unknown_key", "no key `fhri`"),
    ("fhir: urgent}", "fhir: urgnt}", "unknown_word", "'routine', 'urgent', 'asap' or 'stat'"),
    ("always: true}", "always: yes}", "wrong_type", "neither true nor false"),
    ("  version: 1", '  version: "1"', "wrong_type", "no whole number"),
    ("  version: 1", "  version: 1.5", "wrong_type", "no whole number"),
    ('["9901", ', "[9901, ", "wrong_type", "put it in quotes"),
    ('["9901", ', '["0901", ', "wrong_form", "has not the form"),
    ("receiver: kolk-entry", "receiver: De Kolk", "wrong_form", "has not the form"),
    ("types: [social, behavioural]}", "types: [unknown]}", "unknown_word", "none of behavioural, caring"),
    ("types: [social, behavioural]}", "types: social}", "wrong_type", "a list is expected"),
    (
        "acute: PT15M, urgent: PT2H",
        "acute: PT15M, urgent: P1D",
        "wrong_length_of_time",
        "{days: 1, counting: elapsed}",
    ),
    ('"08:30-17:00"', '"8.30-17.00"', "wrong_week", "is no shift"),
    ("date: 2026-12-25", "date: 25 december", "wrong_form", "2026-12-25"),
    ("valid_from: 2026-11-01", "valid_from: 2026-13-01", "wrong_form", "2026-12-25"),
    ("timezone: Europe/Amsterdam", "timezone: Europe/Vlier", "unknown_zone", "no time zone"),
    ("where: {reason: no_capacity}", "where: {reason: []}", "wrong_condition", "one value or a list"),
    ("discharged_by: [SignalAcknowledged]", "discharged_by: []", "missing_item", "at least one"),
    ("email: {form: written,", "email: {form: typed,", "unknown_word", "'written' or 'oral'"),
    ("title: Regio Waterkant", "kind: region", "duplicate_key", "stands here twice"),
]


@pytest.mark.parametrize(("old", "new", "code", "words"), MISTAKES)
def test_a_mistake_is_found_where_it_was_made(old: str, new: str, code: str, words: str) -> None:
    text = changed((old, new))
    findings = load(text).findings
    found = [finding for finding in findings if finding.code == code]
    assert found, findings
    line = next(
        n for n, (a, b) in enumerate(zip(WATERKANT.splitlines(), text.splitlines(), strict=True), 1) if a != b
    )
    assert (found[0].line, words in found[0].message) == (line, True), found


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = changed(
        ("  version: 1", "  version: one"),
        ("fhir: urgent}", "fhri: urgent}"),
        ("title: Regio Waterkant\n    ring: shell", "ring: shell"),
        ("acute: PT15M, urgent: PT2H", "acute: PT15M, urgent: PT2"),
    )
    found = [(finding.line, finding.code) for finding in load(text).findings]
    assert found == [
        (line_of(text, "version: one"), "wrong_type"),
        (line_of(text, "fhri: urgent"), "missing_key"),
        (line_of(text, "fhri: urgent"), "unknown_key"),
        (line_of(text, "id: waterkant"), "missing_key"),
        (line_of(text, "PT2,"), "wrong_length_of_time"),
    ]


def test_a_column_points_at_the_value() -> None:
    assert load("meta: 5\n").findings[-1] == Finding(1, 7, "wrong_type", "keys with values are expected here")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("# nothing but a remark\n", "empty"),
        ("a: [1, 2", "not_yaml"),
        ("a: 1\n\tb: 2", "not_yaml"),
        ("a: \x07", "not_yaml"),
        ("a: 1\n---\nb: 2", "not_yaml"),
        ("a: &x 1\n", "anchor"),
        ("a: 1\nb: *x\n", "alias"),
        ("a: !!python/object/apply:os.system ['true']\n", "tag"),
        ("[a, b]: 1\n", "wrong_key"),
        ("[" * 50_000, "too_deep"),
        ("a: 1\n" * (MAX_CHARS // 5 + 1), "too_long"),
        ("just a sentence", "wrong_type"),
    ],
)
def test_what_is_no_agreement_at_all_is_refused_with_a_reason(text: str, code: str) -> None:
    draft = load(text)
    assert draft.agreement is None
    assert code in {finding.code for finding in draft.findings}


def test_a_file_that_multiplies_itself_is_refused_before_it_is_built() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
    )
    assert {finding.code for finding in load(bomb).findings} == {"anchor", "alias"}


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60), st.data())
def test_no_text_makes_reading_fail(noise: str, data: st.DataObject) -> None:
    lines = WATERKANT.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(
        st.sampled_from(["", noise, lines[at] + noise, noise + lines[at], lines[at][: len(lines[at]) // 2]])
    )
    for text in (noise, "\n".join(lines)):
        draft = load(text)
        assert (draft.agreement is None) == bool(draft.findings)


@pytest.mark.parametrize(
    "text", ['a: "\\ud800"', "? {a: 1}\n: 2", "? [1]\n: 2", "a: !<tag:x> 1", "%YAML 9.9\n---\na: 1"]
)
def test_odd_yaml_is_a_finding_and_no_failure(text: str) -> None:
    assert load(text).agreement is None
