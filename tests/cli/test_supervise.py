"""The supervisor: what dies is started again with patience, what cannot work is not, and stopping has an end."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest

from services.cli.errors import ProcessDied, UsedWrongly
from services.cli.supervise import (
    EXIT_CONFIGURATION,
    Again,
    GiveUp,
    Patience,
    Supervisor,
    Worker,
    after_death,
)

QUICK = Patience(first_s=0.01, most_s=0.04, settled_s=60.0, deaths_max=4)


def a_worker(code: str, name: str = "casework/0", **environment: str) -> Worker:
    return Worker(name, [sys.executable, "-c", code], environment)


def a_supervisor(*workers: Worker, patience: Patience = QUICK) -> tuple[Supervisor, list[str]]:
    said: list[str] = []
    return Supervisor(workers, said.append, patience), said


def look_until(supervisor: Supervisor, done: Path) -> None:
    until = time.monotonic() + 60
    while not done.exists():
        assert time.monotonic() < until, "the worker never came so far"
        supervisor.look()
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("deaths", "after_s"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 16.0), (7, 30.0)]
)
def test_patience_doubles_up_to_its_most(deaths: int, after_s: float) -> None:
    assert after_death("casework/0", 1, 0.2, deaths, Patience()) == Again(after_s)


def test_patience_ends_after_eight_deaths_in_a_row() -> None:
    verdict = after_death("casework/0", -9, 0.2, 8, Patience())
    assert isinstance(verdict, GiveUp)
    assert isinstance(verdict.fault, ProcessDied)
    assert str(verdict.fault).startswith("casework/0 died 8 times in a row, the last time killed by signal 9")


def test_supervisor_starts_a_dying_process_again_until_its_patience_ends() -> None:
    supervisor, said = a_supervisor(a_worker("raise SystemExit(3)"))
    with pytest.raises(ProcessDied, match="died 4 times in a row, the last time with exit code 3"):
        while True:
            supervisor.look()
            time.sleep(0.005)
    assert sum("started" in line for line in said) == 4
    assert sum("starting again in" in line for line in said) == 3


def test_supervisor_waits_before_it_starts_again() -> None:
    worker = a_worker("raise SystemExit(3)")
    supervisor, said = a_supervisor(worker, patience=Patience(first_s=30.0))
    supervisor.look()
    assert worker.process is not None
    worker.process.wait(60)
    supervisor.look()
    supervisor.look()
    assert worker.process is None
    assert [line for line in said if "started" in line] == said[:1]
    assert said[1].endswith("starting again in 30.0 s")


def test_supervisor_counts_anew_when_a_process_had_settled() -> None:
    worker = a_worker("raise SystemExit(3)")
    worker.deaths = 3
    supervisor, _ = a_supervisor(worker, patience=QUICK._replace(settled_s=0.0))
    supervisor.look()
    assert worker.process is not None
    worker.process.wait(60)
    supervisor.look()
    assert worker.deaths == 1


def test_supervisor_does_not_start_a_misconfigured_process_again() -> None:
    supervisor, said = a_supervisor(a_worker(f"raise SystemExit({EXIT_CONFIGURATION})"))
    with pytest.raises(UsedWrongly, match="casework/0 cannot run with its configuration"):
        while True:
            supervisor.look()
            time.sleep(0.005)
    assert sum("started" in line for line in said) == 1


def test_supervisor_gives_each_process_its_environment_and_passes_the_end_on(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal, sys\n"
        "place = pathlib.Path(os.environ['PLACE'])\n"
        "signal.signal(signal.SIGTERM, lambda *_: (place.write_text('told to end'), sys.exit(0)))\n"
        "place.with_suffix('.ready').touch()\n"
        "signal.pause()\n"
    )
    slots = [tmp_path / "0", tmp_path / "1"]
    workers = [a_worker(code, place.name, PLACE=str(place)) for place in slots]
    supervisor, said = a_supervisor(*workers)
    for place in slots:
        look_until(supervisor, place.with_suffix(".ready"))
    supervisor.stop()
    assert [place.read_text() for place in slots] == ["told to end", "told to end"]
    assert said[-2:] == ["0 ended with exit code 0", "1 ended with exit code 0"]


def test_supervisor_kills_what_does_not_end_in_time(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = (
        "import pathlib, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        "signal.pause()\n"
    )
    worker = a_worker(code)
    supervisor, said = a_supervisor(worker)
    look_until(supervisor, ready)
    supervisor.stop(within_s=0.2)
    assert worker.process is not None
    assert worker.process.returncode == -signal.SIGKILL
    assert said[-1] == "casework/0 ended killed by signal 9"
