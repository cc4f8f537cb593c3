"""`seinhuis vault`: keys for the door, another master key, joined cases, and the end of what a case holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

import typer
from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.cli.errors import CliError, UsedWrongly
from services.database.engine import DatabaseUnreachable, DatabaseUnset, engine_of, transaction
from services.database.settings import DatabaseSettings
from services.database.tables import case_register, vault_keys
from services.gateway.register import NotJoined, Register
from services.runtime.clock import Clock
from services.runtime.settings import RuntimeSettings
from services.vault.ring import RingTextError, new_key_text
from services.vault.sealing import Masters, Unopened
from services.vault.settings import KeySettings
from services.vault.vault import REWRAP_MAX, Vault

vault_app = typer.Typer(
    no_args_is_help=True,
    help="Vault and register: keys, another master key, joined cases, and the end of what a case holds.",
)
T = TypeVar("T")


@vault_app.command()
def key() -> None:
    """Prints a new key, as SEINHUIS_VAULT_KEY and SEINHUIS_REGISTER_KEY hold them.

    To change a key, put the new one at the end everywhere, then to the front everywhere.
    """
    typer.echo(new_key_text())


@vault_app.command()
def keys() -> None:
    """Prints what to set for a door that is tried out: new keys for all that it hashes and seals.

    Example:

        eval "$(seinhuis vault keys)"
    """
    alias_key = new_key_text().partition(":")[2]
    typer.echo(
        f"export SEINHUIS_VAULT_KEY={new_key_text()} SEINHUIS_REGISTER_KEY={new_key_text()} "
        f"SEINHUIS_ALIAS_KEY={alias_key}"
    )


@vault_app.command()
def status() -> None:
    """Says by which keys cases are sealed and clients known: a key that is named nowhere can go."""

    async def look(engine: AsyncEngine) -> list[str]:
        async with transaction(engine) as connection:
            sealed = await _by_key(connection, vault_keys, "sealed cases")
            known = await _by_key(connection, case_register, "known clients")
        return [*sealed, *known]

    for line in _run(look) or ["nothing is sealed, and nobody known"]:
        typer.echo(line)


async def _by_key(connection: AsyncConnection, table: Table, what: str) -> list[str]:
    key_id = table.c.key_id
    rows = await connection.execute(select(key_id, func.count()).group_by(key_id).order_by(key_id))
    return [f"{what:<14} {key_id or 'key destroyed':<16} {count:>8}" for key_id, count in rows]


@vault_app.command()
def rewrap() -> None:
    """Brings the key of every case under the first key of SEINHUIS_VAULT_KEY; content stays as it is.

    Afterwards the old master key can go. Doing it twice is no fault, nor is doing it while the door is open.
    """

    async def all_of_it(engine: AsyncEngine) -> int:
        vault, count = _vault(), 0
        while True:
            async with transaction(engine) as connection:
                done = await vault.rewrap(connection)
            count += done
            if done < REWRAP_MAX:
                return count

    typer.echo(f"{_run(all_of_it)} keys wrapped anew")


@vault_app.command(no_args_is_help=True)
def destroy(
    caseid: Annotated[str, typer.Argument(metavar="CASEID", help="The case whose content is to end.")],
    yes: Annotated[bool, typer.Option("--yes", help="It cannot be undone, and you know it.")] = False,
) -> None:
    """Destroys the key of a case, so that nobody reads its content again, and cuts what leads from a client to it.

    What was told on topics stays for as long as they keep it. Backups of the database still hold the key, wrapped:
    change the master key and `seinhuis vault rewrap`, and they hold nothing either.
    """
    if not yes:
        raise UsedWrongly("this cannot be undone; say --yes when it is meant")
    vault, register = _vault(), _register()

    async def end_it(engine: AsyncEngine) -> tuple[bool, int]:
        async with transaction(engine) as connection:
            return await vault.destroy(connection, caseid), await register.forget(connection, caseid)

    had_key, cut = _run(end_it)
    typer.echo(f"{'key destroyed' if had_key else 'it had no key'}; {cut} ways from a client to it cut")


@vault_app.command(no_args_is_help=True)
def join(
    into: Annotated[str, typer.Argument(metavar="CASEID", help="The case in which what is new is told.")],
    other: Annotated[
        str, typer.Argument(metavar="OTHER", help="The case that proved to be about the same person.")
    ],
) -> None:
    """Joins two cases of one person: a client of either is in the first from now on.

    Signals of the other case stay where they are and are answered there.
    """
    register = _register()

    async def join_them(engine: AsyncEngine) -> str:
        async with transaction(engine) as connection:
            return await register.join(connection, into, other)

    try:
        typer.echo(f"what is new is told in {_run(join_them)}")
    except NotJoined as fault:
        raise CliError(str(fault)) from None


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
    except (DatabaseUnset, RingTextError) as fault:
        raise UsedWrongly(str(fault)) from None
    except DatabaseUnreachable as fault:
        raise CliError(str(fault)) from None
    except Unopened:
        raise CliError("a case is sealed by a master key that SEINHUIS_VAULT_KEY does not hold") from None


def _run(work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    async def whole() -> T:
        engine = engine_of(DatabaseSettings())
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    with _told():
        return asyncio.run(whole())
