"""A decision as the runtime takes it, for worlds of tests: it can be repeated, and what comes to nothing is counted."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from services.runtime.job import Input, PassedOver, Step, Turn, Unreadable


class Decides(Protocol):
    """What a job decides with."""

    def decide(self, item: Input, row: bytes | None, turn: Turn, /) -> Step: ...


def decided(  # noqa: PLR0913 - what a decision has, and where is counted what it does not come to
    by: Decides, item: Input, row: bytes | None, turn: Turn, passed_over: Counter[str], dead: Counter[str]
) -> Step | None:
    """The step, or None for what is passed over or cannot be read: then its reason is counted."""
    try:
        step = by.decide(item, row, turn)
        assert step == by.decide(item, row, turn), "the same input gives the same step"
    except Unreadable as error:
        dead[error.reason] += 1
        return None
    except PassedOver as error:
        passed_over[error.reason] += 1
        return None
    return step
