"""A town in a test: the whole product as processes, by a fast clock, and the people in it with their programs.

    with a_town(place, bootstrap, database, start="2026-11-28T21:58:00+01:00", speed=120) as town:
        police = town.party("politie")
        signal = police.say("/v1/signals", {...})
        town.party("linde").hears("SignalRouted")

Everybody is outside: they publish and pull over HTTP, hear by server-sent events, webhooks and mail, and follow links.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from services.agreements.moments import moment
from services.cli.agreements.publishing import publish_agreement
from services.cli.parties import published_parties
from services.cli.processes import HOST, end, free_port
from services.database.migrate import migrate
from services.runtime.admin import make
from services.runtime.clock import Clock
from tests.e2e.receivers import Hooks, Letterbox
from tests.gateway.minted import AUDIENCE, ISSUER, EVERYTHING, a_key, a_token, written
from topics.catalogue import CATALOGUE, of_party

ROOT = Path(__file__).resolve().parents[2]
PARTNERSHIP = "de-vlier"
#: What a busy machine may take; an idle one needs a tenth of it.
STANDS_WITHIN_S = 90.0
COMES_WITHIN_S = 60.0
LOOK_EVERY_S = 0.05
#: Between the start of the processes and the moment at which the clock shows the story's beginning.
LEAD_S = 15.0
SERVICES = ("casework", "collaboration", "gateway", "notices")


def _source(party: str) -> str:
    return f"urn:nld:oin:{int.from_bytes(party.encode()) % 10**20:020d}:systeem:ecd"


class Heard(NamedTuple):
    """One thin notice in a party's stream."""

    of: str
    to: str | None
    signal: str
    case: str
    data: dict[str, Any]
    event: dict[str, Any]


