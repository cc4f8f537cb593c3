"""The real slice end to end: CloudEvents that report and acknowledge, an agreement, facts and deadlines."""

from __future__ import annotations

import asyncio
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple, cast

from schemas.base import Said
from schemas.envelope import Envelope, decode
from schemas.signals import (
    About,
    AcknowledgeSignal,
    Actor,
    CommandRefused,
    Concern,
    Reporter,
    ReporterKind,
    ReportSignal,
    SignalAcknowledged,
    SignalRouted,
    SignalType,
)
from services.agreements.book import AgreementBook, publication, record_key, usable
from services.casework.decide import Casework
from services.cli.agreements.publishing import publish_agreement
from services.runtime.job import Header, Record, Step, Turn
from tests.bench.load import BY_APPENDING, Filled, create, delete, preload
from tests.bench.watch import ROOT, Bed, Judged, Progress, Ran, figures, read_all, started, watch
from topics.catalogue import (
    CATALOGUE,
    COORDINATION_EVENTS,
    DEADLINES_EVENTS,
    PARTITIONS,
    SIGNALS_COMMANDS,
    SIGNALS_EVENTS,
)

AGREEMENT = ROOT / "examples" / "waterkant-small.yaml"
OUTPUTS = (SIGNALS_EVENTS.name, COORDINATION_EVENTS.name, DEADLINES_EVENTS.name)
#: A signal is acknowledged after so many others have been reported.
ANSWERED_AFTER = 2_000

_REPORTS = tuple(
    ReportSignal(
        urgency=urgency,
        types=(kind,),
        concern=(concern,),
        about=about,
        postcode=postcode,
        reporter=Reporter(kind=ReporterKind.PROFESSIONAL, party="linde"),
        content_ref="vault:0123456789abcdef",
    )
    for urgency, kind, concern, about, postcode in (
        ("urgent", SignalType.NURSING, Concern.FALL, About.CLIENT, "9901"),
        ("routine", SignalType.SOCIAL, Concern.LONELINESS, About.CLIENT, "9902"),
        ("urgent", SignalType.MEDICAL, Concern.MEDICATION, About.CLIENT, "9903"),
        ("routine", SignalType.CARING, Concern.OVERLOAD_OF_INFORMAL_CARER, About.INFORMAL_CARER, "9904"),
        ("routine", SignalType.SUPPORTIVE, Concern.CARE_AVOIDANCE, About.CLIENT, "9901"),
        ("urgent", SignalType.BEHAVIOURAL, Concern.CONFUSION, About.CLIENT, "9902"),
        ("urgent", SignalType.NURSING, Concern.MISSED_CARE, About.CLIENT, "9999"),
    )
)


class Asking(NamedTuple):
    """Whose cases the commands are about, and when they were taken in."""

    partnership: str
    now_ms: int

    def command(self, case: int, said: type[Said], data: bytes) -> Filled:
        """A command about a case's one signal, as the door would send it."""
        caseid = f"case{case:012d}"
        moment = datetime.fromtimestamp(self.now_ms / 1000, UTC).isoformat(timespec="milliseconds")
        envelope = Envelope(
            id=f"{said.__name__}-{case}",
            source="urn:seinhuis:gateway",
            type=said.type_name(),
            subject=f"signal{case:012d}",
            recordedtime=moment.replace("+00:00", "Z"),
            partnership=self.partnership,
            caseid=caseid,
            traceparent=f"00-{case + 1:032x}-{case + 1:016x}-01",
        )
        return Filled(caseid.encode(), data, envelope.headers())


class Story(NamedTuple):
    """A report, the acknowledgement of whoever it is routed to, and how many facts the two make."""

    report: bytes
    acknowledge: bytes
    facts: int


def stories(now_ms: int) -> list[Story]:
    """Every kind of report with its answer, found by deciding it here as a worker would."""
    text = AGREEMENT.read_text(encoding="utf-8")
    terms = usable(text)
    book = AgreementBook()
    book.take(record_key(terms), publication(terms, text).model_dump_json().encode())
    return [_story(Casework(book), report, Asking(terms.partnership, now_ms)) for report in _REPORTS]


