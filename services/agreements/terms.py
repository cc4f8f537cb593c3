"""An agreement made ready to decide with: its names joined up, its sets and waits worked out once per version.

What cannot be worked out raises `Unusable`: an agreement is usable as a whole or not at all. Whether it is also
wise, check.py says before it is signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from schemas.signals import TraceStep
from services.agreements import model
from services.agreements.calendars import Calendar, NeverOpen, milliseconds
from services.agreements.matching import MATCHED, MISMATCHES, RULE_ERROR, Match
from services.agreements.model import ALWAYS, CASE_CONTACT, CONTACT, DEPUTY
from services.agreements.parts import (
    DISCHARGED,
    EVENT,
    NEXT_LEVEL,
    ROOT,
    Contact,
    Duty,
    EndingRow,
    Ladder,
    Level,
    Node,
    RungRow,
    Trigger,
)
from services.agreements.times import WORKING, Clock, Span

#: Which of the timers that are due together go first: lower goes first.
RANK_OF_PRIORITY: Mapping[str, int] = {"stat": 0, "asap": 1, "urgent": 2, "routine": 5}
V = TypeVar("V")


class Unusable(ValueError):
    """The agreement cannot be decided with. `code` says why, `what` names the part."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"{code}: {what}")
        self.code = code
        self.what = what


@dataclass(frozen=True, slots=True)
class Terms:
    """A version of an agreement, ready to decide with."""

    agreement: model.Agreement
    partnership: str
    version: int
    valid_from_ms: int
    clock: Clock
    levels: Mapping[str, Level]
    most_pressing: Level
    contacts: Mapping[str, Contact]
    refs: Mapping[str, str]
    root: Node
    ladders: Mapping[str, Mapping[str, Ladder]]
    duties: Mapping[str, tuple[Duty, ...]]

    def level(self, urgency: str) -> Level:
        """The level of this name; the most pressing one for a name this version does not know (any more)."""
        return self.levels.get(urgency) or self.most_pressing

    @property
    def coordination_point(self) -> str:
        """Who is asked when no rule matches, and answers for a case before anybody has accepted it."""
        return self.root.receiver


def terms(agreement: model.Agreement) -> Terms:
    """Joins the names of an agreement; raises `Unusable`."""
    zone = ZoneInfo(agreement.timezone)
    calendars = {name: _calendar(name, hours, zone) for name, hours in agreement.calendars.items()}
    levels = {name: _level(name, level, calendars) for name, level in agreement.urgency.levels.items()}
    refs = {
        contact.id: f"{party.id}/{contact.id}" for party in agreement.parties for contact in party.contacts
    }
    contacts = [
        _contact(f"{party.id}/{contact.id}", contact, refs, calendars)
        for party in agreement.parties
        for contact in party.contacts
    ]
    if len(refs) < len(contacts):
        raise Unusable("duplicate_id", "contact")
    ladders = {
        name: {level.name: _ladder(name, rungs, level, refs, calendars) for level in levels.values()}
        for name, rungs in agreement.escalation.operational.items()
    }
    duties: dict[str, list[Duty]] = {}
    for obligation in agreement.obligations:
        duty = _duty(obligation, refs, ladders, tuple(levels.values()), calendars)
        duties.setdefault(duty.opened_by.event, []).append(duty)
    return Terms(
        agreement=agreement,
        partnership=agreement.meta.partnership,
        version=agreement.meta.version,
        valid_from_ms=milliseconds(datetime.combine(agreement.meta.valid_from, time(tzinfo=zone))),
        clock=Clock(zone, calendars),
        levels=levels,
        most_pressing=min(levels.values(), key=lambda level: (level.rank, not level.is_always)),
        contacts={contact.ref: contact for contact in contacts},
        refs=refs,
        root=_root(agreement, refs, ladders, calendars),
        ladders=ladders,
        duties={event: tuple(found) for event, found in duties.items()},
    )


def _pick(found: Mapping[str, V], name: str, code: str) -> V:
    if name not in found:
        raise Unusable(code, name)
    return found[name]


def _calendar(name: str, hours: model.Hours, zone: ZoneInfo) -> Calendar:
    calendar = Calendar(hours.week, frozenset(holiday.date for holiday in hours.holidays), zone)
    try:
        # From a fixed day on: whether it ever opens must not depend on when it is asked.
        calendar.next_open(0)
    except NeverOpen:
        raise Unusable("calendar_without_hours", name) from None
    return calendar


def _level(name: str, level: model.Level, calendars: Mapping[str, Calendar]) -> Level:
    if level.always and level.calendar:
        raise Unusable("always_by_calendar", name)
    calendar = _pick(calendars, level.calendar, "unknown_calendar") if level.calendar else None
    return Level(name, level.fhir, RANK_OF_PRIORITY[level.fhir], level.always, calendar)


def _contact(
    ref: str, contact: model.Contact, refs: Mapping[str, str], calendars: Mapping[str, Calendar]
) -> Contact:
    hours = None if contact.reachable == ALWAYS else _pick(calendars, contact.reachable, "unknown_calendar")
    deputy = _pick(refs, contact.deputy, "unknown_contact") if contact.deputy else None
    return Contact(ref, bool(contact.channels), hours, deputy)


def _span(span: Span, level: Level, calendars: Mapping[str, Calendar]) -> Span:
    """A length of time whose calendar exists. What runs day and night does not wait for an office to open."""
    if level.is_always and span.counting in WORKING:
        raise Unusable("always_by_calendar", level.name)
    if span.calendar is not None:
        _pick(calendars, span.calendar, "unknown_calendar")
    return span


