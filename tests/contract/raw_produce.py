"""Writes records that no well-behaved client would: their header's name is not UTF-8."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.record._crc32c import crc as crc32c
from aiokafka.record.default_records import DefaultRecordBatchBuilder

#: Where the checksum stands in a record batch, and where what it covers begins.
_CRC_AT, _COVERED_FROM = 17, 21
_MARK = "X"


class _Spoiled:
    """A packed batch whose header names are replaced when it is built."""

    def __init__(self, builder: Any, name: bytes) -> None:
        self._builder = builder
        self._name = name

    def build(self) -> bytes:
        raw = bytearray(self._builder.build())
        mark = (_MARK * len(self._name)).encode()
        assert mark in raw
        raw = raw.replace(mark, self._name)
        raw[_CRC_AT:_COVERED_FROM] = crc32c(bytes(raw[_COVERED_FROM:])).to_bytes(4, "big")
        return bytes(raw)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._builder, name)


class Odd(NamedTuple):
    """A record whose only header has this name, to be written `times` times in one batch."""

    name: bytes
    key: bytes
    value: bytes
    times: int = 1


def produce_oddly(bootstrap: str, topic: str, partition: int, odd: Odd) -> None:
    """Writes it and waits until it is there."""
    asyncio.run(_produce(bootstrap, topic, partition, odd))


async def _produce(bootstrap: str, topic: str, partition: int, odd: Odd) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        packed = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, batch_size=100_000)
        for offset in range(odd.times):
            packed.append(offset, 1_795_420_800_000, odd.key, odd.value, [(_MARK * len(odd.name), b"v")])
        batch = producer.create_batch()
        batch._builder, batch._relative_offset = _Spoiled(packed, odd.name), odd.times
        await asyncio.wait_for(await producer.send_batch(batch, topic, partition=partition), 30)
    finally:
        await producer.stop()
