"""One run of the job by one system: a preloaded input, fresh topics, until every fact is visible."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.bench.load import BY_APPENDING, COMPACTED, create
from tests.bench.plan import Plan
from tests.bench.systems import System
from tests.bench.watch import ROOT, Bed, Progress, Ran, figures, judge, read_all, started, watch


def run(system: System, plan: Plan, bed: Bed, count: int) -> Ran:
    """The figures of a run, its facts judged."""
    create(plan.kafka, {plan.output: BY_APPENDING, plan.changelog: COMPACTED}, plan.partitions)
    with started(
        system.command(), {**plan.environment(), **system.environment}, bed.log(system.name)
    ) as process:
        samples = watch(process, bed.broker, Progress(plan.kafka, [plan.output], plan.partitions), count)
        rss_mb = process.memory_info().rss / 1e6
    appended_ms, judged = judge(read_all(plan.kafka, [plan.output], plan.partitions), count)
    ran = figures(samples, appended_ms)
    ran.rss_mb, ran.judged = rss_mb, judged
    return ran


def decide_only(count: int) -> Ran:
    """The pure decision in a process of its own, with nothing around it."""
    command = [sys.executable, "-m", "tests.bench.peers.decide_only", str(count)]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=600).stdout
    took = json.loads(said)
    return Ran(events_per_s=count / took["took_s"], cpu_us=1e6 * took["cpu_s"] / count)
