"""On what ground the circle may see a signal with the others of its case: recorded, and withdrawn (S000-54, -55)."""

from __future__ import annotations

from schemas.signals import Ground, GroundRecorded, GroundWithdrawn, RecordGround, Refusal, WithdrawGround
from services.agreements.terms import Terms
from services.signals.decide import Decided, Situation
from services.signals.lifecycle import WITHDRAWN, Signal
from services.signals.said_grounds import unfit


def record(asks: RecordGround, at: Situation) -> Decided:
    """Said by who takes part in the signal, for a purpose that the partners agreed on. What several have to decide on
    is left to them."""
    signal = at.signal
    if signal is None:
        return Decided(None, refusal=Refusal.UNKNOWN_ENTITY)
    said, before = [asks.ground.value, asks.purpose], signal.get("grounds", [])
    refusal = _outside(at, asks.by.contact) or _unfit(asks, at.agreement)
    if refusal is None and (signal["state"] == WITHDRAWN or said in before):
        refusal = Refusal.NOT_ALLOWED_NOW
    if refusal is not None:
        return Decided(signal, refusal=refusal)
    now: Signal = {**signal, "grounds": [*before, said]}
    return Decided(now, (GroundRecorded(**vars(asks), agreement_version=at.agreement.version),))


def withdraw(asks: WithdrawGround, at: Situation) -> Decided:
    """By the same: what may be seen no more is anybody's to say who takes part in it, whoever recorded it."""
    signal = at.signal
    if signal is None:
        return Decided(None, refusal=Refusal.UNKNOWN_ENTITY)
    said, before = [asks.ground.value, asks.purpose], signal.get("grounds", [])
    refusal = _outside(at, asks.by.contact) or (None if said in before else Refusal.NOT_ALLOWED_NOW)
    if refusal is not None:
        return Decided(signal, refusal=refusal)
    now: Signal = {**signal, "grounds": [one for one in before if one != said]}
    return Decided(now, (GroundWithdrawn(**vars(asks), agreement_version=at.agreement.version),))


def _outside(at: Situation, by: str) -> Refusal | None:
    """Any function of a party that was asked for the signal, and the coordinator of the case."""
    contact = at.agreement.contacts.get(by)
    if contact is None or not contact.takes_part(at.now_ms):
        return Refusal.UNKNOWN_CONTACT
    parties = {one.partition("/")[0] for one in at.asked}
    takes_part = contact.party in parties or at.are((*at.asked, at.case.coordinator), by)
    return None if takes_part else Refusal.NEVER_ASKED


def _unfit(asks: RecordGround, agreement: Terms) -> Refusal | None:
    """Why nobody may record this ground for this purpose under the agreement, or None."""
    refusal = unfit(asks.ground, asks.purpose, agreement)
    if refusal is not None:
        return refusal
    is_no_use = asks.ground is Ground.UNKNOWN or agreement.agreement.signals.see_each_other is None
    return Refusal.NOT_ALLOWED_NOW if is_no_use else None
