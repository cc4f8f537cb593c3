"""The stage of the demo: broker, topics, agreements and one worker by a fast clock; taken down whatever happens."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from services.cli.agreements.publishing import publish_agreement
from services.cli.asked import security
from services.cli.broker import Embedded
from services.cli.errors import CliError, ProcessDied
from services.cli.processes import HOST, end, free_port
from services.cli.run import expect_broker, worker_of
from services.cli.supervise import said
from services.runtime.admin import make
from services.runtime.clock import Clock
from services.runtime.follow import follow
from services.runtime.settings import RuntimeSettings
from topics.catalogue import CATALOGUE, changelog

SERVICE = "casework"
#: How long the worker may take until it is ready before the day's clock starts, tried in this order. The embedded
#: broker alone needs six seconds to let a first member into a group.
LEADS_S = (15.0, 30.0, 60.0)
LOOK_EVERY_S = 0.2


class Broker(NamedTuple):
    """Where the broker is, and whether it knows transactions."""

    bootstrap: str
    transactions: str


@contextmanager
def a_broker(place: Path) -> Iterator[Broker]:
    """The broker of SEINHUIS_KAFKA, or an embedded one that ends with the demo."""
    if "SEINHUIS_KAFKA" in os.environ:
        settings = RuntimeSettings()
        expect_broker(settings.kafka)
        yield Broker(settings.kafka, settings.transactions)
    else:
        with Embedded(log=place / "broker.log") as broker:
            yield Broker(broker.bootstrap, "off")


async def furnish(broker: Broker, agreements: Sequence[Path]) -> None:
    """Makes the topics and publishes the agreements; refuses a broker on which cases were decided before."""
    bootstrap = broker.bootstrap
    outcomes = await make(bootstrap, CATALOGUE, security=security())
    refused = [outcome for outcome in outcomes if outcome.did == "refused"]
    if refused:
        raise CliError(f"{refused[0].topic} cannot be used: {refused[0].says}")
    async for batch in follow(bootstrap, [changelog(SERVICE).name], until_end=True, security=security()):
        if batch:
            raise CliError(
                f"cases were decided at {bootstrap} before, and a lane's time never falls; "
                "the demo's day needs a fresh broker: unset SEINHUIS_KAFKA, or empty that one"
            )
    for path in agreements:
        await publish_agreement(
            bootstrap,
            path,
            now_ms=Clock().now_ms(),
            is_transactional=broker.transactions == "on",
            security=security(),
        )


class Worker:
    """One casework process by the demo's clock."""

    def __init__(self, broker: Broker, place: Path) -> None:
        self.health = f"http://{HOST}:{free_port()}"
        self.log = place / f"{SERVICE}.log"
        self._broker = broker
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, start: datetime, speed: float) -> Clock:
        """Starts it and returns when it is ready, with a clock that shows `start` in a moment.

        A worker is told its clock when it starts, so its start-up has to be guessed; where the machine is too slow
        for the guess, it is started again with more patience.
        """
        for lead_s in LEADS_S:
            text = f"{start.isoformat()}@{time.time() + lead_s:.3f}x{speed:g}"
            clock = Clock.from_text(text)
            self._start(text)
            while time.time() < clock.anchor_s:
                if await asyncio.to_thread(self._is_ready):
                    return clock
                await asyncio.sleep(LOOK_EVERY_S)
            self.stop()
        raise ProcessDied(f"{SERVICE} was not ready within {LEADS_S[-1]:.0f} s; its log is {self.log}")

    async def watch(self) -> None:
        """Ends only by telling that the process died."""
        while True:
            self._expect_alive()
            await asyncio.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        """Ends it in order."""
        process, self._process = self._process, None
        if process is not None:
            end(process)

    def _start(self, clock: str) -> None:
        asked = worker_of(SERVICE, 0, int(self.health.rpartition(":")[2]))
        told = {
            "SEINHUIS_KAFKA": self._broker.bootstrap,
            "SEINHUIS_TRANSACTIONS": self._broker.transactions,
            "SEINHUIS_CLOCK": clock,
        }
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                asked.command,
                env={**os.environ, **asked.environment, **told},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _expect_alive(self) -> None:
        code = self._process.poll() if self._process is not None else 0
        if code is not None:
            last = self.log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
            raise ProcessDied(
                f"{SERVICE} ended {said(code)}; its last words: {last[:300] or '-'} ({self.log})"
            )

    def _is_ready(self) -> bool:
        self._expect_alive()
        try:
            with urllib.request.urlopen(f"{self.health}/ready", timeout=10.0):
                return True
        except (urllib.error.URLError, OSError):
            return False
