"""What is new about contacts, and who is told: the partners they serve (S004-12). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.directory import Change
from schemas.notices import News
from services.agreements import model
from services.agreements.terms import Terms

#: What of the directory is news; that somebody is away today, or has a rota, is not.
NEWS_OF: Mapping[Change, News] = {
    Change.REACH: News.CHANGED,
    Change.SUCCEEDED: News.CHANGED,
    Change.IMPORTED: News.CHANGED,
    Change.CONFIRMED: News.CONFIRMED,
}


def announced_to(ref: str, at_ms: int, agreement: Terms) -> tuple[str, ...]:
    """The signal contacts of the other parties that take part at this moment, in the order of the file.

    Nobody, where the agreement does not know the contact, or the partners agreed not to announce them.
    """
    contact = agreement.contacts.get(ref)
    rules = agreement.agreement.contacts
    if contact is None or (isinstance(rules, model.Contacts) and not rules.announce_new):
        return ()
    named = (
        agreement.refs.get(party.signal_contact or "")
        for party in agreement.agreement.parties
        if party.id != contact.party
    )
    return tuple(ref for ref in named if ref is not None and agreement.contacts[ref].takes_part(at_ms))


def news_between(before: Terms, after: Terms) -> Mapping[str, News]:
    """The contacts of a version that the one before had not, or in which something else was signed of them; the hours
    they name belong to that."""
    old = _signed(before)
    return {
        ref: News.CHANGED if ref in old else News.NEW
        for ref, signed in _signed(after).items()
        if old.get(ref) != signed
    }


def _signed(agreement: Terms) -> dict[str, tuple[model.Contact, model.Hours | None]]:
    """All that was signed of each contact: itself, and the calendar it is reached by (`always` has none)."""
    calendars = agreement.agreement.calendars
    return {
        f"{party.id}/{contact.id}": (contact, calendars.get(contact.reachable))
        for party in agreement.agreement.parties
        for contact in party.contacts
    }
