"""Broadcast inputs: every worker reads the whole compacted topic before its lanes open, and follows it (engine 12)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime import metrics
from services.runtime.job import Broadcast, KeptOut, PatientBroadcast
from services.runtime.logs import log

END_CHECK_EVERY_S = 2.0


class BroadcastReader:
    """Feeds each `Broadcast` its topic, whole and then as it grows; `age_s` says how stale it may be."""

    def __init__(
        self,
        job_name: str,
        broadcasts: Sequence[Broadcast],
        *,
        bootstrap: str,
        security: dict[str, Any],
        is_transactional: bool,
    ) -> None:
        self.loaded = asyncio.Event()
        self._job_name = job_name
        self._by_topic = {broadcast.topic: broadcast for broadcast in broadcasts}
        self._bootstrap = bootstrap
        self._security = security
        self._is_transactional = is_transactional
        self._fresh_at_s = time.monotonic()
        #: Where the last word about each key was heard, to name it when it turns out later that it cannot be used.
        self._heard: dict[tuple[str, bytes], tuple[int, int]] = {}

    def age_s(self) -> float:
        """Seconds since every broadcast topic was last known to be read to its end."""
        if not self._by_topic:
            return 0.0
        return time.monotonic() - self._fresh_at_s

    async def run(self) -> None:
        """Reads for ever; returns at once when there is nothing to read."""
        if not self._by_topic:
            self.loaded.set()
            return
        reader = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            **self._security,
        )
        await reader.start()
        try:
            places = await self._places(reader)
            reader.assign(places)
            await reader.seek_to_beginning(*places)
            await self._follow(reader, places)
        finally:
            await reader.stop()

    async def _places(self, reader: AIOKafkaConsumer) -> list[TopicPartition]:
        known = await reader._client.fetch_all_metadata()
        places: list[TopicPartition] = []
        for topic in self._by_topic:
            partitions = known.partitions_for_topic(topic)
            if not partitions:
                raise LookupError(f"topic {topic} does not exist: run `seinhuis topics create` first")
            places += [TopicPartition(topic, partition) for partition in sorted(partitions)]
        return places

    async def _follow(self, reader: AIOKafkaConsumer, places: list[TopicPartition]) -> None:
        checked_at_s = 0.0
        touched: set[str] = set()
        while True:
            if time.monotonic() - checked_at_s > END_CHECK_EVERY_S or not self.loaded.is_set():
                asked_at_s = time.monotonic()
                ends = await reader.end_offsets(places)
                checked_at_s = asked_at_s
            found = await reader.getmany(timeout_ms=200)
            for place, records in found.items():
                for record in records:
                    self._take(place, record)
                    # Reading a record may take long; whatever else waits for the loop has its turn in between.
                    await asyncio.sleep(0)
            positions = [await reader.position(place) for place in places]
            is_at_end = all(
                position >= ends[place] for position, place in zip(positions, places, strict=True)
            )
            touched |= {place.topic for place in found}
            if is_at_end and (self._is_transactional or not found):
                self._catch_up(touched)
                touched.clear()
                self._fresh_at_s = max(self._fresh_at_s, asked_at_s)
                if not self.loaded.is_set():
                    log.info("broadcasts_loaded", job=self._job_name, topics=sorted(self._by_topic))
                    self.loaded.set()
            metrics.BROADCAST_AGE.labels(self._job_name).set(self.age_s())

    def _take(self, place: TopicPartition, record: Any) -> None:
        try:
            kept_out = self._by_topic[place.topic].take(record.key, record.value, record.headers)
        except Exception as error:
            metrics.BROADCAST_BAD.labels(self._job_name).inc()
            log.error(
                "broadcast_record_bad",
                job=self._job_name,
                topic=place.topic,
                partition=place.partition,
                offset=record.offset,
                error=type(error).__name__,
            )
            return
        if kept_out is not None:
            self._tell(place.topic, kept_out, place.partition, record.offset)
        elif record.key is not None:
            self._heard[place.topic, record.key] = (place.partition, record.offset)

    def _catch_up(self, topics: Iterable[str]) -> None:
        """All there was has been taken: who waited for that looks at it before anything is decided by it."""
        for topic in topics:
            broadcast = self._by_topic[topic]
            if isinstance(broadcast, PatientBroadcast):
                for key, kept_out in broadcast.caught_up():
                    self._tell(topic, kept_out, *self._heard[topic, key])

    def _tell(self, topic: str, kept_out: KeptOut, partition: int, offset: int) -> None:
        metrics.BROADCAST_KEPT_OUT.labels(self._job_name, topic, kept_out.reason).inc()
        log.error(
            "broadcast_record_kept_out",
            job=self._job_name,
            topic=topic,
            partition=partition,
            offset=offset,
            reason=kept_out.reason,
            line=kept_out.line,
        )
