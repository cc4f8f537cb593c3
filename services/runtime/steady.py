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

from services.runtime import batch
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


_Place = tuple[str, int]


class _Part(NamedTuple):
    """What one caller has for one partition, and its answer: the offset of each."""

    records: list[batch.Outgoing]
    answer: asyncio.Future[list[int]]


class _Running:
    """One producer and what waits for it. A partition has one stretch on its way at a time; what comes meanwhile goes
    together in the next, for aiokafka's own queue lets many who wait for one partition run out of time."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.producer = producer
        self.partitions: dict[str, int] = {}
        self._waiting: dict[_Place, list[_Part]] = {}
        self._busy: dict[_Place, asyncio.Task[None]] = {}

    def hand_over(self, place: _Place, records: list[batch.Outgoing]) -> asyncio.Future[list[int]]:
        """The offsets of these records, once they are acknowledged."""
        part = _Part(records, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(place, []).append(part)
        if place not in self._busy:
            self._busy[place] = asyncio.create_task(self._work_off(place))
        return part.answer

    async def _work_off(self, place: _Place) -> None:
        parts: list[_Part] = []
        try:
            while parts := self._waiting.pop(place, []):
                offsets = iter(await self._send(place, [one for part in parts for one in part.records]))
                for part in parts:
                    found = list(islice(offsets, len(part.records)))
                    if not part.answer.done():
                        part.answer.set_result(found)
        except Exception as fault:  # whatever it is, it is for those who wait
            for part in (*parts, *self._waiting.pop(place, [])):
                if not part.answer.done():
                    part.answer.set_exception(fault)
        finally:
            del self._busy[place]

    async def _send(self, place: _Place, records: list[batch.Outgoing]) -> list[int]:
        topic, partition = place
        waits, counts = [], []
        for stretch, count in packed(self.producer, records, is_transactional=False):
            waits.append(await self.producer.send_batch(stretch, topic, partition=partition))
            counts.append(count)
        said = await asyncio.gather(*waits)
        return [one.offset + n for one, count in zip(said, counts, strict=True) for n in range(count)]


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
        places: dict[_Place, list[int]] = defaultdict(list)
        for index, (topic, key, _, _) in enumerate(outgoing):
            partitions = running.partitions.get(topic) or await self._partitions(running, topic)
            places[topic, partition_of(key, partitions)].append(index)
        answers = [
            running.hand_over(
                place, [(outgoing[i].key, outgoing[i].value, outgoing[i].headers) for i in indexes]
            )
            for place, indexes in places.items()
        ]
        offsets = await asyncio.gather(*answers)
        lies: dict[int, Lies] = {}
        for (_, partition), indexes, found in zip(places, places.values(), offsets, strict=True):
            lies |= {index: Lies(partition, offset) for index, offset in zip(indexes, found, strict=True)}
        return [lies[index] for index in range(len(outgoing))]

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
                self._running = _Running(await self._started())
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
