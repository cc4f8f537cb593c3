"""What the worker told, noted by a read-committed client the moment it could see it, and judged afterwards."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import NamedTuple

import orjson
from confluent_kafka import Consumer, Message, TopicPartition

from schemas.coordination import CaseDescribed
from schemas.deadlines import ObligationBreached, ObligationDischarged, ObligationEscalated
from schemas.signals import SignalRouted
from services.agreements.moments import milliseconds
from services.runtime.clock import Clock
from tests.bench.obligations.seeding import case_of
from topics.catalogue import CATALOGUE, PARTITIONS

BREACHED = ObligationBreached.type_name().encode()
ESCALATED = ObligationEscalated.type_name().encode()
DISCHARGED = ObligationDischarged.type_name().encode()
DESCRIBED = CaseDescribed.type_name().encode()
ROUTED = SignalRouted.type_name().encode()
#: Every topic on which the core tells of cases: together they hold each of its numbers.
TOPICS = tuple(
    topic.name for topic in CATALOGUE if "casework" in topic.writers and topic.name.endswith(".events.v1")
)
_AT_ONCE = 2_000


class Told(NamedTuple):
    """A fact as it was seen. `recorded_ms` is the worker's moment, `appended_ms` the broker's, `seen_ms` the reader's,
    all by the clock the worker was given."""

    kind: bytes
    case: int
    fact_id: str
    recorded_ms: int
    appended_ms: int
    seen_ms: float
    value: bytes

    def data(self) -> dict[str, object]:
        """What it says."""
        found: dict[str, object] = orjson.loads(self.value)
        return found

    def late_by_s(self) -> float:
        """How late it says itself that it is; 0 when it says nothing of the kind."""
        found = self.data().get("late_by_s", 0.0)
        assert isinstance(found, int | float)
        return float(found)


class Listener(threading.Thread):
    """Notes every fact with the moment it was seen."""

    def __init__(self, kafka: str, clock: Clock) -> None:
        super().__init__(name="listener", daemon=True)
        self._heard: list[tuple[Message, float]] = []
        self._read: list[Told] = []
        self.counts: Counter[bytes] = Counter()
        self.breached: set[int] = set()
        self.clock = clock
        self.failure: BaseException | None = None
        self._is_stopping = threading.Event()
        self._reader = Consumer(
            {
                "bootstrap.servers": kafka,
                "group.id": "bench-obligations",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 10,
                "log_level": 0,
            }
        )
        self._reader.assign([TopicPartition(topic, n, 0) for topic in TOPICS for n in range(PARTITIONS)])

    def run(self) -> None:
        try:
            while not self._is_stopping.is_set():
                for message in self._reader.consume(_AT_ONCE, timeout=0.02):
                    if message.error() is None:
                        self._note(message)
        except BaseException as fault:
            self.failure = fault
        finally:
            self._reader.close()

    def stop(self) -> None:
        """Hears nothing more."""
        self._is_stopping.set()
        self.join(30.0)
        if self.failure is not None:
            raise self.failure

    @property
    def told(self) -> list[Told]:
        """Everything noted so far. What can wait until somebody asks, waits: noting must keep up with a crowd."""
        while len(self._read) < len(self._heard):
            self._read.append(_told(*self._heard[len(self._read)], self.clock))
        return self._read

    def _note(self, message: Message) -> None:
        self._heard.append((message, time.time() * 1000))
        kind = dict(message.headers() or ())["ce_type"]
        assert isinstance(kind, bytes)
        if kind == BREACHED:
            self.breached.add(case_of(message.key() or b""))
        self.counts[kind] += 1


def _told(message: Message, seen_ms: float, clock: Clock) -> Told:
    headers = dict(message.headers() or ())
    kind = headers["ce_type"]
    assert isinstance(kind, bytes)
    return Told(
        kind=kind,
        case=case_of(message.key() or b""),
        fact_id=_text(headers["ce_id"]),
        recorded_ms=milliseconds(datetime.fromisoformat(_text(headers["ce_recordedtime"]))),
        appended_ms=_shown_ms(clock, message.timestamp()[1]),
        seen_ms=_shown_ms(clock, seen_ms),
        value=message.value() or b"",
    )


def _text(value: object) -> str:
    assert isinstance(value, bytes)
    return value.decode()


def _shown_ms(clock: Clock, wall_ms: float) -> int:
    return round(clock.start_ms + (wall_ms - clock.anchor_s * 1000) * clock.speed)


@dataclass
class Judged:
    """What must be zero, and how late each breach could be seen."""

    missed: int = 0
    early: int = 0
    twice: int = 0
    #: Told although the answer was taken in before the deadline.
    false_breach: int = 0
    ids_twice: int = 0
    ids_missing: int = 0
    late_ms: list[float] = field(default_factory=list)

    @property
    def is_exact(self) -> bool:
        return not any(
            (self.missed, self.early, self.twice, self.false_breach, self.ids_twice, self.ids_missing)
        )

    def zeros(self) -> dict[str, int]:
        """What must be zero, by name."""
        return {name: value for name, value in asdict(self).items() if name != "late_ms"}


def judge(
    told: Iterable[Told],
    due: Mapping[int, int],
    first: Mapping[int, int],
    answered: Iterable[int] = (),
    until_ms: float = float("inf"),
) -> Judged:
    """Every case of `due` once, not before its moment, and none of those that were answered; the facts of each lane
    numbered without a gap from `first` on. What is due after `until_ms` may be missing."""
    judged = Judged()
    breaches: Counter[int] = Counter()
    numbers: dict[int, list[int]] = {}
    in_time = set(answered)
    for one in told:
        lane, _, number = one.fact_id.removeprefix("casework-").partition("-")
        numbers.setdefault(int(lane), []).append(int(number))
        if one.kind != BREACHED or one.case not in due:
            continue
        breaches[one.case] += 1
        if one.case in in_time:
            judged.false_breach += 1
        elif breaches[one.case] == 1:
            judged.late_ms.append(one.seen_ms - due[one.case])
        if one.appended_ms < due[one.case] or one.recorded_ms < due[one.case]:
            judged.early += 1
    judged.twice = sum(count - 1 for count in breaches.values())
    judged.missed = sum(
        1 for case, at_ms in due.items() if at_ms <= until_ms and case not in breaches and case not in in_time
    )
    for of_lane, found in numbers.items():
        once = set(found)
        judged.ids_twice += len(found) - len(once)
        judged.ids_missing += max(once) + 1 - first.get(of_lane, 0) - len(once)
    return judged


def percentile(values: Iterable[float], percent: float) -> float:
    """The value that so many per cent do not exceed; 0 of none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))] if ranked else 0.0
