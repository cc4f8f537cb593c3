"""Reads topics from outside a lane: committed records only, without a group, to their end or for ever."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.runtime.job import Record
from services.runtime.parting import part_from
from services.runtime.partition import partition_of
from services.runtime.reach import BrokerUnreachable, Security, TopicsMissing

_POLL_S = 0.3
#: A silent log and a dead broker look alike to a consumer; so often the broker is asked.
_ASK_EVERY_S = 5.0
#: Positions and what is numbered by them are 64 bits wide.
_SEQUENCE_MAX_DIGITS = 19


async def follow(  # noqa: PLR0913 - each says one thing of how to read
    bootstrap: str,
    topics: Sequence[str],
    *,
    key: bytes | None = None,
    from_start: bool = True,
    until_end: bool = False,
    security: Security | None = None,
    within_s: float = 15.0,
) -> AsyncGenerator[list[Record]]:
    """Batches of records, merged by time stamp; what one partition holds keeps its order.

    An empty batch now and then says that there is nothing new. With `until_end` it stops where the log ends, with a
    `key` it reads of each topic only the partition in which records of that key lie, whatever else lies there.
    """
    reader = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id="seinhuis-follow",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        request_timeout_ms=int(within_s * 1000),
        **(security or {}),
    )
    try:
        async with asyncio.timeout(within_s):
            await reader.start()
            places = await _assign(reader, bootstrap, topics, key, from_start)
        async for batch in _batches(reader, places, until_end, within_s):
            yield batch
    except (KafkaError, TimeoutError, OSError) as fault:
        raise BrokerUnreachable(bootstrap, type(fault).__name__) from fault
    finally:
        # Waited for from outside: aiokafka lets the cancellation of its own fetches escape from here.
        await part_from(reader)


async def _assign(
    reader: AIOKafkaConsumer, bootstrap: str, topics: Sequence[str], key: bytes | None, from_start: bool
) -> list[TopicPartition]:
    known = await reader._client.fetch_all_metadata()
    if missing := set(topics) - set(known.topics()):
        raise TopicsMissing(bootstrap, missing)
    parts = {topic: sorted(known.partitions_for_topic(topic)) for topic in topics}
    if key is not None:
        parts = {topic: [partition_of(key, len(all_parts))] for topic, all_parts in parts.items()}
    places = [TopicPartition(topic, part) for topic in topics for part in parts[topic]]
    reader.assign(places)
    await (reader.seek_to_beginning if from_start else reader.seek_to_end)(*places)
    for place in places:  # a position is looked up when it is first asked: now, not at the first record
        await reader.position(place)
    return places


async def _batches(
    reader: AIOKafkaConsumer, places: list[TopicPartition], until_end: bool, within_s: float
) -> AsyncGenerator[list[Record]]:
    asked_s = time.monotonic()
    while True:
        found = await reader.getmany(timeout_ms=int(_POLL_S * 1000))
        if not found and (until_end or time.monotonic() - asked_s > _ASK_EVERY_S):
            async with asyncio.timeout(within_s):
                ends = await reader.end_offsets(places)
                positions = [await reader.position(place) for place in places]
            asked_s = time.monotonic()
            # Only an empty answer is the end: the embedded broker's own end is short by its last batch.
            if until_end and all(at >= ends[place] for at, place in zip(positions, places, strict=True)):
                return
        yield merged(found)


def merged(found: Mapping[TopicPartition, Iterable[Any]]) -> list[Record]:
    """What several partitions brought as one list by time stamp; what one partition holds keeps its order."""
    return list(heapq.merge(*(_records(place, batch) for place, batch in found.items()), key=_order))


def _records(place: TopicPartition, batch: Iterable[Any]) -> list[Record]:
    return [
        Record(place.topic, place.partition, seen.offset, seen.key, seen.value, seen.headers, seen.timestamp)
        for seen in batch
    ]


def _order(record: Record) -> tuple[int, int]:
    # Facts of one unit share a time stamp over topics; the sequence in their ids tells which came first.
    # Of an id that is not ours, in an inbox, nothing is known: it may be empty, or a number without end.
    said = next((raw for name, raw in record.headers if name == "ce_id"), None) or b""
    sequence = said.rpartition(b"-")[2]
    is_number = sequence.isdigit() and len(sequence) <= _SEQUENCE_MAX_DIGITS
    return record.timestamp_ms, int(sequence) if is_number else 0
