"""`seinhuis directory import`: tells what a directory file says, the same file that `agreements check` takes."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import orjson
import typer

from schemas.directory import ContactDescribed
from services.agreements.book import AgreementBook
from services.agreements.directory_changes import imported
from services.agreements.directory_file import read_described
from services.agreements.terms import Terms
from services.cli.agreements.reading import listed, text_of
from services.cli.asked import KAFKA, FormatOption, KafkaOption, clock, run
from services.cli.directory.describing import Done, broker_at, describe, shelf_of
from services.cli.directory.known import PartnershipOption, holding
from services.cli.directory.telling import data_of, print_done
from services.cli.errors import CliError, UsedWrongly


def read_file(file: Path, known: Terms) -> tuple[ContactDescribed, ...]:
    """What a directory file says of each contact it names; raises `UsedWrongly` after telling every finding."""
    described, findings = read_described(text_of(file), known)
    if described is None:
        print("\n".join(listed(file, findings)), file=sys.stderr)
        raise UsedWrongly(f"{file} cannot be read as a directory; correct what is listed")
    return described


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Absences, rotas and reach, YAML.")],
    partnership: PartnershipOption = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Tell what a directory file says: of each contact it names, each part in place of what was told before.

    Lines that are over are left out. The same file again changes nothing.

    Example:

        seinhuis directory import examples/waterkant-small-directory.yaml
    """
    broker, now_ms = broker_at(kafka), clock().now_ms()

    async def work() -> tuple[Terms, list[Done]]:
        shelf = await shelf_of(broker)
        known = _agreement(shelf.book, partnership, now_ms)
        done = []
        for said in read_file(file, known):
            done.append(await describe(broker, said.contact, partial(imported, said, now_ms=now_ms), now_ms))
        return known, done

    known, done = run(work())
    if output == "json":
        print(orjson.dumps([{"did": one.did, **data_of(one.described)} for one in done]).decode())
        return
    for one in done:
        print_done(one, known.clock.zone, now_ms, output)


def _agreement(book: AgreementBook, partnership: str | None, now_ms: int) -> Terms:
    """The agreement whose contacts the file names: the one in force, or the first to come."""
    names = book.partnerships()
    if partnership is None and len(names) > 1:
        raise UsedWrongly(
            f"there are agreements of {', '.join(names)}; say whose file it is with --partnership"
        )
    for found in holding(book, partnership, now_ms):
        return found
    raise CliError(f"no agreement of {partnership or names[0]!r} is in force or to come")
