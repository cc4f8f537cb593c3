"""The door's reader of facts: what they say of a signal and the position after them become visible as one transaction.

One process reads at a time. Whoever takes over writes its own name in `readers`, and from then on nothing another has
still in hand can be written: the name and every position are compared before they are set (engine.md, point 14). A
process that stands by takes over when the reader has not been heard of for a while.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.base import read
from schemas.collaboration import RungReached
from schemas.envelope import EnvelopeError
from schemas.notices import NoticeQueued
from schemas.registry import TYPES
from schemas.signals import CommandRefused
from schemas.structured import decode_either
from services.agreements.moments import milliseconds
from services.database.engine import DatabaseUnreachable, transaction
from services.database.tables import (
    entities,
    entity_content,
    grants,
    links_used,
    reader_positions,
    readers,
)
from services.gateway import kept, ladders
from services.gateway.grants import Heard, hear
from services.gateway.ladders import Rung, rung_of
from services.gateway.reading_metrics import READING_AGE, READING_FENCED, READING_LAG, READING_RECORDS
from services.runtime.job import Record
from services.runtime.logs import log
from services.runtime.reach import BrokerUnreachable, Security, TopicsMissing
from services.runtime.tail import Expired, Place, Tail
from topics.catalogue import (
    COLLABORATION_EVENTS,
    DEADLINES_EVENTS,
    FACTS_KEPT_DAYS,
    NOTICES_EVENTS,
    SIGNALS_EVENTS,
)

NAME = "facts"
TOPICS = (SIGNALS_EVENTS.name, DEADLINES_EVENTS.name, NOTICES_EVENTS.name, COLLABORATION_EVENTS.name)
BATCH_MAX = 1_000
POLL_MS = 200
#: How often the ends of the topics are asked, and the reader says that it is there.
FRESH_EVERY_S = 1.0
#: Rows older than this answer for what may have ended since: another process is asked.
STALE_AFTER_S = 30.0
AGAIN_AFTER_S = 0.5
#: Signals that ended so long ago are forgotten: their facts have expired as well.
FORGET_AFTER_MS = FACTS_KEPT_DAYS * 86_400_000
FORGET_EVERY_S = 3600.0
FORGET_AT_ONCE = 1_000


class Fenced(Exception):
    """Another process reads now; nothing of this transaction is kept."""


class Setting(NamedTuple):
    """What the reading is told. `keep_ms`: how long after a closing a signal may still be read."""

    bootstrap: str
    alias_key: bytes
    keep_ms: int
    security: Security | None = None
    topics: Sequence[str] = TOPICS
    #: The embedded broker's own ends are short by its last batch: there, only an empty answer is the end.
    is_transactional: bool = True
    #: The door's clock; without one nothing is forgotten.
    now_ms: Callable[[], int] | None = None
    #: A reader that was not heard of for so long is taken for dead; a living one that is found to be slow is fenced.
    dead_after_s: float = 4.0


class Reading:
    """Reads for ever: `run` ends only with its task. `age_s` says how long ago all was known to be read."""

    def __init__(self, engine: AsyncEngine, setting: Setting) -> None:
        self._engine = engine
        self._setting = setting
        self._owner = secrets.token_hex(8)
        self._fresh_at_s = float("-inf")
        self.is_reading = False

    def age_s(self) -> float:
        """Seconds since every fact told until then was known to be read, by this process or by another."""
        return time.monotonic() - self._fresh_at_s

    async def run(self) -> None:
        """Reads, or stands by; what fails is tried again, for a door that answers from old rows says so itself."""
        while True:
            try:
                if await self._stand_by():
                    await self._read()
            except Fenced:
                READING_FENCED.inc()
                log.warning("reading_fenced", meaning="another process reads the facts")
            except (BrokerUnreachable, DatabaseUnreachable, TopicsMissing) as fault:
                log.error("reading_interrupted", error=type(fault).__name__)
            except Expired as fault:
                log.critical(
                    "reading_cannot_go_on",
                    topic=fault.place.topic,
                    partition=fault.place.partition,
                    offset=fault.offset,
                )
                await asyncio.sleep(self._setting.dead_after_s)
            except Exception as fault:
                # Rows that are not all there must not answer as if they were: readiness turns, and it is told.
                log.error("reading_failed", error=type(fault).__name__, exc_info=fault)
            finally:
                self.is_reading = False
                READING_AGE.set(min(self.age_s(), 1e9))
            await asyncio.sleep(AGAIN_AFTER_S)

    # -- one reader at a time ----------------------------------------------------------------------

    async def _stand_by(self) -> bool:
        """Whether this process reads now: nobody else does, or it was not heard of for too long."""
        mine = insert(readers).values(name=NAME, owner=self._owner)
        bound = func.make_interval(0, 0, 0, 0, 0, 0, self._setting.dead_after_s)
        is_dead = readers.c.seen_at < func.clock_timestamp() - bound
        async with transaction(self._engine) as connection:
            taken = await connection.execute(
                mine.on_conflict_do_update(
                    index_elements=["name"],
                    set_={"owner": self._owner, "seen_at": func.clock_timestamp()},
                    where=or_(readers.c.owner == self._owner, is_dead),
                ).returning(readers.c.owner)
            )
            is_mine = taken.first() is not None
            age = func.extract("epoch", func.clock_timestamp() - readers.c.fresh_at)
            age_s = await connection.scalar(select(age).where(readers.c.name == NAME))
        if age_s is not None:
            self._fresh_at_s = max(self._fresh_at_s, time.monotonic() - float(age_s))
        return is_mine

    async def leave(self) -> None:
        """Another may read at once. Whoever is killed says nothing, and is waited for."""
        gone = func.to_timestamp(0)
        mine = (readers.c.name == NAME) & (readers.c.owner == self._owner)
        async with transaction(self._engine) as connection:
            await connection.execute(update(readers).where(mine).values(seen_at=gone))

    # -- reading -----------------------------------------------------------------------------------

    async def _read(self) -> None:
        setting = self._setting
        async with Tail(setting.bootstrap, security=setting.security) as tail:
            places = await tail.places(setting.topics)
            if missing := set(setting.topics) - {place.topic for place in places}:
                raise TopicsMissing(setting.bootstrap, missing)
            positions = await self._positions(await tail.beginnings(places))
            await tail.read_from(positions)
            self.is_reading = True
            log.info("reading_began", places=len(places))
            fresh_s = forgot_s = float("-inf")
            while True:
                asked_s = time.monotonic()
                if asked_s - forgot_s > FORGET_EVERY_S and await self.forget() < FORGET_AT_ONCE:
                    forgot_s = asked_s
                is_time = asked_s - fresh_s > FRESH_EVERY_S
                ends = await tail.ends(places) if is_time else None
                batch = await tail.batch(POLL_MS, BATCH_MAX)
                after = await tail.positions()
                if batch or after != positions or is_time:
                    lag = None if ends is None else sum(max(0, ends[one] - after[one]) for one in places)
                    is_end = lag == 0 and (setting.is_transactional or not batch)
                    await self._take(batch, positions, after, asked_s if is_end else None)
                    positions = after
                    if lag is not None:
                        READING_LAG.set(lag)
                if is_time:
                    fresh_s = asked_s
                    READING_AGE.set(min(self.age_s(), 1e9))

    async def _positions(self, beginnings: Mapping[Place, int]) -> dict[Place, int]:
        """Where reading goes on; a place that has no position yet begins with the oldest it holds."""
        async with transaction(self._engine) as connection:
            await self._hold(connection, None)
            await connection.execute(
                insert(reader_positions).on_conflict_do_nothing(),
                [
                    {
                        "name": NAME,
                        "topic": place.topic,
                        "partition": place.partition,
                        "position": beginnings[place],
                    }
                    for place in beginnings
                ],
            )
            found = await connection.execute(select(reader_positions).where(reader_positions.c.name == NAME))
            kept_at = {Place(row.topic, row.partition): row.position for row in found}
        return {place: kept_at[place] for place in beginnings}

    async def _take(
        self,
        batch: Sequence[Record],
        before: Mapping[Place, int],
        after: Mapping[Place, int],
        fresh_at_s: float | None,
    ) -> None:
        """Rows and positions as one transaction, or nothing."""
        counted: Counter[str] = Counter()
        told = list(told_by(batch, counted))
        heards = [one for one in told if isinstance(one, Heard)]
        rungs = [one for one in told if isinstance(one, Rung)]
        names = sorted({heard.entity for heard in heards})
        async with transaction(self._engine) as connection:
            await self._hold(connection, fresh_at_s)
            known = await kept.load(connection, names) if names else {}
            now = dict(known)
            for heard in heards:
                now[heard.entity] = hear(now.get(heard.entity), heard, self._setting.keep_ms)
            await kept.save(connection, known, now.values(), self._setting.alias_key)
            await ladders.keep(connection, rungs, self._setting.alias_key)
            await _move(connection, before, after)
        if fresh_at_s is not None:
            self._fresh_at_s = max(self._fresh_at_s, fresh_at_s)
        for outcome, count in counted.items():
            READING_RECORDS.labels(outcome).inc(count)

    async def forget(self) -> int:
        """Forgets what ended long ago, a bounded number; says how many signals."""
        if self._setting.now_ms is None:
            return 0
        before_ms = self._setting.now_ms() - FORGET_AFTER_MS
        over = select(entities.c.entity).where(entities.c.author_ends_ms < before_ms).limit(FORGET_AT_ONCE)
        async with transaction(self._engine) as connection:
            await self._hold(connection, None)
            names = list((await connection.execute(over)).scalars())
            for table in (grants, entity_content, entities):
                await connection.execute(delete(table).where(table.c.entity.in_(names)))
            await connection.execute(delete(links_used).where(links_used.c.used_ms < before_ms))
            await ladders.forget(connection, before_ms)
        return len(names)

    async def _hold(self, connection: AsyncConnection, fresh_at_s: float | None) -> None:
        """The row of the readers is ours until the transaction ends, or it is somebody else's and nothing is done."""
        values: dict[str, Any] = {"seen_at": func.clock_timestamp()}
        if fresh_at_s is not None:
            ago_s = time.monotonic() - fresh_at_s
            values["fresh_at"] = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, ago_s)
        mine = (readers.c.name == NAME) & (readers.c.owner == self._owner)
        if (await connection.execute(update(readers).where(mine).values(values))).rowcount != 1:
            raise Fenced


