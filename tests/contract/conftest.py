"""The same promises on each broker: a world comes once on the embedded one and once on a real Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contract.world import World

BOTH = [
    pytest.param("embedded", marks=pytest.mark.broker),
    pytest.param("kafka", marks=pytest.mark.kafka),
]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "beyond_embedded(why): the embedded broker cannot do this, and fails")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the embedded broker cannot do is run on it all the same, and must fail: the day it can, we hear of it."""
    for item in items:
        mark = item.get_closest_marker("beyond_embedded")
        if mark is not None and "embedded" in _parameters(item):
            item.add_marker(pytest.mark.xfail(strict=True, reason=mark.args[0]))


def _parameters(item: pytest.Item) -> list[object]:
    return list(item.callspec.params.values()) if isinstance(item, pytest.Function) else []


@contextmanager
def _a_world(request: pytest.FixtureRequest, logs: Path) -> Iterator[World]:
    broker: str = request.getfixturevalue(request.param)
    world = World(broker, logs, is_transactional=request.param == "kafka")
    try:
        yield world
    finally:
        world.close()


@pytest.fixture(params=BOTH)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Topics, workers and readers of one test."""
    with _a_world(request, tmp_path) as world:
        yield world


@pytest.fixture(params=BOTH, scope="module")
def shared_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world for all tests of a module: a group takes seven seconds to form on the embedded broker."""
    with _a_world(request, tmp_path_factory.mktemp("world")) as world:
        yield world
