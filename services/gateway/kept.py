"""Signals as the door keeps them in PostgreSQL: read for some entities at once, and written back what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.gateway import ReadGround
from services.database.tables import entities, entity_content, grants
from services.deliveries.alias import case_alias, signal_alias
from services.gateway.grants import Due, Grant, Known, Stance

#: Among the stances, by a name that no function has: a door of the version before carries it along unread.
_HANDED = "handed"


async def load(connection: AsyncConnection, names: Collection[str]) -> dict[str, Known]:
    """What is known of these signals."""
    found = await connection.execute(select(entities).where(entities.c.entity.in_(names)))
    granted = await connection.execute(select(grants).where(grants.c.entity.in_(names)))
    written = await connection.execute(select(entity_content).where(entity_content.c.entity.in_(names)))
    by_entity: dict[str, list[Grant]] = {}
    for row in granted:
        by_entity.setdefault(row.entity, []).append(grant_of(row))
    refs: dict[str, dict[str, str | None]] = {}
    for row in written:
        refs.setdefault(row.entity, {})[row.content_ref] = row.wrote
    return {row.entity: _known(row, by_entity.get(row.entity, ()), refs.get(row.entity, {})) for row in found}


async def save(
    connection: AsyncConnection, before: Mapping[str, Known], now: Iterable[Known], alias_key: bytes
) -> None:
    """Writes what is not as it was. When a signal ends, so do all its grants, and the aliases with them."""
    changed = [one for one in now if before.get(one.entity) != one]
    await _put(connection, entities, [_row(one) for one in changed])
    await _put(
        connection,
        entity_content,
        [
            {"content_ref": ref, "entity": one.entity, "wrote": wrote}
            for one in changed
            for ref, wrote in one.wrote.items()
            if one.entity not in before or ref not in before[one.entity].wrote
        ],
    )
    granted: list[dict[str, Any]] = []
    for one in changed:
        was = _grant_rows(before.get(one.entity), alias_key)
        granted += [row for row in _grant_rows(one, alias_key) if row not in was]
    await _put(connection, grants, granted)


async def _put(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """A row that is there already is replaced."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    new = insert(table)
    values = {column.name: new.excluded[column.name] for column in table.c if column.name not in keys}
    await connection.execute(new.on_conflict_do_update(index_elements=keys, set_=values), rows)


def grant_of(row: Row[Any]) -> Grant:
    """The grant of a row."""
    return Grant(row.party, row.contact, ReadGround(row.ground), row.content_ref, row.since_ms, row.asked)


def _grant_rows(one: Known | None, alias_key: bytes) -> list[dict[str, Any]]:
    if one is None:
        return []
    return [
        {
            "entity": one.entity,
            "party": grant.party,
            "contact": grant.contact,
            "ground": grant.ground.value,
            "content_ref": grant.content_ref,
            "caseid": one.caseid,
            "entity_alias": signal_alias(alias_key, grant.party, one.entity),
            "case_alias": case_alias(alias_key, grant.party, one.caseid),
            "since_ms": grant.since_ms,
            "asked": grant.asked,
            "ended_ms": one.ended_ms(grant),
        }
        for grant in one.grants.values()
    ]


def _row(one: Known) -> dict[str, Any]:
    return {
        "entity": one.entity,
        "caseid": one.caseid,
        "partnership": one.partnership,
        "urgency": one.urgency,
        "state": one.state,
        "taken_by": one.taken_by,
        "reporter_party": one.reporter_party,
        "ends_ms": one.ends_ms,
        "author_ends_ms": one.author_ends_ms,
        "stances": _stances_row(one),
        "dues": [list(due) for due in one.dues.values()],
    }


def _stances_row(one: Known) -> dict[str, list[int]]:
    said = {contact: list(stance) for contact, stance in one.stances.items()}
    return {**said, _HANDED: list(Stance(left=one.handed))} if one.handed else said


def _known(row: Row[Any], granted: Iterable[Grant], wrote: Mapping[str, str | None]) -> Known:
    stances = {contact: Stance(*said) for contact, said in row.stances.items()}
    handed = stances.pop(_HANDED, Stance()).left
    return Known(
        entity=row.entity,
        caseid=row.caseid,
        partnership=row.partnership,
        urgency=row.urgency,
        state=row.state,
        taken_by=row.taken_by,
        reporter_party=row.reporter_party,
        ends_ms=row.ends_ms,
        author_ends_ms=row.author_ends_ms,
        grants={grant.key: grant for grant in granted},
        stances=stances,
        wrote=dict(wrote),
        dues={due[0]: Due(*due) for due in row.dues},
        handed=handed,
    )
