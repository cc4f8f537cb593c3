"""A worker that runs hears who is away, and by the next signal it asks somebody else and says why."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from confluent_kafka import TopicPartition

from services.agreements import directory_changes as changes
from services.cli.broker import Embedded
from services.cli.directory.describing import Broker, describe
from tests.brokers import Kafka
from tests.casework.world import ms
from tests.contract.conftest import BOTH
from tests.contract.test_agreements import CAME_WITHIN_S, Core
from tests.contract.world import Tail
from topics.catalogue import DEADLINES_EVENTS, PARTITIONS

TEAM, POINT = "care/de-vlier-team", "point/de-vlier-point"
NOW = "2026-12-01T00:05"
#: A worker that runs knows within seconds; the bound is for a machine that is busy with other things.
HEARD_WITHIN_S = 180.0


class Desk:
    """A core that runs, who tells of its contacts, and what its ladders did."""

    def __init__(self, core: Core, broker: Broker) -> None:
        self.core = core
        self._broker = broker
        self._tail = Tail(
            core.bootstrap, [TopicPartition(DEADLINES_EVENTS.name, number, 0) for number in range(PARTITIONS)]
        )
        self._cases = 0

    def tell(self, contact: str, change: object) -> None:
        asyncio.run(describe(self._broker, contact, change, ms(NOW)))  # type: ignore[arg-type]

    def climbed(self) -> tuple[str, list[str]]:
        """Reports a signal; who is asked in the end, and the reasons of the levels that were skipped."""
        self._cases += 1
        case = f"case-away{self._cases:08}"
        self.core.report(case, f"{NOW}:00", lane=0)
        until_s = time.monotonic() + CAME_WITHIN_S
        while True:
            self._tail.read()
            facts = [one for one in self._tail.seen if one.key == case.encode()]
            opened = [one for one in facts if b"ObligationOpened" in one.headers["ce_type"]]
            if opened:
                break
            assert time.monotonic() < until_s, self.core.worker.last_words
        # What follows in the same step is visible with it.
        climbed = [one.said for one in facts if b"ObligationEscalated" in one.headers["ce_type"]]
        if not climbed:
            return opened[0].said["owed_by"], []
        return climbed[0]["to"], [skip["reason"] for skip in climbed[0]["skipped"]]

    def close(self) -> None:
        self._tail.close()


@pytest.fixture(scope="module", params=BOTH)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    place = tmp_path_factory.mktemp("desk")
    is_kafka = request.param == "kafka"
    with ExitStack() as stack:
        node = Kafka(place / "kafka", heap_mb=512) if is_kafka else Embedded(log=place / "broker.log")
        stack.enter_context(node)
        core = Core(node.bootstrap, place, is_transactional=is_kafka)
        stack.callback(core.close)
        desk = Desk(core, Broker(node.bootstrap, is_kafka))
        stack.callback(desk.close)
        yield desk


def until_climbed(desk: Desk, expected: tuple[str, list[str]]) -> None:
    """Reports signals until one goes this way."""
    until_s = time.monotonic() + HEARD_WITHIN_S
    while (found := desk.climbed()) != expected:
        assert time.monotonic() < until_s, f"still {found} after {HEARD_WITHIN_S:.0f} s"
        time.sleep(0.2)


def test_worker_takes_an_absence_over_within_seconds_and_its_end_too(desk: Desk) -> None:
    assert desk.climbed() == (TEAM, [])
    desk.tell(TEAM, partial(changes.absent, from_ms=None, until_ms=None, reason="leave", now_ms=ms(NOW)))
    until_climbed(desk, (POINT, ["absent"]))
    desk.tell(TEAM, partial(changes.back, from_ms=None, now_ms=ms(NOW)))
    until_climbed(desk, (TEAM, []))


def test_worker_opens_no_lane_before_it_has_read_the_directory(desk: Desk) -> None:
    said = desk.core.worker.hear("broadcasts_loaded", 1)[0]
    assert said["topics"] == ["agreements.events.v1", "directory.events.v1"]
    words = desk.core.worker.log.read_text(encoding="utf-8")
    assert words.index("broadcasts_loaded") < words.index("lane_opened")
