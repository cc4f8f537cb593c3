"""The door's own facts: `gateway-<slot>-<sequence>`, number and fact in one row that is sent until it is acknowledged.

All that is told at one moment is one transaction and one sending. A number is taken in the transaction that keeps its
fact, so none stays unused; facts of a slot are sent in the order of their numbers, so none overtakes another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import ARRAY, BigInteger, Integer, bindparam, insert, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.base import Said
from schemas.envelope import Envelope
from services.database.engine import DatabaseUnreachable, transaction
from services.database.tables import own_facts
from services.gateway.intake import Sends
from services.gateway.intake_rows import headers_of, kept_headers, moment_text
from services.gateway.metrics import OWN_FACTS_UNTOLD
from services.runtime.logs import log
from services.runtime.reach import BrokerUnreachable, TopicsMissing
from services.runtime.send import Outgoing
from services.runtime.steady import Lies
from topics.catalogue import topic_of

SOURCE = "urn:seinhuis:gateway"
TOLD_WITHIN_S = 5.0
AGAIN_EVERY_S = 1.0
#: The round that is on its way is finished before the door closes.
CLOSED_WITHIN_S = 3.0
SENT_AT_ONCE = 1_000
#: Facts that may wait to be told; whoever comes when so many wait is turned away at once.
WAITING_MAX = 5_000
#: For so long a row is kept after its fact was acknowledged.
KEPT_FOR_MS = 7 * 24 * 3_600_000


class NotTold(Exception):
    """The fact was not acknowledged in time. It may be told yet, so what hangs on it must not happen."""


class Told(NamedTuple):
    """A fact that the broker has."""

    fact_id: str
    partition: int
    offset: int


class _Waiting(NamedTuple):
    fact: Said
    attributes: Envelope
    answer: asyncio.Future[Told]


_TAKE_NUMBERS = text(
    """
    insert into own_counters (slot, next) values (:slot, :count)
    on conflict (slot) do update set next = own_counters.next + :count
    returning next - :count
    """
)
_OWED = text(
    """
    select sequence, topic, key, value, headers from own_facts
    where slot = :slot and is_owed order by sequence limit :most
    """
)
_NOTE_SENT = text(
    """
    update own_facts set is_owed = false, partition = given.partition, position = given.position
    from (select * from unnest(:sequences, :partitions, :positions) as sent (sequence, partition, position)) as given
    where slot = :slot and own_facts.sequence = given.sequence
    """
).bindparams(
    bindparam("sequences", type_=ARRAY(BigInteger)),
    bindparam("partitions", type_=ARRAY(Integer)),
    bindparam("positions", type_=ARRAY(BigInteger)),
)
_FORGET = text("delete from own_facts where slot = :slot and not is_owed and recorded_ms < :before_ms")


class OwnFacts:
    """One of these a slot: `async with OwnFacts(…) as own: await own.tell(fact, caseid=…)`."""

    def __init__(
        self,
        engine: AsyncEngine,
        sends: Sends,
        slot: str,
        now_ms: Callable[[], int],
        *,
        within_s: float = TOLD_WITHIN_S,
    ) -> None:
        self._engine = engine
        self._sends = sends
        self._slot = slot
        self._now_ms = now_ms
        self._within_s = within_s
        self._waiting: list[_Waiting] = []
        self._answers: dict[int, asyncio.Future[Told]] = {}
        self._is_asked = asyncio.Event()
        self._is_closing = False
        self._task: asyncio.Task[None] | None = None

    @property
    def task(self) -> asyncio.Task[None]:
        """Ends only with a fault nobody foresaw: then the process cannot go on."""
        assert self._task is not None, "it is not running"
        return self._task

    async def __aenter__(self) -> OwnFacts:
        self._task = asyncio.create_task(self._run(), name="own-facts")
        return self

    async def __aexit__(self, *_: object) -> None:
        task, self._task = self._task, None
        if task is not None:
            self._is_closing = True
            self._is_asked.set()
            await asyncio.wait({task}, timeout=CLOSED_WITHIN_S)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._fail(self._waiting, "the door is closing")
        for answer in self._answers.values():
            _refuse(answer, "the door is closing")

    async def tell(self, fact: Said, /, **attributes: str) -> Told:
        """Returns when the broker has it; raises `NotTold` when that takes too long, or the database is not there.

        `attributes`: of its envelope, such as `caseid`, `partnership`, `subject`.
        """
        if self._task is None or self._task.done() or len(self._waiting) >= WAITING_MAX:
            raise NotTold("nobody is there to tell it" if self._task is None else "too many wait to be told")
        answer: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        envelope = Envelope(id="", source=SOURCE, type=fact.type_name(), **attributes)
        if not envelope.key:
            raise ValueError("a fact without a case needs a subject: its record needs a key")
        self._waiting.append(_Waiting(fact, envelope, answer))
        self._is_asked.set()
        try:
            async with asyncio.timeout(self._within_s):
                return await answer
        except TimeoutError:
            OWN_FACTS_UNTOLD.inc()
            raise NotTold(f"not acknowledged within {self._within_s:.0f} s") from None

    async def _run(self) -> None:
        forget_at_ms, is_owing = 0, True
        is_last = False
        while not is_last:
            is_last = self._is_closing
            self._is_asked.clear()
            waiting, self._waiting = self._waiting, []
            is_owing, was_owing = True, is_owing or bool(waiting)
            try:
                await self._keep(waiting)
                while was_owing and await self._send_owed() == SENT_AT_ONCE:
                    pass
                is_owing = False
                if self._now_ms() >= forget_at_ms:
                    forget_at_ms = self._now_ms() + await self._forget()
            except (DatabaseUnreachable, SQLAlchemyError, BrokerUnreachable, TopicsMissing) as fault:
                # What is kept is owed still, and the next round tries; what is not kept was never told.
                log.warning("own_facts_not_told", error=type(fault).__name__)
                kept = set(map(id, self._answers.values()))
                self._fail([one for one in waiting if id(one.answer) not in kept], "it was not kept")
            if self._is_closing:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_EVERY_S):
                    await self._is_asked.wait()

    async def _keep(self, waiting: Sequence[_Waiting]) -> None:
        waiting = [one for one in waiting if not one.answer.done()]  # whoever gave up needs no fact any more
        if not waiting:
            return
        async with transaction(self._engine, self._within_s) as connection:
            first = await connection.execute(_TAKE_NUMBERS, {"slot": self._slot, "count": len(waiting)})
            numbered = list(enumerate(waiting, start=first.scalar_one()))
            at_ms = self._now_ms()
            await connection.execute(
                insert(own_facts), [self._row(sequence, one, at_ms) for sequence, one in numbered]
            )
        self._answers |= {sequence: one.answer for sequence, one in numbered}

    def _row(self, sequence: int, one: _Waiting, at_ms: int) -> dict[str, object]:
        envelope = replace(one.attributes, id=self._id(sequence), recordedtime=moment_text(at_ms))
        return {
            "slot": self._slot,
            "sequence": sequence,
            "topic": topic_of(type(one.fact)).name,
            "key": envelope.key.encode(),
            "value": one.fact.model_dump_json(exclude_none=True).encode(),
            "headers": kept_headers(envelope.headers()),
            "recorded_ms": at_ms,
        }

    async def _send_owed(self) -> int:
        async with transaction(self._engine, self._within_s) as connection:
            rows = (await connection.execute(_OWED, {"slot": self._slot, "most": SENT_AT_ONCE})).all()
        if not rows:
            return 0
        lies = await self._sends.send_all(
            [Outgoing(row.topic, bytes(row.key), bytes(row.value), headers_of(row.headers)) for row in rows]
        )
        for row, (partition, offset) in zip(rows, lies, strict=True):
            answer = self._answers.pop(row.sequence, None)
            if answer is not None and not answer.done():
                answer.set_result(Told(self._id(row.sequence), partition, offset))
        async with transaction(self._engine, self._within_s) as connection:
            await self._note_sent(connection, [row.sequence for row in rows], lies)
        return len(rows)

    async def _note_sent(
        self, connection: AsyncConnection, sequences: list[int], lies: Sequence[Lies]
    ) -> None:
        await connection.execute(
            _NOTE_SENT,
            {
                "slot": self._slot,
                "sequences": sequences,
                "partitions": [one.partition for one in lies],
                "positions": [one.offset for one in lies],
            },
        )

    async def _forget(self) -> int:
        async with transaction(self._engine) as connection:
            await connection.execute(_FORGET, {"slot": self._slot, "before_ms": self._now_ms() - KEPT_FOR_MS})
        return KEPT_FOR_MS // 100

    def _id(self, sequence: int) -> str:
        return f"gateway-{self._slot}-{sequence}"

    def _fail(self, waiting: Sequence[_Waiting], why: str) -> None:
        for one in waiting:
            _refuse(one.answer, why)


def _refuse(answer: asyncio.Future[Told], why: str) -> None:
    if not answer.done():
        OWN_FACTS_UNTOLD.inc()
        answer.set_exception(NotTold(why))
