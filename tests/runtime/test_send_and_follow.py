"""What the command line and the tests send and read, by the same rules as every lane."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import Message, Producer

from services.cli.broker import Embedded
from services.cli.processes import HOST, free_port
from services.runtime import follow as following
from services.runtime.admin import look, make
from services.runtime.follow import follow
from services.runtime.job import Record
from services.runtime.reach import BrokerUnreachable, Superseded, TopicsMissing
from services.runtime.send import Outgoing, Sender
from topics.catalogue import SIGNALS_EVENTS, Topic

Unique = Callable[[str], str]


@pytest.fixture(params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def a_topic(unique: Unique) -> Topic:
    return replace(SIGNALS_EVENTS, name=f"{unique('said')}.events.v1")


def an_outgoing(topic: Topic, n: int, key: bytes = b"case-1") -> Outgoing:
    return Outgoing(topic.name, key, b"%d" % n, [("ce_id", b"casework-0-%d" % n)])


async def read_all(bootstrap: str, *topics: Topic) -> list[Record]:
    batches = follow(bootstrap, [topic.name for topic in topics], until_end=True)
    return [record async for batch in batches for record in batch]


async def test_what_is_sent_is_read_back_in_order_with_key_value_and_headers(
    broker: str, unique: Unique
) -> None:
    topic = a_topic(unique)
    await make(broker, [topic])
    sent = [an_outgoing(topic, n, b"case-%d" % (n % 7)) for n in range(1000)]
    async with Sender(broker) as sender:
        for outgoing in sent:
            await sender.put(outgoing)
    found = await read_all(broker, topic)
    assert sum(span.records for span in sender.spans()) == len(found) == 1000
    for key in {outgoing.key for outgoing in sent}:
        values = [(record.value, tuple(record.headers)) for record in found if record.key == key]
        assert values == [(out.value, tuple(out.headers)) for out in sent if out.key == key]
    for span in sender.spans():
        assert (span.first, span.last) == (0, span.records - 1)


async def test_a_case_has_the_partition_that_other_clients_give_it_by_murmur2(
    kafka: str, unique: Unique
) -> None:
    ours, theirs = a_topic(unique), a_topic(unique)
    await make(kafka, [ours, theirs])
    keys = [unique("case").encode() for _ in range(300)]
    async with Sender(kafka) as sender:
        for key in keys:
            await sender.put(an_outgoing(ours, 1, key))
    placed: dict[bytes, int] = {}

    def delivered(error: object, message: Message) -> None:
        assert error is None
        placed[bytes(message.key() or b"")] = message.partition() or 0

    producer = Producer({"bootstrap.servers": kafka, "partitioner": "murmur2"})
    for key in keys:
        producer.produce(theirs.name, b"1", key, on_delivery=delivered)
    assert producer.flush(20) == 0
    assert {record.key: record.partition for record in await read_all(kafka, ours)} == placed
    assert len(set(placed.values())) == 12


async def test_of_a_key_only_its_own_partition_is_read(broker: str, unique: Unique) -> None:
    topics = [a_topic(unique), a_topic(unique)]
    await make(broker, topics)
    keys = [unique("case").encode() for _ in range(60)]
    async with Sender(broker) as sender:
        for n, key in enumerate(keys):
            for topic in topics:
                await sender.put(an_outgoing(topic, n, key))
    names = [topic.name for topic in topics]
    batches = follow(broker, names, key=keys[7], until_end=True)
    found = [record async for batch in batches for record in batch]
    everything = await read_all(broker, *topics)
    (partition,) = {record.partition for record in everything if record.key == keys[7]}
    assert {(record.topic, record.offset) for record in found} == {
        (record.topic, record.offset) for record in everything if record.partition == partition
    }
    assert len(found) < len(everything)


async def test_a_missing_topic_is_refused_and_not_made_by_asking(broker: str, unique: Unique) -> None:
    topic = a_topic(unique)
    with pytest.raises(TopicsMissing, match="seinhuis topics create"):
        async with Sender(broker) as sender:
            await sender.put(an_outgoing(topic, 1))
    with pytest.raises(TopicsMissing, match=topic.name):
        await read_all(broker, topic)
    assert await look(broker, [topic]) == {}


async def test_facts_of_two_topics_come_in_the_order_they_were_decided(broker: str, unique: Unique) -> None:
    signals, deadlines = a_topic(unique), a_topic(unique)
    await make(broker, [signals, deadlines])
    producer = AIOKafkaProducer(bootstrap_servers=broker)
    await producer.start()
    try:
        for n in range(40):
            outgoing = an_outgoing((signals, deadlines)[n % 2], n)
            await producer.send_and_wait(
                outgoing.topic,
                outgoing.value,
                partition=3,
                headers=list(outgoing.headers),
                timestamp_ms=1000 + n // 10,
            )
    finally:
        await producer.stop()
    assert [int(record.value or b"") for record in await read_all(broker, signals, deadlines)] == list(
        range(40)
    )


async def test_from_now_on_shows_only_what_comes_later(broker: str, unique: Unique) -> None:
    topic = a_topic(unique)
    await make(broker, [topic])
    async with Sender(broker) as sender:
        await sender.put(an_outgoing(topic, 1))
    async with asyncio.timeout(20), aclosing(follow(broker, [topic.name], from_start=False)) as batches:
        async for batch in batches:
            if batch:
                assert [record.value for record in batch] == [b"2"]
                break
            async with Sender(broker) as sender:
                if (await read_all(broker, topic))[-1].value == b"1":
                    await sender.put(an_outgoing(topic, 2))


async def test_only_what_was_committed_is_read(kafka: str, unique: Unique) -> None:
    topic = a_topic(unique)
    await make(kafka, [topic])
    producer = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=unique("aborts"))
    await producer.start()
    try:
        await producer.begin_transaction()
        await producer.send_and_wait(topic.name, b"taken back", key=b"case-1")
        await producer.abort_transaction()
    finally:
        await producer.stop()
    async with Sender(kafka, transactional_id=unique("commits")) as sender:
        await sender.put(an_outgoing(topic, 7))
    assert [record.value for record in await read_all(kafka, topic)] == [b"7"]


async def test_nothing_of_a_sender_that_failed_is_read(kafka: str, unique: Unique) -> None:
    topic = a_topic(unique)
    await make(kafka, [topic])
    name = unique("sender")
    with pytest.raises(ZeroDivisionError):
        async with Sender(kafka, transactional_id=name) as sender:
            await sender.put(an_outgoing(topic, 1))
            raise ZeroDivisionError
    async with Sender(kafka, transactional_id=name):
        pass  # ends what its predecessor left open
    assert await read_all(kafka, topic) == []


async def test_a_second_writer_of_the_same_name_ends_the_first(
    kafka: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    # aiokafka forgets two inner futures of a fenced producer, which asyncio complains of when they are collected.
    monkeypatch.setattr(logging.getLogger("asyncio"), "disabled", True)
    topic = a_topic(unique)
    await make(kafka, [topic])
    name = unique("sender")
    with pytest.raises(Superseded, match=name):
        async with Sender(kafka, transactional_id=name) as first:
            async with Sender(kafka, transactional_id=name) as second:
                await second.put(an_outgoing(topic, 2))
            await first.put(an_outgoing(topic, 1))
    assert [record.value for record in await read_all(kafka, topic)] == [b"2"]
    del first
    gc.collect()


async def test_no_broker_is_told_within_the_bound() -> None:
    nobody = f"{HOST}:{free_port()}"
    with pytest.raises(BrokerUnreachable, match=nobody):
        async with Sender(nobody, within_s=2):
            pass
    with pytest.raises(BrokerUnreachable, match=nobody):
        await anext(follow(nobody, ["signals.events.v1"], within_s=2))


@pytest.mark.broker
async def test_a_broker_that_stops_is_told_to_who_follows_it(
    unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_ASK_EVERY_S", 0.2)
    topic = a_topic(unique)
    with Embedded() as broker:
        await make(broker.bootstrap, [topic])
        batches = follow(broker.bootstrap, [topic.name], within_s=2)
        assert await anext(batches) == []
    began_s = time.monotonic()
    with pytest.raises(BrokerUnreachable):
        async for _ in batches:
            pass
    assert time.monotonic() - began_s < 30
