"""The facts about an obligation that is there, each from its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from schemas.deadlines import (
    EscalationCause,
    ObligationBreached,
    ObligationCancelled,
    ObligationDischarged,
    ObligationEscalated,
    ObligationWarned,
    Skipped,
)
from services.agreements.moments import moment
from services.deadlines.happened import Happened
from services.deadlines.obligation import Obligation


def warned(one: Obligation, percent: int) -> ObligationWarned:
    """So much of the clock has passed."""
    return ObligationWarned(
        obligation_id=one["id"],
        name=one["name"],
        owed_by=one["owed_by"],
        percent=percent,
        due_at=moment(one["due_ms"]),
        urgency=one["urgency"],
    )


def breached(one: Obligation, now_ms: int) -> ObligationBreached:
    """The deadline has passed without an answer."""
    return ObligationBreached(
        obligation_id=one["id"],
        name=one["name"],
        owed_by=one["owed_by"],
        due_at=moment(one["due_ms"]),
        urgency=one["urgency"],
        late_by_s=(now_ms - one["due_ms"]) / 1000,
    )


def escalated(
    one: Obligation, cause: EscalationCause, skipped: Sequence[Skipped], late_ms: int
) -> ObligationEscalated:
    """Whoever stands on the present level is asked."""
    return ObligationEscalated(
        obligation_id=one["id"],
        name=one["name"],
        level=one["level"],
        to=one["asked"][-1],
        cause=cause,
        skipped=tuple(skipped),
        urgency=one["urgency"],
        due_at=moment(one["due_ms"]),
        next_at=moment(one["next_ms"]),
        late_by_s=late_ms / 1000,
    )


def discharged(one: Obligation, happened: Happened) -> ObligationDischarged:
    """Answered. On time goes by when the answer was taken in: a breach told while it was on its way is withdrawn."""
    is_on_time = happened.recorded_ms < one["due_ms"]
    return ObligationDischarged(
        obligation_id=one["id"],
        name=one["name"],
        by=happened.by,
        on_time=is_on_time,
        took_s=max(0, happened.recorded_ms - one["started_ms"]) / 1000,
        withdraws_breach=is_on_time and one["breached_ms"] is not None,
        urgency=one["urgency"],
    )


def cancelled(one: Obligation, because: str) -> ObligationCancelled:
    """No longer owed. The word is the agreement's, checked when it was read."""
    word = cast(Literal["withdrawn", "replaced", "closed"], because)
    return ObligationCancelled(
        obligation_id=one["id"], name=one["name"], because=word, urgency=one["urgency"]
    )
