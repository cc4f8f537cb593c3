"""A batch: records and due timers of one lane, and the one unit their decisions become."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import orjson

from services.runtime import metrics
from services.runtime.job import (
    KEEP_ROW,
    TAKEN_BACK,
    Decide,
    Effect,
    EffectDone,
    Emit,
    Header,
    Job,
    PassedOver,
    Record,
    Step,
    TimerDue,
    Turn,
    Unreadable,
)
from services.runtime.lane import EFFECT_PREFIX, OWN_PREFIX, POSITION_KEY, Lane, RawRecord, effect_row
from services.runtime.logs import log
from services.runtime.partition import partition_of
from services.runtime.timers import frame, unframe, wake_of

#: A unit is closed before one of its record batches outgrows what a broker takes at once.
UNIT_MAX_BYTES = 500_000
#: Below what the ledger packs into one record batch, with room for key, wake and headers.
RECORD_MAX_BYTES = 800_000
#: Of so many records, so many may fail before the lane halts and calls somebody (engine 8).
POISON_WINDOW = 1000
POISON_MAX = 50
TIMER_RETRY_MS = 5_000
#: Of a unit in which records wait, timers take this part at most.
TIMERS_SHARE = 4
BUDGET_CHECK_EVERY = 64

Outgoing = tuple[bytes | None, bytes | None, Sequence[Header]]


@dataclass(slots=True)
class Unit:
    """What becomes visible together: facts by topic and partition, rows, positions, and effects to start after; and
    what is counted of it then."""

    lane: Lane
    facts: dict[tuple[str, int], list[Outgoing]] = field(default_factory=dict)
    rows: dict[bytes, bytes | None] = field(default_factory=dict)
    effects: list[tuple[bytes, Effect]] = field(default_factory=list)
    counted: list[object] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    size: int = 0
    records: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether it would change nothing but a position."""
        return not (self.facts or self.rows)


def _decide_unkeyed(decide: Decide, record: Record, turn: Turn) -> Step:
    """A record without a key, or with one of those the lane keeps for itself, has no row and can get none."""
    if record.key is not None:
        raise Unreadable("key_reserved")
    step = decide(record, None, turn)
    if step.row is not KEEP_ROW or step.effects:
        raise ValueError("a record without a key has no row and no effects")
    return step


def _check_size(step: Step) -> None:
    """What fits into no record batch would end the process at every attempt: it fails as a decision does."""
    row, emits, _, effects, _ = step
    if row is not None and len(row) > RECORD_MAX_BYTES:
        raise ValueError("the row outgrew what a broker takes at once")
    for emit in emits:
        if len(emit[2]) > RECORD_MAX_BYTES:
            raise ValueError("a fact outgrew what a broker takes at once")
    for effect in effects:
        if len(effect.payload) > RECORD_MAX_BYTES:
            raise ValueError("an effect outgrew what a broker takes at once")


