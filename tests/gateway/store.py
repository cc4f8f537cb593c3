"""The storage side of a door for tests: on a database of its own, with a broker that is real or one that fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.base import Said
from schemas.signals import AcknowledgeSignal, ReportSignal
from services.database.engine import engine_of
from services.database.settings import DatabaseSettings
from services.gateway.asked import Asked, Client
from services.gateway.intake import Intake, Known, Sends
from services.gateway.register import Register
from services.runtime.reach import BrokerUnreachable
from services.runtime.send import Outgoing
from services.runtime.steady import Lies
from services.vault.ring import Key, Ring
from services.vault.sealing import Masters
from services.vault.vault import Vault

NOW_MS = 1_795_420_800_000
ONE, TWO = Key("one", b"1" * 32), Key("two", b"2" * 32)
RING = Ring((ONE,))
ALIAS_KEY = b"a" * 32
SOURCE = "urn:nld:oin:00000000000000000001:systeem:ecd"


class Log:
    """A broker's log in memory, for what is about the database alone; `is_up = False`: nobody answers."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []
        self.is_up = True

    async def send_all(self, outgoing: Sequence[Outgoing]) -> list[Lies]:
        if not self.is_up:
            raise BrokerUnreachable("nowhere", "down")
        first = len(self.records)
        self.records += outgoing
        return [Lies(0, first + n) for n in range(len(outgoing))]

    def ids(self) -> list[str]:
        return [dict(record.headers)["ce_id"].decode() for record in self.records]


class Store(NamedTuple):
    """A door's storage side."""

    engine: AsyncEngine
    sends: Sends
    register: Register
    vault: Vault
    intake: Intake


@asynccontextmanager
async def a_store(
    url: str,
    sends: Sends,
    *,
    ring: Ring = RING,
    known: Known | None = None,
    now_ms: Callable[[], int] = lambda: NOW_MS,
) -> AsyncIterator[Store]:
    engine = engine_of(DatabaseSettings(database=url))
    register, vault = Register(ring, now_ms), Vault(Masters(ring), now_ms)
    intake = Intake(
        engine,
        sends,
        register=register,
        vault=vault,
        ring=ring,
        alias_key=ALIAS_KEY,
        now_ms=now_ms,
        known=known,
    )
    try:
        yield Store(engine, sends, register, vault, intake)
    finally:
        await engine.dispose()


def a_report(  # noqa: PLR0913
    event_id: str = "event-1",
    *,
    client: str | None = None,
    system: str = "ecd",
    subject: str | None = None,
    partnership: str = "de-vlier",
    party: str = "linde",
    source: str = SOURCE,
    case_alias: str | None = None,
    content: Mapping[str, Mapping[str, str]] | None = None,
) -> Asked:
    values = {"urgency": "urgent", "types": ["nursing"], "reporter": {"kind": "professional", "party": party}}
    return Asked(
        party,
        source,
        event_id,
        ReportSignal,
        values,
        partnership,
        subject=subject,
        case_alias=case_alias,
        client=Client(system, client) if client else None,
        content=content or {},
    )


def an_answer(  # noqa: PLR0913
    subject: str,
    event_id: str = "event-2",
    *,
    party: str = "linde",
    source: str = SOURCE,
    command: type[Said] = AcknowledgeSignal,
    values: Mapping[str, object] | None = None,
    content: Mapping[str, Mapping[str, str]] | None = None,
) -> Asked:
    by = {"by": {"contact": f"{party}/team"}}
    return Asked(
        party,
        source,
        event_id,
        command,
        {**by, **(values or {})},
        "de-vlier",
        subject=subject,
        content=content or {},
    )


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def dump(url: str) -> str:
    """All rows of all tables as text, as a backup would hold them; bytes in hexadecimal."""
    with psycopg.connect(url) as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        whole = []
        for (name,) in names:
            with connection.cursor() as cursor, cursor.copy(f"copy {name} to stdout".encode()) as copied:
                whole.append(b"".join(bytes(block) for block in copied).decode())
    return "\n".join(whole)
