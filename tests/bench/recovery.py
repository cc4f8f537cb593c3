"""From the start of a worker's process until all its lanes are open on a million rows, and the memory that takes."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

from services.cli.processes import HOST, free_port
from tests.bench.load import BY_APPENDING, COMPACTED, Filled, create, preload, reports
from tests.bench.plan import Plan
from tests.bench.systems import System
from tests.bench.watch import Bed, Progress, SystemFailed, judge, read_all, started, watch

STARTS = 3
READY_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.02
#: So many cases are asked afterwards, to see that their rows are really there.
_ASKED_AFTERWARDS = 1_000


@dataclass(frozen=True)
class Recovery:
    """The median of the starts; `peak_mb` is the most of any."""

    rows: int
    took_s: float
    rss_mb: float
    peak_mb: float


def run(system: System, plan: Plan, bed: Bed, rows: int) -> Recovery:
    """Lets the job itself write the rows, one a case; then starts it anew and asks some cases for their count."""
    create(
        plan.kafka, {plan.input: {}, plan.output: BY_APPENDING, plan.changelog: COMPACTED}, plan.partitions
    )
    preload(plan.kafka, plan.input, reports(rows, cases=rows))
    broker, log = bed.broker, bed.log(system.name)
    told = {**plan.environment(), **system.environment}
    progress = Progress(plan.kafka, [plan.output], plan.partitions)
    with started(system.command(), told, log) as worker:
        watch(worker, broker, progress, rows)
    found = [_start(system, plan, told, log) for _ in range(STARTS)]
    preload(plan.kafka, plan.input, _again(rows))
    with started(system.command(), told, log) as worker:
        watch(worker, broker, progress, progress.visible() + _ASKED_AFTERWARDS)
    _, judged = judge(read_all(plan.kafka, [plan.output], plan.partitions), rows + _ASKED_AFTERWARDS)
    if not judged.is_exact:
        raise SystemFailed(f"rows were not recovered: {judged}")
    return Recovery(
        rows=rows,
        took_s=median(took_s for took_s, _, _ in found),
        rss_mb=median(rss_mb for _, rss_mb, _ in found),
        peak_mb=max(peak_mb for _, _, peak_mb in found),
    )


def _again(rows: int) -> list[Filled]:
    """The first cases report once more, under new numbers: each of these facts must be its case's second."""
    found: list[Filled] = []
    for number, (key, value, _) in enumerate(islice(reports(rows, cases=rows), _ASKED_AFTERWARDS)):
        found.append(
            Filled(key, value.replace(b'{"number":%d,' % number, b'{"number":%d,' % (rows + number), 1))
        )
    return found


def _start(system: System, plan: Plan, told: dict[str, str], log: Path) -> tuple[float, float, float]:
    """Seconds until ready, and the memory then and at its peak, in MB."""
    port = free_port()
    start_s = time.monotonic()
    with started(system.command(), {**told, "SEINHUIS_HTTP_PORT": str(port)}, log) as worker:
        while _lanes_open(port) < plan.partitions:
            if time.monotonic() - start_s > READY_WITHIN_S or not worker.is_running():
                raise SystemFailed(f"it was not ready within {READY_WITHIN_S:.0f} s")
            time.sleep(_LOOK_EVERY_S)
        took_s = time.monotonic() - start_s
        return took_s, worker.memory_info().rss / 1e6, _peak_mb(worker.pid)


def _lanes_open(port: int) -> int:
    """How many lanes a ready worker has open; 0 while it is not ready."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/ready", timeout=2.0) as answer:
            return len(json.load(answer)["lanes_open"])
    except (urllib.error.URLError, OSError):
        return 0


def _peak_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise SystemFailed("this platform does not tell a process's peak memory")
