"""`seinhuis agreements schema`: what an editor needs to complete and check an agreement."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer

from services.agreements.schema import part, whole

PartOption = Annotated[
    bool,
    typer.Option("--part", help="Of a template, or of a file that inherits one: nothing is required."),
]


def schema(for_part: PartOption = False) -> None:
    """The JSON Schema of an agreement. Needs no broker.

    Name the file it is kept in at the top of an agreement, after `# yaml-language-server: $schema=`.

    Example:

        seinhuis agreements schema > agreement.schema.json
    """
    print(orjson.dumps(part() if for_part else whole(), option=orjson.OPT_INDENT_2).decode())
