"""A door that tells facts of its own until it is killed, and prints each that was told. Run by a test."""

from __future__ import annotations

import asyncio
import sys

from schemas.gateway import ContentRead, ReadGround, ReadPurpose
from services.database.engine import engine_of
from services.database.settings import DatabaseSettings
from services.gateway.ownfacts import OwnFacts
from services.runtime.steady import Steady
from tests.gateway.store import NOW_MS

READ = ContentRead(
    content_ref="vault:abcdefgh", party="linde", purpose=ReadPurpose.PULL, ground=ReadGround.ROUTED
)


async def main(database: str, bootstrap: str, slot: str, count: int) -> None:
    """Tells so many facts of one case, five at a time."""
    engine, sends = engine_of(DatabaseSettings(database=database)), Steady(bootstrap)
    async with OwnFacts(engine, sends, slot, lambda: NOW_MS, within_s=60.0) as own:

        async def work() -> None:
            for _ in range(count // 5):
                print((await own.tell(READ, caseid=f"case-{slot}")).fact_id, flush=True)

        await asyncio.gather(*(work() for _ in range(5)))
    await sends.stop()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
