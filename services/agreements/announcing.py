"""Who is told that a contact is new, changed or confirmed: the partners it serves (S004-12). Pure."""

from __future__ import annotations

from services.agreements import model
from services.agreements.terms import Terms


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
