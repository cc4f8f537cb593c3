"""The door's reader: rows and positions in one transaction, one reader at a time, whatever is killed."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.envelope import Envelope
from schemas.signals import CommandRefused, Refusal
from services.database.engine import engine_of, transaction
from services.database.settings import DatabaseSettings
from services.database.tables import entities, entity_content, grants, reader_positions
from services.deliveries.alias import case_alias, signal_alias
from services.gateway import kept
from services.gateway.reading import FORGET_AFTER_MS, Fenced, Reading, heard_of
from services.runtime.job import Record
from services.runtime.send import Outgoing
from services.runtime.tail import Tail
from tests.gateway.facts import an_outgoing, make_fact_topics, tell
from tests.gateway.reading_door import seed
from tests.gateway.reads import ALIAS_KEY, setting
from tests.gateway.test_reading_grants import (
    DESK,
    TEAM,
    escalated,
    given_to,
    numbered,
    reported,
    routed,
    taken,
    withdrawn,
)

Unique = Callable[[str], str]
WITHIN_S = 40.0


@pytest.fixture
async def engine(postgres: str) -> AsyncIterator[AsyncEngine]:
    made = engine_of(DatabaseSettings(database=postgres))
    yield made
    await made.dispose()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Waits for a condition, generously."""
    ends_s = time.monotonic() + WITHIN_S
    while not await holds():
        assert time.monotonic() < ends_s, "it did not come true in time"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def running(reading: Reading) -> AsyncIterator[Reading]:
    task = asyncio.create_task(reading.run())
    try:
        yield reading
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def states(engine: AsyncEngine) -> dict[str, tuple[str, str | None]]:
    async with transaction(engine) as connection:
        found = await connection.execute(select(entities))
        return {row.entity: (row.state, row.taken_by) for row in found}


def a_story(entity: str, caseid: str, prefix: str) -> list[Outgoing]:
    facts = [reported(), routed(TEAM), escalated(DESK), given_to(DESK, by=TEAM), taken(DESK)]
    return [an_outgoing(fact, entity, caseid, prefix=prefix) for fact in facts]


async def test_reading_keeps_grants_under_aliases_of_their_party(
    embedded: str, engine: AsyncEngine, unique: Unique
) -> None:
    prefix = f"{unique('read')}."
    topics = await make_fact_topics(embedded, prefix)
    await tell(embedded, a_story("sig-00001", "case-0001", prefix))
    async with running(Reading(engine, setting(embedded, topics, is_transactional=False))) as reading:
        await until(lambda: _is(states(engine), {"sig-00001": ("acknowledged", DESK)}, reading))
    async with transaction(engine) as connection:
        rows = (await connection.execute(select(grants))).all()
    holds = {(row.party, row.contact, row.ground) for row in rows if row.ended_ms is None}
    assert holds == {
        ("welzijn", "", "author"),
        ("huisartsen", DESK, "escalated"),
        ("huisartsen", DESK, "reassigned"),
    }
    assert {(row.party, row.ground) for row in rows if row.ended_ms is not None} == {("linde", "routed")}
    for row in rows:
        assert row.entity_alias == signal_alias(ALIAS_KEY, row.party, "sig-00001")
        assert row.case_alias == case_alias(ALIAS_KEY, row.party, "case-0001")


async def _is(found: Awaitable[object], expected: object, reading: Reading) -> bool:
    return await found == expected and reading.age_s() < WITHIN_S


async def test_reading_goes_on_where_it_was_after_a_restart(
    embedded: str, engine: AsyncEngine, unique: Unique
) -> None:
    prefix = f"{unique('read')}."
    topics = await make_fact_topics(embedded, prefix)
    for n in (1, 2):
        await tell(embedded, a_story(f"sig-0000{n}", f"case-000{n}", prefix))
        expected = {f"sig-0000{one}": ("acknowledged", DESK) for one in range(1, n + 1)}
        async with running(Reading(engine, setting(embedded, topics, is_transactional=False))) as reading:
            await until(lambda expected=expected, reading=reading: _is(states(engine), expected, reading))  # type: ignore[misc]
    async with transaction(engine) as connection:
        positions = (await connection.execute(select(reader_positions.c.position))).scalars().all()
    assert sum(positions) == 10


async def test_a_reader_that_was_replaced_writes_nothing_any_more(
    embedded: str, engine: AsyncEngine, unique: Unique
) -> None:
    prefix = f"{unique('read')}."
    topics = await make_fact_topics(embedded, prefix)
    zombie = Reading(engine, setting(embedded, topics, is_transactional=False))
    assert await zombie._stand_by()
    async with Tail(embedded) as tail:
        places = await tail.places(topics)
        before = await zombie._positions(await tail.beginnings(places))
        await tell(embedded, a_story("sig-00001", "case-0001", prefix))
        await tail.read_from(before)
        batch: list[Record] = []
        while len(batch) < 5:
            batch += await tail.batch(300)
        after = await tail.positions()
    successor = Reading(engine, setting(embedded, topics, is_transactional=False))
    assert not await successor._stand_by()
    await until(successor._stand_by)
    with pytest.raises(Fenced):
        await zombie._take(batch, before, after, None)
    assert await states(engine) == {}
    await successor._take(batch, before, after, None)
    assert await states(engine) == {"sig-00001": ("acknowledged", DESK)}
    with pytest.raises(Fenced):  # the same once more: the position is no longer where it was
        await successor._take(batch, before, after, None)


