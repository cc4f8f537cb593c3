"""A case as its facts tell it, at a moment: what was told in order, who has each signal, and what is owed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from schemas.base import Said
from schemas.coordination import CaseDescribed, ResponsibilityTaken, RoleReleased, RoleTaken
from schemas.deadlines import EscalationCause, ObligationEscalated
from schemas.envelope import Envelope
from schemas.signals import (
    GroundRecorded,
    GroundWithdrawn,
    SignalAcknowledged,
    SignalInterpreted,
    SignalReassigned,
    SignalReported,
    SignalRouted,
    SignalUrgencyChanged,
)
from services.cli.owed import Owed, Owing, told_at_ms
from services.signals.lifecycle import ABSENT, LIFECYCLE, name_of


class Entry(NamedTuple):
    """A fact, and when it was told."""

    at_ms: int
    envelope: Envelope
    fact: Said


class Line(NamedTuple):
    """A fact to tell, and how often it came again with nothing new in between; the last time it did."""

    entry: Entry
    again: int
    last_ms: int


class SignalNow(NamedTuple):
    """A signal as it stands, its state from the table of its life. `asked_ms`: who was asked, and when last."""

    id: str
    state: str
    urgency: str
    asked_ms: Mapping[str, int] = {}
    expertise: tuple[str, ...] = ()
    taken_by: str | None = None
    taken_ms: int | None = None
    types: tuple[str, ...] = ()
    #: As its report says; None when it does not.
    client_informed: bool | None = None
    #: The signal it was a part of.
    split_from: str | None = None
    #: On what grounds the circle may see it, each with its purpose.
    grounds: frozenset[tuple[str, str]] = frozenset()

    @property
    def asked(self) -> tuple[str, ...]:
        """Everybody who was asked, the last one last."""
        return tuple(self.asked_ms)


class CaseNow(NamedTuple):
    """The case itself: who answers for it (nobody has accepted it when there is none), its slots, and what it holds."""

    responsible: str | None = None
    responsible_ms: int | None = None
    roles: tuple[tuple[str, str], ...] = ()
    practice: str | None = None
    target_group: str | None = None


class Timeline(NamedTuple):
    """A case at a moment. It is of the partnership that was named last."""

    caseid: str
    partnership: str
    at_ms: int
    entries: tuple[Entry, ...]
    signals: tuple[SignalNow, ...]
    owed: tuple[Owed, ...]
    now: CaseNow = CaseNow()

    def part_of(self, signals: Collection[str]) -> Timeline:
        """What is told of some of its signals, and of the case itself."""
        told = {*signals, self.caseid}
        return self._replace(
            entries=tuple(entry for entry in self.entries if entry.envelope.subject in told),
            signals=tuple(one for one in self.signals if one.id in told),
            owed=tuple(one for one in self.owed if one.entity in told),
        )


def timeline(facts: Iterable[tuple[Envelope, Said]], at_ms: int) -> Timeline | None:
    """Folds the facts of one case, which may come in any order, and each of them more than once; None without any."""
    told = {envelope.id: Entry(told_at_ms(envelope), envelope, fact) for envelope, fact in facts}
    entries = sorted(told.values(), key=_order)
    if not entries:
        return None
    signals: dict[str, SignalNow] = {}
    owing, now = Owing(), CaseNow()
    for entry in entries:
        owing.take(entry.envelope, entry.fact)
        now = case_after(now, entry)
        found = signal_after(signals.get(entry.envelope.subject), entry)
        if found is not None:
            signals[found.id] = found
    last = entries[-1].envelope
    return Timeline(
        last.caseid,
        last.partnership,
        at_ms,
        tuple(entries),
        tuple(signals.values()),
        tuple(owing.open()),
        now,
    )


def lines(entries: Iterable[Entry]) -> list[Line]:
    """The facts to tell: a last level that is asked again and again is told once, with how often."""
    told: list[Line] = []
    place_of: dict[str, int] = {}
    for entry in entries:
        about = getattr(entry.fact, "obligation_id", None)
        at = None if about is None else place_of.get(about)
        if at is not None and _is_repeated(entry) and _is_repeated(told[at].entry):
            told[at] = Line(told[at].entry, told[at].again + 1, entry.at_ms)
            continue
        if about is not None:
            place_of[about] = len(told)
        told.append(Line(entry, 0, entry.at_ms))
    return told


def _is_repeated(entry: Entry) -> bool:
    return isinstance(entry.fact, ObligationEscalated) and entry.fact.cause is EscalationCause.REPEATED


def case_after(now: CaseNow, entry: Entry) -> CaseNow:
    """The case after a fact about it."""
    roles = dict(now.roles)
    match entry.fact:
        case ResponsibilityTaken(by=by):
            return now._replace(responsible=by.contact, responsible_ms=entry.at_ms)
        case RoleTaken(by=by, role=role):
            return now._replace(roles=tuple({**roles, role.value: by.contact}.items()))
        case RoleReleased(role=role):
            roles.pop(role.value, None)
            return now._replace(roles=tuple(roles.items()))
        case CaseDescribed() as described:
            return now._replace(practice=described.practice, target_group=described.target_group)
        case _:
            return now


def signal_after(one: SignalNow | None, entry: Entry) -> SignalNow | None:  # noqa: PLR0911 - one line a fact
    """The signal after a fact about it; None as long as nothing of it happened: a refusal makes no signal."""
    fact, state = entry.fact, _state(ABSENT if one is None else one.state, entry.fact)
    if isinstance(fact, ObligationEscalated) and one is not None:
        return _asks(one, fact.to, entry)
    if isinstance(fact, GroundRecorded | GroundWithdrawn) and one is not None:
        this = {(fact.ground.value, fact.purpose)}
        is_on = isinstance(fact, GroundRecorded)
        return one._replace(grounds=one.grounds | this if is_on else one.grounds - this)
    if state is None:
        return one
    one = one or SignalNow(entry.envelope.subject, state, entry.envelope.urgency)
    one = one._replace(state=state)
    match fact:
        case SignalReported():
            return one._replace(
                urgency=fact.urgency,
                types=fact.types,
                client_informed=fact.client_informed,
                split_from=fact.split_from,
            )
        case SignalUrgencyChanged():
            return one._replace(urgency=fact.urgency, expertise=fact.expertise or one.expertise)
        case SignalInterpreted():
            return one._replace(types=fact.types or one.types)
        case SignalRouted():
            return _asks(one, fact.contact, entry)._replace(expertise=fact.expertise)
        case SignalAcknowledged():
            return one._replace(taken_by=fact.by.contact, taken_ms=entry.at_ms)
        case SignalReassigned():
            return _asks(one, fact.to, entry)._replace(taken_by=None, taken_ms=None)
        case _:
            return one


def _state(state: str, fact: Said) -> str | None:
    """The state a fact leads to; None for one that is no step of a signal's life.

    From a state that does not have it, which is so when the beginning is no longer kept, it leads where it first may.
    """
    name = name_of(fact)
    rows = (LIFECYCLE[state], *LIFECYCLE.values())
    return next((row[name] for row in rows if name in row), None)


def _asks(one: SignalNow, contact: str, entry: Entry) -> SignalNow:
    before = {asked: at_ms for asked, at_ms in one.asked_ms.items() if asked != contact}
    return one._replace(asked_ms={**before, contact: entry.at_ms})


def _order(entry: Entry) -> tuple[int, int]:
    """Time never falls in a lane, and facts told at once are numbered in their order."""
    number = entry.envelope.id.rpartition("-")[2]
    return entry.at_ms, int(number) if number.isdigit() else 0
