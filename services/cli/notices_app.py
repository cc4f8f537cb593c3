"""`seinhuis notices replay`: sends again what reached nobody, with the keys it had."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import Annotated, Any, NamedTuple

import orjson
import typer

from schemas.envelope import Envelope, EnvelopeError, decode
from schemas.notices import ReplayNotice
from services.agreements.moments import moment
from services.cli.asked import KAFKA, FormatOption, KafkaOption, clock, run, security
from services.runtime.follow import follow
from services.runtime.send import Outgoing, Sender
from topics.catalogue import CATALOGUE, NOTICES_COMMANDS

notices_app = typer.Typer(no_args_is_help=True, help="What the bell told, and what of it reached nobody.")

#: Where the bell notes what reached nobody: beside the topics it reads.
DEAD = tuple(topic.name for topic in CATALOGUE if topic.is_dead_twin and "notices" in topic.writers)
Place = tuple[str, int, int]


class Failed(NamedTuple):
    """A notice that reached nobody, and where the fact lies that it told of."""

    notice_id: str
    place: Place


@notices_app.callback()
def notices() -> None:
    """Keeps `replay` a command of its own."""


@notices_app.command()
def replay(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many there are.")] = False,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Send again what lies with the dead letters because no way reached anybody.

    Each goes out with the key it had, so that a receiver who got it after all knows it. What was answered meanwhile is
    not sent, and what was sent again already is passed over: it does no harm to say this twice.

    Examples:

        seinhuis notices replay --dry-run

        seinhuis notices replay
    """
    found, asked = run(_replay(kafka, is_sent=not dry_run))
    if output == "json":
        print(orjson.dumps({"failed": found, "asked_again": asked}).decode())
    else:
        print(f"{found} reached nobody; {asked} asked to be sent again")


async def _replay(kafka: str, *, is_sent: bool) -> tuple[int, int]:
    letters = await _letters(kafka)
    if not letters or not is_sent:
        return len(letters), 0
    said = await _facts(kafka, letters)
    now_ms = clock().now_ms()
    async with Sender(kafka, security=security()) as sender:
        for one in letters:
            if one.place in said:
                await sender.put(_command(one, said[one.place], now_ms))
    return len(letters), len({one for one in letters if one.place in said})


async def _letters(kafka: str) -> list[Failed]:
    """Each notice once, in the order in which it failed."""
    found: dict[str, Failed] = {}
    batches = follow(kafka, DEAD, until_end=True, security=security())
    async with aclosing(batches):
        async for batch in batches:
            for record in batch:
                letter: Any = orjson.loads(record.value or b"{}")
                if letter.get("reason") == "notice_failed":
                    place = (letter["topic"], letter["partition"], letter["offset"])
                    found[letter["notice_id"]] = Failed(letter["notice_id"], place)
    return list(found.values())


async def _facts(kafka: str, letters: list[Failed]) -> Mapping[Place, Envelope]:
    """The envelopes of the facts that were told of, by their places; one that is no longer kept is not there."""
    wanted = {one.place for one in letters}
    found: dict[Place, Envelope] = {}
    batches = follow(kafka, sorted({topic for topic, _, _ in wanted}), until_end=True, security=security())
    async with aclosing(batches):
        async for batch in batches:
            for record in batch:
                place = (record.topic, record.partition, record.offset)
                if place in wanted:
                    try:
                        found[place] = decode(record.headers)
                    except EnvelopeError:
                        continue  # then no notice was ever made of it
    return found


def _command(one: Failed, fact: Envelope, now_ms: int) -> Outgoing:
    """In the lane in which it was decided: that of the fact it told of."""
    envelope = Envelope(
        id=f"replay-{one.notice_id}-{now_ms}",
        source="urn:seinhuis:notices",
        type=ReplayNotice.type_name(),
        subject=fact.key,
        recordedtime=moment(now_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        partnership=fact.partnership,
        caseid=fact.caseid,
    )
    value = ReplayNotice(notice_id=one.notice_id).model_dump_json().encode()
    return Outgoing(NOTICES_COMMANDS.name, envelope.key.encode(), value, envelope.headers())
