"""The watchman's programme made ready: ladders by level of urgency, obligations with what opens and ends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.agreements import model
from services.agreements.calendars import Calendar
from services.agreements.joined import Unusable, pick
from services.agreements.model.words import RUNG_WORDS
from services.agreements.parts import (
    DISCHARGED,
    EVENT,
    NEXT_LEVEL,
    PAUSED,
    RESUMED,
    Duty,
    EndingRow,
    Ladder,
    Level,
    RungRow,
    Trigger,
)
from services.agreements.times import WORKING, Span


def ladder(
    name: str,
    rungs: Sequence[model.Rung],
    level: Level,
    refs: Mapping[str, str],
    calendars: Mapping[str, Calendar],
) -> Ladder:
    """A ladder for one level of urgency: it ends with somebody named, who is asked again."""
    found: list[RungRow] = []
    for n, rung in enumerate(rungs):
        if rung.to not in RUNG_WORDS:
            pick(refs, rung.to, "unknown_contact")
        wait = _span(pick(rung.after, level.name, "rung_without_wait"), level, calendars) if n else None
        found.append((rung.to, wait.row() if wait else None))
    if not found or found[-1][0] in RUNG_WORDS:
        raise Unusable("ladder_without_end", name)
    repeat = rungs[-1].repeat_every.get(level.name) or rungs[-1].after.get(level.name)
    if repeat is None:
        raise Unusable("ladder_without_repeat", name)
    return Ladder(tuple(found), _span(repeat, level, calendars).row())


def duty(
    obligation: model.Obligation,
    refs: Mapping[str, str],
    ladders: Mapping[str, object],
    levels: Sequence[Level],
    calendars: Mapping[str, Calendar],
) -> Duty:
    """An obligation: a time for every level it may be opened at, a ladder, and somebody who owes it."""
    opened_by = _trigger(obligation.opened_by)
    urgencies = dict(opened_by.where).get("urgency")
    within = {
        level.name: _span(pick(obligation.within, level.name, "urgency_without_time"), level, calendars)
        for level in levels
        if urgencies is None or level.name in urgencies
    }
    if not within:
        raise Unusable("urgency_without_time", obligation.name)
    if obligation.ladder != f"{EVENT}ladder":
        pick(ladders, obligation.ladder, "unknown_ladder")
    owed_by = obligation.owed_by
    triggers = (
        *obligation.discharged_by,
        *obligation.next_level_on,
        *obligation.asked_of,
        *obligation.paused_by,
        *obligation.resumed_by,
        *obligation.cancelled_by,
    )
    same = tuple(() if isinstance(one, str) else one.same for one in triggers)
    return Duty(
        name=obligation.name,
        opened_by=opened_by,
        endings=(
            *(_ending(DISCHARGED, by) for by in obligation.discharged_by),
            *(_ending(NEXT_LEVEL, on) for on in obligation.next_level_on),
            *(_ending(on.who, on) for on in obligation.asked_of),
            *(_ending(PAUSED, by) for by in obligation.paused_by),
            *(_ending(RESUMED, by) for by in obligation.resumed_by),
            *(_ending(_because(by), by) for by in obligation.cancelled_by),
        ),
        owed_by=owed_by if owed_by.startswith(EVENT) else pick(refs, owed_by, "unknown_contact"),
        owed_to=obligation.owed_to,
        within=within,
        otherwise=min((level.rank, within[level.name]) for level in levels if level.name in within)[1],
        warn_at=obligation.warn_at,
        ladder=obligation.ladder,
        begins_when_due=obligation.ladder_begins == "when_due",
        group=obligation.group,
        due=None if obligation.due is None else obligation.due.removeprefix(EVENT),
        same=same if any(same) else (),
    )


def _span(span: Span, level: Level, calendars: Mapping[str, Calendar]) -> Span:
    """A length of time whose calendar exists. What runs day and night does not wait for an office to open."""
    if level.is_always and span.counting in WORKING:
        raise Unusable("always_by_calendar", level.name)
    if span.calendar is not None:
        pick(calendars, span.calendar, "unknown_calendar")
    return span


def _trigger(said: str | model.Trigger) -> Trigger:
    if isinstance(said, str):
        return Trigger(said, ())
    return Trigger(said.event, tuple((name, frozenset(values)) for name, values in said.where))


def _ending(effect: str, said: str | model.Trigger) -> EndingRow:
    return (said, effect, ()) if isinstance(said, str) else (said.event, effect, said.where)


def _because(said: str | model.Cancelling) -> str:
    return model.Cancelling(event="Fact").because if isinstance(said, str) else said.because
