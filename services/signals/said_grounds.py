"""What one person may give as the ground and the purpose of telling somebody (S000-10, S000-54, S000-57)."""

from __future__ import annotations

from schemas.signals import Ground, Refusal
from services.agreements.terms import Terms

#: No agreement makes these one person's to say: a check box is not a ground.
OF_SEVERAL = frozenset({Ground.VITAL_INTEREST, Ground.CONFLICT_OF_DUTIES})
#: What an agreement may presume consent for: that the own GP hears what was found.
TO_OWN_GP = "findings_to_own_gp"


def unfit(ground: Ground | None, purpose: str | None, agreement: Terms) -> Refusal | None:
    """Why nobody may say these alone under the agreement, or None. What is left out is not judged."""
    if ground is not None and (ground in OF_SEVERAL or ground.value in agreement.grounds_of_several):
        return Refusal.SEVERAL_DECIDE
    if purpose is not None and purpose not in agreement.purposes:
        return Refusal.UNKNOWN_PURPOSE
    return None
