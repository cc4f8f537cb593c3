"""Whatever is told of a contact reaches the topic whole, and two who tell at once do not lose each other's change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial

import pytest

from schemas.attributes import Attributes
from schemas.base import read
from schemas.directory import ContactDescribed, Shift
from schemas.envelope import decode
from schemas.structured import encode_structured
from services.agreements import directory_changes as changes
from services.agreements.directory import Window
from services.agreements.directory_book import times_of
from services.cli.directory.describing import Broker, describe, read_directory_book
from services.cli.errors import CliError
from services.runtime.admin import make
from services.runtime.follow import follow
from services.runtime.job import Record
from tests.casework.world import ms
from topics.catalogue import CATALOGUE, DIRECTORY_EVENTS

NOW_MS = ms("2026-11-23T09:00")


@pytest.fixture
def contact(unique: Callable[[str], str]) -> str:
    """A contact that no other test has."""
    return f"{unique('linde')}/linde-team"


@pytest.fixture(params=["embedded", "kafka"])
async def broker(request: pytest.FixtureRequest) -> Broker:
    bootstrap: str = request.getfixturevalue(request.param)
    await make(bootstrap, CATALOGUE)
    return Broker(bootstrap, request.param == "kafka")


async def records(broker: Broker, contact: str) -> list[Record]:
    batches = follow(broker.bootstrap, [DIRECTORY_EVENTS.name], until_end=True)
    return [one async for batch in batches for one in batch if one.key == contact.encode()]


async def test_a_change_is_told_as_a_fact_of_ours_and_twice_is_once(broker: Broker, contact: str) -> None:
    absent = partial(changes.absent, from_ms=None, until_ms=None, reason="leave", now_ms=NOW_MS)
    assert [(await describe(broker, contact, absent, NOW_MS)).did for _ in range(2)] == ["told", "kept"]
    done = await describe(broker, contact, partial(changes.confirmed, now_ms=NOW_MS), NOW_MS)
    first, second = await records(broker, contact)
    assert read(ContactDescribed, second.value or b"") == done.described
    envelopes = [decode(one.headers) for one in (first, second)]
    prefix = envelopes[0].id.removesuffix("-1")
    assert [one.id for one in envelopes] == [f"{prefix}-1", f"{prefix}-2"]
    assert {(one.subject, one.source, one.recordedtime) for one in envelopes} == {
        (contact, "urn:seinhuis:directory", "2026-11-23T08:00:00.000Z")
    }
    event = json.loads(encode_structured(envelopes[1], second.value or b""))
    assert event.pop("data")
    assert Attributes.model_validate_json(json.dumps(event)).subject == contact


async def test_a_change_that_is_refused_writes_nothing(broker: Broker, contact: str) -> None:
    over = partial(changes.absent, from_ms=NOW_MS - 9, until_ms=NOW_MS - 1, reason=None, now_ms=NOW_MS)
    with pytest.raises(CliError, match=f"{contact}: that is over already"):
        await describe(broker, contact, over, NOW_MS)
    assert await records(broker, contact) == []


@pytest.mark.kafka
async def test_two_who_tell_of_a_contact_at_once_do_not_lose_each_other_s_change(
    kafka: str, contact: str
) -> None:
    """Without transactions they may: there, one place at a time tells."""
    await make(kafka, CATALOGUE)
    broker = Broker(kafka, is_transactional=True)
    at_once = (
        partial(changes.absent, from_ms=None, until_ms=NOW_MS + 9, reason="leave", now_ms=NOW_MS),
        partial(changes.rota, shifts=[Shift(**times_of(Window(NOW_MS, NOW_MS + 9)))], now_ms=NOW_MS),
        partial(changes.succeeded, by="linde/linde-duty", from_ms=None, now_ms=NOW_MS),
    )
    done = await asyncio.gather(*(describe(broker, contact, change, NOW_MS) for change in at_once))
    assert [one.did for one in done] == ["told"] * len(at_once)
    described = (await read_directory_book(broker)).described(contact)
    assert described is not None and described.revision == len(at_once)
    assert described.absences and described.rota and described.succeeded
