"""The rows of the intake: what a batch reads and writes, each in one statement, whatever its size.

Rows are written in the order of their keys, table after table in one order: two batches may wait for each other's
row, and never both at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.agreements.moments import moment
from services.database.copying import copy_into, plain_array
from services.database.tables import intake, subjects
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


# Arrays are given as text: of ids and hexadecimal hashes of ours, that is several times as fast.
_MET = text(
    """
    select command_id, entity, caseid, topic, is_owed, partition, position
    from intake where command_id = any(cast(:ids as text[]))
    """
)
_OWED_TO = text(
    """
    select command_id, topic, caseid, value, headers from intake
    where is_owed and caseid = any(cast(:caseids as text[])) order by number limit :most
    """
)
_BY_WORD = text(
    """
    select word, caseid, entity from subjects
    where word in (select decode(one, 'hex') from unnest(cast(:words as text[])) as given (one))
    """
)
_BY_ALIAS = text(
    """
    select party, entity_alias, caseid, entity from subjects
    where entity_alias = any(cast(:aliases as text[]))
    """
)
_BY_CASE_ALIAS = text(
    """
    select party, case_alias, caseid from subjects where case_alias = any(cast(:aliases as text[]))
    union
    select party, case_alias, caseid from uploads where case_alias = any(cast(:aliases as text[]))
    """
)
_NEXT_BATCH = text("select nextval('intake_batches')")
#: How many events one batch may have at most, as bits of their numbers.
_BATCH_BITS = 20
_INTAKE = (
    "command_id",
    "number",
    "party",
    "entity",
    "caseid",
    "topic",
    "recorded_ms",
    "value",
    "headers",
)
_SUBJECTS = (
    "entity",
    "party",
    "caseid",
    "partnership",
    "entity_alias",
    "case_alias",
    "word",
    "since_ms",
)
_NOTE_SENT = text(
    """
    update intake set is_owed = false, value = null, headers = null,
        partition = given.partition, position = given.position
    from unnest(cast(:ids as text[]), cast(:partitions as int[]), cast(:positions as bigint[]))
        as given (id, partition, position)
    where command_id = given.id and is_owed
    """
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
    rows = await connection.execute(_MET, {"ids": plain_array(ids)})
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
    rows = await connection.execute(_OWED_TO, {"caseids": plain_array(sorted(caseids)), "most": most})
    return [owed_row(row) for row in rows]


async def named(
    connection: AsyncConnection, words: list[bytes], entities: Collection[Used], cases: Collection[Used]
) -> Named:
    """What their own reporters call these."""
    found = Named({}, {}, {})
    if words:
        rows = await connection.execute(_BY_WORD, {"words": plain_array(word.hex() for word in words)})
        found.words.update((row.word, (row.caseid, row.entity)) for row in rows)
    if entities:
        rows = await connection.execute(_BY_ALIAS, {"aliases": plain_array(alias for _, alias in entities)})
        found.entities.update(((row.party, row.entity_alias), (row.caseid, row.entity)) for row in rows)
    if cases:
        rows = await connection.execute(_BY_CASE_ALIAS, {"aliases": plain_array(alias for _, alias in cases)})
        found.cases.update(((row.party, row.case_alias), row.caseid) for row in rows)
    return found


async def add(connection: AsyncConnection, entries: Sequence[Entry], at_ms: int) -> None:
    """Commits to send these, with what was born of them; raises `Raced` when another was first with one of them."""
    if not entries:
        return
    # Numbers tell the order of the batch; rows are written in the order of their keys.
    first = (await connection.execute(_NEXT_BATCH)).scalar_one() << _BATCH_BITS
    rows = sorted(enumerate(entries, start=first), key=lambda row: row[1].command_id)
    await copy_into(
        connection,
        intake,
        _INTAKE,
        (
            (
                one.command_id,
                number,
                one.party,
                one.entity,
                one.caseid,
                one.topic,
                at_ms,
                one.value,
                kept_headers(one.headers),
            )
            for number, one in rows
        ),
    )
    born = sorted((one for one in entries if one.is_born), key=lambda one: one.word or b"")
    if not born:
        return
    await copy_into(
        connection,
        subjects,
        _SUBJECTS,
        (
            (
                one.entity,
                one.party,
                one.caseid,
                one.partnership,
                one.entity_alias,
                one.case_alias,
                one.word,
                at_ms,
            )
            for one in born
        ),
    )


async def note_sent(
    connection: AsyncConnection, owed: Sequence[Owed], lies: Sequence[Lies]
) -> Mapping[str, Lies]:
    """Notes where records lie; the first note holds. Returns what is noted of each."""
    ids = [one.command_id for one in owed]
    noted = await connection.execute(
        _NOTE_SENT,
        {
            "ids": plain_array(ids),
            "partitions": plain_array(str(one.partition) for one in lies),
            "positions": plain_array(str(one.offset) for one in lies),
        },
    )
    if noted.rowcount == len(owed):
        return dict(zip(ids, lies, strict=True))
    met = await met_before(connection, ids)
    return {one.command_id: one.lies for one in met.values() if one.lies is not None}
