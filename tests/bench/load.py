"""The input: reports of 50,000 cases, the same for every system, keyed by case as murmur2 places them."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from confluent_kafka import KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from tests.bench.job import KINDS, URGENCIES

CASES = 50_000
SEED = 7
_WAIT_S = 60.0


def create(kafka: str, topics: dict[str, dict[str, str]], partitions: int = 4) -> None:
    """Creates topics with their settings and waits until they are there."""
    wanted = [NewTopic(name, partitions, 1, config=config) for name, config in topics.items()]
    admin = AdminClient({"bootstrap.servers": kafka})
    for made in admin.create_topics(wanted).values():
        made.result(_WAIT_S)
    ends = {TopicPartition(name, n): OffsetSpec.latest() for name in topics for n in range(partitions)}
    until = time.monotonic() + _WAIT_S
    while True:  # a new topic has no leaders for a moment
        try:
            for end in admin.list_offsets(ends, request_timeout=5).values():
                end.result()
            return
        except KafkaException:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def report(number: int, case: int, chosen: random.Random, reported_ms: int) -> bytes:
    """One report as its producer writes it, some 430 bytes."""
    bits = chosen.getrandbits(64)
    return (
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


def reports(count: int, cases: int = CASES) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of each report, the same ones every time. When every report has a case of its own, none repeats."""
    chosen = random.Random(SEED)
    start_ms = int(time.time() * 1000)
    for number in range(count):
        case = number if cases >= count else chosen.randrange(cases)
        yield b"case-%012d" % case, report(number, case, chosen, start_ms)


def producer(kafka: str, **more: str | int) -> Producer:
    """A producer that places a key where Java and aiokafka place it."""
    return Producer({"bootstrap.servers": kafka, "partitioner": "murmur2_random", "acks": "all", **more})


def preload(kafka: str, topic: str, count: int, cases: int = CASES) -> None:
    """Fills the input as fast as the broker takes it."""
    fill = producer(
        kafka, **{"linger.ms": 20, "batch.size": 1_000_000, "queue.buffering.max.messages": 500_000}
    )
    failed: list[object] = []

    def delivered(error: object, _: object) -> None:
        if error is not None:
            failed.append(error)

    for number, (key, value) in enumerate(reports(count, cases)):
        while True:
            try:
                fill.produce(topic, value, key, on_delivery=delivered)
                break
            except BufferError:
                fill.poll(0.1)
        if number % 1000 == 0:
            fill.poll(0)
    left = fill.flush(_WAIT_S)
    if left or failed:
        raise RuntimeError(f"{left} records of the input were not delivered, {len(failed)} failed: {failed[:1]}")
