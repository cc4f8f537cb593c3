"""`seinhuis directory`: what changes from day to day beside what was signed. Functions only, never persons."""

from __future__ import annotations

import typer

from services.cli.directory.addressing import address
from services.cli.directory.change import absent, confirm, reach, rota, succeed
from services.cli.directory.importing import import_file
from services.cli.directory.show import show
from services.cli.directory.silencing import silence

directory_app = typer.Typer(
    no_args_is_help=True, help="Who is away, on duty and reached how, beside what was signed."
)
directory_app.command(no_args_is_help=True)(absent)
directory_app.command(no_args_is_help=True)(rota)
directory_app.command(no_args_is_help=True)(reach)
directory_app.command(no_args_is_help=True)(confirm)
directory_app.command(no_args_is_help=True)(succeed)
directory_app.command(no_args_is_help=True)(silence)
directory_app.command(no_args_is_help=True)(address)
directory_app.command("import", no_args_is_help=True)(import_file)
directory_app.command()(show)
