"""Whose people answer a function, where several parties staff it (S001-02, S002-08, S002-09). Pure."""

from __future__ import annotations

from services.agreements.directory import Directory
from services.agreements.terms import Terms


def parties_of(ref: str, agreement: Terms) -> tuple[str, ...]:
    """The parties whose people may act as a function: its own first, then those that staff it with it."""
    contact = agreement.contacts.get(ref)
    return (ref.partition("/")[0],) if contact is None else contact.parties


def staff_of(ref: str, at_ms: int, agreement: Terms, directory: Directory) -> tuple[str, ...]:
    """The parties that hear what a function is asked at a moment, and may read of it: its own, and with it

    - of a shared number those whose people are on duty by its rota: nobody else needs to know;
    - of a group, and of a team of several parties, all that staff it, for any of them may take it.

    Who does not take part in the partnership at that moment is none of them.
    """
    contact = agreement.contacts.get(ref)
    own, *others = parties_of(ref, agreement)
    if contact is not None and contact.is_shared_number and others:
        on_duty = directory.on_duty(ref, at_ms)
        others = [party for party in others if party in on_duty]
    return (own, *(party for party in others if agreement.takes_part(party, at_ms)))
