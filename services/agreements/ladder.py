"""Who stands on a rung at this moment, and which level answers when the one before cannot (semantics 22, 23, 28)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from schemas.deadlines import Skipped, SkipReason
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.model.words import CONTACT, DEPUTY, OVERFLOW, STAND_IN
from services.agreements.parts import Contact, Level
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
    expertise: frozenset[str] | None = None


def climb(
    rungs: Sequence[str], level: int, wanted: Wanted, agreement: Terms, directory: Directory = AS_SIGNED
) -> Asked:
    """The first level from `level` on that answers, in the same instant. The last one always does:
    its hours are not asked, and when nobody stands there any more the coordination point does."""
    skipped: list[Skipped] = []
    last = len(rungs) - 1
    for n in range(min(level, last), last):
        to = rungs[n]
        found = stands(to, wanted, agreement, directory)
        if not isinstance(found, SkipReason):
            return Asked(n, found, tuple(skipped))
        skipped.append(Skipped(level=n, to=to, reason=found))
    refs = _refs(rungs[last], wanted.owed_by, agreement)
    contact = agreement.contacts.get(refs[0]) if refs else None
    is_there = contact is not None and contact.takes_part(wanted.at_ms)
    return Asked(last, contact.ref if contact and is_there else agreement.coordination_point, tuple(skipped))


def stands(to: str, wanted: Wanted, agreement: Terms, directory: Directory = AS_SIGNED) -> str | SkipReason:
    """Who stands on a rung and can be reached, or why nobody; of several stand-ins the first that can.

    Work that has a calendar is asked for in its hours: a contact counts as reachable when it is at the next opening,
    so a routine signal of Friday night waits with its own contact. All else must be reachable now.
    """
    why = SkipReason.NOBODY
    for n, ref in enumerate(_refs(to, wanted.owed_by, agreement)):
        contact = agreement.contacts.get(ref)
        found = _unreachable(contact, wanted, directory) if contact is not None else SkipReason.NOBODY
        if found is None:
            return ref
        why = found if n == 0 else why
    return why


def _unreachable(contact: Contact, wanted: Wanted, directory: Directory) -> SkipReason | None:  # noqa: PLR0911
    """Why this contact does not answer now, or None when it does. One line a reason."""
    urgency, worked_at_ms = wanted.urgency, wanted.at_ms
    if urgency.calendar is not None:
        worked_at_ms = urgency.calendar.next_open(wanted.at_ms)
    if not contact.takes_part(wanted.at_ms):
        return SkipReason.TAKES_NO_PART
    if contact.ref in wanted.asked_before:
        return SkipReason.ALREADY_ASKED
    if wanted.expertise is not None and wanted.expertise.isdisjoint(contact.expertise):
        return SkipReason.NO_EXPERTISE
    if directory.is_absent(contact.ref, worked_at_ms):
        return SkipReason.ABSENT
    if not directory.channels(contact.ref, worked_at_ms, contact.channels):
        return SkipReason.NO_CHANNEL
    if not directory.is_staffed(contact.ref, worked_at_ms):
        return SkipReason.NOBODY
    if (
        contact.hours is not None
        and contact.hours is not urgency.calendar
        and not contact.hours.is_open(worked_at_ms)
    ):
        return SkipReason.OUTSIDE_HOURS
    return None


def _refs(to: str, owed_by: str, agreement: Terms) -> tuple[str, ...]:
    first = agreement.contacts.get(owed_by)
    match to:
        case _ if to == CONTACT:
            return (owed_by,)
        case _ if to == DEPUTY:
            return (first.deputy,) if first is not None and first.deputy else ()
        case _ if to == STAND_IN:
            return first.stand_ins if first is not None else ()
        case _ if to == OVERFLOW:
            return first.overflow if first is not None else ()
        case _:
            ref = agreement.refs.get(to)
            return (ref,) if ref else ()
