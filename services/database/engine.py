"""A bounded pool of connections to the database; what is no answer in time is told as one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import OperationalError
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from services.database.settings import DatabaseSettings


class DatabaseUnset(ValueError):
    """No database was named, or what was named is none."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"{why}; set SEINHUIS_DATABASE to postgresql://user:password@host:port/name, "
            "or try one with `seinhuis database start`"
        )


class DatabaseUnreachable(Exception):
    """The database did not answer in time, or broke off. The text names no value of anybody."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the database did not answer ({why}); is it running, and is SEINHUIS_DATABASE right?"
        )


def url_of(text: str) -> URL:
    """The URL with our driver."""
    if not text:
        raise DatabaseUnset("no database is named")
    try:
        url = make_url(text)
    except ArgumentError:
        raise DatabaseUnset("SEINHUIS_DATABASE cannot be read") from None
    if url.get_backend_name() != "postgresql":
        raise DatabaseUnset(f"SEINHUIS_DATABASE names {url.get_backend_name()}, and only PostgreSQL will do")
    return url.set(drivername="postgresql+psycopg")


def engine_of(settings: DatabaseSettings) -> AsyncEngine:
    """The pool of this process. It connects when it is first asked for something."""
    bound_ms = int(settings.database_within_s * 1000)
    return create_async_engine(
        url_of(settings.database),
        pool_size=settings.database_connections,
        max_overflow=0,
        pool_timeout=settings.database_within_s,
        pool_pre_ping=True,
        hide_parameters=True,  # a fault must not tell what was said
        connect_args={
            "connect_timeout": max(2, int(settings.database_within_s)),
            "application_name": "seinhuis",
            "options": f"-c statement_timeout={bound_ms} -c idle_in_transaction_session_timeout={2 * bound_ms}",
        },
    )


@asynccontextmanager
async def transaction(engine: AsyncEngine, within_s: float = 15.0) -> AsyncIterator[AsyncConnection]:
    """One transaction, committed on leaving; a database that does not answer is `DatabaseUnreachable`."""
    try:
        async with asyncio.timeout(within_s), engine.begin() as connection:
            yield connection
    except (TimeoutError, PoolTimeout, OSError, OperationalError) as fault:
        raise DatabaseUnreachable(type(fault).__name__) from None
    except DBAPIError as fault:
        if is_lost(fault):
            raise DatabaseUnreachable(type(fault.orig).__name__) from None
        raise


#: SQLSTATE classes that say nothing about what was asked: connection, resources, operator, system.
_LOST = ("08", "53", "57", "58")


def is_lost(fault: DBAPIError) -> bool:
    """Whether the database failed us, and not the statement."""
    state = getattr(fault.orig, "sqlstate", None)
    return fault.connection_invalidated or state is None or state.startswith(_LOST)
