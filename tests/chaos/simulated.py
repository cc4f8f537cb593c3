"""A faultless worker in memory: the recording a verifier must find clean before its findings are worth anything."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

from services.runtime.clock import Clock
from services.runtime.job import Emit, Job, PassedOver, Record, TimerDue, Turn
from tests.chaos.load import Planned
from tests.chaos.proofs import Proof
from tests.chaos.recording import Header, Recording, Seen

LANES = 3
START_MS = 1_790_000_000_000
#: Every fourth second, what is said to a topic of this ending reaches the log so much later.
SLOW_MS = 1_500
SLOW_EVERY_S = 4
FIRES_AFTER_MS = 3


class Simulation:
    """Topics, rows and timers of one job, in the milliseconds of the wall."""

    def __init__(self, job: Job, clock: Clock) -> None:
        self._job = job
        self._clock = clock
        self._topics: dict[str, list[list[Seen]]] = defaultdict(lambda: [[] for _ in range(LANES)])
        self._rows: dict[bytes, bytes] = {}
        self._wakes: dict[bytes, int] = {}
        self._sequence = [0] * LANES
        self._now_ms = [0] * LANES

    def run(self, arriving: Iterable[tuple[int, Planned, Sequence[Header]]]) -> None:
        """Takes each input as it arrives, timers between them, and after the last all timers there are."""
        for at_ms, planned, headers in arriving:
            self._fire(self._service_ms(at_ms))
            lane = planned.key[-1] % LANES
            seen = self._append(planned.topic, lane, planned.key, planned.value, headers, at_ms)
            record = Record(seen.topic, lane, seen.offset, seen.key, seen.value, seen.headers, at_ms)
            self._turn(seen.key, self._service_ms(at_ms), record)
        self._fire(2 * START_MS)

    def read(self, *topics: str) -> list[Seen]:
        return [seen for topic in topics for lane in self._topics[topic] for seen in lane]

    def _service_ms(self, wall_ms: float) -> int:
        return round(self._clock.start_ms + (wall_ms - self._clock.anchor_s * 1000) * self._clock.speed)

    def _append(  # noqa: PLR0913 - a record has so many parts
        self, topic: str, lane: int, key: bytes, value: bytes | None, headers: Sequence[Header], at_ms: int
    ) -> Seen:
        log = self._topics[topic][lane]
        # Markers lie between the records, so offsets have gaps.
        log.append(Seen(topic, lane, len(log) * 2, key, value, headers, at_ms))
        return log[-1]

    def _fire(self, until_ms: int) -> None:
        while self._wakes and (due := min((at_ms, key) for key, at_ms in self._wakes.items()))[0] <= until_ms:
            self._turn(due[1], due[0] + FIRES_AFTER_MS, TimerDue(due[1], due[0]))

    def _turn(self, key: bytes, at_ms: int, item: Record | TimerDue) -> None:
        lane = key[-1] % LANES
        now_ms = self._now_ms[lane] = max(self._now_ms[lane], at_ms)
        prefix = f"{self._job.name}-{lane}-"
        row = self._rows.get(key)
        try:
            step = self._job.decide(item, row, Turn(now_ms, now_ms, prefix, self._sequence[lane]))
        except PassedOver:
            return
        told_ms = 1 + round(self._clock.to_wall_s(now_ms) * 1000)
        for emit in step.emits:
            self._tell(lane, emit, prefix, told_ms)
        if step.row is None or step.row[:1] == b"\x00":
            return
        self._rows[key] = step.row
        self._wakes.pop(key, None)
        head = b"- 5\n"
        if step.wake is not None:
            self._wakes[key] = step.wake.at_ms
            head = b"%d %d\n" % (step.wake.at_ms, step.wake.rank)
        self._append("changelog", lane, key, head + step.row, [], told_ms)
        self._append("changelog", lane, b"\x00position", b"{}", [], told_ms)

    def _tell(self, lane: int, emit: Emit, prefix: str, told_ms: int) -> None:
        headers = list(emit.headers)
        if emit.numbered:
            headers.append(("ce_id", f"{prefix}{self._sequence[lane]}".encode()))
            self._sequence[lane] += 1
        self._append(emit.topic, lane, emit.key, emit.value, headers, told_ms)


def record(proof: Proof, job: Job, clock: Clock, seconds: float, slow: str) -> Recording:
    """The recording of a block; what is said to topics ending in `slow` sometimes reaches the log too late."""
    rng = random.Random(1)
    arriving = []
    for planned in proof.plan(0, seconds):
        said_ms = START_MS + int(planned.at_s * 1000)
        is_slow = planned.topic.endswith(slow) and int(planned.at_s) % SLOW_EVERY_S == SLOW_EVERY_S - 1
        headers = [*planned.headers, proof.stamp(said_ms)]
        arriving.append((said_ms + is_slow * SLOW_MS + rng.randint(0, 5), planned, headers))
    # One producer keeps its order in each topic, however slow.
    simulation = Simulation(job, clock)
    simulation.run(_in_order(arriving))
    return Recording(
        simulation.read(*proof.inputs), simulation.read(*proof.facts), simulation.read("changelog")
    )


def _in_order(
    arriving: list[tuple[int, Planned, list[Header]]],
) -> list[tuple[int, Planned, list[Header]]]:
    last: dict[str, int] = {}
    kept = []
    for at_ms, planned, headers in arriving:
        last[planned.topic] = max(at_ms, last.get(planned.topic, 0))
        kept.append((last[planned.topic], planned, headers))
    return sorted(kept, key=lambda entry: entry[0])
