"""A producer that stays: what it says lies where it says, in order, also after a broker was away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services.cli.broker import Embedded
from services.runtime.admin import make
from services.runtime.follow import follow
from services.runtime.job import Record
from services.runtime.reach import BrokerUnreachable, TopicsMissing
from services.runtime.send import Outgoing
from services.runtime.steady import Lies, Steady
from tests.brokers import Kafka
from topics.catalogue import SIGNALS_EVENTS, Topic

Unique = Callable[[str], str]


@pytest.fixture(params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def a_topic(name: str) -> Topic:
    return replace(SIGNALS_EVENTS, name=f"{name}.events.v1")


def some(topic: Topic, count: int, size: int = 10) -> list[Outgoing]:
    return [
        Outgoing(topic.name, b"case-%d" % (n % 7), b"%d " % n + b"." * size, [("ce_id", b"%d" % n)])
        for n in range(count)
    ]


async def read_all(bootstrap: str, topic: Topic) -> list[Record]:
    batches = follow(bootstrap, [topic.name], until_end=True)
    return [record async for batch in batches for record in batch]


async def test_send_all_says_where_each_record_lies(broker: str, unique: Unique) -> None:
    topic = a_topic(unique("steady"))
    await make(broker, [topic])
    steady = Steady(broker)
    sent = some(topic, 3_000, size=500)  # more than one record batch a partition
    lies = await steady.send_all(sent[:2_500]) + await steady.send_all(sent[2_500:])
    await steady.stop()
    found = {(one.partition, one.offset): one for one in await read_all(broker, topic)}
    assert len(found) == len(sent) == len(set(lies))
    for outgoing, place in zip(sent, lies, strict=True):
        record = found[place.partition, place.offset]
        assert (record.key, record.value, list(record.headers)) == outgoing[1:]
    for key in {one.key for one in sent}:
        offsets = [place.offset for one, place in zip(sent, lies, strict=True) if one.key == key]
        assert offsets == sorted(offsets)


async def test_send_all_from_many_tasks_at_once_loses_and_mixes_nothing(broker: str, unique: Unique) -> None:
    topic = a_topic(unique("steady"))
    await make(broker, [topic])
    steady = Steady(broker)
    sent = some(topic, 400)
    groups = [sent[at : at + 10] for at in range(0, 400, 10)]
    lies = await asyncio.gather(*(steady.send_all(group) for group in groups))
    await steady.stop()
    found = {(one.partition, one.offset): one.value for one in await read_all(broker, topic)}
    said = {
        (at.partition, at.offset): one.value
        for group, ats in zip(groups, lies, strict=True)
        for one, at in zip(group, ats, strict=True)
    }
    assert found == said
    assert len(said) == 400


async def test_send_all_names_a_topic_that_is_missing_and_makes_none(broker: str, unique: Unique) -> None:
    steady = Steady(broker)
    with pytest.raises(TopicsMissing):
        await steady.send_all(some(a_topic(unique("missing")), 1))
    await steady.stop()


async def _sent_in_the_end(steady: Steady, outgoing: list[Outgoing]) -> list[Lies]:
    """A broker that has just come back may err once or twice; it is asked again, as the sweeper does."""
    for _ in range(20):
        try:
            return await steady.send_all(outgoing)
        except BrokerUnreachable:
            await asyncio.sleep(0.2)
    raise AssertionError("it never went on")


@pytest.mark.broker
async def test_send_all_raises_while_nobody_answers_and_goes_on_afterwards(tmp_path: Path) -> None:
    topic = a_topic("steady")
    with Embedded(log=tmp_path / "log") as broker:
        port, address = broker.port, broker.bootstrap
        await make(address, [topic])
        steady = Steady(address, within_s=3.0)
        await steady.send_all(some(topic, 1))
        broker.stop()
        with pytest.raises(BrokerUnreachable):
            await steady.send_all(some(topic, 1))
    with Embedded(port, log=tmp_path / "log") as broker:
        await make(address, [topic])
        assert len(await _sent_in_the_end(steady, some(topic, 5))) == 5
        await steady.stop()


@pytest.mark.kafka
async def test_send_all_goes_on_after_a_kafka_that_was_killed(tmp_path: Path) -> None:
    topic = a_topic("steady")
    with Kafka(tmp_path) as node:
        await make(node.bootstrap, [topic])
        steady = Steady(node.bootstrap, within_s=3.0)
        await steady.send_all(some(topic, 100))
        node.kill()
        with pytest.raises(BrokerUnreachable):
            await steady.send_all(some(topic, 100))
        node.start()
        lies = await _sent_in_the_end(steady, some(topic, 100))
        await steady.stop()
        assert len(set(lies)) == 100
