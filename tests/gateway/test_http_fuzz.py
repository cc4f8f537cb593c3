"""Two thousand malformed events, the first of the fifty thousand of `python -m tests.gateway.fuzz`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway import fuzz
from tests.gateway.doors import opened

pytestmark = pytest.mark.usefixtures("quiet")


async def test_malformed_events_get_clean_answers_and_take_no_good_one_with_them(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=fuzz.settings()) as door:
        found = await fuzz.run(door, 2_000, seed=1)
    assert found.wrong == []
    assert found.good > 40
    assert sum(number for status, number in found.statuses.items() if 400 <= status < 500) > 1_000


async def test_fuzz_itself_sees_a_500_and_a_loss(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=fuzz.settings()) as door:
        door.intake.fails = OSError("x")
        found = await fuzz.run(door, 300, seed=2)
    assert any("503" in one for one in found.wrong)
    assert any("was lost" in one for one in found.wrong)
