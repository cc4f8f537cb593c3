"""What the core shows of its work: what is overdue, how soon is answered, what is missed, and why who is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from prometheus_client import Counter, Histogram

from schemas.deadlines import ObligationBreached, ObligationDischarged
from schemas.signals import SignalRouted
from services.casework import metrics
from services.casework.overdue import Kind, OverdueOfLane


class CaseworkLane(OverdueOfLane):
    """The tally of one lane: what is overdue follows from its rows, all else is counted when it has become visible."""

    def take(self, rows: Iterable[tuple[bytes, bytes | None]], counted: Sequence[object]) -> None:
        """A unit has become visible."""
        for key, row in rows:
            self.put(key, row)
        for fact in counted:
            count(fact)


class CaseworkTally:
    """The tally of a worker: its lanes together."""

    def __init__(self) -> None:
        self._shown: set[Kind] = set()

    def lane(self) -> CaseworkLane:
        """The tally of a lane that opens."""
        return CaseworkLane()

    def show(self, lanes: Sequence[Any], now_ms: int) -> None:
        """What is overdue now. Where nothing is left of what was shown, none is shown, so that an alert ends: it was
        answered, or its lane went to another worker."""
        counts, oldest = overdue_of(lanes)
        for kind in self._shown.union(counts):
            late_ms = now_ms - oldest[kind] if kind in oldest else 0
            metrics.OVERDUE.labels(*kind).set(counts.get(kind, 0))
            metrics.OVERDUE_OLDEST.labels(*kind).set(max(0, late_ms) / 1000)
        self._shown.update(counts)


def overdue_of(lanes: Iterable[OverdueOfLane]) -> tuple[dict[Kind, int], dict[Kind, int]]:
    """How much is overdue of each kind in all these lanes, and the deadline of the oldest."""
    counts: dict[Kind, int] = {}
    oldest: dict[Kind, int] = {}
    for lane in lanes:
        for kind, held in lane.counts().items():
            counts[kind] = counts.get(kind, 0) + held
            due_ms = lane.oldest_ms(kind)
            if due_ms is not None:
                oldest[kind] = min(oldest.get(kind, due_ms), due_ms)
    return counts, oldest


def count(fact: object) -> None:
    """A fact that has become visible."""
    match fact:
        case ObligationDischarged():
            on_time = "true" if fact.on_time else "false"
            _answers(fact.name, fact.urgency, on_time).observe(fact.took_s)
        case ObligationBreached():
            _breaches(fact.name, fact.urgency).inc()
        case SignalRouted():
            _routings(fact.reason.value).inc()
        case _:
            pass


# prometheus_client looks a label up under a lock and takes longer for it than for counting: it is asked once.


@cache
def _answers(obligation: str, urgency: str, on_time: str) -> Histogram:
    return metrics.ANSWER_SECONDS.labels(obligation, urgency, on_time)


@cache
def _breaches(obligation: str, urgency: str) -> Counter:
    return metrics.BREACHES.labels(obligation, urgency)


@cache
def _routings(reason: str) -> Counter:
    return metrics.ROUTINGS.labels(reason)
