"""A world for one test: a job's topics on a broker, what is said to it, its workers, and what came of it.

What is read, is read with librdkafka and committed only: the judge is not the library that is judged.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from tests.contract.worker import HEARD_WITHIN_S, Worker

SILENT = logging.getLogger("librdkafka.silent")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False
ASKED_WITHIN_S = 60.0
CAME_WITHIN_S = 180.0
#: Shorter than in production: a group notices a death sooner, and the embedded broker lets it form sooner.
SESSION_TIMEOUT_S = 6
#: How long nothing more may come before a test believes that nothing will.
QUIET_S = 1.0

Headers = Sequence[tuple[str, bytes | None]]


class Seen(NamedTuple):
    """A committed record."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes]

    @property
    def said(self) -> dict[str, Any]:
        """Its JSON."""
        found: dict[str, Any] = json.loads(self.value or b"null")
        return found


class Tail:
    """Every committed record of some topics from their beginning on, as it comes."""

    def __init__(self, bootstrap: str, places: Iterable[TopicPartition]) -> None:
        self.seen: list[Seen] = []
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "a-reader-without-a-group",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 20,
                "reconnect.backoff.max.ms": 500,
            },
            logger=SILENT,
        )
        self._consumer.assign(list(places))

    def read(self, for_s: float = 0.05) -> int:
        """Takes what is there; says how much it was."""
        count = 0
        for message in self._consumer.consume(10_000, timeout=for_s):
            if (fault := message.error()) is not None:
                if fault.retriable() or fault.code() in (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN):
                    continue
                raise KafkaException(fault)
            self.seen.append(
                Seen(
                    str(message.topic()),
                    int(message.partition() or 0),
                    int(message.offset() or 0),
                    message.key(),
                    message.value(),
                    dict(cast(list[tuple[str, bytes]], message.headers() or [])),
                )
            )
            count += 1
        return count

    def close(self) -> None:
        self._consumer.close()


def assert_delivered(error: KafkaError | None, _message: object) -> None:
    """For a producer: a record that was not taken is no test."""
    assert error is None, error


@dataclass
class Told:
    """What the records seen so far come to; `read` of them are counted in."""

    facts: list[dict[str, Any]] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[bytes, bytes] = field(default_factory=dict)
    positions: dict[int, dict[str, Any]] = field(default_factory=dict)
    read: int = 0


