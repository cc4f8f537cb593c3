"""When an answer is due: the one function that the processors, the dry run and every explanation ask."""

from __future__ import annotations

from collections.abc import Sequence

from services.agreements.parts import Duty
from services.agreements.terms import Terms
from services.agreements.times import Deadline, Inputs, Pause, deadline, until


def due(  # noqa: PLR0913 - what is owed, from when, and all that moves it
    obligation: Duty,
    urgency: str,
    started_ms: int,
    pauses: Sequence[Pause],
    terms: Terms,
    named_ms: int | None = None,
) -> Deadline:
    """The deadline of an obligation that began at a moment, with all it was computed from.

    Pauses are those known so far, in order: told of another one, it is computed again from the same start
    (semantics 7). A level that runs day and night knows no pause (semantics 9). `named_ms`: the moment that the fact
    itself names, where the obligation goes by it; one that had passed when it began is due as it begins.
    """
    level = terms.level(urgency)
    if named_ms is not None:
        span = until(max(named_ms, started_ms))
    else:
        span = obligation.within.get(level.name) or obligation.otherwise
    counted = () if level.is_always else tuple(Pause(*pause) for pause in pauses)
    return deadline(Inputs(started_ms, level.name, obligation.name, span, counted), terms.clock)
