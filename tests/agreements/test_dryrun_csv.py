"""A file of cases as a spreadsheet saves it: read as meant, or every finding at once with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.agreements.dryrun.cases import Case
from services.agreements.dryrun.csv_file import MAX_CASES, read_csv
from tests.agreements.dryruns import KNOWN, csv_of, ms

TITLES = "name,at,urgency,types,receiver"
A_LINE = "by day,2026-11-23 09:00,urgent,nursing,linde-team"


def the_case(*lines: str) -> Case:
    found = csv_of(*lines)
    assert found.findings == ()
    (case,) = found.cases
    return case


def told(*lines: str) -> list[tuple[int, int, str, str]]:
    found = csv_of(*lines)
    assert found.cases == ()
    return [(one.line, one.column, one.title, one.code) for one in found.findings]


def test_a_line_is_a_case() -> None:
    case = the_case(
        "name,at,urgency,types,concern,about,postcode,reporter,reporter_party,case_contact,case_coordinator,"
        "practice,target_group,expects_action",
        "all of it,2026-11-23 09:00,urgent,nursing medical,fall confusion,household,9901 AB,neighbour,linde,"
        "linde-team,huisartsen/gp-desk,dorp,frail,yes",
    )
    assert (case.name, case.line, case.at_ms) == ("all of it", 2, ms("2026-11-23T09:00+01:00"))
    assert (case.urgency, case.types, case.concern) == (
        "urgent",
        ("nursing", "medical"),
        ("fall", "confusion"),
    )
    assert (case.about, case.postcode, case.expects_action) == ("household", "9901", True)
    assert tuple(case.reporter) == ("neighbour", "linde")
    assert tuple(case.view) == ("linde/linde-team", "huisartsen/gp-desk", "dorp", "frail")


def test_what_is_left_empty_is_not_told_and_not_asked() -> None:
    case = the_case(TITLES + ",rule,postcode", "by day,2026-11-23 09:00,urgent,,,,")
    assert (case.types, case.postcode, case.about, tuple(case.reporter)) == (
        (),
        None,
        "client",
        ("professional", None),
    )
    assert case.expected == {}


def test_an_expectation_is_read_by_its_title() -> None:
    case = the_case(
        "name,at,urgency,receiver,due acknowledge_signal,Level 1,level 1 at,skipped,again at,feedback gp,rule,"
        "level 1 at settle_no_capacity",
        "all,2026-11-23 09:00,urgent,linde-team kolk/kolk-entry,23-11-2026 11:00,none,2026-11-23 10:00,"
        "deputy:nobody contact:absent,2026-11-23 12:00,written phone,root,none",
    )
    assert {str(key): answer for key, answer in case.expected.items()} == {
        "receiver": ("linde/linde-team", "kolk/kolk-entry"),
        "due acknowledge_signal": (ms("2026-11-23T11:00+01:00"),),
        "level 1": (),
        "level 1 at": (ms("2026-11-23T10:00+01:00"),),
        "skipped": ("deputy:nobody", "contact:absent"),
        "again at": (ms("2026-11-23T12:00+01:00"),),
        "feedback gp": ("written", "phone"),
        "rule": ("root",),
        "level 1 at settle_no_capacity": (),
    }


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_separator_of_a_spreadsheet_will_do(separator: str) -> None:
    case = the_case(*(line.replace(",", separator) for line in (TITLES, A_LINE)))
    assert (case.name, case.types) == ("by day", ("nursing",))


def test_marks_of_a_spreadsheet_empty_lines_and_remarks_are_passed_over() -> None:
    text = f"\ufeffsep=;\r\n{TITLES};;\r\n;;;;;;\r\n# remark, with a comma\r\n\r\n{A_LINE};;\r\n".replace(
        ",", ";"
    )
    found = read_csv(text, KNOWN)
    assert found.findings == ()
    assert [(case.name, case.line) for case in found.cases] == [("by day", 6)]


def test_titles_are_read_with_capitals_and_spaces() -> None:
    case = the_case("Name, At ,URGENCY,Reporter Party,Level  0", "x,2026-11-23 09:00,urgent,linde,linde-team")
    assert case.reporter.party == "linde"
    assert [str(key) for key in case.expected] == ["level 0"]


def test_a_cell_in_quotes_may_hold_anything_and_lines_are_still_counted() -> None:
    found = csv_of(TITLES, '"two\nlines, ""quoted""",2026-11-23 09:00,urgent,,', "b,2026-11-23 09:00,no,,")
    assert [(one.line, one.column) for one in found.findings] == [(4, 3)]
    case = the_case(TITLES, '"two\nlines, ""quoted""",2026-11-23 09:00,urgent,,')
    assert case.name == 'two\nlines, "quoted"'


