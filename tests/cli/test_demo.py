"""The demo says in one sentence what keeps it from playing, and leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.cli.main import main
from services.cli.processes import is_port_free


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEINHUIS_RUN", str(tmp_path / "run"))
    monkeypatch.delenv("SEINHUIS_KAFKA", raising=False)
    (tmp_path / "day.jsonl").write_text("", encoding="utf-8")
    return tmp_path


def play(folder: Path) -> int:
    return main(["demo", "--day", str(folder / "day.jsonl"), "--agreements", str(folder)])


def test_demo_without_its_day_names_the_option(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "day.jsonl").unlink()
    assert play(folder) == 2
    assert (
        "day.jsonl cannot be read (No such file or directory); name a file with --day"
        in capsys.readouterr().err
    )


def test_demo_with_an_empty_day_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(folder) == 2
    assert "day.jsonl holds no message" in capsys.readouterr().err


def test_demo_names_the_line_it_cannot_send(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "day.jsonl").write_text("\nno event\n", encoding="utf-8")
    assert play(folder) == 1
    assert "day.jsonl:2 cannot be said: write one event as an object a line" in capsys.readouterr().err


Start = Callable[[], subprocess.Popen[str]]
#: Some seconds; the bound is for a machine that is busy with other things.
ENDED_WITHIN_S = 240.0
README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
SHOWN = README.partition("<!-- demo:")[2].split("```")[1].strip().splitlines()
#: What is another each time: names are allotted by chance, and a message takes its time on the way.
VARIES = (
    (r"\b(sig|case)-[0-9a-z]+", r"\1-<name>"),
    (r"\d\d:\d\d(:\d\d)?", "<time>"),
    (r"after \d+ (h|min|s)( \d+ (min|s))?", "after <a while>"),
)


def plain(line: str) -> str:
    for pattern, word in VARIES:
        line = re.sub(pattern, word, line)
    return line.strip()


@pytest.fixture
def demo(folder: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("seinhuis")), "demo", "--speed", "1440"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=ENDED_WITHIN_S)


def addresses_in(output: str) -> list[int]:
    return [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", output)]


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"it ended without saying {words!r}:\n{seen}")


@pytest.mark.broker
def test_demo_tells_who_was_asked_who_took_it_and_what_was_missed(demo: Start) -> None:
    process = demo()
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    assert len(SHOWN) > 3
    assert {plain(line) for line in SHOWN} <= {plain(line) for line in output.splitlines()}, output
    assert re.search(r"signals reported +│ +28 │", output)
    assert re.search(r"routed by a rule +│ +29 │", output)
    assert re.search(r"deadlines missed +│ +[1-9]", output)
    assert len(addresses_in(output)) == 4
    assert all(is_port_free(port) for port in addresses_in(output))


@pytest.mark.broker
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_demo_that_is_told_to_stop_leaves_nothing_running(demo: Start, number: signal.Signals) -> None:
    process = demo()
    output = read_until(process, "topics    made")
    process.send_signal(number)
    rest, _ = process.communicate(timeout=ENDED_WITHIN_S)
    assert process.returncode == 130, output + rest
    assert rest == "stopped; nothing is left running\n"
    assert all(is_port_free(port) for port in addresses_in(output))


@pytest.mark.broker
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the worker through /proc")
def test_demo_says_when_its_worker_dies(demo: Start, folder: Path) -> None:
    process = demo()
    output = read_until(process, "topics    made")
    until = time.monotonic() + ENDED_WITHIN_S
    while not (worker := child_of(process.pid, "services.work\0casework")):
        assert time.monotonic() < until, "no worker was started"
        time.sleep(0.05)
    os.kill(worker, signal.SIGKILL)
    rest, _ = process.communicate(timeout=ENDED_WITHIN_S)
    assert process.returncode == 4, output + rest
    assert rest.startswith("seinhuis: casework ended killed by signal 9; its last words: ")
    assert all(is_port_free(port) for port in addresses_in(output))


def child_of(parent: int, program: str) -> int | None:
    """The number of a child process whose command line names this program."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            is_child = f" {parent} " in entry.joinpath("stat").read_text().rpartition(")")[2]
            if is_child and program in entry.joinpath("cmdline").read_text():
                return int(entry.name)
        except OSError:
            continue
    return None
