"""Malformed CloudEvents into an inbox on a broker, with good ones between: each is refused, and no good one is lost.

    python -m tests.gateway.inbox_fuzz [--records 20000] [--seed 1]

The events are those that `tests.gateway.fuzz` sends over HTTP, as records in structured and in binary mode. What is
told of each is counted; a dead letter names its record by position and hash, and holds nothing else of it.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import logging
import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from confluent_kafka import KafkaError, Message, Producer
from prometheus_client import REGISTRY

from schemas.gateway import EventRefused
from services.gateway.inboxes import Inboxes
from services.runtime.admin import make
from tests.around import around
from tests.contract.world import SILENT
from tests.gateway import fuzz
from tests.gateway.test_inboxes import SOURCES, Reads, a_report, allow, reads
from topics.catalogue import inbox, of_party

PARTY = "linde"
GOOD_EVERY = 15
CAME_WITHIN_S = 600.0
#: A change leaves so many right at most: an odd id is an id too, and what is optional may be away.
CHANCE_MOST = 0.02
#: All that a dead letter says; of its record only where it lay, its hash and its size.
LETTER = {"v", "topic", "partition", "offset", "reason", "sha256", "size", "at_ms", "by"}
#: Parts of an event that may not lie on a topic at all.
NOT_HERE = ("client", "content")
STRUCTURED = ("content-type", b"application/cloudevents+json")

Headers = list[tuple[str, str | bytes | None]]


class Sent(NamedTuple):
    """A record of an inbox. `good`: the id that must be taken."""

    value: bytes | None
    headers: Headers
    good: str | None = None


def _without(dice: random.Random) -> tuple[str, ...]:
    return NOT_HERE if dice.random() < 0.9 else ()


def bad_event(dice: random.Random) -> dict[str, Any]:
    """As over HTTP; mostly without what may not lie on a topic at all, or nothing else would be looked at."""
    return fuzz.bad_event(dice, _without(dice))


def bad(dice: random.Random) -> Sent:
    """One malformed record."""
    match dice.randrange(10):
        case 0 | 1 | 2 | 3:
            return Sent(json.dumps(bad_event(dice)).encode(), [STRUCTURED])
        case 4 | 5:
            return Sent(fuzz.bad_bytes(dice, _without(dice)), [STRUCTURED])
        case 6 | 7:
            headers: Headers = [
                (name.decode().replace("ce-", "ce_", 1), raw) for name, raw in fuzz.bad_headers(dice)
            ]
            body = json.dumps(bad_event(dice).get("data")).encode()
            return Sent(body, [*headers, ("ce_nobody", b"1")] if dice.random() < 0.5 else headers)
        case 8:
            kind = dice.choice(fuzz.KINDS)
            return Sent(json.dumps(bad_event(dice)).encode(), [("content-type", kind)])
        case _:
            odd: Headers = [STRUCTURED, ("ce_id", None), ("ce_id", b"\xff"), ("ce_id", b"1-" + b"9" * 5_000)]
            value = dice.choice((None, b"", b"null", b"[]", dice.randbytes(dice.randint(1, 400))))
            return Sent(value, dice.sample(odd, dice.randint(0, len(odd))))


def good(n: int) -> Sent:
    """One that is right, in either mode."""
    event = a_report(f"good-{n}", PARTY)
    if n % 2:
        return Sent(json.dumps(event).encode(), [STRUCTURED], event["id"])
    said = [(f"ce_{name}", str(text).encode()) for name, text in event.items() if name != "data"]
    return Sent(json.dumps(event["data"]).encode(), [*said], event["id"])


class Found(NamedTuple):
    """What a run found: how many records became what, and every fault."""

    records: int
    good: int
    became: dict[str, int]
    wrong: list[str]
    seconds: float


def counted() -> dict[str, int]:
    """How many records became what, since this process began."""
    name = "gateway_inbox_records_total"
    return {
        kind: int(REGISTRY.get_sample_value(name, {"outcome": kind}) or 0)
        for kind in ("taken", "refused", "unread")
    }


async def send(bootstrap: str, records: list[Sent]) -> dict[int, Sent]:
    """Writes them in their order; by the position each got."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5}, logger=SILENT)
    at: dict[int, Sent] = {}

    def placing(one: Sent) -> Callable[[KafkaError | None, Message], None]:
        def placed(fault: KafkaError | None, message: Message) -> None:
            assert fault is None, fault
            offset = message.offset()
            assert offset is not None
            at[offset] = one

        return placed

    for one in records:
        producer.produce(inbox(PARTY).name, one.value, headers=one.headers, on_delivery=placing(one))
        producer.poll(0)
        await asyncio.sleep(0)
    assert await asyncio.to_thread(producer.flush, 60) == 0
    return at


