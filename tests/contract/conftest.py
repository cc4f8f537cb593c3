"""The same promises on each broker: `world` comes once on the embedded one and once on a real Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract.world import World


@pytest.fixture(
    params=[pytest.param("embedded", marks=pytest.mark.broker), pytest.param("kafka", marks=pytest.mark.kafka)]
)
def world(request: pytest.FixtureRequest, unique: Callable[[str], str], tmp_path: Path) -> Iterator[World]:
    """Topics, workers and readers of one test on one broker."""
    broker: str = request.getfixturevalue(request.param)
    world = World(broker, unique("w"), tmp_path, is_transactional=request.param == "kafka")
    try:
        yield world
    finally:
        world.close()
