"""What a run left in the log, as values a verifier judges without a broker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Header = tuple[str, bytes]

NEVER_MS = 2**62

#: Everything that must be zero. `lost`: an input without its effect. `applied_twice`: an effect counted twice.
#: `ids_twice`: one id on two facts. `ids_missing`: a gap in a lane's emission sequence. `out_of_order`: facts or
#: ids against the order of their lane. `wrong`: a fact with other contents than recomputed. `rows_wrong`: likewise
#: a row. `early`: a deadline told before its moment. `missed`: one never told. `false_breach`: told although the
#: answer was recorded in time and either nobody withdrew it or the answer lay in the log at the due moment.
#: `dead_letters`: a good record put aside. `open_transactions`: partitions that readers cannot read to the end.
Kind = Literal[
    "lost",
    "applied_twice",
    "ids_twice",
    "ids_missing",
    "out_of_order",
    "wrong",
    "rows_wrong",
    "early",
    "missed",
    "false_breach",
    "dead_letters",
    "open_transactions",
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]


class Seen(NamedTuple):
    """A record as a read-committed client sees it. `at_ms` is the broker's append time; of an input, the moment its
    producer was told that it lay in the log, `NEVER_MS` when nobody told it."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes | None
    headers: Sequence[Header]
    at_ms: int

    @property
    def where(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"

    def header(self, name: str) -> str:
        """The value of a header, empty when there is none."""
        return next((value.decode() for found, value in self.headers if found == name), "")


class Recording(NamedTuple):
    """One block of a run: inputs, facts and changelog records, each partition ascending."""

    inputs: Sequence[Seen] = ()
    facts: Sequence[Seen] = ()
    rows: Sequence[Seen] = ()
    dead: Sequence[Seen] = ()


class Finding(NamedTuple):
    """One thing that is not as promised."""

    kind: Kind
    where: str
    why: str


@dataclass
class Verdict:
    """All findings of one block, and what else is worth knowing of it."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    late_ms: list[int] = field(default_factory=list)
    #: Deadlines not told yet whose moment may lie ahead: the drain goes on while there are any.
    next_sequence: dict[int, int] = field(default_factory=dict)

    def find(self, kind: Kind, where: str, why: str) -> None:
        self.findings.append(Finding(kind, where, why))

    def count(self, kind: Kind) -> int:
        return sum(1 for finding in self.findings if finding.kind == kind)

    @property
    def is_settled(self) -> bool:
        """Whether everything that was to come has come, right or wrong."""
        return not any(finding.kind in ("lost", "missed", "open_transactions") for finding in self.findings)


def judge_ids(facts: Iterable[Seen], process: str, first: dict[int, int], verdict: Verdict) -> None:
    """Every fact carries `process-lane-sequence`: each once, ascending in its log, none missing (engine 17)."""
    sequences: dict[int, list[int]] = {}
    last: dict[tuple[str, int, int], int] = {}
    for fact in facts:
        name, lane, sequence = _parsed(fact.header("ce_id"))
        if name != process:
            verdict.find("wrong", fact.where, f"ce_id {fact.header('ce_id')!r} is not of {process}")
            continue
        place = (fact.topic, fact.partition, lane)
        if sequence <= last.get(place, -1):
            verdict.find("out_of_order", fact.where, f"sequence {sequence} after {last[place]}")
        last[place] = max(sequence, last.get(place, -1))
        sequences.setdefault(lane, []).append(sequence)
    verdict.next_sequence = dict(first)
    for lane, found in sequences.items():
        for sequence, times in Counter(found).items():
            if times > 1:
                verdict.find("ids_twice", f"{process}-{lane}-{sequence}", f"on {times} facts")
        expected = set(range(first.get(lane, 0), max(found) + 1))
        for sequence in sorted(expected - set(found)):
            verdict.find("ids_missing", f"{process}-{lane}-{sequence}", "on no fact")
        for sequence in sorted(set(found) - expected):
            verdict.find("ids_twice", f"{process}-{lane}-{sequence}", "was given before this block")
        verdict.next_sequence[lane] = max(found) + 1


def _parsed(ce_id: str) -> tuple[str, int, int]:
    name, _, sequence = ce_id.rpartition("-")
    name, _, lane = name.rpartition("-")
    try:
        return name, int(lane), int(sequence)
    except ValueError:
        return "", -1, -1
