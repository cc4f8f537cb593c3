"""The register of cases: one client of one partnership is one case, and no way leads back to who it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.coordination import JoinCase
from schemas.envelope import decode
from services.database.copying import Raced
from services.database.engine import engine_of
from services.database.settings import DatabaseSettings
from services.gateway import joining
from services.gateway.asked import Client
from services.gateway.intake_rows import owed_to
from services.gateway.register import NotJoined, Register, fresh_ids, hashes
from services.vault.ring import Key, Ring
from tests.databases import Databases
from tests.gateway.store import NOW_MS, ONE, TWO, dump, rows
from topics.catalogue import COORDINATION_COMMANDS

THREE = Key("three", b"3" * 32)


def a_register(*keys: Key) -> Register:
    return Register(Ring(keys or (ONE,)), lambda: NOW_MS)


@pytest.fixture
async def engine(postgres: str) -> AsyncIterator[AsyncEngine]:
    engine = engine_of(DatabaseSettings(database=postgres))
    yield engine
    await engine.dispose()


async def cases(engine: AsyncEngine, register: Register, *clients: tuple[str, str, str]) -> list[str]:
    """The case of each (partnership, system, value); begins again where another was quicker."""
    wanted = [register.whose(partnership, Client(system, value)) for partnership, system, value in clients]
    for _ in range(20):
        try:
            async with engine.begin() as connection:
                found = await register.cases(connection, set(wanted))
            return [found[one] for one in wanted]
        except Raced:
            continue
    raise AssertionError("others are always quicker")


async def test_register_gives_one_client_one_case_and_another_another(engine: AsyncEngine) -> None:
    register = a_register()
    one, same, other, elsewhere, system = await cases(
        engine,
        register,
        ("de-vlier", "ecd", "1"),
        ("de-vlier", "ecd", " 1 "),
        ("de-vlier", "ecd", "2"),
        ("de-kolk", "ecd", "1"),
        ("de-vlier", "his", "1"),
    )
    assert one == same
    assert len({one, other, elsewhere, system}) == 4
    assert await cases(engine, register, ("de-vlier", "ecd", "1")) == [one]


async def test_register_keeps_cases_over_a_change_of_keys(engine: AsyncEngine, postgres: str) -> None:
    clients = [("de-vlier", "ecd", str(n)) for n in range(5)]
    first = await cases(engine, a_register(ONE), *clients)
    assert await cases(engine, a_register(ONE, TWO), *clients) == first
    assert await cases(engine, a_register(TWO, ONE), *clients) == first
    assert await cases(engine, a_register(TWO), *clients) == first, (
        "met under both, they were moved on the way"
    )
    assert await cases(engine, a_register(THREE), *clients) != first
    assert rows(postgres, "select key_id, count(*) from case_register group by 1 order by 1") == [
        ("one", 5),
        ("three", 5),
        ("two", 5),
    ]


async def test_register_moves_nobody_who_was_not_met(engine: AsyncEngine, postgres: str) -> None:
    await cases(engine, a_register(ONE), ("de-vlier", "ecd", "1"), ("de-vlier", "ecd", "2"))
    await cases(engine, a_register(TWO, ONE), ("de-vlier", "ecd", "1"))
    assert rows(postgres, "select count(*) from case_register where key_id = 'two'") == [(1,)]


async def test_register_gives_one_case_to_a_client_who_comes_to_doors_with_different_rings_at_once(
    engine: AsyncEngine, postgres: str
) -> None:
    clients = [("de-vlier", "ecd", str(n)) for n in range(30)]
    rings = [(ONE,), (ONE, TWO), (TWO, ONE), (THREE, TWO, ONE)]
    found = await asyncio.gather(
        *(
            cases(engine, a_register(*keys), *(reversed(clients) if turn % 2 else clients))
            for turn, keys in enumerate(rings)
        )
    )
    for turn, some in enumerate(found):
        assert (list(reversed(some)) if turn % 2 else some) == found[0]
    assert rows(postgres, "select count(distinct caseid) from case_register") == [(30,)]


async def test_joined_cases_are_one_for_both_clients_and_for_who_comes_later(engine: AsyncEngine) -> None:
    register = a_register()
    names = [("de-vlier", "ecd", str(n)) for n in range(4)]
    one, two, three, four = await cases(engine, register, *names)
    async with engine.begin() as connection:
        assert (await register.join(connection, one, two)).leads_to == one
        assert (await register.join(connection, three, four)).leads_to == three
        assert (await register.join(connection, two, four)).leads_to == one
        assert (await register.join(connection, four, one)).joined is None, "joined already"
    assert await cases(engine, register, *names) == [one] * 4


async def test_join_is_owed_to_the_lanes_of_both_cases_by_the_same_commit(engine: AsyncEngine) -> None:
    register = a_register()
    one, two = await cases(engine, register, ("de-vlier", "ecd", "1"), ("de-vlier", "ecd", "2"))
    with pytest.raises(ZeroDivisionError):
        async with engine.begin() as connection:
            await joining.join(register, connection, one, two, NOW_MS)
            raise ZeroDivisionError
    for _ in range(2):
        async with engine.begin() as connection:
            await joining.join(register, connection, one, two, NOW_MS)
    async with engine.begin() as connection:
        owed = await owed_to(connection, {one, two}, 10)
    told = {}
    for record in (each.outgoing for each in owed):
        envelope = decode(record.headers)
        assert (record.topic, envelope.source) == (COORDINATION_COMMANDS.name, "urn:seinhuis:gateway")
        assert record.key.decode() == envelope.caseid == envelope.subject
        told[envelope.caseid] = JoinCase.model_validate_json(record.value)
    assert told == {one: JoinCase(other=two, leads_to=one), two: JoinCase(other=one, leads_to=one)}
    assert len(owed) == 2, "joined once, told once"


async def test_cases_of_two_partnerships_are_not_joined(engine: AsyncEngine, postgres: str) -> None:
    register = a_register()
    one, two = await cases(engine, register, ("de-vlier", "ecd", "1"), ("de-kolk", "ecd", "1"))
    for other in (two, "case-nowhere"):
        with pytest.raises(NotJoined):
            async with engine.begin() as connection:
                await register.join(connection, one, other)
    assert rows(postgres, "select * from case_links") == []


async def test_joins_of_two_cases_both_ways_at_once_make_no_ring(engine: AsyncEngine) -> None:
    register = a_register()
    names = [("de-vlier", "ecd", "1"), ("de-vlier", "ecd", "2")]
    one, two = await cases(engine, register, *names)

    async def join(into: str, other: str) -> str:
        async with engine.begin() as connection:
            return (await register.join(connection, into, other)).leads_to

    roots = await asyncio.gather(join(one, two), join(two, one))
    assert roots[0] == roots[1]
    assert await cases(engine, register, *names) == [roots[0]] * 2


async def test_forgotten_client_is_a_new_case(engine: AsyncEngine, postgres: str) -> None:
    register = a_register(TWO, ONE)
    (before,) = await cases(engine, register, ("de-vlier", "ecd", "1"))
    async with engine.begin() as connection:
        assert await register.forget(connection, before) == 2
    assert before not in dump(postgres)
    assert await cases(engine, register, ("de-vlier", "ecd", "1")) != [before]


@given(
    st.lists(st.text(max_size=12), min_size=1, max_size=4),
    st.lists(st.text(max_size=12), min_size=1, max_size=4),
)
def test_hashes_of_different_parts_differ(one: list[str], other: list[str]) -> None:
    assert (hashes(Ring((ONE,)), *one) == hashes(Ring((ONE,)), *other)) == (one == other)


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_hash_of_a_client_tells_nothing_of_it_and_needs_the_key(partnership: str, value: str) -> None:
    client = Client("ecd", value)
    one, other = (a_register(key).whose(partnership, client) for key in (ONE, TWO))
    assert one.hashes != other.hashes
    assert len(value) < 4 or value.encode() not in b"".join(one.hashes)


def test_ids_are_of_chance() -> None:
    made = {one for _ in range(20) for one in fresh_ids("case", 50)}
    assert len(made) == 1000
    assert all(one.startswith("case-") and len(one) == 25 for one in made)
    assert fresh_ids("case", 0) == []


async def test_citizen_service_number_is_one_client_however_it_is_written(engine: AsyncEngine) -> None:
    one, two = await cases(
        engine, a_register(), ("de-vlier", "bsn", "111222333"), ("de-vlier", "BSN", "1112.22.333")
    )
    assert one == two


Step = tuple[int, int, str, str]
#: Rings as they follow each other when a key is changed twice; two that are next to each other may run side by side.
RINGS = ((ONE,), (ONE, TWO), (TWO, ONE), (TWO,), (TWO, THREE), (THREE, TWO))
STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from("pq"), st.sampled_from("abc")),
    max_size=25,
)


@settings(max_examples=20, deadline=None)
@given(steps=STEPS)
def test_register_agrees_with_a_dictionary_over_changes_of_keys_and_joins(
    databases: Databases, steps: list[Step]
) -> None:
    """Everybody is met under each ring; between that, at random by the ring before or after, and joined at random."""

    async def play(url: str) -> None:
        engine = engine_of(DatabaseSettings(database=url))
        model: dict[tuple[str, str], str] = {}
        at = iter(steps)
        for place, ring in enumerate(RINGS):
            beside = RINGS[max(0, place - 1)]
            for is_beside, is_join, partnership, value in islice(at, 5):
                client = (partnership, value)
                keys = beside if is_beside else ring
                (caseid,) = await cases(engine, a_register(*keys), (partnership, "ecd", value))
                assert model.setdefault(client, caseid) == caseid
                others = [one for one in model if one[0] == partnership]
                if is_join:
                    joined = model[others[0]]
                    async with engine.begin() as connection:
                        root = (await a_register(*keys).join(connection, joined, caseid)).leads_to
                    model.update({one: root for one, was in model.items() if was in (joined, caseid)})
            for (partnership, value), caseid in model.items():
                assert await cases(engine, a_register(*ring), (partnership, "ecd", value)) == [caseid]
        ours, theirs = ({caseid for one, caseid in model.items() if one[0] == side} for side in "pq")
        assert not ours & theirs
        await engine.dispose()

    with databases.fresh() as url:
        asyncio.run(play(url))
