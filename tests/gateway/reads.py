"""A process that reads facts as the door does, to be killed: `python -m tests.gateway.reads`."""

from __future__ import annotations

import asyncio
import json
import os

from services.database.engine import engine_of
from services.database.settings import DatabaseSettings
from services.gateway.reading import Reading, Setting

ALIAS_KEY = b"alias key of a test"
KEEP_MS = 30 * 86_400_000


def setting(bootstrap: str, topics: list[str], *, is_transactional: bool = True) -> Setting:
    """Takes over quickly, for a test that waits for it."""
    return Setting(
        bootstrap, ALIAS_KEY, KEEP_MS, topics=topics, is_transactional=is_transactional, dead_after_s=1.0
    )


async def main() -> None:
    """Reads until it is killed."""
    engine = engine_of(DatabaseSettings())
    await Reading(engine, setting(os.environ["KAFKA"], json.loads(os.environ["TOPICS"]))).run()


if __name__ == "__main__":
    asyncio.run(main())
