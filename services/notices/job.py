"""The bell as a job of the runtime: which topics its lanes read, what they decide, and who sends."""

from __future__ import annotations

from services.agreements.book import AgreementBook
from services.agreements.directory_book import DirectoryBook
from services.notices.decide import Bell
from services.notices.sending.effector import Sender
from services.notices.settings import NoticesSettings
from services.runtime.job import Job
from topics.catalogue import (
    AGREEMENTS_EVENTS,
    COLLABORATION_EVENTS,
    COORDINATION_EVENTS,
    DEADLINES_EVENTS,
    DIRECTORY_EVENTS,
    GATEWAY_EVENTS,
    NOTICES_COMMANDS,
    PARTITIONS,
    SIGNALS_EVENTS,
)

#: What it hears of cases, of what was read at the door, of parties that are addressed, of contacts and agreements that
#: are announced, and its own words to the lanes of contacts.
INPUTS = tuple(
    topic.name
    for topic in (
        SIGNALS_EVENTS,
        DEADLINES_EVENTS,
        COORDINATION_EVENTS,
        COLLABORATION_EVENTS,
        DIRECTORY_EVENTS,
        AGREEMENTS_EVENTS,
        GATEWAY_EVENTS,
        NOTICES_COMMANDS,
    )
)


#: Receivers that hang hold a place until their time is up: there are so many that they leave room for what is acute.
SENDING_AT_ONCE = 500


def notices_job() -> Job:
    """A new bell with empty books: a worker has one for as long as it lives.

    It goes by its own clock: nothing here is measured by when a fact was taken in, and its timers are attempts, not
    deadlines. That a silence is over, or that it is time to try again, no fact that is still unread can deny; and what
    makes a notice needless stops it whenever it is read.
    """
    settings = NoticesSettings()
    book, directory = AgreementBook(is_patient=True), DirectoryBook()
    bell = Bell(book, directory.directory, alias_key=settings.alias_key.encode())
    return Job(
        name="notices",
        inputs=INPUTS,
        decide=bell.decide,
        partitions=PARTITIONS,
        broadcasts=(book, directory),
        effector=Sender(settings),
        effects_at_once=SENDING_AT_ONCE,
    )