def test_every_finding_is_told_at_once_with_its_line_and_column() -> None:
    assert told(
        TITLES,
        "a,yesterday,urgent,nursing,linde-team",
        A_LINE,
        ",2026-11-23 09:00,soonish,nursing,linde-teem",
        "b,2026-10-25 02:30,urgent,nursing medicine,linde-team",
        "by day,2026-11-23 09:00,urgent,,",
        "c,2026-11-23 09:00,urgent,,,too much",
    ) == [
        (2, 2, "at", "no_moment"),
        (4, 3, "urgency", "unknown_word"),
        (4, 5, "receiver", "unknown_contact"),
        (4, 1, "name", "missing_cell"),
        (5, 2, "at", "no_moment"),
        (5, 4, "types", "unknown_word"),
        (6, 1, "name", "name_twice"),
        (7, 6, "", "cell_without_title"),
    ]


@pytest.mark.parametrize(
    ("titles", "code", "says"),
    [
        ("name,at,urgency,recever", "unknown_column", "did you mean `receiver`?"),
        ("name,at,urgency,due acknowledge", "unknown_column", "did you mean `acknowledge_signal`?"),
        ("name,at,urgency,level 99", "unknown_column", "N is 0 to 20"),
        ("name,at,urgency,feedback butcher", "unknown_column", "no kind of party here; known are"),
        ("name,at,urgency,trace", "not_in_csv", "write this case as YAML"),
        ("name,at,urgency,at", "column_twice", "take one out"),
        ("name,urgency", "missing_column", "add a column `at`, such as 2026-11-23 09:00"),
    ],
)
def test_a_title_that_asks_nothing_we_know_says_what_to_do(titles: str, code: str, says: str) -> None:
    (finding,) = csv_of(titles, "x").findings
    assert (finding.line, finding.code) == (1, code)
    assert says in finding.says


@pytest.mark.parametrize(
    ("title", "cell", "says"),
    [
        ("types", "nurrsing", "did you mean `nursing`?"),
        ("receiver", "gp_desk", "did you mean `gp-desk`?"),
        ("postcode", "99", "write its four digits, or nothing"),
        ("expects_action", "maybe", "write yes or no"),
        ("rule", "medicale", "did you mean `medical`?"),
        ("skipped", "deputy", "write the level and why, as deputy:absent"),
        ("skipped", "deputy:ill", "known are"),
        ("reporter_party", "Thuiszorg Linde", "small letters, digits and dashes"),
        ("case_contact", "linde", "is no contact here"),
        ("level 0 at", "2027-03-28 02:30", "does not exist"),
    ],
)
def test_a_cell_that_cannot_be_read_says_what_to_write(title: str, cell: str, says: str) -> None:
    (finding,) = csv_of(f"name,at,urgency,{title}", f"x,2026-11-23 09:00,urgent,{cell}").findings
    assert (finding.line, finding.column, finding.title) == (2, 4, title)
    assert says in finding.says


def test_a_contact_of_long_ago_may_be_the_contact_of_a_case() -> None:
    case = the_case("name,at,urgency,case_contact", "x,2026-11-23 09:00,urgent,gone/gone-desk")
    assert case.view.contact == "gone/gone-desk"


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n", TITLES])
def test_a_file_without_cases_says_what_to_write(text: str) -> None:
    (finding,) = read_csv(text, KNOWN).findings
    assert finding.code == "empty"


def test_a_quote_that_is_never_closed_is_a_finding() -> None:
    (finding,) = csv_of(TITLES, '"by day,2026-11-23 09:00,urgent,,').findings
    assert finding.code == "not_csv"


def test_a_file_without_end_is_refused() -> None:
    text = TITLES + "\n" + "x\n" * (MAX_CASES + 1)
    assert [one.code for one in read_csv(text, KNOWN).findings] == ["too_long"]


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fall(text: str) -> None:
    for start in ("", TITLES + "\n"):
        found = read_csv(start + text, KNOWN)
        assert found.cases or found.findings
