"""Citizen service numbers (BSN) at the door: what is one, how it is written, and where one may stand.

Pure: what the agreement allows is an argument. No answer holds the number or a part of it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stdnum.nl import bsn

from schemas.gateway import DoorRefusal
from services.gateway.asked import Client

#: The word by which an agreement allows them (`information.identifiers`), and the register's own name for them.
BSN = "bsn"
#: Names of systems whose identifiers are citizen service numbers.
SYSTEMS = frozenset({BSN, "nl.bsn", "http://fhir.nl/fhir/namingsystem/bsn", "2.16.840.1.113883.2.4.6.3"})
#: Eight or nine digits, and whatever people put between them; all else is none, and most identifiers are all else.
_MAY_BE_ONE = re.compile(r"[\W_]*(?:[0-9][\W_]*){8,9}")
_NO_DIGIT = re.compile(r"[^0-9]")


class Objection(NamedTuple):
    """Why a client cannot be named so: the field of `client` that is wrong (empty = all of it), and what to do."""

    reason: DoorRefusal
    field: str
    says: str


def passes(text: str) -> bool:
    """Whether it passes the proof of a citizen service number, whatever signs stand between its digits."""
    return bool(_MAY_BE_ONE.fullmatch(text) and bsn.is_valid(_NO_DIGIT.sub("", text)))


def is_named_one(client: Client) -> bool:
    """Whether it is said to be a citizen service number."""
    return client.system.lower() in SYSTEMS


def normal(value: str) -> str:
    """One number written in two ways is one: its nine digits."""
    return bsn.compact(value)


def objection(client: Client, *, is_allowed: bool) -> Objection | None:
    """Why this client may not be named so, where the agreement allows citizen service numbers or does not."""
    if passes(client.system):
        return Objection(
            DoorRefusal.IDENTIFIER_NOT_ALLOWED, "system", "give the name of your system, not a number"
        )
    if is_named_one(client):
        return _of_a_number(client, is_allowed=is_allowed)
    if not passes(client.value):
        return None
    return Objection(
        DoorRefusal.IDENTIFIER_NOT_ALLOWED,
        "value",
        "it passes for a citizen service number: "
        + ("name one by system bsn" if is_allowed else "the agreement does not allow these")
        + "; if it is a number of your own system, write a letter before it, always the same",
    )


def _of_a_number(client: Client, *, is_allowed: bool) -> Objection | None:
    if not is_allowed:
        return Objection(
            DoorRefusal.IDENTIFIER_NOT_ALLOWED,
            "",
            "the agreement of this partnership does not allow citizen service numbers: "
            "name the client by an identifier of your own system",
        )
    if _MAY_BE_ONE.fullmatch(client.value) and bsn.is_valid(client.value):
        return None
    return Objection(
        DoorRefusal.DATA_INVALID,
        "value",
        "this is no citizen service number: give its nine digits as they stand in your own file, "
        "or name the client by an identifier of your own system",
    )
