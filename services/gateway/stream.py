"""`GET /v1/stream`: a party's own deliveries as server-sent events, resumed without loss or repeat by Last-Event-ID."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.gateway import described
from services.gateway.door import Door, allowed, door_of, shown_in
from services.gateway.leases import Lease, Leases
from services.gateway.problems import Code, Problem
from services.gateway.reading_metrics import STREAM_DELAY, STREAM_EVENTS, STREAMS_ENDED, STREAMS_OPEN
from services.gateway.stream_text import (
    PRIORITIES,
    Event,
    Wanted,
    gap,
    goodbye,
    heartbeat,
    opening,
    position_of,
    words,
    written,
)
from services.gateway.tailing import AHEAD_MAX_S, BEHIND_MAX, BEHIND_MAX_S, Deliveries, Reason
from services.gateway.tokens import Scope as TokenScope
from services.gateway.tokens import refused
from services.runtime.reach import BrokerUnreachable
from services.runtime.tail import Expired

PART = "deliveries"
HEARTBEAT_S = 15.0
SHORT_S = 0.2
#: A reader that takes nothing for so long is too slow, whatever it is behind.
TAKES_WITHIN_S = 30.0
#: However long it holds what a stream rests on, so often it begins again.
RENEW_AFTER_S = 3600.0
#: For a stream that came before the process has read where the topics end.
STANDS_WITHIN_S = 10.0
STREAMS_MAX = 4_000
STREAMS_OF_A_PARTY_MAX = 2_000

router = APIRouter(tags=["stream"])


class Streams:
    """What the streams of a process share: the reader of deliveries, what they rest on, and how many are open."""

    def __init__(self, deliveries: Deliveries, stopping: asyncio.Event, leases: Leases | None = None) -> None:
        self.deliveries = deliveries
        self._leases = leases
        self.open: Counter[str] = Counter()
        self._stopping = stopping

    async def run(self) -> None:
        """Reads for the streams until the process stops; then each says goodbye."""
        beside = [asyncio.create_task(self.deliveries.run())]
        if self._leases is not None:
            beside.append(asyncio.create_task(self._leases.run()))
        try:
            await self._stopping.wait()
            self.deliveries.close("stopping")
            await asyncio.Event().wait()
        finally:
            for one in beside:
                one.cancel()
            await asyncio.wait(beside)

    def enter(self, lease: Lease) -> None:
        """One more; raises a problem when it rests on nothing, or there are as many as can be served."""
        party = lease.party
        # By how much clocks may differ a token is taken for a request, and not for what lasts.
        if lease.over() is not None:
            raise refused(Code.TOKEN_EXPIRED)
        if self._leases is not None and not self._leases.holds(lease):
            raise Problem(
                Code.NOT_ALLOWED, detail="your party takes part in no partnership of this token or key"
            )
        if self.deliveries.ending is not None:
            raise Problem(Code.STOPPING)
        if self.open[party] >= STREAMS_OF_A_PARTY_MAX or self.open.total() >= STREAMS_MAX:
            raise Problem(
                Code.TOO_MANY_REQUESTS, detail="too many streams are open", headers={"Retry-After": "10"}
            )
        self.open[party] += 1
        STREAMS_OPEN.set(self.open.total())
        if self._leases is not None:
            self._leases.add(lease, self.deliveries.ring(party).wake)

    def leave(self, lease: Lease) -> None:
        """One less."""
        if self._leases is not None:
            self._leases.drop(lease)
        party = lease.party
        self.open[party] -= 1
        if not self.open[party]:
            del self.open[party]
        STREAMS_OPEN.set(self.open.total())


def streams_of(door: Door) -> Streams:
    """The streams of this door."""
    return cast(Streams, door.parts[PART])


class Told:
    """What one stream says, piece by piece, until its goodbye. It keeps a place and no queue."""

    def __init__(
        self, deliveries: Deliveries, lease: Lease, wanted: Wanted, *, asked: str | None, from_start: bool
    ) -> None:
        self._deliveries = deliveries
        self._lease = lease
        self._party = party = lease.party
        self._wanted = wanted
        self._asked = asked
        self._ring = ring = deliveries.ring(party)
        self._at = position_of(asked) if asked is not None else (0 if from_start else ring.ends)
        self._until_s = time.monotonic() + RENEW_AFTER_S
        self._ahead_until_s = time.monotonic() + AHEAD_MAX_S
        #: Whether it once had all there was, and since when it has not: then, being far behind is being slow.
        self._is_live = False
        self._behind_since_s = time.monotonic()

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Text to be written; whoever writes it takes the next piece when it was taken."""
        yield opening(-1 if self._at is None else self._at - 1)
        while (reason := self._over()) is None:
            try:
                text = await self._next()
            except (BrokerUnreachable, Expired):
                reason = "unavailable"
                break
            if text:
                yield text
        STREAMS_ENDED.labels(reason).inc()
        yield goodbye(reason)

    def _over(self) -> Reason | None:
        """Why it ends now, or nothing."""
        ring, at = self._ring, self._at
        if self._deliveries.ending is not None:
            return self._deliveries.ending
        if (over := self._lease.over()) is not None:
            return over
        if time.monotonic() > self._until_s:
            return "renew"
        is_behind = self._is_live and at is not None and ring.ends - at > BEHIND_MAX
        return "too_slow" if is_behind and time.monotonic() - self._behind_since_s > BEHIND_MAX_S else None

    async def _next(self) -> bytes:
        ring, at = self._ring, self._at
        if at is not None and ring.is_found and at > ring.ends and time.monotonic() < self._ahead_until_s:
            await ring.changed(SHORT_S)
            return b""
        if at is None or (ring.is_found and not ring.holds(at)):
            return await self._past(at)
        events, self._at = ring.since(at) if ring.is_found else ([], at)
        if not events and self._at == at:
            self._is_live = ring.is_found
            return await self._nothing(at)
        return self._written(events)

    async def _past(self, at: int | None) -> bytes:
        piece = await self._deliveries.past(self._party, at)
        is_told = piece.gap and (self._asked is not None or self._is_live)
        if piece.ends == at and not piece.events:
            await self._ring.changed(SHORT_S)
        self._at = piece.ends
        told = gap(self._asked or "", piece.ends) if is_told else b""
        return told + self._written(piece.events)

    async def _nothing(self, at: int) -> bytes:
        """Waits; an open line is heard of now and then, and so is a place that moved on without a wanted event."""
        before_s = time.monotonic()
        await self._ring.changed(max(0.0, min(HEARTBEAT_S, self._lease.left_s())))
        self._behind_since_s = time.monotonic()
        return heartbeat(at - 1) if time.monotonic() - before_s >= HEARTBEAT_S * 0.9 else b""

    def _written(self, events: list[Event]) -> bytes:
        text, taken = written(events, self._wanted)
        if taken:
            STREAM_EVENTS.inc(len(taken))
            STREAM_DELAY.observe(max(0.0, time.time() - taken[-1].at_ms / 1000))
        return text


