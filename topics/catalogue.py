"""The catalogue: each topic with its writer, key, partitions, retention and messages. A new topic is one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from schemas.base import Kind, Said
from schemas.registry import TYPES

Cleanup = Literal["delete", "compact"]
#: A record's key. Whatever has the same key keeps its order and, in a compacted topic, its last value.
Key = Literal[
    "caseid", "partnership/version", "party/contact", "partnership/party", "alias", "event", "row", "hash"
]

#: Whatever inputs one process reads form one lane per partition number, so these counts are one number for ever.
PARTITIONS = 12
#: What a broker takes as one record batch by default; the runtime fills batches to 0.9 MB.
BATCH_MAX_BYTES = 1_048_576
#: Twice the week for which a case knows a repeated command by its id.
COMMANDS_KEPT_DAYS = 14
#: A quarter and a week: long enough to try a new agreement on the last quarter's signals.
FACTS_KEPT_DAYS = 100
#: A month to look into what could not be read.
DEAD_KEPT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `retention_days=None` keeps it for ever; a compacted topic keeps the last value of each key."""

    name: str
    says: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    key: Key
    carries: tuple[type[Said], ...] = ()
    partitions: int = PARTITIONS
    cleanup: Cleanup = "delete"
    retention_days: int | None = None
    max_message_bytes: int = BATCH_MAX_BYTES

    @property
    def is_dead_twin(self) -> bool:
        """Whether it holds the dead letters of another topic."""
        return self.name.endswith(".dead")

    def configs(self) -> dict[str, str]:
        """The settings a broker is told, by Kafka's own names."""
        keep_ms = -1 if self.retention_days is None else self.retention_days * 86_400_000
        return {
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(self.max_message_bytes),
            "retention.ms": str(keep_ms),
        }


def said(subject: str, kind: Kind) -> tuple[type[Said], ...]:
    """The registered commands or facts of a subject, by name."""
    return tuple(
        model for _, model in sorted(TYPES.items()) if (model.subject, model.kind) == (subject, kind)
    )


def commands(subject: str, says: str, writers: tuple[str, ...] = ("gateway",)) -> Topic:
    """What is asked of a subject, in the order of the case."""
    return Topic(
        name=f"{subject}.commands.v1",
        says=says,
        writers=writers,
        readers=("casework",),
        key="caseid",
        carries=said(subject, "command"),
        retention_days=COMMANDS_KEPT_DAYS,
    )


def facts(
    subject: str, says: str, readers: tuple[str, ...] = ("notices", "audit", "board", "gateway")
) -> Topic:
    """What was decided about a subject, in the order of the case."""
    return Topic(
        name=f"{subject}.events.v1",
        says=says,
        writers=("casework",),
        readers=readers,
        key="caseid",
        carries=said(subject, "fact"),
        retention_days=FACTS_KEPT_DAYS,
    )


def changelog(job_name: str) -> Topic:
    """The rows and positions of a process: its only memory, so nobody else writes it and nothing of it expires."""
    return Topic(
        name=f"{job_name}.changelog.v1",
        says=f"The rows, timers and positions of `{job_name}`.",
        writers=(job_name,),
        readers=(job_name,),
        key="row",
        cleanup="compact",
    )


def dead(topic: Topic) -> Topic:
    """Where readers of a topic note what they could not read: position, reason and hash, never the bytes."""
    return Topic(
        name=f"{topic.name}.dead",
        says=f"Records of `{topic.name}` that could not be read or decided, by position, reason and hash.",
        writers=topic.readers,
        readers=("audit",),
        key="hash",
        partitions=1,
        retention_days=DEAD_KEPT_DAYS,
    )


SIGNALS_COMMANDS = commands("signals", "What is asked about a signal.")
SIGNALS_EVENTS = facts(
    "signals", "What became of a signal: who is asked and by which rule, and what they answered."
)
COORDINATION_COMMANDS = commands(
    "coordination", "What is asked about a case itself: its roles, and what it holds."
)
COORDINATION_EVENTS = facts(
    "coordination", "Who answers for a case, who fills which of its roles, and what it holds."
)
DEADLINES_EVENTS = facts("deadlines", "Who owes whom an answer by when, and what became of it.")
AGREEMENTS_EVENTS = Topic(
    name="agreements.events.v1",
    says="Every version of every agreement, as it was signed.",
    writers=("agreements",),
    readers=("gateway", "casework", "collaboration", "notices", "audit", "board"),
    key="partnership/version",
    carries=said("agreements", "fact"),
    cleanup="compact",
)
DIRECTORY_EVENTS = Topic(
    name="directory.events.v1",
    says="Who is away, on duty and reached how, beside what was signed.",
    writers=("directory",),
    readers=("gateway", "casework", "collaboration", "notices", "audit", "board"),
    key="party/contact",
    carries=said("directory", "fact"),
    cleanup="compact",
)
COLLABORATION_COMMANDS = Topic(
    name="collaboration.commands.v1",
    says="What a party missed of its agreement, and what is answered to that. No case is in it.",
    writers=("casework", "gateway"),
    readers=("collaboration",),
    key="partnership/party",
    carries=said("collaboration", "command"),
    retention_days=COMMANDS_KEPT_DAYS,
)
COLLABORATION_EVENTS = Topic(
    name="collaboration.events.v1",
    says="How often a party missed what, who was addressed about it, and what was answered. No case is in it.",
    writers=("collaboration",),
    readers=("notices", "audit", "board", "gateway"),
    key="partnership/party",
    carries=said("collaboration", "fact"),
    retention_days=FACTS_KEPT_DAYS,
)

