"""Reads what a run left in the log with librdkafka, committed records only, to the stable end of each partition."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec  # type: ignore[attr-defined]

from tests.chaos.load import SILENT
from tests.chaos.recording import Header, Seen

READ_WITHIN_S = 120.0
ASKED_WITHIN_S = 30.0
AT_ONCE = 5_000

Place = tuple[str, int]


class Ends(NamedTuple):
    """Where a topic's partitions end: for everybody, and for those who read committed records only."""

    high: dict[Place, int]
    stable: dict[Place, int]

    @property
    def open_transactions(self) -> list[Place]:
        return [place for place, offset in self.stable.items() if offset < self.high[place]]


class Broker:
    """The harness's own view of a broker."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap}, logger=SILENT)

    def make(self, topics: Mapping[str, tuple[int, dict[str, str]]]) -> None:
        """Makes topics: name → partitions and settings."""
        made = self._admin.create_topics(
            [
                NewTopic(name, num_partitions=partitions, replication_factor=1, config=config)
                for name, (partitions, config) in topics.items()
            ]
        )
        for waiting in made.values():
            waiting.result(ASKED_WITHIN_S)

    def send(self, topic: str, key: bytes, value: bytes, headers: Sequence[Header]) -> None:
        """Sends one record and waits until it lies in the log."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "acks": "all", "partitioner": "murmur2"})
        producer.produce(topic, key=key, value=value, headers=list(headers))
        if producer.flush(ASKED_WITHIN_S):
            raise TimeoutError(f"{topic} did not take a record within {ASKED_WITHIN_S:.0f} s")

    def partitions(self, topics: Iterable[str]) -> list[Place]:
        """Every partition of those of these topics that exist."""
        found = self._admin.list_topics(timeout=ASKED_WITHIN_S).topics
        return [
            (name, number) for name in topics if name in found for number in sorted(found[name].partitions)
        ]

    def ends(self, topics: Iterable[str]) -> Ends:
        """Where these topics end now."""
        places = self.partitions(topics)
        return Ends(
            self._offsets(places, IsolationLevel.READ_UNCOMMITTED),
            self._offsets(places, IsolationLevel.READ_COMMITTED),
        )

    def _offsets(self, places: list[Place], isolation: IsolationLevel) -> dict[Place, int]:
        latest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        asked = {TopicPartition(*place): latest for place in places}
        waiting = self._admin.list_offsets(asked, isolation_level=isolation, request_timeout=ASKED_WITHIN_S)
        return {
            (place.topic, place.partition): answer.result(ASKED_WITHIN_S).offset
            for place, answer in waiting.items()
        }

    def read(self, topics: Iterable[str], start: Mapping[Place, int]) -> list[Seen]:
        """Every committed record of these topics from `start` on, each partition ascending."""
        places = self.partitions(topics)
        if not places:
            return []
        consumer = Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": "chaos-reader-without-a-group",
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 50,
            },
            logger=SILENT,
        )
        try:
            consumer.assign([TopicPartition(*place, start.get(place, 0)) for place in places])
            return sorted(
                _drained(consumer, set(places)), key=lambda seen: (seen.partition, seen.topic, seen.offset)
            )
        finally:
            consumer.close()


def _drained(consumer: Consumer, unread: set[Place]) -> list[Seen]:
    seen: list[Seen] = []
    until = time.monotonic() + READ_WITHIN_S
    while unread:
        if time.monotonic() > until:
            raise TimeoutError(f"not read to the end within {READ_WITHIN_S:.0f} s: {sorted(unread)}")
        for message in consumer.consume(AT_ONCE, timeout=0.2):
            place = (message.topic() or "", message.partition() or 0)
            fault = message.error()
            if fault is None:
                seen.append(
                    Seen(
                        *place,
                        message.offset() or 0,
                        message.key() or b"",
                        message.value(),
                        tuple(message.headers() or ()),  # type: ignore[arg-type]
                        message.timestamp()[1],
                    )
                )
            elif fault.code() == KafkaError._PARTITION_EOF:
                unread.discard(place)
            elif not fault.retriable() and fault.code() != KafkaError._TRANSPORT:
                raise KafkaException(fault)
    return seen