class Party:
    """Somebody at a party with a program of theirs: says, hears, pulls."""

    def __init__(self, town: Town, name: str) -> None:
        self.name = name
        self._town = town
        self._client = httpx2.Client(
            base_url=town.url, headers={"Authorization": f"Bearer {town.token(name)}"}, timeout=30
        )
        self.heard: list[Heard] = []
        self._numbers = iter(range(1, 10_000))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._over = threading.Event()
        self._response: Any = None
        self._thread.start()

    def say(self, path: str, data: Mapping[str, Any], expects: int = 202) -> dict[str, Any]:
        """Posts a command; `data` is its fields."""
        key = f"{self.name}-{next(self._numbers)}"
        answer = self._client.post(
            path, json={"partnership": PARTNERSHIP, **data}, headers={"Idempotency-Key": key}
        )
        assert answer.status_code == expects, (answer.status_code, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    def get(self, path: str) -> httpx2.Response:
        return self._client.get(path)

    def hears(self, of: str, *, is_so: Callable[[Heard], bool] = lambda heard: True, what: str = "") -> Heard:
        """Waits until its stream tells this."""
        until = time.monotonic() + COMES_WITHIN_S
        while True:
            for heard in list(self.heard):
                if heard.of == of and is_so(heard):
                    return heard
            self._town.expect_alive()
            if time.monotonic() > until:
                told = [(one.of, one.to) for one in self.heard]
                raise AssertionError(f"{self.name} did not hear {of} {what}; it heard {told}")
            time.sleep(LOOK_EVERY_S)

    def close(self) -> None:
        self._over.set()
        if self._response is not None:
            self._response.close()
        self._thread.join(10)
        self._client.close()

    def _listen(self) -> None:
        """Follows the stream and begins again where it broke off, as a program of a partner does."""
        last = ""
        while not self._over.is_set():
            try:
                with httpx2.Client(base_url=self._town.url, timeout=httpx2.Timeout(10, read=60)) as client:
                    headers = {"Authorization": f"Bearer {self._town.token(self.name)}"}
                    if last:
                        headers["Last-Event-ID"] = last
                    query = {} if last else {"from": "start"}
                    with client.stream("GET", "/v1/stream", headers=headers, params=query) as self._response:
                        for last, data in _events(self._response.iter_lines(), last):
                            if data is not None:
                                self._take(data)
                            if self._over.is_set():
                                return
            except (httpx2.HTTPError, OSError, RuntimeError):
                self._over.wait(0.2)

    def _take(self, event: dict[str, Any]) -> None:
        data = event.get("data", {})
        if "of" in data:
            self.heard.append(
                Heard(data["of"], data.get("to"), event["subject"], event["caseid"], data, event)
            )


def _events(lines: Iterator[str], last: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
    text, place = "", last
    for line in lines:
        if line.startswith("id:"):
            place = line[3:].strip()
        elif line.startswith("data:"):
            text += line[5:].strip()
        elif not line:
            found = None
            if text:
                said = json.loads(text)
                found = said if isinstance(said, dict) and "specversion" in said else None
            yield place, found
            text = ""


class Town:
    """The processes and what is around them."""

    def __init__(  # noqa: PLR0913 - where all of it is
        self,
        place: Path,
        bootstrap: str,
        database: str,
        *,
        start: str,
        speed: float,
        is_transactional: bool,
        agreements: Sequence[Path],
    ) -> None:
        self.place, self.bootstrap, self.database = place, bootstrap, database
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.hooks, self.letters = Hooks(), Letterbox(place)
        self._key = a_key()
        self._stack = ExitStack()
        self._parties: dict[str, Party] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._is_transactional = is_transactional
        self.health = {name: free_port() for name in SERVICES}
        asyncio.run(self._furnish(agreements, start))
        migrate(database)
        self._stack.enter_context(self.hooks)
        self._stack.enter_context(self.letters)
        text = f"{start}@{time.time() + LEAD_S:.3f}x{speed:g}"
        self.clock = Clock.from_text(text)
        self._environment = self._told(text)
        for name in SERVICES:
            self.start(name)
        self._wait_until_ready()

    # -- processes -----------------------------------------------------------------------------------

    async def _furnish(self, agreements: Sequence[Path], start: str) -> None:
        await make(self.bootstrap, CATALOGUE)
        begins_ms = Clock.from_text(f"{start}@0x1").start_ms
        for path in agreements:
            work = publish_agreement(
                self.bootstrap, path, now_ms=begins_ms - 86_400_000, is_transactional=self._is_transactional
            )
            assert (await work).did == "published"
        parties = await published_parties(self.bootstrap, begins_ms)
        await make(self.bootstrap, [topic for party in parties for topic in of_party(party)])

    def _told(self, clock: str) -> dict[str, str]:
        service_token = secrets.token_urlsafe(32)
        ring = f"one:{_base64(32)}"
        return {
            "SEINHUIS_KAFKA": self.bootstrap,
            "SEINHUIS_TRANSACTIONS": "on" if self._is_transactional else "off",
            "SEINHUIS_SESSION_TIMEOUT_S": "6",
            "SEINHUIS_CLOCK": clock,
            "SEINHUIS_DATABASE": self.database,
            "SEINHUIS_ALIAS_KEY": secrets.token_urlsafe(48),
            "SEINHUIS_VAULT_KEY": ring,
            "SEINHUIS_REGISTER_KEY": ring,
            "SEINHUIS_LINK_KEY": secrets.token_urlsafe(48),
            "SEINHUIS_SERVICE_TOKEN": service_token,
            "SEINHUIS_GATEWAY_PORT": str(self.port),
            "SEINHUIS_GATEWAY_PUBLIC_URL": self.url,
            "SEINHUIS_GATEWAY_URL": self.url,
            "SEINHUIS_GATEWAY_ISSUER": ISSUER,
            "SEINHUIS_GATEWAY_AUDIENCE": AUDIENCE,
            "SEINHUIS_GATEWAY_JWKS": written(self.place / "keys.json", self._key),
            "SEINHUIS_SMTP_HOST": HOST,
            "SEINHUIS_SMTP_PORT": str(self.letters.port),
            "SEINHUIS_SMTP_CA": str(self.letters.certificate),
            "SEINHUIS_WEBHOOK_PRIVATE": "true",
            "SEINHUIS_WEBHOOK_PLAIN": "true",
        }

    def start(self, name: str) -> None:
        """Starts a process, or starts it again."""
        with (self.place / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", "services.work", name],
                cwd=self.place,
                env={
                    **os.environ,
                    "PYTHONPATH": str(ROOT),
                    **self._environment,
                    "SEINHUIS_HTTP_PORT": str(self.health[name]),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self, name: str) -> None:
        """kill -9."""
        process = self._processes.pop(name)
        process.kill()
        process.wait(30)

    def expect_alive(self) -> None:
        for name, process in self._processes.items():
            if (code := process.poll()) is not None:
                raise AssertionError(f"{name} ended with {code}\n{self.last_words(name)}")

    def last_words(self, name: str) -> str:
        return (self.place / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + STANDS_WITHIN_S
        for name, port in self.health.items():
            while True:
                self.expect_alive()
                try:
                    if httpx2.get(f"http://{HOST}:{port}/ready", timeout=5).status_code == 200:
                        break
                except httpx2.HTTPError:
                    pass
                if time.monotonic() > until:
                    raise AssertionError(f"{name} is not ready\n{self.last_words(name)}")
                time.sleep(LOOK_EVERY_S)
        self.sleep_until(self.clock.start_ms)

    # -- people --------------------------------------------------------------------------------------

    def token(self, party: str, scopes: str = EVERYTHING) -> str:
        return a_token(
            self._key,
            sub=f"ecd-of-{party}",
            client_id=f"ecd-of-{party}",
            exp=int(time.time()) + 3600,
            scope=scopes,
            seinhuis={"party": party, "sources": [_source(party)], "partnerships": [PARTNERSHIP]},
        )

    def party(self, name: str) -> Party:
        """A party with its stream open."""
        if name not in self._parties:
            self._parties[name] = Party(self, name)
        return self._parties[name]

    def sleep_until(self, at_ms: int) -> None:
        """Until the town's clock shows this."""
        time.sleep(max(0.0, self.clock.to_wall_s(at_ms) - time.time()))

    def address(self, contact: str, channel: str, address: str, secret: str | None = None) -> None:
        """Tells the door how a function is reached."""
        party, _, name = contact.partition("/")
        said = {"address": address, **({"secret": secret} if secret else {})}
        answer = httpx2.put(
            f"{self.url}/v1/directory/{party}/{name}/addresses/{channel}",
            json=said,
            headers={"Authorization": f"Bearer {self.token(party)}"},
            timeout=30,
        )
        assert answer.status_code in (200, 201, 204), answer.text

    def now(self) -> str:
        return moment(self.clock.now_ms()).isoformat()

    def close(self) -> None:
        for party in self._parties.values():
            party.close()
        for process in self._processes.values():
            end(process)
        self._stack.close()


def _base64(count: int) -> str:
    from base64 import b64encode  # noqa: PLC0415 - for the ring's own form

    return b64encode(secrets.token_bytes(count)).decode()


@contextmanager
def a_town(  # noqa: PLR0913 - where all of it is
    place: Path,
    bootstrap: str,
    database: str,
    *,
    start: str,
    speed: float,
    is_transactional: bool = False,
    agreements: Sequence[Path] = (ROOT / "examples/waterkant/de-vlier.yaml",),
) -> Iterator[Town]:
    """All of it, taken down at the end whatever happens."""
    town: Town | None = None
    try:
        town = Town(
            place,
            bootstrap,
            database,
            start=start,
            speed=speed,
            is_transactional=is_transactional,
            agreements=agreements,
        )
        yield town
    finally:
        if town is not None:
            town.close()
