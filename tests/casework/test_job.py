"""The core as the runtime is given it."""

from __future__ import annotations

from services.casework.command import stamp_ms
from services.casework.job import casework_job
from services.casework.tally import CaseworkTally
from topics.catalogue import (
    AGREEMENTS_EVENTS,
    CATALOGUE,
    COORDINATION_COMMANDS,
    DIRECTORY_EVENTS,
    NOTICES_EVENTS,
    SIGNALS_COMMANDS,
)


def test_the_core_reads_the_commands_of_cases_and_the_agreements_and_the_directory() -> None:
    job = casework_job()
    assert (job.name, job.inputs) == (
        "casework",
        (SIGNALS_COMMANDS.name, COORDINATION_COMMANDS.name, NOTICES_EVENTS.name),
    )
    read = [broadcast.topic for broadcast in job.broadcasts]
    assert read == [AGREEMENTS_EVENTS.name, DIRECTORY_EVENTS.name]
    assert job.stamp_ms is stamp_ms and job.rescue is not None


def test_the_core_reads_every_command_topic_that_is_its_own() -> None:
    own = {
        topic.name
        for topic in CATALOGUE
        if topic.name.endswith(".commands.v1") and "casework" in topic.readers
    }
    assert own | {NOTICES_EVENTS.name} == set(casework_job().inputs), "and what became of notices"


def test_each_worker_has_books_of_its_own() -> None:
    pairs = zip(casework_job().broadcasts, casework_job().broadcasts, strict=True)
    assert all(mine is not other for mine, other in pairs)


def test_each_worker_shows_what_is_overdue_in_its_own_lanes() -> None:
    mine, other = casework_job().tally, casework_job().tally
    assert isinstance(mine, CaseworkTally) and mine is not other
