"""Whether a catalogue holds together: what would break a lane, lose a message or leave one without a home."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas.registry import TYPES
from topics.catalogue import CATALOGUE, OF_A_PARTY, PARTITIONS, Topic

_NAME = re.compile(r"[a-z]+\.(commands|events|changelog)\.v[1-9][0-9]*(\.dead)?")


class Finding(NamedTuple):
    """What is wrong with which topic: a code, and a sentence."""

    topic: str
    code: str
    says: str


def check_catalogue(topics: Sequence[Topic] = CATALOGUE) -> tuple[Finding, ...]:
    """All that is wrong; nothing when all is well."""
    return (*_topic_findings(topics), *_message_findings(topics))


def _topic_findings(topics: Sequence[Topic]) -> Iterator[Finding]:
    names = Counter(topic.name for topic in topics)
    for topic in topics:
        name, is_twin = topic.name, topic.is_dead_twin
        if not _NAME.fullmatch(name):
            yield Finding(
                name, "name_misspelt", "call it <subject>.<commands|events|changelog>.v<major>[.dead]"
            )
        if names[name] > 1:
            yield Finding(name, "name_repeated", "two topics have this name")
        if not topic.writers:
            yield Finding(name, "nobody_writes", "name the process that writes it")
        if not is_twin and topic.partitions != PARTITIONS:
            yield Finding(
                name,
                "partitions_differ",
                f"{topic.partitions} partitions; lanes are one number over all: {PARTITIONS}",
            )
        if topic.cleanup == "compact" and topic.retention_days is not None:
            yield Finding(
                name, "compacted_expires", "a compacted topic keeps the last value of a key for ever"
            )
        if topic.cleanup == "delete" and topic.retention_days is None:
            yield Finding(name, "never_expires", "say for how many days it is kept: facts are health data")
        if topic.key == "caseid" and topic.cleanup == "compact":
            yield Finding(name, "case_compacted", "compaction would keep one fact a case")
        if topic.readers and not is_twin and topic.key != "row" and f"{name}.dead" not in names:
            yield Finding(
                name, "dead_twin_missing", f"add {name}.dead: what its readers cannot read needs a place"
            )


def _message_findings(topics: Sequence[Topic]) -> Iterator[Finding]:
    homes = Counter(model for topic in (*topics, *OF_A_PARTY) for model in topic.carries)
    for topic in topics:
        for model in topic.carries:
            kind = "commands" if model.kind == "command" else "events"
            if not topic.name.startswith(f"{model.subject}.{kind}.v{model.version}"):
                yield Finding(
                    topic.name, "message_astray", f"{model.type_name()} belongs on {model.subject}.{kind}"
                )
            if homes[model] > 1:
                yield Finding(
                    topic.name, "message_repeated", f"{model.type_name()} is carried by more than one topic"
                )
    for name, model in TYPES.items():
        if model not in homes:
            yield Finding("-", "message_homeless", f"no topic carries {name}")
