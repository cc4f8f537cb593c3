"""A world in a dozen lines: agreements, one lane of parties, and a clock that the test owns.

    world = World(an_agreement(), at="2026-11-30T09:00")
    world.miss("linde", times=3)
    world.run_until("2026-12-01T09:00")
    assert world.story() == [...]

It behaves as the runtime does: `now` never falls, a timer fires at its moment unless the worker is down. Every step is
checked: it can be repeated, its facts are valid on the wire, and nothing in it leads to a case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import orjson

from schemas.attributes import PartyAttributes
from schemas.base import Said
from schemas.collaboration import AnswerCollaboration, ItemMissed, ItemWithdrawn
from schemas.envelope import Envelope, decode
from schemas.registry import TYPES
from services.agreements.book import AgreementBook, publication, record_key, usable
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.moments import moment
from services.collaboration.decide import Collaboration
from services.collaboration.party import Party, read_party
from services.runtime.job import (
    KEEP_ROW,
    Emit,
    Header,
    Input,
    Record,
    Step,
    TimerDue,
    Turn,
    Wake,
)
from tests.agreements.waterkant import TEMPLATE, VLIER
from tests.casework.world import ms, wall
from tests.deciding import decided
from topics.catalogue import COLLABORATION_COMMANDS, COLLABORATION_EVENTS

DAY_MS = 86_400_000
LINDE = "de-vlier/linde"


@cache
def the_large() -> AgreementBook:
    """The large example, in which every rung but the last has its own term. Read once, for it takes its time."""
    book = AgreementBook()
    _put(book, VLIER.read_text(encoding="utf-8"), TEMPLATE.read_text(encoding="utf-8"))
    return book


def _put(book: AgreementBook, text: str, template: str | None = None) -> None:
    found = usable(text, template)
    said = publication(found, text, template).model_dump_json().encode()
    assert book.take(record_key(found), said, []) is None


class Fact(NamedTuple):
    """A fact as a reader of its topic sees it, and when it was told."""

    name: str
    at_ms: int
    party: str
    data: dict[str, Any]


class World:
    """One lane of parties: its rows, its timers, and what it told."""

    def __init__(
        self, *agreements: str, at: str, directory: Directory = AS_SIGNED, book: AgreementBook | None = None
    ) -> None:
        self.book = book or AgreementBook()
        for text in agreements:
            self.publish(text)
        self.collaboration = Collaboration(self.book, directory)
        self.rows: dict[bytes, bytes] = {}
        self.wakes: dict[bytes, Wake] = {}
        self.facts: list[Fact] = []
        self.passed_over: Counter[str] = Counter()
        self.dead: Counter[str] = Counter()
        self.clock_ms = ms(at)
        self._commands = 0

    def publish(self, text: str) -> None:
        """A version of an agreement."""
        _put(self.book, text)

    # -- what comes in -----------------------------------------------------------------------------

    def miss(
        self, party: str = "linde", item: str = "acknowledge_signal", times: int = 1, **more: Any
    ) -> str:
        """A party missed an item; returns the last one's reference."""
        for _ in range(times):
            self._commands += 1
            ref = more.get("ref", f"item-{self._commands:08}")
            day = more.get("on", moment(self.clock_ms + 3_600_000).date().isoformat())
            self.ask(ItemMissed, party, f"missed-{ref}", item_ref=ref, item=item, missed_on=day)
        return str(ref)

    def withdraw(self, ref: str, party: str = "linde", item: str = "acknowledge_signal") -> list[Fact]:
        """It was not missed after all."""
        day = moment(self.clock_ms).date().isoformat()
        return self.ask(ItemWithdrawn, party, f"withdrawn-{ref}", item_ref=ref, item=item, missed_on=day)

    def answer(
        self, contact: str, party: str = "linde", ladder: str | None = None, **more: Any
    ) -> list[Fact]:
        """Somebody says what is done about it; of the ladder that is open, unless another is named."""
        self._commands += 1
        id_ = more.get("id", f"answer-{self._commands}")
        if ladder is None:
            is_open = self.party(f"de-vlier/{party}")["ladder"]
            assert is_open is not None
            ladder = is_open["id"]
        said: dict[str, Any] = {
            "collaboration_id": ladder,
            "by": {"contact": contact},
            "outcome": more.get("outcome", "improvement_agreed"),
        }
        return self.ask(AnswerCollaboration, party, id_, **said)

    def ask(
        self, kind: type[Said], party: str, id_: str, partnership: str = "de-vlier", **data: Any
    ) -> list[Fact]:
        """A command as it lies in the topic."""
        envelope = Envelope(
            id=id_,
            source="urn:seinhuis:casework",
            type=kind.type_name(),
            subject=f"{partnership}/{party}",
            partnership=partnership,
            recordedtime=moment(self.clock_ms).isoformat(),
        )
        return self.take(envelope.key.encode(), orjson.dumps(data), envelope.headers())

    def hear(self, emits: Sequence[Emit]) -> list[Fact]:
        """What another process said to this one."""
        told: list[Fact] = []
        for emit in emits:
            assert emit.topic == COLLABORATION_COMMANDS.name
            told += self.take(emit.key, emit.value, emit.headers)
        return told

    def take(self, key: bytes, value: bytes, headers: Sequence[Header]) -> list[Fact]:
        """Decides a record."""
        record = Record(COLLABORATION_COMMANDS.name, 0, 0, key, value, headers, self.clock_ms)
        return self._step(record, key)

    # -- time --------------------------------------------------------------------------------------

    def run_until(self, at: str | int) -> list[Fact]:
        """Lets time pass: every timer up to this moment fires, each at its own moment."""
        until_ms, told = (ms(at) if isinstance(at, str) else at), len(self.facts)
        while due := [(wake.at_ms, key) for key, wake in self.wakes.items() if wake.at_ms <= until_ms]:
            at_ms, key = min(due)
            self.clock_ms = max(self.clock_ms, at_ms)
            self._step(TimerDue(key, at_ms), key)
        self.clock_ms = max(self.clock_ms, until_ms)
        return self.facts[told:]

    def sleep_until(self, at: str) -> None:
        """The worker is down: time passes and no timer fires."""
        self.clock_ms = ms(at)

    # -- what came of it ---------------------------------------------------------------------------

    def party(self, key: str = LINDE) -> Party:
        """What the lane knows of a party."""
        found = read_party(self.rows[key.encode()])
        assert found is not None
        return found

    def named(self, name: str) -> list[Fact]:
        """The facts of one kind."""
        return [fact for fact in self.facts if fact.name == name]

    def story(self, facts: Sequence[Fact] | None = None) -> list[str]:
        """What was told, as a person would."""
        return [f"{wall(fact.at_ms)} {_told(fact)}" for fact in (self.facts if facts is None else facts)]

    # -- one step, as the runtime takes it ---------------------------------------------------------

    def _step(self, item: Input, key: bytes) -> list[Fact]:
        turn = Turn(self.clock_ms, self.clock_ms, "collaboration-0-", len(self.facts))
        row = self.rows.get(key)
        step = decided(self.collaboration, item, row, turn, self.passed_over, self.dead)
        return [] if step is None else self._commit(key, step, isinstance(item, TimerDue))

    def _commit(self, key: bytes, step: Step, is_timer: bool) -> list[Fact]:
        told = [self._read(key, n, emit) for n, emit in enumerate(step.emits)]
        self.facts += told
        if step.row is None:
            self.rows.pop(key, None)
            self.wakes.pop(key, None)
            assert step.wake is None
        elif step.row is not KEEP_ROW:
            self.rows[key] = step.row
            assert step.wake is not None, "whatever is known of a party is let go one day"
            # After an outage everything said by then is heard first: a command leaves what is due to the timer.
            is_done = step.wake.at_ms > self.clock_ms or not is_timer
            assert is_done, "nothing that is due is left undone"
            self.wakes[key] = step.wake
        return told

    def _read(self, key: bytes, n: int, emit: Emit) -> Fact:
        assert (emit.topic, emit.key, emit.numbered) == (COLLABORATION_EVENTS.name, key, True)
        return read_of(
            emit.value, [*emit.headers, ("ce_id", b"collaboration-0-%d" % (len(self.facts) + n))], key
        )


