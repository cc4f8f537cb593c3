"""`GET /v1/signals/{signal}` and `GET /v1/contacts/{party}/{contact}`: how it stands, thinly, and whom to phone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from sqlalchemy import select

from services.agreements import model
from services.agreements.moments import moment
from services.agreements.terms import Terms
from services.database.engine import DatabaseUnreachable, transaction
from services.database.tables import entities, subjects
from services.gateway import described
from services.gateway.addresses import Contact, Party, find
from services.gateway.door import Door, allowed, door_of
from services.gateway.links import Place, place_of
from services.gateway.problems import Code, Problem
from services.gateway.seen import Seen, found_soon, seen
from services.gateway.tokens import Caller, Scope
from services.vault.sealing import Unopened

PHONE = "phone"
#: Of a signal that was taken in, and of which no fact was read yet.
RECEIVED = "received"
_ALIAS = re.compile(r"as-[a-z2-7]{20}")

router = APIRouter(tags=["signals"])


class Function(BaseModel):
    """A function: whom to phone, and on which number where it is a desk's."""

    contact: str = Field(examples=["linde/linde-team"])
    title: str = Field(examples=["Aanspreekpunt wijkteam"])
    party_title: str = Field(examples=["Linde Thuiszorg"])
    phone: str | None = Field(default=None, examples=["0900 1234"])


class SignalAnswer(BaseModel):
    """How it stands with a signal of yours."""

    signal: str = Field(examples=["as-3dz5qk2v7hwnm4xr6tyb"])
    case: str = Field(examples=["ac-k7hwnm4xr6tyb3dz5qk2"])
    partnership: str = Field(examples=["de-vlier"])
    state: str = Field(examples=["acknowledged"])
    urgency: str | None = Field(default=None, examples=["urgent"])
    due_at: datetime | None = Field(default=None, description="When the next answer is owed on it.")
    taken_by: Function | None = None
    content_refs: list[str] = Field(default=[], description="What you may pull now.")


Who = Annotated[
    Caller, Depends(allowed(Scope.STREAM_READ, Scope.CONTENT_READ, Scope.SIGNALS_ACT, Scope.SIGNALS_REPORT))
]
_PROBLEMS = described.problems(401, 403, 404, 422, 429, 500, 503)


@router.get(
    "/v1/signals/{signal}",
    response_model=SignalAnswer,
    response_model_exclude_none=True,
    summary="How it stands with a signal",
    responses={**_PROBLEMS},
    operation_id="GetSignal",
)
async def get_signal(
    request: Request,
    signal: Annotated[str, Path(description="The signal, by the name you were told.", max_length=256)],
    caller: Who,
) -> SignalAnswer:
    """Thinly; where you have no part in it, there is nothing here."""
    door = door_of(request)
    if not _ALIAS.fullmatch(signal):
        raise Problem(Code.NOT_FOUND)

    async def look() -> Seen | SignalAnswer | None:
        async with transaction(door.engine) as connection:
            found = await seen(connection, caller.party, signal, door.clock.now_ms())
            if found is not None:
                return found
            mine = (subjects.c.entity_alias == signal) & (subjects.c.party == caller.party)
            unread = select(subjects).outerjoin(entities, entities.c.entity == subjects.c.entity)
            row = (await connection.execute(unread.where(mine, entities.c.entity.is_(None)))).first()
        if row is None:
            return None
        return SignalAnswer(signal=signal, case=row.case_alias, partnership=row.partnership, state=RECEIVED)

    try:
        found: Seen | SignalAnswer | None = await found_soon(look)
    except DatabaseUnreachable:
        raise Problem(Code.UNAVAILABLE) from None
    if found is None or found.partnership not in caller.partnerships:
        raise Problem(Code.NOT_FOUND)
    if not door.takes_part(found.partnership, caller.party):
        raise Problem(Code.NOT_FOUND)
    return found if isinstance(found, SignalAnswer) else await _answer(door, found)


async def _answer(door: Door, found: Seen) -> SignalAnswer:
    terms = door.agreements.in_force(found.partnership, door.clock.now_ms())
    place = place_of(terms, found.taken_by) if terms is not None else None
    return SignalAnswer(
        signal=found.entity_alias,
        case=found.case_alias,
        partnership=found.partnership,
        state=found.state,
        urgency=found.urgency,
        due_at=None if found.due_ms is None else moment(found.due_ms),
        taken_by=await function(door, terms, place) if terms and place else None,
        content_refs=list(found.content_refs),
    )


@router.get(
    "/v1/contacts/{party}/{contact}",
    response_model=Function,
    response_model_exclude_none=True,
    summary="Whom to phone",
    responses={**_PROBLEMS},
    operation_id="GetContact",
)
async def get_contact(request: Request, party: Party, contact: Contact, caller: Who) -> Function:
    """A function of a partner, by what it is called and on which number it is reached."""
    door, now_ms = door_of(request), door_of(request).clock.now_ms()
    for partnership in door.agreements.partnerships():
        terms = door.agreements.in_force(partnership, now_ms)
        if terms is None or not any(one.id == caller.party for one in terms.agreement.parties):
            continue
        place = place_of(terms, f"{party}/{contact}")
        if place is not None:
            return await function(door, terms, place)
    raise Problem(Code.NOT_FOUND)


async def function(door: Door, terms: Terms, place: Place) -> Function:
    """A function with its number: its own, or the partnership's where it is its entry."""
    try:
        found = await find(door, place.party.id, place.contact.id, PHONE)
    except (DatabaseUnreachable, Unopened):
        raise Problem(Code.UNAVAILABLE) from None
    return Function(
        contact=f"{place.party.id}/{place.contact.id}",
        title=place.contact.title,
        party_title=place.party.title,
        phone=found.address if found is not None else _entry_phone(terms, place),
    )


def _entry_phone(terms: Terms, place: Place) -> str | None:
    kept = terms.agreement.partnership
    entry = kept.entry if isinstance(kept, model.Partnership) else None
    return entry.phone if entry is not None and entry.contact == place.contact.id else None
