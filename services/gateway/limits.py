"""How much one organisation, or one address outside, may ask of the door in a while: 429 says when again.

Counted in this process alone: behind several of them an organisation may have as many times as much.
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter, RateLimiter, SlidingWindowCounterRateLimiter

from services.gateway.problems import Code, Problem
from services.gateway.settings import GatewaySettings


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


class Limits:
    """The limits of one process."""

    def __init__(self, settings: GatewaySettings) -> None:
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

    async def may_tell_refusal(self, party: str) -> bool:
        """Whether one more refusal of this party becomes a fact; beyond, they are counted only."""
        return self._tells and await self._sliding.hit(self._told, party)

    async def _hit(self, by: RateLimiter, item: RateLimitItem, *whose: str, cost: int = 1) -> Standing:
        is_within = await by.hit(item, *whose, cost=cost)
        reset, left = await by.get_window_stats(item, *whose)
        reset_s = max(1, math.ceil(reset - time.time()))
        standing = Standing(item.namespace, item.amount, item.get_expiry(), max(0, left), reset_s)
        if not is_within:
            raise Problem(
                Code.TOO_MANY_REQUESTS,
                detail=f"at most {item.amount} {item.namespace} in {item.get_expiry()} seconds",
                headers={**standing.headers(), "RateLimit": standing._replace(left=0).headers()["RateLimit"]}
                | {"Retry-After": str(reset_s)},
            )
        return standing
