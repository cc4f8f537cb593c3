"""How much one organisation, or one address outside, may ask of the door in a while: 429 says when again.

An address that shows no good token again and again gets 429 as well. Whoever shows a good one from there is served all
the same: behind one address there may be a whole building.

Counted in this process alone: behind several of them an organisation may have as many times as much.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter, RateLimiter, SlidingWindowCounterRateLimiter

from services.gateway.problems import Code, Problem
from services.gateway.settings import GatewaySettings

#: Addresses whose failures are kept at one moment; of more, that which has been silent the longest is let go of.
ADDRESSES_MAX = 10_000
MINUTE_S = 60


class Standing(NamedTuple):
    """What is left of a limit: the fields of the headers RateLimit and RateLimit-Policy."""

    policy: str
    limit: int
    window_s: int
    left: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={self.window_s}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.reset_s}',
        }


class Failures:
    """How often each address showed no good token of late: so many at once, and as many again in a minute."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        self._most = per_minute
        self._monotonic = monotonic
        #: What each address has left to pay off, and when that was worked out: it goes down with the time.
        self._owed: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._owed)

    def one_more(self, address: str) -> float:
        """Counts one; the seconds until another is within the limit, 0 when this one was."""
        place, now_s = place_of(address), self._monotonic()
        owed, at_s = self._owed.pop(place, (0.0, now_s))
        owed = max(0.0, owed - (now_s - at_s) * self._most / MINUTE_S)
        is_within = owed + 1 <= self._most
        self._owed[place] = (owed + is_within, now_s)
        if len(self._owed) > ADDRESSES_MAX:
            self._owed.popitem(last=False)
        return 0.0 if is_within else (owed + 1 - self._most) * MINUTE_S / self._most


def place_of(address: str) -> str:
    """What counts as one address: of IPv6 the network of a house, for whoever has one address there has all of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False).network_address)


class Limits:
    """The limits of one process."""

    def __init__(self, settings: GatewaySettings, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._failures = Failures(settings.failures_per_minute, monotonic)
        self._failures_most = settings.failures_per_minute
        storage = MemoryStorage()
        self._moving = MovingWindowRateLimiter(storage)
        # A batch counts a thousand at once: counted in two windows, not kept one by one.
        self._sliding = SlidingWindowCounterRateLimiter(storage)
        self._requests = RateLimitItemPerMinute(settings.requests_per_minute, namespace="requests")
        self._events = RateLimitItemPerMinute(settings.events_per_minute, namespace="events")
        self._forms = RateLimitItemPerHour(settings.forms_per_hour, namespace="forms")
        # One page for everybody: twenty addresses may fill it in as often as each of them may.
        self._forms_of_all = RateLimitItemPerHour(20 * settings.forms_per_hour, namespace="all-forms")
        self._told = RateLimitItemPerMinute(max(1, settings.refusals_told_per_minute), namespace="told")
        self._tells = settings.refusals_told_per_minute > 0

    async def request(self, party: str) -> Standing:
        """One more request of this organisation; raises 429."""
        return await self._hit(self._moving, self._requests, party)

    async def events(self, party: str, number: int) -> Standing:
        """So many more events of this organisation; raises 429."""
        return await self._hit(self._sliding, self._events, party, cost=number)

    async def form(self, address: str, partnership: str) -> None:
        """One more form from this address for this partnership; raises 429."""
        await self._hit(self._moving, self._forms, address, partnership)
        await self._hit(self._moving, self._forms_of_all, partnership)

    def failure(self, address: str) -> None:
        """One more request from this address that showed no good token; raises 429. Good ones are not counted."""
        again_s = math.ceil(self._failures.one_more(address))
        if again_s:
            raise _too_many(Standing("failures", self._failures_most, MINUTE_S, 0, again_s))

    async def may_tell_refusal(self, party: str) -> bool:
        """Whether one more refusal of this party becomes a fact; beyond, they are counted only."""
        return self._tells and await self._sliding.hit(self._told, party)

    async def _hit(self, by: RateLimiter, item: RateLimitItem, *whose: str, cost: int = 1) -> Standing:
        is_within = await by.hit(item, *whose, cost=cost)
        reset, left = await by.get_window_stats(item, *whose)
        reset_s = max(1, math.ceil(reset - time.time()))
        standing = Standing(item.namespace, item.amount, item.get_expiry(), max(0, left), reset_s)
        if not is_within:
            raise _too_many(standing._replace(left=0))
        return standing


def _too_many(standing: Standing) -> Problem:
    return Problem(
        Code.TOO_MANY_REQUESTS,
        detail=f"at most {standing.limit} {standing.policy} in {standing.window_s} seconds",
        headers={**standing.headers(), "Retry-After": str(standing.reset_s)},
    )
