"""Inboxes on a broker: what is right is taken in its order, what is not is refused by a fact, and nothing stays."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from sqlalchemy import update

from schemas.gateway import DoorRefusal, EventRefused
from services.database.engine import engine_of, transaction
from services.database.settings import DatabaseSettings
from services.database.tables import inboxes
from services.gateway.door import Door
from services.gateway.inboxes import DEAD_AFTER_S, Inboxes
from services.gateway.limits import Limits
from services.gateway.partners import Partners
from services.gateway.settings import GatewaySettings
from services.gateway.tokens import Tokens
from services.runtime.admin import make
from services.runtime.clock import Clock
from services.runtime.settings import RuntimeSettings
from services.runtime.steady import Steady
from services.runtime.tail import Place, Tail
from tests.contract.conftest import BOTH
from tests.contract.world import SILENT, assert_delivered
from tests.gateway.doors import KEPT, Heard, Keeping, a_book
from topics.catalogue import of_party

CAME_WITHIN_S = 120.0
PARTIES = ("linde", "welzijn")
SOURCES = {party: f"urn:nld:oin:0000000000000000000{n}:systeem:ecd" for n, party in enumerate(PARTIES, 1)}


@pytest.fixture(params=BOTH)
def broker(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


@dataclass
class Reads:
    """A door whose inboxes are read, and what it took and told."""

    door: Door
    intake: Keeping
    told: Heard
    sends: Steady
    bootstrap: str

    def say(self, party: str, event: Mapping[str, Any] | bytes, **headers: bytes | None) -> None:
        """Writes to an inbox as a partner's own client does: structured mode, unless it is bytes."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 0}, logger=SILENT)
        kind: dict[str, str | bytes | None] = {"content-type": b"application/cloudevents+json"}
        value = event if isinstance(event, bytes) else json.dumps(event).encode()
        producer.produce(f"inbox.{party}", value, headers={**kind, **headers}, on_delivery=assert_delivered)
        assert producer.flush(30) == 0

    async def until(self, is_so: Callable[[], bool]) -> None:
        until_s = time.monotonic() + CAME_WITHIN_S
        while not is_so():
            assert not self.door.parts["inboxes"].done(), self.door.parts["inboxes"]
            assert time.monotonic() < until_s, (self.intake.asked, self.told.facts)
            await asyncio.sleep(0.05)

    def left(self, topic: str) -> list[bytes]:
        """What a topic still holds."""
        reader = Consumer(
            {"bootstrap.servers": self.bootstrap, "group.id": "judge", "auto.offset.reset": "earliest"},
            logger=SILENT,
        )
        found: list[bytes] = []
        try:
            reader.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
            while (message := reader.poll(2.0)) is not None:
                if (fault := message.error()) is not None:
                    raise KafkaException(fault)
                found.append(message.value() or b"")
        finally:
            reader.close()
        return found


@asynccontextmanager
async def reads(bootstrap: str, url: str, **settings: Any) -> AsyncIterator[Reads]:
    """A door without its HTTP side."""
    told = GatewaySettings(**settings)
    engine = engine_of(DatabaseSettings(database=url))
    intake, facts = Keeping(), Heard()
    sends = Steady(bootstrap, name="inbox-test")
    await sends.start()
    door = Door(
        settings=told,
        runtime=RuntimeSettings(kafka=bootstrap),
        clock=Clock.from_text(f"2026-11-24T10:00:00+01:00@{time.time()}x1"),
        engine=engine,
        agreements=a_book(),
        directory=None,  # type: ignore[arg-type]
        intake=intake,
        own_facts=facts,
        tokens=Tokens(told),
        limits=Limits(told),
    )
    try:
        yield Reads(door, intake, facts, sends, bootstrap)
    finally:
        await sends.stop()
        await engine.dispose()


@pytest.fixture
async def reading(broker: str, postgres: str) -> AsyncIterator[Reads]:
    """Inboxes of two parties, empty or not, of which only what is new is read."""
    await make(broker, [topic for party in PARTIES for topic in of_party(party)])
    async with reads(broker, postgres) as found:
        await allow(found, *PARTIES)
        yield found


