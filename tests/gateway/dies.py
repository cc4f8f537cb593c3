"""A door that dies: it commits a batch and is killed before, or right after, the broker has it. Run by a test."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from services.runtime.send import Outgoing
from services.runtime.steady import Lies, Steady
from tests.gateway.store import a_report, a_store, an_answer


class Dies:
    """Sends like any door, and does not live to note it."""

    def __init__(self, bootstrap: str, *, is_sent: bool) -> None:
        self._sends = Steady(bootstrap)
        self._is_sent = is_sent

    async def send_all(self, outgoing: Sequence[Outgoing]) -> list[Lies]:
        if self._is_sent:
            await self._sends.send_all(outgoing)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("it is dead")


async def main(database: str, bootstrap: str, when: str) -> None:
    """Takes in a batch about two cases, and dies."""
    async with a_store(database, Dies(bootstrap, is_sent=when == "after")) as store:
        batch = [a_report(f"event-{n}", client=f"client-{n % 2}", subject=f"word-{n}") for n in range(20)]
        await store.intake.accept([*batch, an_answer("word-0", "answer-0")])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
