"""A million open obligations on one worker: memory, promptness while they come due, and a restart meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import cycle, islice

from tests.bench.bounds import Bound
from tests.bench.obligations.outcome import Outcome
from tests.bench.obligations.rig import Machine, Rig
from tests.bench.obligations.seeding import ACUTE, ROUTINE, SOCIAL, URGENT, Owed, kind
from tests.bench.obligations.told import BREACHED, Listener, judge, percentile
from tests.bench.watch import SystemFailed

MEMORY_MOST_MB = 2_500
LATE_P99_MOST_S = 1.0
RESTART_MOST_S = 60.0
#: Rows are laid at some ten thousand a second; the first deadline comes after the last row, and a start.
LAID_PER_S = 7_000
LEAD_S = 60.0
#: What is due in the first seconds after it is ready is not counted: whatever came due before is told then.
WARM_S = 5.0
DOWN_S = 5.0
#: What came due in the last moment before a worker was ended may not have been told.
_UNSETTLED_S = 5.0
_TOLD_WITHIN_S = 120.0


def run(rig: Rig, open_: int, rate: float, seconds: float) -> Outcome:
    """`open_` obligations come due one after the other, `rate` a second; `seconds` of that are measured."""
    first_ms = rig.now_ms() + 1000 * (LEAD_S + open_ / LAID_PER_S)
    reports = (URGENT, SOCIAL, ROUTINE, URGENT, SOCIAL, ROUTINE, URGENT, SOCIAL, ROUTINE, ACUTE)
    kinds = [kind(rig.book, one, rig.now_ms()) for one in reports]

    def due_ms(case: int) -> int:
        return int(first_ms + 1000 * case / rate)

    def due_by(at_ms: float) -> int:
        return max(0, int((at_ms - first_ms) * rate / 1000))

    def owed() -> Iterator[Owed]:
        for case, one in enumerate(islice(cycle(kinds), open_)):
            yield Owed(case, one, due_ms(case))

    rows_mb = rig.seed(owed())
    listener = rig.listen()
    worker = rig.worker()
    ready_s = worker.wait_ready()
    ready_mb, _ = worker.memory_mb()
    from_ms = max(first_ms, rig.now_ms()) + 1000 * WARM_S
    rig.sleep_until(from_ms)
    machine = Machine.now()
    until_ms = from_ms + 1000 * seconds
    rig.sleep_until(until_ms)
    others = machine.others_share()
    _settle(listener, due_by(until_ms))
    steady_mb, peak_mb = worker.memory_mb()

    worker.kill()
    time.sleep(DOWN_S)
    before = listener.counts[BREACHED]
    again = rig.worker()
    while listener.counts[BREACHED] == before:
        if time.monotonic() - again.started_s > _TOLD_WITHIN_S or again.process.poll() is not None:
            raise SystemFailed("nothing overdue was told after the restart")
        time.sleep(0.01)
    first_s = time.monotonic() - again.started_s
    restart_ready_s = again.wait_ready()
    _settle(listener, due_by(rig.now_ms()))
    caught_up_s = time.monotonic() - again.started_s
    again_mb, again_peak_mb = again.memory_mb()
    again.stop()
    settled_ms = rig.now_ms() - 1000 * _UNSETTLED_S
    rig.end()

    due = {case: due_ms(case) for case in range(open_) if due_ms(case) <= rig.now_ms()}
    judged = judge(listener.told, due, rig.first, until_ms=settled_ms)
    late_ms = [
        one.seen_ms - due[one.case]
        for one in listener.told
        if one.kind == BREACHED and one.case in due and from_ms <= due[one.case] < until_ms
    ]
    line = {
        "scene": "steady",
        "open": open_,
        "rate": rate,
        "rows_mb": round(rows_mb),
        "ready_s": round(ready_s, 1),
        "ready_mb": round(ready_mb),
        "steady_mb": round(steady_mb),
        "measured": len(late_ms),
        "late_p50_s": round(percentile(late_ms, 50) / 1000, 3),
        "late_max_s": round(max(late_ms, default=0.0) / 1000, 3),
        "others_share": round(others, 3),
        "restart_ready_s": round(restart_ready_s, 1),
        "restart_caught_up_s": round(caught_up_s, 1),
        "restart_mb": round(again_mb),
    }
    bounds = [
        Bound("peak_mb", max(peak_mb, again_peak_mb), MEMORY_MOST_MB),
        Bound("late_p99_s", percentile(late_ms, 99) / 1000, LATE_P99_MOST_S),
        Bound("restart_first_overdue_s", first_s, RESTART_MOST_S),
    ]
    return Outcome(line, bounds, judged)


def _settle(listener: Listener, cases: int) -> None:
    """Waits until the first so many cases, which come due in this order, have all been told."""
    until_s = time.monotonic() + _TOLD_WITHIN_S
    case = 0
    while time.monotonic() < until_s:
        while case < cases and case in listener.breached:
            case += 1
        if case == cases:
            return
        time.sleep(0.05)
    raise SystemFailed(f"case {case} was due and has not been told within {_TOLD_WITHIN_S:.0f} s")
