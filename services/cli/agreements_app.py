"""`seinhuis agreements`: is this agreement fit to be signed, and put it in force."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from services.agreements.book import usable
from services.agreements.calendars import moment
from services.agreements.check import check as findings_of
from services.agreements.load import load
from services.cli.asked import KAFKA, FormatOption, KafkaOption, clock, run, security
from services.cli.errors import UsedWrongly
from services.cli.publish_agreement import publish_agreement
from services.runtime.settings import RuntimeSettings

agreements_app = typer.Typer(
    no_args_is_help=True, help="Agreements: check them, and publish what was signed."
)
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The agreement, YAML.")]


@agreements_app.command()
def check(file: FileArgument, output: FormatOption = "text") -> None:
    """Everything that keeps an agreement from being signed, with its line and what to do. Needs no broker.

    Exit code 1 when there is a finding.

    Example:

        seinhuis agreements check examples/waterkant-small.yaml
    """
    text = _text(file)
    findings = findings_of(load(text))
    if output == "json":
        print(orjson.dumps([finding._asdict() for finding in findings]).decode())
    for finding in findings if output == "text" else ():
        print(f"{file}:{finding.line}:{finding.column}  {finding.code}  {finding.message}")
    if findings:
        raise typer.Exit(1)
    if output == "text":
        found = usable(text)
        start = f"{moment(found.valid_from_ms):%Y-%m-%d %H:%M %Z}"
        print(
            f"nothing to find fault with; {found.partnership} version {found.version}, in force from {start}"
        )


@agreements_app.command()
def publish(file: FileArgument, kafka: KafkaOption = KAFKA) -> None:
    """Publishes a version, once: the same text again changes nothing, another text under its number is refused.

    Example:

        seinhuis agreements publish examples/waterkant-small.yaml
    """
    _text(file)
    work = publish_agreement(
        kafka,
        file,
        now_ms=clock().now_ms(),
        is_transactional=RuntimeSettings().transactions == "on",
        security=security(),
    )
    done = run(work)
    print(f"{done.did} {done.key}")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is no UTF-8"
        raise UsedWrongly(f"{file} cannot be read ({why}); name the file of an agreement") from None
