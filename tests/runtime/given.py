"""Builders: a record, a chunk, a lane, a batch, with nothing said that a test does not need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import orjson

from services.runtime.batch import Batch
from services.runtime.job import KEEP, Decide, EffectDone, Input, Job, Record, Rescue, Step, Turn
from services.runtime.lane import Chunk, Lane, RawRecord
from services.runtime.raw_records import LenientRecord

TOPIC = "signals.commands"
OTHER = "notices.events"
NOW_MS = 1_795_420_800_000


def a_record(
    offset: int = 0,
    key: bytes | None = b"case-1",
    value: bytes | None = b"{}",
    headers: Sequence[tuple[str, bytes]] = (),
    at_ms: int = NOW_MS,
) -> RawRecord:
    return LenientRecord(offset, at_ms, key, value, list(headers))


def records(*offsets: int) -> list[RawRecord]:
    return [a_record(offset) for offset in offsets]


def a_chunk(start: int, end: int, found: Sequence[RawRecord] | None = None, topic: str = TOPIC) -> Chunk:
    """Every offset of `[start, end)` holds a record unless `found` says which do."""
    return Chunk(topic, 0, start, end, list(found) if found is not None else records(*range(start, end)))


def a_lane(*topics: str, at: int = 0, partition: int = 0) -> Lane:
    named = topics or (TOPIC,)
    return Lane(partition, named, fed=dict.fromkeys(named, at))


def keep(item: Input, row: bytes | None, turn: Turn) -> Step:
    return KEEP


def write(value: bytes = b"{}") -> Decide:
    """Decides that the row becomes this."""

    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        return Step(value)

    return decide


def always(step: Step) -> Decide:
    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        return step

    return decide


def raising(error: Exception) -> Decide:
    def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
        raise error

    return decide


def a_job(
    decide: Decide = keep,
    *,
    rescue: Rescue | None = None,
    stamp_ms: Callable[[Record], int | None] | None = None,
    inputs: tuple[str, ...] = (TOPIC,),
) -> Job:
    return Job("casework", inputs, decide, rescue=rescue, stamp_ms=stamp_ms)


def apply(  # noqa: PLR0913 - a batch is all of this
    lane: Lane,
    decide: Decide,
    *,
    segments: list[tuple[str, list[RawRecord]]] | None = None,
    timers: Sequence[tuple[bytes, int]] = (),
    outcomes: Sequence[EffectDone] = (),
    clock_ms: int = NOW_MS,
    job: Job | None = None,
    partitions: Mapping[str, int] | None = None,
    budget_s: float = 60.0,
) -> Batch:
    """A batch of this lane, decided; without `segments` it is all that waits in the lane."""

    def partitions_of(topic: str) -> int:
        return (partitions or {}).get(topic, 12)

    batch = Batch(
        job or a_job(decide),
        lane,
        lane.take(10**9) if segments is None else segments,
        list(timers),
        list(outcomes),
        clock_ms=clock_ms,
        partitions_of=partitions_of,
        budget_s=budget_s,
    )
    batch.apply(decide)
    return batch


def positions(batch: Batch) -> dict[str, int]:
    """The positions this unit would make true."""
    row = batch.unit.rows[b"\x00position"]
    assert row is not None
    found: dict[str, int] = orjson.loads(row)["next"]
    return found


def fact_ids(batch: Batch) -> list[str]:
    """The ids of all facts of the unit, in the order of their sequence."""
    found = [
        value.decode()
        for facts in batch.unit.facts.values()
        for _, _, headers in facts
        for name, value in headers
        if name == "ce_id"
    ]
    return sorted(found, key=lambda said: int(said.rpartition("-")[2]))
