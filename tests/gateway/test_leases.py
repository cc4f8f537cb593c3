"""What streams rest on: looked at once for all of them, and told to those for which it ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping

import orjson
import pytest

from services.database.engine import DatabaseUnreachable
from services.gateway.api_keys import KeyOver
from services.gateway.leases import Lease, Leases
from services.gateway.stream import Told
from services.gateway.stream_text import Wanted
from services.gateway.tailing import Deliveries
from services.gateway.tokens import Caller, Shown

ENDED = b"ended"


def a_lease(party: str = "linde", digest: bytes | None = None, *partnerships: str) -> Lease:
    named = frozenset(partnerships or ("de-vlier",))
    return Lease(Shown(Caller(party, (), named, frozenset()), digest=digest))


class Asked:
    """Who takes part, and which keys are over, with what was asked of it."""

    def __init__(self) -> None:
        self.left: set[tuple[str, str]] = set()
        self.parts: list[tuple[str, str]] = []
        self.keys: list[Collection[bytes]] = []
        self.is_up = True

    def takes_part(self, partnership: str, party: str) -> bool:
        self.parts.append((partnership, party))
        return (partnership, party) not in self.left

    async def keys_over(self, digests: Collection[bytes], /) -> Mapping[bytes, KeyOver]:
        self.keys.append(digests)
        if not self.is_up:
            raise DatabaseUnreachable("TimeoutError")
        return {one: "revoked" for one in digests if one == ENDED}


async def test_one_look_serves_a_thousand_streams() -> None:
    asked = Asked()
    leases = Leases(asked.takes_part, asked.keys_over)
    ended: list[Lease] = []
    every = [a_lease(f"party-{n % 10}", ENDED if n % 100 == 0 else b"key-%d" % (n % 7)) for n in range(1000)]
    every += [a_lease() for _ in range(100)]
    for lease in every:
        leases.add(lease, lambda lease=lease: ended.append(lease))  # type: ignore[misc]
    asked.left = {("de-vlier", "party-3")}
    await leases.look()
    assert len(asked.parts) == 11
    assert [set(keys) for keys in asked.keys] == [{ENDED, *(b"key-%d" % n for n in range(7))}]
    assert ended == [one for one in every if one.party == "party-3"] + [
        one for one in every if one.digest == ENDED
    ]
    assert {(one.digest == ENDED, one.over()) for one in ended} == {(False, "left"), (True, "revoked")}
    await leases.look()
    assert len(ended) == 110 and len(asked.keys) == 2
    for lease in every:
        leases.drop(lease)
    asked.parts.clear()
    await leases.look()
    assert (asked.parts, len(asked.keys)) == ([], 2)


async def test_whoever_left_is_ended_also_while_no_key_can_be_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.gateway.leases.LOOK_EVERY_S", 0.01)
    asked = Asked()
    leases = Leases(asked.takes_part, asked.keys_over)
    by_key, left = a_lease("kade", ENDED), a_lease("linde")
    over: asyncio.Queue[Lease] = asyncio.Queue()
    for lease in (by_key, left):
        leases.add(lease, lambda lease=lease: over.put_nowait(lease))  # type: ignore[misc]
    asked.is_up, asked.left = False, {("de-vlier", "linde")}
    running = asyncio.create_task(leases.run())
    try:
        async with asyncio.timeout(30):
            assert await over.get() is left
            assert (left.over(), by_key.over()) == ("left", None)
            asked.is_up = True
            assert await over.get() is by_key
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_party_that_is_still_in_one_of_its_partnerships_is_told_on() -> None:
    asked = Asked()
    leases = Leases(asked.takes_part, asked.keys_over)
    lease = a_lease("linde", None, "de-vlier", "de-kade")
    leases.add(lease, lambda: None)
    asked.left = {("de-vlier", "linde")}
    await leases.look()
    assert lease.over() is None and leases.holds(lease)
    asked.left = {("de-vlier", "linde"), ("de-kade", "linde")}
    await leases.look()
    assert lease.over() == "left" and not leases.holds(lease)


async def test_stream_ends_with_its_token_and_not_at_the_next_heartbeat() -> None:
    caller = Caller("linde", (), frozenset(("de-vlier",)), frozenset())
    lease = Lease(Shown(caller, until_s=time.time() + 0.3))
    told = Told(Deliveries("127.0.0.1:1"), lease, Wanted(), asked=None, from_start=False)
    began_s = time.monotonic()
    pieces = [piece async for piece in told.pieces()]
    assert time.monotonic() - began_s >= 0.2
    assert (len(pieces), pieces[0][:6]) == (2, b"retry:")
    assert pieces[1] == b"event: goodbye\ndata: %b\n\n" % orjson.dumps({"reason": "expired"})


def test_lease_of_a_token_ends_at_its_moment() -> None:
    now_s = 50.0
    caller = Caller("linde", (), frozenset(), frozenset())
    lease = Lease(Shown(caller, until_s=time.time() + 60), monotonic=lambda: now_s)
    assert lease.over() is None and lease.left_s() == pytest.approx(60, abs=5)
    now_s = 110.1
    assert lease.over() == "expired"
    lease.end("left")
    lease.end("revoked")
    assert lease.over() == "left"
