"""`seinhuis agreements`: findings with their lines and an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.cli.main import main

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "waterkant-small.yaml"


def a_file(place: Path, *changes: tuple[str, str]) -> str:
    text = EXAMPLE.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    place.write_text(text, encoding="utf-8")
    return str(place)


def test_check_finds_no_fault_with_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreements", "check", str(EXAMPLE)]) == 0
    told = capsys.readouterr().out
    assert told == "nothing to find fault with; de-vlier version 1, in force from 2026-10-31 23:00 UTC\n"


def test_check_names_the_line_of_each_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_file(tmp_path / "a.yaml", ("deputy: linde-duty", "deputy: nobody-here"))
    line = 1 + Path(file).read_text(encoding="utf-8").splitlines().index("        deputy: nobody-here")
    assert main(["agreements", "check", file]) == 1
    assert capsys.readouterr().out.startswith(f"{file}:{line}:")
    assert main(["agreements", "check", file, "--format", "json"]) == 1
    assert {finding["line"] for finding in json.loads(capsys.readouterr().out)} == {line}


def test_agreement_that_is_not_there_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreements", "check", "/nonexistent/a.yaml"]) == 2
    assert "/nonexistent/a.yaml cannot be read (No such file or directory)" in capsys.readouterr().err
