"""Words that lie in the vault before an event refers to them: whose they are, in which case, and for how long.

Each function is part of a transaction of who calls it. A reference can be named for a week; words that no event named
by then are deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.database.copying import Raced
from services.database.tables import uploads
from services.gateway.asked import Asked

#: For so long an event may refer to them.
NAMEABLE_MS = 7 * 24 * 3_600_000
FORGOTTEN_AT_ONCE = 500


class Upload(NamedTuple):
    """Words of a party in a case, and how long they are.

    `case_alias`: by which the party may begin something in the case; empty where it named the case by a signal or by
    such a name, for then what it may do there is not the words' to say.
    """

    ref: str
    party: str
    partnership: str
    caseid: str
    case_alias: str
    chars: int


class Uploaded(NamedTuple):
    """The words that events of a batch may refer to, by party and reference, and which cases were joined to which."""

    of: Mapping[str, Mapping[str, Upload]]
    roots: Mapping[str, str]

    def wrong(self, asked: Asked, caseid: str) -> str | None:
        """Where an event refers to what its party may not name in this case. It is not told why: whoever tries would
        learn what there is."""
        mine = self.of.get(asked.party, {})
        for at, ref in asked.refs:
            one = mine.get(ref)
            if (
                one is None
                or one.partnership != asked.partnership
                or self._root(one.caseid) != self._root(caseid)
            ):
                return at
        return None

    def chars(self, asked: Asked) -> int:
        """How long the words are to which an event refers."""
        return sum(self.of[asked.party][ref].chars for ref in {ref for _, ref in asked.refs})

    def _root(self, caseid: str) -> str:
        return self.roots.get(caseid, caseid)


NONE = Uploaded({}, {})

_FIND = text(
    """
    select ref, party, partnership, caseid, case_alias, chars from uploads
    where ref = any(cast(:refs as text[])) and party = :party
    """
)
#: Held until the transaction ends: what is being referred to is not let go of meanwhile. In one order, so that no two
#: events that refer to the same words wait for each other.
_HOLD = text(f"{_FIND.text} order by ref for update")
_STAYED = text(
    """
    select ref, caseid, sum(chars) as chars from vault_content
    where ref = any(cast(:refs as text[])) group by ref, caseid
    """
)
_USE = text("update uploads set used_ms = coalesce(used_ms, :now_ms) where ref = any(cast(:refs as text[]))")
_FORGET = text(
    """
    with gone as (
        delete from uploads where ref in (
            select ref from uploads where since_ms < :before_ms order by since_ms limit :most for update skip locked
        ) returning ref, used_ms
    ), let_go as (
        delete from vault_content where ref in (select ref from gone where used_ms is null)
    )
    select count(*) from gone
    """
)


async def found(connection: AsyncConnection, party: str, refs: Sequence[str]) -> Upload | None:
    """The words that a party put under one of these references; None when there are none."""
    rows = await connection.execute(_FIND, {"refs": list(refs), "party": party})
    return next((Upload(*row) for row in rows), None)


async def stayed(connection: AsyncConnection, refs: Sequence[str]) -> tuple[str, str, int] | None:
    """Reference, case and length of words that an event named long ago; None when none of these is in the vault."""
    row = (await connection.execute(_STAYED, {"refs": list(refs)})).first()
    return None if row is None else (row.ref, row.caseid, row.chars)


async def add(connection: AsyncConnection, upload: Upload, now_ms: int, *, is_used: bool = False) -> None:
    """Notes words that are put into the vault; raises `Raced` when another request of the same key was quicker.

    `is_used`: an event named them before, so that they stay.
    """
    row = {**upload._asdict(), "since_ms": now_ms, "used_ms": now_ms if is_used else None}
    added = insert(uploads).values(row).on_conflict_do_nothing().returning(uploads.c.ref)
    if (await connection.execute(added)).first() is None:
        raise Raced


async def hold(connection: AsyncConnection, party: str, refs: Collection[str]) -> Mapping[str, Upload]:
    """Of these references those that this party may name, until the transaction ends."""
    rows = await connection.execute(_HOLD, {"refs": sorted(refs), "party": party})
    return {row.ref: Upload(*row) for row in rows}


async def use(connection: AsyncConnection, refs: Collection[str], now_ms: int) -> None:
    """An event refers to these: they stay as long as their case."""
    await connection.execute(_USE, {"refs": sorted(refs), "now_ms": now_ms})


async def forget(connection: AsyncConnection, now_ms: int) -> int:
    """Lets go of what was put there more than a week ago, a bounded number: of words that no event named with all there
    is of them. Says how many."""
    gone = await connection.execute(_FORGET, {"before_ms": now_ms - NAMEABLE_MS, "most": FORGOTTEN_AT_ONCE})
    return int(gone.scalar_one())
