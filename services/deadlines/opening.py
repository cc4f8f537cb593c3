"""An obligation at its beginning: what is frozen into it, and who is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from schemas.deadlines import Inputs, ObligationOpened, Paused, Skipped
from services.agreements import times
from services.agreements.due import due
from services.agreements.ladder import Wanted, climb
from services.agreements.moments import moment
from services.agreements.owing import ladder_of, owed_by
from services.agreements.parts import Duty
from services.agreements.terms import Terms
from services.agreements.times import Clock, Span
from services.deadlines.happened import Happened
from services.deadlines.obligation import Obligation


class Opening(NamedTuple):
    """The obligation, the fact that tells of it, and the levels that could not be reached."""

    obligation: Obligation
    fact: ObligationOpened
    skipped: Sequence[Skipped]


def open_obligation(duty: Duty, happened: Happened, terms: Terms, now_ms: int, obligation_id: str) -> Opening:
    """The deadline counts from when the opening fact was taken in, the ladder from when somebody is asked: now."""
    level = terms.level(happened.urgency)
    deadline = due(duty, happened.urgency, happened.recorded_ms, (), terms)
    span = deadline.inputs.span
    ladder_name = ladder_of(duty, happened.field, terms)
    ladder = terms.ladders[ladder_name][level.name]
    owner = owed_by(duty, happened.field, terms)
    expertise = happened.words("expertise")
    asked = climb([to for to, _ in ladder.rungs], 0, Wanted(owner, (), now_ms, level, expertise), terms)
    one: Obligation = {
        "id": obligation_id,
        "name": duty.name,
        "entity": happened.entity,
        "partnership": happened.partnership,
        "agreement_version": terms.version,
        "urgency": level.name,
        "priority": level.priority,
        "rank": level.rank,
        "owed_by": owner,
        "started_ms": happened.recorded_ms,
        "span": span.row(),
        "due_ms": deadline.due_ms,
        "breached_ms": None,
        "warnings": times.passed(deadline, duty.warn_at, terms.clock),
        "rungs": ladder.rungs,
        "repeat": ladder.repeat,
        "level": asked.level,
        "asked": [asked.contact],
        "next_ms": 0,
        "endings": duty.endings,
    }
    if expertise:
        one["expertise"] = list(expertise)
    one["next_ms"] = deadline.due_ms if duty.begins_when_due else next_ask_ms(one, now_ms, terms.clock)
    counting, amount, calendar = span
    fact = ObligationOpened(
        obligation_id=obligation_id,
        name=duty.name,
        entity=happened.entity,
        owed_by=owner,
        owed_to=duty.owed_to,
        urgency=level.name,
        due_at=moment(deadline.due_ms),
        inputs=Inputs(
            started_at=moment(happened.recorded_ms),
            urgency=level.name,
            rule=duty.name,
            counting=counting,
            amount=amount,
            calendar=calendar,
            pauses=tuple(
                Paused(from_at=moment(from_ms), to_at=moment(to_ms))
                for from_ms, to_ms in deadline.inputs.pauses
            ),
        ),
        ladder=ladder_name,
        agreement_version=terms.version,
    )
    return Opening(one, fact, asked.skipped)


def next_ask_ms(one: Obligation, asked_ms: int, clock: Clock) -> int:
    """How long whoever was asked has: till the next level is asked, or the last one again."""
    is_last = one["level"] >= len(one["rungs"]) - 1
    return wait_ms(one["repeat"] if is_last else one["rungs"][one["level"] + 1][1], asked_ms, clock)


def wait_ms(span: Any, from_ms: int, clock: Clock) -> int:
    """When a wait that stands in a row is over."""
    return times.after(Span(*span), from_ms, clock)
