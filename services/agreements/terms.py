"""An agreement made ready to decide with: its names joined up, its sets and waits worked out once per version.

What cannot be worked out raises `Unusable`: an agreement is usable as a whole or not at all. Whether it is also
wise, check.py says before it is signed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from services.agreements import model
from services.agreements.calendars import Calendar, NeverOpen
from services.agreements.days import begins_ms
from services.agreements.joined import Unusable, asked, gathered, pick
from services.agreements.model.words import ALWAYS
from services.agreements.parts import Contact, Duty, Intake, Ladder, Level, Node
from services.agreements.programme import duty, ladder
from services.agreements.times import Clock
from services.agreements.tree import root

__all__ = ["Terms", "Unusable", "terms"]

#: The concern that is about others than the client.
NUISANCE = "nuisance"
#: Which of the timers that are due together go first: lower goes first.
RANK_OF_PRIORITY: Mapping[str, int] = {"stat": 0, "asap": 1, "urgent": 2, "routine": 5}


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
    #: Whom the words of the tree stand for, in the order of the file: by postcode, by GP practice, by target group; and
    #: the lines of the intake. The first that takes part at the moment is meant.
    neighbours: Mapping[str, tuple[str, ...]]
    practices: Mapping[str, tuple[str, ...]]
    paths: Mapping[str, tuple[str, ...]]
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

    def expertise_for(self, urgency: Level, types: Collection[str]) -> frozenset[str]:
        """The expertise it takes to be asked, of which one is enough; empty when anybody will do (S003-12)."""
        if not urgency.is_always:
            return frozenset()
        return frozenset().union(*(self.acute_expertise.get(one, ()) for one in types))

    def takes_part(self, party: str, at_ms: int) -> bool:
        """Whether a party is in the partnership at a moment, with a function to be reached by."""
        return any(one.party == party and one.takes_part(at_ms) for one in self.contacts.values())

    def contact_of(self, party: str, at_ms: int) -> str | None:
        """Where a party is written to: the function that takes its signals, else its first that takes part."""
        one = next((found for found in self.agreement.parties if found.id == party), None)
        if one is None:
            return None
        named = (f"{party}/{name}" for name in (one.signal_contact, *(each.id for each in one.contacts)))
        return next(
            (ref for ref in named if ref in self.contacts and self.contacts[ref].takes_part(at_ms)), None
        )

    def goes_back(self, concern: Collection[str], urgency: str) -> bool:
        """Whether a report goes back because it is about nuisance alone: care comes first (S000-55). What cannot wait
        is never sent back."""
        is_alone = set(concern) == {NUISANCE} and not self.level(urgency).is_always
        return is_alone and self.agreement.signals.nuisance_only == "refuse"

    @property
    def presumed_for(self) -> frozenset[str]:
        """What consent is presumed for until the client says otherwise (S000-57, S000-63)."""
        information = self.agreement.information
        consent = information.consent if isinstance(information, model.Information) else None
        return frozenset(consent.presumed_for if isinstance(consent, model.Consent) else ())

    @property
    def identifiers(self) -> frozenset[str]:
        """The public numbers by which a report may name its client; none unless the partners agreed to it (S000-13)."""
        information = self.agreement.information
        return frozenset(information.identifiers if isinstance(information, model.Information) else ())

    @property
    def purposes(self) -> frozenset[str]:
        """What an exchange may be for (S000-55); nothing where the partners named none."""
        information = self.agreement.information
        return frozenset(information.purposes if isinstance(information, model.Information) else ())

    @property
    def grounds_of_several(self) -> frozenset[str]:
        """The grounds without consent, on which several decide together (S000-10, S000-12)."""
        information = self.agreement.information
        alone = information.without_consent if isinstance(information, model.Information) else None
        return frozenset(alone.grounds if isinstance(alone, model.WithoutConsent) else ())

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
        name: {level.name: ladder(name, rungs, level, refs, calendars) for level in levels.values()}
        for name, rungs in agreement.escalation.operational.items()
    }
    duties: dict[str, list[Duty]] = {}
    for obligation in agreement.obligations:
        found = duty(obligation, refs, ladders, tuple(levels.values()), calendars)
        duties.setdefault(found.opened_by.event, []).append(found)
    return Terms(
        agreement=agreement,
        partnership=agreement.meta.partnership,
        version=agreement.meta.version,
        valid_from_ms=begins_ms(agreement.meta.valid_from, zone),
        clock=Clock(zone, calendars),
        levels=levels,
        most_pressing=min(levels.values(), key=lambda level: (level.rank, not level.is_always)),
        contacts={contact.ref: contact for contact in contacts},
        refs=refs,
        neighbours=gathered(
            (postcode, pick(refs, neighbour.entry, "unknown_contact"))
            for neighbour in agreement.neighbours
            for postcode in neighbour.postcodes
        ),
        practices=gathered(
            (practice, refs[contact.id])
            for party in agreement.parties
            for contact in party.contacts
            for practice in contact.for_practice
        ),
        paths=gathered(
            (group, pick(refs, path.contact, "unknown_contact"))
            for group, path in agreement.paths.items()
            if path.contact is not None
        ),
        intake=tuple(
            Intake(
                asked(line.target_group),
                asked(line.types),
                asked(line.postcodes),
                pick(refs, line.by, "unknown_contact"),
            )
            for line in agreement.intake
        ),
        acute_expertise={one: frozenset(words) for one, words in agreement.signals.acute_expertise.items()},
        sights_of_ring=_sights(agreement, "ring"),
        sights_of_kind=_sights(agreement, "kind"),
        root=root(agreement, refs, ladders, calendars),
        ladders=ladders,
        duties={event: tuple(those) for event, those in duties.items()},
    )


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
    calendar = pick(calendars, level.calendar, "unknown_calendar") if level.calendar else None
    return Level(name, level.fhir, RANK_OF_PRIORITY[level.fhir], level.always, calendar)


def _contact(  # noqa: PLR0913 - a contact, its party, and where its names are looked up
    ref: str,
    contact: model.Contact,
    party: model.Party,
    refs: Mapping[str, str],
    calendars: Mapping[str, Calendar],
    zone: ZoneInfo,
) -> Contact:
    def known(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(pick(refs, name, "unknown_contact") for name in names)

    return Contact(
        ref=ref,
        channels=contact.channels,
        hours=None if contact.reachable == ALWAYS else pick(calendars, contact.reachable, "unknown_calendar"),
        deputy=pick(refs, contact.deputy, "unknown_contact") if contact.deputy else None,
        stand_ins=known(contact.stand_ins),
        overflow=known(contact.overflow),
        expertise=frozenset((*contact.expertise, *party.expertise)),
        types=asked(contact.types),
        party=party.id,
        kind=party.kind,
        ring=party.ring,
        is_group=contact.kind == "group",
        is_shared_number=contact.kind == "shared_number",
        parties=tuple(dict.fromkeys((party.id, *contact.staffed_by))),
        from_ms=begins_ms(party.joins, zone) if party.joins else None,
        until_ms=begins_ms(party.leaves, zone) if party.leaves else None,
    )


def _sights(agreement: model.Agreement, by: Literal["ring", "kind"]) -> dict[str, frozenset[str]]:
    information = agreement.information
    access = information.access if isinstance(information, model.Information) else None
    access = access or model.Access()
    rows = {"core": access.core, "shell": access.shell} if by == "ring" else access.kinds
    return {name: frozenset(sights) for name, sights in rows.items()}
