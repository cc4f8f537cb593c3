"""What all rooms of the door share: made once at start-up, reached from a request by `door_of`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any, Protocol, cast

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import HTTPConnection

from schemas.base import Said
from services.agreements.book import AgreementBook
from services.agreements.directory_book import DirectoryBook
from services.agreements.staff import parties_of
from services.agreements.terms import Terms
from services.gateway.asked import Answer, Asked, Kept, Turned
from services.gateway.grants import party_of
from services.gateway.limits import Limits
from services.gateway.problems import Problem
from services.gateway.settings import GatewaySettings
from services.gateway.tokens import Caller, Scope, Shown, Tokens, require
from services.runtime.clock import Clock
from services.runtime.settings import RuntimeSettings


class Takes(Protocol):
    """Takes in what passed its checks, and answers in the same order (services/gateway/intake.py)."""

    async def accept(self, asked: Sequence[Asked], /) -> list[Answer]: ...

    async def keep(self, asked: Asked, /) -> Kept | Turned: ...


class Tells(Protocol):
    """Tells a fact of the door's own: returns when the broker has it (services/gateway/ownfacts.py)."""

    async def tell(self, fact: Said, /, **attributes: str) -> object: ...


@dataclass
class Door:
    """One process of the gateway. `parts` is for what a room keeps beside: its name → its own state."""

    settings: GatewaySettings
    runtime: RuntimeSettings
    clock: Clock
    engine: AsyncEngine
    agreements: AgreementBook
    directory: DirectoryBook
    intake: Takes
    own_facts: Tells
    tokens: Tokens
    limits: Limits
    #: TLS and credentials of the broker, as its clients take them.
    security: Mapping[str, Any] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    #: Each says why this process is not ready, or nothing.
    checks: list[Callable[[], str | None]] = field(default_factory=list)
    #: Set when the process is told to stop: whoever holds a stream open ends it.
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def takes_part(self, partnership: str, party: str) -> bool:
        """Whether a party is in the agreement that holds now. What it may see ends there, whatever its token says."""
        return self.agreed_now(party)(partnership) is not None

    def staffs(self, caller: Caller, contact: str) -> bool:
        """Whether a function is the caller's own, or one that its party staffs with others."""
        agreed = map(self.agreed_now(caller.party), caller.partnerships)
        named = (parties_of(contact, terms) for terms in agreed if terms is not None)
        return party_of(contact) == caller.party or any(caller.party in parties for parties in named)

    def agreed_now(self, party: str | None = None) -> Callable[[str], Terms | None]:
        """The agreement in force of a partnership, at one moment for all that is judged together; with `party`, none
        that this one takes no part in then."""
        at_ms = self.clock.now_ms()

        @cache
        def agreed(partnership: str) -> Terms | None:
            terms = self.agreements.in_force(partnership, at_ms)
            is_theirs = terms is not None and (party is None or terms.takes_part(party, at_ms))
            return terms if is_theirs else None

        return agreed


def door_of(request: HTTPConnection) -> Door:
    """The door this request came to."""
    return cast(Door, request.app.state.door)


_BEARER = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    description="An access token by OAuth 2 client credentials (RFC 9068); its claim `seinhuis` names the party.",
)
_API_KEY = APIKeyHeader(
    name="X-Api-Key", auto_error=False, description="A key of a party that has no issuer of tokens."
)


@contextmanager
def failures_counted(request: Request) -> Iterator[None]:
    """Who is refused within for showing nothing good (401) is counted by address; beyond the limit it is 429."""
    try:
        yield
    except Problem as problem:
        if problem.status == HTTPStatus.UNAUTHORIZED:
            door_of(request).limits.failure(request.client.host if request.client else "")
        raise


def allowed(*scopes: Scope) -> Callable[..., Awaitable[Caller]]:
    """A dependency: who asks, when the token allows one of these and the organisation is within its limit."""

    async def caller(
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
        api_key: Annotated[str | None, Security(_API_KEY)],
    ) -> Caller:
        door = door_of(request)
        with failures_counted(request):
            shown = await door.tokens.shown(request.headers.get("authorization"), api_key)
        request.state.shown = shown
        found = shown.caller
        standing = await door.limits.request(found.party)
        request.state.answer_headers = standing.headers()
        require(found, scopes)
        return found

    return caller


def shown_in(request: Request) -> Shown:
    """What a request showed that was let in by `allowed`."""
    return cast(Shown, request.state.shown)
