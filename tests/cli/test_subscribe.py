"""`seinhuis subscribe`: a door that stops, refuses or is not there, as its reader sees it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest

from services.cli.errors import CliError, Unreachable
from services.cli.processes import HOST, free_port
from services.cli.sse import Message
from services.cli.subscribe import Asked, messages, told_of
from tests.gateway.deliver import a_delivery, deliver, make_topics
from tests.gateway.test_stream import a_stream_door, names
from tests.gateway.test_stream_text import an_event

Unique = Callable[[str], str]


def message(text: bytes) -> Message:
    lines = text.decode().split("\n")
    return Message(lines[1].removeprefix("event: "), lines[2].removeprefix("data: "), "4")


def test_a_notice_is_one_line_with_whom_it_asks_and_whom_to_phone() -> None:
    told = orjson.loads(message(an_event().text).data)
    told["data"] |= {
        "acts_as": "linde/linde-team",
        "due_at": "2026-11-24T10:00:00Z",
        "phone": "schakel/coordination-point",
    }
    line = told_of(message(an_event().text)._replace(data=orjson.dumps(told).decode()), ZoneInfo("UTC"))
    assert str(line).endswith(
        "urgent    as-abc  told of SignalRouted, linde/linde-team is asked, due Tue 24 Nov 10:00, "
        "phone schakel/coordination-point"
    )


def test_a_gap_is_told_and_a_goodbye_is_not() -> None:
    assert "no longer kept" in str(told_of(Message("gap", "{}", "4"), ZoneInfo("UTC")))
    assert told_of(Message("goodbye", '{"reason":"stopping"}', "4"), ZoneInfo("UTC")) is None
    assert told_of(Message("message", "{", "4"), ZoneInfo("UTC")) is None


async def test_subscribing_goes_on_over_a_restart_without_loss_or_repeat(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique
) -> None:
    party = unique("linde")
    await make_topics(embedded, party)
    seen: list[str] = []
    asked = Asked("", "", {})

    async def read(count: int, last_id: str) -> str:
        async with aclosing(messages(asked, last_id, tries=20)) as stream:
            async for one in stream:
                if one.event == "goodbye":
                    continue
                seen.append(orjson.loads(one.data)["id"])
                last_id = one.last_id
                if len(seen) == count:
                    break
        return last_id

    last_id = "-1"
    for n in range(2):
        await deliver(embedded, [a_delivery(party, n * 5 + one) for one in range(5)])
        async with a_stream_door(tmp_path, embedded, postgres) as door:
            asked = Asked(door.url, door.of(party)["Authorization"].removeprefix("Bearer "), {})
            async with asyncio.timeout(60):
                last_id = await read((n + 1) * 5, last_id)
    assert seen == names(*range(10))


async def test_subscribing_ends_where_the_door_refuses_or_is_not_there(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    async with a_stream_door(tmp_path, embedded, postgres) as door:
        with pytest.raises(CliError, match="the gateway says 401"):
            async with aclosing(messages(Asked(door.url, "nobody", {}), "")) as stream:
                await anext(stream)
    with pytest.raises(Unreachable, match="no gateway answered"):
        nowhere = Asked(f"http://{HOST}:{free_port()}", "x", {})
        async with aclosing(messages(nowhere, "", tries=2)) as stream:
            await anext(stream)


@contextmanager
def a_command(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", "from services.cli.main import run; run()", "subscribe", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_subscribe_prints_a_line_a_notice_and_keeps_its_place(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique
) -> None:
    party = unique("linde")
    await make_topics(embedded, party)
    notices = [a_delivery(party, n, priority="routine" if n % 2 else "stat") for n in range(6)]
    await deliver(embedded, notices)
    state = tmp_path / "last-id"
    async with a_stream_door(tmp_path, embedded, postgres) as door:
        token = door.of(party)["Authorization"].removeprefix("Bearer ")
        where = ("--gateway", door.url, "--token", token, "--state", str(state))
        with a_command("--urgent", "--from-start", "--count", "2", *where) as process:
            out, _ = await asyncio.to_thread(process.communicate, None, 60)
        assert [line.split()[4] for line in out.splitlines()] == ["stat", "stat"]
        assert state.read_text() == "2\n"
        with a_command("--json", "--count", "3", *where) as process:
            out, _ = await asyncio.to_thread(process.communicate, None, 60)
        assert [orjson.loads(line)["id"] for line in out.splitlines()] == names(3, 4, 5)
