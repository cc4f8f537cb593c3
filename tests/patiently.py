"""Asks a broker that was started a moment ago until it answers: on a busy machine it takes its time."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from services.runtime.reach import BrokerUnreachable

ANSWERED_WITHIN_S = 180.0
T = TypeVar("T")


async def patiently(ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Its answer; asked again as long as nobody answers, for some minutes."""
    until_s = time.monotonic() + ANSWERED_WITHIN_S
    while True:
        try:
            return await ask()
        except BrokerUnreachable:
            if time.monotonic() > until_s:
                raise
