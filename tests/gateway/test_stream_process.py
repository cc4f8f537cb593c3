"""The door as a process of its own: what its readers see when it is stopped, killed and started again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson

from services.cli.sse import Parser
from services.database.engine import engine_of
from services.database.settings import DatabaseSettings
from services.gateway import examples
from services.gateway.api_keys import ApiKeys
from services.gateway.tokens import Caller, Scope
from tests.gateway.deliver import a_delivery, deliver, make_topics
from tests.gateway.running import Gateway, a_gateway
from tests.gateway.test_stream import Listener, names, the_end_of

PARTY = "linde"


async def told(door: Gateway, last_id: str, count: int, then: str = "") -> tuple[list[str], str, str]:
    """Ids of so many events, the last place, and the goodbye after the process was stopped, where it is."""
    headers = door.bearer() | {"Last-Event-ID": last_id}
    async with door.client() as client, client.stream("GET", "/v1/stream", headers=headers) as answer:
        listener = Listener(answer, Parser(last_id))
        ids = await listener.ids(count)
        last_id, reason = listener.parser.last_id, ""
        if then == "stop":
            stopping = asyncio.create_task(asyncio.to_thread(door.stop))
            while (message := await listener.next()).event != "goodbye":
                pass  # on its way already, and not dealt with
            reason = orjson.loads(message.data)["reason"]
            assert await stopping == 0
    return ids, last_id, reason


def test_readers_lose_and_repeat_nothing_when_the_door_is_stopped_or_killed(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    asyncio.run(make_topics(embedded, PARTY))
    with a_gateway(embedded, postgres, tmp_path) as door:
        asyncio.run(deliver(embedded, [a_delivery(PARTY, n) for n in range(5)]))
        first, last_id, reason = asyncio.run(told(door, "-1", 3, then="stop"))
        assert reason == "stopping"
        door.start()
        second, last_id, _ = asyncio.run(told(door, last_id, 2))
        door.kill()
        asyncio.run(deliver(embedded, [a_delivery(PARTY, n) for n in range(5, 8)]))
        door.start()
        third, _, _ = asyncio.run(told(door, last_id, 3))
    assert first + second + third == names(*range(8))


async def ended(door: Gateway) -> str:
    """Why a stream ends whose key is ended while it is open."""
    engine = engine_of(DatabaseSettings(database=door.database))
    keys = ApiKeys(engine, "pepper", lambda: 1)
    linde = Caller(
        PARTY,
        (examples.SOURCE,),
        frozenset((examples.PARTNERSHIP,)),
        frozenset((Scope.STREAM_READ.value,)),
    )
    name, key = await keys.make(linde)
    try:
        async with (
            door.client() as client,
            client.stream("GET", "/v1/stream", headers={"X-Api-Key": key}) as answer,
        ):
            listener = Listener(answer, Parser(""))
            await listener.line()
            await keys.revoke(name)
            return await the_end_of(listener)
    finally:
        await engine.dispose()


def test_stream_of_a_door_in_service_ends_with_its_key(tmp_path: Path, embedded: str, postgres: str) -> None:
    asyncio.run(make_topics(embedded, PARTY))
    with a_gateway(embedded, postgres, tmp_path) as door:
        assert asyncio.run(ended(door)) == "revoked"
