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

#: A name of this form is read from the fact that opens an obligation.
EVENT = "event."
ROOT = "root"
DISCHARGED, NEXT_LEVEL = "discharged", "next_level"


class Level(NamedTuple):
    """A level of urgency."""

    name: str
    priority: str
    rank: int
    is_always: bool
    calendar: Calendar | None


class Contact(NamedTuple):
    """A function at a party. `hours=None` is always; `ref` and `deputy` are `party/contact`."""

    ref: str
    has_channel: bool
    hours: Calendar | None
    deputy: str | None


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the routing tree, with everything it has from the nodes above it."""

    name: str
    ask: Match
    receiver: str
    ladder: str
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


#: What a later fact does to an obligation, as it is frozen into its row: the fact, the effect (DISCHARGED, NEXT_LEVEL,
#: or the word for its cancelling), and what each of its fields must hold.
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
