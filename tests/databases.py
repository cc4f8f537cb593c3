"""Databases for tests: each a copy of one that was migrated once, so that making one takes no time."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from services.cli.postgres import Postgres
from services.database.migrate import migrate

_TEMPLATE = "migrated"


class Databases:
    """Makes and drops databases on one server."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._is_ready = False

    @contextmanager
    def fresh(self, *, is_migrated: bool = True) -> Iterator[str]:
        """The address of a database nobody else has; gone on leaving, whoever is still connected."""
        if is_migrated and not self._is_ready:
            self._run(f"create database {_TEMPLATE}")
            migrate(self._server.url_of(_TEMPLATE))
            self._is_ready = True
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._run(f"create database {name}" + (f" template {_TEMPLATE}" if is_migrated else ""))
        try:
            yield self._server.url_of(name)
        finally:
            self._run(f"drop database {name} with (force)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server.url_of("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())
