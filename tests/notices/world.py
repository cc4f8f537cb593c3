"""A world in a dozen lines: the core tells its facts, one lane of the bell hears them, the test answers for receivers.

    world = World(at="2026-11-23T09:00")
    world.report(urgency="acute", types=["nursing"])
    world.answer("linde/linde-team", DELIVERED)
    assert world.story() == [...]

The facts come from the real core by the real agreement. Both behave as the runtime does, and every step of the bell is
checked: it can be repeated, its facts are valid on the wire, and nothing that leaves for a party leads to a fact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from schemas.attributes import attributes_of
from schemas.base import Said
from schemas.envelope import Envelope, decode
from schemas.registry import TYPES
from services.agreements.moments import moment
from services.notices.decide import Bell
from services.notices.outcome import Outcome, write_outcome
from services.notices.row import Open, Row, read_row
from services.runtime.job import (
    KEEP_ROW,
    TAKEN_BACK,
    Effect,
    EffectDone,
    Emit,
    Header,
    Input,
    Record,
    Step,
    TimerDue,
    Turn,
    Wake,
)
from tests.casework.world import CASE, SIGNAL, Fact, ms, wall
from tests.casework.world import WATERKANT as SMALL
from tests.casework.world import World as Core
from tests.deciding import decided
from topics.catalogue import DELIVERIES, NOTICES_COMMANDS, topic_of

ALIAS_KEY = b"a key of aliases for tests only"
#: Whom the small agreement lets be told besides whoever is asked.
NOTICES = """
notices:
  - {on: SignalAcknowledged, to: [everyone_asked_before, reporter]}
  - {on: SignalClosed, to: [circle, reporter]}
  - {on: ObligationWarned, to: owed_by}
  - {on: ObligationBreached, to: [owed_by, coordinator]}
"""
WATERKANT = SMALL + NOTICES


class Told(NamedTuple):
    """A fact of the bell, as a reader of its topic sees it."""

    name: str
    at_ms: int
    data: dict[str, Any]
    envelope: Envelope


class Delivered(NamedTuple):
    """A record of a party's stream."""

    party: str
    data: dict[str, Any]
    envelope: Envelope


