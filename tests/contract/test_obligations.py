"""C7 and C16 on the core, in small: deadlines under kills, and after an hour of silence (docs/BENCHMARKS.md)."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.bench.obligations.told import Judged
from tests.chaos.fleet import ROOT

pytestmark = pytest.mark.kafka

ENDED_WITHIN_S = 600


def scene(*arguments: str) -> dict[str, Any]:
    """What a scene of the bench found. How fast it was is not asked here."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.obligations", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=ENDED_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_kills_miss_no_deadline_and_tell_none_early_twice_or_against_its_answer() -> None:
    found = scene("kills", "--due", "1500", "--kills", "6", "--seed", "3")
    assert {name: found[name] for name in Judged().zeros()} == Judged().zeros()
    assert (found["rows_wrong"], found["second_input_wrong"]) == (0, 0)
    assert (found["kills"], found["due"] + found["answered_in_time"]) >= (6, 1_000)


def test_hour_of_silence_is_told_late_once_and_at_the_present_level() -> None:
    found = scene("outage", "--due", "1000")
    assert {name: found[name] for name in Judged().zeros()} == Judged().zeros()
    assert (found["unflagged"], found["wrong_level"]) == (0, 0)
    assert found["escalated"] > 100
