"""Connections to the database: bounded, and a database that is not there is told apart from a mistake of ours."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.database.copying import Raced, copy_into
from services.database.engine import DatabaseUnreachable, DatabaseUnset, engine_of, transaction, url_of
from services.database.settings import DatabaseSettings
from services.database.tables import own_counters
from tests.gateway.store import rows


@pytest.mark.parametrize("given", ["", "nonsense", "mysql://a:b@host/name", "sqlite://"])
def test_url_that_names_no_postgresql_is_refused_without_telling_it(given: str) -> None:
    with pytest.raises(DatabaseUnset, match="SEINHUIS_DATABASE") as told:
        url_of(given)
    assert "a:b" not in str(told.value)


def test_settings_do_not_tell_the_password() -> None:
    assert "hush" not in repr(DatabaseSettings(database="postgresql://a:hush@host/name"))


@pytest.fixture
def silent() -> Iterator[str]:
    """Somebody listens there and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as there:
        yield f"postgresql://a:b@127.0.0.1:{there.getsockname()[1]}/name"


@pytest.mark.parametrize("place", ["closed", "silent"])
async def test_database_that_is_not_there_is_unreachable_within_bounds(place: str, silent: str) -> None:
    url = silent if place == "silent" else "postgresql://a:b@127.0.0.1:9/name"
    engine = engine_of(DatabaseSettings(database=url, database_within_s=2))
    begun = time.monotonic()
    with pytest.raises(DatabaseUnreachable):
        async with transaction(engine, within_s=2.0):
            raise AssertionError("nobody is there")
    assert time.monotonic() - begun < 60
    await engine.dispose()


async def test_pool_that_is_used_up_is_unreachable_and_not_waited_for(postgres: str) -> None:
    engine = engine_of(DatabaseSettings(database=postgres, database_connections=1, database_within_s=1))
    async with transaction(engine):
        with pytest.raises(DatabaseUnreachable):
            async with transaction(engine):
                raise AssertionError("there is but one connection")
    await engine.dispose()


async def test_statement_that_takes_too_long_is_ended_by_the_database(postgres: str) -> None:
    engine = engine_of(DatabaseSettings(database=postgres, database_within_s=0.5))
    with pytest.raises(DatabaseUnreachable):
        async with transaction(engine, within_s=60.0) as connection:
            await connection.execute(text("select pg_sleep(50)"))
    await engine.dispose()


async def test_mistake_in_a_statement_is_ours_and_tells_no_value(postgres: str) -> None:
    engine = engine_of(DatabaseSettings(database=postgres))
    with pytest.raises(DBAPIError) as told:
        async with transaction(engine) as connection:
            await connection.execute(text("select cast(:given as int)"), {"given": "Jansen"})
    assert "[SQL parameters hidden" in str(told.value)
    await engine.dispose()


async def test_transaction_that_fails_leaves_nothing(postgres: str) -> None:
    engine = engine_of(DatabaseSettings(database=postgres))
    with pytest.raises(KeyError):
        async with transaction(engine) as connection:
            await copy_into(connection, own_counters, ("slot", "next"), [("0", 1)])
            raise KeyError
    assert rows(postgres, "select * from own_counters") == []
    await engine.dispose()


async def test_copy_adds_rows_and_says_when_another_was_quicker(postgres: str) -> None:
    engine = engine_of(DatabaseSettings(database=postgres))
    async with transaction(engine) as connection:
        await copy_into(connection, own_counters, ("slot", "next"), [(f"{n}", n) for n in range(500)])
    assert rows(postgres, "select count(*), sum(next) from own_counters") == [(500, 124750)]
    with pytest.raises(Raced):
        async with transaction(engine) as connection:
            await copy_into(connection, own_counters, ("slot", "next"), [("new", 1), ("7", 1)])
    assert rows(postgres, "select count(*) from own_counters") == [(500,)]

    async def both(order: list[str]) -> bool:
        try:
            async with transaction(engine) as connection:
                await copy_into(connection, own_counters, ("slot", "next"), [(f"x{one}", 1) for one in order])
        except Raced:
            return False
        return True

    assert sorted(await asyncio.gather(both(["a", "b"]), both(["a", "b"]))) == [False, True]
    await engine.dispose()
