"""Whoever is addressed about a party can answer: by the name it was told, and only of what it was addressed by."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.collaboration import AnswerCollaboration, ItemCount, RungCause, RungReached
from schemas.envelope import Envelope
from schemas.gateway import DoorRefusal
from schemas.signals import AcknowledgeSignal
from services.collaboration.command import read_command
from services.database.engine import transaction
from services.deliveries.alias import signal_alias
from services.gateway import ladders
from services.gateway.asked import Answer, Asked, Taken, Turned
from services.gateway.reading import Reading, heard_of
from services.gateway.seen import Granted
from services.runtime.admin import make
from services.runtime.job import Record
from services.runtime.send import Outgoing, Sender
from tests.gateway.reads import setting
from tests.gateway.store import ALIAS_KEY, NOW_MS, SOURCE, Log, Store, a_store, rows
from topics.catalogue import COLLABORATION_EVENTS

LANE, LADDER = "de-vlier/welzijn", "collaboration-7-19"
AT = datetime(2026, 11, 30, 23, tzinfo=UTC)


def a_rung(*to: str) -> Record:
    """Functions are addressed about a party."""
    fact = RungReached(
        collaboration_id=LADDER,
        rung=0,
        on=("address_each_other",),
        to=to,
        cause=RungCause.ITEMS_MISSED,
        items=(ItemCount(item="acknowledge_signal", count=3),),
        answer_due_at=AT,
        agreement_version=1,
    )
    envelope = Envelope(
        id=LADDER,
        source="urn:seinhuis:collaboration",
        type=fact.type_name(),
        subject=LANE,
        partnership="de-vlier",
        recordedtime=AT.isoformat(),
    )
    value = fact.model_dump_json(exclude_none=True).encode()
    return Record(COLLABORATION_EVENTS.name, 0, 0, LANE.encode(), value, envelope.headers(), NOW_MS)


def an_answer(party: str, *, by: str | None = None, partnership: str = "de-vlier") -> Asked:
    values = {"by": {"contact": by or f"{party}/{party}-desk"}, "outcome": "improvement_agreed"}
    name = signal_alias(ALIAS_KEY, by.partition("/")[0] if by else party, LADDER)
    return Asked(party, SOURCE, "answer-1", AnswerCollaboration, values, partnership, subject=name)


async def told(store: Store, *records: Record) -> None:
    async with store.engine.begin() as connection:
        for record in records:
            found = heard_of(record)
            assert isinstance(found, ladders.Rung)
            await ladders.keep(connection, [found], ALIAS_KEY)


async def accepted(store: Store, asked: Asked) -> Answer:
    store.intake._known = Granted(store.engine, lambda: NOW_MS)
    (answer,) = await store.intake.accept([asked])
    return answer


async def test_an_answer_reaches_the_lane_of_the_party_and_leads_to_no_case(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        await told(store, a_rung("linde/linde-desk", "linde/linde-team", "gemeente/wmo-desk"))
        answer = await accepted(store, replace_trace(an_answer("linde")))
        assert isinstance(answer, Taken)
        assert (answer.signal, answer.case) == (signal_alias(ALIAS_KEY, "linde", LADDER), "")
        assert await accepted(store, replace_trace(an_answer("linde"))) == answer._replace(is_repeat=True)
    (record,) = log.records
    command = read_command(Record(record.topic, 0, 0, record.key, record.value, record.headers, NOW_MS))
    assert (command.partnership, command.party) == ("de-vlier", "welzijn")
    assert isinstance(command.asks, AnswerCollaboration) and command.asks.collaboration_id == LADDER
    assert not {"ce_caseid", "ce_traceparent"} & {name for name, _ in record.headers}
    assert json.loads(record.value).keys() == {"collaboration_id", "by", "outcome"}


def replace_trace(asked: Asked) -> Asked:
    """With a trace of the party's, which must not come through: the topic leads to no conversation."""
    return asked._replace(traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


@pytest.mark.parametrize(
    "asked",
    [
        an_answer("kolk"),
        an_answer("kolk", by="linde/linde-desk"),
        an_answer("linde", partnership="de-kolk"),
        an_answer("linde")._replace(
            command=AcknowledgeSignal, values={"by": {"contact": "linde/linde-desk"}}
        ),
    ],
    ids=["not addressed", "by another's name", "in another partnership", "as if it were a signal"],
)
async def test_nobody_else_and_nothing_else_is_answered_by_it(postgres: str, asked: Asked) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        await told(store, a_rung("linde/linde-desk"))
        answer = await accepted(store, asked)
    assert isinstance(answer, Turned)
    assert (answer.reason, answer.field) == (DoorRefusal.SUBJECT_UNKNOWN, "subject")
    assert log.records == []


async def test_words_are_not_kept_for_a_ladder(postgres: str) -> None:
    async with a_store(postgres, Log()) as store:
        await told(store, a_rung("linde/linde-desk"))
        asked = an_answer("linde")._replace(content={"content_ref": {"why": "x"}}, values={})
        store.intake._known = Granted(store.engine, lambda: NOW_MS)
        kept = await store.intake.keep(asked._replace(command=AcknowledgeSignal))
    assert isinstance(kept, Turned) and kept.reason is DoorRefusal.SUBJECT_UNKNOWN


async def test_the_door_reads_who_was_addressed_and_forgets_it_with_its_facts(
    embedded: str, postgres: str, unique: Callable[[str], str]
) -> None:
    topic = replace(COLLABORATION_EVENTS, name=f"{unique('ladders')}.{COLLABORATION_EVENTS.name}")
    await make(embedded, [topic])
    record = a_rung("linde/linde-desk")
    assert record.key is not None and record.value is not None
    async with Sender(embedded) as sender:
        await sender.put(Outgoing(topic.name, record.key, record.value, list(record.headers)))
        await sender.put(Outgoing(topic.name, record.key, b"{", list(record.headers)))
    async with a_store(postgres, Log()) as store:
        given = setting(embedded, [topic.name], is_transactional=False)
        reading = Reading(store.engine, given._replace(alias_key=ALIAS_KEY, now_ms=lambda: NOW_MS))
        task = asyncio.create_task(reading.run())
        try:
            async with asyncio.timeout(40):
                while not rows(postgres, "select party, lane, collaboration_id from ladders"):
                    await asyncio.sleep(0.05)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert isinstance(await accepted(store, an_answer("linde")), Taken)
        async with transaction(store.engine) as connection:
            await ladders.forget(connection, round(AT.timestamp() * 1000))
        assert rows(postgres, "select count(*) from ladders") == [(1,)]
        async with transaction(store.engine) as connection:
            await ladders.forget(connection, round(AT.timestamp() * 1000) + 1)
        assert rows(postgres, "select count(*) from ladders") == [(0,)]
