"""The demo says in one sentence what keeps it from playing, and leaves nothing running."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli.main import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEINHUIS_RUN", str(tmp_path / "run"))
    monkeypatch.delenv("SEINHUIS_KAFKA", raising=False)
    (tmp_path / "day.jsonl").write_text("", encoding="utf-8")
    return tmp_path


def play(folder: Path) -> int:
    return main(["demo", "--day", str(folder / "day.jsonl"), "--agreements", str(folder)])


def test_demo_without_its_day_names_the_option(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "day.jsonl").unlink()
    assert play(folder) == 2
    assert (
        "day.jsonl cannot be read (No such file or directory); name a file with --day"
        in capsys.readouterr().err
    )


def test_demo_with_an_empty_day_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(folder) == 2
    assert "day.jsonl holds no message" in capsys.readouterr().err


def test_demo_names_the_line_it_cannot_send(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "day.jsonl").write_text("\nno event\n", encoding="utf-8")
    assert play(folder) == 1
    assert "day.jsonl:2 cannot be sent: - not_json" in capsys.readouterr().err
