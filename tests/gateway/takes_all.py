"""A door that takes in events until it is killed, and tells each that is answered. Run by a test."""

from __future__ import annotations

import asyncio
import sys

from services.gateway.asked import Asked, Taken
from services.gateway.sweep import Sweeper
from services.runtime.steady import Steady
from tests.gateway.store import NOW_MS, a_report, a_store, an_answer

BATCH = 20


def events(first: int, last: int) -> list[Asked]:
    """Reports of a few clients, and of every fourth what is said next about it."""
    reports = [a_report(f"e{n}", client=f"c{n % 9}", subject=f"w{n}") for n in range(first, last)]
    return reports + [an_answer(f"w{n}", f"a{n}") for n in range(first, last) if n % 4 == 0]


async def main(database: str, bootstrap: str, first: int, last: int) -> None:
    """Takes in one batch after another, two at a time."""
    sends = Steady(bootstrap)
    async with a_store(database, sends) as store, Sweeper(store.engine, sends, lambda: NOW_MS):
        batches = iter([events(at, min(at + BATCH, last)) for at in range(first, last, BATCH)])

        async def work() -> None:
            for batch in batches:
                for answer in await store.intake.accept(batch):
                    assert isinstance(answer, Taken), answer
                    print(answer.event_id, answer.signal, answer.partition, answer.offset, flush=True)

        await asyncio.gather(work(), work())
    await sends.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
