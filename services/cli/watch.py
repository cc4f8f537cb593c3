"""`seinhuis watch`: follows what is decided and prints one line a fact."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.text import Text

from schemas.envelope import Envelope
from schemas.structured import encode_structured
from services.cli.asked import KAFKA, KafkaOption, run, security
from services.cli.books import asked_zone
from services.cli.facts import Fact, read_fact
from services.cli.lines import Line, line_of
from services.runtime.follow import follow
from topics.catalogue import COORDINATION_EVENTS, DEADLINES_EVENTS, NOTICES_EVENTS, SIGNALS_EVENTS

TOPICS = (SIGNALS_EVENTS.name, COORDINATION_EVENTS.name, DEADLINES_EVENTS.name, NOTICES_EVENTS.name)
URGENT = frozenset({"stat", "asap", "urgent"})
_COLOUR = {"stat": "bold red", "asap": "red", "urgent": "yellow", "routine": "default"}


class Wanted(NamedTuple):
    """Which facts are shown."""

    is_urgent_only: bool = False
    caseid: str | None = None

    def takes(self, envelope: Envelope) -> bool:
        is_of_case = self.caseid is None or envelope.caseid == self.caseid
        return is_of_case and (not self.is_urgent_only or envelope.priority in URGENT)


async def facts(
    bootstrap: str, wanted: Wanted, passed_over: Counter[str], *, from_start: bool, until_end: bool = False
) -> AsyncGenerator[Fact]:
    """The wanted facts as they come; what cannot be read is counted by reason."""
    batches = follow(bootstrap, TOPICS, from_start=from_start, until_end=until_end, security=security())
    async with aclosing(batches):
        async for batch in batches:
            for record in batch:
                found = read_fact(record)
                if isinstance(found, str):
                    passed_over[found] += 1
                elif wanted.takes(found.envelope):
                    yield found


def watch(
    urgent: Annotated[
        bool,
        typer.Option("--urgent", help="Only FHIR priority urgent, asap and stat."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One structured CloudEvent a line.")] = False,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin with the oldest fact kept, not with the next.")
    ] = False,
    until_end: Annotated[bool, typer.Option("--until-end", help="Stop where the log ends now.")] = False,
    case: Annotated[str | None, typer.Option("--case", help="Only this case.", metavar="CASEID")] = None,
    zone: Annotated[
        str, typer.Option("--zone", help="The clock the times are shown by.")
    ] = "Europe/Amsterdam",
    kafka: KafkaOption = KAFKA,
) -> None:
    """Follow what is decided: who is asked and by which rule, what is due, what was missed, who took it.

    Ctrl-C ends it.

    Examples:

        seinhuis watch --urgent

        seinhuis watch --from-start --case c-7f3a91b2

        seinhuis watch --from-start --until-end --json > facts.jsonl
    """
    clock = asked_zone(zone)
    passed_over: Counter[str] = Counter()
    console = Console(soft_wrap=True, highlight=False)

    def tell(fact: Fact) -> None:
        line = line_of(fact.envelope, fact.said, clock)
        if as_json:
            print(encode_structured(fact.envelope, fact.data).decode(), flush=True)
        elif line and console.is_terminal:
            console.print(coloured(line))
        elif line:
            print(line, flush=True)

    async def show() -> None:
        wanted = Wanted(urgent, case)
        told = facts(kafka, wanted, passed_over, from_start=from_start, until_end=until_end)
        async with aclosing(told):
            async for fact in told:
                tell(fact)

    try:
        run(show())
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        for reason, count in sorted(passed_over.items()):
            print(f"{count} records were passed over: {reason}", file=sys.stderr)


def coloured(line: Line) -> Text:
    """A line in the colour of its urgency."""
    return Text(str(line), style=_COLOUR.get(line.priority, "default"))
