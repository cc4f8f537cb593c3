"""The Kafka of our tests: what stopping, killing and pausing promise to those who rely on it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.cli.errors import ProcessDied
from services.cli.processes import is_broker
from tests import brokers
from tests.brokers import Kafka


@pytest.mark.kafka
def test_kafka_keeps_its_address_and_data_when_killed(tmp_path: Path) -> None:
    with Kafka(tmp_path, heap_mb=512) as node:
        address = node.bootstrap
        assert asyncio.run(_topics(address, make="kept.v1")) >= {"kept.v1"}
        node.kill()
        assert not is_broker(address)
        node.start()
        assert node.bootstrap == address
        assert asyncio.run(_topics(address)) >= {"kept.v1"}
        node.pause()
        assert not is_broker(address)
        node.resume()
        assert is_broker(address)
    assert not is_broker(address)


@pytest.mark.kafka
def test_kafka_left_standing_is_started_once_and_stopped_once(tmp_path: Path) -> None:
    try:
        address = brokers.up(run=tmp_path)
        assert brokers.up(run=tmp_path) == address
        assert is_broker(address)
    finally:
        assert brokers.down(run=tmp_path)
    assert not is_broker(address)
    assert not brokers.down(run=tmp_path)


def test_kafka_without_maven_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "RUN", tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ProcessDied, match="mvn was not found: tests on real Kafka need Java 17 and Maven"):
        brokers.libs()


async def _topics(bootstrap: str, make: str | None = None) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if make:
            await admin.create_topics([NewTopic(make, 2, 1)])
        return set(await admin.list_topics())
    finally:
        await admin.close()
