"""Leaving a client: nobody waits for its last word longer than agreed, and what it says late disturbs nobody."""

from __future__ import annotations

import asyncio
import time

from services.runtime.parting import part_from


class Client:
    def __init__(self, takes_s: float, fault: Exception | None = None) -> None:
        self.takes_s, self.fault, self.is_stopped = takes_s, fault, False

    async def stop(self) -> None:
        await asyncio.sleep(self.takes_s)
        if self.fault is not None:
            raise self.fault
        self.is_stopped = True


async def test_parting_waits_for_a_client_that_stops() -> None:
    client = Client(0.01)
    await part_from(client, 30)
    assert client.is_stopped


async def test_parting_goes_on_without_one_that_takes_longer_and_lets_it_end() -> None:
    client, began_s = Client(1.0), time.monotonic()
    await part_from(client, 0.05)
    assert time.monotonic() - began_s < 1.0
    assert not client.is_stopped
    while not client.is_stopped:
        await asyncio.sleep(0.05)


async def test_what_a_client_fails_with_while_it_is_left_is_nobodys_affair() -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    await part_from(Client(0.01, ConnectionError("late")), 30)
    await asyncio.sleep(0.05)
    assert told == []
