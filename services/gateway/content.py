"""`GET /v1/content/{ref}`: words are pulled by whoever has a ground, and that is told before the first of them leaves.

Where there is no ground there is nothing here, whether there is such content or not.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from schemas.base import ActorRef, ContactRef
from schemas.gateway import ContentRead, DoorRefusal, ReadPurpose
from services.database.engine import DatabaseUnreachable, transaction
from services.database.tables import vault_keys
from services.gateway import described
from services.gateway.door import Door, allowed, door_of
from services.gateway.ownfacts import NotTold
from services.gateway.problems import Code, Problem
from services.gateway.reading import STALE_AFTER_S, Reading
from services.gateway.reading_metrics import CONTENT_PULLS
from services.gateway.seen import Reach, found_soon, reach
from services.gateway.tokens import Caller, Scope
from services.vault.sealing import Unopened
from services.vault.vault import CaseDestroyed, Content, NotInVault, Vault
from services.vault.vault import Reading as Opening

_REF = re.compile(r"vault:[A-Za-z0-9_-]{8,64}")
router = APIRouter(tags=["content"])


class ContentAnswer(BaseModel):
    """What somebody wrote, by named field."""

    content_ref: str = Field(examples=["vault:3sQ0mC8yT1wLr5bN9xKe2aZ7"])
    content: dict[str, str] = Field(
        examples=[{"what_was_seen": "Twice this week on the floor of the kitchen."}]
    )


async def pull(  # noqa: PLR0913 - who, what, and what for
    door: Door,
    party: str,
    ref: str,
    *,
    purpose: ReadPurpose,
    contact: str | None = None,
    actor_ref: str | None = None,
    partnerships: Collection[str] | None = None,
) -> Content:
    """The words, after the fact of their being read is acknowledged; raises a problem where they are not to be had.

    `partnerships`: those of a token; None = of whichever agreement the party takes part in.
    """
    try:
        content = await _pulled(door, party, ref, purpose, contact, actor_ref, partnerships)
    except Problem as problem:
        CONTENT_PULLS.labels(problem.code.value).inc()
        raise
    CONTENT_PULLS.labels("read").inc()
    return content


async def _pulled(  # noqa: PLR0913
    door: Door,
    party: str,
    ref: str,
    purpose: ReadPurpose,
    contact: str | None,
    actor_ref: str | None,
    partnerships: Collection[str] | None,
) -> Content:
    facts: Reading | None = door.parts.get("reading")
    if facts is not None and facts.age_s() > STALE_AFTER_S:
        raise _later()

    async def look() -> Reach | None:
        async with transaction(door.engine) as connection:
            return await reach(connection, party, ref, door.clock.now_ms())

    try:
        found = await found_soon(look) if _REF.fullmatch(ref) else None
        if found is None or not door.takes_part(found.partnership, party):
            raise Problem(Code.NOT_FOUND)
        if partnerships is not None and found.partnership not in partnerships:
            raise Problem(Code.NOT_FOUND)
        async with transaction(door.engine) as connection:
            if await _is_destroyed(connection, {found.caseid, found.sealed_in}):
                raise _gone()
        told = await door.own_facts.tell(
            _fact(found, party, ref, purpose, contact, actor_ref),
            caseid=found.caseid,
            subject=found.entity,
            partnership=found.partnership,
        )
        vault = cast(Vault, door.parts["vault"])
        opening = Opening(party, purpose.value, found.ground.value, actor_ref, getattr(told, "fact_id", None))
        async with transaction(door.engine) as connection:
            return await vault.open(connection, ref, opening)
    except CaseDestroyed:
        raise _gone() from None
    except NotInVault:
        raise Problem(Code.NOT_FOUND) from None
    except (NotTold, DatabaseUnreachable, Unopened):
        raise _later() from None


def _later() -> Problem:
    return Problem(
        Code.UNAVAILABLE,
        what_to_do="Try again: nothing is given out while the pull cannot be recorded.",
        headers={"Retry-After": "5"},
    )


def _gone() -> Problem:
    return Problem(Code.GONE, what_to_do="Nothing can be done: its key was destroyed.")


def _fact(  # noqa: PLR0913
    found: Reach, party: str, ref: str, purpose: ReadPurpose, contact: str | None, actor_ref: str | None
) -> ContentRead:
    return ContentRead(
        content_ref=ref,
        party=party,
        contact=contact,
        actor_ref=actor_ref,
        purpose=purpose,
        ground=found.ground,
        entity=found.entity,
    )


async def _is_destroyed(connection: AsyncConnection, caseids: Collection[str]) -> bool:
    """Known before anything is told: of what nobody can open, no reading is recorded."""
    gone = select(vault_keys.c.caseid).where(
        vault_keys.c.caseid.in_(caseids), vault_keys.c.destroyed_ms.is_not(None)
    )
    return await connection.scalar(gone.limit(1)) is not None


Ref = Annotated[str, Path(description="A reference you were told.", max_length=80)]
By = Annotated[
    ContactRef | None,
    Query(alias="contact", description="The function of yours that reads it.", examples=["linde/linde-team"]),
]
Who = Annotated[
    ActorRef | None,
    Query(alias="actor_ref", description="Who reads it, as a reference that only you can resolve."),
]


@router.get(
    "/v1/content/{ref}",
    response_model=ContentAnswer,
    summary="Pull content",
    description=(
        "What somebody wrote. Who may is who was asked for the signal, to whom it is addressed, or who wrote it; each "
        "pull is recorded before the first byte leaves. Where you may not, there is nothing here."
    ),
    responses={**described.problems(401, 403, 404, 410, 422, 429, 500, 503)},
    operation_id="PullContent",
)
async def get_content(
    request: Request,
    ref: Ref,
    caller: Annotated[Caller, Depends(allowed(Scope.CONTENT_READ))],
    contact: By = None,
    actor_ref: Who = None,
) -> Response:
    """Words, for a ground."""
    door = door_of(request)
    if contact is not None and not door.staffs(caller, contact):
        raise Problem(DoorRefusal.CONTACT_NOT_OURS, field="contact")
    content = await pull(
        door,
        caller.party,
        ref,
        purpose=ReadPurpose.PULL,
        contact=contact,
        actor_ref=actor_ref,
        partnerships=caller.partnerships,
    )
    return answered(content)


def answered(content: Content) -> Response:
    """Content as an answer that nobody keeps on the way."""
    found = ContentAnswer(content_ref=content.ref, content=dict(content.fields))
    return Response(
        found.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"}
    )
