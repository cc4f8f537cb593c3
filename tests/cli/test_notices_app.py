"""`seinhuis notices replay`: what reached nobody is asked to be sent again, in its own lane and by its own key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.envelope import Envelope, decode
from schemas.signals import SignalRouted
from services.cli.broker import Embedded
from services.cli.main import main
from services.runtime.admin import make
from services.runtime.follow import follow
from services.runtime.job import Record
from services.runtime.partition import partition_of
from services.runtime.send import Outgoing, Sender
from topics.catalogue import CATALOGUE, NOTICES_COMMANDS, PARTITIONS, SIGNALS_EVENTS, dead

FACT = Envelope(
    id="casework-0-7",
    source="urn:seinhuis:casework",
    type=SignalRouted.type_name(),
    subject="sig-aaaaaaaaaaaa",
    recordedtime="2026-11-23T08:00:00.000Z",
    partnership="de-vlier",
    caseid="case-aaaaaaaaaaaa",
)
PARTITION = partition_of(FACT.key.encode(), PARTITIONS)


def a_letter(notice_id: str, offset: int = 0, reason: str = "notice_failed") -> Outgoing:
    said = {
        "v": 1,
        "topic": SIGNALS_EVENTS.name,
        "partition": PARTITION,
        "offset": offset,
        "reason": reason,
        "notice_id": notice_id,
        "at_ms": 1,
        "by": "notices",
    }
    return Outgoing(dead(SIGNALS_EVENTS).name, b"hash", json.dumps(said).encode(), [])


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A broker on which one fact was told, and two notices of it reached nobody."""

    async def tell(bootstrap: str) -> None:
        await make(bootstrap, CATALOGUE)
        async with Sender(bootstrap) as sender:
            await sender.put(Outgoing(SIGNALS_EVENTS.name, FACT.key.encode(), b"{}", FACT.headers()))
            for letter in (
                a_letter("n-11111111"),
                a_letter("n-22222222"),
                a_letter("n-22222222"),
                a_letter("n-33333333", offset=999),
                a_letter("unreadable", reason="data_invalid"),
            ):
                await sender.put(letter)

    with Embedded(log=tmp_path / "broker.log") as started:
        asyncio.run(tell(started.bootstrap))
        monkeypatch.setenv("SEINHUIS_KAFKA", started.bootstrap)
        monkeypatch.setenv("SEINHUIS_TRANSACTIONS", "off")
        yield started.bootstrap


def commands(bootstrap: str) -> list[Record]:
    async def read() -> list[Record]:
        found: list[Record] = []
        async with aclosing(follow(bootstrap, [NOTICES_COMMANDS.name], until_end=True)) as batches:
            async for batch in batches:
                found += batch
        return found

    return asyncio.run(read())


def test_replay_asks_for_each_that_can_be_found_once_and_in_its_own_lane(
    broker: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["notices", "replay", "--dry-run"]) == 0
    assert capsys.readouterr().out == "3 reached nobody; 0 asked to be sent again\n"
    assert commands(broker) == []
    assert main(["notices", "replay", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"failed": 3, "asked_again": 2}
    asked = commands(broker)
    assert [json.loads(record.value or b"") for record in asked] == [
        {"notice_id": "n-11111111"},
        {"notice_id": "n-22222222"},
    ]
    for record in asked:
        envelope = decode(record.headers)
        assert record.partition == PARTITION and record.key == FACT.key.encode()
        assert replace(envelope, id="", recordedtime="", type="") == Envelope(
            id="",
            source="urn:seinhuis:notices",
            type="",
            subject=FACT.caseid,
            partnership="de-vlier",
            caseid=FACT.caseid,
        )
