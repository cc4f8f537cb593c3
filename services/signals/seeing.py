"""Which signals of one case a party sees: its own, others only inside the circle and on a ground (S000-54, S000-55)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from services.agreements.sight import MaySee, may_see
from services.agreements.terms import Terms


class Seen(NamedTuple):
    """A signal, as far as it decides who sees it: its types, and the parties that were asked for it or took it."""

    id: str
    types: Collection[str]
    parties: Collection[str]


def visible_signals(
    signals: Iterable[Seen], party: str, at_ms: int, agreement: Terms, grounds: Collection[str] = ()
) -> Mapping[str, MaySee]:
    """For each signal of a case whether a party sees it, and why or why not.

    Whoever takes part in none of them is outside the circle, and learns not even that the case exists. Who reported one
    does not take part by that. `grounds`: the signals for whose being seen with the others a ground was recorded.
    """
    case = tuple(signals)
    is_inside = any(party in one.parties for one in case)
    return {one.id: _sees(one, party, is_inside, at_ms, agreement, grounds) for one in case}


def _sees(  # noqa: PLR0913 - what visible_signals was asked, of one signal
    one: Seen, party: str, is_inside: bool, at_ms: int, agreement: Terms, grounds: Collection[str]
) -> MaySee:
    if not is_inside:
        return MaySee(False, "outside_circle")
    if party in one.parties:
        return MaySee(True, "takes_part")
    together = agreement.agreement.signals.see_each_other
    if together is None:
        return MaySee(False, "not_agreed")
    if together.on_ground and one.id not in grounds:
        return MaySee(False, "no_ground")
    found = MaySee(False, "unknown_contact")
    for contact in agreement.contacts.values():
        if contact.party == party:
            found = may_see(contact.ref, "content", one.types, at_ms, agreement)
            if found.is_allowed:
                break
    return found
