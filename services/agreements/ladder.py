"""Who stands on a rung at this moment, and which level answers when the one before cannot (semantics 22, 23, 28)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from schemas.deadlines import Skipped, SkipReason
from services.agreements.model import CONTACT, DEPUTY
from services.agreements.parts import Level
from services.agreements.terms import Terms


class Asked(NamedTuple):
    """The level that is asked, who stands on it, and the levels passed over on the way with their reasons."""

    level: int
    contact: str
    skipped: tuple[Skipped, ...]


def climb(  # noqa: PLR0913 - the ladder, where on it, and what decides who answers
    rungs: Sequence[str],
    level: int,
    owed_by: str,
    asked_before: Collection[str],
    at_ms: int,
    urgency: Level,
    agreement: Terms,
) -> Asked:
    """The first level from `level` on that answers, in the same instant. The last one always does:
    its hours are not asked, and when nobody stands there any more the coordination point does."""
    skipped: list[Skipped] = []
    last = len(rungs) - 1
    for n in range(min(level, last), last):
        to = rungs[n]
        found = stands(to, owed_by, asked_before, at_ms, urgency, agreement)
        if not isinstance(found, SkipReason):
            return Asked(n, found, tuple(skipped))
        skipped.append(Skipped(level=n, to=to, reason=found))
    ref = _ref(rungs[last], owed_by, agreement)
    contact = ref if ref in agreement.contacts else agreement.coordination_point
    return Asked(last, contact or agreement.coordination_point, tuple(skipped))


def stands(  # noqa: PLR0913 - as climb()
    to: str,
    owed_by: str,
    asked_before: Collection[str],
    at_ms: int,
    urgency: Level,
    agreement: Terms,
) -> str | SkipReason:
    """Who stands on a rung and can be reached, or why nobody.

    Work that has a calendar is asked for in its hours: a contact counts as reachable when it is at the next opening,
    so a routine signal of Friday night waits with its own contact. All else must be reachable now.
    """
    ref = _ref(to, owed_by, agreement)
    contact = agreement.contacts.get(ref) if ref else None
    if contact is None:
        return SkipReason.NOBODY
    if contact.ref in asked_before:
        return SkipReason.ALREADY_ASKED
    if not contact.has_channel:
        return SkipReason.NO_CHANNEL
    if contact.hours is not None and contact.hours is not urgency.calendar:
        worked_at_ms = urgency.calendar.next_open(at_ms) if urgency.calendar is not None else at_ms
        if not contact.hours.is_open(worked_at_ms):
            return SkipReason.OUTSIDE_HOURS
    return contact.ref


def _ref(to: str, owed_by: str, agreement: Terms) -> str | None:
    if to == CONTACT:
        return owed_by
    if to == DEPUTY:
        contact = agreement.contacts.get(owed_by)
        return contact.deputy if contact is not None else None
    return agreement.refs.get(to)
