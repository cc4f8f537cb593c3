"""What is overdue in the rows of a lane: how much of each kind, and since when the oldest. Pure, and kept row by row.

Overdue is what was told to be missed and is still owed: its deadline no longer moves, so its row alone says all of it.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import orjson

#: Rows are looked through in slices, between which a process does its other work.
SLICE_ROWS = 2_000


class Kind(NamedTuple):
    """The name of an obligation in the agreement, and the level of urgency it has now."""

    obligation: str
    urgency: str


class Overdue(NamedTuple):
    """An obligation that is overdue, and since when."""

    kind: Kind
    due_ms: int


#: Rows are written by `write_case`, without a space: where no deadline was missed, all that stands there is `null`.
_MISSED = re.compile(rb'"breached_ms":[^n]').search


def overdue_in(row: bytes) -> tuple[Overdue, ...]:
    """What is overdue in a case. A row with nothing so is searched and not read: most are, and there are a million."""
    if _MISSED(row) is None:
        return ()
    return tuple(
        Overdue(Kind(one["name"], one["urgency"]), one["due_ms"])
        for one in orjson.loads(row)["obligations"]
        if one["breached_ms"] is not None
    )


class OverdueOfLane:
    """How much of each kind is overdue in a lane, and the oldest of it. It holds what is overdue, and no other row."""

    def __init__(self) -> None:
        self._held: dict[bytes, tuple[Overdue, ...]] = {}
        self._counts: dict[Kind, int] = {}
        #: By kind, what is or was overdue, oldest first: an entry whose row says otherwise goes when it comes up.
        self._queues: dict[Kind, list[tuple[int, bytes]]] = {}

    def fill(self, rows: Iterable[tuple[bytes, bytes | None]]) -> Iterator[None]:
        """Takes the rows of a lane, a slice at a time."""
        for n, (key, row) in enumerate(rows, 1):
            self.put(key, row)
            if n % SLICE_ROWS == 0:
                yield

    def put(self, key: bytes, row: bytes | None) -> None:
        """A row as it is now; None when it is gone."""
        was = self._held.get(key, ())
        now = () if row is None else overdue_in(row)
        if now == was:
            return
        for kind, _ in was:
            self._counts[kind] -= 1
        for one in now:
            self._counts[one.kind] = self._counts.get(one.kind, 0) + 1
            if one not in was:
                heapq.heappush(self._queues.setdefault(one.kind, []), (one.due_ms, key))
        if now:
            self._held[key] = now
        else:
            del self._held[key]
        for kind in {kind for kind, _ in was}:
            self._trim(kind)

    def counts(self) -> Mapping[Kind, int]:
        """How much is overdue of each kind that ever was."""
        return self._counts

    def oldest_ms(self, kind: Kind) -> int | None:
        """The deadline of the oldest of a kind; None when nothing of it is overdue."""
        queue = self._queues.get(kind, [])
        while queue and not self._is_held(kind, *queue[0]):
            heapq.heappop(queue)
        return queue[0][0] if queue else None

    def _is_held(self, kind: Kind, due_ms: int, key: bytes) -> bool:
        return Overdue(kind, due_ms) in self._held.get(key, ())

    def _trim(self, kind: Kind) -> None:
        """What was answered out of its turn leaves an entry behind: they never outweigh what is held."""
        queue = self._queues[kind]
        if len(queue) > 2 * self._counts[kind] + 1_000:
            queue[:] = {entry for entry in queue if self._is_held(kind, *entry)}
            heapq.heapify(queue)
