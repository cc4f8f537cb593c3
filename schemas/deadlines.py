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
    SUCCEEDED = "succeeded"
    UNKNOWN = "unknown"


class EscalationCause(OpenEnum):
    """Why the ladder moved."""

    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    DECLINED = "declined"
    REPEATED = "repeated"
    REASSIGNED = "reassigned"
    UNKNOWN = "unknown"


class ResumeCause(OpenEnum):
    """Why a clock runs on: its pause is over, a fact ended it, or it turned so urgent that nothing may stop it."""

    PAUSE_OVER = "pause_over"
    ENDED_BY_FACT = "ended_by_fact"
    NEVER_PAUSED = "never_paused"
    UNKNOWN = "unknown"


class MoveCause(OpenEnum):
    """Why a deadline is another one than before."""

    URGENCY_CHANGED = "urgency_changed"
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


class DirectoryRead(Part):
    """What was told of a contact beside the agreement, by the number of that fact: somebody is asked by it, or not."""

    contact: ContactRef
    revision: int


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
    """The next level is asked; levels passed over are named with their reason (semantics 22, 23, 28).

    `directory`: which facts of the directory that was decided by; none is as signed.
    """

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
    directory: tuple[DirectoryRead, ...] = ()


class ObligationDischarged(_Fact):
    """Answered. `on_time` goes by the answer's recorded time; a breach told while it was on its way is withdrawn.

    `group_is_met`: nothing else of its group is owed any more (S000-60).
    """

    obligation_id: EventId
    name: Code
    by: ContactRef | None = None
    on_time: bool
    took_s: Seconds
    withdraws_breach: bool = False
    urgency: Code
    group: Code | None = None
    group_is_met: bool = False


class ObligationPaused(_Fact):
    """Its clock stands still for a reason and until a moment, at which it runs on by itself (semantics 11).

    `due_at` is when it is due after that pause.
    """

    obligation_id: EventId
    name: Code
    owed_by: ContactRef
    reason: Code
    until: Moment
    due_at: Moment
    urgency: Code


class ObligationResumed(_Fact):
    """Its clock runs on; `due_at` is counted with the pause as long as it was."""

    obligation_id: EventId
    name: Code
    owed_by: ContactRef
    cause: ResumeCause
    due_at: Moment
    urgency: Code


class ObligationMoved(_Fact):
    """Its urgency is another one (semantics 12): time used and pauses are kept, and it is due no later than before,
    unless a person said so, whose reason then stands here. Passed meanwhile, it is due at the change itself."""

    obligation_id: EventId
    name: Code
    owed_by: ContactRef
    cause: MoveCause
    reason: Code | None = None
    urgency_before: Code
    urgency: Code
    due_before: Moment
    due_at: Moment
    inputs: Inputs


class ObligationCancelled(_Fact):
    """No longer owed, with the fact's kind that ended it."""

    obligation_id: EventId
    name: Code
    because: Literal["withdrawn", "replaced", "closed"]
    urgency: Code
