"""The counting job with two faults built in, for the harness to find: some facts are withheld, some told twice."""

from __future__ import annotations

from services.runtime.job import Input, Record, Step, Turn
from tests.chaos.counting import JOB as HONEST

EVERY = 50
WITHHELD, TWICE = 7, 9


def decide(item: Input, row: bytes | None, turn: Turn) -> Step:
    """Decides as it should, and tells it wrongly now and then."""
    step = HONEST.decide(item, row, turn)
    match item.offset % EVERY if isinstance(item, Record) else None:
        case n if n == WITHHELD:
            return step._replace(emits=())
        case n if n == TWICE:
            return step._replace(emits=[*step.emits, *step.emits])
    return step


JOB = HONEST._replace(decide=decide)
