"""Around the application: request ids, bounds, headers and logs, and a clean answer whatever fails inside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client import generate_latest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from schemas.gateway import DoorRefusal
from services.database.engine import DatabaseUnreachable
from services.gateway import guard, limits
from services.gateway.app import make_app
from services.gateway.guard import Guard, new_request_id
from services.gateway.limits import Failures
from services.gateway.problems import LINES, Code, Problem, problem_of_status
from services.gateway.settings import GatewaySettings
from services.gateway.tokens import Caller, Tokens
from tests.gateway.doors import Opened, opened


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Opened]:
    async with opened(tmp_path, settings={"body_max_bytes": 20_000, "event_max_bytes": 20_000}) as found:
        yield found


async def asked(app: Any, *messages: Message, path: str = "/x", headers: Any = ()) -> list[Message]:
    """What an ASGI application answers to these messages; after them nothing comes."""
    answers: list[Message] = []
    waiting = list(messages)

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        answers.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": list(headers),
        "query_string": b"",
    }
    await app(scope, receive, send)
    return answers


async def reads_body(scope: Scope, receive: Receive, send: Send) -> None:
    await Request(scope, receive).body()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("Jan de Vries, Havenweg 7")


async def test_nothing_at_a_path_is_a_problem(door: Opened) -> None:
    answer = await door.client.get("/no/such/thing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_another_method_is_a_problem_and_names_those_there_are(door: Opened) -> None:
    answer = await door.client.put("/v1/events")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_request_id_of_our_own_form_is_kept_and_any_other_replaced(door: Opened) -> None:
    ours = new_request_id()
    for given, is_kept in ((ours, True), ("123456782", False), ("x" * 500, False), (ours + "a", False)):
        answer = await door.client.get("/x", headers={"X-Request-Id": given})
        assert (answer.headers["x-request-id"] == given) is is_kept
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_every_answer_has_the_headers_that_keep_browsers_safe(door: Opened) -> None:
    for path in ("/x", "/openapi.json", "/v1/events"):
        headers = (await door.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "strict-transport-security" not in headers


async def test_door_with_a_public_https_address_is_not_spoken_to_in_the_clear() -> None:
    app = Guard(reads_body, GatewaySettings(public_url="https://door.example"))
    start = (await asked(app, {"type": "http.request", "body": b"", "more_body": False}))[0]
    assert b"strict-transport-security" in dict(start["headers"])


async def test_body_larger_than_agreed_is_413(door: Opened) -> None:
    headers = {**door.bearer(), "Content-Type": "application/cloudevents+json"}
    answer = await door.client.post("/v1/events", content=b"x" * 20_001, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert (await door.client.post("/v1/events", content=b"x" * 20_000, headers=headers)).status_code == 400


async def test_body_is_refused_before_the_rest_of_it_is_read(door: Opened) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1000
            yield b"x" * 1000

    parts = endless()
    app = Guard(reads_body, GatewaySettings(body_max_bytes=20_000))

    async def receive() -> Message:
        return {"type": "http.request", "body": await anext(parts), "more_body": True}

    answers: list[Message] = []

    async def send(message: Message) -> None:
        answers.append(message)

    await app(
        {"type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b""}, receive, send
    )
    assert answers[0]["status"] == 413
    assert read <= 21_000


async def test_body_that_does_not_come_is_408() -> None:
    app = Guard(reads_body, GatewaySettings(body_within_s=0.05))
    answers = await asked(app, {"type": "http.request", "body": b"{", "more_body": True})
    assert answers[0]["status"] == 408
    assert json.loads(answers[1]["body"])["code"] == "body_too_slow"


async def test_answer_that_nobody_takes_is_given_up(capsys: pytest.CaptureFixture[str]) -> None:
    """A line that is full for ever: whoever asked does not read."""
    app = Guard(reads_body, GatewaySettings(body_within_s=0.05))

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    scope: Scope = {"type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b""}
    async with asyncio.timeout(30):
        await app(scope, receive, send)
    assert "TimeoutError" in "".join(capsys.readouterr())


async def test_form_of_a_neighbour_is_small() -> None:
    app = Guard(reads_body, GatewaySettings())
    large = {"type": "http.request", "body": b"x" * (guard.FORM_MAX_BYTES + 1), "more_body": False}
    assert (await asked(app, large, path="/melden/de-vlier"))[0]["status"] == 413
    assert (await asked(app, large, path="/v1/events"))[0]["status"] == 200


async def test_what_fails_is_500_with_the_request_id_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = await asked(Guard(fails, GatewaySettings()))
    assert answers[0]["status"] == 500
    told = json.loads(answers[1]["body"])
    assert told["request_id"].startswith("req-")
    shown = capsys.readouterr()
    assert "Jan" not in answers[1]["body"].decode() + shown.out + shown.err
    assert "ValueError" in shown.out + shown.err


async def test_fault_of_the_application_is_a_problem_too(door: Opened) -> None:
    door.door.limits = None  # type: ignore[assignment]
    answer = await door.client.post("/v1/events", headers=door.bearer())
    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_database_that_does_not_answer_is_503_wherever_it_is_asked(door: Opened) -> None:
    class Away:
        async def find(self, digest: bytes, /) -> Caller | None:
            raise DatabaseUnreachable("TimeoutError")

    door.door.tokens = Tokens(door.door.settings, Away())
    answer = await door.client.post("/v1/events", headers={"X-Api-Key": "a-key"})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_log_tells_the_template_of_a_path_and_nothing_of_who_asked(
    door: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    await door.client.post(
        "/v1/signals/jan-de-vries/closure?naam=jan",
        content=b'{"reason": "jan"}',
        headers={**door.bearer(), "Content-Type": "application/json", "Idempotency-Key": "jan"},
    )
    await door.client.get("/jan-de-vries")
    shown = "".join(capsys.readouterr())
    assert "/v1/signals/{signal}/closure" in shown
    assert "unmatched" in shown
    assert "jan" not in shown


async def test_requests_beyond_the_limit_are_429_with_when_to_come_again(tmp_path: Path) -> None:
    async with opened(tmp_path, settings={"requests_per_minute": 3}) as door:
        answers = [await door.client.post("/v1/events", headers=door.bearer()) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [415, 415, 415, 429]
        assert answers[0].headers["ratelimit"].startswith('"requests";r=2;t=')
        assert answers[0].headers["ratelimit-policy"] == '"requests";q=3;w=60'
        assert 1 <= int(answers[3].headers["retry-after"]) <= 61
        assert answers[3].json()["code"] == "too_many_requests"


async def test_address_that_shows_no_good_token_again_and_again_is_429_and_a_good_one_from_there_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [
        {},
        {"Authorization": "Bearer x.y.z"},
        {"X-Api-Key": "shk-none"},
        {"Authorization": "Basic eDp5"},
    ]
    async with opened(tmp_path, settings={"failures_per_minute": 4}) as door:
        for headers in wrong:
            answer = await door.client.post("/v1/events", headers=headers)
            assert answer.status_code == 401 and "retry-after" not in answer.headers
        for headers in wrong:
            answer = await door.client.post("/v1/events", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
            assert 1 <= int(answer.headers["retry-after"]) <= 15
            assert answer.headers["ratelimit"].startswith('"failures";r=0;t=')
        assert (await door.client.get("/internal/v1/content/vault:1?party=linde")).status_code == 429
        for _ in range(6):
            assert (await door.client.post("/v1/events", headers=door.bearer())).status_code == 415
        door.door.parts["service_token"] = "of the bell"
        ours = {"Authorization": "Bearer of the bell"}
        assert (await door.client.post("/internal/v1/links", headers=ours)).status_code == 422
        elsewhere = httpx2.ASGITransport(app=make_app(door.door), client=("198.51.100.7", 1))
        async with httpx2.AsyncClient(transport=elsewhere, base_url="http://door") as other:
            assert (await other.post("/v1/events")).status_code == 401
    shown = "".join(capsys.readouterr())
    assert "request_answered" in shown and "198.51.100.7" not in shown and "127.0.0.1" not in shown
    assert b"198.51.100.7" not in generate_latest()


def test_failures_of_an_address_are_forgiven_with_the_time() -> None:
    now_s = 0.0
    failures = Failures(6, lambda: now_s)
    assert [failures.one_more("198.51.100.7") for _ in range(7)] == [0, 0, 0, 0, 0, 0, 10]
    assert failures.one_more("198.51.100.8") == 0
    now_s = 4.0
    assert failures.one_more("198.51.100.7") == pytest.approx(6)
    now_s = 10.5
    assert failures.one_more("198.51.100.7") == 0
    assert failures.one_more("198.51.100.7") > 0
    now_s = 100.0
    assert [failures.one_more("198.51.100.7") > 0 for _ in range(7)] == [False] * 6 + [True]


def test_failures_are_kept_of_a_bounded_number_of_addresses_and_a_house_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "ADDRESSES_MAX", 50)
    failures = Failures(1, lambda: 0.0)
    for n in range(200):
        assert failures.one_more(f"2001:db8::{n:x}") == (0 if n == 0 else 60)
    assert len(failures) == 1
    assert failures.one_more("::ffff:198.51.100.7") == 0 and failures.one_more("198.51.100.7") > 0
    assert failures.one_more("") == 0 and failures.one_more("a socket") > 0
    for n in range(200):
        assert failures.one_more(f"2001:db8:0:{n + 1:x}::1") == 0
    assert len(failures) == 50


async def test_one_organisations_limit_is_not_anothers(tmp_path: Path) -> None:
    gp = {"party": "huisartsen", "sources": ["urn:nld:oin:00000000000000000002:systeem:his"]}
    async with opened(tmp_path, settings={"requests_per_minute": 1}) as door:
        assert (await door.client.post("/v1/events", headers=door.bearer())).status_code == 415
        assert (await door.client.post("/v1/events", headers=door.bearer())).status_code == 429
        assert (await door.client.post("/v1/events", headers=door.bearer(seinhuis=gp))).status_code == 415


async def test_events_beyond_the_limit_are_429_whatever_the_number_of_requests(tmp_path: Path) -> None:
    async with opened(tmp_path, settings={"events_per_minute": 10}) as door:
        headers = {**door.bearer(), "Content-Type": "application/cloudevents-batch+json"}
        statuses = [
            (await door.client.post("/v1/events", content=json.dumps([7] * n), headers=headers)).status_code
            for n in (6, 5, 4)
        ]
        assert statuses == [422, 429, 422]


def test_problems_all_say_what_they_are_and_what_to_do() -> None:
    for code in (*Code, *DoorRefusal):
        line = LINES[code]
        assert 400 <= line.status < 600
        assert line.title.endswith(".")
        assert line.what_to_do.endswith(".")
        assert set(Problem(code).members()) == {"type", "title", "status", "code", "what_to_do"}


def test_refusals_of_the_framework_have_words_of_ours() -> None:
    assert problem_of_status(404).code is Code.NOT_FOUND
    assert problem_of_status(418).code is Code.FAILED
