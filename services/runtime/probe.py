"""Asks the broker how far the inputs reach, on a connection of its own.

A broker answers the requests of one connection in order, and a fetch that waits for records holds up every
question behind it: on the consumer's connection the evidence for a timer came half a second late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

#: A log that says nothing more for so long has ended (embedded broker only).
READ_ON_MS = 50


class Probe:
    """Log ends and beginnings as a read-committed reader sees them; every question bounded by `within_s`."""

    def __init__(
        self, bootstrap: str, security: dict[str, Any], within_s: float, *, is_transactional: bool
    ) -> None:
        self._bootstrap = bootstrap
        self._is_transactional = is_transactional
        self._reading = asyncio.Lock()
        self._security = security
        self._within_s = within_s
        self._client: AIOKafkaConsumer | None = None
        self._starting = asyncio.Lock()

    async def ends(self, places: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The last stable offsets: what lies behind them is not yet said."""
        client = await self._started()
        ends: dict[TopicPartition, int] = await asyncio.wait_for(
            client.end_offsets(list(places)), self._within_s
        )
        if self._is_transactional:
            return ends
        async with self._reading:
            return await asyncio.wait_for(self._read_on(client, ends), self._within_s)

    async def _read_on(
        self, client: AIOKafkaConsumer, ends: dict[TopicPartition, int]
    ) -> Mapping[TopicPartition, int]:
        """The embedded broker's ends are short by its last batch, where an answer may lie: it is looked at."""
        client.assign(list(ends))
        for place, end in ends.items():
            client.seek(place, end)
        while found := await client.getmany(timeout_ms=READ_ON_MS):
            ends.update({place: records[-1].offset + 1 for place, records in found.items()})
        client.assign([])
        return ends

    async def beginnings(self, places: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The oldest offsets still held."""
        client = await self._started()
        return await asyncio.wait_for(client.beginning_offsets(list(places)), self._within_s)

    async def partitions(self) -> dict[str, int]:
        """Every topic and how many partitions it has; asking by name could make a topic that is missing."""
        client = await self._started()
        known = await asyncio.wait_for(client._client.fetch_all_metadata(), self._within_s)
        return {topic: len(known.partitions_for_topic(topic) or ()) for topic in known.topics()}

    async def _started(self) -> AIOKafkaConsumer:
        async with self._starting:
            if self._client is None:
                client = AIOKafkaConsumer(
                    bootstrap_servers=self._bootstrap,
                    enable_auto_commit=False,
                    isolation_level="read_committed",
                    fetch_max_wait_ms=READ_ON_MS // 2,
                    **self._security,
                )
                await asyncio.wait_for(client.start(), self._within_s)
                self._client = client
            return self._client
