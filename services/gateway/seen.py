"""What a party sees of signals: the ones it was asked or wrote, by its own names of them, while its access holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.gateway import ReadGround
from services.database.engine import transaction
from services.database.tables import case_links, entities, entity_content, grants, vault_content
from services.gateway import ladders
from services.gateway.grants import ALL, ground_to_read
from services.gateway.kept import grant_of

#: A party may hear of a signal before we have read the same facts: what is not found is looked for again after these.
AGAIN_AFTER_S = (0.1, 0.2, 0.3, 0.4)

T = TypeVar("T")


async def found_soon(look: Callable[[], Awaitable[T | None]]) -> T | None:
    """What is found now or within a second; who asks for what is not there waits that long for his no."""
    for wait_s in AGAIN_AFTER_S:
        if (found := await look()) is not None:
            return found
        await asyncio.sleep(wait_s)
    return await look()


class Reach(NamedTuple):
    """Content that a party may read now: of which signal, and on what ground.

    `sealed_in`: the case whose key opens it, another one only where the two were joined.
    """

    entity: str
    caseid: str
    partnership: str
    ground: ReadGround
    sealed_in: str


class Seen(NamedTuple):
    """A signal as its party may see it: thin. `due_ms` is what is owed on it next."""

    entity: str
    caseid: str
    partnership: str
    entity_alias: str
    case_alias: str
    state: str
    urgency: str
    due_ms: int | None
    taken_by: str | None
    content_refs: tuple[str, ...]


def holds(now_ms: int) -> ColumnElement[bool]:
    """Grants that have not ended."""
    return or_(grants.c.ended_ms.is_(None), grants.c.ended_ms > now_ms)


def root(caseid: ColumnElement[str]) -> ColumnElement[str]:
    """The case to which a case was joined; itself, where it was not."""
    leads_to = select(case_links.c.leads_to).where(case_links.c.caseid == caseid).scalar_subquery()
    return func.coalesce(leads_to, caseid)


async def reach(connection: AsyncConnection, party: str, ref: str, now_ms: int) -> Reach | None:
    """Why this party may read this reference now; None when it may not, or when there is none: it is not told which.

    A reference that somebody names is no ground by itself: the words have to lie in the case of the signal, or in one
    that was joined with it, and what several signals refer to is nobody's own.
    """
    sealed_in = select(vault_content.c.caseid).where(vault_content.c.ref == ref).limit(1).scalar_subquery()
    carried = (
        await connection.execute(
            select(entity_content, entities.c.caseid, entities.c.partnership, sealed_in.label("sealed_in"))
            .join(entities, entities.c.entity == entity_content.c.entity)
            .where(entity_content.c.content_ref == ref, root(entities.c.caseid) == root(sealed_in))
            .order_by(entity_content.c.entity)
        )
    ).all()
    for row in carried:
        granted = await connection.execute(
            select(grants).where(grants.c.entity == row.entity, grants.c.party == party, holds(now_ms))
        )
        wrote = row.wrote if len(carried) == 1 else None
        ground = ground_to_read([grant_of(one) for one in granted], ref, wrote)
        if ground is not None:
            return Reach(row.entity, row.caseid, row.partnership, ground, row.sealed_in)
    return None


async def seen(connection: AsyncConnection, party: str, alias: str, now_ms: int) -> Seen | None:
    """The signal of this name, as the party may see it now."""
    granted = (
        await connection.execute(
            select(grants).where(grants.c.party == party, grants.c.entity_alias == alias, holds(now_ms))
        )
    ).all()
    if not granted:
        return None
    entity = granted[0].entity
    one = (await connection.execute(select(entities).where(entities.c.entity == entity))).one()
    written = await connection.execute(select(entity_content).where(entity_content.c.entity == entity))
    those = [grant_of(row) for row in granted]
    return Seen(
        entity,
        one.caseid,
        one.partnership,
        granted[0].entity_alias,
        granted[0].case_alias,
        one.state,
        one.urgency,
        min((due[3] for due in one.dues), default=None),
        one.taken_by,
        tuple(
            sorted(row.content_ref for row in written if ground_to_read(those, row.content_ref, row.wrote))
        ),
    )


class Granted:
    """What a party may name by an alias that it was told, for the intake."""

    def __init__(self, engine: AsyncEngine, now_ms: Callable[[], int]) -> None:
        self._engine = engine
        self._now_ms = now_ms

    async def entity_of(self, party: str, alias: str) -> tuple[str, str] | None:
        """Case and entity of an entity's alias; of a ladder's, the lane of its party and the ladder."""
        found = await self._first(and_(grants.c.party == party, grants.c.entity_alias == alias))
        if found is None:
            async with transaction(self._engine) as connection:
                found = await ladders.lane_of(connection, party, alias)
        return found

    async def case_of(self, party: str, alias: str) -> str | None:
        """The case of a case's alias: only of whoever was asked; a letter is no reason to begin in it."""
        row = await self._first(
            and_(grants.c.party == party, grants.c.case_alias == alias, grants.c.content_ref == ALL)
        )
        return row[0] if row else None

    async def _first(self, which: ColumnElement[bool]) -> tuple[str, str] | None:
        async with transaction(self._engine) as connection:
            found = await connection.execute(
                select(grants.c.caseid, grants.c.entity).where(which, holds(self._now_ms())).limit(1)
            )
            row = found.first()
        return None if row is None else (row.caseid, row.entity)
