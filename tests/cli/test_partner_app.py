"""`seinhuis partner`: allowed, changed, ended and told, with a way out where it cannot be."""

from __future__ import annotations

import json

import pytest

from services.cli.main import main

ONE = "urn:nld:oin:00000000000000000001:systeem:ecd"
TWO = "urn:nld:oin:00000000000000000001:systeem:planning"


@pytest.fixture(autouse=True)
def database(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEINHUIS_DATABASE", postgres)


def told(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, list[str], bool]]:
    capsys.readouterr()
    assert main(["partner", "list", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    return [(one["party"], one["sources"], one["ended_ms"] is None) for one in found]


def test_partner_is_allowed_changed_and_ended(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["partner", "allow", "linde", "--source", ONE]) == 0
    assert told(capsys) == [("linde", [ONE], True)]
    assert main(["partner", "allow", "linde", "--source", ONE, "--source", TWO]) == 0
    assert told(capsys) == [("linde", [ONE, TWO], True)]
    assert main(["partner", "end", "linde"]) == 0
    assert told(capsys) == [("linde", [ONE, TWO], False)]
    assert main(["partner", "list"]) == 0
    assert capsys.readouterr().out == f"ended  linde                {ONE}, {TWO}\n"
    assert main(["partner", "end", "linde"]) == 1
    assert "seinhuis partner list" in capsys.readouterr().err
    assert main(["partner", "allow", "linde", "--source", TWO]) == 0
    assert told(capsys) == [("linde", [TWO], True)]


@pytest.mark.parametrize(
    ("party", "source", "says"),
    [
        ("seinhuis-casework", ONE, "cannot have an account"),
        ("linde", "urn:seinhuis:casework", "urn:nld:oin:<20 digits>:systeem:<name>"),
    ],
)
def test_partner_of_an_impossible_name_or_system_is_used_wrongly(
    party: str, source: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["partner", "allow", party, "--source", source]) == 2
    assert says in capsys.readouterr().err


def test_partner_without_a_database_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SEINHUIS_DATABASE")
    assert main(["partner", "list"]) == 2
    assert "set SEINHUIS_DATABASE" in capsys.readouterr().err
