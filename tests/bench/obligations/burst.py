"""A hundred thousand obligations come due in the same second, and somebody reports something acute meanwhile."""

from __future__ import annotations

import random
import time

from tests.bench.bounds import Bound
from tests.bench.obligations.outcome import Outcome
from tests.bench.obligations.rig import Machine, Rig
from tests.bench.obligations.seeding import ACUTE, ROUTINE, SOCIAL, URGENT, Owed, kind, report
from tests.bench.obligations.told import BREACHED, ROUTED, judge, percentile
from tests.bench.watch import SystemFailed

ASKED_MOST_S = 2.0
LAID_PER_S = 5_000
LEAD_S = 40.0
#: Reports that have nothing to do with it go on, before and while; the acute ones come every half second.
BESIDES_PER_S = 40
ACUTE_EVERY_S = 0.5
SPOKEN_FOR_S = 20.0
#: Cases of what is reported meanwhile have numbers from here on.
_ACUTE_FROM, _BESIDES_FROM = 10_000_000, 20_000_000
_TOLD_WITHIN_S = 300.0
_REST_S = 2.0


def run(rig: Rig, due_at_once: int, acute: int, seed: int) -> Outcome:
    """`due_at_once` routine and urgent obligations in one second, `acute` ones among them."""
    rng = random.Random(seed)
    second_ms = rig.now_ms() + round(1000 * (LEAD_S + due_at_once / LAID_PER_S))
    others = [kind(rig.book, one, rig.now_ms()) for one in (URGENT, SOCIAL, ROUTINE)]
    hurried = kind(rig.book, ACUTE, rig.now_ms())
    owed = [
        Owed(case, hurried if case < acute else others[case % 3], second_ms + rng.randrange(1000))
        for case in range(acute + due_at_once)
    ]
    rig.seed(owed)
    listener = rig.listen()
    worker = rig.worker()
    worker.wait_ready()
    if rig.now_ms() > second_ms - 4_000:
        raise SystemFailed("it was ready too late to wait for the second")
    machine = Machine.now()
    used_s = worker.cpu_s()
    sent_ms = _speak(rig, second_ms)
    until_s = time.monotonic() + _TOLD_WITHIN_S
    while listener.counts[BREACHED] < len(owed) and time.monotonic() < until_s:
        time.sleep(0.05)
    used_s = worker.cpu_s() - used_s
    busy = machine.others_share()
    time.sleep(_REST_S)
    _, peak_mb = worker.memory_mb()
    worker.stop()
    rig.end()

    due = {one.case: one.due_ms for one in owed}
    judged = judge(listener.told, due, rig.first)
    breached = [one for one in listener.told if one.kind == BREACHED]
    drained_s = (max((one.seen_ms for one in breached), default=0.0) - second_ms) / 1000
    acute_late_s = [(one.seen_ms - due[one.case]) / 1000 for one in breached if one.case < acute]
    seen_ms: dict[int, float] = {}
    for one in listener.told:
        if one.kind == ROUTED:
            seen_ms.setdefault(one.case, one.seen_ms)
    # Only those that came while there was a crowd: afterwards it is no art.
    crowded = {case: at_ms for case, at_ms in sent_ms.items() if at_ms < second_ms + 1000 * drained_s}
    asked_s = {case: (seen_ms.get(case, at_ms + 3_600_000) - at_ms) / 1000 for case, at_ms in crowded.items()}
    signals = [took_s for case, took_s in asked_s.items() if case < _BESIDES_FROM]
    besides = [took_s for case, took_s in asked_s.items() if case >= _BESIDES_FROM]
    line = {
        "scene": "burst",
        "due_at_once": due_at_once,
        "acute_due": len(acute_late_s),
        "acute_signals": len(signals),
        "drained_s": round(drained_s, 1),
        "cpu_us": round(1e6 * used_s / max(1, len(breached))),
        "told_per_s": round(len(breached) / max(0.001, drained_s)),
        "asked_p50_s": round(percentile(signals, 50), 3),
        "other_reports": len(besides),
        "other_reports_max_s": round(max(besides, default=0.0), 3),
        "peak_mb": round(peak_mb),
        "others_share": round(busy, 3),
    }
    bounds = [
        Bound("acute_asked_max_s", max(signals, default=3600.0), ASKED_MOST_S),
        Bound("acute_timer_max_s", max(acute_late_s, default=3600.0), ASKED_MOST_S),
    ]
    return Outcome(line, bounds, judged)


def _speak(rig: Rig, second_ms: int) -> dict[int, float]:
    """Reports, some of them acute, until a while after the second: case to the moment it was sent."""
    sent_ms: dict[int, float] = {}
    rig.sleep_until(second_ms - 3_000)
    start_ms = rig.now_ms()
    every_ms = 1000 / BESIDES_PER_S
    acute_at_ms, n = second_ms + 100.0, 0
    while rig.now_ms() < second_ms + 1000 * SPOKEN_FOR_S:
        rig.sleep_until(start_ms + n * every_ms)
        now_ms = rig.now_ms()
        sent_ms[_BESIDES_FROM + n] = now_ms
        rig.say(report(_BESIDES_FROM + n, SOCIAL, now_ms))
        n += 1
        if now_ms >= acute_at_ms:
            case = _ACUTE_FROM + n
            sent_ms[case] = now_ms = rig.now_ms()
            rig.say(report(case, ACUTE, now_ms))
            acute_at_ms += 1000 * ACUTE_EVERY_S
    rig.said()
    return sent_ms
