"""What an open stream rests on: a token or key that holds, and a party that takes part. Looked at once for all streams.

However many are open, one look of the process serves them: one question to the database for all keys they were opened
with, and each party once against the agreements in force. The end of a token is known beforehand and asked of nobody.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Collection, Mapping

from services.database.engine import DatabaseUnreachable
from services.gateway.api_keys import KeyOver
from services.gateway.tailing import Reason
from services.gateway.tokens import Shown
from services.runtime.logs import log

LOOK_EVERY_S = 5.0

#: Of these keys, by their digests, those that are taken no more.
KeysOver = Callable[[Collection[bytes]], Awaitable[Mapping[bytes, KeyOver]]]


class Lease:
    """What one stream rests on, by what was shown when it was opened."""

    def __init__(self, shown: Shown, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.party = shown.caller.party
        self.partnerships = shown.caller.partnerships
        self.digest = shown.digest
        self._monotonic = monotonic
        self._ends_s = math.inf if shown.until_s is None else monotonic() + shown.until_s - time.time()
        self._over: Reason | None = None

    def over(self) -> Reason | None:
        """Why it holds no more, or nothing."""
        return self._over or ("expired" if self.left_s() <= 0 else None)

    def left_s(self) -> float:
        """Seconds until its token is over."""
        return self._ends_s - self._monotonic()

    def end(self, reason: Reason) -> None:
        """It holds no more; what was said first stands."""
        self._over = self._over or reason


class Leases:
    """Those of all open streams of a process: `run` looks at them for as long as it lives."""

    def __init__(self, takes_part: Callable[[str, str], bool], keys_over: KeysOver) -> None:
        self._takes_part = takes_part
        self._keys_over = keys_over
        self._open: dict[Lease, Callable[[], None]] = {}

    def holds(self, lease: Lease) -> bool:
        """Whether its party takes part in one of the partnerships that its token or key is for."""
        return any(self._takes_part(partnership, lease.party) for partnership in lease.partnerships)

    def add(self, lease: Lease, on_end: Callable[[], None]) -> None:
        """One more to look at; `on_end` is called when it ends before its stream does."""
        self._open[lease] = on_end

    def drop(self, lease: Lease) -> None:
        """Its stream is over."""
        self._open.pop(lease, None)

    async def run(self) -> None:
        """Looks for ever; what fails is tried again, and until then streams stay open."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except DatabaseUnreachable as fault:
                log.error("stream_keys_not_looked_at", error=type(fault).__name__)
            except Exception as fault:
                log.error("streams_not_looked_at", error=type(fault).__name__, exc_info=fault)

    async def look(self) -> None:
        """Ends each that rests on nothing any more."""
        known: dict[tuple[str, frozenset[str]], bool] = {}
        for lease in list(self._open):
            who = (lease.party, lease.partnerships)
            if who not in known:
                known[who] = self.holds(lease)
            if not known[who]:
                self._end(lease, "left")
        keys = {lease.digest for lease in self._open if lease.digest is not None}
        over = await self._keys_over(keys) if keys else {}
        for lease in list(self._open):
            if lease.digest is not None and lease.digest in over:
                self._end(lease, over[lease.digest])

    def _end(self, lease: Lease, reason: Reason) -> None:
        lease.end(reason)
        self._open.pop(lease)()
