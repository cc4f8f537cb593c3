"""What is owed as the deadline facts tell it: one obligation at a time, and forgotten when it ends. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from schemas.base import Said
from schemas.deadlines import (
    ObligationBreached,
    ObligationCancelled,
    ObligationDischarged,
    ObligationEscalated,
    ObligationMoved,
    ObligationOpened,
    ObligationPaused,
    ObligationResumed,
    ObligationWarned,
)
from schemas.envelope import Envelope
from services.agreements.moments import milliseconds
from services.agreements.terms import RANK_OF_PRIORITY

State = Literal["late", "in_time", "paused"]

#: Whatever has passed for so long and was not told means that nobody watches the clock.
UNTOLD_AFTER_MS = 60_000
_ENDS = (ObligationDischarged, ObligationCancelled)
_ABOUT = (
    ObligationOpened,
    ObligationWarned,
    ObligationBreached,
    ObligationEscalated,
    ObligationPaused,
    ObligationResumed,
    ObligationMoved,
)


class Opened(NamedTuple):
    """What the opening fact alone says; unknown of an obligation whose beginning is no longer kept."""

    at_ms: int
    owed_to: str | None
    ladder: str
    agreement_version: int


class Owed(NamedTuple):
    """An obligation that is open. Moments are milliseconds since the epoch, contacts `party/contact`."""

    id: str
    name: str
    caseid: str
    entity: str
    partnership: str
    urgency: str
    priority: str
    owed_by: str | None
    due_ms: int
    opened: Opened | None = None
    breached_ms: int | None = None
    #: The level that stands, who is asked there and since when; everybody who was asked, the last one last.
    level: int = 0
    asked: tuple[str, ...] = ()
    asked_ms: int | None = None
    #: When the next is asked, as it was told last; None when its clock was counted again since.
    next_ms: int | None = None
    #: Since when and until when its clock stood still; the last pause may last, for the reason given.
    pauses: tuple[tuple[int, int], ...] = ()
    paused_for: str | None = None

    def state(self, at_ms: int) -> State:
        """How it stands at a moment. A pause ends by itself."""
        if self.paused_for is not None and at_ms < self.pauses[-1][1]:
            return "paused"
        return "late" if self.due_ms <= at_ms else "in_time"

    def late_ms(self, at_ms: int) -> int:
        """For how long it has been late; 0 when it is not."""
        return at_ms - self.due_ms if self.state(at_ms) == "late" else 0

    def is_untold(self, at_ms: int) -> bool:
        """Whether its deadline passed some time ago and nobody said so."""
        return self.breached_ms is None and self.late_ms(at_ms) > UNTOLD_AFTER_MS


def by_urgency(owed: Iterable[Owed]) -> list[Owed]:
    """The most urgent first, of those the longest overdue, or what is due first."""
    rest = max(RANK_OF_PRIORITY.values()) + 1
    return sorted(owed, key=lambda one: (RANK_OF_PRIORITY.get(one.priority, rest), one.due_ms, one.id))


def after(one: Owed | None, envelope: Envelope, fact: Said) -> Owed | None:  # noqa: PLR0911 - one a fact
    """The obligation after a fact about it; None when it is no longer owed."""
    if not isinstance(fact, _ABOUT):
        return None if isinstance(fact, _ENDS) else one
    told_ms = told_at_ms(envelope)
    one = one or _first_heard(envelope, fact)
    match fact:
        case ObligationOpened():
            opened = Opened(told_ms, fact.owed_to, fact.ladder, fact.agreement_version)
            return one._replace(
                due_ms=_ms(fact.due_at), opened=opened, asked=(fact.owed_by,), asked_ms=told_ms
            )
        case ObligationBreached():
            return one._replace(due_ms=_ms(fact.due_at), breached_ms=told_ms)
        case ObligationEscalated():
            before = tuple(contact for contact in one.asked if contact != fact.to)
            next_ms = None if fact.next_at is None else _ms(fact.next_at)
            return one._replace(level=fact.level, asked=(*before, fact.to), asked_ms=told_ms, next_ms=next_ms)
        case ObligationPaused():
            pauses = one.pauses[:-1] if one.paused_for is not None else one.pauses
            begun_ms = one.pauses[-1][0] if one.paused_for is not None else told_ms
            return one._replace(
                due_ms=_ms(fact.due_at),
                next_ms=None,
                pauses=(*pauses, (begun_ms, _ms(fact.until))),
                paused_for=fact.reason,
            )
        case ObligationResumed():
            ended = tuple((from_ms, min(to_ms, told_ms)) for from_ms, to_ms in one.pauses[-1:])
            pauses = (*one.pauses[:-1], *ended)
            return one._replace(due_ms=_ms(fact.due_at), next_ms=None, pauses=pauses, paused_for=None)
        case ObligationMoved():
            return one._replace(
                due_ms=_ms(fact.due_at),
                next_ms=None,
                urgency=fact.urgency,
                priority=envelope.priority or one.priority,
            )
        case _:
            return one


class Owing:
    """All that is open, by the id of the obligation: what ended takes no room."""

    def __init__(self) -> None:
        self._open: dict[str, Owed] = {}

    def take(self, envelope: Envelope, fact: Said) -> None:
        """Takes a fact; one that is about no obligation changes nothing."""
        if isinstance(fact, (*_ABOUT, *_ENDS)):
            owed = after(self._open.get(fact.obligation_id), envelope, fact)
            if owed is None:
                self._open.pop(fact.obligation_id, None)
            else:
                self._open[fact.obligation_id] = owed

    def __len__(self) -> int:
        return len(self._open)

    def open(self) -> list[Owed]:
        """What is owed now, the most urgent first."""
        return by_urgency(self._open.values())

    def late(self, at_ms: int) -> list[Owed]:
        """What is late at a moment, the most urgent and longest overdue first."""
        return [one for one in self.open() if one.state(at_ms) == "late"]


def told_at_ms(envelope: Envelope) -> int:
    """When a fact was told; every fact of ours says so."""
    return milliseconds(datetime.fromisoformat(envelope.recordedtime))


def _first_heard(envelope: Envelope, fact: Said) -> Owed:
    """As far as a fact in the middle of its life tells it: the beginning of a long one may no longer be kept."""
    said = vars(fact)
    return Owed(
        id=said["obligation_id"],
        name=said["name"],
        caseid=envelope.caseid,
        entity=envelope.subject,
        partnership=envelope.partnership,
        urgency=said["urgency"],
        priority=envelope.priority,
        owed_by=said.get("owed_by"),
        due_ms=_ms(said["due_at"]),
    )


def _ms(at: datetime) -> int:
    return milliseconds(at)
