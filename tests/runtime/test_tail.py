"""Reading from positions that somebody else keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.cli.processes import HOST, free_port
from services.runtime.admin import make
from services.runtime.job import Record
from services.runtime.reach import BrokerUnreachable
from services.runtime.send import Outgoing, Sender
from services.runtime.tail import Expired, Place, Tail
from topics.catalogue import SIGNALS_EVENTS

Unique = Callable[[str], str]


@pytest.fixture(params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


async def sent(broker: str, unique: Unique, count: int) -> list[Place]:
    topic = replace(SIGNALS_EVENTS, name=f"{unique('said')}.events.v1", partitions=2)
    await make(broker, [topic])
    async with Sender(broker) as sender:
        for n in range(count):
            await sender.put(Outgoing(topic.name, b"case-%d" % (n % 7), b"%d" % n, []))
    return [Place(topic.name, 0), Place(topic.name, 1)]


async def drained(tail: Tail, count: int) -> list[Record]:
    found: list[Record] = []
    for _ in range(100):
        found += await tail.batch(300, max_records=7)
        if len(found) >= count:
            break
    return found


async def test_what_was_read_is_not_read_again_from_the_position_after_it(
    broker: str, unique: Unique
) -> None:
    places = await sent(broker, unique, 50)
    async with Tail(broker) as tail:
        assert await tail.places({places[0].topic, "none.such"}) == places
        await tail.read_from(dict.fromkeys(places, 0))
        first = await drained(tail, 20)
        kept = await tail.positions()
    async with Tail(broker) as tail:
        await tail.read_from(kept)
        rest = await drained(tail, 50 - len(first))
        assert await tail.batch(100) == []
    assert sorted(int(record.value or b"") for record in first + rest) == list(range(50))
    assert {place: kept[place] >= 0 for place in places} == dict.fromkeys(places, True)


async def test_reading_nothing_waits_and_finds_nothing(broker: str) -> None:
    async with Tail(broker) as tail:
        await tail.read_from({})
        assert await tail.batch(10) == []
        assert await tail.positions() == {}


async def test_a_position_that_is_gone_is_told_and_not_replaced(broker: str, unique: Unique) -> None:
    places = await sent(broker, unique, 10)
    async with Tail(broker) as tail:
        with pytest.raises(Expired, match="no longer holds position -1"):
            await tail.read_from({places[0]: -1})


async def test_a_broker_that_is_not_there_is_told_in_a_sentence() -> None:
    with pytest.raises(BrokerUnreachable, match="SEINHUIS_KAFKA"):
        async with Tail(f"{HOST}:{free_port()}", within_s=3):
            pass
