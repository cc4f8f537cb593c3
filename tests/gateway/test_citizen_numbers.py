"""Citizen service numbers at the door: only where an agreement allows them, as whose case it is, and no further."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from schemas.base import Said
from schemas.gateway import DoorRefusal
from schemas.signals import RecordAction, ReportSignal
from services.agreements.book import AgreementBook, publication, record_key, usable
from services.agreements.terms import Terms
from services.gateway import examples
from services.gateway.asked import Asked, Client
from services.gateway.citizen_numbers import objection, passes
from services.gateway.judging import Refused, judge
from services.gateway.tokens import Caller, Scope
from services.runtime.send import Outgoing, Sender
from tests.agreements.texts import changed
from tests.contract.world import SILENT
from tests.databases import Databases
from tests.gateway.running import Gateway, a_gateway
from tests.gateway.store import dump

NO, WRONG = DoorRefusal.IDENTIFIER_NOT_ALLOWED, DoorRefusal.DATA_INVALID
ALLOWED = (
    "information:\n  purpose: p\n  measure: none\n  identifiers: [bsn]\n"
    "  data_agreement: {ref: convenant, retrievable_at: website, purpose: p, measure: none}\n"
)
LADDERS = "# Who is asked next when nobody answers."
SEEN_WITHIN_S = 60.0
QUIET_S = 3.0
#: Two that pass the proof, one that does not, and how people write one.
ONE, OTHER, NONE = "123456782", "111222333", "123456783"
WRITTEN = (ONE, "123.456.782", "123 456 782", " 1234.56.782 ")


def the_agreement(*changes: tuple[str, str]) -> str:
    return changed((LADDERS, ALLOWED + LADDERS), *changes)


@pytest.mark.parametrize(
    ("system", "value", "unless", "although"),
    [
        ("bsn", "111222333", (NO, ""), None),
        ("bsn", "111.222.333", (NO, ""), None),
        ("bsn", "111 222 333", (NO, ""), None),
        ("nl.bsn", "10000008", (NO, ""), None),
        ("BSN", "111222333", (NO, ""), None),
        ("http://fhir.nl/fhir/NamingSystem/bsn", "111222333", (NO, ""), None),
        ("bsn", "111222334", (NO, ""), (WRONG, "value")),
        ("bsn", "111/222/333", (NO, ""), (WRONG, "value")),
        ("bsn", "000000000", (NO, ""), (WRONG, "value")),
        ("bsn", "12", (NO, ""), (WRONG, "value")),
        ("bsn", "1112223330", (NO, ""), (WRONG, "value")),
        ("bsn", "jansen", (NO, ""), (WRONG, "value")),
        ("ecd", "111222333", (NO, "value"), (NO, "value")),
        ("ecd", "111-222–333", (NO, "value"), (NO, "value")),
        ("ecd", "111_222/333", (NO, "value"), (NO, "value")),
        ("111222333", "client-1", (NO, "system"), (NO, "system")),
        ("ecd", "111222334", None, None),
        ("ecd", "linde-111222333", None, None),
        ("ecd", "L111222333", None, None),
        ("ecd", "jansen", None, None),
    ],
)
def test_citizen_number_is_taken_by_its_own_name_where_it_is_allowed_and_nowhere_else(
    system: str,
    value: str,
    unless: tuple[DoorRefusal, str] | None,
    although: tuple[DoorRefusal, str] | None,
) -> None:
    for is_allowed, expected in ((False, unless), (True, although)):
        found = objection(Client(system, value), is_allowed=is_allowed)
        assert (found and (found.reason, found.field)) == expected
        assert found is None or (found.says and value not in found.says)


def test_citizen_number_is_recognised_in_no_time_in_whatever_is_sent() -> None:
    began_s = time.process_time()
    assert not any(passes(one) for one in ("-" * 200, "1-" * 100, "1" * 200, "1 " * 8 + "x", "é" * 200))
    assert time.process_time() - began_s < 1


LINDE = Caller(examples.PARTY, (examples.SOURCE,), frozenset((examples.PARTNERSHIP,)), frozenset(Scope))


def an_event(model: type[Said] = ReportSignal, **data: Any) -> dict[str, Any]:
    event = examples.event(
        model.__name__, model.type_name(), None if model is ReportSignal else "as-" + "a" * 20
    )
    return {**event, "data": {**event["data"], **data}}


def judged_at(book: AgreementBook, at_ms: int, event: dict[str, Any]) -> Asked | Refused:
    def terms_of(partnership: str) -> Terms | None:
        return book.in_force(partnership, at_ms)

    return judge(event, LINDE, terms_of)


def test_the_agreement_in_force_at_that_moment_decides() -> None:
    book = AgreementBook()
    for text in (
        changed(),
        the_agreement(("version: 1", "version: 2"), ("valid_from: 2026-11-01", "valid_from: 2026-12-01")),
    ):
        terms = usable(text)
        assert book.take(record_key(terms), publication(terms, text).model_dump_json().encode()) is None
    begins = book.in_force("de-vlier", 1_800_000_000_000)
    assert begins is not None
    event = an_event(client={"system": "bsn", "value": "123.456.782"})
    before = judged_at(book, begins.valid_from_ms - 1, event)
    assert isinstance(before, Refused)
    assert (before.reason, before.field) == (NO, "data.client")
    after = judged_at(book, begins.valid_from_ms, event)
    assert isinstance(after, Asked)
    assert after.client == Client("bsn", "123.456.782")
    assert "123" not in repr(after.values)
    elsewhere = judged_at(book, begins.valid_from_ms, an_event(RecordAction, action=f"bel.{ONE}"))
    assert isinstance(elsewhere, Refused)
    assert (elsewhere.reason, elsewhere.field) == (NO, "data.action")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Gateway]:
    from services.cli.broker import Embedded  # noqa: PLC0415 - a broker of this story alone

    place = tmp_path_factory.mktemp("numbers")
    with (
        Embedded(log=place / "broker.log") as broker,
        databases.fresh() as url,
        a_gateway(broker.bootstrap, url, place) as found,
    ):
        yield found


def said(door: Gateway, event_id: str, event: dict[str, Any]) -> httpx2.Response:
    headers = {**door.bearer(), "Content-Type": "application/cloudevents+json"}
    return httpx2.post(f"{door.url}/v1/events", json={**event, "id": event_id}, headers=headers, timeout=30.0)


def told(answer: httpx2.Response) -> tuple[int, str, str]:
    problem = answer.json()
    assert problem["what_to_do"]
    return answer.status_code, problem["code"], problem["field"]


async def published(door: Gateway, text: str) -> None:
    terms = usable(text)
    value = publication(terms, text).model_dump_json().encode()
    async with Sender(door.bootstrap) as sender:
        await sender.put(Outgoing(AgreementBook.topic, record_key(terms), value, ()))


def on_topics(bootstrap: str) -> Iterator[bytes]:
    """Key, headers and value of every record there is."""
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "judge"}, logger=SILENT)
    try:
        topics = reader.list_topics(timeout=30).topics.values()
        reader.assign(
            [
                TopicPartition(str(topic.topic), part, OFFSET_BEGINNING)
                for topic in topics
                for part in topic.partitions
            ]
        )
        while messages := reader.consume(1000, timeout=QUIET_S):
            for message in messages:
                assert message.error() is None, message.error()
                headers = cast(list[tuple[str, bytes | None]], message.headers() or [])
                yield b"|".join(
                    (message.key() or b"", *(raw or b"" for _, raw in headers), message.value() or b"")
                )
    finally:
        reader.close()


@pytest.mark.broker
def test_one_number_is_one_case_where_it_is_agreed_and_goes_no_further(door: Gateway) -> None:
    by_number = an_event(client={"system": "bsn", "value": ONE})
    assert told(said(door, "before", by_number)) == (422, "identifier_not_allowed", "data.client")

    asyncio.run(published(door, the_agreement(("version: 1", "version: 2"))))
    until_s = time.monotonic() + SEEN_WITHIN_S
    while said(door, "since", by_number).status_code != 202:
        assert time.monotonic() < until_s, "the new version is not gone by"
        time.sleep(0.1)
    answers = [
        said(door, f"written-{n}", an_event(client={"system": "bsn", "value": value})).json()
        for n, value in enumerate(WRITTEN)
    ]
    assert len({one["case"] for one in answers}) == 1
    assert len({one["signal"] for one in answers}) == len(WRITTEN)
    other = said(door, "other", an_event(client={"system": "bsn", "value": OTHER})).json()
    assert other["case"] != answers[0]["case"]

    refused = {
        "none": (an_event(client={"system": "bsn", "value": NONE}), "data_invalid", "data.client.value"),
        "ecd": (
            an_event(client={"system": "ecd", "value": ONE}),
            "identifier_not_allowed",
            "data.client.value",
        ),
        "action": (
            an_event(RecordAction, action=f"bel.{ONE}"),
            "identifier_not_allowed",
            "data.action",
        ),
    }
    for event_id, (event, code, field) in refused.items():
        assert told(said(door, event_id, event)) == (422, code, field)

    topics = list(on_topics(door.bootstrap))
    metrics = door.health("/metrics")[1].encode()
    log = door.log.read_bytes()
    rows = dump(door.database).encode()
    assert sum(b"ReportSignal" in one for one in topics) >= len(WRITTEN) + 2
    assert b"request_answered" in log and b"gateway_events_refused_total" in metrics and b"case-" in rows
    whole = b"\n".join((*topics, metrics, log, rows))
    for number in (*WRITTEN, OTHER, NONE):
        assert number.strip().encode() not in whole
        assert number.strip().encode().hex().encode() not in whole


def test_agreements_shipped_take_no_number() -> None:
    examples_of = Path(__file__).resolve().parents[2] / "examples"
    assert not [path for path in examples_of.rglob("*.yaml") if "identifiers:" in path.read_text("utf-8")]
