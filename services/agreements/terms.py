"""An agreement made ready to decide with: its names joined up, its sets and waits worked out once per version.

What cannot be worked out raises `Unusable`: an agreement is usable as a whole or not at all. Whether it is also
wise, check.py says before it is signed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from schemas.signals import TraceStep
from services.agreements import model
from services.agreements.calendars import Calendar, NeverOpen, milliseconds
from services.agreements.matching import MATCHED, MISMATCHES, RULE_ERROR, Match
from services.agreements.model.words import ALWAYS, RECEIVER_WORDS, RUNG_WORDS
from services.agreements.parts import (
    DISCHARGED,
    EVENT,
    NEXT_LEVEL,
    ROOT,
    Contact,
    Duty,
    EndingRow,
    Intake,
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
    #: Whom the words of the tree stand for: by postcode, by GP practice, by target group; and the lines of the intake.
    neighbours: Mapping[str, str]
    practices: Mapping[str, str]
    paths: Mapping[str, str]
    intake: tuple[Intake, ...]
    #: By type: of these, a function must have one to be asked at a level that runs day and night.
    acute_expertise: Mapping[str, frozenset[str]]
    sights_of_ring: Mapping[str, frozenset[str]]
    sights_of_kind: Mapping[str, frozenset[str]]
    root: Node
    ladders: Mapping[str, Mapping[str, Ladder]]
    duties: Mapping[str, tuple[Duty, ...]]

    def level(self, urgency: str) -> Level:
        """The level of this name; the most pressing one for a name this version does not know (any more)."""
        return self.levels.get(urgency) or self.most_pressing

    def expertise_for(self, urgency: Level, types: Collection[str]) -> frozenset[str] | None:
        """The expertise it takes to be asked, of which one is enough; None when any contact will do (S003-12)."""
        if not urgency.is_always:
            return None
        needed = [self.acute_expertise[one] for one in types if one in self.acute_expertise]
        return frozenset().union(*needed) if needed else None

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
        _contact(f"{party.id}/{contact.id}", contact, party, refs, calendars, zone)
        for party in agreement.parties
        for contact in party.contacts
    ]
    if len(refs) < len(contacts):
        raise Unusable("duplicate_id", "contact")
    if agreement.escalation is None:
        raise Unusable("no_escalation", "escalation")
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
        valid_from_ms=_midnight_ms(agreement.meta.valid_from, zone),
        clock=Clock(zone, calendars),
        levels=levels,
        most_pressing=min(levels.values(), key=lambda level: (level.rank, not level.is_always)),
        contacts={contact.ref: contact for contact in contacts},
        refs=refs,
        neighbours={
            postcode: _pick(refs, neighbour.entry, "unknown_contact")
            for neighbour in reversed(agreement.neighbours)
            for postcode in neighbour.postcodes
        },
        practices={
            practice: refs[contact.id]
            for party in reversed(agreement.parties)
            for contact in reversed(party.contacts)
            for practice in contact.for_practice
        },
        paths={
            group: _pick(refs, path.contact, "unknown_contact")
            for group, path in agreement.paths.items()
            if path.contact is not None
        },
        intake=tuple(
            Intake(
                _words(line.target_group),
                _words(line.types),
                _words(line.postcodes),
                _pick(refs, line.by, "unknown_contact"),
            )
            for line in agreement.intake
        ),
        acute_expertise={one: frozenset(words) for one, words in agreement.signals.acute_expertise.items()},
        sights_of_ring=_sights(agreement, "ring"),
        sights_of_kind=_sights(agreement, "kind"),
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


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return milliseconds(datetime.combine(day, time(tzinfo=zone)))


def _contact(  # noqa: PLR0913 - a contact, its party, and where its names are looked up
    ref: str,
    contact: model.Contact,
    party: model.Party,
    refs: Mapping[str, str],
    calendars: Mapping[str, Calendar],
    zone: ZoneInfo,
) -> Contact:
    def known(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(_pick(refs, name, "unknown_contact") for name in names)

    return Contact(
        ref=ref,
        channels=contact.channels,
        hours=None
        if contact.reachable == ALWAYS
        else _pick(calendars, contact.reachable, "unknown_calendar"),
        deputy=_pick(refs, contact.deputy, "unknown_contact") if contact.deputy else None,
        stand_ins=known(contact.stand_ins),
        overflow=known(contact.overflow),
        expertise=frozenset((*contact.expertise, *party.expertise)),
        types=_words(contact.types),
        party=party.id,
        kind=party.kind,
        ring=party.ring,
        from_ms=_midnight_ms(party.joins, zone) if party.joins else None,
        until_ms=_midnight_ms(party.leaves, zone) if party.leaves else None,
    )


def _sights(agreement: model.Agreement, by: Literal["ring", "kind"]) -> dict[str, frozenset[str]]:
    information = agreement.information
    access = information.access if isinstance(information, model.Information) else None
    access = access or model.Access()
    rows = {"core": access.core, "shell": access.shell} if by == "ring" else access.kinds
    return {name: frozenset(sights) for name, sights in rows.items()}


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
        if rung.to not in RUNG_WORDS:
            _pick(refs, rung.to, "unknown_contact")
        wait = _span(_pick(rung.after, level.name, "rung_without_wait"), level, calendars) if n else None
        found.append((rung.to, wait.row() if wait else None))
    if not found or found[-1][0] in RUNG_WORDS:
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
    of_kind: dict[str, set[str]] = {}
    for party in agreement.parties:
        of_kind.setdefault(party.kind, set()).add(party.id)

    def node(rule: model.Rule, receiver: str, ladder: str) -> Node:
        if rule.receiver in RECEIVER_WORDS:
            receiver = rule.receiver
        elif rule.receiver is not None:
            receiver = _pick(refs, rule.receiver, "unknown_contact")
        if rule.ladder is not None:
            ladder = rule.ladder
            _pick(ladders, ladder, "unknown_ladder")
        routes = tuple(node(route, receiver, ladder) for route in rule.routes)
        ask = _ask(rule.match, area, of_kind, calendars)
        return Node(rule.name, ask, receiver, ladder, rule.goes_on, routes, _steps(rule.name))

    routes = tuple(node(rule, receiver, routing.ladder) for rule in routing.routes)
    return Node(ROOT, Match(), receiver, routing.ladder, False, routes, _steps(ROOT))


def _steps(node: str) -> dict[str, TraceStep]:
    steps = {why: TraceStep(node=node, matched=False, because=why) for why in (*MISMATCHES, RULE_ERROR)}
    return {MATCHED: TraceStep(node=node, matched=True, because=MATCHED), **steps}


def _ask(
    match: model.Match,
    area: frozenset[str],
    of_kind: Mapping[str, Iterable[str]],
    calendars: Mapping[str, Calendar],
) -> Match:
    kinds = match.reporting_kind
    hours = match.hours or model.Window()
    return Match(
        urgency=_words(match.urgency),
        types=_words(match.types),
        every_type=_words(match.every_type),
        concern=_words(match.concern),
        every_concern=_words(match.every_concern),
        about=_words(match.about),
        reporter=_words(match.reporter),
        reporting=frozenset(party for kind in kinds for party in of_kind.get(kind, ())) if kinds else None,
        postcodes=_words(match.postcode),
        inside_area=area if match.area == "inside" else None,
        outside_area=area if match.area == "outside" else None,
        has_contact=match.case == "has_contact",
        has_coordinator=match.case == "has_coordinator",
        practice=_words(match.practice),
        target_group=_words(match.target_group),
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
