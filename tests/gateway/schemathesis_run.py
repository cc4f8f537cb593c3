"""Schemathesis against a real door: whatever its document allows and whatever it does not, nothing is answered 5xx.

    python -m tests.gateway.schemathesis_run [--examples 50]

It lives in an environment of its own (tests/gateway/schemathesis.txt), made in .run the first time: its pins are not
ours. The door runs with the embedded broker and the embedded PostgreSQL.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from pathlib import Path

from services.gateway import examples
from tests.around import around
from tests.gateway.running import Gateway, a_gateway

HERE = Path(__file__).parent
EVENTS = "/v1/events"
UNLIMITED = {
    "SEINHUIS_GATEWAY_REQUESTS_PER_MINUTE": "10000000",
    "SEINHUIS_GATEWAY_REFUSALS_TOLD_PER_MINUTE": "100",
    "SEINHUIS_LOG_LEVEL": "error",
}


def program() -> Path:
    """The program, in an environment of its own."""
    place = Path(os.environ.get("SEINHUIS_RUN", ".run")) / "schemathesis"
    found = place / "bin" / "schemathesis"
    if not found.exists():
        venv.create(place, with_pip=True)
        pip = [str(place / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(HERE / "schemathesis.txt")], check=True)
    return found


def run(door: Gateway, count: int) -> int:
    """Runs it against a door; returns its exit code. Events of every type share one route, so of that one ten times as
    many; its coverage phase is left out: thousands of events about what is not there, each of which waits a second."""
    every = ["--phases", "examples,coverage,fuzzing", "--max-examples", str(count), "--exclude-path", EVENTS]
    # A stream does not end by itself: what it answers is looked at by tests/gateway/test_stream.py.
    every += ["--exclude-path", "/v1/stream"]
    events = ["--phases", "examples,fuzzing", "--max-examples", str(count * 10), "--include-path", EVENTS]
    return _run(door, every) or _run(door, events)


def _run(door: Gateway, options: Sequence[str]) -> int:
    command = [str(program()), "run", f"{door.url}/openapi.json", "--checks", "not_a_server_error"]
    # One worker: with several its coverage phase runs into a race of its own (4.32.5).
    command += ["--seed", "1", "--workers", "1"]
    bearer = door.bearer(exp=int(time.time()) + 3 * 3600)["Authorization"]
    token = ["--header", f"Authorization: {bearer}"]
    told = {
        "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py"),
        "DOOR_SOURCE": examples.SOURCE,
        "DOOR_PARTNERSHIP": examples.PARTNERSHIP,
        "DOOR_CONTACT": examples.DATA["AcknowledgeSignal"]["by"]["contact"],
    }
    return subprocess.run([*command, *options, *token], check=False, env={**os.environ, **told}).returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--examples", type=int, default=50)
    given = parser.parse_args()
    program()
    with (
        around("schemathesis") as here,
        a_gateway(here.bootstrap, here.database, here.place, also=UNLIMITED) as door,
    ):
        code = run(door, given.examples)
        if code:
            print(door.log.read_text(encoding="utf-8")[-4000:], file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
