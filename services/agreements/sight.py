"""Who may see what of a case (S000-13, S000-15): least by default, more only where the agreement says so."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from services.agreements.model import Sight
from services.agreements.terms import Terms


class MaySee(NamedTuple):
    """Whether, and why or why not: a code."""

    is_allowed: bool
    because: str


def may_see(ref: str, what: Sight, types: Collection[str], at_ms: int, agreement: Terms) -> MaySee:
    """Whether a contact may see this much of a case it takes part in, about a signal of these types.

    This is what the partners agreed. That somebody takes part in the case, and on what ground, is the case's to say.
    """
    contact = agreement.contacts.get(ref)
    if contact is None:
        return MaySee(False, "unknown_contact")
    if not contact.takes_part(at_ms):
        return MaySee(False, "takes_no_part")
    if contact.types is not None and types and contact.types.isdisjoint(types):
        return MaySee(False, "other_types")
    of_kind = agreement.sights_of_kind.get(contact.kind)
    if of_kind is not None:
        return MaySee(what in of_kind, "kind_sees" if what in of_kind else "kind_does_not_see")
    sees = agreement.sights_of_ring[contact.ring]
    return MaySee(what in sees, "ring_sees" if what in sees else "ring_does_not_see")
