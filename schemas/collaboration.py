"""Collaboration: an agreement is not kept. Parties, items and days; no case, no client, no moment that leads to one."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.base import (
    Code,
    ContactRef,
    ContentRef,
    EventId,
    Id,
    Kind,
    Moment,
    OpenEnum,
    Part,
    Said,
    Seconds,
)
from schemas.deadlines import Skipped
from schemas.signals import Actor

Count = Annotated[int, Field(ge=1)]


class RungCause(OpenEnum):
    """Why a rung is reached: so many items were missed, or whoever was addressed let the term pass."""

    ITEMS_MISSED = "items_missed"
    NO_ANSWER = "no_answer"
    REPEATED = "repeated"
    UNKNOWN = "unknown"


class AnswerOutcome(OpenEnum):
    """What a party answers to being addressed (S004-13)."""

    IMPROVEMENT_AGREED = "improvement_agreed"
    CAUSE_REMOVED = "cause_removed"
    AGREEMENT_TO_CHANGE = "agreement_to_change"
    UNKNOWN = "unknown"


class SettledBecause(OpenEnum):
    """Why nobody is addressed any further."""

    ANSWERED = "answered"
    ITEMS_WITHDRAWN = "items_withdrawn"
    UNKNOWN = "unknown"


class AnswerRefusal(OpenEnum):
    """Why an answer changed nothing. A closed, documented list (semantics 36)."""

    NOT_OPEN = "not_open"
    NOT_ADDRESSED = "not_addressed"
    UNKNOWN = "unknown"


class ItemCount(Part):
    """How often an item of the agreement was missed."""

    item: Code
    count: Count


class _Command(Said):
    subject: ClassVar[str] = "collaboration"
    kind: ClassVar[Kind] = "command"


class _Fact(Said):
    subject: ClassVar[str] = "collaboration"
    kind: ClassVar[Kind] = "fact"


class ItemMissed(_Command):
    """A party missed a binding item of the agreement on this day (S004-04). `item_ref` tells it from any other and
    leads nowhere: only who holds the case can say that it is the case's."""

    item_ref: Id
    item: Code
    missed_on: date


class ItemWithdrawn(_Command):
    """It was not missed after all: the answer had been taken in before its moment."""

    item_ref: Id
    item: Code
    missed_on: date


class AnswerCollaboration(_Command):
    """The party, or somebody who was addressed about it, says what is done about what was missed."""

    collaboration_id: EventId
    by: Actor
    outcome: AnswerOutcome
    content_ref: ContentRef | None = None


class ItemsCounted(_Fact):
    """A day is over: what the party missed and was not counted before, and how much that makes in the agreed window."""

    items: tuple[ItemCount, ...]
    in_window: Count
    agreement_version: int


class ItemUncounted(_Fact):
    """An item that was counted does not count: it had been kept."""

    item: Code
    missed_on: date


class RungReached(_Fact):
    """These functions are addressed: the party did not keep what was agreed. `collaboration_id` is the id of the first
    such fact of one ladder; `on` is the rung in the words of the agreement (S001-22, S002-12, S004-18, S004-24)."""

    collaboration_id: EventId
    rung: int
    on: tuple[Code, ...]
    to: Annotated[tuple[ContactRef, ...], Field(min_length=1)]
    cause: RungCause
    skipped: tuple[Skipped, ...] = ()
    items: tuple[ItemCount, ...]
    answer_due_at: Moment
    agreement_version: int
    late_by_s: Seconds = 0.0


class PartyAnswered(_Fact):
    """What is done about it, and on which rung that was said."""

    collaboration_id: EventId
    by: Actor
    outcome: AnswerOutcome
    rung: int
    content_ref: ContentRef | None = None


class CollaborationSettled(_Fact):
    """Nobody is addressed any further; what was counted is counted off, and counting begins anew."""

    collaboration_id: EventId
    because: SettledBecause
    rung: int


class AnswerRefused(_Fact):
    """An answer that changed nothing, by the command's id, with a reason code."""

    command_id: EventId
    reason: AnswerRefusal
