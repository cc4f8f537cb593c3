"""Topics on a broker: made once, repaired where the broker can, refused where a lane would break."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.cli.processes import HOST, free_port
from services.runtime.admin import Outcome, look, make
from services.runtime.reach import BrokerUnreachable
from topics.catalogue import SIGNALS_EVENTS, Topic, changelog


@pytest.fixture(params=["embedded", "kafka"])
def broker(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def pair(unique: Callable[[str], str]) -> tuple[Topic, Topic]:
    """Two topics no other test has, one that expires and one that is compacted."""
    return replace(SIGNALS_EVENTS, name=f"{unique('facts')}.events.v1"), changelog(unique("rows"))


def did(outcomes: Sequence[Outcome]) -> list[str]:
    return [outcome.did for outcome in outcomes]


async def test_topics_are_made_once_with_partitions_and_settings(
    broker: str, pair: tuple[Topic, Topic]
) -> None:
    assert did(await make(broker, pair)) == ["created", "created"]
    assert did(await make(broker, pair)) == ["kept", "kept"]
    found = await look(broker, pair)
    for topic in pair:
        assert found[topic.name].partitions == 12
        assert topic.configs().items() <= found[topic.name].configs.items()


async def test_a_missing_topic_is_added_to_those_that_are_there(
    broker: str, pair: tuple[Topic, Topic]
) -> None:
    await make(broker, pair[:1])
    assert did(await make(broker, pair)) == ["kept", "created"]


async def test_another_partition_count_is_refused_and_nothing_is_touched(
    broker: str, pair: tuple[Topic, Topic]
) -> None:
    facts, _ = pair
    await make(broker, [replace(facts, partitions=4)])
    outcomes = await make(broker, pair)
    assert did(outcomes) == ["refused", "left"]
    assert "has 4 partitions, wanted are 12" in outcomes[0].says
    assert set(await look(broker, pair)) == {facts.name}


async def test_looking_for_a_topic_does_not_make_it(broker: str, pair: tuple[Topic, Topic]) -> None:
    assert await look(broker, pair) == {}
    assert await look(broker, pair) == {}


async def test_a_setting_that_differs_is_repaired_and_an_operators_own_is_kept(
    kafka: str, pair: tuple[Topic, Topic]
) -> None:
    facts, _ = pair
    await make(kafka, pair)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        drifted = {"retention.ms": "1000", "segment.ms": "600000"}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, facts.name, drifted)])
    finally:
        await admin.close()
    while (await look(kafka, pair))[facts.name].configs["retention.ms"] != "1000":
        await asyncio.sleep(0.05)
    outcomes = await make(kafka, pair)
    assert did(outcomes) == ["repaired", "kept"]
    assert "retention.ms is 1000, wanted 8640000000" in outcomes[0].says
    configs = (await look(kafka, pair))[facts.name].configs
    assert facts.configs().items() <= configs.items()
    assert configs["segment.ms"] == "600000"


async def test_a_broker_that_cannot_change_settings_is_told_of_plainly(
    embedded: str, pair: tuple[Topic, Topic]
) -> None:
    facts, rows = pair
    await make(embedded, pair)
    outcomes = await make(embedded, [replace(facts, retention_days=1), rows])
    assert did(outcomes) == ["left", "kept"]
    assert "this broker cannot change a topic's settings" in outcomes[0].says


async def test_more_copies_than_brokers_is_refused_in_the_brokers_own_words(
    kafka: str, pair: tuple[Topic, Topic]
) -> None:
    outcomes = await make(kafka, pair, replication=3)
    assert did(outcomes) == ["refused", "refused"]
    assert "only 1 broker(s)" in outcomes[0].says


async def test_no_broker_is_told_with_its_address_within_the_bound() -> None:
    nobody = f"{HOST}:{free_port()}"
    with pytest.raises(BrokerUnreachable, match=nobody):
        await look(nobody, [SIGNALS_EVENTS], within_s=2)
