"""The timers of one lane: an ordered cache of the rows' `wake`, rebuilt from the rows at any time.

A row's wake is the truth. An entry here whose row says otherwise is stale and is dropped when it comes up,
so nothing has to be removed when a deadline moves (semantics 14, 17).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from services.runtime.job import Wake

RANKS = 10
NEVER_MS = 2**62
_NO_WAKE = b"- 5\n"


def frame(row: bytes, wake: Wake | None) -> bytes:
    """A row as the changelog holds it: `<wake_ms or -> <rank>`, a newline, the row."""
    if wake is None:
        return _NO_WAKE + row
    return b"%d %d\n%b" % (wake.at_ms, wake.rank, row)


def unframe(framed: bytes) -> bytes:
    """The row inside a changelog value."""
    return framed[framed.index(b"\n") + 1 :]


def wake_of(framed: bytes) -> Wake | None:
    """The wake of a changelog value."""
    if framed[0] == 45:  # "-"
        return None
    head = framed[: framed.index(b"\n")]
    at, _, rank = head.partition(b" ")
    return Wake(int(at), int(rank))


class Timers:
    """One heap a rank, so that an acute timer never waits behind ten thousand routine ones (semantics 18)."""

    __slots__ = ("_heaps", "_retries", "_size")

    def __init__(self) -> None:
        self._heaps: list[list[tuple[int, bytes]]] = [[] for _ in range(RANKS)]
        self._retries: list[tuple[int, bytes]] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @classmethod
    def rebuilt(cls, rows: Mapping[bytes, bytes]) -> Timers:
        """The timers that these framed rows ask for."""
        timers = cls()
        for key, framed in rows.items():
            if framed[0] != 45:
                wake = wake_of(framed)
                if wake is not None:
                    timers._heaps[wake.rank].append((wake.at_ms, key))
                    timers._size += 1
        for heap in timers._heaps:
            heapq.heapify(heap)
        return timers

    def arm(self, key: bytes, wake: Wake) -> None:
        """Remembers a wake; an older one of the same row goes stale by itself."""
        heapq.heappush(self._heaps[wake.rank], (wake.at_ms, key))
        self._size += 1

    def retry(self, key: bytes, at_ms: int) -> None:
        """Comes back to a row whose timer's decision raised: it stays armed, later (semantics 17)."""
        heapq.heappush(self._retries, (at_ms, key))

    def earliest_ms(self) -> int:
        """The moment of the next entry, stale or not; `NEVER_MS` when there is none."""
        found = NEVER_MS
        for heap in self._heaps:
            if heap and heap[0][0] < found:
                found = heap[0][0]
        if self._retries and self._retries[0][0] < found:
            found = self._retries[0][0]
        return found

    def first_rank(self, until_ms: int) -> int:
        """The most urgent rank that has an entry at or before `until_ms`, stale or not; `RANKS` when none has."""
        for rank, heap in enumerate(self._heaps):
            if heap and heap[0][0] <= until_ms:
                return rank
        return RANKS

    def is_any_between(self, after_ms: int, until_ms: int) -> bool:
        """Whether a rank waits for a moment after `after_ms` that has come by `until_ms`.

        Each rank for itself: what is urgent must not wait for its evidence until all that is not, and was due a little
        before, has been told."""
        return any(heap and after_ms < heap[0][0] <= until_ms for heap in (*self._heaps, self._retries))

    def take_due(self, until_ms: int, rows: Mapping[bytes, bytes], limit: int) -> list[tuple[bytes, int]]:
        """At most `limit` rows whose wake is at or before `until_ms`, most urgent and longest overdue first."""
        due: list[tuple[bytes, int]] = []
        for rank, heap in enumerate(self._heaps):
            while heap and heap[0][0] <= until_ms and len(due) < limit:
                at_ms, key = heapq.heappop(heap)
                self._size -= 1
                framed = rows.get(key)
                if framed is not None and framed.startswith(b"%d %d\n" % (at_ms, rank)):
                    due.append((key, at_ms))
        while self._retries and self._retries[0][0] <= until_ms and len(due) < limit:
            _, key = heapq.heappop(self._retries)
            wake = wake_of(framed) if (framed := rows.get(key)) is not None else None
            if wake is not None and wake.at_ms <= until_ms:
                due.append((key, wake.at_ms))
        return due

    def is_bloated(self, rows: int) -> bool:
        """Whether stale entries outweigh the rows so much that rebuilding is cheaper than keeping them."""
        return self._size > 4 * rows + 1000
