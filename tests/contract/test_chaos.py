"""C1-C5, C7, C13 in small: each fault once under load, and nothing lost, doubled, early or missed (docs/PROOF.md)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.fleet import ROOT
from tests.chaos.recording import KINDS

pytestmark = pytest.mark.kafka

ENDED_WITHIN_S = 480
#: Shorter than in production, so that a long stop is not so long; with it these seeds have each fault once.
SESSION_TIMEOUT_S = 6


def chaos(state: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """A run of the harness: its exit code, its verdict, and what it told on the way."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *arguments, "--keep", str(state)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=ENDED_WITHIN_S,
        check=False,
    )
    lines = done.stdout.splitlines() or ["{}"]
    return done.returncode, json.loads(lines[-1]), done.stderr


@pytest.mark.parametrize(
    ("job", "faults", "seed", "rate"),
    [
        ("counting", ("kill", "stop_short", "scale"), 53, 300),
        ("casework", ("stop_long", "broker_kill", "broker_pause"), 5, 150),
    ],
)
def test_faults_lose_nothing_double_nothing_and_break_no_deadline(
    tmp_path: Path, job: str, faults: tuple[str, ...], seed: int, rate: int
) -> None:
    code, verdict, told = chaos(
        tmp_path,
        *("--job", job, "--faults", ",".join(faults), "--seed", str(seed), "--rate", str(rate)),
        *("--seconds", "50", "--session-timeout", str(SESSION_TIMEOUT_S)),
    )
    assert code == 0, told
    assert {kind: verdict[kind] for kind in KINDS} == dict.fromkeys(KINDS, 0)
    happened = {fault: verdict.get(f"{fault}s", 0) for fault in faults}
    assert all(happened.values()), happened
    assert verdict["input"] > 50 * rate * 0.9


def test_a_job_that_withholds_and_repeats_facts_is_found_out(tmp_path: Path, kafka: str) -> None:
    code, verdict, told = chaos(
        tmp_path,
        *("--job", "counting", "--worker", "tests.chaos.flawed:JOB", "--broker", kafka, "--faults", "none"),
        *("--seed", "1", "--rate", "200", "--seconds", "5", "--grace", "5"),
    )
    assert code == 1, told
    assert not verdict["ok"]
    assert verdict["lost"] > 0
    assert verdict["applied_twice"] > 0
