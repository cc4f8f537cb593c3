"""Where a record goes by its key: the same partition that every other client of Kafka gives it."""

from __future__ import annotations

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=16_384)
def partition_of(key: bytes, partitions: int) -> int:
    """As Java's default partitioner has it; a client with another one parts a case over two lanes."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
