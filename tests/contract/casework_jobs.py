"""The core with a bug in it, to see what becomes of those who relied on it."""

from __future__ import annotations

from services.casework.job import casework_job
from services.runtime.job import Input, Job, Record, Step, Turn

#: A report from here is what the bug trips over.
BUGGY_POSTCODE = b"9903"


def buggy_casework() -> Job:
    """The core, but deciding a report from one postcode raises."""
    job = casework_job()

    def decide(item: Input, row: bytes | None, turn: Turn, /) -> Step:
        if isinstance(item, Record) and item.value and b'"%b"' % BUGGY_POSTCODE in item.value:
            raise ZeroDivisionError("a bug")
        return job.decide(item, row, turn)

    return job._replace(decide=decide)
