"""A door that listens on a port, in a thread of its own: for a browser, which cannot be handed an application."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from services.cli.processes import HOST, free_port
from services.gateway.app import make_app
from services.gateway.server import a_server
from services.gateway.settings import GatewaySettings
from tests.gateway.doors import Keeping, opened

UP_WITHIN_S = 30.0


class Listening(NamedTuple):
    """Where it listens, and what came in."""

    url: str
    intake: Keeping


@contextmanager
def listening(place: Path, *agreements: str) -> Iterator[Listening]:
    """The door of these agreements, until it is left."""
    port, found, is_up = free_port(), list[Listening](), threading.Event()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        async with opened(place, *agreements) as door:
            server = a_server(make_app(door.door), GatewaySettings(port=port))
            serving = asyncio.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.02)
            found.append(Listening(f"http://{HOST}:{port}", door.intake))
            is_up.set()
            await over.wait()
            server.should_exit = True
            await serving

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        assert is_up.wait(UP_WITHIN_S), "the door did not come up"
        yield found[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(UP_WITHIN_S)
        loop.close()
