"""Twenty thousand obligations come due while workers are killed; a part of them is answered a moment before.

Meanwhile the lanes' second input has its say about some of the same cases: each word of it must be there once.
"""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Container, Iterable

from schemas.coordination import DescribeCase
from schemas.signals import AcknowledgeSignal, Actor
from services.casework.case import read_case
from services.runtime.timers import unframe
from tests.bench.bounds import Bound
from tests.bench.load import Filled
from tests.bench.obligations.outcome import Outcome
from tests.bench.obligations.rig import Machine, Rig
from tests.bench.obligations.seeding import ACUTE, ROUTINE, SOCIAL, URGENT, Owed, command, key_of, kind
from tests.bench.obligations.told import BREACHED, DESCRIBED, judge, percentile
from tests.bench.watch import SystemFailed
from topics.catalogue import COORDINATION_COMMANDS, PARTITIONS

LATE_P99_MOST_S = 8.0
LAID_PER_S = 5_000
LEAD_S = 30.0
#: Kills come this far apart at the least and at the most, as a share of what was asked for.
SPREAD = (2 / 3, 4 / 3)
#: Of all obligations so many are answered, between a long and a short moment before they are due.
ANSWERED_SHARE = 0.2
ANSWERED_BEFORE_MS = (50, 3_000)
#: Of all cases so many are described meanwhile, which comes by another input of their lane.
DESCRIBED_SHARE = 0.2
_PRACTICE = "huisartsen"
_TOLD_WITHIN_S = 300.0
_REST_S = 2.0
RESTART_AFTER_S = 0.2


def run(rig: Rig, count: int, kills: int, every_s: float, workers: int, seed: int) -> Outcome:  # noqa: PLR0913
    """`count` obligations come due while `kills` times a worker, chosen and at a moment by chance, is killed."""
    rng = random.Random(seed)
    seconds = kills * every_s
    kinds = [kind(rig.book, one, rig.now_ms()) for one in (URGENT, SOCIAL, ROUTINE, ACUTE)]
    first_ms = rig.now_ms() + 1000 * (LEAD_S + count / LAID_PER_S)
    due = {case: int(first_ms + rng.uniform(0, 1000 * seconds)) for case in range(count)}
    answers = sorted(
        (due[case] - rng.randint(*ANSWERED_BEFORE_MS), case)
        for case in rng.sample(range(count), int(count * ANSWERED_SHARE))
    )
    descriptions = sorted(
        (int(first_ms + rng.uniform(0, 1000 * seconds)), case)
        for case in rng.sample(range(count), int(count * DESCRIBED_SHARE))
    )
    rig.seed(Owed(case, kinds[case % len(kinds)], at_ms) for case, at_ms in due.items())
    listener = rig.listen()
    fleet = Fleet(rig, workers)
    fleet.wait_ready()
    rig.sleep_until(first_ms)
    machine = Machine.now()
    waiting, describing = deque(answers), deque(descriptions)
    acknowledged_ms: dict[int, int] = {}
    kill_at_s = time.monotonic() + every_s * rng.uniform(*SPREAD)
    while fleet.killed < kills or waiting or describing or rig.now_ms() < first_ms + 1000 * seconds:
        while waiting and rig.now_ms() >= waiting[0][0]:
            _, case = waiting.popleft()
            if (now_ms := rig.now_ms()) < due[case]:
                asks = AcknowledgeSignal(by=Actor(contact=kinds[case % len(kinds)].contact))
                _answer(rig, case, command(case, asks, now_ms, f"answer-{case}"), acknowledged_ms)
        while describing and rig.now_ms() >= describing[0][0]:
            _, case = describing.popleft()
            said = DescribeCase(by=Actor(contact=kinds[case % len(kinds)].contact), practice=_PRACTICE)
            rig.say(command(case, said, rig.now_ms(), f"describe-{case}"), topic=COORDINATION_COMMANDS.name)
        if fleet.killed < kills and time.monotonic() >= kill_at_s:
            fleet.kill(rng)
            kill_at_s = time.monotonic() + every_s * rng.uniform(*SPREAD)
        fleet.supervise()
        time.sleep(0.005)
    rig.said()
    others = machine.others_share()
    # An answer that was on its way at the due moment may be told missed, and is then taken back: it is no witness.
    answered = {case for case, at_ms in acknowledged_ms.items() if at_ms < due[case]}
    owing = {case: at_ms for case, at_ms in due.items() if case not in acknowledged_ms}
    until_s = time.monotonic() + _TOLD_WITHIN_S
    while (
        listener.counts[BREACHED] < len(owing) or listener.counts[DESCRIBED] < len(descriptions)
    ) and time.monotonic() < until_s:
        fleet.supervise()
        time.sleep(0.05)
    time.sleep(_REST_S)
    fleet.stop()
    rows_wrong = _rows_wrong(rig.rows(), due, acknowledged_ms)
    rig.end()

    judged = judge(
        listener.told, {case: due[case] for case in {*owing, *answered}}, rig.first, answered=answered
    )
    described = Counter(one.case for one in listener.told if one.kind == DESCRIBED)
    second_wrong = sum(described[case] != 1 for _, case in descriptions)
    line = {
        "scene": "kills",
        "seed": seed,
        "due": len(owing),
        "answered_in_time": len(answered),
        "kills": fleet.killed,
        "workers": workers,
        "every_s": every_s,
        "described": len(descriptions),
        "self_exits": fleet.self_exits,
        "late_p50_s": round(percentile(judged.late_ms, 50) / 1000, 3),
        "late_max_s": round(max(judged.late_ms, default=0.0) / 1000, 3),
        "others_share": round(others, 3),
    }
    bounds = [
        Bound("late_p99_s", percentile(judged.late_ms, 99) / 1000, LATE_P99_MOST_S),
        Bound("rows_wrong", rows_wrong, 0),
        Bound("second_input_wrong", second_wrong, 0),
    ]
    return Outcome(line, bounds, judged)


