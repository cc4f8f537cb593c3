"""`seinhuis vault`: keys for the door, another master key, joined cases, and the end of what a case holds."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.errors import UsedWrongly
from services.vault.ring import new_key_text

vault_app = typer.Typer(
    no_args_is_help=True,
    help="Vault and register: keys, another master key, joined cases, and the end of what a case holds.",
)


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
    from services.cli import vault_work  # noqa: PLC0415 - other commands do not wait for the database's driver

    for line in vault_work.by_key() or ["nothing is sealed, and nobody known"]:
        typer.echo(line)


@vault_app.command()
def rewrap() -> None:
    """Brings the key of every case under the first key of SEINHUIS_VAULT_KEY; content stays as it is.

    Afterwards the old master key can go. Doing it twice is no fault, nor is doing it while the door is open.
    """
    from services.cli import vault_work  # noqa: PLC0415 - as above

    typer.echo(f"{vault_work.rewrap()} keys wrapped anew")


@vault_app.command(no_args_is_help=True)
def destroy(
    caseid: Annotated[str, typer.Argument(metavar="CASEID", help="The case whose content is to end.")],
    yes: Annotated[bool, typer.Option("--yes", help="It cannot be undone, and you know it.")] = False,
) -> None:
    """Destroys the key of a case, so that nobody reads its content again, and cuts what leads from a client to it.

    What was told on topics stays for as long as they keep it. Backups of the database still hold the key, wrapped:
    change the master key and `seinhuis vault rewrap`, and they hold nothing either.
    """
    from services.cli import vault_work  # noqa: PLC0415 - as above

    if not yes:
        raise UsedWrongly("this cannot be undone; say --yes when it is meant")
    had_key, cut = vault_work.destroy(caseid)
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
    from services.cli import vault_work  # noqa: PLC0415 - as above

    typer.echo(f"what is new is told in {vault_work.join(into, other)}")