GATEWAY_EVENTS = Topic(
    name="gateway.events.v1",
    says="What happened at the door: content that was read, events that did not pass.",
    writers=("gateway",),
    readers=("notices", "audit", "board"),
    key="caseid",
    carries=said("gateway", "fact"),
    retention_days=FACTS_KEPT_DAYS,
)
NOTICES_COMMANDS = Topic(
    name="notices.commands.v1",
    says="Routine notices to be told together, in the lane of the contact they are for.",
    writers=("notices",),
    readers=("notices",),
    key="party/contact",
    carries=said("notices", "command"),
    retention_days=COMMANDS_KEPT_DAYS,
)
NOTICES_EVENTS = Topic(
    name="notices.events.v1",
    says="Who was told of what, by which way, and how far that came.",
    writers=("notices",),
    readers=("casework", "audit", "board", "gateway"),
    key="caseid",
    carries=said("notices", "fact"),
    retention_days=FACTS_KEPT_DAYS,
)

#: What a partner's own topic is called before the name of the party.
DELIVERIES, INBOX = "deliveries.", "inbox."


def deliveries(party: str) -> Topic:
    """The thin notices of one party, its own to read: one partition, so that a position is a place in its stream."""
    return Topic(
        name=f"{DELIVERIES}{party}",
        says=f"What {party} is told: thin, under aliases of its own.",
        writers=("notices",),
        readers=("gateway", party),
        key="alias",
        carries=said("deliveries", "fact"),
        partitions=1,
        retention_days=COMMANDS_KEPT_DAYS,
    )


def inbox(party: str) -> Topic:
    """The events of a partner that speaks Kafka: references and codes only; what does not pass the door is deleted."""
    return Topic(
        name=f"{INBOX}{party}",
        says=f"What {party} says, on its way to the door.",
        writers=(party,),
        readers=("gateway",),
        key="event",
        partitions=1,
        retention_days=COMMANDS_KEPT_DAYS,
    )


def of_party(party: str) -> tuple[Topic, ...]:
    """The topics that are made for one party."""
    said_by_it = inbox(party)
    return deliveries(party), said_by_it, dead(said_by_it)


#: The topics of a partner, with `{party}` where its name stands: made for each party of a published agreement.
OF_A_PARTY: tuple[Topic, ...] = (deliveries("{party}"), inbox("{party}"))

_SAID = (
    SIGNALS_COMMANDS,
    SIGNALS_EVENTS,
    COORDINATION_COMMANDS,
    COORDINATION_EVENTS,
    DEADLINES_EVENTS,
    AGREEMENTS_EVENTS,
    DIRECTORY_EVENTS,
    COLLABORATION_COMMANDS,
    COLLABORATION_EVENTS,
    GATEWAY_EVENTS,
    NOTICES_COMMANDS,
    NOTICES_EVENTS,
)

#: The processes that keep rows.
PROCESSES = ("casework", "collaboration", "notices")

#: Every topic there is.
CATALOGUE: tuple[Topic, ...] = (*_SAID, *(dead(topic) for topic in _SAID), *map(changelog, PROCESSES))

TOPICS: Mapping[str, Topic] = {topic.name: topic for topic in CATALOGUE}


def find(name: str) -> Topic | None:
    """The topic of this name, a party's own too; None when there is none."""
    if name in TOPICS:
        return TOPICS[name]
    prefix, _, rest = name.partition(".")
    if f"{prefix}." not in (DELIVERIES, INBOX):
        return None
    # A party's name holds no dot, so that whatever follows one is not its name.
    of_it = of_party(rest.partition(".")[0])
    return next((topic for topic in of_it if topic.name == name and rest), None)


def topic_of(model: type[Said]) -> Topic:
    """The one topic that carries a message."""
    for topic in (*CATALOGUE, *OF_A_PARTY):
        if model in topic.carries:
            return topic
    raise LookupError(f"no topic carries {model.type_name()}; add it to topics/catalogue.py")