def _ladder(
    name: str,
    rungs: Sequence[model.Rung],
    level: Level,
    refs: Mapping[str, str],
    calendars: Mapping[str, Calendar],
) -> Ladder:
    found: list[RungRow] = []
    for n, rung in enumerate(rungs):
        if rung.to not in {CONTACT, DEPUTY}:
            _pick(refs, rung.to, "unknown_contact")
        wait = _span(_pick(rung.after, level.name, "rung_without_wait"), level, calendars) if n else None
        found.append((rung.to, wait.row() if wait else None))
    if not found or found[-1][0] in {CONTACT, DEPUTY}:
        raise Unusable("ladder_without_end", name)
    repeat = rungs[-1].repeat_every.get(level.name) or rungs[-1].after.get(level.name)
    if repeat is None:
        raise Unusable("ladder_without_repeat", name)
    return Ladder(tuple(found), _span(repeat, level, calendars).row())


def _root(
    agreement: model.Agreement,
    refs: Mapping[str, str],
    ladders: Mapping[str, object],
    calendars: Mapping[str, Calendar],
) -> Node:
    routing = agreement.routing
    if routing.receiver is None:
        raise Unusable("root_without_receiver", ROOT)
    if routing.ladder is None:
        raise Unusable("root_without_ladder", ROOT)
    receiver = _pick(refs, routing.receiver, "unknown_contact")
    _pick(ladders, routing.ladder, "unknown_ladder")
    area = frozenset(agreement.area.postcodes)

    def node(rule: model.Rule, receiver: str, ladder: str) -> Node:
        if rule.receiver == CASE_CONTACT:
            receiver = CASE_CONTACT
        elif rule.receiver is not None:
            receiver = _pick(refs, rule.receiver, "unknown_contact")
        if rule.ladder is not None:
            ladder = rule.ladder
            _pick(ladders, ladder, "unknown_ladder")
        routes = tuple(node(route, receiver, ladder) for route in rule.routes)
        ask = _ask(rule.match, area, calendars)
        return Node(rule.name, ask, receiver, ladder, rule.goes_on, routes, _steps(rule.name))

    routes = tuple(node(rule, receiver, routing.ladder) for rule in routing.routes)
    return Node(ROOT, Match(), receiver, routing.ladder, False, routes, _steps(ROOT))


def _steps(node: str) -> dict[str, TraceStep]:
    steps = {why: TraceStep(node=node, matched=False, because=why) for why in (*MISMATCHES, RULE_ERROR)}
    return {MATCHED: TraceStep(node=node, matched=True, because=MATCHED), **steps}


def _ask(match: model.Match, area: frozenset[str], calendars: Mapping[str, Calendar]) -> Match:
    hours = match.hours or model.Window()
    return Match(
        urgency=_words(match.urgency),
        types=_words(match.types),
        concern=_words(match.concern),
        about=_words(match.about),
        postcodes=_words(match.postcode),
        inside_area=area if match.area == "inside" else None,
        outside_area=area if match.area == "outside" else None,
        has_contact=match.case is not None,
        inside_hours=_pick(calendars, hours.inside, "unknown_calendar") if hours.inside else None,
        outside_hours=_pick(calendars, hours.outside, "unknown_calendar") if hours.outside else None,
    )


def _words(words: Sequence[str]) -> frozenset[str] | None:
    return frozenset(words) or None


def _duty(
    obligation: model.Obligation,
    refs: Mapping[str, str],
    ladders: Mapping[str, object],
    levels: Sequence[Level],
    calendars: Mapping[str, Calendar],
) -> Duty:
    opened_by = _trigger(obligation.opened_by)
    urgencies = dict(opened_by.where).get("urgency")
    within = {
        level.name: _span(_pick(obligation.within, level.name, "urgency_without_time"), level, calendars)
        for level in levels
        if urgencies is None or level.name in urgencies
    }
    if not within:
        raise Unusable("urgency_without_time", obligation.name)
    if obligation.ladder != f"{EVENT}ladder":
        _pick(ladders, obligation.ladder, "unknown_ladder")
    owed_by = obligation.owed_by
    return Duty(
        name=obligation.name,
        opened_by=opened_by,
        endings=(
            *(_ending(DISCHARGED, by) for by in obligation.discharged_by),
            *(_ending(NEXT_LEVEL, on) for on in obligation.next_level_on),
            *(_ending(_because(by), by) for by in obligation.cancelled_by),
        ),
        owed_by=owed_by if owed_by.startswith(EVENT) else _pick(refs, owed_by, "unknown_contact"),
        owed_to=obligation.owed_to,
        within=within,
        otherwise=min((level.rank, within[level.name]) for level in levels if level.name in within)[1],
        warn_at=obligation.warn_at,
        ladder=obligation.ladder,
    )


def _trigger(said: str | model.Trigger) -> Trigger:
    if isinstance(said, str):
        return Trigger(said, ())
    return Trigger(said.event, tuple((name, frozenset(values)) for name, values in said.where))


def _ending(effect: str, said: str | model.Trigger) -> EndingRow:
    return (said, effect, ()) if isinstance(said, str) else (said.event, effect, said.where)


def _because(said: str | model.Cancelling) -> str:
    return model.Cancelling(event="Fact").because if isinstance(said, str) else said.because
