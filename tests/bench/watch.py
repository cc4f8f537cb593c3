"""One run of one system: started, watched until every fact is visible, stopped, and its facts judged."""

from __future__ import annotations

import os
import subprocess
import time
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import orjson
import psutil
from confluent_kafka import Consumer, IsolationLevel, Message, TopicPartition

from services.cli.processes import end
from tests.bench.load import LOG_END, admin

ROOT = Path(__file__).resolve().parents[2]
_SAMPLE_EVERY_S = 0.25
#: All facts are there and the log has rested this long: nothing more comes, a double included.
_REST_S = 2.0
#: A system that shows no progress for this long has failed.
_STALLED_S = 60.0
_STOP_WITHIN_S = 30.0


class SystemFailed(Exception):
    """A system under test ended or stood still before its work was done; the text says where its log is."""


@dataclass(frozen=True)
class Bed:
    """Where a benchmark runs: the broker's address and process, and the directory of the systems' logs."""

    kafka: str
    broker: psutil.Process
    logs: Path

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


@dataclass(frozen=True)
class Sample:
    """How far a run was at a moment, and the CPU seconds used until then by the system, the broker and the rest."""

    at_s: float
    facts: int
    system_s: float
    broker_s: float
    others_s: float


@dataclass
class Judged:
    """What became of the inputs, as a read-committed consumer sees it."""

    facts: int = 0
    lost: int = 0
    doubled: int = 0
    #: Facts whose count is not the next one of their case: a row was lost, doubled or out of order.
    miscounted: int = 0

    @property
    def is_exact(self) -> bool:
        return not (self.lost or self.doubled or self.miscounted)


@dataclass
class Ran:
    """A run's figures. `others_share`: how much of the machine went to neither system, broker nor benchmark."""

    events_per_s: float
    cpu_us: float
    broker_us: float = 0.0
    others_share: float = 0.0
    rss_mb: float = 0.0
    judged: Judged = field(default_factory=Judged)


@contextmanager
def started(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[psutil.Process]:
    """A process of the system under test; at the end it is asked to stop, and killed when it does not."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        end(process, _STOP_WITHIN_S)


def cpu_s(process: psutil.Process) -> float:
    """User and system time of a process and its children so far."""
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        used = one.cpu_times()
        total += float(used.user + used.system)
    return total


def others_s() -> float:
    """CPU seconds of the machine so far that went to neither this process nor its children, the broker among them."""
    spent = psutil.cpu_times()
    return float(spent.user + spent.nice + spent.system) - cpu_s(psutil.Process())


def others_share(spent_s: float, took_s: float) -> float:
    """CPU seconds as a share of what the whole machine had in that time."""
    return spent_s / took_s / (psutil.cpu_count() or 1)


class Progress:
    """The ends of the output topics: of the log, and of what a read-committed consumer may see."""

    def __init__(self, kafka: str, topics: Sequence[str], partitions: int) -> None:
        self._admin = admin(kafka)
        self._wanted = [TopicPartition(topic, n) for topic in topics for n in range(partitions)]

    def visible(self) -> int:
        return self._sum(IsolationLevel.READ_COMMITTED)

    def appended(self) -> int:
        return self._sum(IsolationLevel.READ_UNCOMMITTED)

    def _sum(self, isolation: IsolationLevel) -> int:
        asked = dict.fromkeys(self._wanted, LOG_END)
        found = self._admin.list_offsets(asked, isolation_level=isolation, request_timeout=10)
        return sum(future.result().offset for future in found.values())


def watch(system: psutil.Process, broker: psutil.Process, progress: Progress, expected: int) -> list[Sample]:
    """Samples until `expected` facts are visible, none is in an open transaction and the log rests."""
    samples: list[Sample] = []
    moved_s = time.monotonic()
    last = -1
    while True:
        if not system.is_running() or system.status() == psutil.STATUS_ZOMBIE:
            raise SystemFailed(f"it ended after {last} of {expected} facts")
        appended, now_s = progress.appended(), time.monotonic()
        if appended != last:
            last, moved_s = appended, now_s
        samples.append(Sample(now_s, appended, cpu_s(system), cpu_s(broker), others_s()))
        rested_s = now_s - moved_s
        if appended >= expected and rested_s > _REST_S and progress.visible() == appended:
            return samples
        if rested_s > _STALLED_S:
            raise SystemFailed(f"it stood still for {_STALLED_S:.0f} s at {last} of {expected} facts")
        time.sleep(_SAMPLE_EVERY_S)


def steady(samples: Sequence[Sample]) -> tuple[Sample, Sample]:
    """The samples around a tenth and nine tenths of the facts: start and stop are not counted."""
    whole = samples[-1].facts
    first = next(found for found in samples if found.facts >= whole * 0.1)
    last = next(found for found in samples if found.facts >= whole * 0.9)
    return (first, last) if first.facts < last.facts else (samples[0], last)


def figures(samples: Sequence[Sample], appended_ms: array[int], facts_an_event: float = 1.0) -> Ran:
    """Events a second by the broker's clock, and CPU microseconds an event."""
    first, last = steady(samples)
    events = (last.facts - first.facts) / facts_an_event
    took_s = last.at_s - first.at_s
    return Ran(
        events_per_s=throughput(appended_ms) / facts_an_event,
        cpu_us=1e6 * (last.system_s - first.system_s) / events,
        broker_us=1e6 * (last.broker_s - first.broker_s) / events,
        others_share=others_share(last.others_s - first.others_s, took_s),
    )


def read_all(kafka: str, topics: Sequence[str], partitions: int) -> Iterator[Message]:
    """Every message a read-committed consumer sees in these topics, partition by partition in order."""
    reader = Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": "bench-reader",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "log_level": 0,
        }
    )
    try:
        wanted = [TopicPartition(topic, n, 0) for topic in topics for n in range(partitions)]
        reader.assign(wanted)
        ended = 0
        while ended < len(wanted):
            for message in reader.consume(10_000, timeout=1.0):
                if message.error() is None:
                    yield message
                else:
                    ended += 1
    finally:
        reader.close()


def throughput(appended_ms: array[int]) -> float:
    """Facts a second between a tenth and nine tenths of them, by the broker's clock."""
    in_order = sorted(appended_ms)
    first, last = len(in_order) // 10, len(in_order) * 9 // 10
    return (last - first) * 1000 / max(1, in_order[last] - in_order[first])


class Seen(Protocol):
    """What is judged of a message."""

    def value(self) -> bytes | None: ...
    def timestamp(self) -> tuple[int, int]: ...


def judge(messages: Iterable[Seen], expected: int) -> tuple[array[int], Judged]:
    """When each fact was appended, and whether every input has one, once, with the right count of its case."""
    appended_ms = array("q")
    seen = Counter[int]()
    counts: dict[str, int] = {}
    judged = Judged()
    for message in messages:
        fact = orjson.loads(message.value() or b"null")
        appended_ms.append(message.timestamp()[1])
        seen[fact["number"]] += 1
        case = fact["case"]
        if fact["count"] != counts.get(case, 0) + 1:
            judged.miscounted += 1
        counts[case] = fact["count"]
    judged.facts = len(appended_ms)
    judged.lost = expected - len(seen)
    judged.doubled = judged.facts - len(seen)
    return appended_ms, judged
