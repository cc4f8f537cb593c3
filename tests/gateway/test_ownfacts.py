"""The door's own facts: told when the broker has them, numbered without a gap, in the order of their numbers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.envelope import decode
from schemas.gateway import ContentRead, DoorRefusal, EventRefused, ReadGround, ReadPurpose
from services.database.engine import engine_of
from services.database.settings import DatabaseSettings
from services.gateway.ownfacts import NotTold, OwnFacts
from services.runtime.admin import make
from services.runtime.follow import follow
from services.runtime.send import Outgoing
from services.runtime.steady import Lies, Steady
from tests.gateway.store import NOW_MS, Log, rows
from topics.catalogue import GATEWAY_EVENTS

READ = ContentRead(
    content_ref="vault:abcdefgh", party="linde", purpose=ReadPurpose.PULL, ground=ReadGround.ROUTED
)
CASE = {"caseid": "case-aaaaaaaa", "subject": "sig-aaaaaaaa", "partnership": "de-vlier"}


@pytest.fixture
async def engine(postgres: str) -> AsyncIterator[AsyncEngine]:
    engine = engine_of(DatabaseSettings(database=postgres))
    yield engine
    await engine.dispose()


def own(engine: AsyncEngine, log: Log, *, slot: str = "0", within_s: float = 60.0) -> OwnFacts:
    return OwnFacts(engine, log, slot, lambda: NOW_MS, within_s=within_s)


async def test_tell_returns_when_the_broker_has_the_fact(engine: AsyncEngine) -> None:
    log = Log()
    async with own(engine, log) as facts:
        told = await facts.tell(READ, **CASE)
    (record,) = log.records
    envelope = decode(record.headers)
    assert told == ("gateway-0-0", 0, 0)
    assert (record.topic, record.key) == ("gateway.events.v1", b"case-aaaaaaaa")
    assert (envelope.id, envelope.source) == ("gateway-0-0", "urn:seinhuis:gateway")
    assert (envelope.subject, envelope.recordedtime) == ("sig-aaaaaaaa", "2026-11-23T08:00:00.000Z")
    assert ContentRead.model_validate_json(record.value) == READ


async def test_tell_without_a_case_is_keyed_by_what_it_is_about(engine: AsyncEngine) -> None:
    log = Log()
    refused = EventRefused(source_ref="c0ffee00c0ffee00", reason=DoorRefusal.TOO_LARGE)
    async with own(engine, log) as facts:
        await facts.tell(refused, subject=refused.source_ref)
        with pytest.raises(ValueError, match="key"):
            await facts.tell(refused)
    assert log.records[0].key == b"c0ffee00c0ffee00"


async def test_facts_told_at_once_are_numbered_without_a_gap_and_in_order(
    engine: AsyncEngine, postgres: str
) -> None:
    log = Log()
    async with own(engine, log) as facts:
        told = await asyncio.gather(*(facts.tell(READ, **CASE) for _ in range(200)))
    async with own(engine, log) as facts:
        told.append(await facts.tell(READ, **CASE))
    assert log.ids() == [f"gateway-0-{n}" for n in range(201)]
    assert len({one.fact_id for one in told}) == 201
    assert rows(
        postgres, "select count(*), min(sequence), max(sequence) from own_facts where not is_owed"
    ) == [(201, 0, 200)]


async def test_slots_number_their_facts_apart(engine: AsyncEngine) -> None:
    log = Log()
    async with own(engine, log) as one, own(engine, log, slot="b-1") as other:
        await asyncio.gather(one.tell(READ, **CASE), other.tell(READ, **CASE))
    assert sorted(log.ids()) == ["gateway-0-0", "gateway-b-1-0"]


async def test_tell_raises_while_the_broker_is_away_and_the_fact_is_sent_before_the_next(
    engine: AsyncEngine, postgres: str
) -> None:
    log = Log()
    log.is_up = False
    async with own(engine, log, within_s=1.0) as facts:
        with pytest.raises(NotTold):
            await facts.tell(READ, **CASE)
    assert log.records == []
    assert rows(postgres, "select sequence from own_facts where is_owed") == [(0,)]
    log.is_up = True
    async with own(engine, log) as facts:
        assert (await facts.tell(READ, **CASE)).fact_id == "gateway-0-1"
    assert log.ids() == ["gateway-0-0", "gateway-0-1"]


async def test_what_is_owed_from_before_is_sent_at_the_start_without_being_asked(engine: AsyncEngine) -> None:
    log = Log()
    log.is_up = False
    async with own(engine, log, within_s=1.0) as facts:
        with pytest.raises(NotTold):
            await facts.tell(READ, **CASE)
    log.is_up = True
    async with own(engine, log):
        async with asyncio.timeout(60):
            while not log.records:
                await asyncio.sleep(0.02)
    assert log.ids() == ["gateway-0-0"]


async def test_tell_raises_without_a_database_and_uses_no_number(postgres: str, engine: AsyncEngine) -> None:
    nowhere = engine_of(DatabaseSettings(database="postgresql://a:b@127.0.0.1:9/none", database_within_s=2))
    log = Log()
    async with own(nowhere, log) as facts:
        with pytest.raises(NotTold):
            await facts.tell(READ, **CASE)
    await nowhere.dispose()
    assert log.records == []
    assert rows(postgres, "select * from own_counters") == []


async def test_tell_raises_when_nobody_is_there_to_tell(engine: AsyncEngine) -> None:
    facts = own(engine, Log())
    with pytest.raises(NotTold):
        await facts.tell(READ, **CASE)


class Hanging(Log):
    """A broker that takes everything and acknowledges nothing."""

    async def send_all(self, outgoing: Sequence[Outgoing]) -> list[Lies]:
        self.records += outgoing
        await asyncio.sleep(3600)
        raise AssertionError


async def test_tell_raises_when_the_broker_acknowledges_nothing(engine: AsyncEngine) -> None:
    async with own(engine, Hanging(), within_s=1.0) as facts:
        with pytest.raises(NotTold, match="acknowledged"):
            await facts.tell(READ, **CASE)


async def test_closing_lets_nobody_wait_for_ever(engine: AsyncEngine) -> None:
    async with own(engine, Hanging(), within_s=60.0) as facts:
        waits = asyncio.create_task(facts.tell(READ, **CASE))
        await asyncio.sleep(0.5)
    with pytest.raises(NotTold):
        await waits


@pytest.mark.parametrize("broker", ["embedded", "kafka"])
async def test_facts_lie_on_the_topic_once_each(
    broker: str, engine: AsyncEngine, request: pytest.FixtureRequest, unique: Callable[[str], str]
) -> None:
    address: str = request.getfixturevalue(broker)
    await make(address, [GATEWAY_EVENTS])
    sends, slot = Steady(address), unique("slot")
    async with OwnFacts(engine, sends, slot, lambda: NOW_MS, within_s=30.0) as facts:
        await asyncio.gather(*(facts.tell(READ, **CASE) for _ in range(50)))
    await sends.stop()
    batches = follow(address, [GATEWAY_EVENTS.name], until_end=True)
    ids = [decode(record.headers).id async for batch in batches for record in batch]
    assert [one for one in ids if slot in one] == [f"gateway-{slot}-{n}" for n in range(50)]
