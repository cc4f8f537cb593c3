"""`seinhuis run` with a real worker: started again when it is killed, ended with it when it is told to stop."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from services.cli.processes import LeftBehind
from services.cli.run import told_to_stop


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_run_starts_a_killed_worker_again_and_ends_it_when_told(
    embedded: str, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("seinhuis")), "run", "tests.cli.resting:JOB"],
        env={**os.environ, "SEINHUIS_KAFKA": embedded, "SEINHUIS_TRANSACTIONS": "off"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        first = started_in(process)
        os.kill(first.pid, signal.SIGKILL)
        assert "ended killed by signal 9" in line_of(process, "starting again in 0.5 s")
        second = started_in(process)
        assert second.pid != first.pid
        assert second.is_running()
        process.send_signal(number)
        assert "stopping tests.cli.resting:JOB/0" in line_of(process, "stopping")
        assert process.wait(120) == 0
        assert not second.is_running()
    finally:
        process.kill()
        process.communicate()


def test_stop_is_told_in_the_middle_of_a_wait_however_often() -> None:
    """With a lock in it, one of these would be told while it is held, and never come back."""
    for number in range(300):
        with told_to_stop() as stop:
            signal.signal(signal.SIGALRM, lambda _number, _frame: os.kill(os.getpid(), signal.SIGHUP))
            signal.setitimer(signal.ITIMER_REAL, 0.0001 + number * 0.000003)
            until = time.monotonic() + 60
            while not stop.is_told():
                assert time.monotonic() < until
                stop.wait(0.0005)


def started_in(process: subprocess.Popen[str]) -> LeftBehind:
    """The worker whose start the supervisor tells next, once its program runs."""
    found = re.search(r"started \(process (\d+)\)", line_of(process, "started"))
    assert found
    worker = LeftBehind(int(found[1]), "", "services.work")
    until = time.monotonic() + 60
    while not worker.is_running():
        assert time.monotonic() < until
        time.sleep(0.01)
    return worker


def line_of(process: subprocess.Popen[str], words: str) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"it ended without saying {words!r}")
