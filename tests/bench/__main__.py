"""`python -m tests.bench`: every system in turn on one real Kafka broker, run by run, then latency and recovery."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import psutil
import typer
from rich.console import Console

from tests.bench import casework, latency, recovery, report, throughput
from tests.bench.load import create, delete, delete_of, preload, reports
from tests.bench.plan import Plan
from tests.bench.results import OURS, Results
from tests.bench.systems import SYSTEMS, System
from tests.bench.watch import ROOT, Bed, Ran, SystemFailed
from tests.brokers import Kafka

_INPUT, _FEW = "bench.reports.v1", "bench.reports.few.v1"
_LOGS = ROOT / ".run" / "bench" / "logs"
#: What can be asked for besides the systems that carry the job.
_OTHERS = ("decide_only", "casework", "latency", "recovery")

Failure = (SystemFailed, psutil.Error, OSError)


class Bench:
    """One benchmark under way: the broker, what is to be measured, and what was found."""

    def __init__(self, bed: Bed, asked: set[str], *, records: int, few: int, console: Console) -> None:
        self.results = Results()
        self._bed, self._kafka = bed, bed.kafka
        self._asked, self._console = asked, console
        self._records, self._few = records, few
        self._systems = [system for system in SYSTEMS if system.name in asked]

    def prepare(self) -> None:
        """Fills the inputs that all systems share."""
        create(self._kafka, {_INPUT: {}, _FEW: {}})
        if any(not system.takes_few for system in self._systems):
            preload(self._kafka, _INPUT, reports(self._records))
        if any(system.takes_few for system in self._systems):
            preload(self._kafka, _FEW, reports(self._few))

    def round(self, number: int) -> None:
        """Every system once; each round begins with another one."""
        found: dict[str, Ran] = {}
        self.results.runs.append(found)
        turn = number % max(1, len(self._systems))
        for system in self._systems[turn:] + self._systems[:turn]:
            count = self._few if system.takes_few else self._records
            plan = Plan(self._kafka, f"{system.name}-{number}", _FEW if system.takes_few else _INPUT)
            self._measure(found, system.name, system.is_ours, self._job(system, plan, count))
        if "casework" in self._asked:
            self._measure(found, "casework", True, lambda: casework.run(self._bed, self._records // 4))
        if "decide_only" in self._asked:
            self._measure(found, "decide_only", True, lambda: throughput.decide_only(self._records))

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

    def _job(self, system: System, plan: Plan, count: int) -> Callable[[], Ran]:
        def run() -> Ran:
            try:
                return throughput.run(system, plan, self._bed, count)
            finally:
                delete_of(self._kafka, plan.name)

        return run

    def _measure(self, found: dict[str, Ran], name: str, is_ours: bool, run: Callable[[], Ran]) -> None:
        self._console.print(f"{name} ...", style="dim", end=" ")
        start_s = time.monotonic()
        try:
            ran = found[name] = run()
        except Failure as failure:
            self._fail(name, is_ours, failure)
            return
        self._console.print(
            f"{ran.events_per_s:,.0f} events/s, {ran.cpu_us:.1f} µs, others {ran.others_share:.0%}, "
            f"{time.monotonic() - start_s:.0f} s",
            style="dim",
        )
        if is_ours and not ran.judged.is_exact:
            self.results.faults_of_ours.append(f"{name} was not exact: {ran.judged}")

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
    console = Console(stderr=True)
    shutil.rmtree(_LOGS, ignore_errors=True)
    _LOGS.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="seinhuis-bench-") as place, Kafka(Path(place)) as node:
        bed = Bed(node.bootstrap, psutil.Process(node.pid), _LOGS)
        bench = Bench(bed, asked, records=records, few=few, console=console)
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
