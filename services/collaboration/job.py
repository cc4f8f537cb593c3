"""The second ladder as a job of the runtime: which topics its lanes read, and what they decide."""

from __future__ import annotations

from services.agreements.book import AgreementBook
from services.agreements.directory_book import DirectoryBook
from services.collaboration.decide import Collaboration
from services.runtime.job import Job
from topics.catalogue import COLLABORATION_COMMANDS, PARTITIONS


def collaboration_job() -> Job:
    """A new one with empty books: a worker has one for as long as it lives.

    It goes by its own clock: an item says its day only, and a stamp of less would lead to a case.
    """
    book, directory = AgreementBook(is_patient=True), DirectoryBook()
    collaboration = Collaboration(book, directory.directory)
    return Job(
        name="collaboration",
        inputs=(COLLABORATION_COMMANDS.name,),
        decide=collaboration.decide,
        partitions=PARTITIONS,
        broadcasts=(book, directory),
    )
