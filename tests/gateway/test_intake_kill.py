"""A door that is killed again and again under load: what was answered lies on Kafka, once in effect."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections import defaultdict
from pathlib import Path

import pytest

from schemas.envelope import decode
from services.gateway.sweep import sweep
from services.runtime.admin import make
from services.runtime.steady import Steady
from tests.gateway.store import a_store, rows
from tests.gateway.takes_all import BATCH, events
from tests.gateway.test_intake_sweep import read_of
from topics.catalogue import SIGNALS_COMMANDS

ROOT = Path(__file__).resolve().parents[2]
KILLS, EVENTS = 4, 600


def _life(
    database: str, bootstrap: str, first: int, answers: dict[str, list[str]], kill_after: int | None
) -> None:
    """Runs a door from an event on; kills it when it has answered so many, whatever it is doing then."""
    arguments = [
        sys.executable,
        "-m",
        "tests.gateway.takes_all",
        database,
        bootstrap,
        str(first),
        str(EVENTS),
    ]
    with subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as door:
        assert door.stdout is not None
        assert door.stderr is not None
        watchdog = threading.Timer(240, door.kill)
        watchdog.start()
        for count, line in enumerate(door.stdout, start=1):
            event_id, *where = line.split()
            if len(where) == 3:
                assert answers.setdefault(event_id, where) == where, "an event had two answers"
            if kill_after is not None and count >= kill_after:
                door.kill()
        watchdog.cancel()
        said = door.stderr.read()
    assert kill_after is not None or door.returncode == 0, said


@pytest.mark.parametrize("broker", ["embedded", "kafka"])
async def test_events_answered_by_a_door_that_is_killed_are_on_kafka_once_in_effect(
    broker: str, postgres: str, request: pytest.FixtureRequest
) -> None:
    address: str = request.getfixturevalue(broker)
    await make(address, [SIGNALS_COMMANDS])
    chance, answers = random.Random(7), dict[str, list[str]]()
    for _ in range(KILLS):
        done = [n for n in range(EVENTS) if f"e{n}" in answers]
        first = max(0, max(done, default=0) // BATCH * BATCH - 3 * BATCH)  # the last ones are said again
        _life(postgres, address, first, answers, kill_after=chance.randint(20, 150))
    _life(postgres, address, 0, answers, kill_after=None)
    sends = Steady(address)
    async with a_store(postgres, sends) as store:
        while await sweep(store.engine, sends, owed_for_s=0.0):
            pass
    await sends.stop()
    asked = {one.event_id for one in events(0, EVENTS)}
    assert answers.keys() == asked
    kept = {
        str(command_id): str(caseid).encode()
        for command_id, caseid in rows(postgres, "select command_id, caseid from intake")
    }
    assert len(kept) == len(asked)
    found = await read_of(address, set(kept.values()))
    versions: dict[str, set[object]] = defaultdict(set)
    for record in found:
        versions[decode(record.headers).id].add((record.key, record.value, tuple(record.headers)))
    assert versions.keys() == kept.keys()
    assert all(len(same) == 1 for same in versions.values()), "a repeat is the same record"
    at = {(str(record.partition), str(record.offset)): decode(record.headers).id for record in found}
    assert len({at[partition, offset] for _, partition, offset in answers.values()}) == len(asked)
    begun: set[str] = set()
    for record in found:
        said = decode(record.headers)
        if said.type.endswith("ReportSignal.v1"):
            begun.add(said.subject)
        assert said.subject in begun, "nothing is said of a signal before its report"
