"""Ladders of the collaboration at the door: who was addressed about a party, under which name, so that they can answer.

Each function is part of a transaction of who calls it. There is no case in it: the name leads to the party and its
ladder, and to nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.collaboration import RungReached
from services.database.tables import ladders
from services.deliveries.alias import signal_alias
from services.gateway.grants import party_of


class Rung(NamedTuple):
    """Parties that were addressed about another: by which ladder of which lane (`partnership/party`), and when."""

    parties: tuple[str, ...]
    lane: str
    collaboration_id: str
    since_ms: int


def rung_of(fact: RungReached, lane: str, at_ms: int) -> Rung:
    """Who can answer to a fact of this lane, each party once."""
    return Rung(tuple(dict.fromkeys(map(party_of, fact.to))), lane, fact.collaboration_id, at_ms)


async def keep(connection: AsyncConnection, rungs: Iterable[Rung], alias_key: bytes) -> None:
    """Notes them; what is told twice is noted once."""
    rows = [
        {
            "alias": signal_alias(alias_key, party, one.collaboration_id),
            "party": party,
            "lane": one.lane,
            "collaboration_id": one.collaboration_id,
            "since_ms": one.since_ms,
        }
        for one in rungs
        for party in one.parties
    ]
    if rows:
        await connection.execute(insert(ladders).on_conflict_do_nothing(), rows)


async def lane_of(connection: AsyncConnection, party: str, alias: str) -> tuple[str, str] | None:
    """Lane and ladder of a name that a party was told."""
    row = (
        await connection.execute(select(ladders).where(ladders.c.alias == alias, ladders.c.party == party))
    ).first()
    return None if row is None else (row.lane, row.collaboration_id)


async def forget(connection: AsyncConnection, before_ms: int) -> None:
    """Forgets whose facts have expired as well."""
    await connection.execute(delete(ladders).where(ladders.c.since_ms < before_ms))
