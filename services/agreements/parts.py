"""The parts of an agreement that is ready to decide with: levels, contacts, the tree, ladders and duties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from schemas.signals import TraceStep
from services.agreements.calendars import Calendar
from services.agreements.fields import Scalar
from services.agreements.matching import Match
from services.agreements.times import Span, SpanRow

#: A name of this form is read from a fact: from the one that opens an obligation, or gives it to somebody else.
EVENT = "event."
ROOT = "root"
DISCHARGED, NEXT_LEVEL, PAUSED, RESUMED = "discharged", "next_level", "paused", "resumed"


class Level(NamedTuple):
    """A level of urgency."""

    name: str
    priority: str
    rank: int
    is_always: bool
    calendar: Calendar | None


class Contact(NamedTuple):
    """A function at a party. `hours=None` is always; `ref`, `deputy` and the others are `party/contact`."""

    ref: str
    channels: tuple[str, ...]
    hours: Calendar | None
    deputy: str | None
    stand_ins: tuple[str, ...]
    overflow: tuple[str, ...]
    #: What it is able to judge, its party's expertise with it.
    expertise: frozenset[str]
    #: The types of signal it is there for; None is all.
    types: frozenset[str] | None
    party: str
    kind: str
    ring: str
    #: Several share it, and any of them may claim (S002-08).
    is_group: bool
    #: A number that several answer by turns (S002-09).
    is_shared_number: bool
    #: Its own party, and those that staff it with it (S001-02).
    parties: tuple[str, ...]
    #: From when, and until when, its party takes part.
    from_ms: int | None
    until_ms: int | None

    def takes_part(self, at_ms: int) -> bool:
        """Whether its party is in the partnership at this moment."""
        return (self.from_ms is None or self.from_ms <= at_ms) and (
            self.until_ms is None or at_ms < self.until_ms
        )


class Intake(NamedTuple):
    """A line of who does the first intake."""

    target_group: frozenset[str] | None
    types: frozenset[str] | None
    postcodes: frozenset[str] | None
    by: str


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the routing tree, with everything it has from the nodes above it."""

    name: str
    ask: Match
    receiver: str
    ladder: str
    #: By target group: the ladder of its path, for a rule that finds its receiver there and names no ladder itself.
    path_ladders: Mapping[str, str]
    goes_on: bool
    routes: tuple[Node, ...]
    #: One step of a trace for each outcome, made once: a decision only picks.
    steps: Mapping[str, TraceStep]


#: A level of a ladder for one level of urgency: who, and how long after the level before. Only the first has no wait.
RungRow = tuple[str, SpanRow | None]


class Ladder(NamedTuple):
    """A ladder for one level of urgency, as it is frozen into an obligation's row. The last rung repeats."""

    rungs: tuple[RungRow, ...]
    repeat: SpanRow


class Trigger(NamedTuple):
    """A fact by its name, and what its fields must hold."""

    event: str
    where: tuple[tuple[str, frozenset[Scalar]], ...]


#: What a later fact does to an obligation, as it is frozen into its row: the fact, the effect (one of the words above,
#: `event.FIELD` for whom it is asked of next, or the word for its cancelling), and what each of its fields must hold.
EndingRow = tuple[str, str, tuple[tuple[str, tuple[Scalar, ...]], ...]]


class Duty(NamedTuple):
    """An obligation as the agreement words it. `ladder` and `owed_by` may be read from the event."""

    name: str
    opened_by: Trigger
    endings: tuple[EndingRow, ...]
    owed_by: str
    owed_to: str | None
    within: Mapping[str, Span]
    #: For an urgency this version has no time for (any more): that of its most pressing level.
    otherwise: Span
    warn_at: tuple[int, ...]
    ladder: str
    #: Whether the next is asked only when the deadline has passed.
    begins_when_due: bool
    #: Duties of one group are met together, each by its own clock.
    group: str | None
    #: The field of the opening fact that names the moment it is due.
    due: str | None = None
    #: For each ending, the fields that hold the same as in the opening fact; empty when none asks for any.
    same: tuple[tuple[str, ...], ...] = ()