def read_of(value: bytes, headers: Sequence[Header], key: bytes) -> Fact:
    """A record of either topic, held against what may stand in it."""
    envelope = decode(headers)
    assert sorted(headers) == sorted(envelope.headers()), "headers are those of the envelope, each once"
    said = {name: text for name in Envelope.__slots__ if (text := getattr(envelope, name))}
    attributes = PartyAttributes.model_validate_json(orjson.dumps({**said, "specversion": "1.0"}))
    assert attributes.subject.encode() == key
    model = TYPES[envelope.type]
    model.model_validate_json(value)
    return Fact(model.__name__, ms(envelope.recordedtime), envelope.subject, orjson.loads(value))


def _told(fact: Fact) -> str:
    data = fact.data
    match fact.name:
        case "ItemsCounted":
            new = ", ".join(f"{one['item']} {one['count']}x" for one in data["items"])
            return f"counted {new}; {data['in_window']} in the window"
        case "ItemUncounted":
            return f"{data['item']} of {data['missed_on']} does not count"
        case "RungReached":
            skipped = "".join(f", not {skip['to']}: {skip['reason']}" for skip in data["skipped"])
            due = moment(ms(data["answer_due_at"])).date().isoformat()
            late = f", late by {data['late_by_s']:g} s" if data["late_by_s"] else ""
            on = ", ".join(data["on"])
            return f"rung {data['rung']} {on} to {', '.join(data['to'])} until {due} ({data['cause']}{skipped}{late})"
        case "PartyAnswered":
            return f"answered by {data['by']['contact']} on rung {data['rung']}: {data['outcome']}"
        case "CollaborationSettled":
            return f"settled ({data['because']})"
        case "AnswerRefused":
            return f"refused ({data['reason']})"
        case name:
            raise AssertionError(f"an unexpected fact was told: {name}")
