"""`seinhuis agreements explain`: what it prints, what it writes, and what it says when asked in the wrong way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.cli.main import main

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SMALL = str(EXAMPLES / "waterkant-small.yaml")
HERE = Path(__file__).resolve().parent
SIGNAL = {"urgency": "acute", "types": ["nursing"], "concern": ["fall"], "postcode": "9901",
          "reporter": {"kind": "neighbour"}}  # fmt: skip


def explain(*arguments: str) -> int:
    return main(["agreements", "explain", *arguments])


def a_signal(place: Path, **changes: Any) -> str:
    file = place / "signal.json"
    file.write_text(json.dumps({**SIGNAL, **changes}), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_agreement_is_printed(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(SMALL, "--lang", language) == 0
    assert capsys.readouterr().out == (HERE / f"small.{language}.txt").read_text(encoding="utf-8")


def test_the_agreement_is_written_as_one_html_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "page.html"
    assert explain(SMALL, "--format", "html", "--out", str(out)) == 0
    assert capsys.readouterr().out == ""
    written = out.read_text(encoding="utf-8")
    assert written.startswith("<!DOCTYPE html>")
    assert '<html lang="nl">' in written


def test_an_agreement_is_told_with_the_template_it_fills_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(str(EXAMPLES / "waterkant" / "de-vlier.yaml"), "--lang", "en") == 0
    assert "From the region: what is not said here comes from version 1" in capsys.readouterr().out


def test_a_story_is_told_with_who_is_absent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    away = tmp_path / "away.yaml"
    away.write_text(
        "absences:\n  - {contact: linde-duty, from: 2026-11-27, until: 2026-11-29}\n", encoding="utf-8"
    )
    signal = a_signal(tmp_path)
    assert explain(SMALL, "--signal", signal, "--at", "2026-11-28T22:00", "--directory", str(away)) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Komt binnen: zaterdag 28 november 2026, 22:00" in told
    assert "(afwezig tot maandag 30 november 2026, 00:00)" in told


def test_a_story_knows_what_the_case_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signal = a_signal(tmp_path, case={"contact": "linde-team", "practice": "lok"})
    assert explain(SMALL, "--signal", signal, "--at", "2026-11-28T22:00+01:00", "--lang", "en") == 0
    assert "Contact already: Aanspreekpunt wijkteam (Thuiszorg Linde)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("2026-10-25T02:30", "comes twice"),
        ("2027-03-28T02:30", "does not exist"),
        ("tomorrow", "is no moment"),
    ],
)
def test_a_moment_nobody_can_tell_is_refused(
    at: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(SMALL, "--signal", a_signal(tmp_path), "--at", at) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "it is no JSON"),
        ("[]", "a signal is written as"),
        ("{}", "`urgency`: field required"),
        (json.dumps({**SIGNAL, "types": ["nursin"]}), "`types.0` holds a word that nobody knows"),
        (json.dumps({**SIGNAL, "postcode": "99"}), "`postcode`"),
        (json.dumps({**SIGNAL, "colour": "red"}), "`colour`"),
        (json.dumps({**SIGNAL, "case": {"contact": "nobody-here"}}), "`nobody-here` is no contact"),
        (json.dumps({**SIGNAL, "case": {"colour": "red"}}), "`colour`"),
        (json.dumps({**SIGNAL, "case": 5}), "`signal`"),
    ],
)
def test_a_file_that_holds_no_signal_is_refused_in_a_sentence(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "signal.json"
    file.write_text(text, encoding="utf-8")
    assert explain(SMALL, "--signal", str(file), "--at", "2026-11-28T22:00") == 2
    told = capsys.readouterr().err
    assert f"{file} holds no signal: " in told
    assert says in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--at", "2026-11-28T22:00"], "--signal and --at go together"),
        (["--signal", "x.json"], "--signal and --at go together"),
        (["--directory", "x.yaml"], "--directory goes with --signal"),
    ],
)
def test_options_that_belong_together_are_asked_for_together(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(SMALL, *arguments) == 2
    assert says in capsys.readouterr().err


def test_what_is_no_agreement_is_refused_with_its_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("meta: {}\n", encoding="utf-8")
    assert explain(str(file)) == 2
    assert "missing_key" in capsys.readouterr().err


def test_the_documents_signal_has_a_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (EXAMPLES.parent / "docs" / "EXPLAIN.md").read_text(encoding="utf-8")
    written = text.split("<!-- file signal.json -->\n```json\n")[1].split("```")[0]
    signal = tmp_path / "signal.json"
    signal.write_text(written, encoding="utf-8")
    command = next(line for line in text.splitlines() if "--signal signal.json" in line)
    arguments = [
        {"signal.json": str(signal), "examples/waterkant-small.yaml": SMALL}.get(word, word)
        for word in command.removeprefix("$ seinhuis ").split()
    ]
    assert main(arguments) == 0
    assert "zaterdag 28 november 2026, 22:00" in capsys.readouterr().out
