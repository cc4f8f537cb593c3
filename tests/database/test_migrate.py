"""The tables of a database: made, made twice, undone, and equal to what the code believes they are."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, pool

from services.database.engine import url_of
from services.database.migrate import migrate
from services.database.tables import metadata
from tests.databases import Databases


@pytest.fixture
def empty(databases: Databases) -> Iterator[str]:
    with databases.fresh(is_migrated=False) as url:
        yield url


def _engine(url: str) -> Engine:
    return create_engine(url_of(url), poolclass=pool.NullPool)


def test_migrate_makes_the_tables_that_the_code_names(postgres: str) -> None:
    with _engine(postgres).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_migrate_twice_changes_nothing(empty: str) -> None:
    before, after = migrate(empty)
    assert before is None
    assert migrate(empty) == (after, after)


def test_migrate_from_two_places_at_once_is_done_once(empty: str) -> None:
    seen: list[tuple[str | None, str | None]] = []
    threads = [threading.Thread(target=lambda: seen.append(migrate(empty))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(before is None for before, _ in seen) == [False, False, True]


def test_migrate_can_be_undone_and_done_again(postgres: str) -> None:
    _, after = migrate(postgres, "base")
    assert after is None
    with _engine(postgres).connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    migrate(postgres)
    test_migrate_makes_the_tables_that_the_code_names(postgres)


def test_database_of_a_test_is_its_own(databases: Databases) -> None:
    with databases.fresh() as one, databases.fresh() as other:
        with psycopg.connect(one) as connection:
            connection.execute("insert into own_counters values ('0', 7)")
        with psycopg.connect(other) as connection:
            assert connection.execute("select count(*) from own_counters").fetchone() == (0,)
