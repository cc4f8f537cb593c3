"""A worker process under test: started, stopped, killed, listened to; every wait has an end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.cli.processes import HOST, free_port
from tests.scraped import keep_metrics

ROOT = Path(__file__).resolve().parents[2]
#: Two seconds on an idle machine; the bound is for one that is busy.
HEARD_WITHIN_S = 180.0
ENDED_WITHIN_S = 180.0
ANSWERED_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.02


class Worker:
    """One process of `python -m services.work`, or of another module that takes the same argument."""

    def __init__(self, module: str, job: str, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self.home = log.with_suffix("")
        self.home.mkdir()
        self.http_port = free_port()
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, job],
                cwd=self.home,
                env={
                    **os.environ,
                    "PYTHONPATH": str(ROOT),
                    **environment,
                    "SEINHUIS_HTTP_PORT": str(self.http_port),
                },
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    # -- what it says --------------------------------------------------------------------------------

    def said(self, event: str) -> list[dict[str, Any]]:
        """Its log records of this name, in order."""
        found = []
        for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines():
            if f'"{event}"' in line and line.startswith("{"):
                record = json.loads(line)
                if record.get("event") == event:
                    found.append(record)
        return found

    def hear(self, event: str, times: int = 1, within_s: float = HEARD_WITHIN_S) -> list[dict[str, Any]]:
        """Waits until it has said this so often; fails with its last words when it ends or stays silent."""
        until = time.monotonic() + within_s
        while len(found := self.said(event)) < times:
            if not self.is_alive:
                raise AssertionError(
                    f"the worker ended with {self._process.poll()}, no {event}\n{self.last_words}"
                )
            if time.monotonic() > until:
                raise AssertionError(
                    f"{len(found)} of {times} {event} within {within_s:.0f} s\n{self.last_words}"
                )
            time.sleep(_LOOK_EVERY_S)
        return found

    def health(self, path: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of `/live` or `/ready`."""
        try:
            with urllib.request.urlopen(
                f"http://{HOST}:{self.http_port}{path}", timeout=ANSWERED_WITHIN_S
            ) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples with these labels."""
        with urllib.request.urlopen(
            f"http://{HOST}:{self.http_port}/metrics", timeout=ANSWERED_WITHIN_S
        ) as answer:
            lines = answer.read().decode().splitlines()
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        return sum(
            float(line.rpartition(" ")[2])
            for line in lines
            if line.split("{")[0].split(" ")[0] == name and all(label in line for label in wanted)
        )

    @property
    def last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]

    # -- what is done to it --------------------------------------------------------------------------

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def terminate(self) -> None:
        if self.is_alive:
            keep_metrics(self.http_port, self.log)
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9, and waits until it is gone."""
        self._process.kill()
        self._process.wait(ENDED_WITHIN_S)

    def stop(self) -> None:
        """SIGSTOP: time stands still for it."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def exit_code(self, within_s: float = ENDED_WITHIN_S) -> int:
        """Waits for its end."""
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"the worker did not end within {within_s:.0f} s\n{self.last_words}"
            ) from None
