"""The worker processes of a run: started, killed, stopped, scaled, and started again when they end by themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: An orchestrator's back-off, kept short: the faults are what is tried here, not patience.
RESTART_AFTER_S = 0.3
ENDED_WITHIN_S = 20.0
GROWN_S = 5.0


@dataclass
class Worker:
    """One process in one slot."""

    slot: str
    process: subprocess.Popen[bytes]
    started_s: float
    is_stopped: bool = False
    #: What the harness did to it last; empty when it ended by itself.
    ending: str = ""


class Fleet:
    """Slots `0`, `1`, … with a worker each. `counts` says what happened to them."""

    def __init__(self, worker: str, environment: Mapping[str, str], logs: Path) -> None:
        self.counts: Counter[str] = Counter()
        self._worker = worker
        self._environment = dict(environment)
        self.logs = logs
        self._workers: dict[str, Worker] = {}
        self._leaving: list[Worker] = []
        self._restart_at_s: dict[str, float] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def scale(self, count: int) -> None:
        """Brings the fleet to so many workers: the newest slots end in order (SIGTERM), missing ones start."""
        wanted = [str(number) for number in range(count)]
        for slot in sorted(set(self._workers) - set(wanted), reverse=True):
            self._end(self._workers.pop(slot))
            self._restart_at_s.pop(slot, None)
        for slot in wanted:
            if slot not in self._workers:
                self._start(slot)

    def kill(self, pick: float) -> None:
        """kill -9 of one worker, whatever it is doing; the same slot starts again at once.

        Spared while nobody has been up for a moment: where starting takes longer than the time between two kills,
        there would be nothing left to disturb.
        """
        if all(time.monotonic() - worker.started_s < GROWN_S for worker in self._workers.values()):
            self.counts["kills_spared"] += 1
            return
        worker = self._picked(pick)
        self._send(worker, signal.SIGKILL, "killed")
        worker.process.wait()
        self.counts["kills"] += 1
        self._start(worker.slot)

    def stop(self, pick: float, *, twin: bool) -> Worker:
        """SIGSTOP of one worker; with `twin`, its slot gets a successor meanwhile, as from a hasty orchestrator."""
        worker = self._picked(pick)
        self._send(worker, signal.SIGSTOP, "")
        worker.is_stopped = True
        if twin:
            self.counts["twins"] += 1
            worker.ending = "replaced"
            self._leaving.append(worker)
            self._start(worker.slot)
        return worker

    def go_on(self, worker: Worker) -> None:
        """SIGCONT: a zombie finds out by itself that others have its lanes."""
        if worker.is_stopped:
            worker.is_stopped = False
            self._send(worker, signal.SIGCONT, worker.ending)

    def supervise(self) -> None:
        """Starts again what ended by itself, and buries what was sent away."""
        now_s = time.monotonic()
        for slot, worker in list(self._workers.items()):
            code = worker.process.poll()
            if code is None:
                continue
            if slot not in self._restart_at_s:
                self.counts["self_exits"] += 1
                self.counts[f"exit_code_{code}"] += 1
                self._restart_at_s[slot] = now_s + RESTART_AFTER_S
            elif now_s >= self._restart_at_s[slot]:
                self._start(slot)
        self._leaving = [worker for worker in self._leaving if not self._is_gone(worker)]

    def rest(self, count: int) -> None:
        """Nothing stopped, nobody missing: the state in which a drain begins."""
        for worker in [*self._workers.values(), *self._leaving]:
            self.go_on(worker)
        self.scale(count)

    def end(self) -> None:
        """Ends every worker in order, within bounds."""
        for worker in self._leaving:
            self.go_on(worker)
        self.scale(0)
        until = time.monotonic() + ENDED_WITHIN_S
        while self._leaving and time.monotonic() < until:
            self.supervise()
            time.sleep(0.05)
        for worker in self._leaving:
            self.counts["ended_by_force"] += 1
            self._send(worker, signal.SIGKILL, "killed")
            worker.process.wait()

    def _picked(self, pick: float) -> Worker:
        alive = [worker for _, worker in sorted(self._workers.items()) if worker.process.poll() is None]
        awake = [worker for worker in alive if not worker.is_stopped] or alive or list(self._workers.values())
        return awake[int(pick * len(awake))]

    def _start(self, slot: str) -> None:
        self._restart_at_s.pop(slot, None)
        self.counts["starts"] += 1
        with (self.logs / f"worker-{slot}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "services.work", self._worker],
                cwd=ROOT,
                env={**os.environ, **self._environment, "SEINHUIS_SLOT": slot},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._workers[slot] = Worker(slot, process, time.monotonic())

    def _end(self, worker: Worker) -> None:
        self.go_on(worker)
        if worker.process.poll() is None:
            self._send(worker, signal.SIGTERM, "terminated")
        self._leaving.append(worker)

    def _is_gone(self, worker: Worker) -> bool:
        code = worker.process.poll()
        if code is None:
            return False
        self.counts[f"{worker.ending}_exit_code_{code}"] += code != 0
        return True

    @staticmethod
    def _send(worker: Worker, number: signal.Signals, ending: str) -> None:
        worker.ending = ending
        if worker.process.poll() is None:
            os.kill(worker.process.pid, number)
