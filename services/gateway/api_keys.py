"""API keys of parties that have no issuer of tokens: kept as a digest, made once, ended by a date or by hand."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Collection
from typing import Any, Literal, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from services.database.engine import transaction
from services.database.tables import api_keys
from services.gateway.tokens import Caller, digest_of

#: How long a database may take to say who it is.
WITHIN_S = 5.0
#: That a key is in use is written down so often at most: a request does not pay for it.
USED_EVERY_MS = 3_600_000


#: Why the door takes a key no more: its date is over, or it was ended by hand.
KeyOver = Literal["expired", "revoked"]


class Made(NamedTuple):
    """A new key, told this once; and the name by which it is ended."""

    id: str
    key: str


class Kept(NamedTuple):
    """What is known of a key afterwards. `last_used_ms` is right to the hour; None = never, or before it was kept."""

    id: str
    party: str
    label: str
    scopes: tuple[str, ...]
    partnerships: tuple[str, ...]
    sources: tuple[str, ...]
    created_ms: int
    expires_ms: int | None
    last_used_ms: int | None
    revoked_ms: int | None

    def holds(self, now_ms: int) -> bool:
        """Whether the door takes it at this moment."""
        return self.revoked_ms is None and (self.expires_ms is None or self.expires_ms > now_ms)


def id_of(digest: bytes) -> str:
    """The name of a key: made of its digest, and no way back from there."""
    made = hashlib.sha256(b"name of a key|" + digest).digest()
    return f"key-{base64.b32encode(made).decode().lower()[:12]}"


class ApiKeys:
    """The keys in the database."""

    def __init__(self, engine: AsyncEngine, pepper: str, now_ms: Callable[[], int]) -> None:
        self._engine = engine
        self._pepper = pepper
        self._now_ms = now_ms

    async def find(self, digest: bytes, /) -> Caller | None:
        """Whose key it is, when it holds."""
        now_ms = self._now_ms()
        mine = api_keys.c.hash == digest
        async with transaction(self._engine, WITHIN_S) as connection:
            row = (await connection.execute(select(api_keys).where(mine))).first()
            if row is None or not _kept(row).holds(now_ms):
                return None
            if row.last_used_ms is None or row.last_used_ms + USED_EVERY_MS <= now_ms:
                await connection.execute(update(api_keys).where(mine).values(last_used_ms=now_ms))
        return Caller(
            row.party, tuple(row.sources), frozenset(row.partnerships), frozenset(row.scopes), row.label
        )

    async def over(self, digests: Collection[bytes]) -> dict[bytes, KeyOver]:
        """Of these keys those that the door takes no more, by one question for all of them."""
        now_ms = self._now_ms()
        async with transaction(self._engine, WITHIN_S) as connection:
            found = await connection.execute(select(api_keys).where(api_keys.c.hash.in_(digests)))
            kept = {bytes(row.hash): _kept(row) for row in found}
        over: dict[bytes, KeyOver] = {}
        for digest in digests:
            one = kept.get(digest)
            if one is None or one.revoked_ms is not None:
                over[digest] = "revoked"
            elif not one.holds(now_ms):
                over[digest] = "expired"
        return over

    async def make(self, caller: Caller, expires_ms: int | None = None) -> Made:
        """A new key; it is told once, and nobody can read it back."""
        key = f"shk-{secrets.token_urlsafe(32)}"
        digest = digest_of(key, self._pepper)
        async with transaction(self._engine, WITHIN_S) as connection:
            await connection.execute(
                insert(api_keys).values(
                    hash=digest,
                    party=caller.party,
                    label=caller.client_id,
                    scopes=sorted(caller.scopes),
                    sources=list(caller.sources),
                    partnerships=sorted(caller.partnerships),
                    created_ms=self._now_ms(),
                    expires_ms=expires_ms,
                )
            )
        return Made(id_of(digest), key)

    async def all(self) -> list[Kept]:
        """Every key there was, by party and then the oldest first."""
        async with transaction(self._engine, WITHIN_S) as connection:
            found = await connection.execute(
                select(api_keys).order_by(api_keys.c.party, api_keys.c.created_ms)
            )
            return [_kept(row) for row in found]

    async def revoke(self, key_id: str) -> Kept | None:
        """Ends the key of this name; says how it stood until then, nothing where there is no such key."""
        async with transaction(self._engine, WITHIN_S) as connection:
            found = await connection.execute(select(api_keys).with_for_update())
            row = next((one for one in found if id_of(one.hash) == key_id), None)
            if row is None:
                return None
            if row.revoked_ms is None:
                mine = api_keys.c.hash == row.hash
                await connection.execute(update(api_keys).where(mine).values(revoked_ms=self._now_ms()))
        return _kept(row)


def _kept(row: Any) -> Kept:
    return Kept(
        id=id_of(row.hash),
        party=row.party,
        label=row.label,
        scopes=tuple(row.scopes),
        partnerships=tuple(row.partnerships),
        sources=tuple(row.sources),
        created_ms=row.created_ms,
        expires_ms=row.expires_ms,
        last_used_ms=row.last_used_ms,
        revoked_ms=row.revoked_ms,
    )
