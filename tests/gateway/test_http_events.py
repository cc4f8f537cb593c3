"""`POST /v1/events`: the three modes of CloudEvents, answered after the intake, and every no with its field."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from schemas.gateway import DoorRefusal, EventRefused
from schemas.signals import AcknowledgeSignal, ReportSignal
from services.gateway import examples, metrics
from services.gateway.asked import Asked, Taken, Turned
from tests.gateway.doors import Opened, opened

STRUCTURED = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Opened]:
    async with opened(tmp_path) as found:
        yield found


def a_report(event_id: str = "r-1", **changed: Any) -> dict[str, Any]:
    return {**examples.event("ReportSignal", ReportSignal.type_name()), "id": event_id, **changed}


def a_bad_report(event_id: str) -> dict[str, Any]:
    report = a_report(event_id)
    return {**report, "data": {**report["data"], "urgency": "panic"}}


async def post(door: Opened, body: object, kind: dict[str, str] = STRUCTURED, **token: Any) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await door.client.post("/v1/events", content=content, headers={**door.bearer(**token), **kind})


async def test_event_is_answered_with_its_position_and_the_partys_own_names(door: Opened) -> None:
    answer = await post(door, a_report())
    assert answer.status_code == 202
    told = answer.json()
    assert told["position"] == {"topic": "signals.commands.v1", "partition": 3, "offset": 0}
    assert (told["id"], told["status"], told["is_repeat"]) == ("r-1", "taken", False)
    assert told["signal"].startswith("as-")
    assert told["case"].startswith("ac-")
    assert [one.command for one in door.intake.asked] == [ReportSignal]


async def test_event_said_twice_gets_the_first_answer_again(door: Opened) -> None:
    first, again = (await post(door, a_report())).json(), (await post(door, a_report())).json()
    assert again == {**first, "is_repeat": True}
    assert len(door.intake.asked) == 1


async def test_event_in_binary_mode_is_the_same_event(door: Opened) -> None:
    report = a_report(subject="de zorg: één")
    headers = {
        "Content-Type": "application/json",
        **{f"ce-{name}": str(value) for name, value in report.items() if name not in ("data", "subject")},
        "CE-Subject": "de%20zorg:%20%C3%A9%C3%A9n",
    }
    assert (await post(door, report["data"], headers)).status_code == 202
    await post(door, {**report, "id": "r-2"})
    one, two = door.intake.asked
    assert one._replace(event_id="r-2") == two
    assert one.subject == "de zorg: één"


async def test_batch_answers_each_event_in_its_place(door: Opened) -> None:
    batch = [a_report("a"), a_bad_report("b"), a_report("c"), 7, a_report("a")]
    answer = await post(door, batch, BATCH)
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [one["status"] for one in results] == ["taken", "refused", "taken", "refused", "taken"]
    assert results[1]["problem"]["field"] == "data.urgency"
    assert results[3]["problem"]["code"] == "not_a_cloudevent"
    assert results[4] == {**results[0], "is_repeat": True}
    assert [one.event_id for one in door.intake.asked] == ["a", "c"]


async def test_batch_is_202_when_all_and_422_when_none_was_taken(door: Opened) -> None:
    assert (await post(door, [a_report("a"), a_report("b")], BATCH)).status_code == 202
    assert (await post(door, [a_bad_report("c")], BATCH)).status_code == 422
    assert (await post(door, [], BATCH)).status_code == 202


async def test_batch_is_one_question_to_the_intake(door: Opened) -> None:
    calls: list[int] = []
    accept = door.intake.accept

    async def counted(asked: Any, /) -> Any:
        calls.append(len(asked))
        return await accept(asked)

    door.door.intake = type("Counting", (), {"accept": staticmethod(counted)})()
    await post(door, [a_report(str(n)) for n in range(1000)], BATCH)
    assert calls == [1000]


async def test_batch_longer_than_agreed_is_413(door: Opened) -> None:
    answer = await post(door, [a_report(str(n)) for n in range(1001)], BATCH)
    assert (answer.status_code, answer.json()["code"]) == (413, "batch_too_long")
    assert door.intake.asked == []


async def test_no_of_the_intake_is_told_with_the_field_as_it_was_sent(door: Opened) -> None:
    door.intake.answers = lambda asked: Turned(asked.event_id, DoorRefusal.IDENTIFIER_NOT_ALLOWED, "client")
    answer = await post(door, a_report())
    assert (answer.status_code, answer.json()["field"]) == (422, "data.client")


async def test_refusal_is_a_problem_that_says_what_to_do(door: Opened) -> None:
    answer = await post(door, a_bad_report("b"))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["type"] == "urn:seinhuis:problem:data_invalid"
    assert (told["status"], told["code"], told["field"]) == (422, "data_invalid", "data.urgency")
    assert "acute, urgent, routine" in told["what_to_do"]
    assert told["request_id"] == answer.headers["x-request-id"]


async def test_refusal_is_a_fact_without_a_word_of_the_sender(door: Opened) -> None:
    report = a_report("b")
    await post(door, {**report, "data": {**report["data"], "Jan de Vries": "x"}})
    (fact,) = door.facts.facts
    assert isinstance(fact, EventRefused)
    assert (fact.reason, fact.command, fact.field) == (DoorRefusal.DATA_INVALID, "ReportSignal", "data")
    assert fact.source_ref.startswith("src-")
    assert "Jan" not in fact.model_dump_json()
    assert examples.SOURCE not in fact.model_dump_json()


async def test_refusals_beyond_a_partys_limit_are_counted_and_not_told(tmp_path: Path) -> None:
    async with opened(tmp_path, settings={"refusals_told_per_minute": 5}) as door:
        answer = await post(door, [a_bad_report(str(n)) for n in range(50)], BATCH)
        assert len(answer.json()["results"]) == 50
        assert len(door.facts.facts) == 5


async def test_refusal_stands_where_its_fact_cannot_be_told(door: Opened) -> None:
    async def fails(fact: object, /, **attributes: str) -> object:
        raise OSError("no broker")

    door.door.own_facts = type("Failing", (), {"tell": staticmethod(fails)})()
    assert (await post(door, a_bad_report("b"))).status_code == 422


@pytest.mark.parametrize("fault", [OSError("x"), RuntimeError("x"), TimeoutError()])
async def test_intake_that_fails_is_503_and_says_to_try_again_with_the_same_ids(
    door: Opened, fault: Exception
) -> None:
    door.intake.fails = fault
    answer = await post(door, a_report())
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "2"
    assert "same ids" in answer.json()["what_to_do"]
    door.intake.fails = None
    assert (await post(door, a_report())).status_code == 202


async def test_door_that_is_being_stopped_takes_nothing_more(door: Opened) -> None:
    door.door.stopping.set()
    assert (await post(door, a_report())).status_code == 503
    assert door.intake.asked == []


BODIES = [
    ("nothing", b"", STRUCTURED, 400),
    ("half of it", b'{"specversion": "1.0"', STRUCTURED, 400),
    ("not UTF-8", b'{"specversion": "\xff"}', STRUCTURED, 400),
    ("half a letter", b'{"specversion": "\\ud800"}', STRUCTURED, 400),
    ("a number beyond numbers", b'{"specversion": 1e999}', STRUCTURED, 400),
    ("no number", b'{"specversion": NaN}', STRUCTURED, 400),
    ("a mark before it", b"\xef\xbb\xbf{}", STRUCTURED, 400),
    ("without an end", b"[" * 100_000, STRUCTURED, 400),
    ("a tower", b"[" * 900 + b"]" * 900, STRUCTURED, 400),
    (
        "a tower in the data",
        b'{"specversion":"1.0","data":' + b"[" * 900 + b"]" * 900 + b"}",
        STRUCTURED,
        422,
    ),
    ("no batch", b"{}", BATCH, 400),
    ("a text", b'"x"', STRUCTURED, 400),
    ("another type", b"{}", {"Content-Type": "text/plain"}, 415),
    ("no type", b"{}", {}, 415),
    ("another alphabet", b"{}", {"Content-Type": "application/cloudevents+json; charset=latin-1"}, 415),
    ("compressed", b"{}", {**STRUCTURED, "Content-Encoding": "gzip"}, 415),
    ("no attributes", b"{}", {"Content-Type": "application/json"}, 400),
]


@pytest.mark.parametrize(
    ("body", "kind", "status"), [line[1:] for line in BODIES], ids=[line[0] for line in BODIES]
)
async def test_body_that_is_none_is_a_clean_no(
    door: Opened, body: bytes, kind: dict[str, str], status: int
) -> None:
    answer = await post(door, body, kind)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert door.intake.asked == []


async def test_header_given_twice_or_in_another_alphabet_is_a_clean_no(door: Opened) -> None:
    head = {**door.bearer(), "Content-Type": "application/json"}
    twice = [*head.items(), ("ce-id", "a"), ("ce-id", "b")]
    assert (await door.client.post("/v1/events", content=b"{}", headers=twice)).status_code == 422
    for value in (b"\xe9\xe9n", b"%ff"):
        raw = [(k.encode(), v.encode()) for k, v in head.items()] + [(b"ce-id", value)]
        answer = await door.client.post("/v1/events", content=b"{}", headers=raw)
        assert (answer.status_code, answer.json()["field"]) == (422, "ce-id")


async def test_token_decides_what_may_be_sent(door: Opened) -> None:
    assert (await post(door, a_report(), scope="signals:report")).status_code == 202
    assert (await post(door, a_report("x"), scope="stream:read")).status_code == 403
    acknowledgement = examples.event("AcknowledgeSignal", AcknowledgeSignal.type_name(), "as-x")
    answer = await post(door, acknowledgement, scope="signals:report")
    assert (answer.status_code, answer.json()["code"]) == (403, "type_not_allowed")
    assert "signals:act" in answer.json()["what_to_do"]


async def test_nobody_is_401(door: Opened) -> None:
    answer = await door.client.post("/v1/events", content=b"{}", headers=STRUCTURED)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_intake_gets_what_the_party_said_and_nothing_it_may_not_say(door: Opened) -> None:
    await post(door, a_report(recordedtime="1999-01-01T00:00:00Z", correlationid="x", partitionkey="x"))
    (asked,) = door.intake.asked
    assert isinstance(asked, Asked)
    assert asked.time == "2026-11-23T08:00:00+01:00"
    assert "1999" not in repr(asked)


async def test_taken_events_and_refusals_are_counted_by_closed_words(door: Opened) -> None:
    def read(metric: Any, label: str) -> float:
        return float(metric.labels(label)._value.get())

    before = read(metrics.EVENTS_TAKEN, "ReportSignal"), read(metrics.EVENTS_REFUSED, "data_invalid")
    await post(door, [a_report("a"), a_bad_report("b")], BATCH)
    assert read(metrics.EVENTS_TAKEN, "ReportSignal") == before[0] + 1
    assert read(metrics.EVENTS_REFUSED, "data_invalid") == before[1] + 1


def test_taken_says_nothing_of_our_own_names() -> None:
    assert not {"entity", "caseid", "command_id"} & set(Taken._fields)
