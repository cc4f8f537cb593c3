"""Reads partitions from positions that somebody else keeps: committed records only, no group, no choice of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from services.runtime.follow import merged
from services.runtime.job import Record
from services.runtime.reach import BrokerUnreachable, Security

STOP_WITHIN_S = 5.0
FETCH_WAIT_MS = 100


class Place(NamedTuple):
    """One partition of a topic."""

    topic: str
    partition: int


class Expired(Exception):
    """A position lies outside what its partition still holds; it is not for the reader to choose another."""

    def __init__(self, place: Place, offset: int) -> None:
        super().__init__(f"{place.topic} no longer holds position {offset} of partition {place.partition}")
        self.place = place
        self.offset = offset


class Tail:
    """`async with Tail(bootstrap) as tail: await tail.read_from({place: offset})`, then `batch` again and again.

    The next position of each place is `positions`; it moves on over what was taken back, which no batch shows.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        security: Security | None = None,
        within_s: float = 15.0,
        fetch_max_bytes: int = 8 * 1024 * 1024,
    ) -> None:
        self._bootstrap = bootstrap
        self._within_s = within_s
        self._places: list[TopicPartition] = []
        self._reader = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id="seinhuis-tail",
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            request_timeout_ms=int(within_s * 1000),
            fetch_max_bytes=fetch_max_bytes,
            # A broker answers one connection in order: whatever is asked of it waits behind a fetch that waits.
            fetch_max_wait_ms=FETCH_WAIT_MS,
            **(security or {}),
        )

    async def __aenter__(self) -> Self:
        try:
            with self._told():
                async with asyncio.timeout(self._within_s):
                    await self._reader.start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def places(self, topics: Collection[str]) -> list[Place]:
        """The partitions of those of these topics that exist."""
        with self._told():
            async with asyncio.timeout(self._within_s):
                known = await self._reader._client.fetch_all_metadata()
        return [
            Place(topic, part)
            for topic in sorted(topics)
            for part in sorted(known.partitions_for_topic(topic) or ())
        ]

    async def topics(self) -> frozenset[str]:
        """Every topic of the broker, as it says now."""
        with self._told():
            async with asyncio.timeout(self._within_s):
                return frozenset((await self._reader._client.fetch_all_metadata()).topics())

    async def beginnings(self, places: Collection[Place]) -> dict[Place, int]:
        """The first position each place still holds."""
        with self._told():
            async with asyncio.timeout(self._within_s):
                found = await self._reader.beginning_offsets([TopicPartition(*place) for place in places])
        return {Place(place.topic, place.partition): offset for place, offset in found.items()}

    async def ends(self, places: Collection[Place]) -> dict[Place, int]:
        """The position after the last one of each place that is told for good."""
        with self._told():
            async with asyncio.timeout(self._within_s):
                found = await self._reader.end_offsets([TopicPartition(*place) for place in places])
        return {Place(place.topic, place.partition): offset for place, offset in found.items()}

    async def read_from(self, positions: Mapping[Place, int]) -> None:
        """From now on these places, each from its position; raises `Expired` for one that is gone."""
        begins = await self.beginnings(list(positions)) if positions else {}
        for place, offset in positions.items():
            if offset < begins[place]:
                raise Expired(place, offset)
        self._places = [TopicPartition(*place) for place in positions]
        self._reader.assign(self._places)
        for place, offset in positions.items():
            self._reader.seek(TopicPartition(*place), offset)

    async def batch(self, timeout_ms: int, max_records: int | None = None) -> list[Record]:
        """What has come, merged by time stamp; nothing when nothing came in that time."""
        if not self._places:
            await asyncio.sleep(timeout_ms / 1000)
            return []
        with self._told():
            return merged(await self._reader.getmany(timeout_ms=timeout_ms, max_records=max_records))

    async def positions(self) -> dict[Place, int]:
        """The next position of each place that is read."""
        with self._told():
            async with asyncio.timeout(self._within_s):
                return {
                    Place(place.topic, place.partition): await self._reader.position(place)
                    for place in self._places
                }

    async def _stop(self) -> None:
        # Waited for from outside: aiokafka lets the cancellation of its own fetches escape from here.
        await asyncio.wait([asyncio.ensure_future(self._reader.stop())], timeout=STOP_WITHIN_S)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OffsetOutOfRangeError as fault:
            place, offset = next(iter(fault.args[0].items()))
            raise Expired(Place(place.topic, place.partition), offset) from None
        except (KafkaError, TimeoutError, OSError) as fault:
            raise BrokerUnreachable(self._bootstrap, type(fault).__name__) from fault
