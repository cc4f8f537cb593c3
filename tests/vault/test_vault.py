"""What lies in the vault: sealed, bound to its place, opened with a line in the log, and gone when its key is gone."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.errors import RaiseException
from sqlalchemy.ext.asyncio import AsyncEngine

from services.database.engine import engine_of
from services.database.settings import DatabaseSettings
from services.vault.ring import Key, Ring, RingTextError, new_key_text
from services.vault.sealing import Masters, Unopened
from services.vault.settings import KeySettings
from services.vault.vault import CaseDestroyed, Content, NotInVault, Reading, Vault, new_ref
from tests.gateway.store import NOW_MS, dump, rows

OLD, NEW = Key("old", b"o" * 32), Key("new", b"n" * 32)
READING = Reading("linde", "pull", "routed", actor_ref="actor:7f3k", fact_id="gateway-0-12")
CASE, OTHER = "case-aaaaaaaa", "case-bbbbbbbb"


def a_vault(*keys: Key) -> Vault:
    return Vault(Masters(Ring(keys or (OLD,))), lambda: NOW_MS)


@pytest.fixture
async def engine(postgres: str) -> AsyncIterator[AsyncEngine]:
    engine = engine_of(DatabaseSettings(database=postgres))
    yield engine
    await engine.dispose()


async def put(engine: AsyncEngine, vault: Vault, *contents: Content) -> None:
    async with engine.begin() as connection:
        await vault.put(connection, contents)


async def opened(engine: AsyncEngine, vault: Vault, ref: str, *fields: str) -> Content:
    async with engine.begin() as connection:
        return await vault.open(connection, ref, READING, fields or None)


def words(caseid: str = CASE, **fields: str) -> Content:
    return Content(caseid, new_ref(), fields or {"text": "Zij viel twee keer. é"})


async def test_vault_gives_back_what_was_put_in_by_its_fields(engine: AsyncEngine) -> None:
    vault = a_vault()
    one, two = words(text="Zij viel", advice="Bel de huisarts"), words(OTHER)
    await put(engine, vault, one, two)
    assert await opened(engine, vault, one.ref) == one
    assert (await opened(engine, vault, one.ref, "advice")).fields == {"advice": "Bel de huisarts"}
    assert await opened(engine, a_vault(), two.ref) == two
    with pytest.raises(NotInVault):
        await opened(engine, vault, one.ref, "name")
    with pytest.raises(NotInVault):
        await opened(engine, vault, new_ref())


def test_content_counts_characters_and_not_bytes() -> None:
    assert words(text="één", more="ab").chars == 5


async def test_vault_writes_a_line_for_each_opening_that_nobody_can_change(
    engine: AsyncEngine, postgres: str
) -> None:
    vault, content = a_vault(), words()
    await put(engine, vault, content)
    await opened(engine, vault, content.ref)
    assert rows(
        postgres,
        "select what, caseid, ref, party, actor_ref, purpose, ground, fact_id, at_ms from vault_access_log",
    ) == [("opened", CASE, content.ref, "linde", "actor:7f3k", "pull", "routed", "gateway-0-12", NOW_MS)]
    for meddling in (
        "update vault_access_log set party = 'kade'",
        "delete from vault_access_log",
        "truncate vault_access_log",
    ):
        with psycopg.connect(postgres) as connection, pytest.raises(RaiseException):
            connection.execute(meddling.encode())
    assert rows(postgres, "select party from vault_access_log") == [("linde",)]


async def test_vault_opens_nothing_that_was_not_logged(engine: AsyncEngine, postgres: str) -> None:
    vault, content = a_vault(), words()
    await put(engine, vault, content)
    with psycopg.connect(postgres) as connection:
        connection.execute("alter table vault_access_log add constraint nothing check (false)")
    with pytest.raises(Exception, match="nothing"):
        await opened(engine, vault, content.ref)


async def test_vault_holds_no_word_in_the_clear(engine: AsyncEngine, postgres: str) -> None:
    await put(engine, a_vault(), words(text="Mevrouw Jansen viel", name="Jansen"))
    whole = dump(postgres)
    assert CASE in whole
    for word in ("Jansen", "viel", "Mevrouw"):
        assert word not in whole
        assert word.encode().hex() not in whole


async def test_destroyed_case_is_unreadable_for_ever_whoever_has_the_master_key(
    engine: AsyncEngine, postgres: str
) -> None:
    vault, gone, stays = a_vault(), words(), words(OTHER)
    await put(engine, vault, gone, stays)
    async with engine.begin() as connection:
        assert await vault.destroy(connection, CASE)
    with pytest.raises(CaseDestroyed):
        await opened(engine, vault, gone.ref)
    assert await opened(engine, vault, stays.ref) == stays
    # Whoever takes all rows and the master key tries every stretch of bytes in them as a wrapped or a sealed key.
    found = [
        bytes.fromhex(cell[3:])
        for line in dump(postgres).splitlines()
        for cell in line.split("\t")
        if cell.startswith("\\\\x")
    ]
    bound = [
        b"case-key|" + CASE.encode(),
        b"case-key|" + OTHER.encode(),
        b"",
        f"content|{CASE}|{gone.ref}|text".encode(),
    ]
    keys = [OLD.secret]
    for sealed in found:
        for place in bound:
            try:
                keys.append(AESGCM(OLD.secret).decrypt(sealed[:12], sealed[12:], place))
            except Exception:
                continue
    assert len(keys) == 2, "the key of the other case is found, so the search can find one"
    for key in keys:
        for sealed in found:
            with pytest.raises(Exception, match=r"^$"):
                AESGCM(key).decrypt(sealed[:12], sealed[12:], bound[-1])
    assert rows(postgres, f"select wrapped, destroyed_ms from vault_keys where caseid = '{CASE}'") == [
        (None, NOW_MS)
    ]


async def test_destroyed_case_takes_nothing_new_and_is_destroyed_once(
    engine: AsyncEngine, postgres: str
) -> None:
    vault = a_vault()
    async with engine.begin() as connection:
        assert not await vault.destroy(connection, CASE), "there was no key"
    with pytest.raises(CaseDestroyed) as told:
        await put(engine, vault, words(), words(OTHER))
    assert told.value.caseids == {CASE}
    assert rows(postgres, "select count(*) from vault_content") == [(0,)]
    async with engine.begin() as connection:
        assert not await vault.destroy(connection, CASE)
    assert rows(postgres, "select what from vault_access_log") == [("destroyed",), ("destroyed",)]


@pytest.mark.parametrize(
    "meddling",
    [
        f"update vault_content set caseid = '{OTHER}' where caseid = '{CASE}'",
        "update vault_content set field = 'advice' where field = 'text'",
        f"update vault_content set ref = 'vault:another-one' where caseid = '{CASE}'",
        "update vault_content set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)",
        "update vault_content set sealed = 'short'",
        f"update vault_keys set wrapped = (select wrapped from vault_keys where caseid = '{OTHER}')",
    ],
)
async def test_vault_opens_nothing_that_was_moved_or_changed(
    engine: AsyncEngine, postgres: str, meddling: str
) -> None:
    vault, content = a_vault(), words()
    await put(engine, vault, content, words(OTHER))
    with psycopg.connect(postgres) as connection:
        connection.execute(meddling.encode())
    ref = "vault:another-one" if "another" in meddling else content.ref
    with pytest.raises(Unopened):
        await opened(engine, vault, ref)


async def test_rewrap_brings_every_key_under_the_new_master_and_keeps_content_readable(
    engine: AsyncEngine, postgres: str
) -> None:
    contents = [words(f"case-{n:08}") for n in range(25)]
    await put(engine, a_vault(OLD), *contents)
    both = a_vault(NEW, OLD)
    assert await opened(engine, both, contents[0].ref) == contents[0]
    async with engine.begin() as connection:
        assert await both.rewrap(connection) == 25
    async with engine.begin() as connection:
        assert await both.rewrap(connection) == 0
    assert rows(postgres, "select distinct key_id from vault_keys") == [("new",)]
    for content in contents:
        assert await opened(engine, a_vault(NEW), content.ref) == content
    with pytest.raises(Unopened):
        await opened(engine, a_vault(OLD), contents[0].ref)


async def test_vault_gives_one_key_to_a_case_that_two_doors_begin_at_once(
    engine: AsyncEngine, postgres: str
) -> None:
    contents = [[words(f"case-{n:08}") for n in range(30)] for _ in range(4)]
    await asyncio.gather(
        *(put(engine, a_vault(), *reversed(some) if n % 2 else some) for n, some in enumerate(contents))
    )
    assert rows(postgres, "select count(*) from vault_keys") == [(30,)]
    for some in contents:
        assert await opened(engine, a_vault(), some[7].ref) == some[7]


def test_secret_of_a_place_opens_there_alone() -> None:
    sealed = Masters(Ring((OLD,))).seal_secret(b"hush", "linde/team/webhook")
    assert b"hush" not in sealed
    assert Masters(Ring((NEW, OLD))).open_secret(sealed, "linde/team/webhook") == b"hush"
    for masters, place in (
        (Masters(Ring((OLD,))), "linde/team/email"),
        (Masters(Ring((NEW,))), "linde/team/webhook"),
    ):
        with pytest.raises(Unopened):
            masters.open_secret(sealed, place)


def test_ring_is_read_from_text_and_tells_no_key() -> None:
    one, two = new_key_text(), new_key_text()
    ring = Ring.from_text(f"{one}, {two}\n")
    assert [key.id for key in ring.keys] == [one.partition(":")[0], two.partition(":")[0]]
    assert ring.first is ring.keys[0]
    assert all(len(key.secret) == 32 for key in ring.keys)
    assert one.partition(":")[2] not in repr(ring)
    padded = base64.b64encode(b"x" * 32).decode()
    assert Ring.from_text(f"a:{padded}").first.secret == b"x" * 32


@pytest.mark.parametrize(
    "text", ["", "a", "a:", "a:c2hvcnQ=", f"A B:{'A' * 43}", f"a:{'A' * 43},a:{'B' * 43}", f"a:{'!' * 43}"]
)
def test_ring_refuses_what_is_none_without_repeating_it(text: str) -> None:
    with pytest.raises(RingTextError) as told:
        Ring.from_text(text, "SEINHUIS_VAULT_KEY")
    assert "SEINHUIS_VAULT_KEY" in str(told.value)
    assert len(text) < 9 or text not in str(told.value)


def test_keys_come_from_a_variable_or_a_file_and_not_both(tmp_path_factory: pytest.TempPathFactory) -> None:
    text = new_key_text()
    file = tmp_path_factory.mktemp("keys") / "vault"
    file.write_text(text + "\n", encoding="ascii")
    assert KeySettings(vault_key=text).vault_ring() == KeySettings(vault_key_file=str(file)).vault_ring()
    for wrong in (
        KeySettings(vault_key=text, vault_key_file=str(file)),
        KeySettings(),
        KeySettings(vault_key_file=str(file) + "-not"),
    ):
        with pytest.raises(RingTextError):
            wrong.vault_ring()
    assert text not in repr(KeySettings(vault_key=text, register_key=text))
