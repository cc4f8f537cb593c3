"""Where functions are reached: kept here and nowhere else, set by their own party, told to the bell at the moment of
sending. An address or a secret is never in an answer to a party, in a fact, in a log or in an address of ours."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, cast

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field, SecretStr
from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.dialects.postgresql import insert
from starlette.responses import Response

from services.database.engine import DatabaseUnreachable, transaction
from services.database.tables import addresses
from services.gateway import described
from services.gateway.door import Door, allowed, door_of
from services.gateway.links import Place, place_of
from services.gateway.problems import Code, Problem
from services.gateway.tokens import Caller, Scope
from services.vault.sealing import Masters

PART = "masters"
ADDRESS_MAX_CHARS = 500
SECRET_MAX_CHARS = 200

router = APIRouter(tags=["directory"])

#: What an address of a channel looks like; of another channel, it is a line of print.
_SHAPES: Mapping[str, re.Pattern[str]] = {
    "webhook": re.compile(r"https?://[^\s/?#@]+(?:[/?#][^\s]*)?"),
    "email": re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+"),
    "phone": re.compile(r"\+?[0-9][0-9 ()-]{2,24}"),
}
_PRINTED = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


class AddressSaid(BaseModel):
    """Where a function is reached by a channel."""

    address: SecretStr = Field(
        min_length=3, max_length=ADDRESS_MAX_CHARS, examples=["https://partner.example/seinhuis"]
    )
    secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        max_length=SECRET_MAX_CHARS,
        description="By which you know that a webhook comes from us; left out, the one before stays.",
    )
    language: Literal["nl", "en"] = "nl"


class AddressKept(BaseModel):
    """That an address is kept, by a reference that says nothing; the address itself is not told again."""

    channel: str = Field(examples=["webhook"])
    address_ref: str = Field(examples=["address:5hR2kQ0wNz7b"])
    has_secret: bool
    language: Literal["nl", "en"]


class Found(NamedTuple):
    """An address as the bell needs it."""

    address: str
    secret: str | None
    language: str


Party = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", examples=["linde"])]
Contact = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", examples=["linde-team"])]
Channel = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", examples=["webhook"])]
Writes = Annotated[Caller, Depends(allowed(Scope.DIRECTORY_WRITE))]
_PLACE = "/v1/directory/{party}/{contact}/addresses"
_PROBLEMS = described.problems(401, 403, 404, 422, 429, 500, 503)


def own_place(door: Door, caller: Caller, party: str, contact: str) -> Place:
    """A function of whoever asks, in one of its partnerships; raises a problem."""
    if party != caller.party:
        raise Problem(Code.NOT_ALLOWED, detail="a party keeps the addresses of its own functions")
    now_ms = door.clock.now_ms()
    for partnership in door.agreements.partnerships():
        terms = door.agreements.in_force(partnership, now_ms)
        found = place_of(terms, f"{party}/{contact}") if terms is not None else None
        if found is not None:
            return found
    raise Problem(Code.NOT_FOUND)


@router.put(
    _PLACE + "/{channel}",
    response_model=AddressKept,
    summary="Say where a function is reached",
    responses={**_PROBLEMS},
    operation_id="PutAddress",
)
async def put_address(  # noqa: PLR0913 - each is a part of the place
    request: Request, party: Party, contact: Contact, channel: Channel, said: AddressSaid, caller: Writes
) -> AddressKept:
    """Keeps it, in place of the one before."""
    door = door_of(request)
    if channel not in own_place(door, caller, party, contact).contact.channels:
        raise Problem(
            Code.PARAMETER_WRONG, field="channel", detail="the agreement names no such channel of it"
        )
    text = said.address.get_secret_value()
    if not (_PRINTED.fullmatch(text) and _SHAPES.get(channel, _PRINTED).fullmatch(text)):
        raise Problem(Code.PARAMETER_WRONG, field="address", detail=f"it is no address of {channel}")
    if said.secret is not None and not _PRINTED.fullmatch(said.secret.get_secret_value()):
        raise Problem(Code.PARAMETER_WRONG, field="secret", detail="it is no line of print")
    try:
        return await keep(door, party, contact, channel, said)
    except DatabaseUnreachable:
        raise Problem(Code.UNAVAILABLE) from None


@router.delete(
    _PLACE + "/{channel}",
    status_code=204,
    summary="Forget where a function is reached",
    responses={204: {"description": "There is none, now"}, **_PROBLEMS},
    operation_id="DeleteAddress",
)
async def delete_address(
    request: Request, party: Party, contact: Contact, channel: Channel, caller: Writes
) -> Response:
    """There is none any more."""
    door = door_of(request)
    own_place(door, caller, party, contact)
    try:
        async with transaction(door.engine) as connection:
            await connection.execute(delete(addresses).where(_at(party, contact, channel)))
    except DatabaseUnreachable:
        raise Problem(Code.UNAVAILABLE) from None
    return Response(status_code=204)


@router.get(
    _PLACE,
    response_model=list[AddressKept],
    summary="By which channels a function can be reached",
    responses={**_PROBLEMS},
    operation_id="ListAddresses",
)
async def list_addresses(
    request: Request, party: Party, contact: Contact, caller: Writes
) -> list[AddressKept]:
    """Which are kept, without saying them."""
    door = door_of(request)
    own_place(door, caller, party, contact)
    mine = (addresses.c.party == party) & (addresses.c.contact == contact)
    try:
        async with transaction(door.engine) as connection:
            rows = await connection.execute(select(addresses).where(mine).order_by(addresses.c.channel))
            return [_kept(row.channel, row.address_ref, row.secret is not None, row.language) for row in rows]
    except DatabaseUnreachable:
        raise Problem(Code.UNAVAILABLE) from None


async def keep(door: Door, party: str, contact: str, channel: str, said: AddressSaid) -> AddressKept:
    """Writes it; the reference of a place stays the same, for facts may name it."""
    sealed = None
    if said.secret is not None:
        masters = cast(Masters, door.parts[PART])
        secret = said.secret.get_secret_value().encode()
        sealed = masters.seal_secret(secret, f"{party}/{contact}/{channel}")
    new = insert(addresses).values(
        party=party,
        contact=contact,
        channel=channel,
        address_ref=f"address:{secrets.token_urlsafe(12)}",
        address=said.address.get_secret_value(),
        secret=sealed,
        language=said.language,
        changed_ms=door.clock.now_ms(),
    )
    changed = {name: new.excluded[name] for name in ("address", "language", "changed_ms")}
    if sealed is not None:
        changed["secret"] = new.excluded.secret
    put = new.on_conflict_do_update(index_elements=["party", "contact", "channel"], set_=changed)
    async with transaction(door.engine) as connection:
        row = (await connection.execute(put.returning(addresses))).one()
    return _kept(channel, row.address_ref, row.secret is not None, row.language)


async def find(door: Door, party: str, contact: str, channel: str) -> Found | None:
    """The address of a place with its secret opened; raises `Unopened` when its key is not on the ring."""
    async with transaction(door.engine) as connection:
        row = (await connection.execute(select(addresses).where(_at(party, contact, channel)))).first()
    if row is None:
        return None
    secret = None
    if row.secret is not None:
        masters = cast(Masters, door.parts[PART])
        secret = masters.open_secret(bytes(row.secret), f"{party}/{contact}/{channel}").decode()
    return Found(row.address, secret, row.language)


def _at(party: str, contact: str, channel: str) -> ColumnElement[bool]:
    return and_(addresses.c.party == party, addresses.c.contact == contact, addresses.c.channel == channel)


def _kept(channel: str, ref: str, has_secret: bool, language: str) -> AddressKept:
    return AddressKept(
        channel=channel,
        address_ref=ref,
        has_secret=has_secret,
        language="en" if language == "en" else "nl",
    )
