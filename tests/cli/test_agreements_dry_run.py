"""`seinhuis agreements test` and `diff`: exit codes, forms of output, findings with a way out, and their speed."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from services.cli.main import main
from tests.yardstick import slowness

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AGREEMENT = str(EXAMPLES / "waterkant-small.yaml")
TITLES = "name;at;urgency;types;postcode;receiver;rule;due acknowledge_signal;level 1;level 1 at\n"
RIGHT = (
    "by day;2026-11-23 09:00;urgent;nursing;9901;"
    "linde-team;care-at-home;2026-11-23 11:00;linde-duty;2026-11-23 10:00\n"
)
WRONG = "at night;2026-11-23 23:00;acute;medical;9901;gp-desk;;;;\n"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return tmp_path / "cases.csv"


def written(path: Path, *lines: str) -> str:
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def write(path: Path, *lines: str) -> str:
    return written(path, TITLES, *lines)


def changed(path: Path, old: str, new: str) -> str:
    text = Path(AGREEMENT).read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return str(path)


def test_all_as_expected_is_exit_code_0(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreements", "test", AGREEMENT, write(cases, RIGHT)]) == 0
    assert capsys.readouterr().out == "1 case: 1 as expected, 0 not\n"


def test_a_difference_is_exit_code_1_and_told_with_the_way_through_the_tree(
    cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["agreements", "test", AGREEMENT, write(cases, RIGHT, WRONG)]) == 1
    told = capsys.readouterr().out
    assert "DIFFERS  line 3  at night" in told
    assert "receiver  huisartsen/gp-desk  huisartsen/gp-post" in told
    assert "no  crisis" in told
    assert told.endswith("2 cases: 1 as expected, 1 not\n")


def test_files_that_cannot_be_read_are_exit_code_2_with_every_finding(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(cases, "a;soon;urgent;;;;;;;\n", RIGHT, "b;2026-10-25 02:30;urgent;;;nobody-here;;;;\n")
    assert main(["agreements", "test", AGREEMENT, file]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.partition("  no_moment")[0] for line in told.err.splitlines()[:2]] == [
        f"{file}:2:2  column B at",
        f"{file}:4:2  column B at",
    ]
    assert f"{file}:4:6  column F receiver  unknown_contact" in told.err
    assert told.err.endswith(f"seinhuis: {file} cannot be read: 2 lines to correct; nothing was tried\n")
    assert main(["agreements", "test", AGREEMENT, file, "--format", "json"]) == 2
    findings = [json.loads(line) for line in capsys.readouterr().err.splitlines()[:3]]
    assert [(one["finding"]["line"], one["finding"]["code"]) for one in findings] == [
        (2, "no_moment"),
        (4, "no_moment"),
        (4, "unknown_contact"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("cases.csv", None, "cannot be read (No such file or directory); name a file of cases"),
        (
            "cases.csv",
            b"name;at\nCo\xf6rdinator;x\n",
            "is no UTF-8; in a spreadsheet, save it as `CSV UTF-8`",
        ),
        ("cases.xlsx", b"x", "has no form we know; cases are CSV (.csv) or YAML (.yaml)"),
        ("cases.jsonl", b"{}", "has no form we know"),
        ("cases.yaml", b"cases: []", "cannot be read: 1 line to correct"),
    ],
)
def test_a_file_of_cases_that_is_none_says_what_to_do(
    tmp_path: Path, name: str, content: bytes | None, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert main(["agreements", "test", AGREEMENT, str(tmp_path / name)]) == 2
    assert says in capsys.readouterr().err


def test_an_agreement_that_cannot_be_decided_with_is_exit_code_2(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = changed(tmp_path / "a.yaml", "postcodes:", "postcode:")
    assert main(["agreements", "test", broken, write(cases, RIGHT)]) == 2
    assert "unknown_key" in capsys.readouterr().err
    unusable = changed(tmp_path / "a.yaml", "deputy: linde-duty", "deputy: nobody-here")
    assert main(["agreements", "test", unusable, write(cases, RIGHT)]) == 2
    assert f"`seinhuis agreements check {unusable}` says what to do" in capsys.readouterr().err


def test_a_program_reads_the_run_as_json(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreements", "test", AGREEMENT, write(cases, RIGHT, WRONG), "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["partnership"], told["counted"]) == ("de-vlier", "2 cases: 1 as expected, 1 not")
    right, wrong = told["cases"]
    assert (right["as_expected"], right["differences"]) == (True, [])
    assert wrong["differences"] == [
        {"about": "receiver", "expected": ["huisartsen/gp-desk"], "got": ["huisartsen/gp-post"]}
    ]
    assert wrong["rules"][1]["because"] == "concern_differs"


def test_a_pipeline_reads_the_run_as_junit(cases: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    arguments = ["agreements", "test", AGREEMENT, write(cases, RIGHT, WRONG)]
    assert main([*arguments, "--format", "junit", "--out", str(report)]) == 1
    suites = ET.parse(report).getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")
    (failure,) = suites.iter("failure")
    assert failure.get("message") == "receiver: expected huisartsen/gp-desk, got huisartsen/gp-post"
    assert failure.text is not None
    assert failure.text.startswith(f"{cases}:3\n")


def test_a_report_that_cannot_be_written_says_so(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreements", "test", AGREEMENT, write(cases, RIGHT), "--out", "/nonexistent/x"]) == 2
    assert "/nonexistent/x cannot be written" in capsys.readouterr().err


def test_every_case_is_told_when_asked_for(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreements", "test", AGREEMENT, write(cases, RIGHT), "--every"]) == 0
    assert "AS EXPECTED  line 2  by day" in capsys.readouterr().out


def test_no_difference_is_exit_code_0(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreements", "diff", AGREEMENT, AGREEMENT, "--cases", write(cases, RIGHT, WRONG)]) == 0
    assert capsys.readouterr().out == "nothing changed in the agreement\n\n2 cases: 2 as before\n"


def test_a_difference_names_the_part_and_the_cases_it_moves(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = changed(tmp_path / "new.yaml", "urgent: PT2H, routine", "urgent: PT3H, routine")
    assert main(["agreements", "diff", AGREEMENT, new]) == 1
    parts = capsys.readouterr().out
    assert parts.splitlines() == [
        "obligations",
        "  ~ acknowledge_signal / within / urgent: 2 hours, day and night → 3 hours, day and night",
    ]
    arguments = ["agreements", "diff", AGREEMENT, new, "--cases", write(cases, RIGHT, WRONG)]
    assert main(arguments) == 1
    told = capsys.readouterr().out
    assert told.startswith(parts)
    assert "LATER  line 2  by day" in told
    assert told.endswith("1 h later\n\n2 cases: 1 later, 1 as before\n")
    assert main([*arguments, "--format", "json"]) == 1
    moved = json.loads(capsys.readouterr().out)["cases"][0]["moved"]
    assert moved == [
        {
            "about": "due acknowledge_signal",
            "old": ["2026-11-23T11:00:00+01:00"],
            "new": ["2026-11-23T12:00:00+01:00"],
            "by_s": 3600.0,
        }
    ]
    assert main([*arguments, "--format", "junit"]) == 1
    suites = ET.fromstring(capsys.readouterr().out.encode())
    messages = [failure.get("message") for failure in suites.iter("failure")]
    assert messages == ["1 changes", "later 1 h later"]


def test_signals_of_a_while_ago_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = changed(tmp_path / "new.yaml", 'postcodes: ["9901", ', 'postcodes: ["9905", ')
    day = str(EXAMPLES / "day.jsonl")
    assert main(["agreements", "diff", AGREEMENT, new, "--cases", day]) == 1
    told = capsys.readouterr().out
    assert "receiver " in told
    assert "kolk/kolk-entry" in told


def test_cases_of_either_version_may_name_what_only_one_of_them_has(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = changed(tmp_path / "new.yaml", "name: care-at-home", "name: home-care")
    line = "x;2026-11-23 09:00;urgent;nursing;9901;;{};;;\n"
    arguments = ["agreements", "diff", AGREEMENT, new, "--cases"]
    assert main([*arguments, write(cases, line.format("care-at-home"))]) == 1
    assert main([*arguments, write(cases, line.format("home-care"))]) == 1
    assert main([*arguments, write(cases, line.format("home"))]) == 2


def test_a_directory_says_who_is_away(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = tmp_path / "away.yaml"
    away.write_text("absences: [{contact: linde-duty, from: 2026-11-23}]\n", encoding="utf-8")
    file = write(cases, RIGHT)
    assert main(["agreements", "test", AGREEMENT, file, "--directory", str(away)]) == 1
    assert "level 1     linde/linde-duty" in capsys.readouterr().out
    assert main(["agreements", "diff", AGREEMENT, AGREEMENT, "--cases", file, "--directory", str(away)]) == 0
    away.write_text("absences: [{contact: nobody, from: 2026-11-23}]\n", encoding="utf-8")
    assert main(["agreements", "test", AGREEMENT, file, "--directory", str(away)]) == 2
    assert f"{away}:1:" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["test", "diff"])
def test_help_has_examples_and_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreements", command, "--help"]) == 0
    told = capsys.readouterr().out
    assert "Usage: seinhuis agreements" in told
    assert "Examples:" in told
    assert "Exit code 0" in told


AWAY = "absences: [{contact: linde-duty, from: 2026-11-20}]\n"


def test_a_file_of_cases_names_the_directory_it_was_written_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "away.yaml").write_text(AWAY, encoding="utf-8")
    named = written(tmp_path / "named.csv", "# directory: away.yaml;;;\n", TITLES, RIGHT)
    assert main(["agreements", "test", AGREEMENT, named]) == 1
    assert "linde-duty" in capsys.readouterr().out
    none = written(tmp_path / "none.yaml", "absences: []\n")
    assert main(["agreements", "test", AGREEMENT, named, "--directory", none]) == 0
    elsewhere = written(tmp_path / "elsewhere.csv", "# directory: ../away.yaml\n", TITLES, RIGHT)
    assert main(["agreements", "test", AGREEMENT, elsewhere]) == 0
    missing = written(tmp_path / "missing.csv", "# directory: gone.yaml\n", TITLES, RIGHT)
    capsys.readouterr()
    assert main(["agreements", "test", AGREEMENT, missing]) == 2
    assert "gone.yaml cannot be read" in capsys.readouterr().err


def test_who_is_away_may_be_a_contact_of_either_version(tmp_path: Path) -> None:
    text = Path(AGREEMENT).read_text(encoding="utf-8")
    renamed = written(tmp_path / "new.yaml", text.replace("linde-duty", "linde-night"))
    cases = written(
        tmp_path / "cases.csv",
        TITLES.partition(";receiver")[0] + "\n",
        "by day;2026-11-23 09:00;urgent;nursing;9901\n",
    )
    away = written(
        tmp_path / "away.yaml",
        "absences: [{contact: linde-duty, from: 2026-11-20}, {contact: linde-night, from: 2026-11-20}]\n",
    )
    assert main(["agreements", "diff", AGREEMENT, renamed, "--cases", cases, "--directory", away]) == 1


def spent_by_children_s() -> float:
    """Time of the processor, for a busy machine is no slow program."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


@pytest.mark.thorough
def test_ten_thousand_cases_take_less_than_ten_seconds(tmp_path: Path) -> None:
    lines = [
        f"case {n};2026-{n % 12 + 1:02}-{n % 28 + 1:02} {n % 24:02}:{n % 60:02}+01:00;"
        f"{('acute', 'urgent', 'routine')[n % 3]};{('medical', 'nursing', 'social', '')[n % 4]};990{n % 5 + 1};"
        ";;none;linde-duty;none\n"
        for n in range(10_000)
    ]
    file = write(tmp_path / "cases.csv", *lines)
    command = [str(Path(sys.executable).with_name("seinhuis")), "agreements", "test", AGREEMENT, file]
    report = str(tmp_path / "report.txt")
    began_s = spent_by_children_s()
    done = subprocess.run(
        [*command, "--out", report], timeout=600, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    spent_s = spent_by_children_s() - began_s
    print(f"{spent_s:.1f} s of a processor, start and loading included")
    assert spent_s < 10 * slowness()
    assert Path(report).read_text(encoding="utf-8").endswith(" not\n")
