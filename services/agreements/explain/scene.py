"""All that becomes of one signal, worked out beforehand by the functions that decide when it is for real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.signals import ReportSignal
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.due import due
from services.agreements.foresight import Foreseen, foresee
from services.agreements.ladder import Wanted
from services.agreements.owing import holds, ladder_of, owed_by
from services.agreements.parts import Duty
from services.agreements.routable import CaseView
from services.agreements.route import Decision, route
from services.agreements.terms import Terms
from services.agreements.times import Deadline, Span, passed


@dataclass(frozen=True)
class Owed:
    """An obligation the signal opens: who owes it, until when, and the ladder as it would go."""

    duty: Duty
    owed_by: str
    deadline: Deadline
    #: `(percent, at_ms)` of the reminders.
    warnings: tuple[tuple[int, int], ...]
    ladder: str
    repeat: Span
    foreseen: Foreseen


@dataclass(frozen=True)
class Scene:
    """The signal, what was known, what was decided, and what is owed from then on."""

    signal: ReportSignal
    case: CaseView
    at_ms: int
    terms: Terms
    directory: Directory
    decision: Decision
    owed: tuple[Owed, ...]


def scene(
    signal: ReportSignal, case: CaseView, at_ms: int, terms: Terms, directory: Directory = AS_SIGNED
) -> Scene:
    """What becomes of a signal that comes in at a moment, when nobody answers."""
    decision = route(signal, case, at_ms, terms)
    owed = tuple(
        _owed(duty, data, at_ms, decision.urgency, terms, directory)
        for event, data in _facts(signal, decision, terms)
        for duty in terms.duties.get(event, ())
        if holds(duty.opened_by.where, data)
    )
    return Scene(signal, case, at_ms, terms, directory, decision, owed)


def _facts(signal: ReportSignal, decision: Decision, terms: Terms) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What the watchman hears at first: that it was reported, and of each who was chosen that it is asked."""
    yield "SignalReported", dict(signal)
    expertise = terms.expertise_for(terms.level(decision.urgency), signal.types)
    for choice in decision.choices:
        yield (
            "SignalRouted",
            {
                "contact": choice.receiver,
                "reason": decision.reason,
                "rule": choice.rule,
                "ladder": choice.ladder,
                "urgency": decision.urgency,
                "agreement_version": terms.version,
                "expertise": tuple(sorted(expertise)),
            },
        )


def _owed(  # noqa: PLR0913 - what was heard, and what it is judged by
    duty: Duty, data: Mapping[str, Any], at_ms: int, urgency: str, terms: Terms, directory: Directory
) -> Owed:
    def field(name: str) -> str | None:
        found = data.get(name)
        return found if isinstance(found, str) and found else None

    level = terms.level(urgency)
    owner, name = owed_by(duty, field, terms), ladder_of(duty, field, terms)
    ladder = terms.ladders[name][level.name]
    wanted = Wanted(owner, (), at_ms, level, data.get("expertise", ()))
    deadline = due(duty, urgency, at_ms, (), terms)
    return Owed(
        duty,
        owner,
        deadline,
        tuple((percent, warned_ms) for percent, warned_ms in passed(deadline, duty.warn_at, terms.clock)),
        name,
        Span(*ladder.repeat),
        foresee(ladder, wanted, terms, directory, deadline.due_ms if duty.begins_when_due else None),
    )
