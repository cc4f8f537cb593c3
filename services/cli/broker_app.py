"""`seinhuis broker`: an embedded broker that stays behind, for one machine and one afternoon."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from services.cli.broker import Embedded
from services.cli.errors import CliError
from services.cli.processes import LeftBehind, is_broker

broker_app = typer.Typer(
    no_args_is_help=True,
    help="The embedded broker: in memory, without transactions; for trying and testing, never for care.",
)


def _state() -> Path:
    return Path(os.environ.get("SEINHUIS_RUN", ".run")) / "broker.json"


def _standing() -> LeftBehind | None:
    standing = LeftBehind.read(_state())
    return standing if standing is not None and standing.is_running() else None


def _tell(standing: LeftBehind) -> None:
    typer.echo(f"export SEINHUIS_KAFKA={standing.bootstrap} SEINHUIS_TRANSACTIONS=off")


@broker_app.command()
def start(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port; 0 = a free one.")] = 0,
) -> None:
    """Starts it and prints what to set; when it runs already, prints the same again.

    Its place and number are kept in .run/ of this directory (or $SEINHUIS_RUN).

    Example:

        eval "$(seinhuis broker start)"
    """
    standing = _standing()
    if standing is None:
        standing = Embedded(port, log=_state().with_name("broker.log")).start().leave()
        standing.write(_state())
    elif port and not standing.bootstrap.endswith(f":{port}"):
        raise CliError(f"it runs already, at {standing.bootstrap}; `seinhuis broker stop` first")
    _tell(standing)


@broker_app.command()
def stop() -> None:
    """Stops it. All it held is gone; stopping what does not run is no fault."""
    standing = _standing()
    if standing is not None:
        standing.end()
    _state().unlink(missing_ok=True)
    typer.echo(f"stopped the broker at {standing.bootstrap}" if standing else "no broker was running")


@broker_app.command()
def status() -> None:
    """Says where it runs; exit code 1 when it does not."""
    standing = _standing()
    if standing is None:
        raise CliError("no embedded broker runs from here; `seinhuis broker start` starts one")
    if not is_broker(standing.bootstrap):
        raise CliError(
            f"the broker at {standing.bootstrap} runs but does not answer; `seinhuis broker stop` ends it"
        )
    _tell(standing)
