"""The stage of the demo: broker, database, topics, agreements, processes by a fast clock; all taken down at the end."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from services.cli.agreements.publishing import publish_agreement
from services.cli.asked import security
from services.cli.broker import Embedded
from services.cli.errors import CliError, ProcessDied
from services.cli.parties import published_parties
from services.cli.postgres import FORGETFUL, Postgres
from services.cli.processes import HOST, end_all, free_port
from services.cli.run import expect_broker, worker_of
from services.cli.supervise import said
from services.runtime.admin import make
from services.runtime.clock import Clock
from services.runtime.follow import follow
from services.runtime.settings import RuntimeSettings
from topics.catalogue import CATALOGUE, Topic, changelog, of_party

#: The core, and the door that its commands come through.
CORE, DOOR = "casework", "gateway"
#: How long the processes may take until they are ready before the day's clock starts, tried in this order. The
#: embedded broker alone needs six seconds to let a first member into a group.
LEADS_S = (15.0, 30.0, 60.0)
LOOK_EVERY_S = 0.2
KEY_BYTES = 32


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


@contextmanager
def a_database(place: Path) -> Iterator[str]:
    """An embedded PostgreSQL, empty at the beginning and gone at the end, as its invented clients are."""
    # Not below the working directory: where we are root, the server runs as a user who may not enter a home.
    with tempfile.TemporaryDirectory(prefix="seinhuis-demo-") as folder:
        Path(folder).chmod(0o755)
        with Postgres(Path(folder) / "data", log=place / "postgres.log", config=FORGETFUL) as server:
            # Alembic is a second's import, and no other command needs it.
            from services.database.migrate import migrate  # noqa: PLC0415

            migrate(server.url)
            yield server.url


async def furnish(broker: Broker, agreements: Sequence[Path], start_ms: int) -> None:
    """Makes the topics and publishes the agreements; refuses a broker on which cases were decided before."""
    bootstrap = broker.bootstrap
    await _make(bootstrap, CATALOGUE)
    async for batch in follow(bootstrap, [changelog(CORE).name], until_end=True, security=security()):
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
    parties = await published_parties(bootstrap, start_ms, security())
    await _make(bootstrap, tuple(topic for party in parties for topic in of_party(party)))


async def _make(bootstrap: str, topics: tuple[Topic, ...]) -> None:
    outcomes = await make(bootstrap, topics, security=security())
    refused = [outcome for outcome in outcomes if outcome.did == "refused"]
    if refused:
        raise CliError(f"{refused[0].topic} cannot be used: {refused[0].says}")


class Keys(NamedTuple):
    """What this one demo seals and names with: made for it, and gone with it."""

    alias: str
    settings: Mapping[str, str]

    @classmethod
    def fresh(cls, issuer: Mapping[str, str]) -> Keys:
        """New ones, and the issuer whose tokens the door takes."""
        alias, ring = (
            secrets.token_urlsafe(KEY_BYTES),
            f"demo:{b64encode(secrets.token_bytes(KEY_BYTES)).decode()}",
        )
        told = {
            "SEINHUIS_ALIAS_KEY": alias,
            "SEINHUIS_VAULT_KEY": ring,
            "SEINHUIS_REGISTER_KEY": ring,
            "SEINHUIS_LINK_KEY": secrets.token_urlsafe(KEY_BYTES),
            "SEINHUIS_SERVICE_TOKEN": secrets.token_urlsafe(KEY_BYTES),
            **issuer,
        }
        return cls(alias, told)


class Company:
    """The processes by the demo's clock: the core and the door."""

    def __init__(self, broker: Broker, database: str, keys: Keys, place: Path) -> None:
        self.health = {service: f"http://{HOST}:{free_port()}" for service in (CORE, DOOR)}
        self.door = f"http://{HOST}:{free_port()}"
        self._place = place
        self._told = {
            "SEINHUIS_KAFKA": broker.bootstrap,
            "SEINHUIS_TRANSACTIONS": broker.transactions,
            "SEINHUIS_DATABASE": database,
            "SEINHUIS_GATEWAY_PORT": self.door.rpartition(":")[2],
            "SEINHUIS_GATEWAY_PUBLIC_URL": self.door,
            **keys.settings,
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def log(self, service: str) -> Path:
        """Where a process writes."""
        return self._place / f"{service}.log"

    async def start(self, start: datetime, speed: float) -> Clock:
        """Starts them and returns when all are ready, with a clock that shows `start` in a moment.

        A process is told its clock when it starts, so the start-up has to be guessed; where the machine is too slow
        for the guess, all are started again with more patience.
        """
        for lead_s in LEADS_S:
            text = f"{start.isoformat()}@{time.time() + lead_s:.3f}x{speed:g}"
            clock = Clock.from_text(text)
            for service in self.health:
                self._start(service, text)
            while time.time() < clock.anchor_s:
                if await asyncio.to_thread(self._are_ready):
                    return clock
                await asyncio.sleep(LOOK_EVERY_S)
            self.stop()
        raise ProcessDied(
            f"the processes were not ready within {LEADS_S[-1]:.0f} s; their logs are in {self._place}"
        )

    async def watch(self) -> None:
        """Ends only by telling that a process died."""
        while True:
            self._expect_alive()
            await asyncio.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        """Ends them in order."""
        processes, self._processes = self._processes, {}
        end_all(list(processes.values()))

    def _start(self, service: str, clock: str) -> None:
        asked = worker_of(service, 0, int(self.health[service].rpartition(":")[2]))
        log = self.log(service)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            self._processes[service] = subprocess.Popen(
                asked.command,
                env={**os.environ, **asked.environment, **self._told, "SEINHUIS_CLOCK": clock},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _expect_alive(self) -> None:
        for service, process in self._processes.items():
            code = process.poll()
            if code is not None:
                log = self.log(service)
                last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
                raise ProcessDied(
                    f"{service} ended {said(code)}; its last words: {last[:300] or '-'} ({log})"
                )

    def _are_ready(self) -> bool:
        self._expect_alive()
        return all(_answers(f"{health}/ready") for health in self.health.values())


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10.0):
            return True
    except (urllib.error.URLError, OSError):
        return False
