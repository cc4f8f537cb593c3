"""What a process does, said as values: inputs come in, a pure decision makes rows, facts, timers and effects of them.

This is the whole contract between the plumbing and the rooms that decide. Nothing in it touches Kafka or a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

Header = tuple[str, bytes]


class Record(NamedTuple):
    """A record of an input topic, in the order of its partition. `timestamp_ms` is the broker's or producer's."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]
    timestamp_ms: int


class TimerDue(NamedTuple):
    """A row's `wake` has come. `due_ms` is the moment it was set for."""

    key: bytes
    due_ms: int


class EffectDone(NamedTuple):
    """What became of an effect (a webhook, a mail): the shell's answer to a committed wish to send."""

    key: bytes
    effect_id: str
    outcome: bytes


Input = Record | TimerDue | EffectDone


class Turn(NamedTuple):
    """What a decision may know besides its row and its input.

    `now_ms`: milliseconds since the epoch, never falling within a lane, never above the service's clock.
    `clock_ms`: the clock of the service itself, for judging whether a stamp is credible.
    `id_prefix` + `sequence` + n is the id the n-th fact of this step will carry.
    """

    now_ms: int
    clock_ms: int
    id_prefix: str
    sequence: int

    def fact_id(self, n: int) -> str:
        """The id of the n-th fact of this step, counted from 0."""
        return f"{self.id_prefix}{self.sequence + n}"


class Emit(NamedTuple):
    """A record to publish. With the input's own key it goes to the lane's own partition number.

    The runtime adds the header `ce_id` to facts with headers (`numbered`): `process-partition-sequence`.
    `is_optional`: on a broker without its topic it is left out and counted; anything else would end the process.
    """

    topic: str
    key: bytes
    value: bytes
    headers: list[Header]
    numbered: bool = True
    is_optional: bool = False


class Effect(NamedTuple):
    """Something to be done outside Kafka after the commit, again with the same id until an outcome is in.

    `take_back` of its id: it is not begun any more, and its outcome is `TAKEN_BACK`. One that is under way already
    ends with the outcome it has.
    """

    effect_id: str
    payload: bytes


#: The outcome of an effect that was taken back before it had begun.
TAKEN_BACK: bytes = b""


def take_back(effect_id: str) -> Effect:
    """What a step returns among its effects so that an earlier one is not begun."""
    return Effect(effect_id, TAKEN_BACK)


class Wake(NamedTuple):
    """When this row wants a turn again; among timers due together a lower `rank` goes first (0..9)."""

    at_ms: int
    rank: int = 5


class Step(NamedTuple):
    """What one input changes. `row=None` deletes the row; `KEEP` leaves row and wake as they are.

    `counted`: what the job's tally is told when this has become visible.
    """

    row: bytes | None
    emits: Sequence[Emit] = ()
    wake: Wake | None = None
    effects: Sequence[Effect] = ()
    counted: Sequence[object] = ()


#: The row stays as it is, its timer too.
KEEP_ROW: bytes = b"\x00keep"
KEEP = Step(KEEP_ROW)


class Unreadable(Exception):
    """The record cannot be read at all: it goes to `<topic>.dead` by reference. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PassedOver(Exception):
    """The record is well formed and none of ours to decide (an unknown type): counted by `reason`, nothing else."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Decide(Protocol):
    """A pure function: same row, input and turn, same step. Raising anything else than the above is a bug,
    and the record becomes a dead letter with reason `decision_failed` after `rescue` had its say."""

    def __call__(self, item: Input, row: bytes | None, turn: Turn, /) -> Step: ...


class Rescue(Protocol):
    """What is still owed to a person when a decision raised: called with the same arguments and the reason code."""

    def __call__(self, item: Input, row: bytes | None, turn: Turn, reason: str, /) -> Step: ...


class KeptOut(Protocol):
    """Why a broadcast record is not used: `reason` is a code of a closed set, `line` its place in the text, or 0."""

    @property
    def reason(self) -> str: ...
    @property
    def line(self) -> int: ...


class Broadcast(Protocol):
    """A compacted topic every worker reads whole before its lanes open, and follows."""

    @property
    def topic(self) -> str: ...

    def take(self, key: bytes | None, value: bytes | None, headers: Sequence[Header], /) -> KeptOut | None:
        """Takes a record, or says why not; it then changes nothing, and an operator is told."""


@runtime_checkable
class PatientBroadcast(Broadcast, Protocol):
    """One that takes records at their word, and looks at them when all there were have been taken."""

    def caught_up(self) -> Iterable[tuple[bytes, KeptOut]]:
        """Looks at what will be asked for first, and says by its key what of it cannot be used."""


class LaneTally(Protocol):
    """What is counted of one lane. It is told in the thread that decides, so it must be quick."""

    def fill(self, rows: Iterable[tuple[bytes, bytes | None]], /) -> Iterator[None]:
        """Takes the rows of a lane that opens, some at a time."""

    def take(self, rows: Iterable[tuple[bytes, bytes | None]], counted: Sequence[object], /) -> None:
        """A unit has become visible: its rows as they are now, None for one that is gone, and what its steps count."""


class Tally(Protocol):
    """What a job measures besides what the runtime does: for people to look at, and nothing is decided by it."""

    def lane(self) -> LaneTally:
        """A new one, for a lane that opens; it is forgotten when the lane closes."""

    def show(self, lanes: Sequence[Any], now_ms: int, /) -> None:
        """Shows what all lanes of the worker hold together, about once a second."""


class Job(NamedTuple):
    """A process: its name (app id, changelog, metrics), the topics of its lanes, and what it decides.

    `stamp_ms` reads the recorded time out of a record without deciding anything; None = use the service's clock.
    `effects_at_once`: how many effects a worker has under way; what comes later waits.
    """

    name: str
    inputs: tuple[str, ...]
    decide: Decide
    partitions: int = 12
    rescue: Rescue | None = None
    stamp_ms: Callable[[Record], int | None] | None = None
    broadcasts: tuple[Broadcast, ...] = ()
    effector: Callable[[Effect], object] | None = None
    effects_at_once: int = 32
    tally: Tally | None = None
