"""The measurement of the intake runs, and counts what was taken in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.broker
def test_intake_is_measured_in_one_line_of_json() -> None:
    asked = ["--broker", "embedded", "--events", "300", "--batch", "50", "--clients", "100", "--runs", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.intake", *asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["events"], told["batch"], len(told["rates"])) == (300, 50, 2)
    assert min(told["rates"]) > 0
    assert told["batch_p50_ms"] <= told["batch_p99_ms"]
