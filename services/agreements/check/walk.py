"""An agreement followed through the coming fortnight: every moment at which somebody comes or goes, and who stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemas.deadlines import SkipReason
from services.agreements import sight
from services.agreements.calendars import Calendar
from services.agreements.check.given import Given
from services.agreements.ladder import Wanted, stands
from services.agreements.model import Sight
from services.agreements.model.words import (
    INTAKE_CONTACT,
    NEIGHBOUR_ENTRY,
    PATH_CONTACT,
    PRACTICE_CONTACT,
    RECEIVER_WORDS,
    RUNG_WORDS,
)
from services.agreements.moments import moment
from services.agreements.parts import EVENT, Contact, Level, Node
from services.agreements.terms import Terms

#: How far ahead a hole is looked for (semantics 29).
AHEAD_DAYS = 14
_DAY_MS = 86_400_000


class Walk:
    """Between two of its moments nothing changes, so that looking at each of them is looking at all of them."""

    def __init__(self, given: Given, terms: Terms) -> None:
        self.given, self.terms = given, terms
        self.moments = _moments(given, terms)
        self._known: dict[tuple[str, str, int, tuple[str, ...], int], SkipReason | None] = {}

    def stands(
        self, to: str, receiver: str, level: Level, at_ms: int, expertise: tuple[str, ...] = ()
    ) -> SkipReason | None:
        """Why nobody can be asked on a rung, or None when somebody can; each is looked up once."""
        key = (to, receiver if to in RUNG_WORDS else "", id(level.calendar), expertise, at_ms)
        if key not in self._known:
            wanted = Wanted(receiver, (), at_ms, level, frozenset(expertise))
            there = stands(to, wanted, self.terms, self.given.directory)
            self._known[key] = there if isinstance(there, SkipReason) else None
        return self._known[key]

    def may_see(self, ref: str, what: Sight, types: tuple[str, ...] = ()) -> sight.MaySee:
        """Whether a contact may see this much, now."""
        return sight.may_see(ref, what, types, self.given.at_ms, self.terms)

    def shown(self, at_ms: int) -> str:
        """A moment in the clock time of the partnership."""
        return f"{moment(at_ms).astimezone(self.terms.clock.zone):%Y-%m-%d %H:%M}"


def receivers_by_ladder(given: Given, terms: Terms) -> dict[str, set[str]]:
    """Everybody a signal or a duty may begin with, as `party/contact`, by the ladder it then goes by."""
    by_ladder: dict[str, set[str]] = {}

    def add(node: Node) -> None:
        by_ladder.setdefault(node.ladder, set()).update(meant(node.receiver, given, terms.refs))
        for group, ladder in node.path_ladders.items():
            by_ladder.setdefault(ladder, set()).update(terms.paths.get(group, ()))
        for route in node.routes:
            add(route)

    add(terms.root)
    everybody = frozenset().union(*by_ladder.values())
    for duty in given.agreement.obligations:
        # A fact that names both names who was asked by that ladder: the tree has said so already.
        if duty.ladder.startswith(EVENT) and duty.owed_by.startswith(EVENT):
            continue
        owed_by = everybody if duty.owed_by.startswith(EVENT) else {terms.refs[duty.owed_by]}
        for ladder in list(by_ladder) if duty.ladder.startswith(EVENT) else [duty.ladder]:
            by_ladder.setdefault(ladder, set()).update(owed_by)
    return by_ladder


def meant(receiver: str, given: Given, refs: Mapping[str, str]) -> set[str]:
    """Whom a receiver may stand for, as `party/contact`; whom only a case can name, nobody knows beforehand."""
    agreement = given.agreement
    if receiver not in RECEIVER_WORDS:
        return {refs.get(receiver, receiver)}
    names: Mapping[str, set[str]] = {
        NEIGHBOUR_ENTRY: {neighbour.entry for neighbour in agreement.neighbours},
        PRACTICE_CONTACT: {contact.id for contact in given.contacts.values() if contact.for_practice},
        INTAKE_CONTACT: {line.by for line in agreement.intake},
        PATH_CONTACT: {path.contact for path in agreement.paths.values() if path.contact},
    }
    return {refs[name] for name in names.get(receiver, ())}


def _moments(given: Given, terms: Terms) -> list[int]:
    """Every moment of the coming fortnight at which somebody comes or goes, and now."""
    start_ms, end_ms = given.at_ms, given.at_ms + AHEAD_DAYS * _DAY_MS
    found_at = {start_ms}
    calendars: dict[int, Calendar] = {}
    for contact in terms.contacts.values():
        if contact.hours is not None:
            calendars[id(contact.hours)] = contact.hours
        found_at.update(_edges(contact, given))
    for level in terms.levels.values():
        if level.calendar is not None:
            calendars[id(level.calendar)] = level.calendar
    for calendar in calendars.values():
        for shift in calendar.open_between(start_ms, end_ms):
            found_at.update(shift)
    return sorted(at_ms for at_ms in found_at if start_ms <= at_ms < end_ms)


def _edges(contact: Contact, given: Given) -> Iterator[int]:
    directory = given.directory
    windows = [*directory.absences.get(contact.ref, ()), *directory.rotas.get(contact.ref, ())]
    windows += [reach.window for reach in directory.reach.get(contact.ref, ())]
    for edge in (contact.from_ms, contact.until_ms, *(edge for window in windows for edge in window)):
        if edge is not None:
            yield edge
