"""A door in a thread of its own, for whoever is driven step by step: a browser, a command, a document."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

from tests.gateway.reading_door import Standing


class Beside:
    """`with Beside(a_link_door(…)) as beside: beside.door.url`."""

    def __init__(self, opened: AbstractAsyncContextManager[Standing]) -> None:
        self._opened = opened
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self.door: Standing

    def __enter__(self) -> Beside:
        self._thread.start()
        self.door = self.run(self._opened.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._opened.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Something done in the door's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)
