"""The rooms of the door in which a party reads, and what runs beside them for as long as the process lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from fastapi import APIRouter

from services.database.engine import DatabaseUnreachable
from services.gateway import addresses, content, internal, links, looking, stream
from services.gateway.api_keys import ApiKeys
from services.gateway.door import Door
from services.gateway.leases import Leases
from services.gateway.reading import STALE_AFTER_S, Reading, Setting
from services.gateway.reading_settings import ReadingSettings
from services.gateway.sealed_link import Seals
from services.gateway.stream import Streams
from services.gateway.tailing import Deliveries
from services.vault.sealing import Masters
from services.vault.settings import KeySettings

ROUTERS: Sequence[APIRouter] = (
    content.router,
    stream.router,
    looking.router,
    addresses.router,
    links.router,
    internal.router,
)
READING = "reading"
_DAY_MS = 86_400_000


@asynccontextmanager
async def reading(door: Door, settings: ReadingSettings, *, alias_key: bytes) -> AsyncIterator[None]:
    """Reads facts and deliveries; left, another process may take over the facts at once."""
    runtime, security = door.runtime, door.security or None
    facts = Reading(
        door.engine,
        Setting(
            runtime.kafka,
            alias_key,
            settings.gateway_access_days * _DAY_MS,
            security=security,
            is_transactional=runtime.transactions == "on",
            now_ms=door.clock.now_ms,
        ),
    )
    keys = ApiKeys(door.engine, door.settings.key_pepper, door.clock.now_ms)
    leases = Leases(door.takes_part, keys.over)
    streams = Streams(Deliveries(runtime.kafka, security=security), door.stopping, leases)
    door.parts[READING], door.parts[stream.PART] = facts, streams
    door.parts[internal.PART] = settings.service_token
    door.parts[addresses.PART] = Masters(KeySettings().vault_ring())
    if settings.link_key:
        door.parts[links.PART] = Seals(settings.link_key.encode())
    door.checks.append(lambda: "facts_not_read" if facts.age_s() > STALE_AFTER_S else None)
    door.checks.append(lambda: None if streams.deliveries.standing.is_set() else "deliveries_not_read")
    tasks = [
        asyncio.create_task(facts.run(), name="facts"),
        asyncio.create_task(streams.run(), name="streams"),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        with suppress(DatabaseUnreachable):
            await facts.leave()
