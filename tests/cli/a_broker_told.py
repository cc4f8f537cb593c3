"""A broker of its own on which a world was told, with the clock standing still at its moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.agreements.local_moments import iso_moment
from services.cli.books import ZONE
from services.cli.broker import Embedded
from services.runtime.admin import make
from services.runtime.send import Sender
from tests.casework.world import World
from tests.cli.told import records_of
from topics.catalogue import CATALOGUE


def clock_at(world: World) -> str:
    """`SEINHUIS_CLOCK` of a clock that shows the moment of this world, and goes too slow to be seen."""
    return f"{iso_moment(world.clock_ms, ZONE)}@0x0.0000000000001"


@contextmanager
def told_on_a_broker(world: World, place: Path) -> Iterator[str]:
    """The address of a broker with all topics, on which this world and nothing else was told."""

    async def tell(bootstrap: str) -> None:
        await make(bootstrap, CATALOGUE)
        async with Sender(bootstrap) as sender:
            for record in records_of(world):
                await sender.put(record)

    with Embedded(log=place / "broker.log") as broker:
        asyncio.run(tell(broker.bootstrap))
        yield broker.bootstrap
