"""`seinhuis database`: an embedded PostgreSQL that stays behind, and the tables of any."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from services.cli.errors import CliError, UsedWrongly
from services.cli.postgres import Postgres, end_left_behind
from services.cli.processes import LeftBehind

database_app = typer.Typer(
    no_args_is_help=True,
    help="The database of the door: its tables, and an embedded PostgreSQL for one machine and one afternoon.",
)


def _run() -> Path:
    return Path(os.environ.get("SEINHUIS_RUN", ".run"))


def _state() -> Path:
    return _run() / "database.json"


def _standing() -> LeftBehind | None:
    standing = LeftBehind.read(_state())
    return standing if standing is not None and standing.is_running() else None


@database_app.command()
def start(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port; 0 = a free one.")] = 0,
    data: Annotated[Path | None, typer.Option(help="Its directory; .run/postgres when not said.")] = None,
) -> None:
    """Starts one, with its tables, and prints what to set; when it runs already, prints the same again.

    What it holds stays in its directory when it stops. Its place and number are kept in .run/ of this directory (or
    $SEINHUIS_RUN), readable by you alone.

    Example:

        eval "$(seinhuis database start)"
    """
    from services.database.migrate import migrate as bring_up_to_date  # noqa: PLC0415 - as below

    standing = _standing()
    if standing is None:
        server = Postgres(data or _run() / "postgres", port=port, log=_run() / "postgres.log").start()
        try:
            bring_up_to_date(server.url)
        except BaseException:
            server.stop()
            raise
        standing = server.leave()
        _state().touch(mode=0o600)  # it holds the password
        standing.write(_state())
    elif port and f":{port}/" not in standing.bootstrap:
        raise CliError("it runs already, at another port; `seinhuis database stop` first")
    typer.echo(f"export SEINHUIS_DATABASE={standing.bootstrap}")


@database_app.command()
def stop() -> None:
    """Stops it. What it held stays in its directory; stopping what does not run is no fault."""
    standing = _standing()
    if standing is not None:
        end_left_behind(standing)
    _state().unlink(missing_ok=True)
    typer.echo("stopped the database" if standing else "no database was running")


@database_app.command()
def migrate() -> None:
    """Makes the tables of SEINHUIS_DATABASE, or brings them up to date; doing it twice is no fault.

    Run it before a new version of the gateway is started.
    """
    # Other commands do not wait for the database's driver.
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    from services.database.engine import DatabaseUnset  # noqa: PLC0415
    from services.database.migrate import migrate as bring_up_to_date  # noqa: PLC0415
    from services.database.settings import DatabaseSettings  # noqa: PLC0415

    try:
        before, after = bring_up_to_date(DatabaseSettings().database)
    except DatabaseUnset as fault:
        raise UsedWrongly(str(fault)) from None
    except OperationalError as fault:
        raise CliError(f"the database did not answer ({type(fault.orig).__name__}); is it running?") from None
    typer.echo(f"kept      {after}" if before == after else f"migrated  {before or 'nothing'} to {after}")
