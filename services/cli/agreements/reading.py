"""Reads the files an agreement is made of, and tells in one sentence when one cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.errors import UsedWrongly

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The agreement, YAML.")]


def text_of(file: Path) -> str:
    """The text of a file; raises `UsedWrongly` when there is none."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is no UTF-8"
        raise UsedWrongly(f"{file} cannot be read ({why}); name the file of an agreement") from None
