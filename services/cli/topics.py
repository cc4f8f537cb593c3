"""`seinhuis topics`: makes the topics of the catalogue, compares a broker with it, and tells what each topic is."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
import typer

from services.cli.acl import acl
from services.cli.asked import KAFKA, FormatOption, KafkaOption, clock, run, security
from services.cli.errors import CliError
from services.cli.parties import PartyOption, named, published_parties
from services.runtime.admin import look, make
from topics.catalogue import CATALOGUE, OF_A_PARTY, TOPICS, Topic, find, of_party
from topics.plan import plan

topics_app = typer.Typer(
    no_args_is_help=True,
    help="The topics: make them, compare them, read what they are for, permit who may use them.",
)
topics_app.command("acl")(acl)

WithinOption = Annotated[
    float, typer.Option("--within", min=1, help="How many seconds the broker has to answer.")
]
PartiesOption = Annotated[
    bool,
    typer.Option("--parties", help="The topics of every party of the published agreements as well."),
]


@topics_app.command()
def create(
    replication: Annotated[
        int | None,
        typer.Option(
            "--replication", min=1, help="Copies of each topic; when left out, as the broker has it."
        ),
    ] = None,
    parties: PartiesOption = False,
    party: PartyOption = None,
    within: WithinOption = 30.0,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Make the topics that are missing and repair settings that differ. Running it again changes nothing.

    A topic with another number of partitions is refused, and then nothing is touched: the number is part of where a
    case's rows are.

    Examples:

        seinhuis topics create

        seinhuis topics create --kafka broker.example:9092 --replication 3

        seinhuis topics create --parties
    """
    made = make(kafka, CATALOGUE, replication=replication, security=security(), within_s=within)
    outcomes = run(made)
    # What parties there are is read from a topic, so that ours have to be there first.
    is_refused = any(outcome.did == "refused" for outcome in outcomes)
    if not is_refused and (theirs := _of_parties(kafka, parties, party)):
        outcomes += run(make(kafka, theirs, replication=replication, security=security(), within_s=within))
    if output == "json":
        print(orjson.dumps([outcome._asdict() for outcome in outcomes]).decode())
    else:
        for outcome in outcomes:
            print(f"{outcome.did:<9} {outcome.topic}" + (f"  {outcome.says}" if outcome.says else ""))
    if any(outcome.did == "refused" for outcome in outcomes):
        raise typer.Exit(1)


@topics_app.command(name="list")
def list_topics(
    parties: PartiesOption = False,
    party: PartyOption = None,
    within: WithinOption = 10.0,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Compare the broker with the catalogue: kept, missing, differs or refused. Exit code 1 unless all are kept.

    Examples:

        seinhuis topics list --format json

        seinhuis topics list --parties
    """
    wanted = (*CATALOGUE, *_of_parties(kafka, parties, party))
    changes = plan(wanted, run(look(kafka, wanted, security=security(), within_s=within)))
    if output == "json":
        said = [
            {"topic": change.topic.name, "state": change.verdict, "says": change.says} for change in changes
        ]
        print(orjson.dumps(said).decode())
    else:
        for change in changes:
            topic = change.topic
            print(
                f"{change.verdict:<8} {topic.name:<27} {topic.partitions:>2} partition{'s' * (topic.partitions > 1)} "
                f"by {topic.key}, {kept(topic)}"
            )
        for change in changes:
            if change.verdict in ("differs", "refused"):
                print(f"{change.topic.name}: {change.says}")
    if any(change.verdict != "kept" for change in changes):
        raise typer.Exit(1)


@topics_app.command()
def describe(
    name: Annotated[
        str | None, typer.Argument(help="One topic; all when left out.", show_default=False)
    ] = None,
    output: FormatOption = "text",
) -> None:
    """Tell what a topic is for: who writes and reads it, its key, how long it is kept, what it carries.

    Examples:

        seinhuis topics describe

        seinhuis topics describe signals.events.v1

        seinhuis topics describe deliveries.linde
    """
    one = find(name) if name else None
    if name is not None and one is None:
        of_parties = (topic.name for topic in OF_A_PARTY)
        raise CliError(f"no topic is called {name!r}; there are {', '.join((*TOPICS, *of_parties))}")
    chosen = [one] if one else [*CATALOGUE, *OF_A_PARTY]
    if output == "json":
        print(orjson.dumps([_described(topic) for topic in chosen]).decode())
        return
    for topic in chosen:
        print(topic.name)
        for word, value in _described(topic).items():
            if word != "name":
                print(f"  {word:<18} {', '.join(value) if isinstance(value, list) else value}")


def _of_parties(kafka: str, is_all: bool, some: list[str] | None) -> tuple[Topic, ...]:
    names = named(some or [])
    if is_all:
        names += run(published_parties(kafka, clock().now_ms(), security()))
    return tuple(topic for party in sorted({*names}) for topic in of_party(party))


def _described(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "says": topic.says,
        "writers": list(topic.writers),
        "readers": list(topic.readers),
        "key": topic.key,
        "partitions": topic.partitions,
        "kept": kept(topic),
        "max_message_bytes": topic.max_message_bytes,
        "carries": [model.type_name() for model in topic.carries],
    }


def kept(topic: Topic) -> str:
    """For how long, in words."""
    if topic.cleanup == "compact":
        return "the last of each key, for ever"
    return f"{topic.retention_days} days"
