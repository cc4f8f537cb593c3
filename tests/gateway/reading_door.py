"""A door whose reading side is real: database, broker, tokens, and a server that listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp

from services.agreements.directory_book import DirectoryBook
from services.database.engine import engine_of, transaction
from services.database.settings import DatabaseSettings
from services.gateway import kept
from services.gateway.app import make_app
from services.gateway.door import Door
from services.gateway.grants import Heard as GrantsHeard
from services.gateway.grants import Known, hear
from services.gateway.limits import Limits
from services.gateway.server import Server
from services.gateway.settings import GatewaySettings
from services.gateway.tokens import Tokens
from services.runtime.clock import Clock
from services.runtime.settings import RuntimeSettings
from services.vault.ring import Key as VaultKey
from services.vault.ring import Ring
from services.vault.sealing import Masters
from services.vault.vault import Content, Vault
from tests.gateway.doors import Heard, Keeping, a_book
from tests.gateway.minted import AUDIENCE, ISSUER, Key, a_key, a_token, written

ALIAS_KEY = b"alias key of a test"


@dataclass
class Standing:
    """A door that listens."""

    door: Door
    key: Key
    intake: Keeping
    facts: Heard
    url: str

    def bearer(self, **changed: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {a_token(self.key, **changed)}"}

    def of(self, party: str) -> dict[str, str]:
        """A token of another party."""
        source = "urn:nld:oin:00000000000000000009:systeem:test"
        return self.bearer(seinhuis={"party": party, "sources": [source], "partnerships": ["de-vlier"]})

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, timeout=30)


def a_door(tmp_path: Path, broker: str, database: str, **settings: Any) -> tuple[Door, Key, Keeping, Heard]:
    """All of its parts; an intake and facts of its own that are kept by the test."""
    key = a_key()
    told = GatewaySettings(
        issuer=ISSUER, audience=AUDIENCE, jwks=written(tmp_path / "keys.json", key), **settings
    )
    intake, facts = Keeping(), Heard()
    door = Door(
        settings=told,
        runtime=RuntimeSettings(kafka=broker, transactions="off"),
        clock=Clock(),
        engine=engine_of(DatabaseSettings(database=database)),
        agreements=a_book(),
        directory=DirectoryBook(),
        intake=intake,
        own_facts=facts,
        tokens=Tokens(told),
        limits=Limits(told),
    )
    return door, key, intake, facts


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[tuple[str, Server]]:
    """The application at an address of this machine, until it is left."""
    server = Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=8,
        )
    )
    serving = asyncio.create_task(server.serve())
    ends_s = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < ends_s and not serving.done()
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def standing(door: Door, key: Key, intake: Keeping, facts: Heard) -> AsyncIterator[Standing]:
    """Serves it; what runs beside is the test's to start and end, and the engine to dispose of after it."""
    async with served(make_app(door)) as (url, _):
        try:
            yield Standing(door, key, intake, facts, url)
        finally:
            door.stopping.set()


async def seed(engine: AsyncEngine, *stories: Sequence[GrantsHeard], keep_ms: int = 30 * 86_400_000) -> None:
    """Rows as the reader would have made them of these facts."""
    known: dict[str, Known] = {}
    for heard in (one for story in stories for one in story):
        known[heard.entity] = hear(known.get(heard.entity), heard, keep_ms)
    async with transaction(engine) as connection:
        await kept.save(connection, {}, known.values(), ALIAS_KEY)


def a_vault() -> Vault:
    """A vault with a key of this test."""
    return Vault(Masters(Ring((VaultKey("one", b"1" * 32),))), lambda: int(time.time() * 1000))


async def put(door: Door, caseid: str, ref: str, **fields: str) -> None:
    """Words in the vault of a door."""
    async with transaction(door.engine) as connection:
        await door.parts["vault"].put(connection, [Content(caseid, ref, fields)])
