"""A party's own stream over HTTP: resumed without loss or repeat, bounded, and ended with a word."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import orjson
import pytest

from services.agreements.book import AgreementBook, publication, record_key, usable
from services.cli.sse import Message, Parser
from services.gateway import leases, stream, tailing
from services.gateway.api_keys import ApiKeys
from services.gateway.leases import Leases
from services.gateway.stream import Streams
from services.gateway.tailing import Deliveries
from services.gateway.tokens import Caller, Scope, Tokens
from tests.gateway.deliver import a_delivery, deliver, make_topics
from tests.gateway.doors import EXAMPLES
from tests.gateway.reading_door import Standing, a_door, standing

Unique = Callable[[str], str]
WITHIN_S = 40.0
BEHIND_S = 2.0


@asynccontextmanager
async def a_stream_door(
    tmp_path: Path, broker: str, postgres: str, *, is_for_everybody: bool = True
) -> AsyncIterator[Standing]:
    """A door with streams; unless it is said otherwise, whoever has a token takes part."""
    door, key, intake, facts = a_door(tmp_path, broker, postgres)
    keys = ApiKeys(door.engine, door.settings.key_pepper, door.clock.now_ms)
    door.tokens = Tokens(door.settings, keys)

    def takes_part(partnership: str, party: str) -> bool:
        return is_for_everybody or door.takes_part(partnership, party)

    streams = Streams(Deliveries(broker), door.stopping, Leases(takes_part, keys.over))
    door.parts[stream.PART] = streams
    running = asyncio.create_task(streams.run())
    try:
        async with standing(door, key, intake, facts) as found:
            yield found
    finally:
        running.cancel()
        await asyncio.wait([running])
        await door.engine.dispose()


class Listener:
    """Somebody who listens, and remembers the last id as a browser does."""

    def __init__(self, answer: httpx2.Response, parser: Parser) -> None:
        assert answer.status_code == 200, answer.status_code
        self.answer = answer
        self.parser = parser
        self._lines = answer.aiter_lines()

    async def next(self) -> Message:
        async with asyncio.timeout(WITHIN_S):
            async for line in self._lines:
                message = self.parser.feed(line)
                if message is not None:
                    return message
        raise EOFError

    async def line(self) -> str:
        async with asyncio.timeout(WITHIN_S):
            line = await anext(self._lines)
            self.parser.feed(line)
            return line

    async def ids(self, count: int) -> list[str]:
        return [orjson.loads((await self.next()).data)["id"] for _ in range(count)]


@asynccontextmanager
async def listening(
    door: Standing,
    party: str,
    query: str = "",
    last_id: str | None = None,
    shown: dict[str, str] | None = None,
) -> AsyncIterator[Listener]:
    headers = (shown or door.of(party)) | ({} if last_id is None else {"Last-Event-ID": last_id})
    async with (
        door.client() as client,
        client.stream("GET", f"/v1/stream{query}", headers=headers) as answer,
    ):
        listener = Listener(answer, Parser(last_id or ""))
        assert (await listener.line()).startswith("retry:")  # it is open: from here on nothing is missed
        yield listener


def names(*numbers: int) -> list[str]:
    return [f"dl-{n:06d}" for n in numbers]


async def test_stream_tells_a_party_what_is_its_own_and_nothing_of_another(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique
) -> None:
    ours, theirs = unique("linde"), unique("kade")
    await make_topics(embedded, ours, theirs)
    async with a_stream_door(tmp_path, embedded, postgres) as door, listening(door, ours) as listener:
        await deliver(embedded, [a_delivery(theirs, 7), a_delivery(ours, 1), a_delivery(ours, 2)])
        first = await listener.next()
        assert first.event == "nl.seinhuis.deliveries.NoticeIssued.v1"
        assert first.last_id == "0"
        assert orjson.loads(first.data)["subject"] == f"as-{1:020d}"
        assert await listener.ids(1) == names(2)
        assert listener.answer.headers["content-type"].startswith("text/event-stream")
        assert listener.answer.headers["cache-control"] == "no-store"


async def test_stream_filters_by_priority_and_by_what_is_told(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique
) -> None:
    party = unique("linde")
    await make_topics(embedded, party)
    async with (
        a_stream_door(tmp_path, embedded, postgres) as door,
        listening(door, party, "?priority=stat,asap,urgent") as pressing,
        listening(door, party, "?type=SignalClosed") as closed,
    ):
        await deliver(
            embedded,
            [
                a_delivery(party, 1, priority="routine"),
                a_delivery(party, 2, priority="stat"),
                a_delivery(party, 3, of="SignalClosed", priority="routine"),
                a_delivery(party, 4, priority="urgent"),
            ],
        )
        assert await pressing.ids(2) == names(2, 4)
        assert await closed.ids(1) == names(3)


async def test_stream_goes_on_after_the_last_event_of_its_reader_also_in_another_process(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique
) -> None:
    party = unique("linde")
    await make_topics(embedded, party)
    async with a_stream_door(tmp_path, embedded, postgres) as door:
        async with listening(door, party) as listener:
            before = listener.parser
            await listener.line()
            await listener.line()  # the place is told before there is any event
        assert before.last_id == "-1"
        await deliver(embedded, [a_delivery(party, n) for n in range(5)])
        async with listening(door, party, last_id=before.last_id) as listener:
            assert await listener.ids(3) == names(0, 1, 2)
            last_id = listener.parser.last_id
    await deliver(embedded, [a_delivery(party, n) for n in range(5, 9)])
    async with (
        a_stream_door(tmp_path, embedded, postgres) as door,
        listening(door, party, last_id=last_id) as listener,
    ):
        assert await listener.ids(6) == names(3, 4, 5, 6, 7, 8)
        await deliver(embedded, [a_delivery(party, 9)])
        assert await listener.ids(1) == names(9)


async def test_stream_reads_again_what_lies_before_its_memory(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tailing, "RING_MAX", 20)
    monkeypatch.setattr(tailing, "PAST_PIECE_MAX", 30)
    party = unique("linde")
    await make_topics(embedded, party)
    async with a_stream_door(tmp_path, embedded, postgres) as door:
        await deliver(embedded, [a_delivery(party, n) for n in range(200)])
        async with listening(door, party, last_id="9") as listener:
            assert await listener.ids(190) == names(*range(10, 200))
            await deliver(embedded, [a_delivery(party, 200)])
            assert await listener.ids(1) == names(200)
        async with listening(door, party, "?from=start&priority=urgent") as listener:
            assert await listener.ids(201) == names(*range(201))


@pytest.mark.parametrize("asked", ["never-said", "7000"])
async def test_stream_says_from_where_it_goes_on_when_a_place_is_not_known(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique, asked: str
) -> None:
    party = unique("linde")
    await make_topics(embedded, party)
    await deliver(embedded, [a_delivery(party, n) for n in range(3)])
    async with (
        a_stream_door(tmp_path, embedded, postgres) as door,
        listening(door, party, last_id=asked) as listener,
    ):
        told = await listener.next()
        assert (told.event, orjson.loads(told.data)) == ("gap", {"asked": asked, "goes_on_from": 0})
        assert await listener.ids(3) == names(0, 1, 2)


async def test_stream_of_a_party_that_had_no_delivery_yet_begins_with_its_first(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique
) -> None:
    party = unique("linde")
    async with a_stream_door(tmp_path, embedded, postgres) as door, listening(door, party) as listener:
        await make_topics(embedded, party)
        await deliver(embedded, [a_delivery(party, 1)])
        assert await listener.ids(1) == names(1)


async def test_stream_is_heard_of_while_there_is_nothing_to_tell(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.2)
    party = unique("linde")
    await make_topics(embedded, party)
    async with (
        a_stream_door(tmp_path, embedded, postgres) as door,
        listening(door, party, "?priority=stat") as listener,
    ):
        while await listener.line() != ": heartbeat":
            pass
        await deliver(embedded, [a_delivery(party, n, priority="routine") for n in range(4)])
        while listener.parser.last_id != "3":  # it went by unseen, and need not be looked through again
            await listener.line()


async def test_stream_ends_with_a_goodbye_when_the_process_stops(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique
) -> None:
    party = unique("linde")
    await make_topics(embedded, party)
    async with a_stream_door(tmp_path, embedded, postgres) as door:
        async with listening(door, party) as listener:
            door.door.stopping.set()
            last = await listener.next()
            assert (last.event, orjson.loads(last.data)) == ("goodbye", {"reason": "stopping"})
            with pytest.raises(EOFError):
                await listener.next()
        async with door.client() as client:
            refused = await client.get("/v1/stream", headers=door.of(party))
        assert (refused.status_code, refused.json()["code"]) == (503, "stopping")
        assert not door.door.parts[stream.PART].open


async def the_end_of(listener: Listener) -> str:
    """The reason of its goodbye, after which nothing comes."""
    while (message := await listener.next()).event != "goodbye":
        pass
    with pytest.raises(EOFError):
        await listener.next()
    return str(orjson.loads(message.data)["reason"])


async def test_stream_ends_soon_after_its_key_was_ended_and_another_ones_goes_on(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "LOOK_EVERY_S", 0.1)
    party = unique("linde")
    await make_topics(embedded, party)
    async with a_stream_door(tmp_path, embedded, postgres) as door:
        keys = ApiKeys(door.door.engine, "", door.door.clock.now_ms)
        linde = Caller(party, ("urn:x",), frozenset(("de-vlier",)), frozenset((Scope.STREAM_READ.value,)))
        (name, ended), (_, other) = await keys.make(linde), await keys.make(linde)
        async with (
            listening(door, party, shown={"X-Api-Key": ended}) as listener,
            listening(door, party, shown={"X-Api-Key": other}) as stays,
            listening(door, party) as by_token,
        ):
            await deliver(embedded, [a_delivery(party, 1)])
            assert await listener.ids(1) == names(1)
            await keys.revoke(name)
            assert await the_end_of(listener) == "revoked"
            async with door.client() as client:
                again = await client.get("/v1/stream", headers={"X-Api-Key": ended})
                assert (again.status_code, again.json()["code"]) == (401, "token_invalid")
            await deliver(embedded, [a_delivery(party, 2)])
            assert await stays.ids(2) == await by_token.ids(2) == names(1, 2)


async def test_stream_ends_when_its_party_leaves_the_agreement_and_is_not_opened_again(
    tmp_path: Path, embedded: str, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "LOOK_EVERY_S", 0.1)
    first = (EXAMPLES / "waterkant-small.yaml").read_text(encoding="utf-8")
    second = first.replace("version: 1\n", "version: 2\n").replace(
        "title: Thuiszorg Linde\n    ring: core\n",
        "title: Thuiszorg Linde\n    ring: core\n    leaves: 2026-11-20\n",
    )
    await make_topics(embedded, "linde", "huisartsen")
    async with a_stream_door(tmp_path, embedded, postgres, is_for_everybody=False) as door:
        book = door.door.agreements = AgreementBook()

        def publish(text: str) -> None:
            said = publication(usable(text), text).model_dump_json().encode()
            assert book.take(record_key(usable(text)), said) is None

        publish(first)
        async with listening(door, "linde") as leaves, listening(door, "huisartsen") as stays:
            publish(second)
            assert await the_end_of(leaves) == "left"
            async with door.client() as client:
                for who in (door.of("linde"), door.of("nobody")):
                    again = await client.get("/v1/stream", headers=who)
                    assert (again.status_code, again.json()["code"]) == (403, "not_allowed")
            door.door.stopping.set()
            assert await the_end_of(stays) == "stopping"


async def test_stream_is_not_begun_by_a_token_that_is_over_however_far_clocks_may_be_off(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    async with a_stream_door(tmp_path, embedded, postgres) as door, door.client() as client:
        over = door.bearer(exp=int(time.time()) - 5)
        assert (await client.get("/v1/content/no-such", headers=over)).status_code == 404
        refused = await client.get("/v1/stream", headers=over)
        assert (refused.status_code, refused.json()["code"]) == (401, "token_expired")
        assert 'error="invalid_token"' in refused.headers["www-authenticate"]
        assert not door.door.parts[stream.PART].open


async def test_stream_closes_a_reader_that_is_too_slow_and_serves_the_others(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BEHIND_MAX", 200)
    monkeypatch.setattr(stream, "BEHIND_MAX_S", BEHIND_S)
    monkeypatch.setattr(stream, "TAKES_WITHIN_S", 60.0)
    party = unique("linde")
    await make_topics(embedded, party)
    async with a_stream_door(tmp_path, embedded, postgres) as door, contextlib.AsyncExitStack() as stack:
        host, port = door.url.removeprefix("http://").split(":")
        slow = stack.enter_context(socket.socket())
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        slow.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(slow, (host, int(port)))
        token = door.of(party)["Authorization"]
        head = f"GET /v1/stream HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n"
        await loop.sock_sendall(slow, head.encode())
        async with listening(door, party) as quick:
            streams: Streams = door.door.parts[stream.PART]
            while streams.open[party] < 2:
                await asyncio.sleep(0.01)
            ids: list[str] = []
            for n in range(0, 10_000, 1000):
                await deliver(embedded, [a_delivery(party, n + one) for one in range(1000)])
                ids += await quick.ids(1000)
            assert ids == names(*range(10_000))
            await asyncio.sleep(BEHIND_S)  # on a quick machine all this took less
            seen = b""
            # Now it reads on, and by more than a spoonful: what was on its way to it may be megabytes.
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            with contextlib.suppress(ConnectionError):
                async with asyncio.timeout(WITHIN_S):
                    while piece := await loop.sock_recv(slow, 65536):
                        seen += piece
                        if b"too_slow" in seen:
                            break
            assert b'event: goodbye\ndata: {"reason":"too_slow"}' in seen
            assert seen.count(b"event: nl.seinhuis") < 10_000


async def test_stream_is_not_open_to_whoever_may_not_read_it(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique
) -> None:
    async with a_stream_door(tmp_path, embedded, postgres) as door, door.client() as client:
        assert (await client.get("/v1/stream")).status_code == 401
        other = door.bearer(scope="content:read")
        assert (await client.get("/v1/stream", headers=other)).json()["code"] == "scope_missing"
        mistaken = await client.get("/v1/stream?priority=high", headers=door.bearer())
        assert (mistaken.status_code, mistaken.json()["field"]) == (422, "priority")


async def test_stream_of_a_reader_that_left_is_not_kept(
    tmp_path: Path, embedded: str, postgres: str, unique: Unique
) -> None:
    party = unique("linde")
    await make_topics(embedded, party)
    async with a_stream_door(tmp_path, embedded, postgres) as door:
        async with listening(door, party):
            pass
        async with asyncio.timeout(WITHIN_S):
            while door.door.parts[stream.PART].open:
                await asyncio.sleep(0.02)
