"""An obligation as it stands in a case's row: plain values, frozen when it opened, with the moments still to come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from services.agreements.parts import EndingRow, RungRow
from services.agreements.times import SpanRow
from services.runtime.job import Wake


class Obligation(TypedDict):
    """Moments are milliseconds since the epoch; what is a tuple here is a list once it has been JSON.

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
    #: Whoever is asked has one of these; none, and left out, is anybody. Left out, it never asks for any, however
    #: urgent it becomes: the fact that opened it does not speak of it.
    expertise: NotRequired[list[str]]
    #: What the deadline was computed from, so that it can be computed again and explained.
    started_ms: int
    span: SpanRow
    due_ms: int
    #: When the breach was told; None while the deadline has not passed.
    breached_ms: int | None
    #: `[percent, at_ms]` of the warnings still to come, in the order of their moments.
    warnings: list[list[int]]
    #: The ladder, how often its last level is asked again, where on it we are, and who has been asked.
    rungs: Sequence[RungRow]
    repeat: SpanRow
    level: int
    asked: list[str]
    next_ms: int
    endings: Sequence[EndingRow]
    #: The name of the ladder, for its rungs at another urgency; and since when whoever is asked is waited for: left
    #: out, the ladder begins when the deadline has passed. An older row has neither.
    ladder: NotRequired[str]
    asked_ms: NotRequired[int]
    #: `[from_ms, to_ms]` in order; and while it stands still, until when: the end of the last of them.
    pauses: NotRequired[list[list[int]]]
    paused_until_ms: NotRequired[int | None]
    #: Duties of one group are met together.
    group: NotRequired[str]


def next_moment(obligation: Obligation) -> int:
    """When this obligation wants a turn again. There always is such a moment: a ladder never ends in silence."""
    paused_until_ms = obligation.get("paused_until_ms")
    if paused_until_ms is not None:
        return paused_until_ms
    at_ms = obligation["next_ms"]
    if obligation["breached_ms"] is None:
        at_ms = min(at_ms, obligation["due_ms"])
        if obligation["warnings"]:
            at_ms = min(at_ms, obligation["warnings"][0][1])
    return at_ms


def wake_of(obligations: Sequence[Obligation]) -> Wake | None:
    """The earliest moment of all, with the rank of its urgency; None when nothing is owed."""
    if not obligations:
        return None
    at_ms, rank = min((next_moment(one), one["rank"]) for one in obligations)
    return Wake(at_ms, rank)
