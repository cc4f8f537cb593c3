"""The route of each command: the same event by the same road, made of the same list."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.gateway import examples
from services.gateway.sayable import COMMANDS, Sayable
from tests.gateway.doors import Opened, opened

SIGNAL = "as-abcdefghijklmnopqrst"


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Opened]:
    async with opened(tmp_path) as found:
        yield found


def path_of(said: Sayable, signal: str = SIGNAL) -> str:
    return said.route.format(signal=signal)


async def post(door: Opened, said: Sayable, body: object, key: str | None = "k-1", **token: Any) -> Any:
    headers = {**door.bearer(**token), "Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    return await door.client.post(path_of(said), content=json.dumps(body), headers=headers)


@pytest.mark.parametrize("said", COMMANDS, ids=lambda said: said.model.__name__)
async def test_route_says_the_event_that_events_takes(said: Sayable, door: Opened) -> None:
    name = said.model.__name__
    event = examples.event(name, said.model.type_name(), None if said.begins else SIGNAL)
    body = {**event["data"], "partnership": event["partnership"], "time": event["time"]}
    assert (await post(door, said, body, key="k-1")).status_code == 202
    await door.client.post(
        "/v1/events",
        content=json.dumps({**event, "id": "k-2"}),
        headers={**door.bearer(), "Content-Type": "application/cloudevents+json"},
    )
    by_route, by_event = door.intake.asked
    assert by_route._replace(event_id="k-2") == by_event


@pytest.mark.parametrize("said", COMMANDS, ids=lambda said: said.model.__name__)
async def test_route_needs_the_scope_of_its_command(said: Sayable, door: Opened) -> None:
    other = "signals:act" if said.scope == "signals:report" else "signals:report"
    answer = await post(door, said, examples.DATA[said.model.__name__], scope=other)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert door.intake.asked == []


async def test_route_without_an_idempotency_key_is_400(door: Opened) -> None:
    answer = await post(door, COMMANDS[0], examples.DATA["ReportSignal"], key=None)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


async def test_request_said_twice_gets_the_first_answer_again(door: Opened) -> None:
    first = (await post(door, COMMANDS[0], examples.DATA["ReportSignal"])).json()
    again = (await post(door, COMMANDS[0], examples.DATA["ReportSignal"])).json()
    assert again == {**first, "is_repeat": True}


@pytest.mark.parametrize("body", [None, [], "x", 7])
async def test_body_that_is_no_object_is_a_clean_no(door: Opened, body: object) -> None:
    answer = await post(door, COMMANDS[0], body)
    assert (answer.status_code, answer.json()["code"]) == (422, "data_invalid")


async def test_route_takes_its_signal_from_the_path_alone(door: Opened) -> None:
    said = COMMANDS[1]
    await post(door, said, {**examples.DATA["AcknowledgeSignal"], "subject": "as-another"})
    assert door.intake.asked[0].subject == SIGNAL


async def test_route_takes_another_source_of_the_token_only(door: Opened) -> None:
    answer = await post(
        door, COMMANDS[0], {**examples.DATA["ReportSignal"], "source": "urn:seinhuis:casework"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "source_not_ours")


@pytest.mark.parametrize("signal", ["x" * 300, "%00", "a%0Ab"])
async def test_signal_that_can_be_none_is_a_clean_no(door: Opened, signal: str) -> None:
    headers = {**door.bearer(), "Content-Type": "application/json", "Idempotency-Key": "k"}
    answer = await door.client.post(f"/v1/signals/{signal}/closure", content=b"{}", headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
