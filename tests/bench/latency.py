"""From the input's CreateTime until a read-committed consumer in another process has the fact, at a steady rate."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median, quantiles

from tests.bench.load import BY_APPENDING, CASES, COMPACTED, SEED, create, producer, report
from tests.bench.plan import Plan
from tests.bench.systems import System
from tests.bench.watch import ROOT, Bed, Progress, SystemFailed, others_s, others_share, started

RATE_PER_S = 200
#: Not counted: the group is joined, caches fill.
WARM_S = 5.0
MEASURED_S = 20.0
_FIRST_WITHIN_S = 60.0
_LAST_WITHIN_S = 30.0


@dataclass(frozen=True)
class Latency:
    """Milliseconds from sent to seen, over `facts` facts. `others_share` as in a run of the job."""

    facts: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    lost: int
    others_share: float


def run(system: System, plan: Plan, bed: Bed) -> Latency:
    """Warms the system up, then sends 200 reports a second and compares both ends."""
    create(
        plan.kafka, {plan.input: {}, plan.output: BY_APPENDING, plan.changelog: COMPACTED}, plan.partitions
    )
    progress = Progress(plan.kafka, [plan.output], plan.partitions)
    reader = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.seen", plan.kafka, plan.output],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert reader.stdout is not None
        reader.stdout.readline()
        with started(system.command(), {**plan.environment(), **system.environment}, bed.log(system.name)):
            _send(plan, 0, 1)
            _wait(progress, 1, _FIRST_WITHIN_S)
            warm = int(WARM_S * RATE_PER_S)
            count = warm + int(MEASURED_S * RATE_PER_S)
            start_s, others_start_s = time.monotonic(), others_s()
            _send(plan, 1, count)
            _wait(progress, count, _LAST_WITHIN_S)
            noise = others_share(others_s() - others_start_s, time.monotonic() - start_s)
            time.sleep(0.5)
        reader.send_signal(signal.SIGTERM)
        said, _ = reader.communicate(timeout=30)
    finally:
        if reader.poll() is None:
            reader.kill()
            reader.wait()
    return _judge([line.split() for line in said.splitlines()], warm, count, noise)


def _send(plan: Plan, first: int, end: int) -> None:
    """Reports `first` to `end`, evenly spaced; each carries the moment it was sent, as CreateTime and inside."""
    chosen = random.Random(SEED + first)
    sender = producer(plan.kafka, **{"linger.ms": 0})
    start_s = time.monotonic()
    for number in range(first, end):
        ahead_s = start_s + (number - first) / RATE_PER_S - time.monotonic()
        if ahead_s > 0:
            time.sleep(ahead_s)
        now_ms = int(time.time() * 1000)
        record = report(number, chosen.randrange(CASES), chosen, now_ms)
        sender.produce(plan.input, record.value, record.key, timestamp=now_ms)
        sender.poll(0)
    sender.flush(30)


def _wait(progress: Progress, facts: int, within_s: float) -> None:
    until = time.monotonic() + within_s
    while progress.visible() < facts:
        if time.monotonic() > until:
            raise SystemFailed(f"{facts} facts were not visible within {within_s:.0f} s")
        time.sleep(0.1)


def _judge(noted: list[list[str]], warm: int, count: int, noise: float) -> Latency:
    took_ms: dict[int, float] = {}
    for number, sent_ms, seen_ms in noted:
        took_ms.setdefault(int(number), float(seen_ms) - float(sent_ms))
    measured = [took for number, took in took_ms.items() if number > warm]
    if len(measured) < RATE_PER_S:
        raise SystemFailed(f"only {len(measured)} facts were seen")
    return Latency(
        facts=len(measured),
        p50_ms=median(measured),
        p99_ms=quantiles(measured, n=100)[98],
        max_ms=max(measured),
        lost=count - len(took_ms),
        others_share=noise,
    )
