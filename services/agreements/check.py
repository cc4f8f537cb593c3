"""What must be right before an agreement is signed: findings as values, each with its place and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from schemas.base import Said
from schemas.registry import TYPES
from services.agreements import model
from services.agreements.fields import Scalar
from services.agreements.findings import Finding, Found, Path, found
from services.agreements.load import Draft
from services.agreements.model.words import ALWAYS, CASE_CONTACT, RECEIVER_WORDS, RUNG_WORDS
from services.agreements.parts import EVENT, ROOT
from services.agreements.terms import Unusable, terms
from services.agreements.times import WORKING, Span

#: Every fact there is, by its name: an obligation may be opened and ended by no other.
FACTS: Mapping[str, type[Said]] = {said.__name__: said for said in TYPES.values() if said.kind == "fact"}
COORDINATION_POINT = "coordination_point"
LADDER_OF_EVENT = f"{EVENT}ladder"

#: Path, code and the sentence in English.
Rule = tuple[Path, str, str]


def check(draft: Draft) -> tuple[Finding, ...]:
    """Everything wrong with an agreement, in the order of its lines."""
    agreement = draft.agreement
    if agreement is None:
        return draft.findings
    names = _Names(
        agreement,
        frozenset(contact.id for party in agreement.parties for contact in party.contacts),
        frozenset(agreement.calendars),
        frozenset(agreement.urgency.levels),
        frozenset(agreement.escalation.operational if agreement.escalation else ()),
    )
    rules = (_ids, _calendars, _levels, _contacts, _root, _rules, _ladders, _obligations)
    findings = [draft.placed(_found(*broken)) for rule in rules for broken in rule(names)]
    if not findings:
        # What cannot be decided with is a finding, whether or not a rule above knows why.
        try:
            terms(agreement)
        except Unusable as error:
            findings.append(
                draft.placed(_found((), error.code, f"`{error.what}` cannot be used as it stands"))
            )
    return tuple(sorted(findings))


def _found(path: Path, code: str, message: str) -> Found:
    return found(path, code, message=message)


class _Names(NamedTuple):
    agreement: model.Agreement
    contacts: frozenset[str]
    calendars: frozenset[str]
    levels: frozenset[str]
    ladders: frozenset[str]

    def always(self) -> Iterator[str]:
        return (name for name, level in self.agreement.urgency.levels.items() if level.always)


def _unknown(path: Path, kind: str, name: str, known: Iterable[str]) -> Iterator[Rule]:
    if name not in known:
        yield path, f"unknown_{kind}", f"there is no {kind} `{name}` in this agreement"


def _ids(names: _Names) -> Iterator[Rule]:
    agreement = names.agreement
    parties: list[tuple[Path, str]] = []
    contacts: list[tuple[Path, str]] = []
    for n, party in enumerate(agreement.parties):
        parties.append((("parties", n, "id"), party.id))
        contacts += [
            (("parties", n, "contacts", m, "id"), contact.id) for m, contact in enumerate(party.contacts)
        ]
    rules = [((*path, "name"), rule.name) for path, rule in _walk(agreement)]
    obligations = [(("obligations", n, "name"), o.name) for n, o in enumerate(agreement.obligations)]
    for group, taken in (
        (parties, ()),
        (contacts, tuple(RUNG_WORDS)),
        (rules, (ROOT,)),
        (obligations, ()),
    ):
        seen: set[str] = set(taken)
        for path, name in group:
            if name in seen:
                yield path, "duplicate_id", f"`{name}` is taken; give each its own name"
            seen.add(name)


def _walk(agreement: model.Agreement) -> Iterator[tuple[Path, model.Rule]]:
    def walk(rules: tuple[model.Rule, ...], path: Path) -> Iterator[tuple[Path, model.Rule]]:
        for n, rule in enumerate(rules):
            yield (*path, n), rule
            yield from walk(rule.routes, (*path, n, "routes"))

    return walk(agreement.routing.routes, ("routing", "routes"))


def _calendars(names: _Names) -> Iterator[Rule]:
    for name, hours in names.agreement.calendars.items():
        if name == ALWAYS:
            yield (
                ("calendars", name),
                "duplicate_id",
                f"`{name}` has a meaning of its own; name the calendar otherwise",
            )
        if not any(hours.week):
            yield (
                ("calendars", name),
                "calendar_without_hours",
                f"`{name}` is never open; give its week some hours",
            )
        days = [holiday.date for holiday in hours.holidays]
        for n, day in enumerate(days):
            if day in days[:n]:
                yield ("calendars", name, "holidays", n), "duplicate_id", f"{day} is listed twice"


def _levels(names: _Names) -> Iterator[Rule]:
    levels = names.agreement.urgency.levels
    if not any(level.always for level in levels.values()):
        message = "no level runs day and night; mark the acute one with `always: true`"
        yield ("urgency", "levels"), "no_level_always", message
    for name, level in levels.items():
        path: Path = ("urgency", "levels", name)
        if level.calendar:
            yield from _unknown((*path, "calendar"), "calendar", level.calendar, names.calendars)
        if level.always and level.calendar:
            yield (
                (*path, "calendar"),
                "always_by_calendar",
                f"`{name}` runs day and night; remove its calendar",
            )


def _contacts(names: _Names) -> Iterator[Rule]:
    for n, party in enumerate(names.agreement.parties):
        for m, contact in enumerate(party.contacts):
            path: Path = ("parties", n, "contacts", m)
            if contact.reachable != ALWAYS:
                yield from _unknown((*path, "reachable"), "calendar", contact.reachable, names.calendars)
            if not contact.channels:
                message = f"`{contact.id}` cannot be reached at all; name a channel"
                yield (*path, "channels"), "contact_without_channel", message
            if contact.deputy == contact.id:
                yield (*path, "deputy"), "deputy_of_itself", f"`{contact.id}` cannot stand in for itself"
            elif contact.deputy:
                yield from _unknown((*path, "deputy"), "contact", contact.deputy, names.contacts)
    yield from _unknown(("signals", "entry"), "contact", names.agreement.signals.entry, names.contacts)


def _root(names: _Names) -> Iterator[Rule]:
    routing, path = names.agreement.routing, ("routing",)
    if routing.receiver is None:
        message = "the routing names no `receiver`: whoever is asked when no rule matches"
        yield path, "root_without_receiver", message
    else:
        yield from _unknown((*path, "receiver"), "contact", routing.receiver, names.contacts)
        kinds = {c.id: party.kind for party in names.agreement.parties for c in party.contacts}
        if kinds.get(routing.receiver, COORDINATION_POINT) != COORDINATION_POINT:
            message = (
                f"what no rule matches goes to a coordination point; `{routing.receiver}` belongs to none"
            )
            yield (*path, "receiver"), "root_not_coordination_point", message
    if routing.ladder is None:
        yield path, "root_without_ladder", "the routing names no `ladder` for what no rule matches"
    else:
        yield from _unknown((*path, "ladder"), "ladder", routing.ladder, names.ladders)


def _rules(names: _Names) -> Iterator[Rule]:
    for path, rule in _walk(names.agreement):
        if rule.receiver is not None and rule.receiver not in RECEIVER_WORDS:
            yield from _unknown((*path, "receiver"), "contact", rule.receiver, names.contacts)
        if rule.receiver == CASE_CONTACT and rule.match.case is None:
            message = "only a rule that matches `case: has_contact` can send to the case's own contact"
            yield (*path, "receiver"), "case_contact_unasked", message
        if rule.ladder is not None:
            yield from _unknown((*path, "ladder"), "ladder", rule.ladder, names.ladders)
        for n, level in enumerate(rule.match.urgency):
            yield from _unknown((*path, "match", "urgency", n), "urgency", level, names.levels)
        if rule.match.hours is not None:
            window = rule.match.hours
            if (window.inside is None) == (window.outside is None):
                message = "name one calendar: `inside` its hours or `outside` them"
                yield (*path, "match", "hours"), "wrong_window", message
            for side, calendar in (("inside", window.inside), ("outside", window.outside)):
                if calendar is not None:
                    yield from _unknown(
                        (*path, "match", "hours", side), "calendar", calendar, names.calendars
                    )


def _ladders(names: _Names) -> Iterator[Rule]:
    escalation = names.agreement.escalation
    if escalation is None:
        yield (), "no_escalation", "agree beforehand who is next: add `escalation`"
        return
    for name, rungs in escalation.operational.items():
        path: Path = ("escalation", "operational", name)
        if not rungs:
            yield path, "ladder_hole", f"`{name}` has no rungs"
            continue
        for n, rung in enumerate(rungs):
            at: Path = (*path, n)
            if rung.to not in RUNG_WORDS:
                yield from _unknown((*at, "to"), "contact", rung.to, names.contacts)
            for level in sorted(names.levels - set(rung.after)) if n else ():
                message = f"nothing says how long `{level}` waits before this level; add it to `after`"
                yield at, "ladder_hole", message
            yield from _waits(names, (*at, "after"), rung.after)
            yield from _waits(names, (*at, "repeat_every"), rung.repeat_every)
        if rungs[-1].to in RUNG_WORDS:
            message = f"the last level of `{name}` must be somebody who is always there; name a contact"
            yield (*path, len(rungs) - 1, "to"), "ladder_hole", message
        elif len(rungs) == 1:
            for level in sorted(names.levels - set(rungs[0].repeat_every)):
                message = f"nothing says how often `{level}` is asked again; add it to `repeat_every`"
                yield (*path, 0), "ladder_hole", message


def _waits(names: _Names, path: Path, waits: Mapping[str, Span]) -> Iterator[Rule]:
    always = set(names.always())
    for level, span in waits.items():
        yield from _unknown((*path, level), "urgency", level, names.levels)
        if level in always and span.counting in WORKING:
            message = f"`{level}` runs day and night; give it minutes or hours as PT15M"
            yield (*path, level), "always_by_calendar", message
        elif span.calendar is not None:
            yield from _unknown((*path, level), "calendar", span.calendar, names.calendars)


def _obligations(names: _Names) -> Iterator[Rule]:
    for n, duty in enumerate(names.agreement.obligations):
        path: Path = ("obligations", n)
        yield from _trigger((*path, "opened_by"), duty.opened_by)
        for key, triggers in (
            ("discharged_by", duty.discharged_by),
            ("next_level_on", duty.next_level_on),
            ("cancelled_by", duty.cancelled_by),
        ):
            for m, trigger in enumerate(triggers):
                yield from _trigger((*path, key, m), trigger)
        opener = FACTS.get(_event(duty.opened_by))
        if opener is not None and opener.__name__ == "ObligationOpened":
            yield (
                (*path, "opened_by"),
                "opens_itself",
                "an obligation opened by any obligation would never end",
            )
        for key, value in (("owed_by", duty.owed_by), ("ladder", duty.ladder)):
            if value.startswith(EVENT) and opener is not None:
                yield from _field((*path, key), opener, value.removeprefix(EVENT))
        if not duty.owed_by.startswith(EVENT):
            yield from _unknown((*path, "owed_by"), "contact", duty.owed_by, names.contacts)
        if duty.ladder != LADDER_OF_EVENT:
            yield from _unknown((*path, "ladder"), "ladder", duty.ladder, names.ladders)
        asked = _urgencies(duty.opened_by)
        for level in sorted(names.levels - set(duty.within)):
            if asked is None or level in asked:
                message = f"nothing says within what time `{level}` is answered; add it to `within`"
                yield (*path, "within"), "urgency_without_time", message
        yield from _waits(names, (*path, "within"), duty.within)
        if list(duty.warn_at) != sorted(set(duty.warn_at)) or not all(0 < p < 100 for p in duty.warn_at):
            message = "warnings are percentages between 1 and 99, each later than the one before"
            yield (*path, "warn_at"), "warnings_out_of_order", message


def _event(trigger: str | model.Trigger) -> str:
    return trigger if isinstance(trigger, str) else trigger.event


def _urgencies(trigger: str | model.Trigger) -> tuple[Scalar, ...] | None:
    return None if isinstance(trigger, str) else dict(trigger.where).get("urgency")


def _trigger(path: Path, trigger: str | model.Trigger) -> Iterator[Rule]:
    fact = FACTS.get(_event(trigger))
    if fact is None:
        yield path, "unknown_fact", f"there is no fact `{_event(trigger)}`; nothing would ever come of it"
    elif not isinstance(trigger, str):
        for field, _ in trigger.where:
            yield from _field((*path, "where", field), fact, field)


def _field(path: Path, fact: type[Said], field: str) -> Iterator[Rule]:
    if field not in fact.model_fields:
        yield path, "unknown_field", f"the fact {fact.__name__} has no field `{field}`"
