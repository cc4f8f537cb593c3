"""Cases tried on two versions of an agreement: which go elsewhere, sooner or later, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from services.agreements import model
from services.agreements.dryrun.cases import Case
from services.agreements.dryrun.keys import Answer, Key, is_same, key_of
from services.agreements.dryrun.trial import Trial, Tried
from services.agreements.dryrun.vocabulary import REPORTER
from services.agreements.parts import EVENT

ELSEWHERE, SOONER, LATER, OTHERWISE = "elsewhere", "sooner", "later", "otherwise"


class Moved(NamedTuple):
    """An answer that is another one now. `by_ms` is how much later, sooner is less than 0: of several moments that all
    went the same way, the one that moved most; None where they did not, and where nothing is a moment."""

    key: Key
    old: Answer
    new: Answer
    by_ms: int | None


class Compared(NamedTuple):
    """A case on both versions, and all that moved."""

    old: Trial
    new: Trial
    moved: tuple[Moved, ...]

    @property
    def case(self) -> Case:
        """The case."""
        return self.new.case

    @property
    def verdicts(self) -> tuple[str, ...]:
        """What it comes to: elsewhere, sooner, later; `otherwise` when only a name, a reason or a form moved."""
        found = {_verdict(one) for one in self.moved}
        plain = tuple(word for word in (ELSEWHERE, SOONER, LATER) if word in found)
        return plain or ((OTHERWISE,) if found else ())


def compare(cases: Iterable[Case], old: Tried, new: Tried) -> list[Compared]:
    """Tries every case on both."""
    keys = _keys(old, new)
    return [_compared(Trial(case, old), Trial(case, new), keys) for case in cases]


def _compared(old: Trial, new: Trial, keys: Sequence[Key]) -> Compared:
    answers = ((key, old.answer(key), new.answer(key)) for key in keys)
    return Compared(
        old,
        new,
        tuple(
            Moved(key, before, after, _by_ms(before, after))
            for key, before, after in answers
            if not is_same(key, before, after)
        ),
    )


def _by_ms(before: Answer, after: Answer) -> int | None:
    if len(before) != len(after):
        return None
    moved = [
        new - old
        for old, new in zip(before, after, strict=True)
        if isinstance(old, int) and isinstance(new, int) and new != old
    ]
    if not moved or min(moved) < 0 < max(moved):
        return None
    return max(moved, key=abs)


def _verdict(moved: Moved) -> str:
    if moved.by_ms is not None:
        return LATER if moved.by_ms > 0 else SOONER
    # The ladder of an obligation that another fact may open, or not, sends no signal elsewhere.
    is_somebody_else = moved.key.kind.shape == "contacts" and moved.key.of is None
    return ELSEWHERE if is_somebody_else else OTHERWISE


def _keys(old: Tried, new: Tried) -> tuple[Key, ...]:
    """All that can be asked of a case on either version, each once."""
    titles = ["receiver", "rule", "reason", "ladder"]
    titles += [f"due {name}" for name in {**old.duties, **new.duties}]
    titles += _of_ladder("", _longest(old, new))
    for name, duty in {**old.duties, **new.duties}.items():
        is_routings_own = duty.ladder.startswith(EVENT) and duty.owed_by.startswith(EVENT)
        if not is_routings_own:
            titles += _of_ladder(f" {name}", _longest(old, new))
    titles += [f"feedback {kind}" for kind in (*_feedback_kinds(old, new), REPORTER)]
    return tuple(key for key in map(key_of, titles) if key is not None)


def _of_ladder(of: str, length: int) -> Iterator[str]:
    for level in range(length):
        yield f"level {level}{of}"
        yield f"level {level} at{of}"
    yield f"skipped{of}"
    yield f"again at{of}"


def _longest(*tried: Tried) -> int:
    return max(
        len(ladder.rungs)
        for one in tried
        for by_level in one.agreement.ladders.values()
        for ladder in by_level.values()
    )


def _feedback_kinds(*tried: Tried) -> Mapping[str, None]:
    found: dict[str, None] = {}
    for one in tried:
        feedback = one.agreement.agreement.feedback
        if isinstance(feedback, model.Feedback):
            found |= {kind: None for rule in feedback.rules for kind in rule.to}
    return found
