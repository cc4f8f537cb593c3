"""One reader of all deliveries for all streams: what came last is kept in a ring, what lies before is read again.

However many listen, a delivery is read and written as text once. A stream has no queue of its own: it has a place in
the ring, and whoever falls too far behind is told so and closed.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from typing import Literal, NamedTuple

from services.gateway.stream_text import Event, event_of
from services.runtime.job import Record
from services.runtime.logs import log
from services.runtime.reach import BrokerUnreachable, Security
from services.runtime.tail import Expired, Place, Tail
from topics.catalogue import DELIVERIES, deliveries

#: Events kept of each party, and never twice as many; one is some kilobyte.
RING_MAX = 1_000
#: A reader further behind than this, and for so long, is too slow for a stream.
BEHIND_MAX = 1_000
BEHIND_MAX_S = 10.0
#: A place that lies ahead may have been told by a process that had read further: so long it is waited for.
AHEAD_MAX_S = 3.0
#: Written to a reader in one piece.
PIECE_MAX = 100
#: Topics of new parties are found so often.
LOOK_EVERY_S = 2.0
POLL_MS = 200
AGAIN_AFTER_S = 0.5
#: Readers of the past, each with a connection of its own, at one moment.
PAST_MAX = 4
PAST_PIECE_MAX = 1_000
PAST_QUIET_MAX = 20
BATCH_MAX = 500

Reason = Literal["stopping", "too_slow", "renew", "unavailable", "expired", "revoked", "left"]


class Ring:
    """The last deliveries of one party. `begins`: the first place that is not missing here; `ends`: the next one.

    Until its topic is found it holds nothing, and nobody can say what it holds.
    """

    def __init__(self) -> None:
        self.begins = 0
        self.ends = 0
        self.is_found = False
        self._events: list[Event] = []
        self._offsets: list[int] = []
        self._waiting: set[asyncio.Future[None]] = set()

    def begin(self, offset: int) -> None:
        """It begins here; what was there before is not of this topic, or not together with it."""
        self.begins = self.ends = offset
        self.is_found = True
        self._events, self._offsets = [], []
        self.wake()

    def add(self, events: list[Event], ends: int) -> None:
        """What was read, up to and without `ends`."""
        self._events += events
        self._offsets += [event.offset for event in events]
        self.ends = ends
        if len(self._events) > 2 * RING_MAX:
            self.begins = self._offsets[-RING_MAX - 1] + 1
            self._events, self._offsets = self._events[-RING_MAX:], self._offsets[-RING_MAX:]
        self.wake()

    def holds(self, offset: int) -> bool:
        """Whether all from this place on is here."""
        return self.begins <= offset <= self.ends

    def since(self, offset: int) -> tuple[list[Event], int]:
        """Some events from a place on, and the place after them."""
        first = bisect_left(self._offsets, offset)
        found = self._events[first : first + PIECE_MAX]
        is_all = first + PIECE_MAX >= len(self._events)
        return found, self.ends if is_all else found[-1].offset + 1

    def wake(self) -> None:
        """Whoever waits looks again."""
        waiting, self._waiting = self._waiting, set()
        for one in waiting:
            _settle(one)

    async def changed(self, within_s: float) -> None:
        """Until something came, or it is time for a heartbeat."""
        loop = asyncio.get_running_loop()
        one = loop.create_future()
        self._waiting.add(one)
        timer = loop.call_later(within_s, _settle, one)
        try:
            await one
        finally:
            timer.cancel()
            self._waiting.discard(one)


def _settle(one: asyncio.Future[None]) -> None:
    if not one.done():
        one.set_result(None)


class Past(NamedTuple):
    """A piece of what lies before the ring, and the place after it; `gap`: the place asked for is not kept."""

    events: list[Event]
    ends: int
    gap: bool = False


class Deliveries:
    """`run` for as long as the process lives; `ring` gives a party's ring, `past` what lies before it."""

    def __init__(self, bootstrap: str, *, security: Security | None = None) -> None:
        self._bootstrap = bootstrap
        self._security = security
        self._rings: dict[str, Ring] = {}
        self._positions: dict[Place, int] = {}
        self._past = asyncio.Semaphore(PAST_MAX)
        self._has_looked = False
        #: From when on the end of a ring is the end of its topic.
        self.standing = asyncio.Event()
        self.ending: Reason | None = None

    def ring(self, party: str) -> Ring:
        """The ring of a party, also of one that has had no delivery yet."""
        return self._ring(deliveries(party).name)

    def _ring(self, topic: str) -> Ring:
        return self._rings.setdefault(topic, Ring())

    def close(self, reason: Reason) -> None:
        """Every stream says goodbye."""
        self.ending = reason
        for ring in self._rings.values():
            ring.wake()

    async def run(self) -> None:
        """Reads for ever; a broker that does not answer is asked again, and streams stay open meanwhile."""
        while True:
            try:
                async with Tail(self._bootstrap, security=self._security) as tail:
                    await self._follow(tail)
            except BrokerUnreachable as fault:
                log.error("deliveries_interrupted", error=type(fault).__name__)
            except Expired as fault:
                # The topic was made anew, or nobody read for longer than it is kept: it is taken up from its beginning.
                log.warning("deliveries_expired", offset=fault.offset)
                del self._positions[fault.place]
            except Exception as fault:
                log.error("deliveries_failed", error=type(fault).__name__, exc_info=fault)
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _follow(self, tail: Tail) -> None:
        still_there = set(await tail.places({place.topic for place in self._positions}))
        self._positions = {place: at for place, at in self._positions.items() if place in still_there}
        await tail.read_from(self._positions)
        looked_s = float("-inf")
        while True:
            if time.monotonic() - looked_s > LOOK_EVERY_S:
                looked_s = time.monotonic()
                await self._look(tail)
            batch = await tail.batch(POLL_MS, BATCH_MAX)
            after = await tail.positions()
            self._take(batch, after)
            if (
                not batch
            ):  # the embedded broker's own end is short by its last batch: only an empty answer is the end
                self.standing.set()

    async def _look(self, tail: Tail) -> None:
        """Takes up topics that are new: at start-up from their end, later from their beginning."""
        names = [name for name in await tail.topics() if name.startswith(DELIVERIES)]
        new = [place for place in await tail.places(names) if place not in self._positions]
        if new:
            begins = await (tail.beginnings(new) if self._has_looked else tail.ends(new))
            for place, offset in begins.items():
                self._ring(place.topic).begin(offset)
            self._positions = {**self._positions, **begins}
            await tail.read_from(self._positions)
        self._has_looked = True

    def _take(self, batch: list[Record], after: dict[Place, int]) -> None:
        by_topic: dict[str, list[Event]] = {}
        for record in batch:
            event = event_of(record)
            if event is not None:
                by_topic.setdefault(record.topic, []).append(event)
        for place, ends in after.items():
            if ends != self._positions.get(place):
                self._ring(place.topic).add(by_topic.get(place.topic, []), ends)
        self._positions = after

    async def past(self, party: str, offset: int | None) -> Past:
        """A piece of what lies before the ring. A place no longer kept, or never given out, is a gap."""
        ring = self.ring(party)
        async with self._past, Tail(self._bootstrap, security=self._security) as tail:
            places = await tail.places([deliveries(party).name])
            if not places:
                return Past([], ring.begins, gap=offset is None)
            (place,) = places
            begins, ends = (await tail.beginnings(places))[place], (await tail.ends(places))[place]
            if offset is None or not begins <= offset <= max(ends, ring.ends):
                return Past([], begins, gap=True)
            if offset > ring.ends:  # told by a process that had read further
                return Past([], offset)
            await tail.read_from({place: offset})
            found: list[Event] = []
            for _ in range(PAST_QUIET_MAX):
                batch = await tail.batch(POLL_MS, BATCH_MAX)
                found += [event for record in batch if (event := event_of(record)) is not None]
                offset = (await tail.positions())[place]
                if offset >= ring.begins or len(found) >= PAST_PIECE_MAX:
                    break
            # What the ring does not know yet, the ring will tell.
            offset = min(offset, ring.ends)
            return Past([event for event in found if event.offset < offset], offset)
