"""`seinhuis agreements check`: is this agreement fit to be signed?"""

from __future__ import annotations

import orjson
import typer

from services.agreements.book import usable
from services.agreements.calendars import moment
from services.agreements.check import check as findings_of
from services.agreements.load import load
from services.agreements.sentences import say
from services.cli.agreements.reading import FileArgument, text_of
from services.cli.asked import FormatOption


def check(file: FileArgument, output: FormatOption = "text") -> None:
    """Everything that keeps an agreement from being signed, with its line and what to do. Needs no broker.

    Exit code 1 when there is a finding.

    Example:

        seinhuis agreements check examples/waterkant-small.yaml
    """
    text = text_of(file)
    findings = findings_of(load(text))
    if output == "json":
        print(orjson.dumps([finding._asdict() for finding in findings]).decode())
    for finding in findings if output == "text" else ():
        print(f"{file}:{finding.line}:{finding.column}  {finding.code}  {say(finding, 'en')}")
    if findings:
        raise typer.Exit(1)
    if output == "text":
        found = usable(text)
        start = f"{moment(found.valid_from_ms):%Y-%m-%d %H:%M %Z}"
        print(
            f"nothing to find fault with; {found.partnership} version {found.version}, in force from {start}"
        )
