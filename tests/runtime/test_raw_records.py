"""Records as they come from the fetcher: nothing a sender puts into a header stops an input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, READ_UNCOMMITTED
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from services.runtime.raw_records import KeptMemoryRecords, LenientPartitionRecords

Headers = Sequence[tuple[str, bytes | None]]
#: Latin-1 letters of the same length as the mark they replace in a packed batch.
MARK, NOT_UTF8 = b"naam-van-de-kop", b"na\xe4m-v\xe4n-de-kop"


def packed(base: int, *headers: Headers, producer: int = -1, transactional: bool = False) -> bytes:
    """One record batch with a record for each list of headers."""
    builder = DefaultRecordBatchBuilder(
        2, 0, int(transactional), producer, 0 if producer >= 0 else -1, 0, batch_size=10**6
    )
    for offset, said in enumerate(headers):
        assert builder.append(offset, 1000 + offset, b"case-%d" % offset, b"{}", said) is not None
    raw = bytearray(builder.build())
    raw[0:8] = base.to_bytes(8, "big")
    return bytes(raw)


def a_chunk(
    data: bytes, *, at: int = 0, aborted: list[tuple[int, int]] | None = None, committed: bool = True
) -> LenientPartitionRecords:
    return LenientPartitionRecords(
        TopicPartition("signals.commands", 0),
        KeptMemoryRecords(data),
        aborted,
        at,
        None,
        None,
        False,  # the tests spoil bytes on purpose
        READ_COMMITTED if committed else READ_UNCOMMITTED,
    )


def drained(data: bytes, **how: Any) -> tuple[list[Any], int]:
    """All of a chunk, and the position behind it; one by one it is the same."""
    chunk, again = a_chunk(data, **how), a_chunk(data, **how)
    found, one_by_one = chunk.drain(), list(again)
    assert [record.offset for record in found] == [record.offset for record in one_by_one]
    assert chunk.next_fetch_offset == again.next_fetch_offset
    return found, chunk.next_fetch_offset


def test_drain_gives_every_record_and_the_position_behind_them() -> None:
    records, end = drained(packed(10, [("a", b"1")], []) + packed(12, []))
    assert [record.offset for record in records] == [10, 11, 12]
    assert [list(record.headers) for record in records] == [[("a", b"1")], [], []]
    assert end == 13


def test_drain_begins_where_the_position_stands() -> None:
    records, end = drained(packed(10, [], [], []), at=12)
    assert [record.offset for record in records] == [12]
    assert end == 13


def test_header_name_that_is_not_utf8_does_not_stop_the_input() -> None:
    good = [("ce_id", b"x"), ("empty", b"")]
    data = packed(5, [(MARK.decode(), b"v"), *good], good)
    data = packed(0, good, good, good, good, good) + data.replace(MARK, NOT_UTF8) + packed(7, good)
    records, end = drained(data)
    assert [record.offset for record in records] == list(range(8))
    assert end == 8
    name, value = records[5].headers[0]
    assert (name, value) == ("na\ufffdm-v\ufffdn-de-kop", b"v")
    assert records[5].headers[1:] == good
    assert (records[6].key, records[6].value, records[6].timestamp) == (b"case-1", b"{}", 1001)


def test_header_without_a_value_is_read_the_same_by_both_parsers() -> None:
    (strict,), _ = drained(packed(0, [("n", None), (MARK.decode(), b"")]))
    (lenient,), _ = drained(packed(0, [("n", None), (MARK.decode(), b"")]).replace(MARK, NOT_UTF8))
    assert strict.headers[0] == lenient.headers[0]


def test_aborted_batches_are_not_given_and_are_passed() -> None:
    data = packed(0, []) + packed(1, [], [], producer=7, transactional=True)
    records, end = drained(data, aborted=[(7, 1)])
    assert [record.offset for record in records] == [0]
    assert end == 3
    records, _ = drained(data, aborted=[(7, 1)], committed=False)
    assert [record.offset for record in records] == [0, 1, 2]


def test_aborted_transaction_of_one_sender_hides_nothing_of_another() -> None:
    data = packed(0, [], producer=7, transactional=True) + packed(1, [], producer=8, transactional=True)
    records, _ = drained(data, aborted=[(7, 0)])
    assert [record.offset for record in records] == [1]


def test_reading_one_by_one_keeps_the_position_behind_each_record() -> None:
    chunk = a_chunk(packed(10, [], []) + packed(12, [], producer=7, transactional=True), aborted=[(7, 12)])
    seen = [(record.offset, chunk.next_fetch_offset) for record in chunk]
    assert seen == [(10, 11), (11, 12)]
    assert chunk.next_fetch_offset == 13
