"""Packs records into as few record batches as a broker takes: one acknowledgement a batch, not one a record."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from services.runtime.batch import Outgoing

#: What a broker takes as one record batch, with room for its header.
BATCH_MAX_BYTES = 900_000


class Packed(NamedTuple):
    """One record batch, and how many records are in it."""

    batch: BatchBuilder
    records: int


def packed(
    producer: AIOKafkaProducer, outgoing: Sequence[Outgoing], *, is_transactional: bool
) -> Iterator[Packed]:
    """The batches of one partition, in order."""
    now_ms = int(time.time() * 1000)
    index, count = 0, len(outgoing)
    while index < count:
        # Records go straight into aiokafka's C builder: its Python wrapper costs more than the packing.
        builder = DefaultRecordBatchBuilder(
            2, 0, int(is_transactional), -1, -1, 0, batch_size=BATCH_MAX_BYTES
        )
        append = builder.append
        records = 0
        while index < count:
            key, value, headers = outgoing[index]
            if append(records, now_ms, key, value, headers) is None:
                break
            index += 1
            records += 1
        if records == 0:
            raise RuntimeError("a record outgrew what a broker takes at once")
        batch = producer.create_batch()
        batch._builder, batch._relative_offset = builder, records
        yield Packed(batch, records)
