"""A gateway as a process of its own, on a real broker and a real database, with an issuer of tokens of the test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from services.agreements.book import AgreementBook, publication, record_key, usable
from services.cli.processes import HOST, end, free_port
from services.runtime.admin import make
from services.runtime.job import Record
from services.runtime.send import Outgoing, Sender
from services.vault.ring import new_key_text
from tests.gateway.doors import EXAMPLES
from tests.gateway.minted import AUDIENCE, ISSUER, Key, a_key, a_token, written
from tests.scraped import keep_metrics
from topics.catalogue import CATALOGUE

READY_WITHIN_S = 180.0


async def prepared(bootstrap: str) -> None:
    """Topics, and the agreement of the small example."""
    await make(bootstrap, CATALOGUE)
    text = (EXAMPLES / "waterkant-small.yaml").read_text(encoding="utf-8")
    terms = usable(text)
    said = publication(terms, text)
    async with Sender(bootstrap) as sender:
        await sender.put(
            Outgoing(AgreementBook.topic, record_key(terms), said.model_dump_json().encode(), ())
        )


@dataclass
class Gateway:
    """`with Gateway(...) as door: door.post(...)`."""

    bootstrap: str
    database: str
    place: Path
    is_transactional: bool = False
    also: Mapping[str, str] = field(default_factory=dict)
    key: Key = field(default_factory=a_key)
    port: int = field(default_factory=free_port)
    health_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        return self.place / "gateway.log"

    def environment(self) -> dict[str, str]:
        place = self.place / "keys"
        if not place.exists():
            place.mkdir(parents=True)
            for name in ("vault", "register"):
                (place / name).write_text(new_key_text(), encoding="ascii")
            written(place / "jwks.json", self.key)
        return {
            "SEINHUIS_KAFKA": self.bootstrap,
            "SEINHUIS_TRANSACTIONS": "on" if self.is_transactional else "off",
            "SEINHUIS_DATABASE": self.database,
            "SEINHUIS_HTTP_PORT": str(self.health_port),
            "SEINHUIS_GATEWAY_PORT": str(self.port),
            "SEINHUIS_GATEWAY_ISSUER": ISSUER,
            "SEINHUIS_GATEWAY_AUDIENCE": AUDIENCE,
            "SEINHUIS_GATEWAY_JWKS": str(place / "jwks.json"),
            "SEINHUIS_GATEWAY_KEY_PEPPER": "pepper",
            "SEINHUIS_ALIAS_KEY": "a key of aliases, for tests",
            "SEINHUIS_SERVICE_TOKEN": "a token of services, for tests",
            "SEINHUIS_VAULT_KEY_FILE": str(place / "vault"),
            "SEINHUIS_REGISTER_KEY_FILE": str(place / "register"),
            **self.also,
        }

    def start(self, *, is_awaited: bool = True) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.work", "gateway"],
                env={**os.environ, **self.environment()},
                stdout=log,
                stderr=log,
            )
        if is_awaited:
            self.await_ready()

    def await_ready(self) -> None:
        until_s = time.monotonic() + READY_WITHIN_S
        while not self.is_ready():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < until_s, self.log.read_text(encoding="utf-8")
            time.sleep(0.05)

    def is_ready(self) -> bool:
        return self.health("/ready")[0] == 200 and self._listens()

    def health(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.health_port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/openapi.json", timeout=5):
            return True
        return False

    def kill(self) -> None:
        """`kill -9`, as a machine does that goes away."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        assert self.process is not None
        keep_metrics(self.health_port, self.log)
        end(self.process, within_s=20.0)
        return self.process.returncode

    def bearer(self, **changed: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {a_token(self.key, **changed)}"}

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, timeout=30.0)

    def __enter__(self) -> Gateway:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()


@contextlib.contextmanager
def a_gateway(
    bootstrap: str,
    database: str,
    place: Path,
    *,
    is_transactional: bool = False,
    also: Mapping[str, str] | None = None,
) -> Iterator[Gateway]:
    """A gateway that is ready, on a broker with topics and the small agreement."""
    asyncio.run(prepared(bootstrap))
    with Gateway(bootstrap, database, place, is_transactional, also or {}) as door:
        yield door


def ids_of(records: list[Record]) -> list[str]:
    return [dict(record.headers)["ce_id"].decode() for record in records]