def _story(casework: Casework, report: ReportSignal, asking: Asking) -> Story:
    now_ms = asking.now_ms

    def decided(said: Said, row: bytes | None) -> Step:
        asked = asking.command(0, type(said), said.model_dump_json().encode())
        record = Record(SIGNALS_COMMANDS.name, 0, 0, asked.key, asked.value, asked.headers, now_ms)
        return casework.decide(record, row, Turn(now_ms, now_ms, "casework-0-", 0))

    first = decided(report, None)
    is_routed = ("ce_type", SignalRouted.type_name().encode())
    routed = next(emit for emit in first.emits if is_routed in emit.headers)
    contact = SignalRouted.model_validate_json(routed.value).contact
    answer = AcknowledgeSignal(by=Actor(contact=contact))
    second = decided(answer, first.row)
    return Story(
        report.model_dump_json().encode(),
        answer.model_dump_json().encode(),
        len(first.emits) + len(second.emits),
    )


def commands(count: int, told: list[Story], asking: Asking) -> Iterator[Filled]:
    """`count` commands: half reports, each of a case of its own, half acknowledgements some time later."""
    cases = count // 2
    for step in range(cases + ANSWERED_AFTER):
        if step < cases:
            yield asking.command(step, ReportSignal, told[step % len(told)].report)
        answered = step - ANSWERED_AFTER
        if answered >= 0:
            yield asking.command(answered, AcknowledgeSignal, told[answered % len(told)].acknowledge)


def run(bed: Bed, count: int) -> Ran:
    """One run on fresh topics. The worker starts when the input lies ready."""
    kafka = bed.kafka
    delete(kafka, [topic.name for topic in CATALOGUE])
    for topic in CATALOGUE:
        stamped = BY_APPENDING if topic.name in OUTPUTS else {}
        create(kafka, {topic.name: {**topic.configs(), **stamped}}, topic.partitions)
    now_ms = int(time.time() * 1000)
    asyncio.run(publish_agreement(kafka, AGREEMENT, now_ms=now_ms, is_transactional=True))
    told = stories(now_ms)
    cases = count // 2
    partnership = usable(AGREEMENT.read_text(encoding="utf-8")).partnership
    preload(kafka, SIGNALS_COMMANDS.name, commands(count, told, Asking(partnership, now_ms)))
    expected = sum(told[case % len(told)].facts for case in range(cases))
    command = [sys.executable, "-m", "services.work", "casework"]
    with started(command, {"SEINHUIS_KAFKA": kafka}, bed.log("casework")) as worker:
        samples = watch(worker, bed.broker, Progress(kafka, OUTPUTS, PARTITIONS), expected)
        rss_mb = worker.memory_info().rss / 1e6
    appended_ms, judged = _judge(kafka, expected, cases)
    ran = figures(samples, appended_ms, facts_an_event=expected / (2 * cases))
    ran.rss_mb, ran.judged = rss_mb, judged
    return ran


def _judge(kafka: str, expected: int, cases: int) -> tuple[array[int], Judged]:
    """Every fact once: ids without a repeat or a gap in each lane, every signal acknowledged once, nothing refused."""
    appended_ms = array("q")
    ids: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for message in read_all(kafka, OUTPUTS, PARTITIONS):
        appended_ms.append(message.timestamp()[1])
        envelope = decode(cast(list[Header], message.headers()))
        ids[envelope.id] += 1
        kinds[envelope.type] += 1
    lanes: dict[str, int] = {}
    for fact_id in ids:
        lane, _, sequence = fact_id.rpartition("-")
        lanes[lane] = max(lanes.get(lane, 0), int(sequence) + 1)
    judged = Judged(facts=len(appended_ms))
    judged.lost = max(0, expected - len(ids)) + sum(lanes.values()) - len(ids)
    judged.doubled = len(appended_ms) - len(ids)
    judged.miscounted = abs(cases - kinds[SignalAcknowledged.type_name()]) + kinds[CommandRefused.type_name()]
    return appended_ms, judged
