"""The README tells what happens: its story is played, and the files and targets it names exist."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
STORY = re.findall(r"^```console\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
END = "--- end of a command ---"
#: `make venv` brings no curl; who reads has one.
CURL = """curl() { python -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1]).close()' "$2" 2> /dev/null; }"""
#: What is another each time: clock times, lengths, how late the machine was, the broker's port.
VARIES = (
    (r"; told .* late$", ""),
    (r"\d\d:\d\d(:\d\d)?", "<time>"),
    (r"after \d+ min( \d+ s)?", "after <a while>"),
    (r"127\.0\.0\.1:\d+", "<broker>"),
)


def steps() -> list[tuple[str, list[str]]]:
    """Each command of the story, with the lines it prints."""
    found: list[tuple[str, list[str]]] = []
    for line in "".join(STORY).splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def alike(lines: list[str]) -> list[str]:
    """Lines without what varies; a busy machine may tell two warnings as one, so they are left out."""
    for pattern, word in VARIES:
        lines = [re.sub(pattern, word, line) for line in lines]
    return [line for line in lines if "% of the time is gone" not in line]


def played(place: Path) -> tuple[list[list[str]], str]:
    """What each command of the story prints in a place of its own, and what went to standard error."""
    place.mkdir()
    (place / "examples").symlink_to(ROOT / "examples")
    port = free_port()
    script = "\n".join(f"{command}\necho {shlex.quote(END)}" for command, _ in steps()).replace(
        "9100", str(port)
    )
    done = subprocess.run(
        ["bash", "-m", "-c", f"{CURL}\ntrap 'kill %1; seinhuis broker stop' EXIT 2> /dev/null\n{script}"],
        cwd=place,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SEINHUIS_RUN": str(place),
        },
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    return [part.strip().splitlines() for part in done.stdout.split(END)], done.stderr


@pytest.mark.broker
def test_readme_story_prints_what_it_says(tmp_path: Path) -> None:
    """A quarter of an hour is fifteen seconds there: on a machine so busy that another level is asked before anybody
    takes the signal, the story is another one, and is played once more."""
    expected = [alike(lines) for _, lines in steps()]
    for turn in range(2):
        printed, complaints = played(tmp_path / str(turn))
        if [alike(lines) for lines in printed[: len(expected)]] == expected:
            return
    for (command, _), told, lines in zip(steps(), expected, printed, strict=False):
        assert alike(lines) == told, f"$ {command}\n{complaints}"
    raise AssertionError(f"only {len(printed)} of {len(expected)} commands were played\n{complaints}")


@pytest.mark.parametrize(
    "named", sorted(set(re.findall(r"`([a-z]+/[a-z_/.-]*|[A-Z]+\.md|docs/[A-Z]+\.md)`", TEXT)))
)
def test_readme_names_what_is_there(named: str) -> None:
    assert (ROOT / named).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`?make ([a-z-]+)", TEXT))))
def test_readme_names_targets_that_are_there(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