async def allow(reading: Reads, *parties: str) -> None:
    """Parties whose inboxes are read from what comes now: another test may have left something there."""
    partners = Partners(reading.door.engine, reading.door.clock.now_ms)
    async with Tail(reading.bootstrap) as tail:
        for party in parties:
            await partners.allow(party, [SOURCES[party]])
            ((place, end),) = (await tail.ends([Place(f"inbox.{party}", 0)])).items()
            async with transaction(reading.door.engine) as connection:
                await connection.execute(update(inboxes).where(inboxes.c.party == party).values(position=end))
            assert place.topic == f"inbox.{party}"


def a_report(event_id: str, party: str = "linde", **changed: Any) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCES[party],
        "type": "nl.seinhuis.signals.ReportSignal.v1",
        "partnership": "de-vlier",
        "data": {
            "urgency": "urgent",
            "types": ["nursing"],
            "reporter": {"kind": "professional", "party": party},
        },
    }
    return {**event, **changed}


def with_data(event: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**event, "data": {**event["data"], **more}}


def taken(reading: Reads) -> list[tuple[str, str]]:
    return [(asked.party, asked.event_id) for asked in reading.intake.asked]


def refusals(reading: Reads) -> list[DoorRefusal]:
    return [fact.reason for fact in reading.told.facts if isinstance(fact, EventRefused)]


async def test_inbox_gives_what_a_partner_says_to_the_intake_in_its_order(reading: Reads) -> None:
    async with Inboxes(reading.door, reading.sends):
        for n in range(5):
            reading.say("linde", a_report(f"e-{n}"))
        reading.say("welzijn", a_report("w-1", "welzijn"))
        await reading.until(lambda: len(reading.intake.asked) >= 6)
    assert [one for one in taken(reading) if one[0] == "linde"] == [("linde", f"e-{n}") for n in range(5)]
    assert ("welzijn", "w-1") in taken(reading)
    assert reading.told.facts == []


async def test_inbox_takes_a_repeat_once(reading: Reads) -> None:
    async with Inboxes(reading.door, reading.sends):
        for event_id in ("e-1", "e-1", "e-2"):
            reading.say("linde", a_report(event_id))
        await reading.until(lambda: len(reading.intake.asked) >= 2)
    assert taken(reading) == [("linde", "e-1"), ("linde", "e-2")]


async def test_inbox_refuses_what_may_not_be_said_there_and_takes_what_follows(reading: Reads) -> None:
    person = "Mevrouw Van Dijk, Dorpsstraat 12"
    async with Inboxes(reading.door, reading.sends):
        reading.say("linde", a_report("e-1"))
        reading.say("linde", with_data(a_report("e-2"), content={"note": person}))
        reading.say("linde", with_data(a_report("e-3"), client={"system": "ecd", "value": person}))
        reading.say("linde", with_data(a_report("e-4"), remarks=person))
        reading.say("linde", a_report("e-5", source=SOURCES["welzijn"]))
        reading.say("linde", with_data(a_report("e-6"), content_ref="vault:somebody-elses"))
        reading.say("linde", a_report("e-7"))
        await reading.until(lambda: len(reading.intake.asked) >= 2 and len(reading.told.facts) >= 5)
    assert taken(reading) == [("linde", "e-1"), ("linde", "e-7")]
    assert refusals(reading) == [
        DoorRefusal.CONTENT_NOT_ALLOWED,
        DoorRefusal.IDENTIFIER_NOT_ALLOWED,
        DoorRefusal.DATA_INVALID,
        DoorRefusal.SOURCE_NOT_OURS,
        DoorRefusal.CONTENT_NOT_ALLOWED,
    ]
    assert person not in repr(reading.told.facts)


async def test_inbox_takes_a_reference_of_the_partys_own_as_it_came(reading: Reads) -> None:
    async with Inboxes(reading.door, reading.sends):
        reading.say("linde", with_data(a_report("e-1", caseid=KEPT.case), content_ref=KEPT.ref))
        await reading.until(lambda: bool(reading.intake.asked))
    (asked,) = reading.intake.asked
    assert (asked.case_alias, asked.values["content_ref"]) == (KEPT.case, KEPT.ref)
    assert reading.told.facts == []


