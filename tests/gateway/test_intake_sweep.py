"""What a crash left is sent by whoever sweeps: the same records, in the order of their case, and none is forgotten."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import orjson
import psycopg
import pytest

from schemas.envelope import decode
from services.gateway.asked import Taken
from services.gateway.metrics import RECORD_OWED_OLDEST, RECORDS_OWED
from services.gateway.sweep import KNOWN_FOR_MS, Sweeper, forget, measure, sweep
from services.runtime.admin import make
from services.runtime.follow import follow
from services.runtime.job import Record
from services.runtime.send import Outgoing
from services.runtime.steady import Lies, Steady
from tests.gateway.store import NOW_MS, Log, Store, a_report, a_store, an_answer, rows
from topics.catalogue import SIGNALS_COMMANDS

ROOT = Path(__file__).resolve().parents[2]


async def all_swept(store: Store, log: Log) -> int:
    count = 0
    while swept := await sweep(store.engine, log, owed_for_s=0.0):
        count += swept
    return count


async def owing(store: Store, log: Log, batches: int = 3) -> None:
    """Batches that were committed while the broker was away."""
    log.is_up = False
    for n in range(batches):
        batch = [a_report(f"event-{n}-{client}", client=f"client-{client}") for client in range(5)]
        await asyncio.gather(store.intake.accept(batch), return_exceptions=True)
    log.is_up = True


def order_is_kept(log: Log, url: str) -> bool:
    found = rows(url, "select command_id, number from intake")
    numbers = {str(command_id): int(str(number)) for command_id, number in found}
    by_case: dict[bytes, list[int]] = {}
    for record, command_id in zip(log.records, log.ids(), strict=True):
        by_case.setdefault(record.key, []).append(numbers[command_id])
    return all(some == sorted(some) for some in by_case.values())


async def test_sweep_sends_what_is_owed_in_the_order_of_its_case(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        await owing(store, log)
        assert await all_swept(store, log) == 15
    assert len(set(log.ids())) == len(log.ids()) == 15
    assert order_is_kept(log, postgres)
    assert rows(postgres, "select count(*) from intake where is_owed or value is not null") == [(0,)]


async def test_sweepers_at_once_send_each_record_once_and_overtake_nothing(postgres: str) -> None:
    class Slow(Log):
        async def send_all(self, outgoing: Sequence[Outgoing]) -> list[Lies]:
            await asyncio.sleep(0.02)
            return await super().send_all(outgoing)

    log = Slow()
    async with a_store(postgres, log) as one, a_store(postgres, log) as two, a_store(postgres, log) as three:
        await owing(one, log, batches=6)
        while rows(postgres, "select 1 from intake where is_owed"):
            await asyncio.gather(*(all_swept(store, log) for store in (one, two, three)))
    assert Counter(log.ids()).most_common(1)[0][1] == 1
    assert len(log.ids()) == 30
    assert order_is_kept(log, postgres)


async def test_owed_records_are_counted_with_their_age(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        await measure(store.engine)
        assert (RECORDS_OWED._value.get(), RECORD_OWED_OLDEST._value.get()) == (0, 0)
        await owing(store, log)
        await measure(store.engine)
        assert RECORDS_OWED._value.get() == 15
        assert RECORD_OWED_OLDEST._value.get() > 0
        await all_swept(store, log)
        await measure(store.engine)
        assert RECORDS_OWED._value.get() == 0


async def test_sweep_leaves_what_is_younger_to_who_took_it_in(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        await owing(store, log)
        assert await sweep(store.engine, log, owed_for_s=3600.0) == 0


async def test_sweep_that_fails_leaves_everything_owed(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        await owing(store, log)
        log.is_up = False
        with pytest.raises(Exception, match="no broker"):
            await sweep(store.engine, log, owed_for_s=0.0)
        log.is_up = True
        assert await all_swept(store, log) == 15


async def test_sweeper_sends_what_is_owed_when_it_starts_and_what_becomes_owed_later(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        await owing(store, log)
        async with Sweeper(store.engine, log, lambda: NOW_MS, every_s=0.05, owed_for_s=0.0):
            async with asyncio.timeout(60):
                while len(log.records) < 15:
                    await asyncio.sleep(0.02)
            log.is_up = False
            await asyncio.gather(store.intake.accept([a_report("later")]), return_exceptions=True)
            log.is_up = True
            async with asyncio.timeout(60):
                while len(log.records) < 16:
                    await asyncio.sleep(0.02)


async def test_events_are_forgotten_after_a_week_and_what_is_owed_never(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        (first,) = await store.intake.accept([a_report("old")])
        log.is_up = False
        await asyncio.gather(store.intake.accept([a_report("owed")]), return_exceptions=True)
        log.is_up = True
        assert await forget(store.engine, NOW_MS + KNOWN_FOR_MS) == 0
        assert await forget(store.engine, NOW_MS + KNOWN_FOR_MS + 1) == 1
        assert await all_swept(store, log) == 1
        (again,) = await store.intake.accept([a_report("old")])
    assert isinstance(first, Taken)
    assert isinstance(again, Taken)
    assert not again.is_repeat
    assert again.signal != first.signal


async def read_of(bootstrap: str, keys: set[bytes]) -> list[Record]:
    batches = follow(bootstrap, [SIGNALS_COMMANDS.name], until_end=True)
    return [record async for batch in batches for record in batch if record.key in keys]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("broker", ["embedded", "kafka"])
async def test_door_that_was_killed_between_commit_and_answer_loses_and_changes_nothing(
    broker: str, when: str, postgres: str, request: pytest.FixtureRequest
) -> None:
    address: str = request.getfixturevalue(broker)
    await make(address, [SIGNALS_COMMANDS])
    died = subprocess.run(
        [sys.executable, "-m", "tests.gateway.dies", postgres, address, when],
        cwd=ROOT,
        timeout=120,
        check=False,
        capture_output=True,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    kept = {
        command_id: (
            caseid.encode(),
            bytes(value),
            [(name, text.encode()) for name, text in orjson.loads(headers)],
        )
        for command_id, caseid, value, headers in _owed(postgres)
    }
    keys = {key for key, _, _ in kept.values()}
    assert len(kept) == 21
    sends = Steady(address)
    async with a_store(postgres, sends) as store:
        while await sweep(store.engine, sends, owed_for_s=0.0):
            pass
        (again,) = await store.intake.accept([a_report("event-3", client="client-1", subject="word-3")])
        (answer,) = await store.intake.accept([an_answer("word-3", "answer-3")])
    await sends.stop()
    assert isinstance(again, Taken)
    assert isinstance(answer, Taken)
    assert again.is_repeat
    assert again.signal == answer.signal
    found = await read_of(address, keys)
    ids = Counter(decode(record.headers).id for record in found)
    times = 1 if when == "before" else 2
    assert {command_id: ids[command_id] for command_id in kept} == dict.fromkeys(kept, times)
    for record in found:
        command_id = decode(record.headers).id
        if command_id in kept:
            assert (record.key, record.value, list(record.headers)) == kept[command_id]
    first = list(dict.fromkeys(decode(record.headers).id for record in found))
    for key in keys:
        of_case = [command_id for command_id in kept if kept[command_id][0] == key]
        assert [command_id for command_id in first if command_id in of_case] == of_case


def _owed(url: str) -> list[tuple[str, str, bytes, bytes]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "select command_id, caseid, value, headers from intake where is_owed order by number"
        ).fetchall()
