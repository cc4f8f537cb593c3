"""The catalogue holds together, and its check sees what would break it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from schemas.registry import TYPES
from schemas.signals import ReportSignal, SignalRouted
from services.casework.job import casework_job
from topics.catalogue import (
    AGREEMENTS_EVENTS,
    CATALOGUE,
    SIGNALS_COMMANDS,
    SIGNALS_EVENTS,
    TOPICS,
    Topic,
    changelog,
    dead,
    topic_of,
)
from topics.check import check_catalogue


def test_catalogue_has_no_findings() -> None:
    assert check_catalogue() == ()


def test_every_registered_message_has_one_topic() -> None:
    for model in TYPES.values():
        kind = "commands" if model.kind == "command" else "events"
        of_a_party = model.subject == "deliveries"
        assert topic_of(model).name == ("deliveries.{party}" if of_a_party else f"{model.subject}.{kind}.v1")


def test_topic_of_a_message_no_topic_carries_says_where_to_add_it() -> None:
    class Unheard(ReportSignal):
        pass

    with pytest.raises(LookupError, match=r"topics/catalogue\.py"):
        topic_of(Unheard)


def test_commands_and_facts_of_a_subject_are_apart() -> None:
    assert ReportSignal in SIGNALS_COMMANDS.carries
    assert SignalRouted in SIGNALS_EVENTS.carries
    assert not set(SIGNALS_COMMANDS.carries) & set(SIGNALS_EVENTS.carries)


def test_what_a_process_reads_and_keeps_is_in_the_catalogue() -> None:
    job = casework_job()
    assert {*job.inputs, *(broadcast.topic for broadcast in job.broadcasts)} <= set(TOPICS)
    assert {f"{topic}.dead" for topic in job.inputs} <= set(TOPICS)
    assert changelog(job.name).name in TOPICS
    assert {TOPICS[topic].partitions for topic in job.inputs} == {job.partitions}


def test_dead_twin_is_named_after_its_topic_and_written_by_its_readers() -> None:
    twin = dead(SIGNALS_COMMANDS)
    assert TOPICS[twin.name] == twin
    assert (twin.name, twin.writers, twin.key) == ("signals.commands.v1.dead", ("casework",), "hash")


def test_changelog_is_compacted_kept_for_ever_and_read_by_its_writer_alone() -> None:
    topic = changelog("casework")
    assert TOPICS[topic.name] == topic
    assert topic.readers == topic.writers == ("casework",)
    assert topic.configs()["cleanup.policy"] == "compact"
    assert topic.configs()["retention.ms"] == "-1"


def test_retention_is_told_to_the_broker_in_milliseconds() -> None:
    assert replace(SIGNALS_EVENTS, retention_days=2).configs()["retention.ms"] == "172800000"


Change = Callable[[Sequence[Topic]], Sequence[Topic]]


def _instead(topic: Topic, **changed: object) -> Change:
    return lambda topics: [replace(old, **changed) if old == topic else old for old in topics]  # type: ignore[arg-type]


def _without(name: str) -> Change:
    return lambda topics: [topic for topic in topics if topic.name != name]


@pytest.mark.parametrize(
    ("change", "code", "topic"),
    [
        (_instead(SIGNALS_EVENTS, partitions=6), "partitions_differ", "signals.events.v1"),
        (_instead(SIGNALS_EVENTS, name="signals"), "name_misspelt", "signals"),
        (_instead(SIGNALS_EVENTS, name="signals.commands.v1"), "name_repeated", "signals.commands.v1"),
        (_instead(SIGNALS_EVENTS, writers=()), "nobody_writes", "signals.events.v1"),
        (_instead(SIGNALS_EVENTS, retention_days=None), "never_expires", "signals.events.v1"),
        (_instead(SIGNALS_EVENTS, cleanup="compact"), "case_compacted", "signals.events.v1"),
        (_instead(AGREEMENTS_EVENTS, retention_days=9), "compacted_expires", "agreements.events.v1"),
        (_instead(SIGNALS_EVENTS, carries=(ReportSignal,)), "message_astray", "signals.events.v1"),
        (_instead(SIGNALS_EVENTS, carries=(ReportSignal,)), "message_repeated", "signals.commands.v1"),
        (_instead(SIGNALS_EVENTS, carries=()), "message_homeless", "-"),
        (_without("signals.events.v1.dead"), "dead_twin_missing", "signals.events.v1"),
    ],
)
def test_check_names_what_is_wrong(change: Change, code: str, topic: str) -> None:
    assert (topic, code) in {(finding.topic, finding.code) for finding in check_catalogue(change(CATALOGUE))}
