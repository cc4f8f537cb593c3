"""What `seinhuis vault` does on the database. Apart, for it loads what commands without a database do not wait for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.cli.errors import CliError, UsedWrongly
from services.cli.on_database import run_on_database
from services.database.engine import transaction
from services.database.tables import case_register, vault_keys
from services.gateway import joining
from services.gateway.register import NotJoined, Register
from services.runtime.clock import Clock
from services.runtime.settings import RuntimeSettings
from services.vault.ring import RingTextError
from services.vault.sealing import Masters, Unopened
from services.vault.settings import KeySettings
from services.vault.vault import REWRAP_MAX, Vault

T = TypeVar("T")


def by_key() -> list[str]:
    """A line for each key that seals a case or knows a client."""

    async def look(engine: AsyncEngine) -> list[str]:
        async with transaction(engine) as connection:
            sealed = await _counted(connection, vault_keys, "sealed cases")
            known = await _counted(connection, case_register, "known clients")
        return [*sealed, *known]

    return _run(look)


async def _counted(connection: AsyncConnection, table: Table, what: str) -> list[str]:
    key_id = table.c.key_id
    rows = await connection.execute(select(key_id, func.count()).group_by(key_id).order_by(key_id))
    return [f"{what:<14} {key_id or 'key destroyed':<16} {count:>8}" for key_id, count in rows]


def rewrap() -> int:
    """Brings all keys under the first master key; says how many."""
    vault = _vault()

    async def all_of_it(engine: AsyncEngine) -> int:
        count = 0
        while True:
            async with transaction(engine) as connection:
                done = await vault.rewrap(connection)
            count += done
            if done < REWRAP_MAX:
                return count

    return _run(all_of_it)


def destroy(caseid: str) -> tuple[bool, int]:
    """Ends what a case holds; says whether it had a key, and how many ways to it were cut."""
    vault, register = _vault(), _register()

    async def end_it(engine: AsyncEngine) -> tuple[bool, int]:
        async with transaction(engine) as connection:
            return await vault.destroy(connection, caseid), await register.forget(connection, caseid)

    return _run(end_it)


def join(into: str, other: str) -> str:
    """Joins two cases; says in which of them what is new is told."""
    register, now_ms = _register(), _clock().now_ms()

    async def join_them(engine: AsyncEngine) -> str:
        async with transaction(engine) as connection:
            return await joining.join(register, connection, into, other, now_ms)

    return _run(join_them)


def _clock() -> Clock:
    return Clock.from_text(RuntimeSettings().clock)


def _vault() -> Vault:
    with _told():
        return Vault(Masters(KeySettings().vault_ring()), _clock().now_ms)


def _register() -> Register:
    with _told():
        return Register(KeySettings().register_ring(), _clock().now_ms)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except RingTextError as fault:
        raise UsedWrongly(str(fault)) from None
    except NotJoined as fault:
        raise CliError(str(fault)) from None
    except Unopened:
        raise CliError("a case is sealed by a master key that SEINHUIS_VAULT_KEY does not hold") from None


def _run(work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    with _told():
        return run_on_database(work)
