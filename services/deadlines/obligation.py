"""An obligation as it stands in a case's row: plain values, frozen when it opened, with the moments still to come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from services.agreements.times import Span
from services.runtime.job import Wake


class Obligation(TypedDict):
    """Moments are milliseconds since the epoch. A `Span` and a condition stand as lists, as JSON has them.

    Fields that a later version adds are carried along untouched.
    """

    id: str
    name: str
    entity: str
    partnership: str
    agreement_version: int
    urgency: str
    priority: str
    rank: int
    owed_by: str
    #: The inputs of the deadline: with them it can be computed again and explained.
    started_ms: int
    span: list[object]
    due_ms: int
    #: When the breach was told; None while it has not passed.
    breached_ms: int | None
    #: `[percent, at_ms]` of the warnings still to come.
    warnings: list[list[int]]
    #: The ladder: `[to, span or null]` a rung; how often the last one is asked again; where on it we are.
    rungs: list[list[object]]
    repeat: list[object]
    level: int
    asked: list[str]
    next_ms: int
    #: `[event, effect, [[field, [values]]]]`: what later facts do to it.
    endings: list[list[object]]


def next_moment(obligation: Obligation) -> int:
    """When this obligation wants a turn again. There always is such a moment: a ladder never ends in silence."""
    at_ms = obligation["next_ms"]
    if obligation["breached_ms"] is None:
        at_ms = min(at_ms, obligation["due_ms"])
        for _, warning_ms in obligation["warnings"]:
            at_ms = min(at_ms, warning_ms)
    return at_ms


def wake_of(obligations: Sequence[Obligation]) -> Wake | None:
    """The earliest moment of all, with the rank of its urgency; None when nothing is owed."""
    if not obligations:
        return None
    at_ms, rank = min((next_moment(one), one["rank"]) for one in obligations)
    return Wake(at_ms, rank)


def span_of(row: Iterable[object]) -> Span:
    """A length of time as it stands in a row."""
    counting, amount, calendar = row
    return Span(str(counting), int(str(amount)), None if calendar is None else str(calendar))
