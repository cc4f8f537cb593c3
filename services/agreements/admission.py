"""May this version be published beside those that are: it may, it is there already, or it may not and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal, NamedTuple

from schemas.agreements import AgreementPublished
from services.agreements.book import AgreementBook
from services.agreements.moments import moment
from services.agreements.terms import Terms

#: How long before it holds a next version is published: every worker has it by then, and none decides by another.
LEAD_MS = 60_000

Reason = Literal[
    "another_text", "another_template", "number_unreadable", "number_not_higher", "lead_too_short"
]


class Refused(NamedTuple):
    """Why it may not, with what its sentence names: the highest number there is, the first day it could begin."""

    reason: Reason
    highest: int
    first_day: date


class Admission(NamedTuple):
    """`new` is to be written; `kept` was published before, as it is."""

    did: Literal["new", "kept", "refused"]
    refused: Refused | None = None


def admit(
    fact: AgreementPublished,
    found: Terms,
    taken: Mapping[int, AgreementPublished | None],
    book: AgreementBook,
    now_ms: int,
) -> Admission:
    """Judges a version by all that is published of its partnership: `taken` by number, None for what cannot be read.

    Whatever was decided by the agreement in force until now stays decided: a next version begins ahead of the clock.
    A partnership in which nothing is in force may begin in the past, for nothing was decided by it.
    """
    highest = max(taken, default=0)
    refused = Refused("another_text", highest, first_day(found, now_ms))
    if found.version in taken:
        before = taken[found.version]
        if before is None:
            return Admission("refused", refused._replace(reason="number_unreadable"))
        if before.text != fact.text:
            return Admission("refused", refused)
        is_same = before.template_text == fact.template_text
        return (
            Admission("kept")
            if is_same
            else Admission("refused", refused._replace(reason="another_template"))
        )
    if found.version < highest:
        return Admission("refused", refused._replace(reason="number_not_higher"))
    known_by_ms = now_ms + LEAD_MS
    if found.valid_from_ms < known_by_ms and book.in_force(found.partnership, known_by_ms) is not None:
        return Admission("refused", refused._replace(reason="lead_too_short"))
    return Admission("new")


def first_day(found: Terms, now_ms: int) -> date:
    """The first day, in the partnership's zone, whose midnight leaves the lead."""
    return moment(now_ms + LEAD_MS - 1).astimezone(found.clock.zone).date() + timedelta(days=1)


def neighbours(found: Terms, book: AgreementBook, now_ms: int) -> list[Terms]:
    """The versions of other partnerships that hold from when this one begins, or from now on when it has begun."""
    from_ms = max(found.valid_from_ms, now_ms)
    beside: list[Terms] = []
    for name in book.partnerships():
        if name != found.partnership:
            held = book.in_force(name, from_ms)
            beside += [] if held is None else [held]
            beside += [known for known in book.reigns(name) if known.valid_from_ms > from_ms]
    return beside
