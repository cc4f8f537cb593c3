"""Who would be asked when, from the first to the last, when nobody answers: the whole ladder, climbed beforehand."""

from __future__ import annotations

from typing import NamedTuple

from schemas.deadlines import Skipped
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.ladder import Wanted, climb
from services.agreements.parts import Ladder
from services.agreements.terms import Terms
from services.agreements.times import Span, after


class Stand(NamedTuple):
    """A level that is asked: who stands there, when, and the levels passed over on the way."""

    level: int
    contact: str
    at_ms: int
    skipped: tuple[Skipped, ...]


class Foreseen(NamedTuple):
    """The ladder as it would go, and when the last level is asked for the second time."""

    stands: tuple[Stand, ...]
    again_ms: int


def foresee(
    ladder: Ladder,
    first: Wanted,
    agreement: Terms,
    directory: Directory = AS_SIGNED,
    begins_ms: int | None = None,
) -> Foreseen:
    """Climbs as the watchman does: each level has its wait from the moment the level before it was asked.

    `begins_ms`: when the second level is asked, of an obligation whose ladder begins when it is due.
    """
    rungs = [to for to, _ in ladder.rungs]
    stands: list[Stand] = []
    wanted, level = first, 0
    while True:
        found = climb(rungs, level, wanted, agreement, directory)
        stands.append(Stand(found.level, found.contact, wanted.at_ms, found.skipped))
        level = found.level + 1
        wait = ladder.rungs[level][1] if level < len(rungs) else ladder.repeat
        next_ms = after(Span(*wait), wanted.at_ms, agreement.clock) if wait else wanted.at_ms
        if begins_ms is not None and len(stands) == 1:
            next_ms = begins_ms
        if level == len(rungs):
            return Foreseen(tuple(stands), next_ms)
        wanted = wanted._replace(asked_before=(*wanted.asked_before, found.contact), at_ms=next_ms)
