"""Who is to hear of a fact: whoever is asked by it, always; and whom the agreement's `notices` name (S000-29)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from schemas.base import Said
from schemas.collaboration import RungReached
from schemas.deadlines import ObligationEscalated
from schemas.signals import FeedbackForm, FeedbackGiven, FeedbackOutcome, SignalReassigned, SignalRouted
from services.agreements import model
from services.agreements.terms import Terms
from services.agreements.times import Span
from services.notices.heard import Heard
from services.notices.row import Entity, Row

#: Facts after which somebody is asked: these are told whatever the agreement says.
ASKING = (SignalRouted, SignalReassigned, ObligationEscalated)
REPORTER, COORDINATOR, CIRCLE = "reporter", "coordinator", "circle"


class Receiver(NamedTuple):
    """A function that hears of it: whether an answer is waited for, and whether and how long it may be bundled."""

    contact: str
    asks: bool = False
    bundle: Span | None = None


class Situation(NamedTuple):
    """What the words of the agreement are read by. There is no entity where the fact is about a party."""

    heard: Heard
    entity: Entity | None
    row: Row
    terms: Terms
    now_ms: int


def receivers(at: Situation) -> list[Receiver]:
    """Everybody who is to hear of a fact, each once. Who did it knows already, but of a group one did it and the others
    hear that it is claimed (S002-08)."""
    found: dict[str, Receiver] = {}
    for contact in _asked(at.heard.said):
        found.setdefault(contact, Receiver(contact, asks=True))
    for contact in _addressed(at):
        found.setdefault(contact, Receiver(contact))
    for contact, bundle in named_for(at).items():
        found.setdefault(contact, Receiver(contact, bundle=bundle))
    return list(found.values())


def named_for(at: Situation) -> dict[str, Span | None]:
    """Whom the agreement's `notices` name for a fact, each with how long it may be bundled."""
    found: dict[str, Span | None] = {}
    for rule in at.terms.agreement.notices:
        if rule.on == at.heard.name:
            for word in rule.to:
                for contact in _meant(word, at):
                    if contact != at.heard.by or _is_group(contact, at.terms):
                        found.setdefault(contact, rule.bundle)
    return found


def _is_group(contact: str, terms: Terms) -> bool:
    found = terms.contacts.get(contact)
    return found is not None and found.is_group


def phone_for(contact: str, entity: Entity | None, terms: Terms, now_ms: int) -> str | None:
    """The function to call about it: who has it, else the coordination point, else whoever comes next (semantics 51).

    Nobody is told to call themselves.
    """
    asked: Iterable[str] = ()
    taken = reporter = None
    if entity is not None:
        asked = reversed(entity["asked"])
        taken = None if entity["taken"] is None else entity["taken"]["by"]
        if entity["reporter_party"] is not None:
            reporter = terms.contact_of(entity["reporter_party"], now_ms)
    partnership = terms.agreement.partnership
    entry = partnership.entry if isinstance(partnership, model.Partnership) else None
    by_entry = terms.refs.get(entry.contact) if entry is not None else None
    for found in (taken, terms.coordination_point, reporter, *asked, by_entry):
        if found is not None and found != contact and found in terms.contacts:
            return found
    return terms.coordination_point


def _asked(said: Said) -> tuple[str, ...]:
    if isinstance(said, SignalRouted):
        return (said.contact,)
    if isinstance(said, SignalReassigned | ObligationEscalated):
        return (said.to,)
    return said.to if isinstance(said, RungReached) else ()


def _addressed(at: Situation) -> tuple[str, ...]:
    """Who gets a written text: the function it is for, or where the reporter hears back (S000-57).

    A kind of party is nobody in particular: a text goes to no GP because it is a GP.
    """
    said = at.heard.said
    if not is_written(said):
        return ()
    assert isinstance(said, FeedbackGiven)
    if said.receiver is not None:
        return (said.receiver,)
    return tuple(_reporter(at)) if said.to == REPORTER else ()


def is_written(said: Said) -> bool:
    """Whether a fact brings a text that is to be delivered; what was brought by hand is not brought twice."""
    return (
        isinstance(said, FeedbackGiven)
        and (said.form, said.outcome) == (FeedbackForm.WRITTEN, FeedbackOutcome.SENT)
        and said.content_ref is not None
    )


def _reporter(at: Situation) -> list[str]:
    party = at.entity["reporter_party"] if at.entity is not None else None
    found = at.terms.contact_of(party, at.now_ms) if party is not None else None
    return [] if found is None else [found]


def _owed_by(at: Situation) -> list[str]:
    named = getattr(at.heard.said, "owed_by", None)
    owed = _owed(at)
    found = named or (owed["owed_by"] if owed else None)
    return [found] if isinstance(found, str) else []


def _owed_to(at: Situation) -> list[str]:
    """To whom it is owed: the reporter, the circle, the coordinator, a function by its name, or those of that kind who
    know of the case already."""
    owed = _owed(at)
    to = (owed["owed_to"] if owed else None) or getattr(at.heard.said, "owed_to", None)
    if to is None or at.entity is None:
        return []
    if to in {REPORTER, CIRCLE, COORDINATOR}:
        return _WORDS[to](at)
    if to in at.terms.refs:
        return [at.terms.refs[to]]
    return [
        ref for ref in at.entity["asked"] if ref in at.terms.contacts and at.terms.contacts[ref].kind == to
    ]


def _owed(at: Situation) -> Mapping[str, str | None] | None:
    obligation_id = getattr(at.heard.said, "obligation_id", None)
    found = at.entity["owed"].get(obligation_id) if at.entity is not None and obligation_id else None
    return None if found is None else {"owed_by": found["owed_by"], "owed_to": found["owed_to"]}


def _asked_before(at: Situation) -> list[str]:
    now = _asked(at.heard.said)
    return [] if at.entity is None else [ref for ref in at.entity["asked"] if ref not in now]


def _coordinator(at: Situation) -> list[str]:
    """Of the case; as long as it has none, the coordination point answers for it."""
    return [at.row["roles"].get(COORDINATOR, at.terms.coordination_point)]


_WORDS: Mapping[str, Callable[[Situation], list[str]]] = {
    "owed_by": _owed_by,
    "owed_to": _owed_to,
    "everyone_asked_before": _asked_before,
    CIRCLE: lambda at: at.row["holders"],
    REPORTER: _reporter,
    COORDINATOR: _coordinator,
}


def _meant(word: str, at: Situation) -> list[str]:
    known = _WORDS.get(word)
    if known is not None:
        return known(at)
    return [at.terms.refs[word]] if word in at.terms.refs else []
