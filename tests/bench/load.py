"""The input: reports of 50,000 cases, the same for every system, keyed by case as murmur2 places them."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from confluent_kafka import KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec  # type: ignore[attr-defined]

from tests.bench.job import KINDS, URGENCIES

CASES = 50_000
SEED = 7
PARTITIONS = 4
#: Outputs carry the broker's time of appending, from which throughput is computed.
BY_APPENDING = {"message.timestamp.type": "LogAppendTime"}
COMPACTED = {"cleanup.policy": "compact"}
LOG_END: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
_WAIT_S = 60.0


class Filled(NamedTuple):
    """A record of an input, ready to send."""

    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()


def admin(kafka: str) -> AdminClient:
    """A client for topics and offsets that does not chat."""
    return AdminClient({"bootstrap.servers": kafka, "log_level": 0})


def create(kafka: str, topics: dict[str, dict[str, str]], partitions: int = PARTITIONS) -> None:
    """Creates topics with their settings and waits until they have leaders."""
    client = admin(kafka)
    wanted = [NewTopic(name, partitions, 1, config=config) for name, config in topics.items()]
    for made in client.create_topics(wanted).values():
        made.result(_WAIT_S)
    ends = {TopicPartition(name, n): LOG_END for name in topics for n in range(partitions)}
    until = time.monotonic() + _WAIT_S
    while True:
        try:
            for end in client.list_offsets(ends, request_timeout=5).values():
                end.result()
            return
        except KafkaException:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def delete(kafka: str, topics: Sequence[str]) -> None:
    """Deletes those of these topics that exist, and waits until they are gone."""
    client = admin(kafka)
    until = time.monotonic() + _WAIT_S
    while (there := [name for name in topics if name in client.list_topics(timeout=10).topics]) and (
        time.monotonic() < until
    ):
        for gone in client.delete_topics(there).values():
            try:
                gone.result(_WAIT_S)
            except KafkaException:
                continue  # it was on its way already
        time.sleep(0.2)


def delete_of(kafka: str, run: str) -> None:
    """Deletes the topics of a run: its own, and those a system made for itself under the run's name."""
    delete(kafka, [name for name in admin(kafka).list_topics(timeout=10).topics if run in name])


def report(number: int, case: int, chosen: random.Random, reported_ms: int) -> Filled:
    """One report as its producer writes it, some 430 bytes."""
    bits = chosen.getrandbits(64)
    value = (
        b'{"number":%d,"case":"case-%012d","kind":"%b","urgency":"%b","postcode":%d,"reported_ms":%d,'
        b'"about":"client","types":["caring","social"],"reporter":{"kind":"professional","party":"party-%02d"},'
        b'"expects_feedback":true,"content_ref":"vault:%016x%016x",'
        b'"traceparent":"00-%032x-%016x-01","partnership":"wijk-%02d","schema":"report/1"}'
    ) % (
        number,
        case,
        KINDS[bits & 7].encode(),
        URGENCIES[bits >> 3 & 3].encode(),
        1000 + (bits >> 5) % 9000,
        reported_ms,
        bits % 50,
        bits,
        number,
        bits,
        number,
        bits % 40,
    )
    return Filled(b"case-%012d" % case, value)


def reports(count: int, cases: int = CASES) -> Iterator[Filled]:
    """The same reports every time, of cases chosen at random; with as many cases as reports each has its own."""
    chosen = random.Random(SEED)
    start_ms = int(time.time() * 1000)
    for number in range(count):
        case = number if cases >= count else chosen.randrange(cases)
        yield report(number, case, chosen, start_ms)


def producer(kafka: str, **more: str | int) -> Producer:
    """A producer that places a key where Java and aiokafka place it."""
    return Producer(
        {"bootstrap.servers": kafka, "partitioner": "murmur2_random", "acks": "all", "log_level": 0, **more}
    )


def preload(kafka: str, topic: str, records: Iterable[Filled]) -> None:
    """Fills an input as fast as the broker takes it."""
    fill = producer(
        kafka, **{"linger.ms": 20, "batch.size": 1_000_000, "queue.buffering.max.messages": 500_000}
    )
    failed: list[object] = []

    def delivered(error: object, _: object) -> None:
        if error is not None:
            failed.append(error)

    for count, record in enumerate(records):
        while True:
            try:
                fill.produce(
                    topic, record.value, record.key, on_delivery=delivered, headers=list(record.headers)
                )
                break
            except BufferError:
                fill.poll(0.1)
        if count % 1000 == 0:
            fill.poll(0)
    left = fill.flush(_WAIT_S)
    if left or failed:
        raise RuntimeError(
            f"{left} records of {topic} were not delivered, {len(failed)} failed: {failed[:1]}"
        )
