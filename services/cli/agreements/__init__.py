"""`seinhuis agreements`: what partners sign, checked, explained, tried out and put in force. One module a command."""

from __future__ import annotations

import typer

from services.cli.agreements.check import check
from services.cli.agreements.difference import diff
from services.cli.agreements.differences import differences
from services.cli.agreements.dry_run import dry_run
from services.cli.agreements.explain import explain
from services.cli.agreements.history import history
from services.cli.agreements.holidays import holidays
from services.cli.agreements.publish import publish
from services.cli.agreements.schema import schema
from services.cli.agreements.show import show

agreements_app = typer.Typer(
    no_args_is_help=True, help="Agreements: check them, publish what was signed, see what holds."
)
agreements_app.command()(check)
agreements_app.command()(explain)
agreements_app.command()(publish)
agreements_app.command()(show)
agreements_app.command()(history)
agreements_app.command("test", no_args_is_help=True)(dry_run)
agreements_app.command(no_args_is_help=True)(diff)
agreements_app.command(no_args_is_help=True)(differences)
agreements_app.command()(schema)
agreements_app.command(no_args_is_help=True)(holidays)