class Batch:
    """What the agent's body gets. `apply` decides every record; asking for the next batch is success (I6)."""

    def __init__(  # noqa: PLR0913 - the shell hands over all it holds, once
        self,
        job: Job,
        lane: Lane,
        segments: list[tuple[str, list[RawRecord]]],
        timers: list[tuple[bytes, int]],
        outcomes: list[EffectDone],
        *,
        clock_ms: int,
        partitions_of: Callable[[str], int],
        budget_s: float,
    ) -> None:
        self.lane = lane
        self.unit = Unit(lane)
        self.is_applied = False
        self._job = job
        self._segments = segments
        self._timers = timers
        self._outcomes = outcomes
        self._clock_ms = clock_ms
        self._partitions_of = partitions_of
        self._budget_s = budget_s
        self._prefix = f"{job.name}-{lane.partition}-"
        self._prefix_bytes = self._prefix.encode()
        self._own: dict[str, list[Outgoing]] = {}

    def apply(self, decide: Decide) -> None:
        """Decides timers, outcomes of effects and records, in that order, and collects their unit."""
        self.is_applied = True
        self._fire_timers(decide)
        for outcome in self._outcomes:
            self._finish_effect(decide, outcome)
        self._decide_records(decide)
        self._close()
        self.lane.settle_evidence()

    # -- records -----------------------------------------------------------------------------------

    def _decide_records(self, decide: Decide) -> None:  # noqa: PLR0912 - the hot loop, calls cost
        lane, clock_ms, prefix, stamp = self.lane, self._clock_ms, self._prefix, self._job.stamp_ms
        rows, partition, unit = lane.rows, lane.partition, self.unit
        # Half the cost of calling a NamedTuple's class, twice for every record.
        new_tuple = tuple.__new__
        until = time.perf_counter() + self._budget_s
        for index, (topic, records) in enumerate(self._segments):
            for count, raw in enumerate(records):
                if count % BUDGET_CHECK_EVERY == 0 and count and time.perf_counter() > until:
                    self._put_back(index, count)
                    return
                key = raw.key
                record = new_tuple(
                    Record, (topic, partition, raw.offset, key, raw.value, raw.headers, raw.timestamp)
                )
                if stamp is None:
                    now_ms = clock_ms
                else:
                    try:
                        stamped = stamp(record)
                    except Exception:
                        stamped = None  # what is wrong with the record, its decision says
                    now_ms = clock_ms if stamped is None or stamped > clock_ms else stamped
                now_ms = max(now_ms, lane.now_ms)
                framed = rows.get(key) if key is not None else None
                row = framed[framed.index(b"\n") + 1 :] if framed is not None else None
                turn = new_tuple(Turn, (now_ms, clock_ms, prefix, lane.sequence))
                unit.records += 1
                try:
                    if key is None or key[:1] == OWN_PREFIX:
                        step = _decide_unkeyed(decide, record, turn)
                    else:
                        step = decide(record, row, turn)
                    _check_size(step)
                except Unreadable as unreadable:
                    self._dead_letter(record, unreadable.reason)
                except PassedOver as passed:
                    metrics.PASSED_OVER.labels(self._job.name, passed.reason).inc()
                except Exception as error:
                    self._poison(record, row, turn, error)
                else:
                    lane.now_ms = now_ms
                    self._take(key, framed, step)
                if unit.size > UNIT_MAX_BYTES or lane.halted:
                    # What this batch has not decided yet must not count as decided in this unit's position.
                    self._put_back(index, count + 1)
                    return

    def _put_back(self, index: int, count: int) -> None:
        """Returns everything from record `count` of segment `index` on, in order."""
        for topic, records in reversed(self._segments[index + 1 :]):
            self.lane.put_back(topic, records)
        topic, records = self._segments[index]
        if count < len(records):
            self.lane.put_back(topic, records[count:])

    def _poison(self, record: Record, row: bytes | None, turn: Turn, error: Exception) -> None:
        """The decision itself is broken: what is owed to a person is kept, the record becomes a dead letter."""
        lane = self.lane
        lane.failures += 1
        log.error(
            "decision_failed",
            job=self._job.name,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            error=type(error).__name__,
            exc_info=error if log.is_verbose else None,
        )
        if self._job.rescue is not None:
            try:
                step = self._job.rescue(record, row, turn, "decision_failed")
                _check_size(step)
            except Exception as again:
                log.error(
                    "rescue_failed", job=self._job.name, offset=record.offset, error=type(again).__name__
                )
            else:
                lane.now_ms = turn.now_ms
                framed = lane.rows.get(record.key) if record.key is not None else None
                self._take(record.key, framed, step)
        self._dead_letter(record, "decision_failed")
        if lane.decided + self.unit.records > lane.window_ends:
            lane.window_ends = lane.decided + self.unit.records + POISON_WINDOW
            lane.failures = 1
        if lane.failures > POISON_MAX:
            lane.halted = "too_many_failed_decisions"
            log.critical("lane_halted", job=self._job.name, partition=lane.partition, failures=lane.failures)

    def _dead_letter(self, record: Record, reason: str) -> None:
        """Position, reason and hash of what could not be read; never its bytes."""
        metrics.DEAD_LETTERS.labels(self._job.name, reason).inc()
        value = record.value or b""
        letter = orjson.dumps(
            {
                "v": 1,
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "reason": reason,
                "sha256": hashlib.sha256(value).hexdigest(),
                "size": len(value),
                "at_ms": self._clock_ms,
                "by": self._job.name,
            }
        )
        key = hashlib.sha256(record.key or b"").hexdigest()[:32].encode()
        topic = f"{record.topic}.dead"
        partition = record.partition % self._partitions_of(topic)
        self._publish(topic, partition, key, letter, [("content-type", b"application/json")])

    # -- timers and effects ------------------------------------------------------------------------

    def _fire_timers(self, decide: Decide) -> None:
        """As many as fit; the others are still due, in the next unit. Where something was said, most of the unit is
        kept for it: whoever speaks is not answered after a crowd."""
        room = UNIT_MAX_BYTES // TIMERS_SHARE if self._segments else UNIT_MAX_BYTES
        until = time.perf_counter() + self._budget_s
        for n, (key, due_ms) in enumerate(self._timers):
            if n and (self.unit.size > room or time.perf_counter() > until):
                for later, _ in self._timers[n:]:
                    self._put_off(later)
                return
            self._fire(decide, key, due_ms)

    def _put_off(self, key: bytes) -> None:
        framed = self.lane.rows.get(key)
        if framed is not None and (wake := wake_of(framed)) is not None:
            self.lane.timers.arm(key, wake)

    def _fire(self, decide: Decide, key: bytes, due_ms: int) -> None:
        lane = self.lane
        framed = lane.rows.get(key)
        wake = wake_of(framed) if framed is not None else None
        if framed is None or wake is None or wake.at_ms != due_ms:
            metrics.TIMERS_STALE.labels(self._job.name).inc()
            return
        # Not the clock: a decision does all that is due by `now`, and the evidence reaches no further than this (I8).
        now_ms = max(min(self._clock_ms, lane.fire_until_ms), lane.now_ms)
        turn = Turn(now_ms, self._clock_ms, self._prefix, lane.sequence)
        item = TimerDue(key, due_ms)
        try:
            step = decide(item, unframe(framed), turn)
            _check_size(step)
        except Exception as error:
            # An obligation is never dropped: the row keeps its wake and is asked again.
            metrics.TIMERS_FAILED.labels(self._job.name).inc()
            log.error(
                "timer_failed", job=self._job.name, partition=lane.partition, error=type(error).__name__
            )
            lane.timers.retry(key, self._clock_ms + TIMER_RETRY_MS)
            return
        metrics.TIMER_LATENESS.labels(self._job.name).observe(max(0, self._clock_ms - due_ms) / 1000)
        lane.now_ms = now_ms
        self._take(key, framed, step)
        after = lane.rows.get(key)
        if after is not None and (wake := wake_of(after)) is not None and wake.at_ms == due_ms:
            # The row still asks for the moment that has come: it is asked again, but not in a circle.
            lane.timers.retry(key, self._clock_ms + TIMER_RETRY_MS)

    def _finish_effect(self, decide: Decide, outcome: EffectDone) -> None:
        lane = self.lane
        if outcome.effect_id not in lane.effects:
            return
        framed = lane.rows.get(outcome.key)
        now_ms = max(self._clock_ms, lane.now_ms)
        turn = Turn(now_ms, self._clock_ms, self._prefix, lane.sequence)
        try:
            step = decide(outcome, unframe(framed) if framed is not None else None, turn)
            _check_size(step)
        except Exception as error:
            log.error(
                "outcome_failed", job=self._job.name, partition=lane.partition, error=type(error).__name__
            )
            lane.failed_effects.append(outcome)
            return
        del lane.effects[outcome.effect_id]
        self.unit.rows[EFFECT_PREFIX + outcome.effect_id.encode()] = None
        lane.now_ms = now_ms
        self._take(outcome.key, framed, step)

    # -- collecting --------------------------------------------------------------------------------

    def _take(self, key: bytes | None, framed: bytes | None, step: Step) -> None:
        lane, unit = self.lane, self.unit
        row, emits, wake, effects, counted = step
        if emits:
            self._emit(key, emits)
        if counted:
            unit.counted += counted
        if key is None:
            return
        if row is KEEP_ROW:
            pass
        elif row is None:
            if framed is not None:
                del lane.rows[key]
                unit.rows[key] = None
        else:
            new = frame(row, wake)
            lane.rows[key] = new
            unit.rows[key] = new
            unit.size += len(new) + len(key)
            if wake is not None and (
                framed is None or not framed.startswith(b"%d %d\n" % (wake.at_ms, wake.rank))
            ):
                lane.timers.arm(key, wake)
        for effect in effects:
            if effect.payload == TAKEN_BACK and effect.effect_id not in lane.effects:
                continue  # it has ended
            value = effect_row(key, effect)
            lane.effects[effect.effect_id] = (key, effect)
            unit.rows[EFFECT_PREFIX + effect.effect_id.encode()] = value
            if effect.payload != TAKEN_BACK:
                unit.effects.append((key, effect))
            unit.size += len(value)

    def _emit(self, key: bytes | None, emits: Sequence[Emit]) -> None:
        lane, unit = self.lane, self.unit
        for topic, emit_key, value, headers, numbered, is_optional in emits:
            if is_optional and not self._has(topic):
                metrics.OPTIONAL_LEFT_OUT.labels(self._job.name).inc()
                continue
            if numbered:
                headers = [*headers, ("ce_id", b"%b%d" % (self._prefix_bytes, lane.sequence))]  # noqa: PLW2901
                lane.sequence += 1
            if emit_key is key or emit_key == key:
                # The hot path: a fact of the input's own key goes to the lane's own partition number.
                own = self._own.get(topic)
                if own is None:
                    own = self._own[topic] = unit.facts.setdefault((topic, lane.partition), [])
                own.append((emit_key, value, headers))
                unit.size += len(value) + 64 * len(headers)
            else:
                partition = partition_of(emit_key, self._partitions_of(topic))
                self._publish(topic, partition, emit_key, value, headers)

    def _has(self, topic: str) -> bool:
        try:
            return self._partitions_of(topic) > 0
        except LookupError:
            return False

    def _publish(
        self, topic: str, partition: int, key: bytes, value: bytes, headers: Sequence[Header]
    ) -> None:
        self.unit.facts.setdefault((topic, partition), []).append((key, value, headers))
        self.unit.size += len(value) + len(key) + 64 * len(headers)

    def _close(self) -> None:
        unit = self.unit
        self.lane.decided += unit.records
        unit.positions = self.lane.positions()
        unit.rows[POSITION_KEY] = self.lane.position_row()
