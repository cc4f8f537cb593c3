"""Takes in what partners write to their inboxes: judged as at the door, answered by facts, and deleted once taken.

One process reads at a time: it holds a row of `readers`, and every position is moved from where it believed it to be,
in a transaction that compares both (engine.md, point 14). A batch that does not come through is tried again whole, and
what of it was taken before is a repeat to the intake. Nothing stays in an inbox that was read: ids and words are the
partner's own there, and what was refused may hold what should not have been said.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

import orjson
from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.database.engine import DatabaseUnreachable, transaction
from services.database.tables import inboxes, readers
from services.gateway import metrics
from services.gateway.asked import Asked, Taken
from services.gateway.door import Door
from services.gateway.inbox import Unread, event_of, not_here
from services.gateway.judging import Refused, judge
from services.gateway.ownfacts import NotTold
from services.gateway.problems import Problem
from services.gateway.taking import hand_over, refusal_of
from services.gateway.tokens import Caller, Scope
from services.runtime.admin import forget
from services.runtime.job import Record
from services.runtime.logs import log
from services.runtime.reach import BrokerUnreachable, TopicsMissing
from services.runtime.send import Outgoing
from services.runtime.tail import Expired, Place, Tail
from topics.catalogue import inbox

NAME = "inbox"
#: An account on the broker may write there, so whoever writes may say what a party may say.
SCOPES = frozenset({Scope.SIGNALS_REPORT, Scope.SIGNALS_ACT, Scope.COLLABORATION_ANSWER})
BATCH_MAX = 200
POLL_MS = 300
#: How often it is looked who may write, and said that somebody reads.
LOOK_EVERY_S = 2.0
DEAD_AFTER_S = 10.0
AGAIN_AFTER_S = (0.2, 0.5, 1.0, 2.0, 5.0)


class Sends(Protocol):
    """A producer that stays (services/runtime/steady.py)."""

    async def send_all(self, outgoing: Sequence[Outgoing], /) -> Sequence[object]: ...


class Fenced(Exception):
    """Another process reads the inboxes now."""


class Partner(NamedTuple):
    """A party whose inbox is read, its systems, and where to go on: None = at the oldest record."""

    party: str
    sources: tuple[str, ...]
    position: int | None

    @property
    def place(self) -> Place:
        return Place(inbox(self.party).name, 0)


class Inboxes:
    """`async with Inboxes(door, sends):` reads for as long as it is open."""

    def __init__(self, door: Door, sends: Sends, *, dead_after_s: float = DEAD_AFTER_S) -> None:
        self._door = door
        self._sends = sends
        self._owner = secrets.token_hex(8)
        self._dead_after_s = dead_after_s
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="inboxes")
        self._door.parts["inboxes"] = self._task
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                if await self._is_reader():
                    await self._read()
                failures = 0
                await asyncio.sleep(LOOK_EVERY_S)
            except Fenced:
                log.warning("inbox_reading_fenced")
            except (
                BrokerUnreachable,
                DatabaseUnreachable,
                Expired,
                NotTold,
                Problem,
                TopicsMissing,
            ) as error:
                log.warning("inbox_reading_interrupted", error=type(error).__name__)
                await asyncio.sleep(AGAIN_AFTER_S[min(failures, len(AGAIN_AFTER_S) - 1)])
                failures += 1

    # -- who reads, and whose ------------------------------------------------------------------------

    async def _is_reader(self) -> bool:
        """Whether the row is ours now: nobody had it, or who had it has not been heard of for a while."""
        silent = readers.c.seen_at < func.clock_timestamp() - func.make_interval(
            0, 0, 0, 0, 0, 0, self._dead_after_s
        )
        row = {"name": NAME, "owner": self._owner, "seen_at": func.clock_timestamp()}
        taken = (
            insert(readers)
            .values(row)
            .on_conflict_do_update(
                index_elements=["name"],
                set_={"owner": self._owner, "seen_at": func.clock_timestamp()},
                where=or_(readers.c.owner == self._owner, silent),
            )
            .returning(readers.c.name)
        )
        async with transaction(self._door.engine) as connection:
            return (await connection.execute(taken)).first() is not None

    async def _hold(self, connection: AsyncConnection) -> None:
        mine = (readers.c.name == NAME) & (readers.c.owner == self._owner)
        held = await connection.execute(update(readers).where(mine).values(seen_at=func.clock_timestamp()))
        if held.rowcount != 1:
            raise Fenced

    async def _partners(self) -> dict[str, Partner]:
        async with transaction(self._door.engine) as connection:
            await self._hold(connection)
            found = await connection.execute(select(inboxes).where(inboxes.c.ended_ms.is_(None)))
            return {
                inbox(row.party).name: Partner(row.party, tuple(row.sources), row.position) for row in found
            }

    # -- reading -------------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Reads until another is the reader, or who may write has changed."""
        partners = await self._partners()
        async with Tail(self._door.runtime.kafka, security=self._door.security) as tail:
            there = {place.topic for place in await tail.places(partners)}
            partners = {topic: partner for topic, partner in partners.items() if topic in there}
            await self._begin(tail, partners)
            looked_at_s = asyncio.get_running_loop().time()
            while not self._door.stopping.is_set():
                for topic, records in by_topic(await tail.batch(POLL_MS, BATCH_MAX)).items():
                    partners[topic] = await self._take(partners[topic], records)
                now_s = asyncio.get_running_loop().time()
                if now_s - looked_at_s > LOOK_EVERY_S:
                    looked_at_s = now_s
                    known = await self._partners()
                    if {topic: known[topic].sources for topic in known} != {
                        topic: partner.sources for topic, partner in partners.items()
                    }:
                        return

    async def _begin(self, tail: Tail, partners: dict[str, Partner]) -> None:
        """Reads each from its position, or from the oldest record where that is gone or another topic's."""
        places = [partner.place for partner in partners.values()]
        beginnings, ends = await tail.beginnings(places), await tail.ends(places)
        # The embedded broker's own end is short by its last batch, so that there nothing follows from it.
        is_end_known = self._door.runtime.transactions == "on"
        positions = {}
        for topic, partner in partners.items():
            first = beginnings[partner.place]
            at = first if partner.position is None else partner.position
            if at < first:
                # They are gone, whatever is done now: told loudly, and what came since is not left waiting too.
                log.critical("inbox_records_lost", topic=topic, count=first - at)
                metrics.INBOX_LOST.inc(first - at)
            elif at > ends[partner.place] and is_end_known:
                log.critical("inbox_made_anew", topic=topic)
                at = first
                await self._move(partner, first)
                partners[topic] = partner._replace(position=first)
            positions[partner.place] = max(at, first)
        await tail.read_from(positions)

    async def _take(self, partner: Partner, records: Sequence[Record]) -> Partner:
        """One batch of one inbox: judged, handed over, told, and only then behind us."""
        caller = self._caller(partner)
        at_ms, terms_of = self._door.clock.now_ms(), self._door.agreed_now(caller.party)
        letters: list[Outgoing] = []
        judged: list[Asked | Refused] = []
        for record in records:
            try:
                event = event_of(record)
            except Unread as unread:
                letters.append(letter(record, unread.reason, at_ms))
                continue
            judged.append(
                not_here(event) or judge(event, caller, terms_of, self._door.settings.event_max_bytes)
            )
        outcomes = await hand_over(self._door, judged)
        refused = [one for one in outcomes if isinstance(one, Refused)]
        await self._tell(partner, refused)
        if letters:
            await self._sends.send_all(letters)
        after = records[-1].offset + 1
        await self._move(partner, after)
        self._count(outcomes, letters)
        await self._forget(partner, after)
        return partner._replace(position=after)

    def _caller(self, partner: Partner) -> Caller:
        """What a party may say by its inbox: in its own name, where it takes part."""
        now_ms = self._door.clock.now_ms()
        taking_part = (
            terms.partnership
            for name in self._door.agreements.partnerships()
            if (terms := self._door.agreements.in_force(name, now_ms)) is not None
            and any(party.id == partner.party for party in terms.agreement.parties)
        )
        return Caller(partner.party, partner.sources, frozenset(taking_part), SCOPES, NAME)

    async def _tell(self, partner: Partner, refused: Sequence[Refused]) -> None:
        """A fact of each refusal, within the party's limit; one that is not told keeps the batch from passing."""
        for one in refused:
            if not await self._door.limits.may_tell_refusal(partner.party):
                metrics.REFUSALS_UNTOLD.inc()
                continue
            fact = refusal_of(one, partner.party)
            await self._door.own_facts.tell(fact, subject=fact.source_ref)

    async def _move(self, partner: Partner, after: int) -> None:
        at = (
            inboxes.c.position.is_(None)
            if partner.position is None
            else inboxes.c.position == partner.position
        )
        async with transaction(self._door.engine) as connection:
            await self._hold(connection)
            moved = await connection.execute(
                update(inboxes).where((inboxes.c.party == partner.party) & at).values(position=after)
            )
            if moved.rowcount != 1:
                raise Fenced

    async def _forget(self, partner: Partner, before: int) -> None:
        """Deletes what was read. The next batch tries again what could not be deleted now."""
        try:
            await forget(self._door.runtime.kafka, {partner.place: before}, security=self._door.security)
        except BrokerUnreachable as error:
            log.error("inbox_not_deleted", topic=partner.place.topic, error=type(error).__name__)

    @staticmethod
    def _count(outcomes: Sequence[Taken | Refused], letters: Sequence[Outgoing]) -> None:
        for one in outcomes:
            metrics.INBOX_RECORDS.labels("taken" if isinstance(one, Taken) else "refused").inc()
            if isinstance(one, Refused):
                metrics.EVENTS_REFUSED.labels(one.reason.value).inc()
        metrics.INBOX_RECORDS.labels("unread").inc(len(letters))


def by_topic(records: Sequence[Record]) -> dict[str, list[Record]]:
    """The records of each inbox, in their order."""
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.topic, []).append(record)
    return found


def letter(record: Record, reason: str, at_ms: int) -> Outgoing:
    """Position, reason and hash of what is no event; never its bytes (as the lanes' dead letters)."""
    value = record.value or b""
    told: dict[str, Any] = {
        "v": 1,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "reason": reason,
        "sha256": hashlib.sha256(value).hexdigest(),
        "size": len(value),
        "at_ms": at_ms,
        "by": "gateway",
    }
    key = hashlib.sha256(record.key or b"").hexdigest()[:32].encode()
    return Outgoing(f"{record.topic}.dead", key, orjson.dumps(told), [("content-type", b"application/json")])
