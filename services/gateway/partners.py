"""Which parties speak Kafka, and in the name of which of their systems: what an inbox is judged by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from services.database.engine import transaction
from services.database.tables import inboxes
from services.gateway.tokens import Claim

WITHIN_S = 5.0


class Allowed(NamedTuple):
    """A party whose inbox is read, or was: `ended_ms` says until when."""

    party: str
    sources: tuple[str, ...]
    since_ms: int
    ended_ms: int | None


class Partners:
    """The parties with an inbox, in the database."""

    def __init__(self, engine: AsyncEngine, now_ms: Callable[[], int]) -> None:
        self._engine = engine
        self._now_ms = now_ms

    async def allow(self, party: str, sources: Sequence[str]) -> None:
        """From now on its inbox is read, and these are its systems; raises pydantic's `ValidationError`."""
        claim = Claim(party=party, sources=tuple(sources))
        row = {"party": claim.party, "sources": list(claim.sources), "since_ms": self._now_ms()}
        # The position stays: what came meanwhile is read, and nothing twice.
        changed = {"sources": row["sources"], "ended_ms": None}
        async with transaction(self._engine, WITHIN_S) as connection:
            await connection.execute(
                insert(inboxes).values(row).on_conflict_do_update(index_elements=["party"], set_=changed)
            )

    async def end(self, party: str) -> bool:
        """Its inbox is read no more; says whether it was."""
        is_read = (inboxes.c.party == party) & inboxes.c.ended_ms.is_(None)
        async with transaction(self._engine, WITHIN_S) as connection:
            ended = await connection.execute(update(inboxes).where(is_read).values(ended_ms=self._now_ms()))
        return ended.rowcount > 0

    async def all(self) -> list[Allowed]:
        """Every party that has or had one, by name."""
        async with transaction(self._engine, WITHIN_S) as connection:
            found = await connection.execute(select(inboxes).order_by(inboxes.c.party))
            return [Allowed(row.party, tuple(row.sources), row.since_ms, row.ended_ms) for row in found]
