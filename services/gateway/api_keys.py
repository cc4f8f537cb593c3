"""API keys of parties that have no issuer of tokens: kept as a digest, made once, ended by a date or by hand."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from services.database.engine import transaction
from services.database.tables import api_keys
from services.gateway.tokens import Caller, digest_of

#: How long a database may take to say who it is.
WITHIN_S = 5.0


class ApiKeys:
    """The keys in the database."""

    def __init__(self, engine: AsyncEngine, pepper: str, now_ms: Callable[[], int]) -> None:
        self._engine = engine
        self._pepper = pepper
        self._now_ms = now_ms

    async def find(self, digest: bytes, /) -> Caller | None:
        """Whose key it is, when it holds."""
        now_ms = self._now_ms()
        async with transaction(self._engine, WITHIN_S) as connection:
            row = (await connection.execute(select(api_keys).where(api_keys.c.hash == digest))).first()
        if row is None or row.revoked_ms is not None or (row.expires_ms or now_ms + 1) <= now_ms:
            return None
        return Caller(
            row.party, tuple(row.sources), frozenset(row.partnerships), frozenset(row.scopes), row.label
        )

    async def make(self, caller: Caller, expires_ms: int | None = None) -> str:
        """A new key; it is told once, and nobody can read it back."""
        key = f"shk-{secrets.token_urlsafe(32)}"
        async with transaction(self._engine, WITHIN_S) as connection:
            await connection.execute(
                insert(api_keys).values(
                    hash=digest_of(key, self._pepper),
                    party=caller.party,
                    label=caller.client_id,
                    scopes=sorted(caller.scopes),
                    sources=list(caller.sources),
                    partnerships=sorted(caller.partnerships),
                    created_ms=self._now_ms(),
                    expires_ms=expires_ms,
                )
            )
        return key

    async def revoke(self, key: str) -> bool:
        """Ends a key; says whether there was one that held."""
        async with transaction(self._engine, WITHIN_S) as connection:
            ended = await connection.execute(
                update(api_keys)
                .where(api_keys.c.hash == digest_of(key, self._pepper), api_keys.c.revoked_ms.is_(None))
                .values(revoked_ms=self._now_ms())
            )
        return ended.rowcount > 0
