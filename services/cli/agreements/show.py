"""`seinhuis agreements show`: what holds at a moment, from when until when, and the text as it was signed."""

from __future__ import annotations

import sys
from textwrap import fill
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import orjson
import typer

from services.agreements.periods import later
from services.cli.agreements.editions import Edition, editions, holds, plain
from services.cli.agreements.published import PartnershipArgument, Shelf, expect_published, read_shelf
from services.cli.agreements.telling import told
from services.cli.asked import KAFKA, KafkaOption, clock, run, security
from services.cli.asked_time import asked_at, asked_time
from services.cli.errors import CliError, UsedWrongly

#: How wide a list of parties is told.
WIDTH = 110


def show(
    partnership: PartnershipArgument = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="What holds then: 2026-12-01 or 2026-12-01T00:01. [now]"),
    ] = None,
    version: Annotated[
        int | None, typer.Option("--version", min=1, metavar="N", help="This version, whenever it holds.")
    ] = None,
    is_template: Annotated[
        bool, typer.Option("--template", help="With --format yaml: the regional template it fills in.")
    ] = False,
    kafka: KafkaOption = KAFKA,
    output: Annotated[
        Literal["text", "json", "yaml"],
        typer.Option(
            "--format", help="Text for people, JSON for programs, YAML is the text that was signed."
        ),
    ] = "text",
) -> None:
    """Show the agreement in force, now or at another moment: whose, since when, until when, and its hash.

    With `--format yaml` it is the signed text, byte for byte: its SHA-256 is the one that is shown.

    Examples:

        seinhuis agreements show

        seinhuis agreements show de-vlier --at 2026-12-01T00:01

        seinhuis agreements show de-vlier --version 7 --format yaml > de-vlier-7.yaml
    """
    if version is not None and (at is not None or partnership is None):
        raise UsedWrongly("--version is a version of one PARTNERSHIP, and stands without --at")
    if is_template and output != "yaml":
        raise UsedWrongly("--template goes with --format yaml")
    if at is not None:
        asked_time(at, ZoneInfo("UTC"))  # what is no moment anywhere is told before a broker is asked
    shelf = run(read_shelf(kafka, security()))
    expect_published(shelf, partnership, kafka)
    shown: list[Edition] = []
    for name in shelf.book.partnerships() if partnership is None else (partnership,):
        zone = shelf.book.versions(name)[0].clock.zone
        at_ms = asked_at(at, zone, clock().now_ms())
        known = editions(shelf, name, at_ms)
        if version is not None:
            shown.append(_numbered(known, version, shelf))
        else:
            shown += _held(known, at_ms, is_asked_for=partnership is not None)
    if output == "yaml":
        _write(shown, is_template)
    elif output == "json":
        print(orjson.dumps([_more(one) for one in shown]).decode())
    else:
        print("\n\n".join(map(_told, shown)))


def _numbered(known: list[Edition], version: int, shelf: Shelf) -> Edition:
    for one in known:
        if one.found.version == version:
            return one
    name = known[0].found.partnership
    if version in shelf.numbers(name):
        raise CliError(
            f"version {version} of {name} cannot be used; `seinhuis agreements history {name}` says why"
        )
    numbers = ", ".join(str(one.found.version) for one in known)
    raise CliError(f"there is no version {version} of {name}; published are {numbers}")


def _held(known: list[Edition], at_ms: int, *, is_asked_for: bool) -> list[Edition]:
    """The version in force. Who asks for all is shown what is to come where nothing is in force yet."""
    held = [one for one in known if one.state == "in_force"]
    first = min((one for one in known if one.state == "coming"), key=_start_ms, default=None)
    if held or first is None:
        return held
    if not is_asked_for:
        return [first]
    raise CliError(
        f"nothing of {first.found.partnership} is in force on {told(at_ms, first.zone)}; version "
        f"{first.found.version} begins {told(_start_ms(first), first.zone)}: --version {first.found.version} shows it"
    )


def _start_ms(edition: Edition) -> int:
    return edition.found.valid_from_ms


def _write(shown: list[Edition], is_template: bool) -> None:
    if len(shown) > 1:
        names = ", ".join(one.found.partnership for one in shown)
        raise UsedWrongly(f"--format yaml writes one agreement; name one of {names}")
    fact = shown[0].fact
    text = fact.template_text if is_template else fact.text
    if text is None:
        raise CliError(f"version {fact.agreement_version} of {fact.partnership} fills in no template")
    sys.stdout.flush()
    typer.echo(text.encode(), nl=False)


def _told(edition: Edition) -> str:
    found, fact, meta = edition.found, edition.fact, edition.found.agreement.meta
    lines = [("holds", holds(edition))]
    if meta.term is not None:
        lines.append(("agreed until", str(later(meta.valid_from, meta.term))))
    lines.append(("area", " ".join(found.agreement.area.postcodes)))
    lines.append(("parties", ", ".join(party.id for party in found.agreement.parties)))
    if meta.signed:
        lines.append(("signed", ", ".join(f"{one.party} {one.on}" for one in meta.signed)))
    if meta.inherits is not None:
        lines.append(("fills in", f"{meta.inherits.template} version {meta.inherits.version}"))
    lines.append(("published", f"{edition.published_at:%a %d %b %Y %H:%M %Z}"))
    lines.append(("sha256", fact.sha256))
    if fact.template_sha256 is not None:
        lines.append(("of template", fact.template_sha256))
    heading = f"{found.partnership} version {found.version}  {meta.title}"
    return "\n".join([heading, *(_wrapped(word, said) for word, said in lines)])


def _wrapped(word: str, said: str) -> str:
    indent = f"  {word:<13}"
    return fill(
        said, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent), break_on_hyphens=False
    )


def _more(edition: Edition) -> dict[str, object]:
    agreement = edition.found.agreement
    return {
        **plain(edition),
        "postcodes": list(agreement.area.postcodes),
        "parties": [party.id for party in agreement.parties],
        "signed": [{"party": one.party, "on": str(one.on)} for one in agreement.meta.signed],
    }