async def _move(connection: AsyncConnection, before: Mapping[Place, int], after: Mapping[Place, int]) -> None:
    """Each position that moved, from exactly where this reader believed it to be."""
    for place, position in after.items():
        if position == before[place]:
            continue
        at = (
            (reader_positions.c.name == NAME)
            & (reader_positions.c.topic == place.topic)
            & (reader_positions.c.partition == place.partition)
            & (reader_positions.c.position == before[place])
        )
        moved = await connection.execute(update(reader_positions).where(at).values(position=position))
        if moved.rowcount != 1:
            raise Fenced


def told_by(batch: Iterable[Record], counted: Counter[str]) -> Iterable[Heard | Rung]:
    """The facts of a batch that say something of a signal, or whom a ladder addresses; what cannot be read is counted
    by reason."""
    for record in batch:
        found = heard_of(record)
        if isinstance(found, str):
            counted[found] += 1
            continue
        counted["heard"] += 1
        yield found


def _number(fact_id: str) -> int:
    return int(fact_id.rpartition("-")[2])


def heard_of(record: Record) -> Heard | Rung | str:
    """The fact of a record, or the code that says why there is none."""
    try:
        envelope, data = decode_either(record.headers, record.value)
        model = TYPES.get(envelope.type)
        if model is None or model is CommandRefused:
            return "not_of_use"
        fact = read(model, data)
        recorded = envelope.recordedtime
        at_ms = milliseconds(datetime.fromisoformat(recorded)) if recorded else record.timestamp_ms
        # A notice is told by another process, but is as of the fact that it tells of.
        number = _number(envelope.id)
        if model is NoticeQueued:
            with suppress(ValueError):
                number = _number(envelope.causationid)
    except EnvelopeError as error:
        return error.reason
    except (ValidationError, ValueError):
        return "data_wrong"
    if isinstance(fact, RungReached):
        return rung_of(fact, envelope.subject, at_ms)
    entity = (fact.entity if isinstance(fact, NoticeQueued) else envelope.subject) or ""
    if not entity or not envelope.caseid:
        return "without_case"
    return Heard(fact, entity, envelope.caseid, envelope.partnership, envelope.urgency, number, at_ms)
