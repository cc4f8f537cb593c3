"""Keeps worker processes running: one a service and slot, started again with patience, ended in order."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.cli.errors import CliError, ProcessDied, UsedWrongly
from services.cli.processes import end_all

#: What a worker says by its exit code when trying again would be useless (sysexits: EX_CONFIG).
EXIT_CONFIGURATION = 78
STOP_WITHIN_S = 10.0


class Patience(NamedTuple):
    """How long to wait before a process is started again, doubling, and how often in a row."""

    first_s: float = 0.5
    most_s: float = 30.0
    #: A process that lived this long has settled: its next death is the first again.
    settled_s: float = 60.0
    deaths_max: int = 8


class Again(NamedTuple):
    """Start it again after this long."""

    after_s: float


class GiveUp(NamedTuple):
    """Do not, and why."""

    fault: CliError


def after_death(who: str, code: int, lived_s: float, deaths: int, patience: Patience) -> Again | GiveUp:
    """What to do about the process `who` that ended by itself; `deaths` counts those in a row, this one included."""
    if code == EXIT_CONFIGURATION:
        return GiveUp(
            UsedWrongly(f"{who} cannot run with its configuration; the reason is its last line above")
        )
    if deaths >= patience.deaths_max:
        return GiveUp(
            ProcessDied(
                f"{who} died {deaths} times in a row, the last time {said(code)} after {lived_s:.1f} s; "
                "its log above says why"
            )
        )
    return Again(min(patience.first_s * 2 ** (deaths - 1), patience.most_s))


def said(code: int) -> str:
    """An exit code as a reader says it."""
    return f"killed by signal {-code}" if code < 0 else f"with exit code {code}"


@dataclass
class Worker:
    """One process to keep running, under a name a person knows it by."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    start_at_s: float = 0.0
    deaths: int = 0


@dataclass
class Supervisor:
    """Starts its workers, and starts again those that died, at every `look`. What it does it says."""

    workers: Sequence[Worker]
    say: Callable[[str], None]
    patience: Patience = field(default_factory=Patience)
    #: Where the workers' output goes; None = where ours goes.
    output: int | None = None

    def look(self) -> None:
        """Brings every worker to what it should be now; raises when one is given up."""
        now_s = time.monotonic()
        for worker in self.workers:
            if worker.process is not None and worker.process.poll() is not None:
                self._bury(worker, worker.process.returncode, now_s)
            if worker.process is None and worker.start_at_s <= now_s:
                self._start(worker, now_s)

    def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """Asks all to end, waits, and kills who does not."""
        running = {
            w.name: w.process for w in self.workers if w.process is not None and w.process.poll() is None
        }
        if running:
            self.say(f"stopping {', '.join(running)}")
        end_all(list(running.values()), within_s)
        for name, process in running.items():
            self.say(f"{name} ended {said(process.returncode)}")

    def _start(self, worker: Worker, now_s: float) -> None:
        # A session of its own: Ctrl-C reaches the supervisor alone, which ends the workers in order.
        worker.process = subprocess.Popen(
            worker.command,
            env={**os.environ, **worker.environment},
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
            start_new_session=True,
        )
        worker.started_s = now_s
        self.say(f"{worker.name} started (process {worker.process.pid})")

    def _bury(self, worker: Worker, code: int, now_s: float) -> None:
        lived_s = now_s - worker.started_s
        worker.process = None
        worker.deaths = 1 if lived_s >= self.patience.settled_s else worker.deaths + 1
        verdict = after_death(worker.name, code, lived_s, worker.deaths, self.patience)
        if isinstance(verdict, GiveUp):
            raise verdict.fault
        worker.start_at_s = now_s + verdict.after_s
        self.say(
            f"{worker.name} ended {said(code)} after {lived_s:.1f} s; starting again in {verdict.after_s:.1f} s"
        )
