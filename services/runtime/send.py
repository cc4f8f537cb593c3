"""Sends records as the door does: idempotent, acknowledged by all copies, by the same murmur2 as every lane."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.runtime.job import Header
from services.runtime.reach import BrokerUnreachable, Security, TopicsMissing

#: Records that may wait for their acknowledgement; a sender that runs ahead of the broker waits here.
IN_FLIGHT_MAX = 5_000


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
        self._within_s = within_s
        self._is_transactional = transactional_id is not None
        # The default partitioner is murmur2, as in Java; a client with another one parts a case over two lanes.
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id="seinhuis-send",
            acks="all",
            enable_idempotence=True,
            transactional_id=transactional_id,
            linger_ms=5,
            request_timeout_ms=int(within_s * 1000),
            **(security or {}),
        )
        self._known: frozenset[str] = frozenset()
        self._waits: deque[asyncio.Future[Any]] = deque()
        self._spans: dict[tuple[str, int], Span] = {}

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(self._within_s):
                await self._producer.start()
                self._known = frozenset((await self._producer.client.fetch_all_metadata()).topics())
                if self._is_transactional:
                    await self._producer.begin_transaction()
        except (KafkaError, TimeoutError, OSError) as fault:
            await self._stop()
            raise BrokerUnreachable(self._bootstrap, type(fault).__name__) from fault
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                await self._settle(0)
                if self._is_transactional:
                    await self._producer.commit_transaction()
            elif self._is_transactional:
                await self._producer.abort_transaction()
        finally:
            await self._stop()

    async def put(self, outgoing: Outgoing) -> None:
        """Hands a record to the producer; waits while too many are on their way."""
        topic, key, value, headers = outgoing
        if topic not in self._known:
            raise TopicsMissing(self._bootstrap, [topic])
        await self._settle(IN_FLIGHT_MAX)
        try:
            self._waits.append(await self._producer.send(topic, value, key=key, headers=list(headers)))
        except KafkaError as error:
            raise BrokerUnreachable(self._bootstrap, type(error).__name__) from error

    def spans(self) -> tuple[Span, ...]:
        """What was acknowledged so far, by topic and partition; all of it after leaving."""
        return tuple(span for _, span in sorted(self._spans.items()))

    async def _settle(self, most: int) -> None:
        while len(self._waits) > most:
            try:
                done = await self._waits.popleft()
            except KafkaError as error:
                raise BrokerUnreachable(self._bootstrap, type(error).__name__) from error
            place = (done.topic, done.partition)
            was = self._spans.get(place)
            self._spans[place] = (
                Span(*place, was.records + 1, min(was.first, done.offset), max(was.last, done.offset))
                if was
                else Span(*place, 1, done.offset, done.offset)
            )

    async def _stop(self) -> None:
        try:
            async with asyncio.timeout(self._within_s):
                await self._producer.stop()
        except TimeoutError:
            pass  # nobody is left to say goodbye to
