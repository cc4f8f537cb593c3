"""A job with nothing to decide: what the supervisor needs to have a real worker to look after."""

from __future__ import annotations

from services.runtime.job import KEEP, Input, Job, Step, Turn


def decide(_item: Input, _row: bytes | None, _turn: Turn) -> Step:
    return KEEP


JOB = Job(name="resting", inputs=("resting.commands.v1",), decide=decide, partitions=1)
