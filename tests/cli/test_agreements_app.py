"""`seinhuis agreements check`: findings with their lines, the 28 questions, and an exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from services.cli.agreements.check import language_of
from services.cli.main import main

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SMALL = EXAMPLES / "waterkant-small.yaml"
BIG = EXAMPLES / "waterkant" / "de-vlier.yaml"
CHECK = ("agreements", "check", "--at", "2026-11-02T09:00")


def a_file(place: Path, *changes: tuple[str, str]) -> str:
    text = SMALL.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    place.write_text(text, encoding="utf-8")
    return str(place)


def test_check_lets_the_example_pass_with_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CHECK, str(SMALL), "--lang", "en"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"{SMALL}:") and ": warning acute_expertise_unsaid nothing says" in told[0]
    assert told[-1].startswith(f"{SMALL}: 0 errors, 3 warnings; of the 28 questions 0 yes, 28 no")
    assert told[-1].endswith("de-vlier version 1, in force from 2026-11-01")
    assert [line for line in told if line.startswith("Exchange of information")]


def test_check_names_the_line_of_each_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_file(tmp_path / "a.yaml", ("deputy: linde-duty", "deputy: nobody-here"))
    line = 1 + Path(file).read_text(encoding="utf-8").splitlines().index("        deputy: nobody-here")
    assert main([*CHECK, file, "--lang", "en"]) == 1
    told = capsys.readouterr().out
    assert told.startswith(
        f"{file}:{line}:17: error unknown_contact there is no contact `nobody-here`; write one of"
    )
    assert main([*CHECK, file, "--lang", "nl"]) == 1
    told = capsys.readouterr().out
    assert told.startswith(
        f"{file}:{line}:17: fout unknown_contact het contact `nobody-here` is er niet; schrijf een van"
    )
    assert "1 fout, 0 waarschuwingen; van de 28 vragen" in told


def test_check_tells_programs_all_that_it_tells_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path / "a.yaml", ("ladder: standard", "ladder: long"))
    assert main([*CHECK, file, str(BIG), "--format", "json", "--lang", "en"]) == 1
    first, second = json.loads(capsys.readouterr().out)["files"]
    (finding,) = first["findings"]
    assert (finding["code"], finding["severity"], finding["words"]["name"]) == (
        "unknown_ladder",
        "error",
        "long",
    )
    assert finding["sentence"].startswith("there is no ladder `long`")
    assert (first["partnership"], first["counts"]["errors"], first["counts"]["no"]) == ("de-vlier", 1, 28)
    assert second["counts"]["yes"] == 28
    told = {answer["number"]: answer for answer in second["checklist"]}
    assert (told["1"]["state"], told["1"]["is_by_case"], told["4"]["is_by_case"]) == ("yes", True, False)
    assert (
        told["1"]["source"] == "region-waterkant"
        and told["1"]["path"] == "information.client_preferences.ask_before"
    )


def test_each_question_is_told_with_its_place_or_what_to_add(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CHECK, str(BIG), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert len(re.findall(r"^ +\d+[* ] yes    .*\?  \[[\w.-]+:\d+\]$", told, re.MULTILINE)) == 28
    assert main([*CHECK, str(SMALL), "--lang", "nl"]) == 0
    assert (
        "[vul aan: information.client_preferences.{ask_before, kinds, receivers}]" in capsys.readouterr().out
    )


def test_a_no_is_an_error_for_who_requires_the_checklist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CHECK, str(SMALL), "--require-checklist"]) == 1
    assert capsys.readouterr().out.count("question_unanswered") == 28
    assert main([*CHECK, str(BIG), "--require-checklist"]) == 0


def test_several_agreements_are_held_against_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = a_file(tmp_path / "kolk.yaml", ("partnership: de-vlier", "partnership: de-kolk"))
    assert main([*CHECK, str(SMALL), other, "--lang", "en"]) == 1
    told = capsys.readouterr().out
    assert told.count("postcode 9901 is de-kolk's as well") == 1
    assert told.count("postcode 9901 is de-vlier's as well") == 1


def test_check_looks_a_fortnight_ahead_in_the_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "directory.yaml"
    directory.write_text(
        "absences:\n  - {contact: regional-duty, from: 2026-11-10, until: 2026-11-11, reason: holiday}\n",
        encoding="utf-8",
    )
    assert main([*CHECK, str(SMALL), "--directory", str(directory), "--lang", "en"]) == 1
    assert "error ladder_hole from 2026-11-10 00:00 on nobody on `standard`" in capsys.readouterr().out
    later = ("agreements", "check", "--at", "2026-11-12")
    assert main([*later, str(SMALL), "--directory", str(directory)]) == 0
    capsys.readouterr()
    assert main([*CHECK, str(SMALL), str(BIG), "--directory", str(directory)]) == 2
    assert "--directory goes with one agreement" in capsys.readouterr().err


def test_a_file_that_is_no_agreement_has_findings_and_no_checklist(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path / "a.yaml", ("version: 1", "version: one"))
    assert main([*CHECK, file, "--lang", "en"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert "error not_a_whole_number" in told[0] and told[-1] == f"{file}: 1 error, 0 warnings"


def test_a_moment_that_cannot_be_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    for at, why in (("9999-12-31", "too far off"), ("tomorrow", "is no moment")):
        assert main(["agreements", "check", "--at", at, str(SMALL)]) == 2
        assert why in capsys.readouterr().err


def test_agreement_that_is_not_there_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreements", "check", "/nonexistent/a.yaml"]) == 2
    assert "/nonexistent/a.yaml cannot be read (No such file or directory)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("nl_NL.UTF-8", "nl"),
        ("nl", "nl"),
        ("nl.UTF-8", "nl"),
        ("en_GB.UTF-8", "en"),
        ("C", "en"),
        ("", "en"),
        ("nlx_X", "en"),
    ],
)
def test_the_language_follows_the_locale(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_the_environment_says_in_which_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "nl_NL.UTF-8")
    assert main([*CHECK, str(SMALL)]) == 0
    assert "3 waarschuwingen" in capsys.readouterr().out
