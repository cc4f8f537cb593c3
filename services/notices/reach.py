"""By which ways a function is reached at this moment, and how long each of them is tried."""

from __future__ import annotations

from typing import NamedTuple

from schemas.deadlines import ObligationEscalated
from schemas.signals import SignalRouted
from services.agreements import model
from services.agreements.directory import Directory
from services.agreements.ladder import unreached, worked_at
from services.agreements.moments import milliseconds
from services.agreements.parts import Contact
from services.agreements.terms import Terms
from services.agreements.times import Span, after
from services.notices.row import Entity
from services.notices.who import Situation

#: Of the time until the next is asked, so much may go into reaching this one by all of its ways.
SHARE = 3
PATIENCE_MIN_MS, PATIENCE_MAX_MS = 15_000, 4 * 3_600_000
#: For what nobody waits for.
PATIENCE_ELSE_MS = 3_600_000
#: Between two attempts: doubled each time.
BACK_OFF_FIRST_MS, BACK_OFF_MAX_MS = 5_000, 300_000


class Way(NamedTuple):
    """A channel of the agreement: what leaves by it is a text or a talk, and whether it may carry client data."""

    channel: str
    is_oral: bool
    carries_client_data: bool


def way(channel: str, terms: Terms) -> Way | None:
    """A channel as the agreement describes it; None for one it does not know (any more)."""
    found = terms.agreement.channels.get(channel)
    return None if found is None else Way(channel, found.form == "oral", found.carries_client_data)


def ways(contact: Contact, urgency: str, now_ms: int, terms: Terms, directory: Directory) -> tuple[Way, ...]:
    """How a function is reached now, the first first. Who is not there finds what was written when they come back;
    only a function without any other way is called all the same."""
    named = directory.channels(contact.ref, now_ms, contact.channels)
    found = tuple(one for one in (way(channel, terms) for channel in named) if one is not None)
    if unreached(contact, worked_at(terms.level(urgency), now_ms), directory) is None:
        return found
    return tuple(one for one in found if not one.is_oral) or found


def written_first(found: tuple[Way, ...]) -> tuple[Way, ...]:
    """For a text: first what may carry it as it is, then what brings a link to it. A talk brings none."""
    return tuple(
        sorted((one for one in found if not one.is_oral), key=lambda one: not one.carries_client_data)
    )


def patience_ms(at: Situation) -> int:
    """How long all ways together may take: well below the moment at which the next one is asked (semantics 33)."""
    until_ms = _next_ms(at)
    wait_ms = PATIENCE_ELSE_MS if until_ms is None else (until_ms - at.now_ms) // SHARE
    return max(PATIENCE_MIN_MS, min(wait_ms, PATIENCE_MAX_MS))


def back_off_ms(attempt: int) -> int:
    """How long after its n-th attempt a channel is tried again."""
    return int(min(BACK_OFF_FIRST_MS * 2 ** min(attempt - 1, 16), BACK_OFF_MAX_MS))


def due_ms(at: Situation) -> int | None:
    """By when it is owed, where anything is."""
    due_at = getattr(at.heard.said, "due_at", None) or getattr(at.heard.said, "answer_due_at", None)
    if due_at is not None:
        return milliseconds(due_at)
    found = _owed_by_fact(at.entity, at.heard.envelope.id)
    return None if found is None else found[1]


def obligation_of(at: Situation) -> str | None:
    """The obligation it is about, by its own word or by the one it opened."""
    named = getattr(at.heard.said, "obligation_id", None)
    if isinstance(named, str):
        return named
    found = _owed_by_fact(at.entity, at.heard.envelope.id)
    return None if found is None else found[0]


def _owed_by_fact(entity: Entity | None, fact_id: str) -> tuple[str, int] | None:
    if entity is None:
        return None
    return next(
        ((name, owed["due_ms"]) for name, owed in entity["owed"].items() if owed["opened_by"] == fact_id),
        None,
    )


def _next_ms(at: Situation) -> int | None:
    """When the next one is asked: the fact says so, or the ladder that the routing named."""
    said, terms = at.heard.said, at.terms
    if isinstance(said, ObligationEscalated) and said.next_at is not None:
        return milliseconds(said.next_at)
    if isinstance(said, SignalRouted):
        ladder = terms.ladders.get(said.ladder) or terms.ladders[terms.root.ladder]
        rungs, repeat = ladder[terms.level(said.urgency).name]
        span = rungs[1][1] if len(rungs) > 1 and rungs[1][1] is not None else repeat
        return after(Span(*span), at.now_ms, terms.clock)
    return due_ms(at)


def title_of(contact: str, agreement: model.Agreement) -> str:
    """What people call a function."""
    party, _, name = contact.partition("/")
    return next(
        (
            one.title
            for found in agreement.parties
            if found.id == party
            for one in found.contacts
            if one.id == name
        ),
        contact,
    )


def public_number(agreement: model.Agreement) -> str | None:
    """The number of the partnership's entry, for a function whose own is not known."""
    partnership = agreement.partnership
    if isinstance(partnership, model.Partnership) and partnership.entry is not None:
        return partnership.entry.phone
    return None