class EventStream(Response):
    """Writes what is told, and stops when nobody reads any more: who takes nothing for too long, is not read for."""

    media_type = "text/event-stream"

    def __init__(self, told: Told, on_end: Callable[[], None]) -> None:
        super().__init__()
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._told = told
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writing = asyncio.create_task(self._write(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writing, leaving):
                task.cancel()
            await asyncio.wait((writing, leaving))
            self._on_end()
        if writing.done() and not writing.cancelled():
            writing.result()

    async def _write(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async with aclosing(self._told.pieces()) as pieces:
            async for text in pieces:
                try:
                    async with asyncio.timeout(TAKES_WITHIN_S):
                        await send({"type": "http.response.body", "body": text, "more_body": True})
                except TimeoutError:
                    STREAMS_ENDED.labels("too_slow").inc()
                    return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


LastId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        description="The id of the last event you have: the stream goes on after it, without loss or repeat.",
        max_length=64,
    ),
]
Priority = Annotated[
    str | None,
    Query(
        description=f"Only these, by comma: {', '.join(PRIORITIES)}.",
        max_length=64,
        examples=["stat,asap,urgent"],
    ),
]
Urgency = Annotated[str | None, Query(description="Only these levels of the agreement.", max_length=256)]
Type = Annotated[
    str | None,
    Query(
        alias="type",
        description="Only these: by the whole type, or by the fact an event tells of.",
        max_length=512,
        examples=["SignalRouted,ObligationEscalated"],
    ),
]
Begin = Annotated[
    Literal["now", "start"],
    Query(
        alias="from",
        description="Where to begin without a Last-Event-ID: `start` is the oldest that is kept.",
    ),
]


@router.get(
    "/v1/stream",
    response_class=Response,
    summary="Follow what you are told",
    description=(
        "Your own deliveries as server-sent events: `id` is a place in your stream, `event` the type, `data` a whole "
        "CloudEvent. `event: gap` says that the place you asked for is no longer kept, `event: goodbye` why the "
        "stream ends: stopping, renew, unavailable (come back with your last id), too_slow, expired (come back with "
        "another token), revoked or left (your party does not take part any more)."
    ),
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "The stream"},
        **described.problems(401, 403, 422, 429, 500, 503),
    },
    operation_id="Stream",
    dependencies=[Depends(allowed(TokenScope.STREAM_READ))],
)
async def stream(  # noqa: PLR0913 - each is a part of the question
    request: Request,
    last: LastId = None,
    priority: Priority = None,
    urgency: Urgency = None,
    of_type: Type = None,
    begin: Begin = "now",
) -> Response:
    """A party's own stream; nobody can ask for another's."""
    if unknown := words(priority) - set(PRIORITIES):
        raise Problem(Code.PARAMETER_WRONG, field="priority", detail=f"{len(unknown)} of them are none")
    streams = streams_of(door_of(request))
    try:
        async with asyncio.timeout(STANDS_WITHIN_S):
            await streams.deliveries.standing.wait()
    except TimeoutError:
        raise Problem(Code.UNAVAILABLE, headers={"Retry-After": "5"}) from None
    lease = Lease(shown_in(request))
    streams.enter(lease)
    wanted = Wanted(words(priority), words(urgency), words(of_type))
    told = Told(streams.deliveries, lease, wanted, asked=last, from_start=begin == "start")
    return EventStream(told, lambda: streams.leave(lease))
