"""What the bell asks at the moment of sending: an address, a link, a text. By a token of services, and not for others.

These routes are for our own processes: a way in from outside does not lead to `/internal/`.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.responses import Response

from schemas.base import Code as Word
from schemas.base import ContactRef, EventId, Id
from schemas.gateway import ReadPurpose
from services.agreements.moments import milliseconds
from services.database.engine import DatabaseUnreachable
from services.gateway import links
from services.gateway.addresses import find
from services.gateway.content import answered, pull
from services.gateway.door import Door, door_of, failures_counted
from services.gateway.problems import Code, Problem
from services.gateway.sealed_link import Action, Link
from services.vault.sealing import Unopened

PART = "service_token"
#: A delivery may be ahead of what this process has read of the facts; so long it is waited for.
READ_WITHIN_S = 4.0
LOOK_EVERY_S = 0.2


async def is_ours(request: Request) -> None:
    """Raises 401 unless one of our own processes asks."""
    with failures_counted(request):
        _shows_token(request)


def _shows_token(request: Request) -> None:
    token = str(door_of(request).parts.get(PART, ""))
    kind, _, shown = request.headers.get("authorization", "").partition(" ")
    if not token or kind.lower() != "bearer" or not hmac.compare_digest(shown.encode(), token.encode()):
        raise Problem(Code.TOKEN_INVALID, headers={"WWW-Authenticate": 'Bearer realm="services"'})


router = APIRouter(prefix="/internal/v1", include_in_schema=False, dependencies=[Depends(is_ours)])
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class LinkAsked(BaseModel):
    """For whom a link is made, for what, and until when."""

    model_config = ConfigDict(extra="ignore")

    caseid: Id
    entity: Id
    contact: ContactRef
    action: Action
    obligation_id: EventId | None = None
    version: int
    expires_at: AwareDatetime


@router.get("/addresses/{party}/{contact}/{channel}")
async def address(request: Request, party: Name, contact: Name, channel: Name) -> Response:
    """Where a function is reached, with the secret of a webhook."""
    try:
        found = await find(door_of(request), party, contact, channel)
    except (DatabaseUnreachable, Unopened):
        raise Problem(Code.UNAVAILABLE) from None
    if found is None:
        raise Problem(Code.NOT_FOUND)
    told = {"address": found.address, "language": found.language}
    return _json(told if found.secret is None else {**told, "secret": found.secret})


@router.post("/links", status_code=201)
async def link(request: Request, asked: LinkAsked) -> Response:
    """A link for one purpose of one contact."""
    door = door_of(request)
    seals = door.parts.get(links.PART)
    if seals is None:  # no key, no links: the notice says whom to phone
        raise Problem(Code.NOT_FOUND)
    said = asked.model_dump(exclude={"expires_at"})
    made = seals.seal(Link(**said, expires_ms=milliseconds(asked.expires_at)))
    return _json({"url": f"{_outside(door)}/l/{made}"}, 201)


@router.get("/content/{ref}")
async def content(
    request: Request,
    ref: Annotated[str, Path(max_length=80)],
    party: Annotated[Word, Query()],
    purpose: Annotated[Literal["delivery"], Query()] = "delivery",
) -> Response:
    """A text that is delivered to a party, after its reading is told."""
    door = door_of(request)
    until_s = time.monotonic() + READ_WITHIN_S
    while True:
        try:
            return answered(await pull(door, party, ref, purpose=ReadPurpose(purpose)))
        except Problem as problem:
            if problem.code is not Code.NOT_FOUND or time.monotonic() > until_s:
                raise
        await asyncio.sleep(LOOK_EVERY_S)


def _outside(door: Door) -> str:
    """Where people find this door."""
    settings = door.settings
    return settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"


def _json(found: dict[str, Any], status: int = 200) -> Response:
    return Response(
        orjson.dumps(found),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
