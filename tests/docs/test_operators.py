"""The questions of an operator in docs/OPERATIONS.md: each command prints what is said."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.a_broker_told import clock_at, told_on_a_broker
from tests.cli.stories import three_in_the_morning

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
SHOWN = "".join(
    re.findall(
        r"^```console\n(.*?)^```", TEXT.partition("## Questions")[2].partition("\n## ")[0], re.M | re.S
    )
)


@pytest.mark.broker
def test_the_questions_of_an_operator_are_answered_as_it_is_said(tmp_path: Path) -> None:
    world = three_in_the_morning()
    printed: list[str] = []
    with told_on_a_broker(world, tmp_path) as bootstrap:
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SEINHUIS_KAFKA": bootstrap,
            "SEINHUIS_CLOCK": clock_at(world),
        }
        for line in SHOWN.splitlines():
            if line.startswith("$ "):
                done = subprocess.run(
                    ["bash", "-c", line[2:]],
                    env=environment,
                    capture_output=True,
                    text=True,
                    timeout=300,
                    check=False,
                )
                printed += [line, *(done.stdout + done.stderr).splitlines()]
    assert printed == SHOWN.splitlines()
    assert len(printed) > 20
