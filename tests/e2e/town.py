"""A town in a test: the whole product as processes, by a fast clock, and the people in it with their programs.

    with a_town(place, bootstrap, database, start="2026-11-28T19:00:00+01:00", speed=90, before=told) as town:
        signal = town.party("woonstee").say("/v1/signals", {...})
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
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from confluent_kafka import TopicPartition

from schemas.envelope import Envelope, decode
from services.agreements.moments import milliseconds, moment
from services.cli.agreements.publishing import publish_agreement
from services.cli.parties import published_parties
from services.cli.processes import HOST, end_all, free_port
from services.database.migrate import migrate
from services.runtime.admin import make
from services.runtime.clock import Clock
from services.runtime.follow import follow
from services.runtime.job import Record
from tests.contract.world import Tail
from tests.e2e.receivers import Hooks, Letterbox, Posted
from tests.gateway.minted import AUDIENCE, EVERYTHING, ISSUER, a_key, a_token, written
from tests.patiently import patiently
from tests.scraped import keep_metrics
from topics.catalogue import CATALOGUE, PARTITIONS, of_party

ROOT = Path(__file__).resolve().parents[2]
PARTNERSHIP = "de-vlier"
#: What a busy machine may take; an idle one needs a tenth of it.
STANDS_WITHIN_S = 90.0
COMES_WITHIN_S = 60.0
LOOK_EVERY_S = 0.05
#: How long before the story all is started and told, tried in this order: a process is told its clock when it starts.
LEADS_S = (20.0, 45.0, 90.0)
#: What is told of cases, at the door and by the bell.
FACTS = tuple(
    topic.name for topic in CATALOGUE if topic.name.endswith(".events.v1") and topic.key == "caseid"
)
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


class Fact(NamedTuple):
    """A fact as its topic has it."""

    name: str
    at_ms: int
    envelope: Envelope
    data: dict[str, Any]


class Facts(tuple[Fact, ...]):
    """Everything that was told so far, each fact once, in the order of its time."""

    def of(self, name: str) -> list[Fact]:
        return [fact for fact in self if fact.name == name]

    def opened(self, obligation: str) -> list[Fact]:
        return [fact for fact in self.of("ObligationOpened") if fact.data["name"] == obligation]

    def discharged(self, obligation: str) -> list[Fact]:
        return [fact for fact in self.of("ObligationDischarged") if fact.data["name"] == obligation]


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
                        for place, data in _events(self._response.iter_lines(), last):
                            last = place
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
                Heard(data["of"], data.get("to"), event["subject"], event.get("caseid", ""), data, event)
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
        before: Callable[[Town], None],
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
        self._tail = Tail(
            bootstrap,
            [TopicPartition(topic, number, 0) for topic in FACTS for number in range(PARTITIONS)],
        )
        self._stack.callback(self._tail.close)
        self._facts: dict[str, Fact] = {}
        self._counted = 0
        migrate(database)
        self._stack.enter_context(self.hooks)
        self._stack.enter_context(self.letters)
        self._secrets = self._told()
        for lead_s in LEADS_S:
            text = f"{start}@{time.time() + lead_s:.3f}x{speed:g}"
            self.clock = Clock.from_text(text)
            self._environment = {**self._secrets, "SEINHUIS_CLOCK": text}
            for name in SERVICES:
                self.start(name)
            self._wait_until_ready()
            before(self)
            if time.time() < self.clock.anchor_s:
                break
            self._end()
        else:
            raise AssertionError(f"not ready within {LEADS_S[-1]:.0f} s")
        self.sleep_until(self.clock.start_ms)

    # -- processes -----------------------------------------------------------------------------------

    async def _furnish(self, agreements: Sequence[Path], start: str) -> None:
        await patiently(lambda: make(self.bootstrap, CATALOGUE))
        begins_ms = Clock.from_text(f"{start}@0x1").start_ms
        for path in agreements:
            asked = partial(
                publish_agreement,
                self.bootstrap,
                path,
                now_ms=begins_ms - 86_400_000,
                is_transactional=self._is_transactional,
            )
            assert (await patiently(asked)).did in ("published", "kept")
        parties = await published_parties(self.bootstrap, begins_ms)
        theirs = [topic for party in parties for topic in of_party(party)]
        await make(self.bootstrap, theirs)
        self.topics = tuple(topic.name for topic in (*CATALOGUE, *theirs))

    def _told(self) -> dict[str, str]:
        service_token = secrets.token_urlsafe(32)
        ring = f"one:{_base64(32)}"
        return {
            "SEINHUIS_KAFKA": self.bootstrap,
            "SEINHUIS_TRANSACTIONS": "on" if self._is_transactional else "off",
            "SEINHUIS_SESSION_TIMEOUT_S": "6",
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

    def run(self, *arguments: str) -> str:
        """A command of `seinhuis`, by the town's clock."""
        done = subprocess.run(
            [Path(sys.executable).with_name("seinhuis"), *arguments],
            cwd=self.place,
            env={**os.environ, "PYTHONPATH": str(ROOT), **self._environment},
            capture_output=True,
            text=True,
            timeout=STANDS_WITHIN_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    # -- what can be seen ----------------------------------------------------------------------------

    def records(self) -> list[Record]:
        """Everything on every topic."""

        async def read() -> list[Record]:
            found: list[Record] = []
            async for batch in follow(self.bootstrap, self.topics, until_end=True):
                found += batch
            return found

        return asyncio.run(read())

    def facts(self) -> Facts:
        """All facts of cases, of the door and of the bell so far."""
        while self._tail.read(0.2):
            pass
        for seen in self._tail.seen[self._counted :]:
            envelope = decode(tuple(seen.headers.items()))
            at_ms = milliseconds(datetime.fromisoformat(envelope.recordedtime))
            name = envelope.type.split(".")[3]
            self._facts[envelope.id] = Fact(name, at_ms, envelope, json.loads(seen.value or b"{}"))
        self._counted = len(self._tail.seen)
        return Facts(sorted(self._facts.values(), key=lambda fact: fact.at_ms))

    def until(self, is_so: Callable[[Facts], object], what: str) -> Facts:
        """Reads the facts until this holds."""
        until = time.monotonic() + COMES_WITHIN_S
        while not is_so(facts := self.facts()):
            self.expect_alive()
            if time.monotonic() > until:
                words = "\n".join(f"{fact.name} {fact.data}" for fact in facts[-15:])
                raise AssertionError(f"did not come: {what}; the last facts were\n{words}")
        return facts

    def hears_of_absence(self, contact: str) -> None:
        """Workers hear of the directory within a second; there is nothing to see of it from outside."""
        assert contact in self.run("directory", "show", contact)
        time.sleep(2.0)

    def letter(self, to: str) -> str:
        """The text of the first letter to this address."""
        until = time.monotonic() + COMES_WITHIN_S
        while time.monotonic() < until:
            for letter in list(self.letters.letters):
                if to in str(letter["To"]):
                    body = letter.get_body(("plain",))
                    assert body is not None
                    return str(body.get_content())
            time.sleep(LOOK_EVERY_S)
        raise AssertionError(
            f"no letter for {to}; {len(self.letters.letters)} came\n{self.last_words('notices')}"
        )

    def hook(self, path: str, is_so: Callable[[Posted], bool] = lambda posted: True) -> Posted:
        """The first webhook that was called here."""
        until = time.monotonic() + COMES_WITHIN_S
        while time.monotonic() < until:
            for posted in list(self.hooks.posted):
                if posted.path == path and is_so(posted):
                    return posted
            time.sleep(LOOK_EVERY_S)
        raise AssertionError(f"nothing came to {path}\n{self.last_words('notices')}")

    def expect_nothing_of(self, *words: str) -> None:
        """None of these on any topic, in any log, in any metric, in any address."""
        for record in self.records():
            raw = b"".join((record.key or b"", record.value or b"", *(value for _, value in record.headers)))
            for word in words:
                assert word.encode() not in raw, (record.topic, record.offset, word)
        for name, port in self.health.items():
            metrics = httpx2.get(f"http://{HOST}:{port}/metrics", timeout=10).text
            log = (self.place / f"{name}.log").read_text(encoding="utf-8", errors="replace")
            for word in words:
                assert word not in metrics, (name, "metrics", word)
                assert word not in log, (name, "log", word)

    def now(self) -> str:
        return moment(self.clock.now_ms()).isoformat()

    def close(self) -> None:
        self._end()
        self._stack.close()

    def _end(self) -> None:
        """Ends the processes, and whoever listens to them."""
        parties, self._parties = self._parties, {}
        for party in parties.values():
            party.close()
        for name in self._processes:
            keep_metrics(self.health[name], self.place / f"{name}.log")
        processes, self._processes = self._processes, {}
        end_all(list(processes.values()))


def _base64(count: int) -> str:
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
    before: Callable[[Town], None] = lambda town: None,
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
            before=before,
        )
        yield town
    finally:
        if town is not None:
            town.close()
