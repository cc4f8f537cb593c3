"""What is put to the proof: a job, its topics, the load said to it, and who judges what it left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from schemas.envelope import Envelope
from services.agreements.book import publication, record_key, usable
from services.runtime.clock import Clock
from tests.chaos import casework_model, casework_verify, counting, counting_load, counting_verify
from tests.chaos.casework_load import Play
from tests.chaos.load import Planned
from tests.chaos.reading import Broker
from tests.chaos.recording import Header, Recording, Verdict
from topics.catalogue import (
    AGREEMENTS_EVENTS,
    CATALOGUE,
    COORDINATION_COMMANDS,
    COORDINATION_EVENTS,
    DEADLINES_EVENTS,
    PARTITIONS,
    SIGNALS_COMMANDS,
    SIGNALS_EVENTS,
)

#: The broker's own append time, so that no worker's word is taken for when something was told. A block is judged
#: within minutes; what is older goes, so that a run may last for days.
JUDGED = {"message.timestamp.type": "LogAppendTime", "retention.ms": "3600000", "segment.ms": "300000"}
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
    def partitions(self) -> int: ...
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
        return {name: (self.partitions, JUDGED) for name in (*self.inputs, *self.facts)}

    def prepare(self, broker: Broker) -> None:
        """Nothing has to be published first."""

    def plan(self, block: int, seconds: float) -> Iterator[Planned]:
        return counting_load.plan(self.name, block, self.seed, self.rate, seconds)

    def stamp(self, at_ms: int) -> Header:
        return counting_load.stamp(at_ms)

    def verify(self, recording: Recording, first_sequence: dict[int, int]) -> Verdict:
        return counting_verify.verify(recording, self.name, first_sequence)


def fast_clock(anchor_s: float) -> Clock:
    """A clock that shows the wall's time now and runs ahead from here, at the speed of the proof's agreement."""
    return Clock(round(anchor_s * 1000), anchor_s, casework_model.SPEED)


@dataclass(frozen=True)
class Casework:
    """The core itself: signals reported and answered under an agreement whose minutes take two seconds."""

    seed: int
    rate: float
    clock: Clock
    name: str = "casework"
    worker: str = "casework"
    partitions: int = PARTITIONS
    model: casework_model.Model = field(default_factory=casework_model.Model)

    @property
    def inputs(self) -> tuple[str, ...]:
        return (SIGNALS_COMMANDS.name, COORDINATION_COMMANDS.name)

    @property
    def facts(self) -> tuple[str, ...]:
        return (SIGNALS_EVENTS.name, COORDINATION_EVENTS.name, DEADLINES_EVENTS.name)

    @property
    def environment(self) -> Mapping[str, str]:
        clock = self.clock
        start = datetime.fromtimestamp(clock.start_ms / 1000, UTC).isoformat(timespec="milliseconds")
        return {"SEINHUIS_CLOCK": f"{start}@{clock.anchor_s}x{clock.speed}"}

    def topics(self) -> Topics:
        return {
            topic.name: (topic.partitions, topic.configs() | ({} if topic.cleanup == "compact" else JUDGED))
            for topic in CATALOGUE
        }

    def prepare(self, broker: Broker) -> None:
        """Publishes the agreement."""
        found = usable(casework_model.TEXT)
        fact = publication(found, casework_model.TEXT)
        now = self.stamp(round(self.clock.anchor_s * 1000))[1].decode()
        envelope = Envelope(
            id="agreements-0-0", source="urn:seinhuis:agreements", type=fact.type_name(), recordedtime=now
        )
        value = fact.model_dump_json().encode()
        broker.send(AGREEMENTS_EVENTS.name, record_key(found), value, envelope.headers())

    def plan(self, block: int, seconds: float) -> Iterator[Planned]:
        return Play(self.model, SIGNALS_COMMANDS.name, block, self.seed).commands(self.rate, seconds)

    def stamp(self, at_ms: int) -> Header:
        shown_ms = self.clock.start_ms + int((at_ms - self.clock.anchor_s * 1000) * self.clock.speed)
        shown = datetime.fromtimestamp(shown_ms / 1000, UTC).isoformat(timespec="milliseconds")
        return "ce_recordedtime", shown.replace("+00:00", "Z").encode()

    def verify(self, recording: Recording, first_sequence: dict[int, int]) -> Verdict:
        return casework_verify.verify(recording, first_sequence, self.clock, self.model)
