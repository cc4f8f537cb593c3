"""Who is meant by a rung of the second ladder at a moment, and how long an answer may take there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from schemas.deadlines import Skipped, SkipReason
from services.agreements import model, times
from services.agreements.days import begins_ms, day_of
from services.agreements.directory import Directory
from services.agreements.model.words import ACCOUNTABLE_PERSON, ADDRESS_EACH_OTHER, PARTNERSHIP_COORDINATOR
from services.agreements.periods import Period, later
from services.agreements.terms import Terms
from services.agreements.times import Span
from services.collaboration.party import Ladder


class Situation(NamedTuple):
    """Which party it is about, under what agreement, who is away, and when."""

    party: str
    terms: Terms
    directory: Directory
    at_ms: int


class Standing(NamedTuple):
    """Whom a rung means now, and whom it means but not now, with the reason."""

    to: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def rules_of(terms: Terms) -> model.Collaboration | None:
    """The second ladder of an agreement, where it has one."""
    escalation = terms.agreement.escalation
    found = None if escalation is None else escalation.collaboration
    return found if isinstance(found, model.Collaboration) else None


def meant_by(ladder: Ladder, level: int, now: Situation) -> Standing:
    """Whom a rung means at this moment; a deputy stands in for who is away, a successor for a function that ended."""
    to: list[str] = []
    skipped: list[Skipped] = []
    for word in ladder["rungs"][level][0]:
        found = [_standing(ref, now) for ref in _functions(word, now.party, now.terms)]
        present = [one for one in found if not isinstance(one, SkipReason)]
        to += [one for one in present if one not in to]
        if not present:
            reasons = [one for one in found if isinstance(one, SkipReason)]
            skipped.append(Skipped(level=level, to=word, reason=reasons[0] if reasons else SkipReason.NOBODY))
    return Standing(tuple(to), tuple(skipped))


def term_ends_ms(ladder: Ladder, level: int, from_ms: int, terms: Terms) -> int:
    """When an answer is due on a rung: after its own term, or the term of the nearest rung before it that has one;
    where none has, after the window the items are counted in."""
    for _, term in reversed(ladder["rungs"][: level + 1]):
        if term is not None:
            row: Any = term
            return times.after(Span(*row), from_ms, terms.clock)
    amount, unit = ladder["within"]
    zone = terms.clock.zone
    return begins_ms(later(day_of(from_ms, zone), Period(amount, unit)), zone)


def _functions(word: str, party: str, terms: Terms) -> Sequence[str]:
    """The contacts a word of a rung stands for; those this version does not know (any more) are nobody."""
    if word == PARTNERSHIP_COORDINATOR:
        partnership = terms.agreement.partnership
        names: Iterable[str | None] = (
            partnership.coordinator if isinstance(partnership, model.Partnership) else ()
        )
    elif word == ADDRESS_EACH_OTHER:
        names = _of_party(party, terms, "signal_contact")
    elif word == ACCOUNTABLE_PERSON:
        names = _of_party(party, terms, "accountable_person")
    else:
        names = _of_party(word, terms, "accountable_person")
    return [terms.refs[name] for name in names if name is not None and name in terms.refs]


def _of_party(party: str, terms: Terms, role: str) -> list[str | None]:
    """The function of a party that has this role, or its first one when it names none."""
    for one in terms.agreement.parties:
        if one.id == party:
            named: str | None = getattr(one, role)
            return [named or next((contact.id for contact in one.contacts), None)]
    return []


def _standing(ref: str, now: Situation) -> str | SkipReason:
    _, terms, directory, at_ms = now
    meant = directory.meant(ref, at_ms)
    contact = terms.contacts.get(meant) or terms.contacts[ref]
    if not contact.takes_part(at_ms):
        return SkipReason.TAKES_NO_PART
    if not directory.is_absent(contact.ref, at_ms):
        return contact.ref
    deputy = terms.contacts.get(contact.deputy or "")
    if deputy is None or not deputy.takes_part(at_ms) or directory.is_absent(deputy.ref, at_ms):
        return SkipReason.ABSENT
    return deputy.ref
