"""A world in a dozen lines: agreements, one lane of the core, and a clock that the test owns.

    world = World(WATERKANT, at="2026-11-23T09:00+01:00")
    world.report(urgency="acute", types=["nursing"])
    world.run_until("2026-11-23T09:20+01:00")
    assert world.story() == [...]

It behaves as the runtime does: one lane, `now` never falls, a timer fires at its moment unless the worker is down.
Every step is checked: it can be repeated, its facts are valid on the wire, and whatever is owed has a wake to come.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from schemas.attributes import Attributes
from schemas.base import Said
from schemas.directory import ContactDescribed
from schemas.envelope import Envelope, decode
from schemas.registry import TYPES
from schemas.signals import AcknowledgeSignal, DeclineSignal, ReportSignal
from schemas.structured import decode_structured
from services.agreements.book import AgreementBook, publication, record_key, usable
from services.agreements.directory_book import DirectoryBook
from services.agreements.moments import milliseconds, moment
from services.casework.case import Case, read_case
from services.casework.command import stamp_ms
from services.casework.decide import Casework
from services.deadlines.obligation import next_moment
from services.runtime.job import (
    KEEP_ROW,
    Emit,
    Input,
    Record,
    Step,
    TimerDue,
    Turn,
    Wake,
)
from tests.deciding import decided
from topics.catalogue import NOTICES_EVENTS, SIGNALS_COMMANDS, topic_of

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
WATERKANT = (EXAMPLES / "waterkant-small.yaml").read_text(encoding="utf-8")
CASE, SIGNAL = "case-aaaaaaaaaaaa", "sig-aaaaaaaaaaaa"
#: Where commands come from, unless a test says otherwise.
SOURCE = "urn:nld:oin:00000001234567890000:systeem:test"
_ZONE = ZoneInfo("Europe/Amsterdam")


def ms(at: str) -> int:
    """Milliseconds of a moment as a person writes it; without an offset it is the wall clock of the neighbourhood."""
    local = datetime.fromisoformat(at)
    return milliseconds(local if local.tzinfo else local.replace(tzinfo=_ZONE))


def wall(at_ms: int) -> str:
    """A moment as the clock on the wall shows it; seconds only when there are any."""
    text = moment(at_ms).astimezone(_ZONE).strftime("%a %H:%M:%S")
    return text.removesuffix(":00")


class Fact(NamedTuple):
    """A fact as a reader of its topic sees it, and when it was told."""

    name: str
    at_ms: int
    data: dict[str, Any]
    envelope: Envelope


class World:
    """One lane of the core: its rows, its timers, and what it told."""

    def __init__(self, *agreements: str, at: str) -> None:
        self.book = AgreementBook()
        for text in agreements:
            self.publish(text)
        self.directory = DirectoryBook()
        self.casework = Casework(self.book, self.directory.directory)
        self.rows: dict[bytes, bytes] = {}
        self.wakes: dict[bytes, Wake] = {}
        self.facts: list[Fact] = []
        #: What was said to the second ladder, in which nothing leads to a case.
        self.missed: list[Emit] = []
        #: What the tally of the core is told.
        self.counted: list[object] = []
        self.missed_ms: list[int] = []
        self.passed_over: Counter[str] = Counter()
        self.dead: Counter[str] = Counter()
        self.clock_ms = ms(at)
        self.now_ms = 0
        self._commands = 0
        self._is_behind = False

    # -- what comes in -----------------------------------------------------------------------------

    def publish(self, text: str, template: str | None = None) -> None:
        """A version of an agreement."""
        found = usable(text, template)
        said = publication(found, text, template).model_dump_json().encode()
        assert self.book.take(record_key(found), said, []) is None

    def describe(self, described: ContactDescribed, at: str | None = None) -> None:
        """What holds for a contact beside the agreement, from this moment on."""
        if at is not None:
            self.run_until(at)
        said = described.model_dump_json(exclude_none=True).encode()
        assert self.directory.take(described.contact.encode(), said, []) is None

    def report(self, at: str | None = None, **fields: Any) -> list[Fact]:
        """A signal; `urgency`, `types` … are its fields, `signal`, `case`, `recorded`, `id` its envelope."""
        fields = {"urgency": "acute", "postcode": "9901", "reporter": {"kind": "neighbour"}, **fields}
        return self.ask(ReportSignal, at, **fields)

    def acknowledge(self, contact: str, at: str | None = None, **fields: Any) -> list[Fact]:
        """A contact takes it."""
        return self.ask(AcknowledgeSignal, at, by={"contact": contact}, **fields)

    def decline(self, contact: str, reason: str, at: str | None = None, **fields: Any) -> list[Fact]:
        """A contact does not take it."""
        return self.ask(DeclineSignal, at, by={"contact": contact}, reason=reason, **fields)

    def say(self, kind: type[Said], contact: str, at: str | None = None, **fields: Any) -> list[Fact]:
        """A function says something about the signal."""
        return self.ask(kind, at, by={"contact": contact}, **fields)

    def ask(self, kind: type[Said], at: str | None, **fields: Any) -> list[Fact]:
        """A command as the gateway would write it, at a moment; timers before it fire first."""
        if at is not None:
            self.run_until(at)
        self._commands += 1
        recorded = fields.pop("recorded", None)
        envelope = Envelope(
            id=fields.pop("id", f"command-{self._commands}"),
            source=fields.pop("source", SOURCE),
            type=kind.type_name(),
            subject=fields.pop("signal", SIGNAL),
            partnership=fields.pop("partnership", "de-vlier"),
            caseid=fields.pop("case", CASE),
            correlationid="conversation-1",
            traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            recordedtime=moment(self.clock_ms if recorded is None else ms(recorded)).isoformat(),
        )
        return self.send(envelope, orjson.dumps(fields))

    def feed(self, line: bytes | str) -> list[Fact]:
        """A line of a day of events, at its own moment."""
        envelope, data = decode_structured(line if isinstance(line, bytes) else line.encode())
        self.run_until(envelope.recordedtime)
        return self.send(envelope, data)

    def send(self, envelope: Envelope, data: bytes) -> list[Fact]:
        """A record as it lies in the topic."""
        key = envelope.caseid.encode()
        return self.take(Record(SIGNALS_COMMANDS.name, 0, 0, key, data, envelope.headers(), self.clock_ms))

    def take(self, record: Record) -> list[Fact]:
        """Decides a record, or what the runtime makes of one that cannot be decided."""
        stamped = stamp_ms(record)
        now_ms = self.clock_ms if stamped is None or stamped > self.clock_ms else stamped
        self._is_behind = now_ms < self.now_ms
        try:
            return self._step(record, record.key or b"", max(now_ms, self.now_ms))
        finally:
            self._is_behind = False

    def word(self, kind: type[Said], number: int = 1, **fields: Any) -> list[Fact]:
        """What the bell tells of a notice about the signal, as it lies in its topic."""
        recorded = fields.pop("recorded", None)
        envelope = Envelope(
            id=f"notices-0-{number}",
            source="urn:seinhuis:notices",
            type=kind.type_name(),
            subject=fields.pop("signal", SIGNAL),
            partnership="de-vlier",
            caseid=CASE,
            recordedtime=moment(self.clock_ms if recorded is None else ms(recorded)).isoformat(),
        )
        data, headers = orjson.dumps(fields), envelope.headers()
        return self.take(Record(NOTICES_EVENTS.name, 0, 0, CASE.encode(), data, headers, self.clock_ms))

    # -- time --------------------------------------------------------------------------------------

    def run_until(self, at: str) -> list[Fact]:
        """Lets time pass: every timer up to this moment fires, each at its own moment, most urgent first."""
        until_ms, told = ms(at), len(self.facts)
        while due := [
            (wake.at_ms, wake.rank, key) for key, wake in self.wakes.items() if wake.at_ms <= until_ms
        ]:
            at_ms, _, key = min(due)
            self.clock_ms = max(self.clock_ms, at_ms)
            self._step(TimerDue(key, at_ms), key, max(self.clock_ms, self.now_ms))
        self.clock_ms = max(self.clock_ms, until_ms)
        return self.facts[told:]

    def sleep_until(self, at: str) -> None:
        """The worker is down: time passes and no timer fires."""
        self.clock_ms = ms(at)

    # -- what came of it ---------------------------------------------------------------------------

    def case(self, case: str = CASE) -> Case:
        """What the lane knows of a case."""
        found = read_case(self.rows[case.encode()])
        assert found is not None
        return found

    def names(self) -> list[str]:
        """The names of everything told, in order."""
        return [fact.name for fact in self.facts]

    def named(self, name: str) -> list[Fact]:
        """The facts of one kind."""
        return [fact for fact in self.facts if fact.name == name]

    def story(self, facts: list[Fact] | None = None) -> list[str]:
        """What was told as a person would: the moment, the fact, and the one or two words that matter."""
        return [f"{wall(fact.at_ms)} {_told(fact)}" for fact in (self.facts if facts is None else facts)]

    # -- one step, as the runtime takes it ---------------------------------------------------------

    def _step(self, item: Input, key: bytes, now_ms: int) -> list[Fact]:
        turn = Turn(now_ms, self.clock_ms, "casework-0-", len(self.facts))
        row = self.rows.get(key)
        try:
            step = decided(self.casework, item, row, turn, self.passed_over, self.dead)
        except Exception as error:
            if isinstance(item, TimerDue) or isinstance(error, AssertionError):
                raise
            self.dead["decision_failed"] += 1
            step = self.casework.rescue(item, row, turn, "decision_failed")
        if step is None:
            return []
        self.now_ms = now_ms
        return self._commit(key, step, now_ms)

    def _commit(self, key: bytes, step: Step, now_ms: int) -> list[Fact]:
        numbered = [emit for emit in step.emits if emit.numbered]
        assert numbered == list(step.emits[: len(numbered)]), "an id is known before what is not numbered"
        self.missed += step.emits[len(numbered) :]
        self.counted += step.counted
        self.missed_ms += [now_ms] * (len(step.emits) - len(numbered))
        told = [self._read(key, n, emit, now_ms) for n, emit in enumerate(numbered)]
        self.facts += told
        if step.row is not KEEP_ROW:
            assert step.row is not None
            self.rows[key] = step.row
            case = read_case(step.row)
            assert case is not None and case["responsible"], "every case has one responsible party"
            words = case.get("words", [])
            if case["obligations"] or words:
                assert step.wake is not None, "what is owed has a wake"
                moments = [*map(next_moment, case["obligations"]), *(word["at_ms"] for word in words)]
                assert step.wake.at_ms == min(moments)
                # What was taken in before the lane's time tells no more than was due by then; the timer does the rest.
                is_done = step.wake.at_ms > now_ms or words or self._is_behind
                assert is_done, "nothing that is due is left undone"
                self.wakes[key] = step.wake
            else:
                assert step.wake is None
                self.wakes.pop(key, None)
        return told

    def _read(self, key: bytes, n: int, emit: Any, now_ms: int) -> Fact:
        headers = [*emit.headers, ("ce_id", f"casework-0-{len(self.facts) + n}".encode())]
        envelope = decode(headers)
        assert sorted(headers) == sorted(envelope.headers()), "headers are those of the envelope, each once"
        Attributes.model_validate_json(
            orjson.dumps(
                {name: value for name in Envelope.__slots__ if (value := getattr(envelope, name))}
                | {"specversion": "1.0"}
            )
        )
        model = TYPES[envelope.type]
        model.model_validate_json(emit.value)
        assert emit.topic == topic_of(model).name
        assert emit.key == key and envelope.caseid.encode() == key
        assert ms(envelope.recordedtime) == now_ms
        _, is_fact, number = envelope.causationid.rpartition("casework-0-")
        assert not is_fact or int(number) < len(self.facts) + n, "a fact follows from one told before"
        return Fact(model.__name__, now_ms, orjson.loads(emit.value), envelope)


def _told(fact: Fact) -> str:  # noqa: PLR0911, PLR0912 - one line a kind
    data = fact.data
    match fact.name:
        case "SignalReported":
            return f"reported {data['urgency']}"
        case "SignalRouted":
            return f"routed to {data['contact']} ({data['rule']}, {data['reason']})"
        case "SignalAcknowledged":
            return f"acknowledged by {data['by']['contact']}"
        case "SignalDeclined":
            return f"declined by {data['by']['contact']} ({data['reason']})"
        case "SignalReassigned":
            return f"given to {data['to']} ({data['reason']})"
        case "SignalUrgencyChanged":
            return f"now {data['urgency']}, was {data['before']}"
        case "SignalInterpreted":
            return (
                f"interpreted by {data['by']['contact']}, for {', '.join(data['findings_for']) or 'nobody'}"
            )
        case "ActionRecorded":
            return f"action {data['action']} by {data['owner']}"
        case "FeedbackGiven":
            return f"feedback to {data['to']}: {data['form']}, {data['outcome']}"
        case "EffectChecked":
            return f"effect: {data['outcome']}"
        case "SignalClosed":
            return f"closed ({data['reason']})"
        case "SignalWithdrawn":
            return f"withdrawn ({data['reason']})"
        case "SignalRepeated":
            return f"{data['count']} signals: {data['then']}"
        case "SignalSplit":
            return f"split into {len(data['into']) + 1}"
        case "PracticeUnknown":
            return "which GP practice is not known"
        case "ActionEnded":
            return f"action ended by {data['by']['contact']}: {data['outcome']}"
        case "WaitRecorded":
            return f"waits until {wall(ms(data['until']))} ({data['reason']})"
        case "ResponsibilityTaken":
            return f"{data['by']['contact']} answers for the case, no more {data['before']}"
        case "RoleTaken":
            return f"{data['role']} is {data['by']['contact']}"
        case "RoleReleased":
            return f"{data['role']} is {data['held_by']} no more"
        case "CaseDescribed":
            return f"practice {data['practice']}, group {data['target_group']}"
        case "CommandRefused" | "CoordinationRefused":
            return f"refused {data['command']} ({data['reason']})"
        case "ObligationOpened":
            return f"{data['name']} opened, due {wall(ms(data['due_at']))}"
        case "ObligationWarned":
            return f"{data['name']} warned at {data['percent']}%"
        case "ObligationBreached":
            return f"{data['name']} breached, late by {data['late_by_s']:g} s"
        case "ObligationEscalated":
            skipped = "".join(f", not {skip['to']}: {skip['reason']}" for skip in data["skipped"])
            late = f", late by {data['late_by_s']:g} s" if data["late_by_s"] else ""
            return f"{data['name']} level {data['level']} to {data['to']} ({data['cause']}{skipped}{late})"
        case "ObligationDischarged":
            withdrawn = ", breach withdrawn" if data["withdraws_breach"] else ""
            return f"{data['name']} discharged {'on time' if data['on_time'] else 'late'}{withdrawn}"
        case "ObligationPaused":
            return f"{data['name']} paused until {wall(ms(data['until']))} ({data['reason']})"
        case "ObligationResumed":
            return f"{data['name']} runs on, due {wall(ms(data['due_at']))} ({data['cause']})"
        case "ObligationMoved":
            return f"{data['name']} now {data['urgency']}, due {wall(ms(data['due_at']))}"
        case "ObligationCancelled":
            return f"{data['name']} cancelled ({data['because']})"
        case name:
            raise AssertionError(f"an unexpected fact was told: {name}")
