"""An obligation's clocks counted again from its row: paused, running on, or moved by another urgency.

Always from the same start and with every pause so far, under the version it was opened by: nothing is added to a
counter (semantics 5-7).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.agreements import times
from services.agreements.due import due
from services.agreements.parts import EVENT, Duty
from services.agreements.terms import Terms
from services.agreements.times import Clock, Deadline, Pause, Span
from services.deadlines.obligation import Obligation


def deadline_of(one: Obligation, terms: Terms) -> Deadline:
    """The deadline as it follows from the row."""
    span = Span(*one["span"])
    inputs = times.Inputs(one["started_ms"], one["urgency"], one["name"], span, _pauses(one, terms))
    return times.deadline(inputs, terms.clock)


def next_ask_ms(one: Obligation, asked_ms: int, terms: Terms) -> int:
    """How long whoever was asked has: till the next level is asked, or the last one again."""
    is_last = one["level"] >= len(one["rungs"]) - 1
    span = one["repeat"] if is_last else one["rungs"][one["level"] + 1][1]
    return wait_ms(span, asked_ms, terms.clock, _pauses(one, terms))


def wait_ms(span: Any, from_ms: int, clock: Clock, pauses: Sequence[Pause] = ()) -> int:
    """When a wait that stands in a row is over."""
    return times.after(Span(*span), from_ms, clock, pauses)


def is_left_to_it(one: Obligation) -> bool:
    """Whether nobody is waited for before the deadline: its ladder begins when that has passed."""
    return "asked_ms" not in one and one["breached_ms"] is None and one["next_ms"] == one["due_ms"]


def pause(one: Obligation, from_ms: int, until_ms: int, terms: Terms) -> Obligation | None:
    """Its clocks stand still until a moment; told once more while they do, until another one. None when that changes
    nothing: the deadline has passed, the pause has no length, or this level runs day and night."""
    if terms.level(one["urgency"]).is_always or one["breached_ms"] is not None:
        return None
    pauses = one.get("pauses", [])
    if one.get("paused_until_ms") is not None:
        pauses, begun_ms = pauses[:-1], pauses[-1][0]
    else:
        begun_ms = max([from_ms, one["started_ms"], *(to_ms for _, to_ms in pauses[-1:])])
        if begun_ms >= one["due_ms"]:
            return None
    if until_ms <= begun_ms or until_ms == one.get("paused_until_ms"):
        return None
    paused: Obligation = {**one, "pauses": [*pauses, [begun_ms, until_ms]], "paused_until_ms": until_ms}
    return _counted(paused, from_ms, terms)


def resume(one: Obligation, at_ms: int, terms: Terms) -> Obligation | None:
    """Its clocks run on; None when they do already."""
    until_ms = one.get("paused_until_ms")
    if until_ms is None:
        return None
    *pauses, (from_ms, _) = one["pauses"]
    resumed: Obligation = {**one, "pauses": [*pauses, [from_ms, min(max(at_ms, from_ms), until_ms)]]}
    del resumed["paused_until_ms"]
    return _counted(resumed, at_ms, terms)


def move(one: Obligation, urgency: str, at_ms: int, may_be_later: bool, terms: Terms) -> Obligation:
    """Its urgency is another one from a moment on (semantics 12). What would have been due before that moment is due
    at it: nobody is late for what nobody knew. Whoever was asked stays asked."""
    level, duty = terms.level(urgency), _duty(one, terms)
    moved: Obligation = {**one, "urgency": level.name, "priority": level.priority, "rank": level.rank}
    if duty is not None and one["breached_ms"] is None:
        counting, amount, _ = one["span"]
        # A moment that somebody named stays that moment, however urgent it is.
        named_ms = amount * 1000 if counting == times.MOMENT else None
        found = due(duty, level.name, one["started_ms"], _pauses(moved, terms), terms, named_ms)
        due_ms = max(found.due_ms, at_ms)
        if may_be_later or due_ms <= one["due_ms"]:
            passed = times.passed(Deadline(due_ms, found.inputs), duty.warn_at, terms.clock)
            moved["span"], moved["due_ms"] = found.inputs.span.row(), due_ms
            moved["warnings"] = [warning for warning in passed if at_ms < warning[1] < due_ms]
    ladder = terms.ladders.get(_ladder(one, duty))
    if ladder is not None:
        moved["rungs"], moved["repeat"] = ladder[level.name]
        moved["level"] = min(one["level"], len(moved["rungs"]) - 1)
    if is_left_to_it(one):
        moved["next_ms"] = moved["due_ms"]
    else:
        next_ms = max(at_ms, next_ask_ms(moved, one.get("asked_ms", at_ms), terms))
        moved["next_ms"] = next_ms if may_be_later else min(next_ms, one["next_ms"])
    return moved


def _counted(one: Obligation, at_ms: int, terms: Terms) -> Obligation:
    deadline = deadline_of(one, terms)
    still = [percent for percent, _ in one["warnings"]]
    counted: Obligation = {
        **one,
        "due_ms": deadline.due_ms,
        "warnings": times.passed(deadline, still, terms.clock),
    }
    if is_left_to_it(one):
        counted["next_ms"] = deadline.due_ms
    else:
        counted["next_ms"] = next_ask_ms(counted, one.get("asked_ms", at_ms), terms)
    return counted


def _pauses(one: Obligation, terms: Terms) -> tuple[Pause, ...]:
    if "pauses" not in one or terms.level(one["urgency"]).is_always:
        return ()
    return tuple(Pause(*pause) for pause in one["pauses"])


def _duty(one: Obligation, terms: Terms) -> Duty | None:
    """The agreement's words for it; None when they are not those of the version it was opened under."""
    return next(
        (duty for duties in terms.duties.values() for duty in duties if duty.name == one["name"]), None
    )


def _ladder(one: Obligation, duty: Duty | None) -> str:
    """The name of its ladder; a row of before that was kept says it only where the agreement does."""
    named = duty.ladder if duty is not None else EVENT
    return one.get("ladder") or ("" if named.startswith(EVENT) else named)
