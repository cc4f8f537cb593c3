"""Reading an agreement: every mistake at once, each with its line, column, code and a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.agreements.findings import found
from services.agreements.load import load
from services.agreements.sentences import say
from services.agreements.sentences.reading import SENTENCES
from services.agreements.written import MAX_CHARS, read_written
from tests.agreements.texts import WATERKANT, changed, line_of


def test_the_example_has_no_findings() -> None:
    draft = load(WATERKANT)
    assert draft.findings == ()
    assert draft.agreement is not None
    assert draft.agreement.meta.partnership == "de-vlier"


#: What is changed into what, the code that is found, and words of its sentence. It is found where it was changed.
MISTAKES = [
    ("fhir: urgent}", "fhri: urgent}", "unknown_key", "no key `fhri`"),
    ("fhir: urgent}", "fhir: urgnt}", "unknown_word", "routine, urgent, asap, stat"),
    ("fhir: urgent}", "fhir: [urgent]}", "not_one_value", "no list"),
    ("always: true}", "always: yes}", "not_true_or_false", "neither `true` nor `false`"),
    ("  version: 1", '  version: "1"', "not_a_whole_number", "no whole number"),
    ("  version: 1", "  version: 1.5", "not_a_whole_number", "no whole number"),
    ("  version: 1", "  version: 0", "too_small", "at least 1"),
    ("per_year: 2", "per_year: 13", "too_large", "at most 12"),
    ("per_year: 2", "per_year:", "no_value", "nothing is filled in"),
    ("per_year: 2", "per_year: ~", "no_value", "nothing is filled in"),
    ('["9901", ', "[9901, ", "not_text", "put it in quotes"),
    ('["9901", ', '["0901", ', "not_a_postcode", "four digits"),
    ('["9901", "9902", "9903", "9904"]', "[]", "missing_item", "at least 1"),
    ("  postcodes:", "  usual_size: [1]\n  postcodes:", "missing_item", "at least 2"),
    ("  postcodes:", "  usual_size: [1, 2, 3]\n  postcodes:", "too_many_items", "at most 2"),
    ("title: Thuiszorg Linde", 'title: ""', "empty_text", "is empty"),
    ("title: Thuiszorg Linde", f"title: {'x' * 301}", "text_too_long", "300 characters"),
    ("title: Thuiszorg Linde", f"title: {'x' * 100_000}", "text_too_long", "300 characters"),
    ("receiver: kolk-entry", "receiver: De Kolk", "not_a_name", "small letters"),
    ("types: [social, behavioural]}", "types: [unknown]}", "unknown_word", "choose from behavioural, caring"),
    ("types: [social, behavioural]}", "types: social}", "not_a_list", "a list is expected"),
    ("meta:\n  partnership", "meta: 5\nmetta:\n  partnership", "not_keys", "keys with values"),
    ("opened_by: SignalRouted", "opened_by: signal routed", "not_a_fact", "SignalReported"),
    ("urgent: PT2H", "urgent: P1D", "wrong_length_of_time", "{days: 1, counting: elapsed}"),
    ("urgent: PT2H", "urgent: {days: 1}", "wrong_length_of_time", "{working_days: 1, calendar: NAME}"),
    ("urgent: PT2H", "urgent: PT0M", "length_out_of_limits", "at most 366 days"),
    ("review: {per_year: 2}", "term: P30X\n  review: {per_year: 2}", "wrong_period", "P30D"),
    ('{mon-fri: "08:30-17:00"}', '"08:30-17:00"', "wrong_week", "names its days"),
    ('{mon-fri: "08:30-17:00"}', '{ma-vr: "08:30-17:00"}', "wrong_day", "mon-fri"),
    ('"08:30-17:00"', '"8.30-17.00"', "wrong_shift", "is no shift"),
    ('"08:30-17:00"', '"17:00-17:00"', "shift_without_length", "beginning and end"),
    ('"08:30-17:00"', "830", "hours_not_text", "in quotes"),
    ('{mon-fri: "08:30-17:00"}', '{mon-fri: "08:30-17:00", fri: "09:00-12:00"}', "day_twice", "`fri`"),
    ('"08:30-17:00"', '"08:30-17:00, 16:00-18:00"', "shifts_overlap", "join them"),
    ("date: 2026-12-25", "date: 25 december", "not_a_date", "2026-12-25"),
    ("valid_from: 2026-11-01", "valid_from: 2026-13-01", "not_a_date", "2026-12-25"),
    ("timezone: Europe/Amsterdam", "timezone: Europe/Vlier", "unknown_zone", "no time zone"),
    ("timezone: Europe/Amsterdam", "timezone: ../../etc/passwd", "unknown_zone", "no time zone"),
    ("where: {reason: no_capacity}", "where: {reason: []}", "condition_without_value", "one value or a list"),
    ("where: {reason: no_capacity}", "where: no_capacity", "wrong_condition", "names fields"),
    ("discharged_by: [SignalAcknowledged]", "discharged_by: []", "missing_item", "at least 1"),
    ("email: {form: written,", "email: {form: typed,", "unknown_word", "written, oral"),
    ("title: Regio Waterkant", "kind: region", "duplicate_key", "stands here twice"),
    ("review: {per_year: 2}", "review: {<<: {per_year: 2}}", "merge_key", "write them out"),
    ("review: {per_year: 2}", "review: &two {per_year: 2}", "anchor", "`&two`"),
    ("review: {per_year: 2}", "review: *two", "alias", "`*two`"),
    ("per_year: 2", "per_year: !!int 2", "tag", "of no use"),
    ("per_year: 2", "[per, year]: 2", "wrong_key", "a single word"),
    ("title: Thuiszorg Linde", "title: @linde", "wrong_beginning", "begins with `@`"),
    ("title: Thuiszorg Linde", "title: Linde: thuiszorg", "wrong_colon", "quotes"),
    ("title: Thuiszorg Linde", 'title: "Linde" thuis', "not_in_line", "closing quote"),
    ("title: Thuiszorg Linde", 'title: "\\q"', "wrong_escape", "single quotes"),
    ("title: Thuiszorg Linde", 'title: "\\ud800"', "odd_character", "U+D800"),
    ("title: Thuiszorg Linde", "title: Linde\u202e", "odd_character", "U+202E"),
    ("title: Thuiszorg Linde", "title: | Linde", "not_yaml", "no YAML"),
    ("title: Thuiszorg Linde", 'title: "Linde', "not_closed", "not closed"),
    ("    ring: core", "\tring: core", "tab", "by spaces"),
    ("review: {per_year: 2}", "inherits: {template: regio, version: 1}", "inherits_missing", "regio.yaml"),
    ("partnership: de-vlier", "template: de-vlier", "a_template", "no agreement"),
    ("parties:", "---\nparties:", "several_documents", "second document"),
]


@pytest.mark.parametrize(("old", "new", "code", "words"), MISTAKES)
def test_a_mistake_is_found_where_it_was_made(old: str, new: str, code: str, words: str) -> None:
    text = changed((old, new))
    findings = load(text).findings
    told = [finding for finding in findings if finding.code == code]
    assert told, findings
    # The first line that is another, without looking at where its parts end.
    line = next(
        n for n, (a, b) in enumerate(zip(WATERKANT.split("\n"), text.split("\n"), strict=False), 1) if a != b
    )
    assert (told[0].line, words in say(told[0], "en")) == (line, True), (told, say(told[0], "en"))
    assert say(told[0], "nl")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("# nothing but a remark\n", "empty"),
        ("---\n", "empty"),
        ("a: [1, 2", "not_closed"),
        ("a: {b: 1", "not_closed"),
        ("a: 1\n\tb: 2", "tab"),
        ("a: \x07", "odd_character"),
        ("a: \0", "odd_character"),
        ("a: \ud800", "odd_character"),
        ("a: x\u2028b: 2", "odd_character"),
        ("a: 1\n---\nb: 2", "several_documents"),
        ("a: 1\n...\nb: 2", "several_documents"),
        ("a: &x 1\n", "anchor"),
        ("a: 1\nb: *x\n", "alias"),
        ("*x : 1\n", "alias"),
        ("a: !!python/object/apply:os.system ['true']\n", "tag"),
        ("a: !<tag:x> 1", "tag"),
        ("a: ! x", "tag"),
        ("%YAML 1.1\n---\na: on", "directive"),
        ("%YAML 9.9\n---\na: 1", "directive"),
        ("%TAG ! tag:x,2000:\n---\na: !b 1", "directive"),
        ("[a, b]: 1\n", "wrong_key"),
        ("? {a: 1}\n: 2", "wrong_key"),
        (": 1\n", "wrong_key"),
        ('"": 1\n', "wrong_key"),
        ("<<: {a: 1}\n", "merge_key"),
        ("1: 2\n", "unknown_key"),
        ("a:\n", "no_value"),
        ("null", "empty"),
        ("[" * 50_000, "too_deep"),
        ("a:\n" + "".join(" " * n + "- \n" for n in range(1, 40)), "too_deep"),
        ("a: 1\n" * (MAX_CHARS // 5 + 1), "too_long"),
        (" " * 10_000_000, "too_long"),
        ("a" * 2_000 + ": 1", "wrong_colon"),
        ("just a sentence", "not_keys"),
        ("- a\n- list", "not_keys"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_what_is_no_agreement_at_all_is_refused_with_a_reason(text: str, code: str) -> None:
    draft = load(text)
    assert draft.agreement is None
    assert code in {finding.code for finding in draft.findings}
    assert all(say(finding, "nl") and say(finding, "en") for finding in draft.findings)


def test_every_sentence_about_reading_is_seen_here_or_with_templates_and_directories() -> None:
    elsewhere = {
        "wrong_template", "template_not_asked_for", "template_of_template", "left_open",
        "not_a_day_or_moment", "ends_before_it_begins", "not_staffed_by",
        # For what the model may learn to say of a value and has no sentence of its own yet.
        "wrong_value",
    }  # fmt: skip
    here = {code for _, _, code, _ in MISTAKES} | {
        "empty",
        "too_deep",
        "too_long",
        "directive",
        "missing_key",
    }
    assert set(SENTENCES) == here | elsewhere


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = changed(
        ("  version: 1", "  version: one"),
        ("timezone: Europe/Amsterdam", "timezone: Europe/Vlier"),
        ("fhir: urgent}", "fhri: urgent}"),
        ("title: Regio Waterkant\n    ring: shell", "ring: shell\n    ring: core"),
        ("acute: PT15M, urgent: PT2H", "acute: PT15M, urgent: PT2"),
    )
    told = [(finding.line, finding.code) for finding in load(text).findings]
    assert told == [
        (line_of(text, "version: one"), "not_a_whole_number"),
        (line_of(text, "Europe/Vlier"), "unknown_zone"),
        (line_of(text, "fhri: urgent"), "missing_key"),
        (line_of(text, "fhri: urgent"), "unknown_key"),
        (line_of(text, "id: waterkant"), "missing_key"),
        (line_of(text, "id: waterkant") + 3, "duplicate_key"),
        (line_of(text, "PT2,"), "wrong_length_of_time"),
    ]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("meta: 5\n", "not_keys", 1, 7),
        ("mota: 5\n", "unknown_key", 1, 1),
        ("area:\n  postcodes: [9901]\n", "not_text", 2, 15),
        ("area: {inhabitants: 1}\n", "missing_key", 1, 1),
        ("calendars:\n  office:\n    week:\n      mon: 1\n      tue: x\n", "hours_not_text", 4, 12),
        ("calendars:\n  'De Wijk': {week: {}}\n", "not_a_name", 2, 3),
        ("timezone:\n", "no_value", 1, 1),
        ("meta: {title: é\u0301\U0001f600, version: x}\n", "not_a_whole_number", 1, 29),
        ('meta: [1,\n  "a\n', "not_closed", 2, 3),
    ],
)
def test_line_and_column_point_at_the_value_or_the_key(text: str, code: str, line: int, column: int) -> None:
    assert (line, column) in {(one.line, one.column) for one in load(text).findings if one.code == code}


def test_what_cannot_be_read_is_told_once() -> None:
    told = [finding.code for finding in load(changed(("ring: core", "ring:"))).findings]
    assert told == ["no_value"]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + WATERKANT,
        WATERKANT.replace("\n", "\r\n"),
        "---\n" + WATERKANT,
        WATERKANT + "...\n",
        WATERKANT + "# " + "x" * 50_000,
    ],
    ids=["bom", "crlf", "begun", "ended", "long remark"],
)
def test_it_does_not_matter_how_an_editor_saves_it(text: str) -> None:
    assert load(text).agreement == load(WATERKANT).agreement


def test_words_that_older_yaml_turns_around_stay_what_they_are() -> None:
    text = (
        "[off, on, yes, no, Off, 2026-12-25, 12:30, 0901, 0x1f, 1e3, .5, .inf, ², true, False, 12, -3, 1.5]"
    )
    written, findings = read_written(text)
    assert written is not None and not findings
    assert written.plain() == [
        "off", "on", "yes", "no", "Off", "2026-12-25", "12:30", "0901", "0x1f", "1e3", ".5", ".inf", "²",
        True, False, 12, -3, 1.5,
    ]  # fmt: skip


def test_a_file_that_multiplies_itself_is_refused_before_it_is_built() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
    )
    written, findings = read_written(bomb)
    assert written is not None
    assert {finding.code for finding in findings} == {"anchor", "alias"}
    assert sum(len(part.items()) for part in written.keys().values()) == 2 + 9 * 9


def test_a_finding_about_a_part_that_is_not_there_is_told_of_what_it_belongs_to() -> None:
    draft = load(WATERKANT)
    party = line_of(WATERKANT, "- id: linde")
    there = draft.placed(found(("parties", 0, "kind"), "missing_key", name="x"))
    gone = draft.placed(found(("parties", 0, "legal_regimes"), "missing_key", name="x"))
    assert (there.line, gone.line) == (party + 1, party)


def _is_consistent(text: str) -> None:
    draft = load(text)
    assert (draft.agreement is None) == bool(draft.findings)
    lines = text.count("\n") + text.count("\r") + 1
    for finding in draft.findings:
        assert 1 <= finding.line <= lines and finding.column >= 1
        assert say(finding, "nl") and say(finding, "en")


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60), st.data())
def test_no_text_makes_reading_fail(noise: str, data: st.DataObject) -> None:
    lines = WATERKANT.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(
        st.sampled_from(["", noise, lines[at] + noise, noise + lines[at], lines[at][: len(lines[at]) // 2]])
    )
    _is_consistent(noise)
    _is_consistent("\n".join(lines))


SIGNS = st.sampled_from(
    [*"[]{}:,&*!|>'\"%@`#-?~\t\n\r\0\x85\ufeff\ud800 ", "- ", ": ", "<<: ", "? ", "--- ", "\\u"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WATERKANT)), SIGNS), min_size=1, max_size=3))
def test_no_sign_in_the_wrong_place_makes_reading_fail(slips: list[tuple[int, str]]) -> None:
    text = WATERKANT
    for at, sign in slips:
        text = text[:at] + sign + text[at:]
    _is_consistent(text)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([*"[]{}:,&*!|>'\"%@`#-?~\t\n \\", "a", "b: ", "- ", "1", "\n  ", "meta: "]),
        max_size=30,
    )
)
def test_no_yaml_of_signs_makes_reading_fail(signs: list[str]) -> None:
    _is_consistent("".join(signs))
