"""`python -m tests.bench.obligations SCENE`: the last line printed is what was found, as one JSON object."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tests.bench.obligations import burst, kills, outage, steady, versions
from tests.bench.obligations.outcome import Outcome
from tests.bench.obligations.rig import Rig
from tests.bench.watch import ROOT
from tests.brokers import Kafka

_LOGS = ROOT / ".run" / "bench" / "obligations"

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
Asserted = Annotated[bool, typer.Option("--assert", help="Exit 1 when a promise is not held.")]
Seed = Annotated[int, typer.Option(help="Moments and choices come from it.")]


@app.command("steady")
def steady_(
    is_asserted: Asserted = False,
    open_: Annotated[int, typer.Option("--open", help="Open obligations.")] = 1_000_000,
    rate: Annotated[float, typer.Option(help="So many come due a second.")] = 200.0,
    seconds: Annotated[float, typer.Option(help="How long that is measured.")] = 120.0,
) -> None:
    """A million open obligations on one worker: memory, promptness, a restart."""
    _play("steady", lambda rig: steady.run(rig, open_, rate, seconds), is_asserted)


@app.command("burst")
def burst_(
    is_asserted: Asserted = False,
    due: Annotated[int, typer.Option(help="Obligations due in the same second.")] = 100_000,
    acute: Annotated[int, typer.Option(help="Acute ones among them.")] = 20,
    seed: Seed = 1,
) -> None:
    """A hundred thousand due in the same second while acute signals arrive."""
    _play("burst", lambda rig: burst.run(rig, due, acute, seed), is_asserted)


@app.command("kills")
def kills_(  # noqa: PLR0913 - an option is an argument
    is_asserted: Asserted = False,
    due: Annotated[int, typer.Option(help="Obligations that come due or are answered.")] = 25_000,
    times: Annotated[int, typer.Option("--kills", help="So often is a worker killed.")] = 110,
    every: Annotated[float, typer.Option(help="Seconds between two kills, in the mean.")] = 3.0,
    workers: Annotated[int, typer.Option(min=1)] = 2,
    seed: Seed = 1,
) -> None:
    """Twenty thousand come due while workers are killed at random moments."""
    _play("kills", lambda rig: kills.run(rig, due, times, every, workers, seed), is_asserted)


@app.command("outage")
def outage_(
    is_asserted: Asserted = False,
    due: Annotated[int, typer.Option(help="Obligations that come due in the hour.")] = 50_000,
    seed: Seed = 1,
) -> None:
    """A worker that was down for an hour, by a turned clock."""
    _play("outage", lambda rig: outage.run(rig, due, seed), is_asserted)


@app.command("versions")
def versions_(
    is_asserted: Asserted = False,
    count: Annotated[int, typer.Option("--versions", help="Versions that are kept.")] = 300,
) -> None:
    """Hundreds of versions of a large agreement, read at start-up; no broker."""
    _tell(versions.run(count), is_asserted)


def _play(name: str, scene: Callable[[Rig], Outcome], is_asserted: bool) -> None:
    # Told to stop, it takes broker and workers down with it.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    logs = _LOGS / name
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="seinhuis-bench-") as place, Kafka(Path(place)) as node:
        rig = Rig(node.bootstrap, logs)
        try:
            rig.prepare()
            outcome = scene(rig)
        finally:
            rig.end()
    _tell(outcome, is_asserted)


def _tell(outcome: Outcome, is_asserted: bool) -> None:
    print(json.dumps(outcome.as_json()))
    if is_asserted and outcome.broken():
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