def _answer(rig: Rig, case: int, said: Filled, acknowledged_ms: dict[int, int]) -> None:
    """Sends an answer, and notes when the broker had it."""

    def delivered(error: object, _: object) -> None:
        if error is None:
            acknowledged_ms[case] = rig.now_ms()

    rig.say(said, delivered)


class Fleet:
    """Workers in slots of their own; who is killed is started again at once, as an orchestrator would."""

    def __init__(self, rig: Rig, count: int) -> None:
        self.killed = 0
        self.self_exits = 0
        self._rig = rig
        self._workers = [rig.worker(str(slot)) for slot in range(count)]
        self._again_at_s: dict[int, float] = {}

    def wait_ready(self) -> None:
        """Until all lanes are open somewhere."""
        until_s = time.monotonic() + _TOLD_WITHIN_S
        while sum(worker.lanes_open() for worker in self._workers) < PARTITIONS:
            if time.monotonic() > until_s:
                raise SystemFailed("the workers were not ready")
            time.sleep(0.1)

    def kill(self, rng: random.Random) -> None:
        """kill -9 of one of them, starting up or not."""
        slot = rng.randrange(len(self._workers))
        self._workers[slot].kill()
        self.killed += 1
        self._workers[slot] = self._rig.worker(str(slot))
        self._again_at_s.pop(slot, None)

    def supervise(self) -> None:
        """Starts again what ended by itself."""
        for slot, worker in enumerate(self._workers):
            if worker.process.poll() is None:
                continue
            if slot not in self._again_at_s:
                self.self_exits += 1
                self._again_at_s[slot] = time.monotonic() + RESTART_AFTER_S
            elif time.monotonic() >= self._again_at_s[slot]:
                del self._again_at_s[slot]
                self._workers[slot] = self._rig.worker(str(slot))

    def stop(self) -> None:
        """All of them in order."""
        for worker in self._workers:
            worker.stop()


def _rows_wrong(rows: dict[bytes, bytes], due: Iterable[int], answered: Container[int]) -> int:
    """Cases whose row does not say what became of them: an answered one owes nothing, any other is overdue once."""
    wrong = 0
    for case in due:
        found = read_case(unframe(rows[key_of(case)]))
        owed = [] if found is None else found["obligations"]
        is_right = not owed if case in answered else len(owed) == 1 and owed[0]["breached_ms"] is not None
        wrong += not is_right
    return wrong
