"""Records as the fetcher parsed them: whole record batches at once, and no header may stop an input.

aiokafka builds an object with eleven fields for every record and raises on a header name that is not UTF-8,
for ever, at the same offset. Here a fetched chunk is drained batch by batch as C made it, and a batch with
such a header is parsed again leniently, so that the record can become a dead letter and its neighbours pass.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

_LENGTH = struct.Struct(">qi")


def install() -> None:
    """Makes the fetchers of this process build our classes: they find them by their module's names."""
    fetcher.PartitionRecords = LenientPartitionRecords
    fetcher.MemoryRecords = KeptMemoryRecords


class LenientRecord(NamedTuple):
    """A record whose header names could not all be read as text."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


class KeptMemoryRecords(MemoryRecords):  # type: ignore[misc]
    """aiokafka's batch splitter that remembers the bytes of the batch it gave last."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._raw = data
        self._at = 0
        self.last_raw: memoryview = memoryview(b"")

    def next_batch(self) -> Any:
        batch = super().next_batch()
        if batch is not None:
            _, length = _LENGTH.unpack_from(self._raw, self._at)
            end = self._at + _LENGTH.size + length
            self.last_raw = memoryview(self._raw)[self._at : end]
            self._at = end
        return batch


class LenientPartitionRecords(PartitionRecords):  # type: ignore[misc]
    """One fetched chunk of a partition, drained as a whole."""

    def _consumer_record(self, tp: Any, record: Any) -> Any:
        return record

    def drain(self) -> list[Any]:
        """Every visible record of the chunk; `next_fetch_offset` then stands behind its last batch."""
        # aiokafka's own iterator, never run here, would tie chunk and record bytes into a cycle: 1 MB a fetch.
        self._records_iterator = None
        found: list[Any] = []
        for here, end in self._visible():
            found += here
            self.next_fetch_offset = end
        return found

    def _unpack_records(self) -> Iterator[Any]:
        """The same one by one, for the readers beside the lanes."""
        for here, end in self._visible():
            for record in here:
                self.next_fetch_offset = record.offset + 1
                yield record
            self.next_fetch_offset = end

    def _visible(self) -> Iterator[tuple[list[Any], int]]:
        """Each batch's visible records, none for markers and aborted ones, and the position behind it."""
        records = self._records
        is_committed_only = self._isolation_level == READ_COMMITTED
        while records.has_next():
            batch = records.next_batch()
            if self._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            is_aborted = is_committed_only and batch.producer_id is not None and self._is_aborted(batch)
            if is_aborted or batch.is_control_batch:
                yield [], batch.next_offset
                continue
            try:
                here = list(batch)
            except UnicodeDecodeError:
                here = _parse_leniently(records.last_raw)
            if here and here[0].offset < self.next_fetch_offset:
                here = [record for record in here if record.offset >= self.next_fetch_offset]
            yield here, batch.next_offset

    def _is_aborted(self, batch: Any) -> bool:
        self._consume_aborted_up_to(batch.base_offset)
        if batch.is_control_batch and self._contains_abort_marker(batch):
            self._aborted_producers.discard(batch.producer_id)
        return bool(batch.is_transactional and batch.producer_id in self._aborted_producers)


def _parse_leniently(raw: memoryview) -> list[LenientRecord]:
    """The records of one batch (message format 2), header names read with replacement characters."""
    batch = _DefaultRecordBatchPy(raw)
    batch._maybe_uncompress()
    buffer, pos = batch._buffer, batch._pos
    found: list[LenientRecord] = []
    for _ in range(batch._num_records):
        _, pos = decode_varint(buffer, pos)
        _, pos = decode_varint(buffer, pos)
        delta_ms, pos = decode_varint(buffer, pos)
        delta, pos = decode_varint(buffer, pos)
        key, pos = _nullable(buffer, pos)
        value, pos = _nullable(buffer, pos)
        count, pos = decode_varint(buffer, pos)
        headers: list[tuple[str, bytes]] = []
        for _ in range(count):
            name, pos = _nullable(buffer, pos)
            content, pos = _nullable(buffer, pos)
            # A header without a value stays one, as in the strict parser, whatever its type says.
            headers.append(((name or b"").decode("utf-8", "replace"), cast(bytes, content)))
        timestamp = batch.max_timestamp if batch.timestamp_type else batch.first_timestamp + delta_ms
        found.append(LenientRecord(batch.base_offset + delta, timestamp, key, value, headers))
    return found


def _nullable(buffer: bytearray, pos: int) -> tuple[bytes | None, int]:
    length, pos = decode_varint(buffer, pos)
    if length < 0:
        return None, pos
    return bytes(buffer[pos : pos + length]), pos + length
