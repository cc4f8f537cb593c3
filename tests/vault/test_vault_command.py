"""`seinhuis vault` and `seinhuis database`: what they print can be set, and what they end has ended."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.cli.main import main
from services.cli.postgres import Postgres
from services.cli.processes import LeftBehind
from services.vault.ring import Ring, new_key_text
from services.vault.settings import KeySettings
from tests.gateway.store import Log, a_report, a_store, rows

OLD, NEW = new_key_text(), new_key_text()
WORDS = {"content_ref": {"text": "Zij viel"}}


def told(capsys: pytest.CaptureFixture[str], *arguments: str, exit_code: int = 0) -> str:
    assert main(arguments) == exit_code
    said = capsys.readouterr()
    return said.err if exit_code else said.out


@pytest.fixture
def door(postgres: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with three cases that hold words, sealed and known by an old key."""
    monkeypatch.setenv("SEINHUIS_DATABASE", postgres)
    monkeypatch.setenv("SEINHUIS_VAULT_KEY", OLD)
    monkeypatch.setenv("SEINHUIS_REGISTER_KEY", OLD)
    monkeypatch.delenv("SEINHUIS_CLOCK", raising=False)

    async def take_in() -> None:
        async with a_store(postgres, Log(), ring=Ring.from_text(OLD)) as store:
            await store.intake.accept([a_report(f"e{n}", client=f"c{n}", content=WORDS) for n in range(3)])

    asyncio.run(take_in())
    return postgres


def test_keys_that_are_printed_can_be_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = told(capsys, "vault", "keys")
    for name, value in re.findall(r"(SEINHUIS_[A-Z_]+)=(\S+)", said):
        monkeypatch.setenv(name, value)
    keys = KeySettings()
    assert keys.vault_ring() != keys.register_ring()
    assert len(Ring.from_text(told(capsys, "vault", "key")).keys) == 1


def test_rewrap_lets_the_old_master_key_go(
    door: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEINHUIS_VAULT_KEY", f"{NEW},{OLD}")
    assert told(capsys, "vault", "rewrap") == "3 keys wrapped anew\n"
    assert told(capsys, "vault", "rewrap") == "0 keys wrapped anew\n"
    said = told(capsys, "vault", "status").split()
    assert said == [
        "sealed",
        "cases",
        NEW.partition(":")[0],
        "3",
        "known",
        "clients",
        OLD.partition(":")[0],
        "3",
    ]


def test_rewrap_without_the_old_master_key_says_so_and_changes_nothing(
    door: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEINHUIS_VAULT_KEY", NEW)
    assert "does not hold" in told(capsys, "vault", "rewrap", exit_code=1)
    assert rows(door, "select distinct key_id from vault_keys") == [(OLD.partition(":")[0],)]


def test_destroy_ends_what_a_case_holds_and_the_way_to_it(
    door: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ((caseid,), *_) = rows(door, "select caseid from vault_keys")
    assert "--yes" in told(capsys, "vault", "destroy", str(caseid), exit_code=2)
    assert told(capsys, "vault", "destroy", str(caseid), "--yes") == (
        "key destroyed; 1 ways from a client to it cut\n"
    )
    assert rows(door, f"select wrapped from vault_keys where caseid = '{caseid}'") == [(None,)]
    assert rows(door, "select count(*) from case_register") == [(2,)]
    assert "key destroyed" in told(capsys, "vault", "status")


def test_join_puts_what_is_new_of_two_cases_into_one(door: str, capsys: pytest.CaptureFixture[str]) -> None:
    ((one,), (other,), *_) = rows(door, "select caseid from case_register order by since_ms, caseid")
    assert told(capsys, "vault", "join", str(one), str(other)) == f"what is new is told in {one}\n"
    assert rows(door, "select caseid, leads_to from case_links") == [(other, one)]
    assert "did not begin" in told(capsys, "vault", "join", str(one), "case-nowhere", exit_code=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("vault", "rewrap"),
        ("vault", "destroy", "case-1", "--yes"),
        ("vault", "status"),
        ("database", "migrate"),
    ],
)
def test_command_without_its_settings_says_what_to_set(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SEINHUIS_DATABASE", "SEINHUIS_VAULT_KEY", "SEINHUIS_REGISTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert "SEINHUIS_" in told(capsys, *arguments, exit_code=2)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="seinhuis-run-") as place:
        Path(place).chmod(0o755)
        monkeypatch.setenv("SEINHUIS_RUN", place)
        yield Path(place)
        main(["database", "stop"])


def test_database_starts_with_its_tables_stays_and_stops(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = told(capsys, "database", "start")
    assert told(capsys, "database", "start") == said
    url = said.removeprefix("export SEINHUIS_DATABASE=").strip()
    monkeypatch.setenv("SEINHUIS_DATABASE", url)
    assert told(capsys, "database", "migrate").startswith("kept")
    assert (run / "database.json").stat().st_mode & 0o077 == 0, "it holds the password"
    standing = LeftBehind.read(run / "database.json")
    assert standing is not None
    with psycopg.connect(url) as connection:
        connection.execute("insert into own_counters values ('0', 7)")
        connection.commit()
        # Whoever is connected does not keep it from stopping.
        assert told(capsys, "database", "stop") == "stopped the database\n"
    assert not standing.is_running()
    assert told(capsys, "database", "stop") == "no database was running\n"
    again = told(capsys, "database", "start").removeprefix("export SEINHUIS_DATABASE=").strip()
    assert rows(again, "select * from own_counters") == [("0", 7)]


def test_postgres_is_gone_when_it_was_stopped_and_asks_for_its_password(run: Path) -> None:
    with Postgres(run / "data", log=run / "log") as server:
        url, pid = server.url, server.pid
        with psycopg.connect(url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(re.sub(r":[^:@]+@", ":wrong@", url))
    assert not LeftBehind(pid, url, "postgres").is_running()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
