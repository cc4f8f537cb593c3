"""The door as a process: from a request over a socket to the record on the log, and who takes his time is shown out."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.envelope import decode
from schemas.gateway import EventRefused
from schemas.signals import AcknowledgeSignal, ReportSignal
from services.cli.processes import HOST
from services.gateway import examples
from services.runtime import exits
from services.runtime.follow import follow
from services.runtime.job import Record
from tests.databases import Databases
from tests.gateway.running import Gateway, a_gateway
from topics.catalogue import GATEWAY_EVENTS, SIGNALS_COMMANDS

STRUCTURED = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


@pytest.fixture(scope="module")
def door(embedded: str, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with databases.fresh() as database:
        place = tmp_path_factory.mktemp("gateway")
        also = {"SEINHUIS_GATEWAY_HEAD_WITHIN_S": "1", "SEINHUIS_GATEWAY_BODY_WITHIN_S": "1"}
        with a_gateway(embedded, database, place, also=also) as found:
            yield found


def a_report(event_id: str, **data: Any) -> dict[str, Any]:
    event = examples.event("ReportSignal", ReportSignal.type_name())
    return {**event, "id": event_id, "data": {**event["data"], **data}}


async def records_of(door: Gateway, topic: str) -> list[Record]:
    return [record async for batch in follow(door.bootstrap, [topic], until_end=True) for record in batch]


async def test_event_is_on_the_log_where_the_answer_says_without_a_word_of_the_sender(door: Gateway) -> None:
    async with door.client() as client:
        headers = {**door.bearer(), **STRUCTURED}
        answer = await client.post("/v1/events", content=json.dumps(a_report("lies-1")), headers=headers)
        assert answer.status_code == 202, answer.text
        told = answer.json()
        again = await client.post("/v1/events", content=json.dumps(a_report("lies-1")), headers=headers)
        assert again.json() == {**told, "is_repeat": True}
        event = examples.event("AcknowledgeSignal", AcknowledgeSignal.type_name(), told["signal"])
        taken = await client.post("/v1/events", content=json.dumps({**event, "id": "ack-1"}), headers=headers)
        assert taken.status_code == 202, taken.text
        assert taken.json()["case"] == told["case"]
    records = await records_of(door, SIGNALS_COMMANDS.name)
    (record,) = [
        record
        for record in records
        if [record.partition, record.offset] == [told["position"]["partition"], told["position"]["offset"]]
    ]
    envelope = decode(record.headers)
    assert record.key == envelope.caseid.encode()
    assert envelope.source == examples.SOURCE
    said = json.loads(record.value or b"")
    assert said["content_ref"].startswith("vault:")
    whole = repr(record)
    for word in ("lies-1", "client-4711", "kitchen", told["signal"], told["case"]):
        assert word not in whole
    (acknowledged,) = [
        one
        for one in records
        if one.key == record.key and decode(one.headers).type == AcknowledgeSignal.type_name()
    ]
    assert decode(acknowledged.headers).subject == envelope.subject


async def test_refusal_is_told_as_a_fact_of_the_gateway(door: Gateway) -> None:
    async with door.client() as client:
        bad = a_report("refused-1", urgency="panic")
        answer = await client.post(
            "/v1/events", content=json.dumps(bad), headers={**door.bearer(), **STRUCTURED}
        )
        assert answer.status_code == 422
    facts = await records_of(door, GATEWAY_EVENTS.name)
    told = [
        json.loads(one.value or b"") for one in facts if decode(one.headers).type == EventRefused.type_name()
    ]
    assert {"reason": "data_invalid", "command": "ReportSignal", "field": "data.urgency"}.items() <= told[
        -1
    ].items()


def raw(
    door: Gateway, *parts: bytes, until_closed_s: float = 20.0, pause_s: float = 0.0
) -> tuple[bytes, float]:
    """What the door says to these bytes until it closes the line, and how long that took."""
    began_s = time.monotonic()
    with socket.create_connection((HOST, door.port), timeout=until_closed_s) as line:
        for part in parts:
            try:
                line.sendall(part)
            except OSError:
                break
            time.sleep(pause_s)
        found = b""
        try:
            while block := line.recv(65536):
                found += block
        except ConnectionError:
            pass
        return found, time.monotonic() - began_s


HEAD = b"POST /v1/events HTTP/1.1\r\nHost: door\r\nContent-Type: application/cloudevents+json\r\n"


def test_connection_that_says_nothing_is_closed(door: Gateway) -> None:
    found, took_s = raw(door)
    assert found == b""
    assert took_s > 0.9


def test_head_that_comes_letter_by_letter_is_closed(door: Gateway) -> None:
    """Slow loris: each letter comes in time, and the head never ends."""
    found, took_s = raw(door, *(bytes([letter]) for letter in HEAD[:40]), pause_s=0.1)
    assert found == b""
    assert 0.9 < took_s < 15


def test_body_that_comes_letter_by_letter_is_408(door: Gateway) -> None:
    token = door.bearer()["Authorization"].encode()
    head = HEAD + b"Authorization: " + token + b"\r\nContent-Length: 100\r\n\r\n"
    found, took_s = raw(door, head, *(b"x" for _ in range(40)), pause_s=0.1)
    assert found.startswith(b"HTTP/1.1 408 ")
    assert b"body_too_slow" in found
    assert took_s < 15


def test_head_larger_than_agreed_is_a_clean_no(door: Gateway) -> None:
    found, _ = raw(door, HEAD + b"X: " + b"x" * 40_000 + b"\r\n\r\n")
    assert found.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 431 "))
    assert b"application/problem+json" in found


@pytest.mark.parametrize("bytes_", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"{}\r\n\r\n"])
def test_bytes_that_are_no_http_are_a_clean_no(door: Gateway, bytes_: bytes) -> None:
    found, _ = raw(door, bytes_)
    assert found.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"not_http"' in found


def test_body_larger_than_agreed_is_413_before_it_is_read(door: Gateway) -> None:
    token = door.bearer()["Authorization"].encode()
    head = HEAD + b"Authorization: " + token + b"\r\nContent-Length: 99999999\r\n\r\n"
    found, _ = raw(door, head, *([b"x" * 65536] * 100))
    # A line that is closed while its bytes still come may lose the answer; nothing else is ever said.
    assert found == b"" or found.startswith(b"HTTP/1.1 413 ")


async def test_slow_ones_hold_up_nobody(door: Gateway) -> None:
    lines = [await asyncio.open_connection(HOST, door.port) for _ in range(200)]
    try:
        for _, writer in lines:
            writer.write(HEAD[:20])
        async with door.client() as client:
            headers = {**door.bearer(), **STRUCTURED}
            answer = await client.post(
                "/v1/events", content=json.dumps(a_report("meanwhile")), headers=headers
            )
            assert answer.status_code == 202
        for reader, _ in lines:
            assert await asyncio.wait_for(reader.read(), 20) == b""
    finally:
        for _, writer in lines:
            writer.close()


def test_health_says_that_it_lives_and_is_ready_and_counts(door: Gateway) -> None:
    assert door.health("/live")[0] == 200
    assert door.health("/ready")[0] == 200
    metrics = door.health("/metrics")[1]
    assert "gateway_requests_total{" in metrics
    assert "as-" not in metrics


def test_log_of_the_process_has_no_word_of_what_was_said(door: Gateway) -> None:
    text = door.log.read_text(encoding="utf-8")
    assert "request_answered" in text
    for word in ("lies-1", "client-4711", "kitchen", "as-", "ac-", "eyJ"):
        assert word not in text


def test_gateway_that_is_told_to_stop_answers_what_it_began_and_ends(
    embedded: str, databases: Databases, tmp_path: Path
) -> None:
    async def stopped_meanwhile(door: Gateway) -> tuple[int, int]:
        async with door.client() as client:
            headers = {**door.bearer(), **BATCH}
            batch = json.dumps([a_report(f"stop-{n}") for n in range(300)])
            asked = asyncio.create_task(client.post("/v1/events", content=batch, headers=headers))
            await asyncio.sleep(0.1)
            code = await asyncio.to_thread(door.stop)
            return code, (await asked).status_code

    with databases.fresh() as database, a_gateway(embedded, database, tmp_path) as door:
        code, status = asyncio.run(stopped_meanwhile(door))
        assert code == exits.OK, door.log.read_text(encoding="utf-8")
        assert status in (202, 503)


def test_gateway_without_what_it_needs_says_what_to_set(tmp_path: Path) -> None:
    for variable, word in (
        ("SEINHUIS_ALIAS_KEY", "SEINHUIS_ALIAS_KEY"),
        ("SEINHUIS_DATABASE", "SEINHUIS_DATABASE"),
        ("SEINHUIS_VAULT_KEY_FILE", "SEINHUIS_VAULT_KEY"),
    ):
        place = tmp_path / variable
        place.mkdir()
        door = Gateway("127.0.0.1:1", "postgresql://x@127.0.0.1:1/x", place, also={variable: ""})
        door.start(is_awaited=False)
        assert door.process is not None
        assert door.process.wait(60) == exits.CONFIG
        assert word in door.log.read_text(encoding="utf-8")
