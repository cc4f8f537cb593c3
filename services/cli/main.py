"""`seinhuis`: the command line, and how its failures are told."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from pydantic import ValidationError

from services.cli.agreements import agreements_app
from services.cli.apikey_app import apikey_app
from services.cli.broker_app import broker_app
from services.cli.case import case
from services.cli.database_app import database_app
from services.cli.demo import demo
from services.cli.directory import directory_app
from services.cli.errors import CliError, UsedWrongly
from services.cli.notices_app import notices_app
from services.cli.overdue import overdue
from services.cli.partner_app import partner_app
from services.cli.publish import publish
from services.cli.run import run_services
from services.cli.subscribe import subscribe
from services.cli.token import token
from services.cli.topics import topics_app
from services.cli.vault_app import vault_app
from services.cli.watch import watch

app = typer.Typer(
    name="seinhuis",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Seinhuis: signals in neighbourhood care reach somebody who answers, in time.\n\n"
    "Exit codes: 0 done, 1 a finding or a failure, 2 used wrongly, 3 no broker answers, 4 a process died.",
)
app.command("demo")(demo)
app.command("run", no_args_is_help=True)(run_services)
app.add_typer(topics_app, name="topics")
app.add_typer(agreements_app, name="agreements")
app.add_typer(directory_app, name="directory")
app.command("publish", no_args_is_help=True)(publish)
app.command("subscribe")(subscribe)
app.command("token")(token)
app.command("watch")(watch)
app.command("case", no_args_is_help=True)(case)
app.command("overdue")(overdue)
app.add_typer(broker_app, name="broker")
app.add_typer(database_app, name="database")
app.add_typer(vault_app, name="vault")
app.add_typer(apikey_app, name="apikey")
app.add_typer(partner_app, name="partner")
app.add_typer(notices_app, name="notices")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code; a failure is one sentence, never a traceback."""
    try:
        app(args=arguments, prog_name="seinhuis")
    except SystemExit as over:
        return over.code if isinstance(over.code, int) else 1
    except CliError as fault:
        return _tell(fault)
    except ValidationError as fault:
        named = "; ".join(
            f"SEINHUIS_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in fault.errors()
        )
        return _tell(UsedWrongly(f"the environment cannot be used: {named}"))
    return 0


def _tell(fault: CliError) -> int:
    print(f"seinhuis: {fault}", file=sys.stderr)
    return fault.exit_code


def run() -> None:
    """The entry point of the installed command."""
    sys.exit(main())
