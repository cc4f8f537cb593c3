"""What a function that ended still has in hand goes to its successor: one command for each of its open signals."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from schemas.base import Said
from schemas.envelope import Envelope
from schemas.signals import (
    Actor,
    ReassignReason,
    ReassignSignal,
    SignalAcknowledged,
    SignalClosed,
    SignalReassigned,
    SignalRouted,
    SignalWithdrawn,
)
from services.agreements.moments import moment
from services.cli.directory.describing import Broker
from services.cli.facts import kept_facts
from services.runtime.send import Outgoing, Sender
from topics.catalogue import SIGNALS_COMMANDS, SIGNALS_EVENTS

_TURNS = (SignalRouted, SignalAcknowledged, SignalReassigned, SignalClosed, SignalWithdrawn)


class OpenSignals:
    """Who has which signal in hand, from the facts of their lives in any order."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, str], list[tuple[int, Envelope, Said]]] = {}

    def hear(self, envelope: Envelope, fact: Said) -> None:
        """A fact of a signal's life; what does not change who has it is passed over."""
        if isinstance(fact, _TURNS):
            number = envelope.id.rpartition("-")[2]
            turn = (int(number) if number.isdigit() else 0, envelope, fact)
            self._turns.setdefault((envelope.caseid, envelope.subject), []).append(turn)

    def in_hand_of(self, contact: str) -> list[Envelope]:
        """The open signals that a function took, or was asked for by name and nobody took: the last fact of each."""
        found = []
        for _, turns in sorted(self._turns.items()):
            turns.sort(key=lambda turn: turn[0])
            if _has(contact, [fact for _, _, fact in turns]):
                found.append(turns[-1][1])
        return found


def _has(contact: str, facts: Sequence[Said]) -> bool:
    asked: set[str] = set()
    taken_by: str | None = None
    for fact in facts:
        match fact:
            case SignalRouted():
                asked.add(fact.contact)
            case SignalAcknowledged():
                taken_by = fact.by.contact
            case SignalReassigned():
                taken_by = None
                asked = (asked - {fact.by.contact}) | {fact.to}
            case SignalClosed() | SignalWithdrawn():
                return False
    return contact == taken_by if taken_by is not None else contact in asked


async def hand_over(broker: Broker, contact: str, to: str, now_ms: int) -> int:
    """Asks for each open signal of a function that it be given to its successor; says how many there are.

    Twice is once: a signal that was given away is not its own any more, and a command has the id of what it asks.
    """
    signals, passed_over = OpenSignals(), Counter[str]()
    facts = kept_facts(broker.bootstrap, [SIGNALS_EVENTS.name], passed_over, security=broker.security)
    async for fact in facts:
        signals.hear(fact.envelope, fact.said)
    found = signals.in_hand_of(contact)
    asks = ReassignSignal(by=Actor(contact=contact), to=to, reason=ReassignReason.END_OF_DUTY)
    value = asks.model_dump_json(exclude_none=True).encode()
    async with Sender(broker.bootstrap, security=broker.security) as sender:
        for last in found:
            headers = _envelope(last, asks, now_ms).headers()
            await sender.put(Outgoing(SIGNALS_COMMANDS.name, last.caseid.encode(), value, headers))
    return len(found)


def _envelope(last: Envelope, asks: ReassignSignal, now_ms: int) -> Envelope:
    # The last fact of the signal is part of it: a function may come back, and end again.
    named = f"{last.caseid} {last.subject} {last.id} {asks.by.contact} {asks.to}"
    return Envelope(
        id=f"succeeded-{hashlib.sha256(named.encode()).hexdigest()[:24]}",
        source="urn:seinhuis:directory",
        type=asks.type_name(),
        subject=last.subject,
        partnership=last.partnership,
        caseid=last.caseid,
        correlationid=last.correlationid,
        causationid=last.id,
        recordedtime=moment(now_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )
