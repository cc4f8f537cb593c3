"""`python -m tests.bench`: every system in turn on one real Kafka broker, run by run, then latency and recovery."""

from __future__ import annotations

import itertools
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import psutil
import typer
from rich.console import Console

from tests.bench import casework, latency, recovery, report, throughput
from tests.bench.load import create, delete, delete_of, preload, reports
from tests.bench.plan import Plan
from tests.bench.report import NOISY_SHARE
from tests.bench.results import OURS, Results
from tests.bench.systems import SYSTEMS, System
from tests.bench.watch import ROOT, Bed, Ran, SystemFailed
from tests.brokers import Kafka

_INPUT, _FEW = "bench.reports.v1", "bench.reports.few.v1"
_LOGS = ROOT / ".run" / "bench" / "logs"
#: What can be asked for besides the systems that carry the job.
_OTHERS = ("decide_only", "casework", "latency", "recovery")

Failure = (SystemFailed, psutil.Error, OSError)


class Size(NamedTuple):
    """Records of a run, of a run of stock Faust, and how often a run is tried beside which others use the machine."""

    records: int
    few: int
    tries: int


class Bench:
    """One benchmark under way: the broker, what is to be measured, and what was found."""

    def __init__(self, bed: Bed, asked: set[str], size: Size, console: Console) -> None:
        self.results = Results()
        self._bed, self._kafka, self._size = bed, bed.kafka, size
        self._numbers = itertools.count()
        self._asked, self._console = asked, console
        self._systems = [system for system in SYSTEMS if system.name in asked]

    def prepare(self) -> None:
        """Fills the inputs that all systems share."""
        create(self._kafka, {_INPUT: {}, _FEW: {}})
        if any(not system.takes_few for system in self._systems):
            preload(self._kafka, _INPUT, reports(self._size.records))
        if any(system.takes_few for system in self._systems):
            preload(self._kafka, _FEW, reports(self._size.few))

    def round(self, number: int) -> None:
        """Every system once; each round begins with another one."""
        found: dict[str, Ran] = {}
        self.results.runs.append(found)
        turn = number % max(1, len(self._systems))
        for system in self._systems[turn:] + self._systems[:turn]:
            count = self._size.few if system.takes_few else self._size.records
            self._measure(found, system.name, system.is_ours, self._job(system, count))
        if "casework" in self._asked:
            self._measure(found, "casework", True, lambda: casework.run(self._bed, self._size.records // 4))
        if "decide_only" in self._asked:
            self._measure(found, "decide_only", True, lambda: throughput.decide_only(self._size.records))

    def latencies(self, of: Literal["ours", "all"]) -> None:
        """Each system at a steady rate, one after the other."""
        for system in SYSTEMS:
            if of == "ours" and system.name != OURS:
                continue
            name = f"latency-{system.name}"
            plan = Plan(self._kafka, name, f"{name}.reports.v1")
            self._console.print(f"{name} ...", style="dim")
            try:
                self.results.latency[system.name] = latency.run(system, plan, self._bed)
            except Failure as failure:
                self._fail(name, system.is_ours, failure)
            delete_of(self._kafka, name)

    def recover(self, rows: int) -> None:
        """Ours alone: the job's own rows, read back by a new process."""
        system = next(system for system in SYSTEMS if system.name == OURS)
        plan = Plan(self._kafka, "recovery", "recovery.reports.v1")
        self._console.print(f"recovery of {rows:,} rows ...", style="dim")
        try:
            self.results.recovery = recovery.run(system, plan, self._bed, rows)
        except Failure as failure:
            self._fail("recovery", True, failure)
        delete_of(self._kafka, "recovery")

    def _job(self, system: System, count: int) -> Callable[[], Ran]:
        def run() -> Ran:
            # The input is shared: under a name of its own, a run finds no position of an earlier one.
            name = f"{system.name}-{next(self._numbers)}"
            plan = Plan(self._kafka, name, _FEW if system.takes_few else _INPUT)
            try:
                return throughput.run(system, plan, self._bed, count)
            finally:
                delete_of(self._kafka, plan.name)

        return run

    def _measure(self, found: dict[str, Ran], name: str, is_ours: bool, run: Callable[[], Ran]) -> None:
        self._console.print(f"{name} ...", style="dim", end=" ")
        try:
            for _ in range(self._size.tries):
                start_s = time.monotonic()
                ran = found[name] = run()
                self._console.print(
                    f"{ran.events_per_s:,.0f} events/s, {ran.cpu_us:.1f} µs, others {ran.others_share:.0%}, "
                    f"{time.monotonic() - start_s:.0f} s",
                    style="dim",
                )
                if is_ours and not ran.judged.is_exact:
                    self.results.faults_of_ours.append(f"{name} was not exact: {ran.judged}")
                if ran.others_share <= NOISY_SHARE:
                    break
        except Failure as failure:
            self._fail(name, is_ours, failure)

    def _fail(self, name: str, is_ours: bool, failure: BaseException) -> None:
        (self.results.faults_of_ours if is_ours else self.results.failures).append(f"{name}: {failure}")
        self._console.print(f"{name} failed: {failure}; see {self._bed.logs}", style="red")


def main(  # noqa: PLR0913 - an option is an argument
    runs: Annotated[int, typer.Option(help="Rounds; each system runs once in each.")] = 1,
    only: Annotated[str, typer.Option(help="What to measure, separated by commas; all when left out.")] = "",
    records: Annotated[
        int, typer.Option(help="Records of a run; casework takes a quarter of them.")
    ] = 400_000,
    few: Annotated[int, typer.Option(help="Records of a run of stock Faust.")] = 40_000,
    rows: Annotated[int, typer.Option(help="Rows to recover.")] = 1_000_000,
    of: Annotated[Literal["ours", "all"], typer.Option("--latency", help="Whose latency.")] = "ours",
    tries: Annotated[
        int, typer.Option(help="Runs beside which others use the machine are repeated so often.")
    ] = 1,
    is_json: Annotated[bool, typer.Option("--json", help="End with one JSON object in one line.")] = False,
    is_asserted: Annotated[bool, typer.Option("--assert", help="Exit 1 when a promise is not held.")] = False,
) -> None:
    """Measure our runtime and its peers with the same job on the same broker."""
    known = {*(system.name for system in SYSTEMS), *_OTHERS}
    asked = {name.strip() for name in only.split(",") if name.strip()} or known
    if asked - known:
        raise typer.BadParameter(
            f"unknown: {', '.join(sorted(asked - known))}; known: {', '.join(sorted(known))}"
        )
    # Told to stop, it takes broker and systems down with it.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    console = Console(stderr=True)
    shutil.rmtree(_LOGS, ignore_errors=True)
    _LOGS.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="seinhuis-bench-") as place, Kafka(Path(place)) as node:
        bed = Bed(node.bootstrap, psutil.Process(node.pid), _LOGS)
        bench = Bench(bed, asked, Size(records, few, max(1, tries)), console)
        bench.prepare()
        for number in range(runs if asked - {"latency", "recovery"} else 0):
            bench.round(number)
        if "latency" in asked:
            delete(node.bootstrap, [_INPUT, _FEW])
            bench.latencies(of)
        if "recovery" in asked:
            bench.recover(rows)
    results = bench.results
    report.show(results, Console(width=160))
    if is_json:
        print(json.dumps(results.as_json()))
    if results.faults_of_ours or (is_asserted and results.broken_promises()):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
