"""A broker of a story's own: a lane's time never falls, and every story has another day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.broker import Embedded
from tests.personal import said_on


@pytest.fixture
def embedded_alone(tmp_path: Path) -> Iterator[str]:
    with Embedded(log=tmp_path / "broker.log") as broker:
        yield broker.bootstrap
        assert not said_on(broker.bootstrap), "words about persons were kept"
