"""An obligation at its beginning: what is frozen into it, and who is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from schemas.deadlines import Inputs, ObligationOpened, Skipped
from services.agreements import times
from services.agreements.calendars import moment
from services.agreements.ladder import Wanted, climb
from services.agreements.parts import EVENT, Duty
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
    span = duty.within.get(level.name) or duty.otherwise
    deadline = times.due(times.Inputs(happened.recorded_ms, level.name, duty.name, span), terms.clock)
    ladder_name = _ladder(duty, happened, terms)
    ladder = terms.ladders[ladder_name][level.name]
    owed_by = _owed_by(duty, happened, terms)
    asked = climb([to for to, _ in ladder.rungs], 0, Wanted(owed_by, (), now_ms, level), terms)
    one: Obligation = {
        "id": obligation_id,
        "name": duty.name,
        "entity": happened.entity,
        "partnership": happened.partnership,
        "agreement_version": terms.version,
        "urgency": level.name,
        "priority": level.priority,
        "rank": level.rank,
        "owed_by": owed_by,
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
    one["next_ms"] = next_ask_ms(one, now_ms, terms.clock)
    counting, amount, calendar = span
    fact = ObligationOpened(
        obligation_id=obligation_id,
        name=duty.name,
        entity=happened.entity,
        owed_by=owed_by,
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


def _owed_by(duty: Duty, happened: Happened, terms: Terms) -> str:
    """Who owes it. A fact that names nobody leaves it with the coordination point: it is owed all the same."""
    if not duty.owed_by.startswith(EVENT):
        return duty.owed_by
    return happened.field(duty.owed_by.removeprefix(EVENT)) or terms.coordination_point


def _ladder(duty: Duty, happened: Happened, terms: Terms) -> str:
    """The ladder's name; the routing's own for one that this version does not know (any more)."""
    name = duty.ladder
    if name.startswith(EVENT):
        name = happened.field(name.removeprefix(EVENT)) or ""
    return name if name in terms.ladders else terms.root.ladder
