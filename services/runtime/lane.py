"""A lane: one partition number of a process across all its inputs, with one writer and one order.

A lane knows no broker. It is fed chunks, gives batches, and says what one unit of it contains; whether a unit
became true is the writer's word (services/runtime/ledger.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import orjson

from services.runtime.job import TAKEN_BACK, Effect, EffectDone
from services.runtime.timers import Timers

#: Keys that begin so are the lane's own rows in the changelog, never a record's.
OWN_PREFIX = b"\x00"
POSITION_KEY = OWN_PREFIX + b"position"
EFFECT_PREFIX = OWN_PREFIX + b"effect" + OWN_PREFIX
POSITION_VERSION = 1


def effect_row(key: bytes, effect: Effect) -> bytes:
    """A wish to send as the changelog holds it: the length of its row's key, a newline, the key, the payload."""
    return b"%d\n%b%b" % (len(key), key, effect.payload)


class RawRecord(Protocol):
    """What the fetcher hands over for one record."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class Chunk(NamedTuple):
    """Records of one input partition with the consumer's position before (`start`) and after (`end`) them.

    `start` and `end` are read in the consumer's own thread with no suspension between them and the records,
    so `[start, end)` holds nothing else. It may hold no record at all: markers and aborted transactions.
    """

    topic: str
    partition: int
    start: int
    end: int
    records: list[RawRecord]


class Evidence(NamedTuple):
    """Log ends that were asked for at a moment of the clock (I8)."""

    asked_at_ms: int
    ends: Mapping[str, int]


@dataclass(slots=True)
class Lane:
    """One lane's state in memory. It may be ahead of the log only while the process lives (I9)."""

    partition: int
    topics: tuple[str, ...]
    rows: dict[bytes, bytes] = field(default_factory=dict)
    timers: Timers = field(default_factory=Timers)
    fed: dict[str, int] = field(default_factory=dict)
    sequence: int = 0
    now_ms: int = 0
    effects: dict[str, tuple[bytes, Effect]] = field(default_factory=dict)
    done_effects: deque[EffectDone] = field(default_factory=deque)
    failed_effects: deque[EffectDone] = field(default_factory=deque)
    fire_until_ms: int = -1
    evidence: Evidence | None = None
    failures: int = 0
    window_ends: int = 0
    decided: int = 0
    halted: str = ""
    _buffers: dict[str, deque[list[RawRecord]]] = field(default_factory=dict)

    # -- coming in ---------------------------------------------------------------------------------

    def feed(self, chunk: Chunk) -> int | None:
        """Takes a chunk, or answers the position to seek back to (I5: no gap, per input).

        A chunk that begins before what was fed has been seen in part: the known records are dropped.
        """
        fed = self.fed[chunk.topic]
        if chunk.start > fed:
            return fed
        if chunk.end <= fed:
            return None
        records = chunk.records
        if chunk.start < fed:
            records = [record for record in records if record.offset >= fed]
        self.fed[chunk.topic] = chunk.end
        if records:
            self._buffers.setdefault(chunk.topic, deque()).append(records)
        return None

    @property
    def buffered(self) -> int:
        """Records that wait for a decision."""
        return sum(len(records) for buffer in self._buffers.values() for records in buffer)

    def waiting_in(self, topic: str) -> int:
        """Records of one input that wait for a decision."""
        return sum(len(records) for records in self._buffers.get(topic, ()))

    @property
    def has_input(self) -> bool:
        """Whether anything but a timer waits."""
        return any(self._buffers.values()) or bool(self.done_effects)

    def take(self, limit: int) -> list[tuple[str, list[RawRecord]]]:
        """At most `limit` records, in turn from each input, ascending within each."""
        segments: list[tuple[str, list[RawRecord]]] = []
        left = limit
        share = max(1, limit // max(1, sum(1 for buffer in self._buffers.values() if buffer)))
        for topic, buffer in self._buffers.items():
            room = min(left, share)
            while buffer and room > 0:
                records = buffer.popleft()
                if len(records) > room:
                    buffer.appendleft(records[room:])
                    records = records[:room]
                segments.append((topic, records))
                room -= len(records)
                left -= len(records)
        return segments

    def put_back(self, topic: str, records: list[RawRecord]) -> None:
        """Returns the undecided rest of a batch to the front of its input."""
        self._buffers.setdefault(topic, deque()).appendleft(records)

    # -- effects -----------------------------------------------------------------------------------

    def is_taken_back(self, effect_id: str) -> bool:
        """Whether an effect that has no outcome yet is not to be begun any more."""
        found = self.effects.get(effect_id)
        return found is not None and found[1].payload == TAKEN_BACK

    # -- how far -----------------------------------------------------------------------------------

    def decided_to(self, topic: str) -> int:
        """The position up to which this input has been decided; markers behind the last record count."""
        buffer = self._buffers.get(topic)
        return buffer[0][0].offset if buffer else self.fed[topic]

    def positions(self) -> dict[str, int]:
        """The next offset of every input: what a successor starts from."""
        return {topic: self.decided_to(topic) for topic in self.topics}

    def position_row(self) -> bytes:
        """The position as a row of the changelog (I4)."""
        return orjson.dumps(
            {
                "v": POSITION_VERSION,
                "next": self.positions(),
                "sequence": self.sequence,
                "now_ms": self.now_ms,
            }
        )

    # -- timers ------------------------------------------------------------------------------------

    def weigh(self, evidence: Evidence) -> None:
        """Remembers log ends; timers fire up to the moment they were asked for once all is decided up to them."""
        self.evidence = evidence
        self.settle_evidence()

    def settle_evidence(self) -> None:
        """Lets timers fire as far as the evidence and the decided positions allow (engine 7, I8)."""
        if self.evidence is None:
            return
        if all(self.decided_to(topic) >= end for topic, end in self.evidence.ends.items()):
            self.fire_until_ms = max(self.fire_until_ms, self.evidence.asked_at_ms)
            self.evidence = None

    def may_fire(self) -> bool:
        """Whether a timer is due and the evidence for it is in."""
        return self.timers.earliest_ms() <= self.fire_until_ms

    def wants_evidence(self, now_ms: int) -> bool:
        """Whether a timer is due that no evidence covers yet, and is the next one of its rank."""
        return self.evidence is None and self.timers.is_any_between(self.fire_until_ms, now_ms)

    def urgency(self) -> int:
        """How soon it wants its turn, lowest first: what was said is as urgent as the most urgent timer."""
        return 0 if self.has_input else self.timers.first_rank(self.fire_until_ms)

    # -- recovery ----------------------------------------------------------------------------------

    def replay(self, records: Iterable[RawRecord]) -> None:
        """Applies changelog records, oldest first."""
        rows = self.rows
        for record in records:
            key, value = record.key, record.value
            if key is None:
                continue
            if key[:1] == OWN_PREFIX:
                self._replay_own(key, value)
            elif value is None:
                rows.pop(key, None)
            else:
                rows[key] = value

    def _replay_own(self, key: bytes, value: bytes | None) -> None:
        if key == POSITION_KEY and value is not None:
            found = orjson.loads(value)
            self.fed = {str(topic): int(offset) for topic, offset in found["next"].items()}
            self.sequence = int(found["sequence"])
            self.now_ms = int(found["now_ms"])
        elif key.startswith(EFFECT_PREFIX):
            effect_id = key[len(EFFECT_PREFIX) :].decode()
            if value is None:
                self.effects.pop(effect_id, None)
            else:
                length, _, rest = value.partition(b"\n")
                self.effects[effect_id] = (rest[: int(length)], Effect(effect_id, rest[int(length) :]))

    def rebuild_timers(self) -> None:
        """Derives the timers from the rows again."""
        self.timers = Timers.rebuilt(self.rows)
