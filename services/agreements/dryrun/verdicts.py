"""Whether what comes of a case is what was expected of it, and what is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from services.agreements.dryrun.cases import Case
from services.agreements.dryrun.keys import Answer, Key, is_same
from services.agreements.dryrun.trial import Trial, Tried


class Difference(NamedTuple):
    """An expectation that does not come true."""

    key: Key
    expected: Answer
    got: Answer


class Verdict(NamedTuple):
    """A case that was tried, and its differences; none is as expected."""

    trial: Trial
    differences: tuple[Difference, ...]

    @property
    def case(self) -> Case:
        """The case."""
        return self.trial.case


def judge(cases: Iterable[Case], tried: Tried) -> list[Verdict]:
    """Tries every case."""
    return [_judged(Trial(case, tried)) for case in cases]


def _judged(trial: Trial) -> Verdict:
    answers = ((key, expected, trial.answer(key)) for key, expected in trial.case.expected.items())
    return Verdict(
        trial,
        tuple(
            Difference(key, expected, got)
            for key, expected, got in answers
            if not is_same(key, expected, got)
        ),
    )