async def run(reading: Reads, records: int, seed: int) -> Found:
    """Sends so many, waits until each was dealt with, and looks at what became of them."""
    dice, began_s, before = random.Random(seed), time.monotonic(), counted()
    said = [good(n) if n % GOOD_EVERY == 0 else bad(dice) for n in range(1, records + 1)]

    def became() -> dict[str, int]:
        return {kind: count - before[kind] for kind, count in counted().items()}

    async with Inboxes(reading.door, reading.sends):
        at = await send(reading.bootstrap, said)
        while sum(became().values()) < records:
            if (reader := reading.door.parts["inboxes"]).done():
                await reader  # it never ends by itself: what ended it is raised here
            assert time.monotonic() - began_s < CAME_WITHIN_S, became()
            await asyncio.sleep(0.05)
    letters = [json.loads(raw) for raw in await asyncio.to_thread(reading.left, f"{inbox(PARTY).name}.dead")]
    wrong = [*faults(reading, said, became()), *faults_of_letters(letters, at, became()["unread"])]
    return Found(records, sum(1 for one in said if one.good), became(), wrong, time.monotonic() - began_s)


def faults(reading: Reads, said: list[Sent], became: dict[str, int]) -> list[str]:
    """What was lost, what passed that is malformed, and what was neither."""
    expected = {one.good for one in said if one.good}
    asked = [one.event_id for one in reading.intake.asked]
    wrong = [f"{lost} was lost" for lost in sorted(expected - set(asked))]
    if len(said) != sum(became.values()):
        wrong.append(f"{len(said)} records, and {became}")
    by_chance = became["taken"] - len(expected)
    if by_chance > CHANCE_MOST * len(said):
        wrong.append(f"{became['taken']} were taken, and {len(expected)} are good")
    strange = sorted({one.source for one in reading.intake.asked} - {SOURCES[PARTY]})
    wrong += [f"{source} was taken" for source in strange]
    told = sum(1 for fact in reading.told.facts if isinstance(fact, EventRefused))
    # A batch that is tried again tells its refusals again, by the same fact.
    if told < became["refused"]:
        wrong.append(f"{became['refused']} refused, {told} told")
    return wrong


def faults_of_letters(letters: list[dict[str, Any]], at: dict[int, Sent], unread: int) -> list[str]:
    """Whether each dead letter names a record of this run, by position and hash alone."""
    found = {one["offset"]: one for one in letters if one["offset"] in at}
    wrong = [] if len(found) == unread else [f"{unread} are no events, {len(found)} dead letters"]
    for offset, told in found.items():
        if set(told) != LETTER or told["sha256"] != hashlib.sha256(at[offset].value or b"").hexdigest():
            wrong.append(f"the dead letter of {offset} is {told}")
        if at[offset].good:
            wrong.append(f"{at[offset].good} became a dead letter")
    return wrong


def settings() -> dict[str, int]:
    """Every refusal is told."""
    return {
        "requests_per_minute": 10_000_000,
        "events_per_minute": 10_000_000,
        "refusals_told_per_minute": 10_000_000,
    }


async def played(bootstrap: str, database: str, records: int, seed: int) -> Found:
    """An inbox of one party, and a door without its HTTP side that reads it."""
    await make(bootstrap, of_party(PARTY))
    async with reads(bootstrap, database, **settings()) as reading:
        await allow(reading, PARTY)
        return await run(reading, records, seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with around("fuzz") as here:
        found = asyncio.run(played(here.bootstrap, here.database, given.records, given.seed))
    print(f"{found.records} records in {found.seconds:.0f} s, {found.good} of them good: {found.became}")
    print("\n".join(found.wrong) or "each is refused or a dead letter, and no good one was lost")
    raise SystemExit(1 if found.wrong else 0)


if __name__ == "__main__":
    main()
