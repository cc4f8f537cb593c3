"""A door that is killed while it tells its own facts: no number is unused, none overtakes, what was told is there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.envelope import decode
from services.runtime.admin import make
from services.runtime.follow import follow
from topics.catalogue import GATEWAY_EVENTS

ROOT = Path(__file__).resolve().parents[2]


def _life(arguments: list[str], count: int, kill_after: int | None) -> list[str]:
    """What a door told before it was killed, or at its end."""
    command = [sys.executable, "-m", "tests.gateway.tells", *arguments, str(count)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as door:
        assert door.stdout is not None
        assert door.stderr is not None
        told = []
        for line in door.stdout:
            told.append(line.strip())
            if kill_after is not None and len(told) >= kill_after:
                door.kill()
        said = door.stderr.read()
    assert kill_after is not None or door.returncode == 0, said
    return told


@pytest.mark.parametrize("broker", ["embedded", "kafka"])
async def test_facts_of_a_door_that_is_killed_are_told_without_a_gap_and_in_order(
    broker: str, postgres: str, unique: Callable[[str], str], request: pytest.FixtureRequest
) -> None:
    address: str = request.getfixturevalue(broker)
    await make(address, [GATEWAY_EVENTS])
    slot = unique("slot")
    arguments = [postgres, address, slot]
    told = [one for kill_after in (3, 17, 41) for one in _life(arguments, 5_000, kill_after)]
    told += _life(arguments, 10, None)
    batches = follow(address, [GATEWAY_EVENTS.name], until_end=True)
    found: dict[str, object] = {}
    async for batch in batches:
        for record in batch:
            envelope = decode(record.headers)
            if envelope.caseid == f"case-{slot}":
                same = (record.value, tuple(record.headers))
                assert found.setdefault(envelope.id, same) == same, "a repeat is the same record"
    assert list(found) == [f"gateway-{slot}-{n}" for n in range(len(found))]
    assert found.keys() >= set(told)
    assert len(set(told)) == len(told) >= 3 + 17 + 41 + 10
