"""The core as a job of the runtime: which topics its lanes read, and what they decide."""

from __future__ import annotations

from services.agreements.book import AgreementBook
from services.agreements.directory_book import DirectoryBook
from services.casework.command import stamp_ms
from services.casework.decide import Casework
from services.casework.tally import CaseworkTally
from services.runtime.job import Job
from topics.catalogue import COORDINATION_COMMANDS, NOTICES_EVENTS, PARTITIONS, SIGNALS_COMMANDS


def casework_job() -> Job:
    """A new core with empty books: a worker has one for as long as it lives."""
    book, directory = AgreementBook(is_patient=True), DirectoryBook()
    casework = Casework(book, directory.directory)
    return Job(
        name="casework",
        inputs=(SIGNALS_COMMANDS.name, COORDINATION_COMMANDS.name, NOTICES_EVENTS.name),
        decide=casework.decide,
        partitions=PARTITIONS,
        rescue=casework.rescue,
        stamp_ms=stamp_ms,
        broadcasts=(book, directory),
        tally=CaseworkTally(),
    )
