"""Answers told by other processes and read before what they answer: kept for a while in the case's row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TypedDict

from services.agreements.parts import DISCHARGED
from services.agreements.terms import Terms
from services.deadlines.happened import Happened
from services.deadlines.obligation import Obligation

#: A receipt runs ahead of its case's own facts by seconds; an hour is enough for a topic that was held up.
KEPT_MS = 3_600_000
KEPT_MAX = 20


class EarlyAnswer(TypedDict):
    """A fact, when it was taken in, and the names of the obligations it answers."""

    fact_id: str
    entity: str
    recorded_ms: int
    by: str | None
    names: list[str]


def kept(answers: Sequence[EarlyAnswer], happened: Happened, terms: Terms, now_ms: int) -> list[EarlyAnswer]:
    """The answers that may still be needed, with this one when it is one."""
    found = [one for one in answers if one["recorded_ms"] >= now_ms - KEPT_MS]
    names = sorted(
        {
            duty.name
            for duties in terms.duties.values()
            for duty in duties
            for (event, effect, where), same in zip_longest(duty.endings, duty.same)
            # What has to be of the same thing cannot be told before that thing is known.
            if not same and effect == DISCHARGED and event == happened.name and happened.holds(where)
        }
    )
    if names:
        found.append(
            EarlyAnswer(
                fact_id=happened.fact_id,
                entity=happened.entity,
                recorded_ms=happened.recorded_ms,
                by=happened.by,
                names=names,
            )
        )
    return found[-KEPT_MAX:]


def answer_to(one: Obligation, answers: Sequence[EarlyAnswer]) -> EarlyAnswer | None:
    """What answered an obligation before it was opened: taken in after the fact that opens it, and read before."""
    for answer in answers:
        if (
            answer["entity"] == one["entity"]
            and one["name"] in answer["names"]
            and answer["recorded_ms"] > one["started_ms"]
        ):
            return answer
    return None
