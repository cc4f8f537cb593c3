"""A case tried on an agreement: what is decided, due and climbed, by the functions that decide for real."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.dryrun.cases import Case
from services.agreements.dryrun.keys import Answer, Key
from services.agreements.dryrun.vocabulary import REPORTER
from services.agreements.due import due
from services.agreements.feedback import heard, kind_of
from services.agreements.foresight import Foreseen, foresee
from services.agreements.ladder import Wanted
from services.agreements.parts import EVENT, Duty
from services.agreements.route import Decision, route
from services.agreements.terms import Terms

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tried:
    """What cases are tried on: the agreement, its obligations by name, and the directory of the run."""

    agreement: Terms
    duties: Mapping[str, Duty]
    directory: Directory = AS_SIGNED


def tried_on(agreement: Terms, directory: Directory = AS_SIGNED) -> Tried:
    """An agreement to try cases on."""
    duties = {duty.name: duty for found in agreement.duties.values() for duty in found}
    return Tried(agreement, duties, directory)


class Trial:
    """One case, tried. What is not asked is not worked out."""

    def __init__(self, case: Case, tried: Tried) -> None:
        self.case = case
        self.agreement = tried.agreement
        self.decision: Decision = route(case, case.view, case.at_ms, tried.agreement)
        self._duties = tried.duties
        self._directory = both(tried.directory, case.directory)
        self._level = tried.agreement.level(self.decision.urgency)
        self._ladders: dict[str | None, tuple[Foreseen, ...]] = {}

    def answer(self, key: Key) -> Answer:
        """What comes of it under this key."""
        return _ANSWERS[key.kind.title](self, key)

    def receivers(self) -> tuple[str, ...]:
        """Who is asked first."""
        return tuple(choice.receiver for choice in self.decision.choices)

    def due(self, key: Key) -> Answer:
        """When the answer is due; nothing when this agreement has no such obligation, or no time for this level."""
        duty = self._duties.get(key.of or "")
        if duty is None or self._level.name not in duty.within:
            return ()
        case = self.case
        return (due(duty, self._level.name, case.at_ms, case.pauses, self.agreement).due_ms,)

    def ladders(self, of: str | None) -> tuple[Foreseen, ...]:
        """The ladders as they would go: those of the routing, one a receiver, or that of an obligation."""
        found = self._ladders.get(of)
        if found is None:
            found = self._ladders[of] = tuple(self._foreseen(of))
        return found

    def _foreseen(self, of: str | None) -> list[Foreseen]:
        duty = self._duties.get(of) if of else None
        if of and duty is None:
            return []
        # What an obligation reads from the fact that opens it, is here what the routing chose.
        climbs = [
            (
                choice.ladder if duty is None or duty.ladder.startswith(EVENT) else duty.ladder,
                choice.receiver if duty is None or duty.owed_by.startswith(EVENT) else duty.owed_by,
            )
            for choice in self.decision.choices
        ]
        # Only the routing says which expertise it takes: an obligation that another fact opens asks for none.
        is_routed = duty is None or duty.opened_by.event == "SignalRouted"
        expertise = self.agreement.expertise_for(self._level, self.case.types) if is_routed else ()
        is_late = duty is not None and duty.begins_when_due and self._level.name in duty.within
        begins_ms = (
            due(duty, self._level.name, self.case.at_ms, self.case.pauses, self.agreement).due_ms
            if duty is not None and is_late
            else None
        )
        return [
            foresee(
                self.agreement.ladders[name][self._level.name],
                Wanted(owed_by, (), self.case.at_ms, self._level, expertise),
                self.agreement,
                self._directory,
                begins_ms,
            )
            for name, owed_by in dict.fromkeys(climbs)
        ]

    def feedback(self, key: Key) -> Answer:
        """The forms in which a kind of party hears back, or whoever reported."""
        agreement = self.agreement.agreement
        kind = kind_of(self.case.reporter, agreement) if key.of == REPORTER else key.of or ""
        found = heard(kind, self._level.name, self.case.expects_action, agreement)
        return found.forms if found else ()


def both(first: Directory, second: Directory | None) -> Directory:
    """Two directories as one; of a contact that is in both, what both say."""
    if second is None:
        return first
    return Directory(
        _joined(first.absences, second.absences),
        _joined(first.rotas, second.rotas),
        _joined(first.reach, second.reach),
        {**first.successors, **second.successors},
        shifts=_joined(first.shifts, second.shifts),
    )


def _joined(
    first: Mapping[str, tuple[T, ...]], second: Mapping[str, tuple[T, ...]]
) -> dict[str, tuple[T, ...]]:
    return {ref: (*first.get(ref, ()), *second.get(ref, ())) for ref in (*first, *second)}


def _at_level(trial: Trial, key: Key) -> Answer:
    stands = (stand for ladder in trial.ladders(key.of) for stand in ladder.stands)
    return tuple(stand.contact for stand in stands if stand.level == key.level)


def _level_at(trial: Trial, key: Key) -> Answer:
    stands = (stand for ladder in trial.ladders(key.of) for stand in ladder.stands)
    return tuple(dict.fromkeys(stand.at_ms for stand in stands if stand.level == key.level))


def _skipped(trial: Trial, key: Key) -> Answer:
    skipped = (
        f"{one.to}:{one.reason}"
        for ladder in trial.ladders(key.of)
        for stand in ladder.stands
        for one in stand.skipped
    )
    return tuple(dict.fromkeys(skipped))


def _asked(trial: Trial, key: Key) -> Answer:
    return tuple(
        (stand.level, stand.contact, stand.at_ms)
        for ladder in trial.ladders(key.of)
        for stand in ladder.stands
    )


def _trace(trial: Trial, _: Key) -> Answer:
    return tuple(f"{step.node}:{step.because}" for step in trial.decision.trace)


#: By the title of a kind of expectation: what answers it.
_ANSWERS: Mapping[str, Callable[[Trial, Key], Answer]] = {
    "receiver": lambda trial, _: trial.receivers(),
    "rule": lambda trial, _: tuple(choice.rule for choice in trial.decision.choices),
    "reason": lambda trial, _: (trial.decision.reason.value,),
    "ladder": lambda trial, _: tuple(dict.fromkeys(choice.ladder for choice in trial.decision.choices)),
    "due OBLIGATION": Trial.due,
    "level N": _at_level,
    "level N at": _level_at,
    "skipped": _skipped,
    "again at": lambda trial, key: tuple(dict.fromkeys(ladder.again_ms for ladder in trial.ladders(key.of))),
    "feedback KIND": Trial.feedback,
    "trace": _trace,
    "asked": _asked,
}