class World:
    """The core, one lane of the bell, and what each told."""

    def __init__(self, *agreements: str, at: str, streams: Iterable[str] | None = None) -> None:
        self.core = Core(*(agreements or (WATERKANT,)), at=at)
        self.bell = Bell(self.core.book, self.core.directory.directory, alias_key=ALIAS_KEY)
        self.rows: dict[bytes, bytes] = {}
        self.wakes: dict[bytes, Wake] = {}
        self.told: list[Told] = []
        self.delivered: list[Delivered] = []
        self.letters: list[dict[str, Any]] = []
        self.commands: list[Record] = []
        #: What is being sent: effect by its id, with the key of its row.
        self.sending: dict[str, tuple[bytes, Effect]] = {}
        #: Every attempt that was begun, in order.
        self.attempts: list[dict[str, Any]] = []
        self.passed_over: Counter[str] = Counter()
        self.dead: Counter[str] = Counter()
        #: What the bell has read, in the order in which it read it; and how much of it before each attempt.
        self.read: list[Fact] = []
        self.read_before: list[int] = []
        self._heard = 0
        self._offset = 0

    # -- what comes in -------------------------------------------------------------------------------

    def report(self, at: str | None = None, **fields: Any) -> None:
        """A signal, as the core's world reports one."""
        self._until(at)
        self.core.report(**fields)
        self.listen()

    def acknowledge(self, contact: str, at: str | None = None) -> None:
        """A contact takes it."""
        self._until(at)
        self.core.acknowledge(contact)
        self.listen()

    def say(self, kind: type[Said], contact: str, at: str | None = None, **fields: Any) -> None:
        """A function says something about the signal."""
        self._until(at)
        self.core.say(kind, contact, **fields)
        self.listen()

    def ask(self, kind: type[Said], at: str | None = None, **fields: Any) -> None:
        """A command without somebody who acts."""
        self._until(at)
        self.core.ask(kind, None, **fields)
        self.listen()

    def listen(self) -> None:
        """The bell hears all that the core told since."""
        facts = self.core.facts[self._heard :]
        self._heard = len(self.core.facts)
        for fact in facts:
            self.hear(fact)

    def hear(self, fact: Fact) -> list[Told]:
        """The bell reads one fact of the core."""
        self.read.append(fact)
        model = TYPES[fact.envelope.type]
        key = fact.envelope.caseid.encode()
        return self.take(topic_of(model).name, key, orjson.dumps(fact.data), fact.envelope.headers())

    def take(self, topic: str, key: bytes, value: bytes | None, headers: Sequence[Header]) -> list[Told]:
        """The bell reads a record."""
        self._offset += 1
        record = Record(topic, 0, self._offset, key, value, headers, self.now_ms)
        return self._step(record, key)

    def command(self, kind: type[Said], key: str, **data: Any) -> list[Told]:
        """Something that is asked of the bell itself."""
        self._offset += 1
        envelope = Envelope(
            id=f"command-{self._offset}",
            source="urn:seinhuis:notices",
            type=kind.type_name(),
            subject=key,
            partnership="de-vlier",
            caseid="" if "/" in key else key,
            recordedtime=moment(self.now_ms).isoformat(),
            urgency="routine",
            priority="routine",
        )
        return self.take(NOTICES_COMMANDS.name, key.encode(), orjson.dumps(data), envelope.headers())

    def forward(self) -> list[Told]:
        """What the bell handed over to the lanes of contacts is read there."""
        commands, self.commands, told = self.commands, [], len(self.told)
        for record in commands:
            assert record.key is not None
            self._step(record, record.key)
        return self.told[told:]

    # -- receivers -----------------------------------------------------------------------------------

    def answer(self, to: str, outcome: Outcome, of: str | None = None) -> list[Told]:
        """What became of the one attempt that is under way to this function, of one fact when it is named."""
        (effect_id,) = [
            effect_id
            for effect_id, (_, effect) in self.sending.items()
            if effect.payload != TAKEN_BACK and _is_of(orjson.loads(effect.payload), to, of)
        ]
        return self.end(effect_id, outcome)

    def end(self, effect_id: str, outcome: Outcome) -> list[Told]:
        """An attempt ends; one that was taken back before it had begun, ends so."""
        key, effect = self.sending.pop(effect_id)
        raw = TAKEN_BACK if effect.payload == TAKEN_BACK else write_outcome(outcome)
        return self._step(EffectDone(key, effect_id, raw), key)

    def answer_all(self, outcome: Outcome) -> None:
        """Everything that is under way ends so, and whatever is begun by that."""
        while self.sending:
            self.end(next(iter(self.sending)), outcome)

    # -- time ----------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        """The clock that both share."""
        return self.core.clock_ms

    def run_until(self, at: str) -> None:
        """Lets time pass for both: each timer fires at its own moment."""
        until_ms = ms(at)
        while True:
            due = [(wake.at_ms, 0) for wake in self.core.wakes.values() if wake.at_ms <= until_ms]
            due += [(wake.at_ms, 1) for wake in self.wakes.values() if wake.at_ms <= until_ms]
            if not due:
                break
            at_ms, who = min(due)
            if who == 0:
                self.core.run_until(moment(max(at_ms, self.now_ms)).isoformat())
                self.listen()
            else:
                self.core.clock_ms = max(self.core.clock_ms, at_ms)
                key = next(key for key, wake in self.wakes.items() if wake.at_ms == at_ms)
                self._step(TimerDue(key, at_ms), key)
        self.core.clock_ms = max(self.core.clock_ms, until_ms)

    def _until(self, at: str | None) -> None:
        if at is not None:
            self.run_until(at)

    # -- what came of it -----------------------------------------------------------------------------

    def row(self, key: str = CASE) -> Row:
        """What the lane knows."""
        return read_row(self.rows.get(key.encode()))

    def open(self, key: str = CASE) -> list[Open]:
        """The notices under way."""
        return self.row(key)["open"]

    def named(self, name: str) -> list[Told]:
        """The facts of one kind."""
        return [fact for fact in self.told if fact.name == name]

    def story(self) -> list[str]:
        """What was told, as a person would."""
        return [f"{wall(fact.at_ms)} {_words(fact)}" for fact in self.told]

    def stream(self, party: str) -> list[str]:
        """What a party reads in its stream: of which fact, to whom of it, and who has it."""
        return [
            " ".join(filter(None, (one.data["of"], one.data.get("to"), _by(one.data), _oral(one.data))))
            for one in self.delivered
            if one.party == party
        ]

    # -- one step, as the runtime takes it -----------------------------------------------------------

    def _step(self, item: Input, key: bytes) -> list[Told]:
        turn = Turn(self.now_ms, self.now_ms, "notices-0-", len(self.told))
        row = self.rows.get(key)
        step = decided(self.bell, item, row, turn, self.passed_over, self.dead)
        return [] if step is None else self._commit(key, step, isinstance(item, TimerDue))

    def _commit(self, key: bytes, step: Step, is_timer: bool) -> list[Told]:
        told = len(self.told)
        for emit in step.emits:
            self._take(key, emit)
        if step.row is None:
            self.rows.pop(key, None)
            self.wakes.pop(key, None)
        elif step.row is not KEEP_ROW:
            self.rows[key] = step.row
            self.wakes.pop(key, None)
            if step.wake is not None:
                is_done = step.wake.at_ms > self.now_ms or not is_timer
                assert is_done, "a timer leaves nothing undone that is due"
                self.wakes[key] = step.wake
        for effect in step.effects:
            if effect.payload == TAKEN_BACK:
                if effect.effect_id in self.sending:
                    self.sending[effect.effect_id] = (key, effect)
                continue
            said = orjson.loads(effect.payload)
            assert "address" not in effect.payload.decode(), "an address stands in no row"
            self.sending[effect.effect_id] = (key, effect)
            self.attempts.append(said)
            self.read_before.append(len(self.read))
        return self.told[told:]

    def _take(self, key: bytes, emit: Emit) -> None:
        if emit.topic.endswith(".dead"):
            self.letters.append(orjson.loads(emit.value))
        elif emit.topic.startswith(DELIVERIES):
            self._deliver(emit)
        elif emit.topic == NOTICES_COMMANDS.name:
            self._offset += 1
            self.commands.append(
                Record(emit.topic, 0, self._offset, emit.key, emit.value, emit.headers, self.now_ms)
            )
            read_of(emit.value, emit.headers)
        else:
            assert (emit.key, emit.numbered) == (key, True)
            headers = [*emit.headers, ("ce_id", b"notices-0-%d" % len(self.told))]
            name, envelope, data = read_of(emit.value, headers)
            assert envelope.key.encode() == key
            self.told.append(Told(name, ms(envelope.recordedtime), data, envelope))

    def _deliver(self, emit: Emit) -> None:
        assert (emit.numbered, emit.is_optional) == (False, True)
        _, envelope, data = read_of(emit.value, emit.headers)
        for secret in (CASE, SIGNAL, "casework-0-", "conversation-1", "notices-0-"):
            assert secret.encode() not in emit.value and secret not in repr(emit.headers)
        assert not (envelope.causationid or envelope.correlationid or envelope.traceparent)
        assert emit.key == envelope.key.encode()
        self.delivered.append(Delivered(emit.topic.removeprefix(DELIVERIES), data, envelope))


