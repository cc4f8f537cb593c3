"""Work of a command on the database: one engine for as long as it takes, and what fails there as people are told it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from services.cli.errors import CliError, UsedWrongly
from services.database.engine import DatabaseUnreachable, DatabaseUnset, engine_of
from services.database.settings import DatabaseSettings

T = TypeVar("T")


def run_on_database(work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    """Raises `UsedWrongly` where no database is named, and `CliError` where it does not answer."""

    async def whole() -> T:
        engine = engine_of(DatabaseSettings())
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(whole())
    except DatabaseUnset as fault:
        raise UsedWrongly(str(fault)) from None
    except DatabaseUnreachable as fault:
        raise CliError(str(fault)) from None
