"""A door for tests of its HTTP side: the real application, books and tokens; its intake keeps what it is given."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.base import Said
from schemas.gateway import DoorRefusal
from services.agreements.book import AgreementBook, publication, record_key, usable
from services.agreements.directory_book import DirectoryBook
from services.gateway.app import make_app
from services.gateway.asked import Answer, Asked, Kept, Taken, Turned
from services.gateway.door import Door
from services.gateway.limits import Limits
from services.gateway.settings import GatewaySettings
from services.gateway.tokens import Tokens
from services.runtime.clock import Clock
from services.runtime.settings import RuntimeSettings
from tests.gateway.minted import AUDIENCE, ISSUER, Key, a_key, a_token, written

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@cache
def a_book(*names: str) -> AgreementBook:
    """The example agreements, as their topic tells them."""
    book = AgreementBook()
    for name in names or ("waterkant-small.yaml",):
        place = EXAMPLES / name
        text = place.read_text(encoding="utf-8")
        template = place.with_name("region-waterkant.yaml")
        found_in = template.read_text(encoding="utf-8") if "inherits:" in text else None
        terms = usable(text, found_in)
        said = publication(terms, text, found_in)
        assert book.take(record_key(terms), said.model_dump_json().encode()) is None
    return book


#: The words that `Keeping` keeps.
KEPT = Kept("vault:" + "0" * 32, "ac-abcdefghijklmnopqrst")


@dataclass
class Keeping:
    """An intake that gives each new event the next position, and a repeat its first answer. `answers` overrules it."""

    asked: list[Asked] = field(default_factory=list)
    answers: Callable[[Asked], Answer | None] = lambda asked: None
    fails: Exception | None = None
    _first: dict[tuple[str, str], Taken] = field(default_factory=dict)

    async def accept(self, asked: Sequence[Asked], /) -> list[Answer]:
        if self.fails is not None:
            raise self.fails
        return [self._one(one) for one in asked]

    async def keep(self, asked: Asked, /) -> Kept | Turned:
        if self.fails is not None:
            raise self.fails
        self.asked.append(asked)
        return KEPT

    def _one(self, asked: Asked) -> Answer:
        own = self.answers(asked)
        if own is not None:
            return own
        foreign = next((at for at, ref in asked.refs if ref != KEPT.ref), None)
        if foreign is not None:
            return Turned(asked.event_id, DoorRefusal.CONTENT_NOT_ALLOWED, foreign)
        key = (asked.source, asked.event_id)
        if key in self._first:
            return self._first[key]._replace(is_repeat=True)
        self.asked.append(asked)
        name = (
            hashlib.sha256("|".join(key).encode()).hexdigest().translate(str.maketrans("0189", "wxyz"))[:20]
        )
        taken = Taken(asked.event_id, f"as-{name}", f"ac-{name}", "signals.commands.v1", 3, len(self._first))
        self._first[key] = taken
        return taken


@dataclass
class Heard:
    """Keeps the facts the door tells of itself."""

    facts: list[Said] = field(default_factory=list)

    async def tell(self, fact: Said, /, **attributes: str) -> object:
        self.facts.append(fact)
        return None


@dataclass
class Opened:
    """A door that stands open, who may come in, and what came in."""

    door: Door
    intake: Keeping
    facts: Heard
    key: Key
    client: httpx2.AsyncClient

    def bearer(self, **changed: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {a_token(self.key, **changed)}"}


@asynccontextmanager
async def opened(
    tmp_path: Path, *agreements: str, settings: Mapping[str, Any] | None = None
) -> AsyncIterator[Opened]:
    key = a_key()
    told = GatewaySettings(
        issuer=ISSUER, audience=AUDIENCE, jwks=written(tmp_path / "keys.json", key), **(settings or {})
    )
    intake, facts = Keeping(), Heard()
    door = Door(
        settings=told,
        runtime=RuntimeSettings(),
        clock=Clock.from_text(f"2026-11-24T10:00:00+01:00@{time.time()}x1"),
        engine=cast(AsyncEngine, None),
        agreements=a_book(*agreements),
        directory=DirectoryBook(),
        intake=intake,
        own_facts=facts,
        tokens=Tokens(told),
        limits=Limits(told),
    )
    transport = httpx2.ASGITransport(app=make_app(door), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://door") as client:
        yield Opened(door, intake, facts, key, client)
