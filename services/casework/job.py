"""The core as a job of the runtime: which topics its lanes read, and what they decide."""

from __future__ import annotations

from services.agreements.book import AgreementBook
from services.casework.command import stamp_ms
from services.casework.decide import Casework
from services.runtime.job import Job
from topics.catalogue import PARTITIONS, SIGNALS_COMMANDS


def casework_job() -> Job:
    """A new core with an empty book: a worker has one for as long as it lives."""
    book = AgreementBook()
    casework = Casework(book)
    return Job(
        name="casework",
        inputs=(SIGNALS_COMMANDS.name,),
        decide=casework.decide,
        partitions=PARTITIONS,
        rescue=casework.rescue,
        stamp_ms=stamp_ms,
        broadcasts=(book,),
    )