def read_of(value: bytes, headers: Sequence[Header]) -> tuple[str, Envelope, dict[str, Any]]:
    """A record held against what may stand in it."""
    envelope = decode(headers)
    assert sorted(headers) == sorted(envelope.headers()), "headers are those of the envelope, each once"
    model = TYPES[envelope.type]
    said = {name: text for name in Envelope.__slots__ if (text := getattr(envelope, name))}
    attributes_of(model).model_validate_json(orjson.dumps({**said, "specversion": "1.0"}))
    model.model_validate_json(value)
    return model.__name__, envelope, orjson.loads(value)


def _is_of(said: dict[str, Any], to: str, of: str | None) -> bool:
    return said["contact"] == to and of in {None, said["event"]["data"]["of"]}


def _by(data: dict[str, Any]) -> str:
    return f"(taken by {data['taken_by']})" if data.get("taken_by") else ""


def _oral(data: dict[str, Any]) -> str:
    return "by phone" if data["form"] == "oral" else ""


def _words(fact: Told) -> str:
    data = fact.data
    match fact.name:
        case "NoticeQueued":
            how = f"{data['channel']}, {data['form']}{', bundled' if data['bundled'] else ''}"
            return f"{data['of']} for {data['to']} ({how})"
        case "NoticeAttempted":
            return f"attempt {data['attempt']} to {data['to']} by {data['channel']}"
        case "NoticeAccepted" | "NoticeDelivered" | "NoticeRead":
            return f"{fact.name.removeprefix('Notice').lower()} for {data['to']}"
        case "NoticeFailed":
            then = "for good" if data["is_permanent"] else f"then {data['next_channel'] or 'again'}"
            return f"failed for {data['to']}: {data['reason']}, {then}"
        case "NoticeSuppressed":
            return f"not told to {data['to']}: {data['of']}, {data['reason']}"
        case name:
            raise AssertionError(f"an unexpected fact was told: {name}")
