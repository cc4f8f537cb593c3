"""The second ladder as the runtime is given it."""

from __future__ import annotations

from services.collaboration.job import collaboration_job
from topics.catalogue import (
    AGREEMENTS_EVENTS,
    CATALOGUE,
    COLLABORATION_COMMANDS,
    DIRECTORY_EVENTS,
    PARTITIONS,
    TOPICS,
    changelog,
)


def test_it_reads_what_is_missed_the_agreements_and_the_directory() -> None:
    job = collaboration_job()
    assert (job.name, job.inputs, job.partitions) == (
        "collaboration",
        (COLLABORATION_COMMANDS.name,),
        PARTITIONS,
    )
    assert [one.topic for one in job.broadcasts] == [AGREEMENTS_EVENTS.name, DIRECTORY_EVENTS.name]


def test_it_reads_every_command_topic_that_is_its_own_and_no_topic_of_cases() -> None:
    own = {
        topic.name
        for topic in CATALOGUE
        if "collaboration" in topic.readers and ".commands." in topic.name and not topic.is_dead_twin
    }
    assert own == set(collaboration_job().inputs)
    assert all(topic.key != "caseid" for topic in CATALOGUE if "collaboration" in topic.readers)
    assert changelog("collaboration").name in TOPICS


def test_each_worker_has_books_of_its_own() -> None:
    assert collaboration_job().broadcasts[0] is not collaboration_job().broadcasts[0]
