"""Reads the files an agreement is made of, and tells in one sentence when one cannot be read."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.directory_file import read_directory
from services.agreements.findings import Finding, Language
from services.agreements.load import Draft, load
from services.agreements.sentences import say
from services.agreements.terms import Terms
from services.agreements.written import MAX_CHARS
from services.cli.errors import UsedWrongly

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The agreement, YAML.")]
TemplateOption = Annotated[
    Path | None,
    typer.Option(
        "--template", metavar="FILE", help="The regional template; left out, the one beside the agreement."
    ),
]
#: A character takes four bytes at most.
_MAX_BYTES = 4 * MAX_CHARS
_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Read(NamedTuple):
    """An agreement as it was read: its text, the text of the template it fills in, and what they say."""

    text: str
    template_text: str | None
    draft: Draft


def read(file: Path, template: Path | None = None) -> Read:
    """The agreement of a file, with the template that is given, else `NAME.yaml` beside it when it names one."""
    text = text_of(file)
    template_text = template_of(file, text, template)
    return Read(text, template_text, load(text, template_text))


def text_of(file: Path, what: str = "an agreement") -> str:
    """The text of a file as it stands there, every byte of it; raises `UsedWrongly` when there is none."""
    try:
        with file.open("rb") as opened:
            held = opened.read(_MAX_BYTES + 1)
        if len(held) > _MAX_BYTES:
            raise UsedWrongly(f"{file} is longer than {what} can be: {MAX_CHARS} characters")
        return held.decode("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is no UTF-8"
        raise UsedWrongly(f"{file} cannot be read ({why}); name the file of {what}") from None


def template_of(file: Path, text: str, given: Path | None = None) -> str | None:
    """The text of the template an agreement fills in: the file that is given, else `NAME.yaml` beside the agreement.

    None when it fills in none, and when there is no such file: `load` then says what to do.
    """
    if given is not None:
        return text_of(given)
    for name in _missing(load(text).findings):
        # Only a plain name: the agreement of somebody else must not make us read wherever it likes.
        beside = file.parent / f"{name}.yaml"
        if _PLAIN_NAME.fullmatch(name) and beside.is_file():
            return text_of(beside)
    return None


def _missing(findings: Iterable[Finding]) -> list[str]:
    return [dict(found.words).get("name", "") for found in findings if found.code == "inherits_missing"]


def directory_of(file: Path | None, known: Terms) -> Directory:
    """The directory of a file beside an agreement; raises `UsedWrongly` after telling every finding."""
    if file is None:
        return AS_SIGNED
    directory, findings = read_directory(text_of(file, "a directory"), known)
    if directory is None:
        print("\n".join(listed(file, findings)), file=sys.stderr)
        raise UsedWrongly(f"{file} cannot be read as a directory; correct what is listed")
    return directory


def listed(file: Path, findings: Iterable[Finding], language: Language = "en") -> list[str]:
    """Findings for people, a line each: where, which, and what to do."""
    return [
        f"{found.source or file}:{found.line}:{found.column}  {found.code}  {say(found, language)}"
        for found in findings
    ]
