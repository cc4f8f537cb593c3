"""`seinhuis agreements`: what partners sign, checked, explained, tried out and put in force. One module a command."""

from __future__ import annotations

import typer

from services.cli.agreements.check import check
from services.cli.agreements.publish import publish

agreements_app = typer.Typer(
    no_args_is_help=True, help="Agreements: check them, and publish what was signed."
)
agreements_app.command()(check)
agreements_app.command()(publish)