async def test_whoever_stands_by_knows_how_fresh_the_rows_are_and_takes_over_at_once_after_a_goodbye(
    embedded: str, engine: AsyncEngine, unique: Unique
) -> None:
    topics = await make_fact_topics(embedded, f"{unique('read')}.")
    how = setting(embedded, topics, is_transactional=False)._replace(dead_after_s=3600.0)
    first, second = Reading(engine, how), Reading(engine, how)
    assert second.age_s() == float("inf")
    async with running(first):
        await until(lambda: _true(first.age_s() < WITHIN_S))
        async with running(second):
            await until(lambda: _true(second.age_s() < WITHIN_S))
            assert not second.is_reading
    await first.leave()
    async with running(second):
        await until(lambda: _true(second.is_reading))


async def _true(holds: bool) -> bool:
    return holds


@contextmanager
def a_process(bootstrap: str, database: str, topics: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    env = {**os.environ, "KAFKA": bootstrap, "SEINHUIS_DATABASE": database, "TOPICS": json.dumps(topics)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.gateway.reads"], env=env, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_reading_killed_at_any_moment_loses_and_repeats_nothing(
    kafka: str, postgres: str, engine: AsyncEngine, unique: Unique
) -> None:
    prefix = f"{unique('read')}."
    topics = await make_fact_topics(kafka, prefix)
    stories = [a_story(f"sig-{n:05d}", f"case-{n:04d}", prefix) for n in range(400)]
    told = [fact for step in zip(*stories, strict=True) for fact in step]
    telling = asyncio.create_task(tell(kafka, told))
    for _ in range(4):
        with a_process(kafka, postgres, topics):
            await asyncio.sleep(random.uniform(1.2, 3.0))
    await telling
    with a_process(kafka, postgres, topics):
        expected = {f"sig-{n:05d}": ("acknowledged", DESK) for n in range(400)}
        await until(lambda: _equal(states(engine), expected))
    async with transaction(engine) as connection:
        positions = (await connection.execute(select(reader_positions.c.position))).scalars().all()
        known = await kept.load(connection, list(expected))
    assert sum(positions) >= 2000
    shapes = {
        tuple(sorted((grant.contact, grant.ground) for grant in one.grants.values()))
        for one in known.values()
    }
    assert len(shapes) == 1


async def _equal(found: Awaitable[object], expected: object) -> bool:
    return await found == expected


async def test_a_signal_that_ended_long_ago_is_forgotten_whole(engine: AsyncEngine) -> None:
    ended = numbered(reported(), routed(TEAM), withdrawn())
    open_still = [heard._replace(entity="sig-00002") for heard in numbered(reported(), routed(TEAM))]
    await seed(engine, ended, open_still)
    ends_ms = ended[-1].at_ms + 30 * 86_400_000
    for now_ms, left in ((ends_ms + FORGET_AFTER_MS, 2), (ends_ms + FORGET_AFTER_MS + 1, 1)):
        reading = Reading(engine, setting("nowhere", [])._replace(now_ms=lambda now_ms=now_ms: now_ms))  # type: ignore[misc]
        await until(reading._stand_by)
        assert await reading.forget() == 2 - left
        assert len(await states(engine)) == left
        await reading.leave()
    async with transaction(engine) as connection:
        for table in (grants, entity_content):
            assert {row.entity for row in await connection.execute(select(table))} == {"sig-00002"}


def test_what_says_nothing_of_a_signal_is_passed_over_by_reason() -> None:
    refused = CommandRefused(command_id="c-1", command="CloseSignal", reason=Refusal.NOT_ALLOWED_NOW)
    said = an_outgoing(refused, "sig-00001", "case-0001")
    assert heard_of(_record(said)) == "not_of_use"
    nameless = Envelope(
        id="casework-0-1", source="urn:seinhuis:casework", type=reported().type_name(), caseid="case-0001"
    )
    value = reported().model_dump_json().encode()
    assert heard_of(_record(Outgoing("t", b"k", value, nameless.headers()))) == "without_case"
    assert heard_of(_record(Outgoing("t", b"k", b"{}", nameless.headers()))) == "data_wrong"
    assert heard_of(_record(Outgoing("t", b"k", b"{}", []))) == "not_a_cloudevent"


def _record(said: Outgoing) -> Record:
    return Record(said.topic, 0, 0, said.key, said.value, said.headers, 0)
