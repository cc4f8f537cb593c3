"""Who stands on a rung at this moment, and which level answers when the one before cannot (semantics 22, 23, 28)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from schemas.deadlines import DirectoryRead, Skipped, SkipReason
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.model.words import CONTACT, DEPUTY, OVERFLOW, STAND_IN
from services.agreements.parts import Contact, Level
from services.agreements.sight import may_see
from services.agreements.terms import Terms


class Asked(NamedTuple):
    """The level that is asked, who stands on it, and the levels passed over on the way with their reasons."""

    level: int
    contact: str
    skipped: tuple[Skipped, ...]


class Wanted(NamedTuple):
    """What decides who answers: of whom it was asked first, who was asked since, when, how urgent, and which expertise
    it takes (one of these, none asks for any)."""

    owed_by: str
    asked_before: Collection[str]
    at_ms: int
    urgency: Level
    expertise: Collection[str] = ()


def climb(
    rungs: Sequence[str], level: int, wanted: Wanted, agreement: Terms, directory: Directory = AS_SIGNED
) -> Asked:
    """The first level from `level` on that answers, in the same instant.

    A function that ended is named among the skipped, and its successor asked on the same level.
    The last one always does: hours, reach, expertise and whether it was asked before do not count there. When its party
    left it is passed over as well, and the coordination point is asked, as it is when no rule of the tree matches.
    """
    skipped: list[Skipped] = []
    last = len(rungs) - 1
    for n in range(min(level, last), last):
        found = _standing(rungs[n], wanted, agreement, directory)
        if not isinstance(found, SkipReason):
            return _asked(n, rungs[n], found, skipped)
        skipped.append(Skipped(level=n, to=rungs[n], reason=found))
    why = SkipReason.NOBODY
    for found in _contacts(rungs[last], wanted, agreement, directory):
        if found.contact.takes_part(wanted.at_ms):
            return _asked(last, rungs[last], found, skipped)
        why = SkipReason.TAKES_NO_PART
    skipped.append(Skipped(level=last, to=rungs[last], reason=why))
    _, _, point = agreement.coordination_point.partition("/")
    found = _meant(agreement.contacts[agreement.coordination_point], wanted, agreement, directory)
    return _asked(last, point, found, skipped)


def read_of(
    rungs: Sequence[str], levels: Iterable[int], wanted: Wanted, agreement: Terms, directory: Directory
) -> tuple[DirectoryRead, ...]:
    """Which facts of the directory were read to find who stands on these levels; none where nothing was told."""
    if not directory.revisions:
        return ()
    found: dict[str, int] = {}
    for level in levels:
        for named in _named(rungs[level], wanted, agreement):
            for ref in dict.fromkeys((named, directory.meant(named, wanted.at_ms))):
                if ref in directory.revisions:
                    found[ref] = directory.revisions[ref]
    return tuple(DirectoryRead(contact=ref, revision=revision) for ref, revision in found.items())


def stands(to: str, wanted: Wanted, agreement: Terms, directory: Directory = AS_SIGNED) -> str | SkipReason:
    """Who stands on a rung and can be asked, or why nobody: of several stand-ins the first that can, and when none can
    the reason of the first.

    Work that has a calendar is asked for in its hours: a contact counts as reachable when it is at the next opening,
    so a routine signal of Friday night waits with its own contact. All else must be reachable now.
    """
    found = _standing(to, wanted, agreement, directory)
    return found if isinstance(found, SkipReason) else found.contact.ref


def worked_at(urgency: Level, at_ms: int) -> int:
    """The moment at which somebody who is asked must be reachable: now, or when work of this level begins again."""
    return at_ms if urgency.calendar is None else urgency.calendar.next_open(at_ms)


class _Standing(NamedTuple):
    """Who stands on a rung, and whether in place of a function that ended."""

    contact: Contact
    is_successor: bool


def _asked(level: int, to: str, found: _Standing, skipped: list[Skipped]) -> Asked:
    if found.is_successor:
        skipped.append(Skipped(level=level, to=to, reason=SkipReason.SUCCEEDED))
    return Asked(level, found.contact.ref, tuple(skipped))


def _standing(to: str, wanted: Wanted, agreement: Terms, directory: Directory) -> _Standing | SkipReason:
    worked_at_ms = worked_at(wanted.urgency, wanted.at_ms)
    why: SkipReason | None = None
    for found in _contacts(to, wanted, agreement, directory):
        reason = _not_asked(found.contact, wanted, worked_at_ms, agreement, directory)
        if reason is None:
            return found
        why = why or reason
    return why or SkipReason.NOBODY


def _not_asked(
    contact: Contact, wanted: Wanted, worked_at_ms: int, agreement: Terms, directory: Directory
) -> SkipReason | None:
    """Why this contact is not asked now, or None when it is: first what it is, then whether it can be reached."""
    if not (contact.takes_part(wanted.at_ms) and contact.takes_part(worked_at_ms)):
        return SkipReason.TAKES_NO_PART
    if contact.ref in wanted.asked_before:
        return SkipReason.ALREADY_ASKED
    # Whoever is named on a ladder stands in for other types than its own too; what its kind or ring may see holds.
    if not may_see(contact.ref, "thin", (), wanted.at_ms, agreement).is_allowed:
        return SkipReason.MAY_NOT_SEE
    if wanted.expertise and contact.expertise.isdisjoint(wanted.expertise):
        return SkipReason.NO_EXPERTISE
    return unreached(contact, worked_at_ms, directory)


def unreached(contact: Contact, at_ms: int, directory: Directory) -> SkipReason | None:
    """Why a contact cannot be reached at a moment, or None when it can."""
    if not contact.takes_part(at_ms):
        return SkipReason.TAKES_NO_PART
    if directory.is_absent(contact.ref, at_ms):
        return SkipReason.ABSENT
    if not directory.channels(contact.ref, at_ms, contact.channels):
        return SkipReason.NO_CHANNEL
    if not directory.is_staffed(contact.ref, at_ms):
        return SkipReason.NOBODY
    if contact.hours is not None and not contact.hours.is_open(at_ms):
        return SkipReason.OUTSIDE_HOURS
    return None


#: Rungs that depend on who was asked first.
_BESIDE: Mapping[str, Callable[[Contact], Iterable[str]]] = {
    CONTACT: lambda first: (first.ref,),
    DEPUTY: lambda first: (first.deputy,) if first.deputy else (),
    STAND_IN: lambda first: first.stand_ins,
    OVERFLOW: lambda first: first.overflow,
}


def _contacts(to: str, wanted: Wanted, agreement: Terms, directory: Directory) -> list[_Standing]:
    """Who may stand on a rung, as the directory means them."""
    return [
        _meant(agreement.contacts[ref], wanted, agreement, directory) for ref in _named(to, wanted, agreement)
    ]


def _named(to: str, wanted: Wanted, agreement: Terms) -> Iterable[str]:
    """The functions a rung names; a name this version does not know (any more) is nobody."""
    beside = _BESIDE.get(to)
    if beside is None:
        named = agreement.refs.get(to)
        return () if named is None else (named,)
    first = agreement.contacts.get(wanted.owed_by)
    return () if first is None else beside(first)


def _meant(contact: Contact, wanted: Wanted, agreement: Terms, directory: Directory) -> _Standing:
    """The function itself, or its successor; a successor this version does not know is nobody's."""
    if not directory.successors:
        return _Standing(contact, False)
    ref = directory.meant(contact.ref, wanted.at_ms)
    successor = agreement.contacts.get(ref)
    if successor is None or ref == contact.ref:
        return _Standing(contact, False)
    return _Standing(successor, True)
