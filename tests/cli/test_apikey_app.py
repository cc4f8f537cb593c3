"""`seinhuis apikey`: a key told once, known at the door, listed without it, ended by its name."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from services.cli.main import main
from services.database.engine import engine_of
from services.database.settings import DatabaseSettings
from services.gateway.api_keys import ApiKeys
from services.gateway.problems import Problem
from services.gateway.settings import GatewaySettings
from services.gateway.tokens import Caller, Tokens
from tests.gateway.store import dump

PEPPER = "pepper"
SOURCE = "urn:nld:oin:00000000000000000001:systeem:ecd"
FOR_LINDE = ("linde", "--source", SOURCE, "--partnership", "de-vlier", "--scope", "signals:report")


@pytest.fixture(autouse=True)
def database(postgres: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SEINHUIS_DATABASE", postgres)
    monkeypatch.setenv("SEINHUIS_GATEWAY_KEY_PEPPER", PEPPER)
    return postgres


def made(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    capsys.readouterr()
    assert main(["apikey", "make", *FOR_LINDE, *more]) == 0
    said = capsys.readouterr()
    (key,) = said.out.splitlines()
    assert "not shown again" in said.err
    assert key not in said.err
    return key


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["apikey", "list", "--format", "json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def at_the_door(url: str, key: str, now_ms: int = 2_000_000_000_000) -> Caller | None:
    """For whom a door takes the bearer of this key."""

    async def ask() -> Caller | None:
        engine = engine_of(DatabaseSettings(database=url))
        try:
            keys = ApiKeys(engine, PEPPER, lambda: now_ms)
            return await Tokens(GatewaySettings(key_pepper=PEPPER), keys).caller(None, key)
        except Problem as problem:
            assert problem.status == 401
            return None
        finally:
            await engine.dispose()

    return asyncio.run(ask())


def test_key_is_told_once_taken_at_the_door_and_ended_by_its_name(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key = made(capsys, "--scope", "signals:act", "--label", "ecd")
    (one,) = listed(capsys)
    assert (one["party"], one["label"], one["partnerships"]) == ("linde", "ecd", ["de-vlier"])
    assert one["scopes"] == ["signals:act", "signals:report"]
    assert (one["last_used_ms"], one["revoked_ms"], one["expires_ms"]) == (None, None, None)
    assert at_the_door(database, key) == Caller(
        "linde", (SOURCE,), frozenset({"de-vlier"}), frozenset(one["scopes"]), "ecd"
    )
    assert listed(capsys)[0]["last_used_ms"] == 2_000_000_000_000
    for said in ("revoked ", "kept "):
        assert main(["apikey", "revoke", one["id"]]) == 0
        assert capsys.readouterr().out.startswith(said)
    assert listed(capsys)[0]["revoked_ms"]
    assert at_the_door(database, key) is None


def test_list_shows_neither_key_nor_digest(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apikey", "list"]) == 0
    assert capsys.readouterr().out == "there are no keys\n"
    keys = [made(capsys), made(capsys, "--until", "2050-01-01")]
    ended = listed(capsys)[0]["id"]
    assert main(["apikey", "revoke", ended]) == 0
    capsys.readouterr()
    assert main(["apikey", "list"]) == 0
    text = capsys.readouterr().out + json.dumps(listed(capsys))
    assert f"{ended}  revoked  linde" in text
    assert "last used  never" in text and "until      2050-01-01 00:00 UTC" in text
    assert SOURCE in text and "signals:report" in text
    whole = dump(database)
    for key in keys:
        assert key.removeprefix("shk-") not in text + whole
    for row in whole.splitlines():
        if "linde" in row:
            assert row.partition("\t")[0].removeprefix("\\\\x") not in text


def test_key_and_its_name_as_json_are_alone_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apikey", "make", *FOR_LINDE, "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["key"].startswith("shk-")
    assert [one["id"] for one in listed(capsys)] == [said["id"]]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("make", "linde", "--source", "ecd", *FOR_LINDE[3:]), 2, "urn:nld:oin:<20 digits>"),
        (("make", "De Linde", *FOR_LINDE[1:]), 2, "as in the agreement"),
        (("make", *FOR_LINDE, "--label", "a\nb"), 2, "a label is a line"),
        (("make", *FOR_LINDE, "--until", "2020-01-01"), 2, "is over already"),
        (("make", *FOR_LINDE, "--until", "soon"), 2, "soon"),
        (("revoke", "key-aaaaaaaaaaaa"), 1, "no key key-aaaaaaaaaaaa; `seinhuis apikey list`"),
        (("revoke", "shk-a-key-by-mistake"), 1, "that is no name of a key"),
    ],
)
def test_key_that_cannot_be_made_or_ended_says_what_to_do(
    arguments: tuple[str, ...], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["apikey", *arguments]) == code
    said = capsys.readouterr()
    assert says in said.err and said.out == ""
    assert "by-mistake" not in said.err


@pytest.mark.parametrize("name", ["SEINHUIS_DATABASE", "SEINHUIS_GATEWAY_KEY_PEPPER"])
def test_key_without_what_it_takes_says_what_to_set(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(name)
    assert main(["apikey", "make", *FOR_LINDE]) == 2
    assert f"set {name}" in capsys.readouterr().err


def test_keys_of_a_database_that_does_not_answer_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEINHUIS_DATABASE", "postgresql://nobody:x@127.0.0.1:9/none")
    assert main(["apikey", "list"]) == 1
    assert capsys.readouterr().err.startswith("seinhuis: ")
