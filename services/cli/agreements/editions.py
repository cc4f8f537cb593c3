"""A published version as an operator is told of it: its state at a moment, and from when until when it holds."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any, Literal, NamedTuple

from schemas.agreements import AgreementPublished
from services.agreements.terms import Terms
from services.cli.agreements.published import Shelf
from services.cli.agreements.telling import at_wall, told

State = Literal["in_force", "coming", "past", "replaced"]


class Edition(NamedTuple):
    """A version; `replaced` is one that a higher number overtook before it began. `following` takes its place."""

    found: Terms
    fact: AgreementPublished
    published_at: datetime
    state: State
    following: Terms | None

    @property
    def zone(self) -> tzinfo:
        """The clock its times are told by."""
        return self.found.clock.zone


def editions(shelf: Shelf, partnership: str, at_ms: int) -> list[Edition]:
    """Every version of a partnership, by number, as it stands at a moment."""
    book, reigns = shelf.book, shelf.book.reigns(partnership)
    held = book.in_force(partnership, at_ms)
    found: list[Edition] = []
    for version in book.versions(partnership):
        following = next((one for one in reigns if one.version > version.version), None)
        state: State = "past"
        if version not in reigns:
            state = "replaced"
        elif version.valid_from_ms > at_ms:
            state = "coming"
        elif version is held:
            state = "in_force"
        fact, published_at = shelf.used_of(version)
        found.append(Edition(version, fact, published_at.astimezone(version.clock.zone), state, following))
    return found


def in_words(state: State) -> str:
    """A state as a person reads it."""
    return state.replace("_", " ")


def holds(edition: Edition) -> str:
    """From when until when, in one sentence."""
    found, following = edition.found, edition.following
    start = told(found.valid_from_ms, edition.zone)
    if following is None:
        return f"{in_words(edition.state)}, from {start} until a next version begins"
    end = told(following.valid_from_ms, following.clock.zone)
    if edition.state == "replaced":
        return f"never: it would begin {start}, but version {following.version} holds from {end}"
    return f"{in_words(edition.state)}, from {start} until {end}, when version {following.version} begins"


def plain(edition: Edition) -> dict[str, Any]:
    """The same for a program."""
    found, fact, following = edition.found, edition.fact, edition.following
    meta = found.agreement.meta
    return {
        "partnership": found.partnership,
        "version": found.version,
        "title": meta.title,
        "state": edition.state,
        "valid_from": at_wall(found.valid_from_ms, edition.zone).isoformat(),
        "valid_until": at_wall(following.valid_from_ms, following.clock.zone).isoformat()
        if following
        else None,
        "published_at": edition.published_at.isoformat(),
        "inherits": None if meta.inherits is None else meta.inherits.model_dump(),
        "sha256": fact.sha256,
        "template_sha256": fact.template_sha256,
    }
