"""Makes the topics of the catalogue on a broker, repairs their settings, and refuses what would break a lane."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError, TopicAlreadyExistsError

from services.runtime.reach import BrokerUnreachable, Security
from services.runtime.tail import Place
from topics.catalogue import Topic
from topics.plan import Change, Found, plan

Did = Literal["created", "kept", "repaired", "left", "refused"]

_ITS_OWN = 1  # the source of a setting that was given to the topic itself
_POLL_S = 0.1


class Outcome(NamedTuple):
    """What became of one topic. `left`: it differs, and this broker cannot change settings."""

    topic: str
    did: Did
    says: str = ""


async def look(
    bootstrap: str, wanted: Sequence[Topic], *, security: Security | None = None, within_s: float = 10.0
) -> dict[str, Found]:
    """Which of these topics a broker has, with their settings."""
    async with admin_client(bootstrap, security, within_s) as admin:
        return await _look(admin, wanted)


async def make(
    bootstrap: str,
    wanted: Sequence[Topic],
    *,
    replication: int | None = None,
    security: Security | None = None,
    within_s: float = 30.0,
) -> tuple[Outcome, ...]:
    """Makes what is missing and repairs what differs; when one topic is refused, nothing is touched.

    `replication=None` leaves the number of copies to the broker.
    """
    async with admin_client(bootstrap, security, within_s) as admin:
        changes = plan(wanted, await _look(admin, wanted))
        if any(change.verdict == "refused" for change in changes):
            return tuple(_untouched(change) for change in changes)
        missing = [change.topic for change in changes if change.verdict == "missing"]
        created = await _create(admin, missing, replication)
        # Somebody may have made one of them otherwise meanwhile, so what is there now is judged again.
        changes = await _settled(admin, wanted, "missing", created)
        repaired = await _repair(admin, [change for change in changes if change.verdict == "differs"])
        await _settled(admin, wanted, "differs", repaired)
        done = {**repaired, **created}
        return tuple(
            _untouched(change)
            if change.verdict == "refused"
            else done.get(change.topic.name) or _untouched(change)
            for change in changes
        )


async def forget(
    bootstrap: str, before: Mapping[Place, int], *, security: Security | None = None, within_s: float = 10.0
) -> None:
    """Deletes what each place holds before a position: nobody reads it again."""
    async with admin_client(bootstrap, security, within_s) as admin:
        await admin.delete_records(
            {
                TopicPartition(*place): RecordsToDelete(before_offset=offset)
                for place, offset in before.items()
            },
            timeout_ms=int(within_s * 1000),
        )


async def _settled(
    admin: AIOKafkaAdminClient, wanted: Sequence[Topic], verdict: str, done: Mapping[str, Outcome]
) -> tuple[Change, ...]:
    """What is there once all that was done can be seen: news is on its way to every broker for a moment."""
    expected = {name for name, outcome in done.items() if outcome.did in ("created", "repaired")}
    while True:
        changes = plan(wanted, await _look(admin, wanted))
        if not any(change.verdict == verdict and change.topic.name in expected for change in changes):
            return changes
        await asyncio.sleep(_POLL_S)


def _untouched(change: Change) -> Outcome:
    if change.verdict in ("kept", "refused"):
        return Outcome(change.topic.name, "kept" if change.verdict == "kept" else "refused", change.says)
    return Outcome(
        change.topic.name, "left", f"{change.says}; nothing was changed because another topic was refused"
    )


async def _create(
    admin: AIOKafkaAdminClient, missing: Sequence[Topic], replication: int | None
) -> dict[str, Outcome]:
    if not missing:
        return {}
    copies = -1 if replication is None else replication
    # An empty assignment is what lets aiokafka take -1, the broker's own number of copies.
    assignment: dict[int, list[int]] | None = {} if replication is None else None
    answer = await admin.create_topics(
        [NewTopic(topic.name, topic.partitions, copies, assignment, topic.configs()) for topic in missing]
    )
    return {
        name: Outcome(name, "refused", f"the broker will not make {name}: {says or f'error {code}'}")
        if code not in (0, TopicAlreadyExistsError.errno)
        else Outcome(name, "created")
        for name, code, says in answer.topic_errors
    }


async def _repair(admin: AIOKafkaAdminClient, differing: Sequence[Change]) -> dict[str, Outcome]:
    if not differing:
        return {}
    found = await _look(admin, [change.topic for change in differing])
    # This request replaces all of a topic's own settings: whatever an operator set besides is repeated.
    wanted = [
        ConfigResource(
            ConfigResourceType.TOPIC,
            change.topic.name,
            {**found[change.topic.name].own, **change.topic.configs()},
        )
        for change in differing
    ]
    try:
        answers = await admin.alter_configs(wanted)
    except IncompatibleBrokerVersion:
        return {
            change.topic.name: Outcome(
                change.topic.name,
                "left",
                f"{change.says}; this broker cannot change a topic's settings: delete the topic and create it again",
            )
            for change in differing
        }
    codes = {name: (code, says) for answer in answers for code, says, _, name in answer.resources}
    return {
        change.topic.name: _repaired(change, *codes.get(change.topic.name, (0, None))) for change in differing
    }


def _repaired(change: Change, code: int, says: str | None) -> Outcome:
    if code:
        return Outcome(
            change.topic.name, "refused", f"the broker will not change it: {says or f'error {code}'}"
        )
    return Outcome(change.topic.name, "repaired", change.says)


async def _look(admin: AIOKafkaAdminClient, wanted: Iterable[Topic]) -> dict[str, Found]:
    names = {topic.name for topic in wanted}
    # All topics, never by name: asking the embedded broker for a topic by its name makes that topic.
    listed = await admin.describe_topics()
    found = {topic["topic"]: len(topic["partitions"]) for topic in listed if topic["topic"] in names}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in found]
    told = await admin.describe_configs(resources) if resources else []
    entries = {name: settings for answer in told for _, _, _, name, settings in answer.resources}
    return {
        name: Found(
            partitions,
            configs={setting: value for setting, value, *_ in entries.get(name, ())},
            own={
                setting: value
                for setting, value, _, source, *_ in entries.get(name, ())
                if source == _ITS_OWN
            },
        )
        for name, partitions in found.items()
    }


@asynccontextmanager
async def admin_client(
    bootstrap: str, security: Security | None, within_s: float
) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client that manages the broker; whatever it does inside ends within the bound, or nobody answered."""
    admin = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap,
        client_id="seinhuis-topics",
        request_timeout_ms=int(within_s * 1000),
        **(security or {}),
    )
    try:
        async with asyncio.timeout(within_s):
            await admin.start()
            yield admin
    except (KafkaError, TimeoutError, OSError) as fault:
        raise BrokerUnreachable(bootstrap, type(fault).__name__) from fault
    finally:
        await admin.close()
