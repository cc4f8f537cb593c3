"""The register of cases: which case a client's identifier belongs to, and no way back from there.

An identifier is known by its HMAC with each key of the ring, together with its partnership; itself it is never kept.
An identifier that is met by an old key gets its hash by the new one on the way. None = a new case.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.database.copying import copy_into, plain_array
from services.database.tables import case_links, case_register, subjects
from services.gateway.asked import Client
from services.gateway.citizen_numbers import BSN, is_named_one, normal
from services.vault.ring import Ring

#: 80 bits: nobody meets another's by trying, and no two are alike.
_CHANCE_BYTES = 10
#: Joins are seldom, and a chain of two at once would be a ring.
_JOINING = 5_117_002


class Joined(NamedTuple):
    """In which case of a partnership what is new is told, and which other one leads to it since now; None where it did
    before."""

    leads_to: str
    joined: str | None
    partnership: str


class NotJoined(ValueError):
    """These two cases cannot be joined, and why."""


class Whose(NamedTuple):
    """A client of a partnership as the register knows it: one hash a key, in the order of the ring."""

    partnership: str
    hashes: tuple[bytes, ...]


def fresh_ids(prefix: str, count: int) -> list[str]:
    """Ids of chance, such as `case-0f1e2d…`."""
    chance = secrets.token_bytes(_CHANCE_BYTES * count)
    return [
        f"{prefix}-{chance[at : at + _CHANCE_BYTES].hex()}" for at in range(0, len(chance), _CHANCE_BYTES)
    ]


def hashes(ring: Ring, *parts: str) -> tuple[bytes, ...]:
    """One HMAC a key, the first key's first. Parts cannot run into each other."""
    said = b"".join([len(raw).to_bytes(4, "big") + raw for raw in map(str.encode, parts)])
    return tuple([hmac.digest(key.secret, said, "sha256") for key in ring.keys])


def _normal(client: Client) -> tuple[str, str]:
    """System and value, so that one number written in two ways is one client."""
    if is_named_one(client):
        return BSN, normal(client.value)
    return client.system, client.value.strip()


_FIND = text(
    """
    select r.hash, coalesce(l.leads_to, r.caseid) as caseid
    from case_register r left join case_links l on l.caseid = r.caseid
    where r.hash in (select decode(one, 'hex') from unnest(cast(:hashes as text[])) as given (one))
    """
)
_PARTNERSHIPS = text(
    """
    select caseid, partnership from case_register where caseid in :caseids
    union select caseid, partnership from subjects where caseid in :caseids
    """
).bindparams(bindparam("caseids", expanding=True))
_COLUMNS = ("hash", "key_id", "partnership", "caseid", "since_ms")


class Register:
    """One of these a process. Each method is part of a transaction of who calls it."""

    def __init__(self, ring: Ring, now_ms: Callable[[], int]) -> None:
        self._ring = ring
        self._now_ms = now_ms

    def whose(self, partnership: str, client: Client) -> Whose:
        """How the register knows this client of this partnership."""
        return Whose(partnership, hashes(self._ring, "client", partnership, *_normal(client)))

    async def cases(self, connection: AsyncConnection, clients: Collection[Whose]) -> Mapping[Whose, str]:
        """The case of each client, a new one where there is none; raises `Raced`."""
        if not clients:
            return {}
        known = await self._known(connection, [one for client in clients for one in client.hashes])
        found: dict[Whose, str] = {}
        for client in clients:
            caseid = next((known[one] for one in client.hashes if one in known), None)
            if caseid is not None:
                found[client] = caseid
        new = [client for client in clients if client not in found]
        found |= zip(new, fresh_ids("case", len(new)), strict=True)
        # By every key of the ring: two doors that agree on one key cannot give a client two cases.
        rows = sorted(
            (one, key.id, client.partnership, caseid)
            for client, caseid in found.items()
            for one, key in zip(client.hashes, self._ring.keys, strict=True)
            if one not in known
        )
        if rows:
            now_ms = self._now_ms()
            await copy_into(connection, case_register, _COLUMNS, ((*row, now_ms) for row in rows))
        return found

    async def _known(self, connection: AsyncConnection, wanted: list[bytes]) -> dict[bytes, str]:
        rows = await connection.execute(_FIND, {"hashes": plain_array(one.hex() for one in wanted)})
        return {row.hash: row.caseid for row in rows}

    async def roots(self, connection: AsyncConnection, caseids: Collection[str]) -> Mapping[str, str]:
        """The case in which what is new of each of these is told, where that is another."""
        if not caseids:
            return {}
        found = await connection.execute(select(case_links).where(case_links.c.caseid.in_(caseids)))
        return {row.caseid: row.leads_to for row in found}

    async def _root(self, connection: AsyncConnection, caseid: str) -> str:
        return (await self.roots(connection, [caseid])).get(caseid, caseid)

    async def join(self, connection: AsyncConnection, into: str, other: str) -> Joined:
        """Two cases proved to be one person: identifiers of both lead to one from now on.

        What lies in the other case stays there and is answered there: a case is never re-keyed. Raises `NotJoined`.
        """
        await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _JOINING})
        found = (await connection.execute(_PARTNERSHIPS, {"caseids": [into, other]})).all()
        if len({row.partnership for row in found}) > 1:
            raise NotJoined("they belong to different partnerships")
        if unknown := {into, other} - {row.caseid for row in found}:
            raise NotJoined(f"{' and '.join(sorted(unknown))} did not begin at this door")
        root, joined = await self._root(connection, into), await self._root(connection, other)
        if root != joined:
            await connection.execute(
                update(case_links).where(case_links.c.leads_to == joined).values(leads_to=root)
            )
            await connection.execute(
                case_links.insert().values(caseid=joined, leads_to=root, since_ms=self._now_ms())
            )
        return Joined(root, joined if joined != root else None, found[0].partnership)

    async def forget(self, connection: AsyncConnection, caseid: str) -> int:
        """Cuts what leads from an identifier to this case; who is met again is a new case. Says how many were cut."""
        cut = await connection.execute(delete(case_register).where(case_register.c.caseid == caseid))
        await connection.execute(update(subjects).where(subjects.c.caseid == caseid).values(word=None))
        return cut.rowcount
