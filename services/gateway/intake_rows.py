"""The rows of the intake: what a batch reads and writes, each in one statement, whatever its size.

Rows are written in the order of their keys, table after table in one order: two batches may wait for each other's
row, and never both at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import ARRAY, BigInteger, Integer, LargeBinary, Row, Text, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.agreements.moments import moment
from services.gateway.register import Raced
from services.runtime.job import Header
from services.runtime.send import Outgoing
from services.runtime.steady import Lies
from services.vault.vault import Content

#: Case and entity.
Place = tuple[str, str]
#: Party and the alias it used.
Used = tuple[str, str]


class Owed(NamedTuple):
    """A record that is committed and not acknowledged."""

    command_id: str
    outgoing: Outgoing


class Named(NamedTuple):
    """What the names that parties used lead to."""

    words: dict[bytes, Place]
    entities: dict[Used, Place]
    cases: dict[Used, str]


class Entry(NamedTuple):
    """A new event with all that was allotted to it, and the exact record it becomes."""

    command_id: str
    party: str
    partnership: str
    entity: str
    caseid: str
    topic: str
    value: bytes
    headers: list[Header]
    word: bytes | None
    entity_alias: str
    case_alias: str
    contents: list[Content]
    is_born: bool

    @property
    def owed(self) -> Owed:
        return Owed(self.command_id, Outgoing(self.topic, self.caseid.encode(), self.value, self.headers))


class Met(NamedTuple):
    """An event that was taken in, now or before. `lies` is missing as long as it is owed."""

    command_id: str
    entity: str
    caseid: str
    topic: str
    lies: Lies | None
    new: Entry | None = None


def _sql(statement: str, **arrays: type[Text | LargeBinary | Integer | BigInteger]) -> TextClause:
    return text(statement).bindparams(*(bindparam(name, type_=ARRAY(kind)) for name, kind in arrays.items()))


_MET = _sql(
    """
    select command_id, entity, caseid, topic, is_owed, partition, position
    from intake where command_id = any(:ids)
    """,
    ids=Text,
)
_OWED_TO = _sql(
    """
    select command_id, topic, caseid, value, headers from intake
    where is_owed and caseid = any(:caseids) order by number limit :most
    """,
    caseids=Text,
)
_BY_WORD = _sql("select word, caseid, entity from subjects where word = any(:words)", words=LargeBinary)
_BY_ALIAS = _sql(
    "select party, entity_alias, caseid, entity from subjects where entity_alias = any(:aliases)",
    aliases=Text,
)
_BY_CASE_ALIAS = _sql(
    "select distinct party, case_alias, caseid from subjects where case_alias = any(:aliases)", aliases=Text
)
_ADD_INTAKE = _sql(
    """
    insert into intake (command_id, number, party, entity, caseid, topic, recorded_ms, value, headers)
    select command_id, number, party, entity, caseid, topic, :at_ms, value, headers
    from unnest(:ids, :numbers, :parties, :entities, :caseids, :topics, :values, :headers)
        as given (command_id, number, party, entity, caseid, topic, value, headers)
    on conflict (command_id) do nothing
    """,
    ids=Text,
    numbers=BigInteger,
    parties=Text,
    entities=Text,
    caseids=Text,
    topics=Text,
    values=LargeBinary,
    headers=LargeBinary,
)
_ADD_SUBJECTS = _sql(
    """
    insert into subjects (entity, party, caseid, partnership, entity_alias, case_alias, word, since_ms)
    select entity, party, caseid, partnership, entity_alias, case_alias, word, :at_ms
    from unnest(:entities, :parties, :caseids, :partnerships, :entity_aliases, :case_aliases, :words)
        as given (entity, party, caseid, partnership, entity_alias, case_alias, word)
    on conflict do nothing
    """,
    entities=Text,
    parties=Text,
    caseids=Text,
    partnerships=Text,
    entity_aliases=Text,
    case_aliases=Text,
    words=LargeBinary,
)
_NEXT_BATCH = text("select nextval('intake_batches')")
#: How many events one batch may have at most, as bits of their numbers.
_BATCH_BITS = 20
_NOTE_SENT = _sql(
    """
    update intake set is_owed = false, value = null, headers = null,
        partition = given.partition, position = given.position
    from (select * from unnest(:ids, :partitions, :positions) as sent (id, partition, position)) as given
    where command_id = given.id and is_owed
    """,
    ids=Text,
    partitions=Integer,
    positions=BigInteger,
)


def moment_text(at_ms: int) -> str:
    """A moment as an attribute of the envelope."""
    return moment(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def kept_headers(headers: Sequence[Header]) -> bytes:
    """Headers as they are kept until they are sent; ours are text."""
    return orjson.dumps([(name, raw.decode()) for name, raw in headers])


def headers_of(kept: bytes) -> list[Header]:
    """The headers of `kept_headers` again."""
    return [(name, value.encode()) for name, value in orjson.loads(kept)]


def owed_row(row: Row[tuple[object, ...]]) -> Owed:
    """The exact record of a row."""
    record = Outgoing(row.topic, row.caseid.encode(), bytes(row.value), headers_of(row.headers))
    return Owed(row.command_id, record)


async def met_before(connection: AsyncConnection, ids: list[str]) -> dict[str, Met]:
    """Which of these events were taken in already, by their id."""
    rows = await connection.execute(_MET, {"ids": ids})
    return {
        row.command_id: Met(
            row.command_id,
            row.entity,
            row.caseid,
            row.topic,
            None if row.is_owed else Lies(row.partition, row.position),
        )
        for row in rows
    }


async def owed_to(connection: AsyncConnection, caseids: Collection[str], most: int) -> list[Owed]:
    """What is owed to these cases, in the order it was taken in."""
    if not caseids:
        return []
    rows = await connection.execute(_OWED_TO, {"caseids": sorted(caseids), "most": most})
    return [owed_row(row) for row in rows]


async def named(
    connection: AsyncConnection, words: list[bytes], entities: Collection[Used], cases: Collection[Used]
) -> Named:
    """What their own reporters call these."""
    found = Named({}, {}, {})
    if words:
        rows = await connection.execute(_BY_WORD, {"words": words})
        found.words.update((row.word, (row.caseid, row.entity)) for row in rows)
    if entities:
        rows = await connection.execute(_BY_ALIAS, {"aliases": [alias for _, alias in entities]})
        found.entities.update(((row.party, row.entity_alias), (row.caseid, row.entity)) for row in rows)
    if cases:
        rows = await connection.execute(_BY_CASE_ALIAS, {"aliases": [alias for _, alias in cases]})
        found.cases.update(((row.party, row.case_alias), row.caseid) for row in rows)
    return found


async def add(connection: AsyncConnection, entries: Sequence[Entry], at_ms: int) -> None:
    """Commits to send these, with what was born of them; raises `Raced` when another was first with one of them."""
    if not entries:
        return
    # Numbers tell the order of the batch; rows are written in the order of their keys.
    first = (await connection.execute(_NEXT_BATCH)).scalar_one() << _BATCH_BITS
    rows = sorted(enumerate(entries, start=first), key=lambda row: row[1].command_id)
    added = await connection.execute(
        _ADD_INTAKE,
        {
            "ids": [one.command_id for _, one in rows],
            "numbers": [number for number, _ in rows],
            "parties": [one.party for _, one in rows],
            "entities": [one.entity for _, one in rows],
            "caseids": [one.caseid for _, one in rows],
            "topics": [one.topic for _, one in rows],
            "values": [one.value for _, one in rows],
            "headers": [kept_headers(one.headers) for _, one in rows],
            "at_ms": at_ms,
        },
    )
    if added.rowcount != len(rows):
        raise Raced
    born = sorted((one for one in entries if one.is_born), key=lambda one: one.word or b"")
    if not born:
        return
    added = await connection.execute(
        _ADD_SUBJECTS,
        {
            "entities": [one.entity for one in born],
            "parties": [one.party for one in born],
            "caseids": [one.caseid for one in born],
            "partnerships": [one.partnership for one in born],
            "entity_aliases": [one.entity_alias for one in born],
            "case_aliases": [one.case_alias for one in born],
            "words": [one.word for one in born],
            "at_ms": at_ms,
        },
    )
    if added.rowcount != len(born):
        raise Raced


async def note_sent(
    connection: AsyncConnection, owed: Sequence[Owed], lies: Sequence[Lies]
) -> Mapping[str, Lies]:
    """Notes where records lie; the first note holds. Returns what is noted of each."""
    ids = [one.command_id for one in owed]
    noted = await connection.execute(
        _NOTE_SENT,
        {
            "ids": ids,
            "partitions": [one.partition for one in lies],
            "positions": [one.offset for one in lies],
        },
    )
    if noted.rowcount == len(owed):
        return dict(zip(ids, lies, strict=True))
    met = await met_before(connection, ids)
    return {one.command_id: one.lies for one in met.values() if one.lies is not None}
