"""What is put to the proof: a job, its topics, the load said to it, and who judges what it left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from tests.chaos import counting, counting_load, counting_verify
from tests.chaos.load import Planned
from tests.chaos.reading import Broker
from tests.chaos.recording import Header, Recording, Verdict

#: The broker's own append time, so that no worker's word is taken for when something was told.
APPENDED = {"message.timestamp.type": "LogAppendTime"}
#: Small segments that are cleaned all the time: recovery must read compacted changelogs.
COMPACTED = {
    "cleanup.policy": "compact",
    "segment.ms": "10000",
    "segment.bytes": "1048576",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "10000",
}

Topics = dict[str, tuple[int, dict[str, str]]]


class Proof(Protocol):
    """One job under proof. `name` is the process name its ids begin with."""

    @property
    def name(self) -> str: ...
    @property
    def worker(self) -> str: ...
    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def facts(self) -> tuple[str, ...]: ...
    @property
    def environment(self) -> Mapping[str, str]: ...
    def topics(self) -> Topics: ...
    def prepare(self, broker: Broker) -> None: ...
    def plan(self, block: int, seconds: float) -> Iterator[Planned]: ...
    def stamp(self, at_ms: int) -> Header: ...
    def verify(self, recording: Recording, first_sequence: dict[int, int]) -> Verdict: ...


@dataclass(frozen=True)
class Counting:
    """The counting job: two inputs to one lane, a chain over everything, deadlines of seconds."""

    name: str
    seed: int
    rate: float
    partitions: int
    worker: str = "tests.chaos.counting:JOB"

    @property
    def inputs(self) -> tuple[str, ...]:
        return counting.inputs(self.name)

    @property
    def facts(self) -> tuple[str, ...]:
        return (counting.facts(self.name),)

    @property
    def environment(self) -> Mapping[str, str]:
        return {"CHAOS_JOB": self.name, "CHAOS_PARTITIONS": str(self.partitions)}

    def topics(self) -> Topics:
        return {name: (self.partitions, APPENDED) for name in (*self.inputs, *self.facts)}

    def prepare(self, broker: Broker) -> None:
        """Nothing has to be published first."""

    def plan(self, block: int, seconds: float) -> Iterator[Planned]:
        return counting_load.plan(self.name, block, self.seed, self.rate, seconds)

    def stamp(self, at_ms: int) -> Header:
        return counting_load.stamp(at_ms)

    def verify(self, recording: Recording, first_sequence: dict[int, int]) -> Verdict:
        return counting_verify.verify(recording, self.name, first_sequence)
