"""Sends records as the door does: idempotent, acknowledged by all copies, by the same murmur2 as every lane."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced, UnknownError

from services.runtime.job import Header
from services.runtime.reach import BrokerUnreachable, Security, Superseded, TopicsMissing

#: Records that may wait for their acknowledgement; a sender that runs ahead of the broker waits here.
IN_FLIGHT_MAX = 5_000
#: All is acknowledged before a producer is stopped, or nothing matters any more.
STOP_WITHIN_S = 3.0


class Outgoing(NamedTuple):
    """A record on its way; the key chooses the partition."""

    topic: str
    key: bytes
    value: bytes
    headers: Sequence[Header]


class Span(NamedTuple):
    """What was acknowledged on one partition: how many, and the first and last position."""

    topic: str
    partition: int
    records: int
    first: int
    last: int


class Sender:
    """`async with Sender(bootstrap) as sender: await sender.put(...)`; leaving waits for every acknowledgement.

    With `transactional_id` it ends a predecessor of that name before it is entered, and all it sends is one
    transaction, so that reading, judging and writing belong to one writer at a time.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        transactional_id: str | None = None,
        security: Security | None = None,
        within_s: float = 15.0,
    ) -> None:
        self._bootstrap = bootstrap
        self._transactional_id = transactional_id
        self._security = security or {}
        self._within_s = within_s
        self._producer = self._new_producer(is_idempotent=True)
        self._known: frozenset[str] = frozenset()
        self._waits: deque[asyncio.Future[Any]] = deque()
        self._spans: dict[tuple[str, int], Span] = {}

    def _new_producer(self, is_idempotent: bool) -> AIOKafkaProducer:
        # The default partitioner is murmur2, as in Java; a client with another one parts a case over two lanes.
        return AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id="seinhuis-send",
            acks="all",
            enable_idempotence=is_idempotent,
            transactional_id=self._transactional_id,
            linger_ms=5,
            request_timeout_ms=int(self._within_s * 1000),
            **self._security,
        )

    async def __aenter__(self) -> Self:
        try:
            with self._told():
                async with asyncio.timeout(self._within_s):
                    await self._start()
                    self._known = frozenset((await self._producer.client.fetch_all_metadata()).topics())
                    if self._transactional_id:
                        await self._producer.begin_transaction()
        except BaseException:
            await self._stop()
            raise
        return self

    async def _start(self) -> None:
        try:
            await self._producer.start()
        except UnknownError:
            # The embedded broker gives out no producer ids: there, a record sent twice comes twice, with one id.
            await self._stop()
            if self._transactional_id:
                raise
            self._producer = self._new_producer(is_idempotent=False)
            await self._producer.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                await self._settle(0)
                if self._transactional_id:
                    with self._told():
                        await self._producer.commit_transaction()
        finally:
            await self._stop()  # an open transaction ends with its time-out, or when its successor comes

    async def put(self, outgoing: Outgoing) -> None:
        """Hands a record to the producer; waits while too many are on their way."""
        topic, key, value, headers = outgoing
        if topic not in self._known:
            raise TopicsMissing(self._bootstrap, [topic])
        await self._settle(IN_FLIGHT_MAX)
        with self._told():
            self._waits.append(await self._producer.send(topic, value, key=key, headers=list(headers)))

    def spans(self) -> tuple[Span, ...]:
        """What was acknowledged so far, by topic and partition; all of it after leaving."""
        return tuple(span for _, span in sorted(self._spans.items()))

    async def _settle(self, most: int) -> None:
        while len(self._waits) > most:
            with self._told():
                done = await self._waits.popleft()
            place = (done.topic, done.partition)
            _, _, records, first, last = self._spans.get(place) or Span(*place, 0, done.offset, done.offset)
            self._spans[place] = Span(*place, records + 1, min(first, done.offset), max(last, done.offset))

    async def _stop(self) -> None:
        with suppress(TimeoutError):  # nobody is left to say goodbye to
            async with asyncio.timeout(STOP_WITHIN_S):
                await self._producer.stop()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except ProducerFenced:
            raise Superseded(self._transactional_id or "") from None
        except (KafkaError, TimeoutError, OSError) as fault:
            raise BrokerUnreachable(self._bootstrap, type(fault).__name__) from fault
