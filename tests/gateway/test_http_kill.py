"""Killed at any moment under load: what was answered 202 is on the log, and exactly once in effect."""

from __future__ import annotations

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from schemas.envelope import decode
from schemas.signals import ReportSignal
from services.gateway import examples
from services.runtime.follow import follow
from services.runtime.job import Record
from tests.contract.conftest import BOTH
from tests.databases import Databases
from tests.gateway.running import Gateway, a_gateway
from topics.catalogue import SIGNALS_COMMANDS

KILLS = 3
LOAD_TASKS = 4
BATCH = 20
#: A batch is said again until it is answered; then it is on the log or the test says which is not.
ANSWERED_WITHIN_S = 120.0


@pytest.fixture(params=BOTH)
def door(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[Gateway]:
    broker: str = request.getfixturevalue(request.param)
    is_kafka = request.param == "kafka"
    with (
        databases.fresh() as database,
        a_gateway(broker, database, tmp_path, is_transactional=is_kafka) as found,
    ):
        yield found


def a_batch(name: str) -> list[dict[str, Any]]:
    event = examples.event("ReportSignal", ReportSignal.type_name())
    return [
        {
            **event,
            "id": f"{name}-{n}",
            "data": {**event["data"], "client": {"system": "ecd", "value": f"{name}-{n % 5}"}},
        }
        for n in range(BATCH)
    ]


async def said_until_answered(door: Gateway, name: str) -> list[dict[str, Any]]:
    """What a client does that wants its events taken: it says them again, with the same ids, until each is answered."""
    body = json.dumps(a_batch(name))
    async with asyncio.timeout(ANSWERED_WITHIN_S):
        while True:
            try:
                async with door.client() as client:
                    headers = {**door.bearer(), "Content-Type": "application/cloudevents-batch+json"}
                    answer = await client.post("/v1/events", content=body, headers=headers)
                if answer.status_code == 202:
                    found: list[dict[str, Any]] = answer.json()["results"]
                    return found
                assert answer.status_code == 503, answer.text
            except (httpx2.HTTPError, OSError):
                pass
            await asyncio.sleep(0.05)


async def load(door: Gateway, number: int, answered: list[dict[str, Any]], over: asyncio.Event) -> None:
    batch = 0
    while not over.is_set():
        batch += 1
        answered += await said_until_answered(door, f"load-{number}-{batch}")


async def under_load(door: Gateway) -> list[dict[str, Any]]:
    """Loads the door while it is killed and started again and again; every answer it gave."""
    dice, over = random.Random(7), asyncio.Event()
    answered: list[dict[str, Any]] = []
    loads = [asyncio.create_task(load(door, n, answered, over)) for n in range(LOAD_TASKS)]
    for _ in range(KILLS):
        before = len(answered)
        while len(answered) - before < 2 * BATCH:
            await asyncio.sleep(0.02)
        await asyncio.sleep(dice.uniform(0.0, 0.4))
        door.kill()
        await asyncio.to_thread(door.start)
    over.set()
    await asyncio.gather(*loads)
    return answered


async def records(door: Gateway) -> list[Record]:
    topics = [SIGNALS_COMMANDS.name]
    return [record async for batch in follow(door.bootstrap, topics, until_end=True) for record in batch]


def test_event_answered_202_is_on_the_log_exactly_once_in_effect(door: Gateway) -> None:
    answered = asyncio.run(under_load(door))
    assert len(answered) >= KILLS * 2 * BATCH
    log = {(record.partition, record.offset): record for record in asyncio.run(records(door))}
    ids_of: dict[str, set[str]] = defaultdict(set)
    said: dict[str, set[bytes]] = defaultdict(set)
    for record in log.values():
        command = decode(record.headers).id
        said[command].add((record.key or b"") + (record.value or b"") + repr(record.headers).encode())
    for one in answered:
        place = one["position"]
        record = log[place["partition"], place["offset"]]
        ids_of[one["id"]].add(decode(record.headers).id)
    # Each event has one command id; whatever repeats is byte for byte the same record, which a lane knows by its id.
    assert all(len(found) == 1 for found in ids_of.values())
    assert len({next(iter(found)) for found in ids_of.values()}) == len(ids_of)
    ours = {command for found in ids_of.values() for command in found}  # the broker is others' too
    assert all(len(said[command]) == 1 for command in ours)
    # A client keeps its case, whichever process was asked.
    cases: dict[str, set[str]] = defaultdict(set)
    for one in answered:
        name, _, n = one["id"].rpartition("-")
        cases[f"{name}-{int(n) % 5}"].add(one["case"])
    assert all(len(found) == 1 for found in cases.values())
