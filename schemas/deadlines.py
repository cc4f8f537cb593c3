"""Deadlines: who owes what to whom by when, and what happened to it."""

from __future__ import annotations

from typing import ClassVar, Literal

from schemas.base import Code, ContactRef, EventId, Id, Kind, Moment, OpenEnum, Part, Said, Seconds


class SkipReason(OpenEnum):
    """Why a level of a ladder was passed over in the same instant (semantics 23)."""

    NOBODY = "nobody"
    NO_CHANNEL = "no_channel"
    OUTSIDE_HOURS = "outside_hours"
    ABSENT = "absent"
    NO_EXPERTISE = "no_expertise"
    ALREADY_ASKED = "already_asked"
    MAY_NOT_SEE = "may_not_see"
    TAKES_NO_PART = "takes_no_part"
    MISSED_IN_OUTAGE = "missed_in_outage"
    UNKNOWN = "unknown"


class EscalationCause(OpenEnum):
    """Why the ladder moved."""

    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    DECLINED = "declined"
    REPEATED = "repeated"
    UNKNOWN = "unknown"


class Paused(Part):
    """A time in which the clock of a deadline stood still (semantics 11)."""

    from_at: Moment
    to_at: Moment


class Inputs(Part):
    """All a due moment is computed from, so that it can be recomputed and explained (semantics 6).

    `amount` is a number of days when `counting` is `calendar_days` or `working_days`, of seconds otherwise.
    """

    started_at: Moment
    urgency: Code
    rule: Code
    counting: Code
    amount: Seconds
    calendar: Code | None = None
    pauses: tuple[Paused, ...] = ()


class Skipped(Part):
    """A level that was passed over, and why."""

    level: int
    to: Code
    reason: SkipReason


class _Fact(Said):
    subject: ClassVar[str] = "deadlines"
    kind: ClassVar[Kind] = "fact"


class ObligationOpened(_Fact):
    """Somebody owes somebody an answer by a moment; the fact that opened it is the cause."""

    obligation_id: EventId
    name: Code
    entity: Id
    owed_by: ContactRef
    owed_to: Code | None = None
    urgency: Code
    due_at: Moment
    inputs: Inputs
    ladder: Code
    agreement_version: int


class ObligationWarned(_Fact):
    """A percentage of the clock has passed (semantics 13)."""

    obligation_id: EventId
    name: Code
    owed_by: ContactRef
    percent: int
    due_at: Moment
    urgency: Code


class ObligationBreached(_Fact):
    """The deadline passed without an answer; counted when it passes (semantics 37)."""

    obligation_id: EventId
    name: Code
    owed_by: ContactRef
    due_at: Moment
    urgency: Code
    late_by_s: Seconds


class ObligationEscalated(_Fact):
    """The next level is asked; levels passed over are named with their reason (semantics 22, 23, 28)."""

    obligation_id: EventId
    name: Code
    level: int
    to: ContactRef
    cause: EscalationCause
    skipped: tuple[Skipped, ...] = ()
    urgency: Code
    due_at: Moment
    next_at: Moment | None = None
    late_by_s: Seconds = 0.0


class ObligationDischarged(_Fact):
    """Answered. `on_time` goes by the answer's recorded time; a breach told while it was on its way is withdrawn."""

    obligation_id: EventId
    name: Code
    by: ContactRef | None = None
    on_time: bool
    took_s: Seconds
    withdraws_breach: bool = False
    urgency: Code


class ObligationCancelled(_Fact):
    """No longer owed, with the fact's kind that ended it."""

    obligation_id: EventId
    name: Code
    because: Literal["withdrawn", "replaced", "closed"]
    urgency: Code
