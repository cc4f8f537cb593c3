"""The facts about an obligation that is there, each from its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from schemas.deadlines import (
    DirectoryRead,
    EscalationCause,
    Inputs,
    MoveCause,
    ObligationBreached,
    ObligationCancelled,
    ObligationDischarged,
    ObligationEscalated,
    ObligationMoved,
    ObligationPaused,
    ObligationResumed,
    ObligationWarned,
    Paused,
    ResumeCause,
    Skipped,
)
from services.agreements.moments import moment
from services.agreements.times import Deadline
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
    one: Obligation,
    cause: EscalationCause,
    skipped: Sequence[Skipped],
    late_ms: int,
    read: Sequence[DirectoryRead] = (),
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
        directory=tuple(read),
    )


def discharged(
    one: Obligation, by: str | None, recorded_ms: int, group_is_met: bool = False
) -> ObligationDischarged:
    """Answered. On time goes by when the answer was taken in: a breach told while it was on its way is withdrawn."""
    is_on_time = recorded_ms < one["due_ms"]
    return ObligationDischarged(
        obligation_id=one["id"],
        name=one["name"],
        by=by,
        on_time=is_on_time,
        took_s=max(0, recorded_ms - one["started_ms"]) / 1000,
        withdraws_breach=is_on_time and one["breached_ms"] is not None,
        urgency=one["urgency"],
        group=one.get("group"),
        group_is_met=group_is_met,
    )


def cancelled(one: Obligation, because: str) -> ObligationCancelled:
    """No longer owed. The word is the agreement's, checked when it was read."""
    word = cast(Literal["withdrawn", "replaced", "closed"], because)
    return ObligationCancelled(
        obligation_id=one["id"], name=one["name"], because=word, urgency=one["urgency"]
    )


def paused(one: Obligation, reason: str, until_ms: int) -> ObligationPaused:
    """Its clocks stand still."""
    return ObligationPaused(
        obligation_id=one["id"],
        name=one["name"],
        owed_by=one["owed_by"],
        reason=reason,
        until=moment(until_ms),
        due_at=moment(one["due_ms"]),
        urgency=one["urgency"],
    )


def resumed(one: Obligation, cause: ResumeCause) -> ObligationResumed:
    """Its clocks run on."""
    return ObligationResumed(
        obligation_id=one["id"],
        name=one["name"],
        owed_by=one["owed_by"],
        cause=cause,
        due_at=moment(one["due_ms"]),
        urgency=one["urgency"],
    )


def moved(one: Obligation, before: Obligation, counted: Deadline, reason: str | None) -> ObligationMoved:
    """Its urgency is another one, and with it perhaps its deadline."""
    return ObligationMoved(
        obligation_id=one["id"],
        name=one["name"],
        owed_by=one["owed_by"],
        cause=MoveCause.URGENCY_CHANGED,
        reason=reason,
        urgency_before=before["urgency"],
        urgency=one["urgency"],
        due_before=moment(before["due_ms"]),
        due_at=moment(one["due_ms"]),
        inputs=inputs(counted),
    )


def inputs(deadline: Deadline) -> Inputs:
    """All that a deadline was computed from."""
    started_ms, urgency, rule, (counting, amount, calendar), pauses = deadline.inputs
    return Inputs(
        started_at=moment(started_ms),
        urgency=urgency,
        rule=rule,
        counting=counting,
        amount=amount,
        calendar=calendar,
        pauses=tuple(Paused(from_at=moment(from_ms), to_at=moment(to_ms)) for from_ms, to_ms in pauses),
    )
