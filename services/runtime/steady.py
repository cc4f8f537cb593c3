"""A producer that stays: what is handed over together is acknowledged together, by all copies, or it raises.

Idempotent where the broker can be. After a failure it begins anew with another producer, for an idempotent one that
gave up a batch can send no other; whoever handed over what was not acknowledged hands it over again, and it may then
lie there twice, with one id.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, UnknownError

from services.runtime.packing import BATCH_MAX_BYTES, packed
from services.runtime.partition import partition_of
from services.runtime.reach import BrokerUnreachable, Security, TopicsMissing
from services.runtime.send import Outgoing

#: All is acknowledged before a producer is stopped, or nothing matters any more.
STOP_WITHIN_S = 3.0


class Lies(NamedTuple):
    """Where an acknowledged record lies."""

    partition: int
    offset: int


class _Running(NamedTuple):
    producer: AIOKafkaProducer
    partitions: dict[str, int]


class Steady:
    """`await steady.send_all(records)` from as many tasks as like; `stop()` at the end."""

    def __init__(
        self,
        bootstrap: str,
        *,
        security: Security | None = None,
        within_s: float = 10.0,
        name: str = "steady",
    ) -> None:
        self._bootstrap = bootstrap
        self._security = security or {}
        self._within_s = within_s
        self._name = name
        self._running: _Running | None = None
        self._starting = asyncio.Lock()
        self._farewells: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connects now, and not only when there is something to send."""
        async with asyncio.timeout(self._within_s):
            await self._get()

    async def stop(self) -> None:
        """Ends it; what is on its way is waited for, within bounds."""
        running, self._running = self._running, None
        if running is not None:
            self._part_with(running.producer)
        await asyncio.gather(*self._farewells)

    async def send_all(self, outgoing: Sequence[Outgoing]) -> list[Lies]:
        """Sends records, in order where they share a partition, and says where each lies once all are acknowledged."""
        running: _Running | None = None
        try:
            async with asyncio.timeout(self._within_s):
                running = await self._get()
                return await self._send(running, outgoing)
        except (KafkaError, TimeoutError, OSError) as fault:
            if running is not None and self._running is running:
                self._running = None
                self._part_with(running.producer)
            raise BrokerUnreachable(self._bootstrap, type(fault).__name__) from None

    async def _send(self, running: _Running, outgoing: Sequence[Outgoing]) -> list[Lies]:
        places: dict[tuple[str, int], list[int]] = defaultdict(list)
        for index, (topic, key, _, _) in enumerate(outgoing):
            partitions = running.partitions.get(topic) or await self._partitions(running, topic)
            places[topic, partition_of(key, partitions)].append(index)
        lies: list[Lies | None] = [None] * len(outgoing)

        async def one(topic: str, partition: int, indexes: list[int]) -> None:
            records = [(outgoing[i].key, outgoing[i].value, outgoing[i].headers) for i in indexes]
            waits, counts = [], []
            for batch, count in packed(running.producer, records, is_transactional=False):
                waits.append(await running.producer.send_batch(batch, topic, partition=partition))
                counts.append(count)
            at = iter(indexes)
            for said, count in zip(await asyncio.gather(*waits), counts, strict=True):
                for offset, index in enumerate(islice(at, count), start=said.offset):
                    lies[index] = Lies(partition, offset)

        await asyncio.gather(*(one(*place, indexes) for place, indexes in places.items()))
        return [found for found in lies if found is not None]

    async def _partitions(self, running: _Running, topic: str) -> int:
        # Asking for one topic by its name could make it, with the wrong partitions: all are asked for.
        found = await running.producer.client.fetch_all_metadata()
        if topic not in found.topics():
            raise TopicsMissing(self._bootstrap, [topic])
        running.partitions[topic] = len(found.partitions_for_topic(topic) or ())
        return running.partitions[topic]

    async def _get(self) -> _Running:
        async with self._starting:
            if self._running is None:
                self._running = _Running(await self._started(), {})
            return self._running

    async def _started(self) -> AIOKafkaProducer:
        for is_idempotent in (True, False):
            # The embedded broker gives out no producer ids: there, a record sent twice comes twice, with one id.
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                client_id=f"seinhuis-{self._name}",
                acks="all",
                enable_idempotence=is_idempotent,
                linger_ms=0,
                max_batch_size=BATCH_MAX_BYTES,
                max_request_size=4 * BATCH_MAX_BYTES,
                request_timeout_ms=int(self._within_s * 1000),
                **self._security,
            )
            try:
                await producer.start()
            except BaseException as fault:
                await _stopped(producer)
                if is_idempotent and isinstance(fault, UnknownError):
                    continue
                raise
            return producer
        raise AssertionError("the second try answers or raises")

    def _part_with(self, producer: AIOKafkaProducer) -> None:
        farewell = asyncio.create_task(_stopped(producer))
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)


async def _stopped(producer: AIOKafkaProducer) -> None:
    with suppress(KafkaError, TimeoutError, OSError):  # nobody is left to say goodbye to
        async with asyncio.timeout(STOP_WITHIN_S):
            await producer.stop()