async def test_inbox_turns_what_is_no_event_into_a_dead_letter_without_its_bytes(reading: Reads) -> None:
    before = len(reading.left("inbox.linde.dead"))
    async with Inboxes(reading.door, reading.sends):
        reading.say("linde", b"{ Mevrouw Van Dijk")
        reading.say("linde", a_report("e-1"))
        await reading.until(lambda: len(reading.intake.asked) == 1)
    letters = reading.left("inbox.linde.dead")
    assert len(letters) == before + 1
    told = json.loads(letters[-1])
    assert (told["topic"], told["reason"], told["size"]) == ("inbox.linde", "data_not_json", 18)
    assert b"Mevrouw" not in letters[-1]


async def test_inbox_is_not_ended_by_an_id_that_is_none(reading: Reads) -> None:
    async with Inboxes(reading.door, reading.sends):
        for said in (None, b"", b"\xff", b"-", b"1-" + b"9" * 5_000):
            reading.say("linde", a_report("e-1"), ce_id=said)
        reading.say("linde", a_report("e-2"))
        await reading.until(lambda: ("linde", "e-2") in taken(reading))
    assert taken(reading) == [("linde", "e-2")]


async def test_inbox_goes_on_where_it_stopped_and_tries_again_what_did_not_come_through(
    reading: Reads,
) -> None:
    async with Inboxes(reading.door, reading.sends):
        reading.say("linde", a_report("e-1"))
        await reading.until(lambda: len(reading.intake.asked) == 1)
    reading.intake.fails = ConnectionError("the database is away")
    async with Inboxes(reading.door, reading.sends, dead_after_s=0.2):
        reading.say("linde", a_report("e-2"))
        await asyncio.sleep(2)
        assert len(reading.intake.asked) == 1
        reading.intake.fails = None
        await reading.until(lambda: len(reading.intake.asked) == 2)
    assert taken(reading) == [("linde", "e-1"), ("linde", "e-2")]


async def test_inbox_is_read_by_one_process_at_a_time(reading: Reads) -> None:
    async with Inboxes(reading.door, reading.sends) as first:
        reading.say("linde", a_report("e-1"))
        await reading.until(lambda: len(reading.intake.asked) == 1)
        async with Inboxes(reading.door, reading.sends) as second:
            assert await first._is_reader()
            assert not await second._is_reader()
            reading.say("linde", with_data(a_report("e-2"), remarks="x"))
            await reading.until(lambda: bool(reading.told.facts))
            await asyncio.sleep(1)
    assert len(reading.told.facts) == 1
    assert DEAD_AFTER_S > 5


async def test_party_that_was_ended_is_read_no_more(reading: Reads) -> None:
    partners = Partners(reading.door.engine, reading.door.clock.now_ms)
    await partners.end("linde")
    async with Inboxes(reading.door, reading.sends):
        reading.say("linde", a_report("e-1"))
        reading.say("welzijn", a_report("w-1", "welzijn"))
        await reading.until(lambda: len(reading.intake.asked) == 1)
        assert taken(reading) == [("welzijn", "w-1")]
        await partners.allow("linde", [SOURCES["linde"]])
        await reading.until(lambda: len(reading.intake.asked) == 2)
    assert taken(reading)[1] == ("linde", "e-1")


async def test_nothing_that_was_read_stays_in_an_inbox(kafka: str, postgres: str) -> None:
    await make(kafka, [topic for party in PARTIES for topic in of_party(party)])
    async with reads(kafka, postgres) as reading:
        await allow(reading, "linde")
        async with Inboxes(reading.door, reading.sends):
            reading.say("linde", a_report("e-1"))
            reading.say("linde", with_data(a_report("e-2"), remarks="Mevrouw Van Dijk"))
            while reading.left("inbox.linde"):
                await asyncio.sleep(0.1)
        assert len(reading.told.facts) == len(reading.intake.asked) == 1


async def test_inbox_that_was_made_anew_is_read_from_its_beginning(kafka: str, postgres: str) -> None:
    await make(kafka, of_party("linde"))
    async with reads(kafka, postgres) as reading:
        await allow(reading, "linde")
        async with transaction(reading.door.engine) as connection:
            await connection.execute(update(inboxes).values(position=1_000_000))
        async with Inboxes(reading.door, reading.sends):
            reading.say("linde", a_report("anew-1"))
            await reading.until(lambda: ("linde", "anew-1") in taken(reading))
