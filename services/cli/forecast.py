"""Who is asked next for what is owed, and when: by the agreement it was opened under and the directory of now. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from schemas.deadlines import Skipped
from services.agreements.book import AgreementBook
from services.agreements.directory import Directory
from services.agreements.ladder import Wanted, climb
from services.agreements.parts import Ladder
from services.agreements.terms import Terms
from services.agreements.times import Pause, Span, after
from services.cli.owed import Owed


class Books(NamedTuple):
    """The agreements that are published, and who is away, on duty and reached how."""

    agreements: AgreementBook
    directory: Directory


class Next(NamedTuple):
    """The next asking, when no answer comes: the level, who stands there then, and who is passed over on the way."""

    at_ms: int
    level: int
    contact: str
    skipped: tuple[Skipped, ...]


def next_asking(one: Owed, expertise: Collection[str], books: Books) -> Next | None:
    """As the watchman would ask; None where the agreement it was opened under is not to be had."""
    if one.opened is None or one.asked_ms is None:
        return None
    frozen = books.agreements.version(one.partnership, one.opened.agreement_version)
    ladder = None if frozen is None else frozen.ladders.get(one.opened.ladder, {}).get(one.urgency)
    if frozen is None or ladder is None:
        return None
    at_ms = one.next_ms if one.next_ms is not None else _next_ms(one, ladder, frozen)
    terms = books.agreements.in_force(one.partnership, at_ms) or frozen
    owed_by = one.owed_by or one.asked[0]
    wanted = Wanted(owed_by, one.asked, at_ms, terms.level(one.urgency), tuple(expertise))
    found = climb([to for to, _ in ladder.rungs], one.level + 1, wanted, terms, books.directory)
    return Next(at_ms, found.level, found.contact, found.skipped)


def _next_ms(one: Owed, ladder: Ladder, frozen: Terms) -> int:
    """From when the present level was asked; whoever took it is left to it until the deadline, where that is agreed."""
    assert one.asked_ms is not None
    if len(one.asked) == 1 and _begins_when_due(one.name, frozen):
        return one.due_ms
    is_last = one.level >= len(ladder.rungs) - 1
    wait = ladder.repeat if is_last else ladder.rungs[one.level + 1][1] or ladder.repeat
    pauses = () if frozen.level(one.urgency).is_always else tuple(Pause(*pause) for pause in one.pauses)
    return after(Span(*wait), one.asked_ms, frozen.clock, pauses)


def _begins_when_due(name: str, terms: Terms) -> bool:
    return any(
        duty.begins_when_due for duties in terms.duties.values() for duty in duties if duty.name == name
    )
