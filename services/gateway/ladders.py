"""Ladders of the collaboration at the door: who was addressed about a party, under which name, so that they can answer.

Each function is part of a transaction of who calls it. There is no case in it: the name leads to the party and its
ladder, and to nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import read
from schemas.collaboration import RungReached
from schemas.envelope import EnvelopeError
from schemas.structured import decode_either
from services.agreements.moments import milliseconds
from services.database.tables import ladders
from services.deliveries.alias import signal_alias
from services.gateway.grants import party_of
from services.runtime.job import Record


class Addressed(NamedTuple):
    """A party that was addressed about another: by which ladder of which lane (`partnership/party`), and when."""

    party: str
    lane: str
    collaboration_id: str
    since_ms: int


def addressed_by(record: Record) -> Iterator[Addressed]:
    """Who is addressed by a record; nobody, where it is another fact or cannot be read."""
    try:
        envelope, data = decode_either(record.headers, record.value)
        if envelope.type != RungReached.type_name():
            return
        fact = read(RungReached, data)
        at_ms = milliseconds(datetime.fromisoformat(envelope.recordedtime))
    except (EnvelopeError, ValidationError, ValueError):
        return
    for party in dict.fromkeys(map(party_of, fact.to)):
        yield Addressed(party, envelope.subject, fact.collaboration_id, at_ms)


async def keep(connection: AsyncConnection, found: Iterable[Addressed], alias_key: bytes) -> None:
    """Notes them; what is told twice is noted once."""
    rows = [
        {**one._asdict(), "alias": signal_alias(alias_key, one.party, one.collaboration_id)} for one in found
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
