"""Keeps what people write, by named field, and gives it to who may read it; each opening is a line of the log.

All of it happens in a transaction of who asks. Whether somebody may read is not decided here: that is the door's, by
grants. A case's key can be destroyed, and then nobody opens its content again, whoever has the master key.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ARRAY, LargeBinary, Text, bindparam, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.database.copying import copy_into, plain_array
from services.database.tables import vault_access_log, vault_content, vault_keys
from services.vault.sealing import Masters, Unopened, open_sealed, seal

_REF_BYTES = 18
#: Keys wrapped anew in one transaction.
REWRAP_MAX = 1_000


class CaseDestroyed(Exception):
    """The keys of these cases were destroyed: nothing of them can be opened, and nothing be added."""

    def __init__(self, caseids: Collection[str]) -> None:
        super().__init__(f"the keys of {len(caseids)} cases were destroyed")
        self.caseids = frozenset(caseids)


class NotInVault(Exception):
    """There is no such content, or no such field of it."""


class Content(NamedTuple):
    """Words under a reference: the text of each named field."""

    caseid: str
    ref: str
    fields: Mapping[str, str]

    @property
    def chars(self) -> int:
        """How long it is, as a person counts: characters of all its fields."""
        return sum(map(len, self.fields.values()))


class Reading(NamedTuple):
    """Who opens it, what for, and on what ground; `fact_id` is the ContentRead that was told before."""

    party: str
    purpose: str
    ground: str
    actor_ref: str | None = None
    fact_id: str | None = None


def new_ref() -> str:
    """A reference that says nothing."""
    return f"vault:{secrets.token_urlsafe(_REF_BYTES)}"


_ADD_KEYS = text(
    """
    insert into vault_keys (caseid, key_id, wrapped, since_ms)
    select caseid, :key_id, wrapped, :now_ms from unnest(:caseids, :wrapped) as given (caseid, wrapped)
    on conflict (caseid) do nothing
    returning caseid
    """
).bindparams(bindparam("caseids", type_=ARRAY(Text)), bindparam("wrapped", type_=ARRAY(LargeBinary)))

_CONTENT = ("ref", "field", "caseid", "sealed", "chars", "since_ms")


class Vault:
    """One of these a process; it holds the master keys, and no key of a case for longer than a transaction."""

    def __init__(self, masters: Masters, now_ms: Callable[[], int]) -> None:
        self._masters = masters
        self._now_ms = now_ms

    async def put(self, connection: AsyncConnection, contents: Sequence[Content]) -> None:
        """Keeps content, that of new cases under new keys; raises `CaseDestroyed`."""
        if not contents:
            return
        keys = await self._keys(connection, sorted({content.caseid for content in contents}))
        rows = [
            (content.ref, name, content.caseid, words)
            for content in contents
            for name, words in content.fields.items()
        ]
        now_ms = self._now_ms()
        await copy_into(
            connection,
            vault_content,
            _CONTENT,
            (
                (
                    ref,
                    name,
                    caseid,
                    seal(keys[caseid], words.encode(), _place(caseid, ref, name)),
                    len(words),
                    now_ms,
                )
                for ref, name, caseid, words in rows
            ),
        )

    async def open(
        self, connection: AsyncConnection, ref: str, reading: Reading, fields: Collection[str] | None = None
    ) -> Content:
        """The words of a reference, or of some of its fields, after the log has its line."""
        found = select(vault_content).where(vault_content.c.ref == ref).order_by(vault_content.c.field)
        rows = (await connection.execute(found)).all()
        if not rows or (fields is not None and not {row.field for row in rows}.issuperset(fields)):
            raise NotInVault(ref)
        caseid = rows[0].caseid
        await self._log(connection, "opened", caseid, ref, reading)
        key = await self._key(connection, caseid)
        words = {
            row.field: open_sealed(key, row.sealed, _place(caseid, ref, row.field)).decode()
            for row in rows
            if fields is None or row.field in fields
        }
        return Content(caseid, ref, words)

    async def destroy(self, connection: AsyncConnection, caseid: str, party: str | None = None) -> bool:
        """Destroys the key of a case; says whether there was one. A case without one gets none any more."""
        now_ms = self._now_ms()
        await connection.execute(
            text(
                "insert into vault_keys (caseid, key_id, wrapped, since_ms) values (:caseid, '', null, :now_ms) "
                "on conflict (caseid) do nothing"
            ),
            {"caseid": caseid, "now_ms": now_ms},
        )
        was = (
            await connection.execute(
                select(vault_keys.c.wrapped).where(vault_keys.c.caseid == caseid).with_for_update()
            )
        ).scalar_one()
        await connection.execute(
            update(vault_keys)
            .where(vault_keys.c.caseid == caseid, vault_keys.c.destroyed_ms.is_(None))
            .values(wrapped=None, key_id="", destroyed_ms=now_ms)
        )
        await self._log(connection, "destroyed", caseid, None, Reading(party or "", "", ""))
        return was is not None

    async def rewrap(self, connection: AsyncConnection) -> int:
        """Wraps keys that are under another master key anew, a bounded number; says how many. 0 = none is left.

        Other processes may do the same at the same time. When none is left, the old master key can go, and with it
        whatever a backup still holds of destroyed keys.
        """
        masters = self._masters
        waiting = (
            select(vault_keys.c.caseid, vault_keys.c.key_id, vault_keys.c.wrapped)
            .where(vault_keys.c.key_id != masters.first_id, vault_keys.c.wrapped.is_not(None))
            .limit(REWRAP_MAX)
            .with_for_update(skip_locked=True)
        )
        rows = (await connection.execute(waiting)).all()
        if rows:
            await connection.execute(
                update(vault_keys)
                .where(vault_keys.c.caseid == bindparam("of"))
                .values(key_id=masters.first_id, wrapped=bindparam("anew")),
                [
                    {
                        "of": row.caseid,
                        "anew": masters.wrap(row.caseid, masters.unwrap(row.caseid, row.key_id, row.wrapped)),
                    }
                    for row in rows
                ],
            )
        return len(rows)

    async def _keys(self, connection: AsyncConnection, caseids: list[str]) -> dict[str, AESGCM]:
        found = await self._found(connection, caseids)
        missing = [caseid for caseid in caseids if caseid not in found]
        if missing:
            made = {caseid: self._masters.new_case_key(caseid) for caseid in missing}
            added = await connection.execute(
                _ADD_KEYS,
                {
                    "key_id": self._masters.first_id,
                    "now_ms": self._now_ms(),
                    "caseids": missing,
                    "wrapped": [made[caseid][1] for caseid in missing],
                },
            )
            ours = set(added.scalars())
            found |= {caseid: AESGCM(made[caseid][0]) for caseid in ours}
            # Whoever was quicker has committed by now: the insert waited for it.
            found |= await self._found(connection, [caseid for caseid in missing if caseid not in ours])
        return found

    async def _found(self, connection: AsyncConnection, caseids: list[str]) -> dict[str, AESGCM]:
        if not caseids:
            return {}
        rows = await connection.execute(
            text(
                "select caseid, key_id, wrapped from vault_keys where caseid = any(cast(:caseids as text[]))"
            ),
            {"caseids": plain_array(caseids)},
        )
        keys = {row.caseid: row for row in rows}
        if destroyed := [caseid for caseid, row in keys.items() if row.wrapped is None]:
            raise CaseDestroyed(destroyed)
        return {
            caseid: AESGCM(self._masters.unwrap(caseid, row.key_id, row.wrapped))
            for caseid, row in keys.items()
        }

    async def _key(self, connection: AsyncConnection, caseid: str) -> AESGCM:
        found = await self._found(connection, [caseid])
        if caseid not in found:
            raise Unopened
        return found[caseid]

    async def _log(
        self, connection: AsyncConnection, what: str, caseid: str, ref: str | None, reading: Reading
    ) -> None:
        await connection.execute(
            insert(vault_access_log).values(
                at_ms=self._now_ms(),
                what=what,
                caseid=caseid,
                ref=ref,
                party=reading.party or None,
                actor_ref=reading.actor_ref,
                purpose=reading.purpose or None,
                ground=reading.ground or None,
                fact_id=reading.fact_id,
            )
        )


def _place(caseid: str, ref: str, field: str) -> bytes:
    return f"content|{caseid}|{ref}|{field}".encode()
