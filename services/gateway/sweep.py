"""Sends what was committed and never acknowledged, by whichever door, and forgets events and unused words after a week.

Of each case only the oldest record that is owed is taken, and held until it is acknowledged: another sweeper passes the
case over, so nothing overtakes in a case, however many sweep at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.database.engine import DatabaseUnreachable, transaction
from services.gateway import uploads
from services.gateway.intake import Sends
from services.gateway.intake_rows import note_sent, owed_row
from services.gateway.metrics import RECORD_OWED_OLDEST, RECORDS_OWED, RECORDS_SWEPT
from services.runtime.logs import log
from services.runtime.reach import BrokerUnreachable, TopicsMissing

#: What is younger is probably on its way.
OWED_FOR_S = 5.0
EVERY_S = 2.0
SWEPT_AT_ONCE = 500
#: For so long a repeated event gets its first answer.
KNOWN_FOR_MS = 7 * 24 * 3_600_000
FORGOTTEN_AT_ONCE = 5_000
FORGET_EVERY_S = 60.0

_HEADS = text(
    """
    select command_id, topic, caseid, value, headers from intake as head
    where is_owed and taken_at < now() - make_interval(secs => :owed_for_s)
        and not exists (
            select 1 from intake as older
            where older.is_owed and older.caseid = head.caseid and older.number < head.number
        )
    order by number limit :most
    for update skip locked
    """
)
_OWED = text(
    "select count(*), coalesce(extract(epoch from now() - min(taken_at)), 0) from intake where is_owed"
)
_FORGET = text(
    """
    delete from intake where command_id in (
        select command_id from intake where recorded_ms < :before_ms and not is_owed
        order by recorded_ms limit :most for update skip locked
    )
    """
)


async def sweep(engine: AsyncEngine, sends: Sends, owed_for_s: float = OWED_FOR_S) -> int:
    """Sends the oldest owed record of each case, a bounded number; says how many. 0 = nothing is owed for so long."""
    async with transaction(engine, within_s=30.0) as connection:
        rows = await connection.execute(_HEADS, {"owed_for_s": owed_for_s, "most": SWEPT_AT_ONCE})
        owed = [owed_row(row) for row in rows]
        if owed:
            lies = await sends.send_all([one.outgoing for one in owed])
            await note_sent(connection, owed, lies)
    return len(owed)


async def forget(engine: AsyncEngine, now_ms: int) -> int:
    """Forgets events that were taken in more than a week ago, a bounded number; what is owed is never forgotten."""
    async with transaction(engine) as connection:
        gone = await connection.execute(
            _FORGET, {"before_ms": now_ms - KNOWN_FOR_MS, "most": FORGOTTEN_AT_ONCE}
        )
    return gone.rowcount


async def let_go(engine: AsyncEngine, now_ms: int) -> int:
    """Lets go of words that were put into the vault a week ago for an event that never came, a bounded number."""
    async with transaction(engine) as connection:
        return await uploads.forget(connection, now_ms)


async def measure(engine: AsyncEngine) -> None:
    """Tells how much is owed, and since when."""
    async with transaction(engine) as connection:
        count, oldest_s = (await connection.execute(_OWED)).one()
    RECORDS_OWED.set(count)
    RECORD_OWED_OLDEST.set(float(oldest_s))


class Sweeper:
    """Sweeps when it is started and every few seconds, until it is stopped: `async with Sweeper(…):`."""

    def __init__(
        self,
        engine: AsyncEngine,
        sends: Sends,
        now_ms: Callable[[], int],
        *,
        every_s: float = EVERY_S,
        owed_for_s: float = OWED_FOR_S,
    ) -> None:
        self._engine = engine
        self._sends = sends
        self._now_ms = now_ms
        self._every_s = every_s
        self._owed_for_s = owed_for_s
        self._task: asyncio.Task[None] | None = None

    @property
    def task(self) -> asyncio.Task[None]:
        """Ends only with a fault nobody foresaw: then the process cannot go on."""
        assert self._task is not None, "it is not running"
        return self._task

    async def __aenter__(self) -> Sweeper:
        self._task = asyncio.create_task(self._run(), name="sweeper")
        return self

    async def __aexit__(self, *_: object) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        forget_at = 0.0
        while True:
            try:
                while swept := await sweep(self._engine, self._sends, self._owed_for_s):
                    RECORDS_SWEPT.inc(swept)
                    log.warning("owed_records_swept", records=swept)
                await measure(self._engine)
                if asyncio.get_running_loop().time() >= forget_at:
                    while await forget(self._engine, self._now_ms()) == FORGOTTEN_AT_ONCE:
                        pass
                    while await let_go(self._engine, self._now_ms()) == uploads.FORGOTTEN_AT_ONCE:
                        pass
                    forget_at = asyncio.get_running_loop().time() + FORGET_EVERY_S
            except (DatabaseUnreachable, SQLAlchemyError, BrokerUnreachable, TopicsMissing) as fault:
                log.warning(
                    "sweep_failed", error=type(fault).__name__
                )  # it is owed still; the next round tries
            await asyncio.sleep(self._every_s)