class World:
    """`say` to the inputs, `start` workers, `until` the facts are there."""

    def __init__(self, bootstrap: str, logs: Path, *, is_transactional: bool) -> None:
        self.bootstrap = bootstrap
        self.name = name = f"w-{uuid.uuid4().hex[:8]}"
        self.is_transactional = is_transactional
        self.a, self.b = f"{name}.a", f"{name}.b"
        self.facts_topic = f"{name}.facts"
        self.changelog = f"{name}.changelog.v1"
        self.book = f"{name}.book"
        self.outbox = logs / "outbox"
        self.admin = AdminClient({"bootstrap.servers": bootstrap}, logger=SILENT)
        self._logs = logs
        self._partitions = 0
        self.workers: list[Worker] = []
        self._tail: Tail | None = None
        self._digest = Told()
        self._producer: Producer | None = None

    # -- before --------------------------------------------------------------------------------------

    def make(self, partitions: int = 2, **inputs: str) -> World:
        """Makes the job's topics; `inputs` are settings of the input topics."""
        self._partitions = partitions
        settings = {name.replace("_", "."): value for name, value in inputs.items()}
        compacted = {"cleanup.policy": "compact"}
        self.create(
            {
                self.a: (partitions, settings),
                self.b: (partitions, settings),
                f"{self.a}.dead": (1, {}),
                f"{self.b}.dead": (1, {}),
                self.facts_topic: (partitions, {}),
                self.changelog: (partitions, compacted),
                self.book: (1, compacted),
            }
        )
        return self

    def create(self, topics: Mapping[str, tuple[int, dict[str, str]]]) -> None:
        """Makes topics: name → partitions and settings."""
        made = self.admin.create_topics(
            [
                NewTopic(name, num_partitions=partitions, replication_factor=1, config=config)
                for name, (partitions, config) in topics.items()
            ]
        )
        for waiting in made.values():
            waiting.result(ASKED_WITHIN_S)

    def producer(self, **settings: Any) -> Producer:
        """A producer of one's own; it puts a key where every lane looks for it."""
        return Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "partitioner": "murmur2",
                "linger.ms": 0,
                "message.max.bytes": 10_000_000,
                **{name.replace("_", "."): value for name, value in settings.items()},
            },
            logger=SILENT,
        )

    # -- what is said --------------------------------------------------------------------------------

    def say(
        self,
        topic: str,
        key: bytes | str | None,
        said: Mapping[str, Any] | bytes | None,
        headers: Headers = (),
        partition: int | None = None,
    ) -> None:
        """Hands a record over; `flush` waits until the broker has all of them."""
        if self._producer is None:
            self._producer = self.producer(enable_idempotence=self.is_transactional)
        value = said if said is None or isinstance(said, bytes) else json.dumps(said).encode()
        where = -1 if partition is None else partition
        while True:
            try:
                self._producer.produce(
                    topic,
                    value=value,
                    key=key,
                    headers=list(headers),
                    partition=where,
                    on_delivery=assert_delivered,
                )
                return
            except BufferError:
                self._producer.poll(0.1)

    def flush(self) -> None:
        assert self._producer is not None
        left = self._producer.flush(ASKED_WITHIN_S)
        assert left == 0, f"{left} records were not taken"

    def abort(self, *records: tuple[str, bytes, bytes]) -> None:
        """Writes records to partition 0 of their topics in a transaction that is aborted."""
        producer = self.producer(transactional_id=f"{self.name}-somebody")
        producer.init_transactions(ASKED_WITHIN_S)
        producer.begin_transaction()
        for topic, key, value in records:
            producer.produce(topic, key=key, value=value, partition=0)
        producer.flush(ASKED_WITHIN_S)
        producer.abort_transaction(ASKED_WITHIN_S)

    # -- workers -------------------------------------------------------------------------------------

    def start(
        self,
        slot: str = "0",
        *,
        job: str = "tests.contract.jobs:scripted",
        module: str = "services.work",
        **environment: str,
    ) -> Worker:
        """Starts a worker; `environment` adds to what it is told."""
        worker = Worker(
            module,
            job,
            {
                "SEINHUIS_KAFKA": self.bootstrap,
                "SEINHUIS_TRANSACTIONS": "on" if self.is_transactional else "off",
                "SEINHUIS_SLOT": slot,
                "SEINHUIS_SESSION_TIMEOUT_S": str(SESSION_TIMEOUT_S),
                "CONTRACT_JOB": self.name,
                "CONTRACT_PARTITIONS": str(self._partitions),
                "CONTRACT_OUTBOX": str(self.outbox),
                **environment,
            },
            self._logs / f"worker-{len(self.workers)}.log",
        )
        self.workers.append(worker)
        return worker

    def opened(self, slot: str = "0", within_s: float = HEARD_WITHIN_S, **more: str) -> Worker:
        """Starts a worker and waits until all lanes are open."""
        worker = self.start(slot, **more)
        worker.hear("lane_opened", self._partitions, within_s)
        return worker

    # -- what came of it -----------------------------------------------------------------------------

    @property
    def tail(self) -> Tail:
        if self._tail is None:
            topics = [self.facts_topic, self.changelog, f"{self.a}.dead", f"{self.b}.dead"]
            found = self.admin.list_topics(timeout=ASKED_WITHIN_S).topics
            self._tail = Tail(
                self.bootstrap,
                [TopicPartition(topic, number, 0) for topic in topics for number in found[topic].partitions],
            )
        return self._tail

    @property
    def facts(self) -> list[dict[str, Any]]:
        """Every fact so far, each partition in its order, with its key and `ce_id`."""
        return self._told().facts

    @property
    def letters(self) -> list[dict[str, Any]]:
        """Every dead letter so far."""
        return self._told().letters

    @property
    def rows(self) -> dict[bytes, bytes]:
        """The rows as the changelog holds them now, without the lanes' own."""
        return self._told().rows

    @property
    def positions(self) -> dict[int, dict[str, Any]]:
        """The last position row of each lane."""
        return self._told().positions

    def counts(self) -> dict[str, int]:
        """How many records each case's row has counted."""
        return {key.decode(): json.loads(row.partition(b"\n")[2])["n"] for key, row in self.rows.items()}

    def _told(self) -> Told:
        told, seen = self._digest, self.tail.seen
        while told.read < len(seen):
            record = seen[told.read]
            told.read += 1
            if record.topic == self.facts_topic:
                ce_id = record.headers.get("ce_id", b"").decode()
                told.facts.append({**record.said, "key": (record.key or b"").decode(), "ce_id": ce_id})
            elif record.topic == self.changelog:
                if record.key == b"\x00position":
                    told.positions[record.partition] = record.said
                elif record.key and record.key[:1] != b"\x00":
                    if record.value is None:
                        told.rows.pop(record.key, None)
                    else:
                        told.rows[record.key] = record.value
            else:
                told.letters.append(record.said)
        return told

    def until(self, is_so: Callable[[], bool], what: str, within_s: float = CAME_WITHIN_S) -> None:
        """Reads on until it is so."""
        until = time.monotonic() + within_s
        while not is_so():
            if self.tail.read() == 0 and time.monotonic() > until:
                words = self.workers[-1].last_words if self.workers else ""
                raise AssertionError(f"not within {within_s:.0f} s: {what}; facts {self.facts[-5:]}\n{words}")

    def until_told(self, count: int, within_s: float = CAME_WITHIN_S) -> list[dict[str, Any]]:
        """Reads on until there are so many facts."""
        self.until(lambda: len(self.facts) >= count, f"{count} facts, there are {len(self.facts)}", within_s)
        return self.facts

    def quiet(self, for_s: float = QUIET_S) -> None:
        """Reads on until nothing more comes."""
        until = time.monotonic() + for_s
        while time.monotonic() < until:
            if self.tail.read():
                until = time.monotonic() + for_s

    def places(self, did: str) -> list[tuple[str, int, int]]:
        """Topic, partition and offset of the inputs that left such a fact."""
        return [
            (fact["topic"], fact["partition"], fact["offset"]) for fact in self.facts if fact["did"] == did
        ]

    # -- after ---------------------------------------------------------------------------------------

    def close(self) -> None:
        for worker in self.workers:
            if worker.is_alive:
                worker.go_on()
                worker.kill()
        if self._tail is not None:
            self._tail.close()


def assert_ids_are_whole(world: World) -> None:
    """Every id of a lane's facts is there, from 0 on, once on a broker with transactions (engine 17)."""
    by_lane: dict[str, list[int]] = {}
    for fact in world.facts:
        lane, _, sequence = fact["ce_id"].rpartition("-")
        by_lane.setdefault(lane, []).append(int(sequence))
        assert fact.get("id", fact["ce_id"]) == fact["ce_id"], "the decision was told another id"
    for lane, sequences in by_lane.items():
        found = sequences if world.is_transactional else set(sequences)
        assert sorted(found) == list(range(len(found))), lane
