"""API keys: made once, known by their digest, over at a date or by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.database.engine import engine_of
from services.database.settings import DatabaseSettings
from services.gateway import examples
from services.gateway.api_keys import USED_EVERY_MS, ApiKeys
from services.gateway.problems import Problem
from services.gateway.settings import GatewaySettings
from services.gateway.tokens import Caller, Scope, Tokens, digest_of
from tests.gateway.store import dump

LINDE = Caller(
    examples.PARTY,
    (examples.SOURCE,),
    frozenset((examples.PARTNERSHIP,)),
    frozenset((Scope.SIGNALS_REPORT.value,)),
    "ecd",
)


@pytest.fixture
async def engine(postgres: str) -> AsyncIterator[AsyncEngine]:
    found = engine_of(DatabaseSettings(database=postgres))
    yield found
    await found.dispose()


def a_gate(engine: AsyncEngine, now_ms: int = 1_000, pepper: str = "pepper") -> tuple[ApiKeys, Tokens]:
    keys = ApiKeys(engine, pepper, lambda: now_ms)
    return keys, Tokens(GatewaySettings(key_pepper=pepper), keys)


async def is_refused(gate: Tokens, key: str) -> bool:
    try:
        await gate.caller(None, key)
    except Problem as problem:
        return problem.status == 401
    return False


async def test_key_is_its_partys_with_what_it_may_and_nothing_of_it_is_kept(
    engine: AsyncEngine, postgres: str
) -> None:
    keys, gate = a_gate(engine)
    name, key = await keys.make(LINDE)
    assert await gate.caller(None, key) == LINDE
    assert await is_refused(gate, key + "x")
    assert await is_refused(gate, name)
    assert key.removeprefix("shk-") not in dump(postgres)
    assert await keys.make(LINDE) != (name, key)


async def test_key_of_another_pepper_is_none(engine: AsyncEngine) -> None:
    _, key = await a_gate(engine)[0].make(LINDE)
    assert await is_refused(a_gate(engine, pepper="salt")[1], key)


async def test_key_ends_by_its_date_or_by_hand(engine: AsyncEngine) -> None:
    keys, gate = a_gate(engine)
    _, dated = await keys.make(LINDE, expires_ms=2_000)
    name, ended = await keys.make(LINDE)
    assert await gate.caller(None, dated) == LINDE
    assert await is_refused(a_gate(engine, now_ms=2_000)[1], dated)
    before = await keys.revoke(name)
    assert before is not None and before.revoked_ms is None
    assert await is_refused(gate, ended)
    again = await a_gate(engine, now_ms=5_000)[0].revoke(name)
    assert again is not None and again.revoked_ms == 1_000
    assert await keys.revoke("key-aaaaaaaaaaaa") is None


async def test_keys_that_are_over_are_told_together_and_why(engine: AsyncEngine) -> None:
    keys, _ = a_gate(engine)
    dated, ended, holding = [await keys.make(LINDE, expires_ms=ms) for ms in (2_000, None, 9_000)]
    await keys.revoke(ended.id)
    digests = {name: digest_of(key, "pepper") for name, key in (dated, ended, holding, ("none", "shk-none"))}
    later, _ = a_gate(engine, now_ms=2_000)
    assert await later.over(set(digests.values())) == {
        digests[dated.id]: "expired",
        digests[ended.id]: "revoked",
        digests["none"]: "revoked",
    }
    assert await keys.over({digests[holding.id], digests[dated.id]}) == {}


async def test_use_of_a_key_is_written_down_once_an_hour(engine: AsyncEngine) -> None:
    _, key = await a_gate(engine)[0].make(LINDE)
    seen = []
    for now_ms in (1_000, 2_000, 1_000 + USED_EVERY_MS):
        keys, gate = a_gate(engine, now_ms)
        assert await gate.caller(None, key) == LINDE
        seen.append([one.last_used_ms for one in await keys.all()])
    assert seen == [[1_000], [1_000], [1_000 + USED_EVERY_MS]]
