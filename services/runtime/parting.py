"""Leaves a client of the broker without waiting for its last word.

Over TLS both sides say that they close, and a broker that is still answering says so late: up to thirty seconds, which
would be added to the opening of a lane. What is left of the client ends by itself, and nothing depends on it.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

WITHIN_S = 1.0

_leaving: set[asyncio.Future[None]] = set()


class Stops(Protocol):
    """A consumer or a producer."""

    async def stop(self) -> None: ...


async def part_from(client: Stops, within_s: float = WITHIN_S) -> None:
    """Returns when it has stopped, or the time is over; what it fails with after that is nobody's affair."""
    task = asyncio.ensure_future(client.stop())
    _leaving.add(task)
    task.add_done_callback(_gone)
    await asyncio.wait({task}, timeout=within_s)


def _gone(task: asyncio.Future[None]) -> None:
    _leaving.discard(task)
    if not task.cancelled():
        task.exception()  # taken note of, so that the loop does not tell it as forgotten
