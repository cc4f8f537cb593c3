"""`seinhuis partner`: which parties speak Kafka, and in the name of which of their systems."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import orjson
import typer
from pydantic import ValidationError

from services.cli.asked import FormatOption, clock
from services.cli.errors import CliError, UsedWrongly
from services.cli.on_database import run_on_database
from services.gateway.partners import Partners
from topics.acl import NotAParty, party_name

partner_app = typer.Typer(
    no_args_is_help=True,
    help="Parties that speak Kafka: whose inbox is read, and in the name of which of their systems.",
)
PartyArgument = Annotated[str, typer.Argument(help="The party's name in the agreement.", show_default=False)]
T = TypeVar("T")


@partner_app.command()
def allow(
    party: PartyArgument,
    source: Annotated[
        list[str],
        typer.Option(
            "--source", help="One of its systems, urn:nld:oin:<OIN>:systeem:<name>; may be given again."
        ),
    ],
) -> None:
    """Read what this party writes to its inbox, and take what it says in the name of these systems.

    Its topics and permissions are made by `seinhuis topics create --parties` and `seinhuis topics acl`. Said again, the
    systems are these from then on.

    Example:

        seinhuis partner allow linde --source urn:nld:oin:00000000000000000001:systeem:ecd
    """
    try:
        name = party_name(party)
        _run(lambda partners: partners.allow(name, source))
    except NotAParty as fault:
        raise UsedWrongly(str(fault)) from None
    except ValidationError:
        raise UsedWrongly("a system is written urn:nld:oin:<20 digits>:systeem:<name>") from None
    print(f"allowed {party}: {', '.join(source)}")


@partner_app.command()
def end(party: PartyArgument) -> None:
    """Read the inbox of this party no more. What it writes from then on stays there unread.

    Example:

        seinhuis partner end linde
    """
    if not _run(lambda partners: partners.end(party)):
        raise CliError(f"the inbox of {party} is not read; `seinhuis partner list` tells whose are")
    print(f"ended {party}")


@partner_app.command(name="list")
def list_partners(output: FormatOption = "text") -> None:
    """Tell whose inboxes are read, or were.

    Example:

        seinhuis partner list --format json
    """
    found = _run(lambda partners: partners.all())
    if output == "json":
        print(orjson.dumps([one._asdict() for one in found]).decode())
        return
    for one in found:
        print(f"{'read' if one.ended_ms is None else 'ended':<6} {one.party:<20} {', '.join(one.sources)}")


def _run(work: Callable[[Partners], Awaitable[T]]) -> T:
    return run_on_database(lambda engine: work(Partners(engine, clock().now_ms)))
