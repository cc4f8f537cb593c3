"""A great many open obligations, laid into the changelog as the core itself would have left them there.

One case of each kind is really decided: its report, and every wake until the age it is wanted at. All others are that
case under another name and at another moment, in the runtime's own format, with the position row a lane needs to go on
from them. So a million rows take a minute instead of an hour, and nothing that reads them can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

import orjson

from schemas.base import Said
from schemas.envelope import Envelope
from schemas.signals import Reporter, ReporterKind, ReportSignal, SignalType
from services.agreements.book import AgreementBook
from services.agreements.moments import moment
from services.casework.case import Case
from services.casework.decide import Casework
from services.casework.job import casework_job
from services.deadlines.obligation import wake_of
from services.runtime.job import Record, Step, TimerDue, Turn
from services.runtime.lane import POSITION_KEY, Lane
from services.runtime.partition import partition_of
from services.runtime.timers import frame
from tests.bench.load import Filled
from topics.catalogue import PARTITIONS, SIGNALS_COMMANDS

PARTNERSHIP = "de-vlier"
#: Decided as if in this lane and with these numbers, which every copy replaces by its own.
_CASE, _SIGNAL, _PREFIX = b"case000000000000", "signal000000000000", "casework-0-"

_BY = Reporter(kind=ReporterKind.PROFESSIONAL, party="linde")
#: What is owed: within a quarter of an hour by a general practitioner, within two hours by a nurse or a social worker.
ACUTE = ReportSignal(
    urgency="acute", types=(SignalType.MEDICAL,), reporter=_BY, content_ref="vault:0123456789abcdef"
)
URGENT = ACUTE.model_copy(update={"urgency": "urgent", "types": (SignalType.NURSING,)})
SOCIAL = ACUTE.model_copy(update={"urgency": "urgent", "types": (SignalType.SOCIAL,)})
ROUTINE = ACUTE.model_copy(update={"urgency": "routine", "types": (SignalType.CARING,)})


class Kind(NamedTuple):
    """A case with one open obligation. `told` facts were told of it so far, of which number `opened` opened it."""

    row: bytes
    told: int
    opened: int
    due_ms: int
    contact: str


class Owed(NamedTuple):
    """One obligation of the seed: of which case, of which kind, and when it is due."""

    case: int
    kind: Kind
    due_ms: int


def key_of(case: int) -> bytes:
    """The key, and the id, of a case of the seed."""
    return b"case%012d" % case


def case_of(key: bytes) -> int:
    """Which case a key names."""
    return int(key.removeprefix(b"case"))


def signal_of(case: int) -> str:
    """The one signal of a case of the seed."""
    return f"signal{case:012d}"


def command(case: int, asks: Said, now_ms: int, command_id: str) -> Filled:
    """A command about the signal of a case, as the door would send it."""
    recorded = moment(now_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    envelope = Envelope(
        id=command_id,
        source="urn:seinhuis:gateway",
        type=type(asks).type_name(),
        subject=signal_of(case),
        recordedtime=recorded,
        partnership=PARTNERSHIP,
        caseid=key_of(case).decode(),
        traceparent=_trace(case),
    )
    return Filled(key_of(case), asks.model_dump_json().encode(), envelope.headers())


def report(case: int, asks: ReportSignal, now_ms: int) -> Filled:
    """The report that a case begins with."""
    return command(case, asks, now_ms, f"report-{case}")


def kind(book: AgreementBook, reported: ReportSignal, reported_ms: int, age_ms: int | None = None) -> Kind:
    """What a report has come to at an age; left out, in the moment before its deadline."""
    casework = Casework(book)
    asked = report(0, reported, reported_ms)
    record = Record(SIGNALS_COMMANDS.name, 0, 0, asked.key, asked.value, asked.headers, reported_ms)
    step = casework.decide(record, None, Turn(reported_ms, reported_ms, _PREFIX, 0))
    told = list(step.emits)
    due_ms = _case(step)["obligations"][0]["due_ms"]
    until_ms = due_ms - 1 if age_ms is None else reported_ms + age_ms
    while (wake := wake_of(_case(step)["obligations"])) is not None and wake.at_ms <= until_ms:
        turn = Turn(wake.at_ms, wake.at_ms, _PREFIX, sum(emit.numbered for emit in told))
        step = casework.decide(TimerDue(_CASE, wake.at_ms), step.row, turn)
        told += step.emits
    case = _case(step)
    (one,) = case["obligations"]
    return Kind(
        row=cast(bytes, step.row),
        told=sum(emit.numbered for emit in told),
        opened=int(one["id"].removeprefix(_PREFIX)),
        due_ms=due_ms,
        contact=one["asked"][-1],
    )


def seeded(owed: Iterable[Owed], now_ms: int) -> Iterator[tuple[int, Filled]]:
    """The changelog's rows, each with its partition; last of each the position, which says that no input was read and
    which number the next fact has."""
    inputs = casework_job().inputs
    lanes = {n: Lane(n, inputs, fed=dict.fromkeys(inputs, 0), now_ms=now_ms) for n in range(PARTITIONS)}
    for one in owed:
        key = key_of(one.case)
        lane = lanes[partition_of(key, PARTITIONS)]
        yield lane.partition, Filled(key, _copied(one, lane))
        lane.sequence += one.kind.told
    for lane in lanes.values():
        yield lane.partition, Filled(POSITION_KEY, lane.position_row())


def _copied(owed: Owed, lane: Lane) -> bytes:
    """The row of a kind under another name, with every moment as much later as its deadline is."""
    shift_ms = owed.due_ms - owed.kind.due_ms
    case: Case = orjson.loads(owed.kind.row)
    ((_, entity),) = case["entities"].items()
    (one,) = case["obligations"]
    command_id, n = f"report-{owed.case}", owed.case
    case["entities"] = {signal_of(n): entity}
    (reported_ms,) = case["commands"].values()
    case["commands"] = {command_id: reported_ms + shift_ms}
    entity["correlationid"] = command_id
    entity["traceparent"] = _trace(n)
    entity["signal"]["reported_ms"] += shift_ms
    one["id"] = f"casework-{lane.partition}-{lane.sequence + owed.kind.opened}"
    one["entity"] = signal_of(n)
    one["started_ms"] += shift_ms
    one["due_ms"] += shift_ms
    one["next_ms"] += shift_ms
    if one["breached_ms"] is not None:
        one["breached_ms"] += shift_ms
    if "asked_ms" in one:
        one["asked_ms"] += shift_ms
    one["warnings"] = [[percent, at_ms + shift_ms] for percent, at_ms in one["warnings"]]
    return frame(orjson.dumps(case), wake_of(case["obligations"]))


def _trace(case: int) -> str:
    return f"00-{case + 1:032x}-{case + 1:016x}-01"


def _case(step: Step) -> Case:
    return cast(Case, orjson.loads(cast(bytes, step.row)))
