"""Whose topics and permissions there have to be: the parties of all agreements that hold or are to come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from services.agreements.book import AgreementBook
from services.agreements.days import begins_ms
from services.cli.agreements.published import read_shelf
from services.cli.errors import UsedWrongly
from services.runtime.reach import Security
from topics.acl import NotAParty, party_name

PartyOption = Annotated[
    list[str] | None,
    typer.Option("--party", help="Of this party, published or not; may be given more than once."),
]


def named(parties: Iterable[str]) -> tuple[str, ...]:
    """Names of parties as they were typed; raises `UsedWrongly` for one that no party can have."""
    try:
        return tuple(party_name(party) for party in parties)
    except NotAParty as fault:
        raise UsedWrongly(str(fault)) from None


async def published_parties(bootstrap: str, now_ms: int, security: Security | None = None) -> tuple[str, ...]:
    """Every party that takes part now or later, by name; one that has left is none of them any more."""
    shelf = await read_shelf(bootstrap, security)
    return parties_of(shelf.book, now_ms)


def parties_of(book: AgreementBook, now_ms: int) -> tuple[str, ...]:
    """The same, of a book."""
    found: set[str] = set()
    for partnership in book.partnerships():
        held = book.in_force(partnership, now_ms)
        since = held.version if held is not None else 0
        for terms in book.versions(partnership):
            if terms.version < since:
                continue
            found |= {
                party.id
                for party in terms.agreement.parties
                if party.leaves is None or begins_ms(party.leaves, terms.clock.zone) > now_ms
            }
    return tuple(sorted(found))
