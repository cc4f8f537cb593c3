"""docs/PUBLISH.md tells what happens: its commands are run, and its tables are compared with the code."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.gateway import DoorRefusal
from services.cli.processes import free_port
from services.gateway.problems import LINES, Code
from services.gateway.sayable import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "PUBLISH.md").read_text(encoding="utf-8")
STORY = re.findall(r"^```console\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
FILES = re.findall(r"^<!-- file: (\S+) -->\n```[a-z]+\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
END = "--- end of a command ---"
#: What is another each time: names, places, request ids.
VARIES = (
    (r"\b(as|ac)-[a-z2-7]{20}\b", r"\1-<name>"),
    (r"\breq-[a-z2-7]{26}\b", "<request>"),
    (r'("(partition|offset)": )\d+', r"\1<place>"),
    (r"partition +\d+ +1 records  positions \d+ to \d+", "partition <place>"),
)


def steps() -> list[tuple[str, list[str]]]:
    """Each command, with the lines it prints; a line that ends in a backslash goes on in the next."""
    found: list[tuple[str, list[str]]] = []
    is_open = False
    for line in "".join(STORY).splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif is_open:
            found[-1] = (f"{found[-1][0]}\n{line}", [])
        else:
            found[-1][1].append(line)
        is_open = line.endswith("\\")
    return found


def alike(lines: list[str]) -> list[str]:
    for pattern, word in VARIES:
        lines = [re.sub(pattern, word, line) for line in lines]
    return [line.rstrip() for line in lines]


@pytest.fixture
def place() -> Iterator[Path]:
    """Not below pytest's own directory: where we are root, PostgreSQL runs as a user who may not enter that."""
    with tempfile.TemporaryDirectory(prefix="seinhuis-story-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.broker
@pytest.mark.skipif(shutil.which("curl") is None, reason="the story speaks curl, and this machine has none")
def test_publish_story_prints_what_it_says(place: Path) -> None:
    (place / "examples").symlink_to(ROOT / "examples")
    for name, text in FILES:
        (place / name).write_text(text, encoding="utf-8")
    script = "\n".join(f"{command}\necho {shlex.quote(END)}" for command, _ in steps())
    for port in ("9100", "8400"):
        script = script.replace(port, str(free_port()))
    (door_port,) = re.findall(r"SEINHUIS_GATEWAY_URL=http://127.0.0.1:(\d+)", script)
    ending = "kill %1; seinhuis database stop; seinhuis broker stop"
    done = subprocess.run(
        ["bash", "-m", "-c", f"trap '{ending}' EXIT 2> /dev/null\n{script}"],
        cwd=place,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SEINHUIS_RUN": str(place),
            "SEINHUIS_GATEWAY_PORT": door_port,
        },
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    printed = [part.strip("\n").splitlines() for part in done.stdout.split(END)]
    log = place / "gateway.log"
    assert len(printed) > len(steps()), done.stderr
    for (command, expected), lines in zip(steps(), printed, strict=False):
        assert alike(lines) == alike(expected), (
            f"$ {command}\n{done.stderr}\n{log.read_text(encoding='utf-8')}"
        )


def _rows(name: str) -> list[tuple[str, ...]]:
    table = TEXT.partition(f"<!-- {name}:")[2].partition("\n\n")[0].splitlines()[3:]
    return [tuple(cell.strip(" `") for cell in line.strip("|").split(" | ")) for line in table]


def test_publish_lists_every_route_with_its_command_and_scope() -> None:
    assert _rows("routes") == [
        (
            f"POST {one.route}",
            one.model.__name__,
            one.scope.value,
        )
        for one in COMMANDS
    ]


def test_publish_lists_every_code_with_its_status() -> None:
    codes = [code for code in (*DoorRefusal, *Code) if code is not DoorRefusal.UNKNOWN]
    assert [row[:2] for row in _rows("codes")] == [(code.value, str(LINES[code].status)) for code in codes]


@pytest.mark.parametrize("named", sorted(set(re.findall(r"\]\(([A-Z]+\.md)\)", TEXT))))
def test_publish_names_documents_that_are_there(named: str) -> None:
    assert (ROOT / "docs" / named).exists()
