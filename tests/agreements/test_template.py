"""A regional template and the file that fills it in: joined by the rule, faults are told where they stand."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from services.agreements.findings import Finding
from services.agreements.load import load
from services.agreements.sentences import say
from services.agreements.template import Difference, differences_of, filled_in
from services.agreements.written import read_written
from tests.agreements.texts import WATERKANT, changed, line_of
from tests.agreements.waterkant import KOLK, TEMPLATE, VLIER, values_of, whole_of

HEAD = "meta: {template: regio, version: 3, title: De regio}\n"
OWN = "meta: {partnership: de-vlier, inherits: {template: regio, version: 3}}\n"


def joined(own: str, template: str) -> Any:
    """What a file and a template say together, without their meta."""
    mine, theirs = (read_written(head + dedent(text))[0] for head, text in ((OWN, own), (HEAD, template)))
    assert mine is not None and theirs is not None
    found = filled_in(mine, theirs)
    assert found.findings == () and found.is_complete
    whole = found.whole.plain()
    assert isinstance(whole, dict)
    return {name: part for name, part in whole.items() if name != "meta"}


@pytest.mark.parametrize(
    ("own", "template", "whole"),
    [
        # What has keys is joined key by key; the file's own value holds.
        ("a: {x: 1}", "a: {x: 2, y: 3}\nb: 4", {"a": {"x": 1, "y": 3}, "b": 4}),
        ("a: {x: {p: 1}}", "a: {x: {q: 2}}", {"a": {"x": {"q": 2, "p": 1}}}),
        ("c: 1", "a: 2", {"a": 2, "c": 1}),
        # Parties by id, obligations by name; further ones come after.
        (
            "parties: [{id: new, kind: gp}, {id: b, title: B2}]",
            "parties: [{id: a}, {id: b, title: B, ring: core}]",
            {
                "parties": [
                    {"id": "a"},
                    {"id": "b", "title": "B2", "ring": "core"},
                    {"id": "new", "kind": "gp"},
                ]
            },
        ),
        (
            "obligations: [{name: answer, within: {acute: PT5M}}]",
            "obligations: [{name: answer, within: {acute: PT15M, urgent: PT2H}}]",
            {"obligations": [{"name": "answer", "within": {"acute": "PT5M", "urgent": "PT2H"}}]},
        ),
        (
            "parties: [{id: a, contacts: [1]}]",
            "parties: [{id: a, contacts: [2, 3]}]",
            {"parties": [{"id": "a", "contacts": [1]}]},
        ),
        # Any other list or value takes the place of the whole.
        ("a: [1]", "a: [2, 3]", {"a": [1]}),
        ("a: [{id: x}]", "a: [{id: y}]", {"a": [{"id": "x"}]}),
        ("a: {parties: [{id: x}]}", "a: {parties: [{id: y}]}", {"a": {"parties": [{"id": "x"}]}}),
        ("a: {}", "a: {x: 1}", {"a": {"x": 1}}),
        ("a: 1", "a: {x: 1}", {"a": 1}),
        # A length of time, a week and the fact that opens are one value, though they have keys.
        (
            "a: {acute: {working_days: 1, calendar: office}}",
            "a: {acute: {days: 1, counting: elapsed}, urgent: PT2H}",
            {"a": {"acute": {"working_days": 1, "calendar": "office"}, "urgent": "PT2H"}},
        ),
        (
            "calendars: {c: {week: {sat: x}}, days: {week: {mon: z}}}",
            "calendars: {c: {week: {mon-fri: y}, holidays: [1]}, d: {}}",
            {
                "calendars": {
                    "c": {"week": {"sat": "x"}, "holidays": [1]},
                    "d": {},
                    "days": {"week": {"mon": "z"}},
                }
            },
        ),
        (
            "obligations: [{name: d, opened_by: {event: A}}]",
            "obligations: [{name: d, opened_by: {event: B, where: {x: 1}}, warn_at: [50]}]",
            {"obligations": [{"name": "d", "opened_by": {"event": "A"}, "warn_at": [50]}]},
        ),
        # What is not done takes the place of what is done, and the other way round.
        ("a: {not_applicable: small}", "a: {x: 1}", {"a": {"not_applicable": "small"}}),
        ("a: {x: 1}", "a: {not_applicable: small}", {"a": {"x": 1}}),
        (
            "a: {b: {not_applicable: small}}",
            "a: {b: {x: 1}, c: 2}",
            {"a": {"b": {"not_applicable": "small"}, "c": 2}},
        ),
    ],
)
def test_the_file_is_laid_over_its_template(own: str, template: str, whole: dict[str, object]) -> None:
    assert joined(own, template) == whole


def test_an_item_without_a_name_or_with_a_name_twice_is_kept_to_be_found() -> None:
    whole = joined("parties: [{title: x}, {id: a, x: 1}, {id: a, x: 2}]", "parties: [{id: a, y: 3}, {y: 4}]")
    assert whole == {"parties": [{"id": "a", "y": 3, "x": 1}, {"title": "x"}, {"id": "a", "x": 2}, {"y": 4}]}


def test_of_a_template_s_meta_all_is_handed_on_but_its_own_name() -> None:
    own, _ = read_written(OWN)
    template, _ = read_written("meta: {template: regio, version: 3, title: De regio, notice_period: P3M}")
    assert own is not None and template is not None
    assert filled_in(own, template).whole.keys()["meta"].plain() == {
        "notice_period": "P3M",
        "partnership": "de-vlier",
        "inherits": {"template": "regio", "version": 3},
    }


@pytest.mark.parametrize("path", [VLIER, KOLK], ids=["vlier", "kolk"])
def test_the_shipped_files_are_joined_as_by_hand(path: Any) -> None:
    own, _ = read_written(path.read_text(encoding="utf-8"))
    template, _ = read_written(TEMPLATE.read_text(encoding="utf-8"))
    assert own is not None and template is not None
    whole, by_hand = filled_in(own, template).whole.plain(), whole_of(path)
    assert isinstance(whole, dict)
    # By hand, all keys are joined; the small differences of the rule do not occur in these files.
    assert whole.keys() == by_hand.keys()
    assert {name for name in whole if whole[name] != by_hand[name]} == set()
    draft = load(path.read_text(encoding="utf-8"), TEMPLATE.read_text(encoding="utf-8"))
    assert draft.agreement is not None and draft.findings == ()
    assert draft.agreement.timezone == values_of(TEMPLATE)["timezone"]


#: The small example in two: the frame is the region's, the rest its own.
_CUT = WATERKANT.index("parties:\n")
_AREA = 'area:\n  postcodes: ["9901", "9902", "9903", "9904"]\n'
_META = WATERKANT[WATERKANT.index("meta:") : WATERKANT.index("area:")]
REGION = (
    "meta: {template: regio, version: 3, title: De regio}\n" + WATERKANT[WATERKANT.index("timezone:") : _CUT]
)
WIJK = changed(("  version: 1\n", "  version: 1\n  inherits: {template: regio, version: 3}\n"), text=_META)
WIJK += _AREA + WATERKANT[_CUT:]


def codes(findings: tuple[Finding, ...]) -> list[str]:
    for finding in findings:
        assert say(finding, "nl") and say(finding, "en")
    return [finding.code for finding in findings]


def test_an_agreement_in_two_says_what_it_says_in_one() -> None:
    whole, halves = load(WATERKANT).agreement, load(WIJK, REGION).agreement
    assert whole is not None and halves is not None
    assert halves.model_dump(exclude={"meta": {"inherits"}}) == whole.model_dump(
        exclude={"meta": {"inherits"}}
    )


def test_a_fault_in_the_template_is_told_with_its_name_and_its_own_line() -> None:
    region = changed(("fhir: urgent}", "fhir: urgnt}"), text=REGION)
    wijk = changed(("ring: core", "ring: kern"), text=WIJK)
    told = [(one.source, one.line, one.code) for one in load(wijk, region).findings]
    assert told == [
        ("", line_of(wijk, "ring: kern"), "unknown_word"),
        ("regio", line_of(region, "urgnt"), "unknown_word"),
    ]


def test_what_the_template_leaves_open_is_told_as_such() -> None:
    region = changed(("fhir: urgent}", "meaning: soon}"), text=REGION)
    (told,) = load(WIJK, region).findings
    assert (told.source, told.code, told.line) == ("regio", "left_open", line_of(region, "meaning: soon"))
    assert "urgency.levels.urgent.fhir" in say(told, "nl")


def test_a_part_laid_over_the_template_s_is_told_where_it_stands() -> None:
    wijk = WIJK + "urgency: {levels: {urgent: {fhir: urgnt}}}\n"
    (told,) = load(wijk, REGION).findings
    assert (told.source, told.line, told.code) == ("", line_of(wijk, "urgnt"), "unknown_word")


UNFIT = [
    (WIJK, None, ["inherits_missing"], "regio.yaml"),
    (WIJK, REGION.replace("version: 3", "version: 4"), ["wrong_template"], "version 4 is given"),
    (WIJK, REGION.replace("template: regio", "template: elders"), ["wrong_template"], "`elders`"),
    (WIJK, REGION.replace("template: regio, ", ""), ["missing_key"], "`template`"),
    (WIJK, REGION.replace(", title: De regio", ""), ["missing_key"], "`title`"),
    (
        WIJK,
        REGION.replace("title:", "inherits: {template: land, version: 1}, title:"),
        ["template_of_template"],
        "no other",
    ),
    (WIJK, "", ["empty"], "nothing"),
    (WIJK, "[1]", ["missing_key"] * 3, "`template`"),
    (WIJK, "a: [", ["not_yaml"], "no YAML"),
    (WIJK, "x" * 200_000, ["too_long"], "at most"),
    (
        WIJK.replace("inherits: {template: regio, version: 3}", "inherits: regio"),
        REGION,
        ["not_keys"],
        "keys",
    ),
    (
        WIJK.replace("inherits: {template: regio, version: 3}", "inherits: {version: 3}"),
        REGION,
        ["missing_key"],
        "`template`",
    ),
    (
        WIJK.replace("{template: regio,", "{template: ../regio,"),
        None,
        ["not_a_name", "inherits_missing"],
        "`../regio`",
    ),
    (WATERKANT, REGION, ["template_not_asked_for"], "meta.inherits"),
    (REGION, None, ["a_template"], "no agreement"),
    (REGION, REGION, ["a_template"], "no agreement"),
]


@pytest.mark.parametrize(("own", "template", "expected", "words"), UNFIT)
def test_a_template_that_does_not_fit_is_told_and_nothing_it_would_have_said(
    own: str, template: str | None, expected: list[str], words: str
) -> None:
    draft = load(own, template)
    assert draft.agreement is None
    assert sorted(codes(draft.findings)) == sorted(expected)
    assert any(words in say(finding, "en") for finding in draft.findings)


def test_without_its_template_the_faults_of_the_file_itself_are_told_as_well() -> None:
    assert codes(load(changed(("ring: core", "ring: kern"), text=WIJK)).findings) == [
        "inherits_missing",
        "unknown_word",
    ]


def test_differences_are_told_by_name_with_both_values_and_the_line_of_the_file() -> None:
    template = HEAD + dedent(
        """\
        timezone: Europe/Amsterdam
        aftercare: {rhythm: P4W}
        parties: [{id: a, title: A}]
        area: {overlap: refused}
        """
    )
    own = OWN + dedent(
        """\
        timezone: Europe/Amsterdam
        aftercare: {not_applicable: no need}
        parties:
          - {id: b, title: B}
          - {id: a, title: Other}
        area: {overlap: refused, inhabitants: 9}
        """
    )
    assert differences_of(own, template) == (
        Difference("changes", ("aftercare",), {"not_applicable": "no need"}, {"rhythm": "P4W"}, 3),
        Difference("adds", ("parties", "b"), {"id": "b", "title": "B"}, None, 5),
        Difference("changes", ("parties", "a", "title"), "Other", "A", 6),
        Difference("adds", ("area", "inhabitants"), 9, None, 7),
    )


def test_a_file_that_repeats_its_template_differs_in_nothing() -> None:
    repeated = WIJK + REGION[REGION.index("timezone:") :]
    assert load(repeated, REGION).agreement is not None
    assert {one.path[0] for one in differences_of(repeated, REGION)} == {
        one.path[0] for one in differences_of(WIJK, REGION)
    }


def test_what_cannot_be_read_differs_in_nothing() -> None:
    assert differences_of("a: [", REGION) == differences_of(WIJK, "") == ()
