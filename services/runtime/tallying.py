"""A job's tally beside its lanes: told what they hold and what has become visible, and never in their way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping

from services.runtime import metrics
from services.runtime.batch import Unit
from services.runtime.job import Job, LaneTally
from services.runtime.lane import OWN_PREFIX, Lane
from services.runtime.logs import log
from services.runtime.timers import unframe


class Tallying:
    """Nothing hangs on it: a tally that raises is heard no more, and an operator is told."""

    def __init__(self, job: Job) -> None:
        self._name = job.name
        self._tally = job.tally
        metrics.TALLY_ENDED.labels(job.name).set(0)

    async def of(self, lane: Lane) -> LaneTally | None:
        """The tally of a lane that opens, with all its rows in it; the loop has its turn on the way."""
        if self._tally is None:
            return None
        try:
            tally = self._tally.lane()
            for _ in tally.fill(_rows(lane.rows)):
                await asyncio.sleep(0)
        except Exception as error:
            self._end(error)
            return None
        return tally

    def take(self, tally: LaneTally | None, unit: Unit) -> None:
        """A unit has become visible."""
        if tally is not None and self._tally is not None:
            self._guarded(lambda: tally.take(_rows(unit.rows), unit.counted))

    def show(self, tallies: Iterable[LaneTally | None], now_ms: int) -> None:
        """Shows what all open lanes hold."""
        if (tally := self._tally) is not None:
            self._guarded(lambda: tally.show([one for one in tallies if one is not None], now_ms))

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:
            self._end(error)

    def _end(self, error: Exception) -> None:
        self._tally = None
        metrics.TALLY_ENDED.labels(self._name).set(1)
        log.error("tally_ended", job=self._name, error=type(error).__name__)


def _rows(rows: Mapping[bytes, bytes | None]) -> Iterator[tuple[bytes, bytes | None]]:
    """Rows as a decision sees them, None for one that is gone; without those that are the lane's own."""
    for key, framed in rows.items():
        if key[:1] != OWN_PREFIX:
            yield key, None if framed is None else unframe(framed)
