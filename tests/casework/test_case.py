"""The row of a case: one golden row, and what a version may and may not do to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.casework.case import open_case, read_case, write_case
from tests.casework.world import CASE, WATERKANT, World

#: A row as version 1 wrote it. It is never edited: every later version must read it.
GOLDEN = Path(__file__).parent / "case.v1.json"


#: What ended an obligation then.
AS_IT_WAS = re.sub(
    r"^    (asked_of|cancelled_by): .*\n|^      - .event: NoticeFailed.*\n", "", WATERKANT, flags=re.MULTILINE
)


def a_world() -> World:
    world = World(AS_IT_WAS, at="2026-11-23T09:00")
    world.report(types=["nursing"])
    world.decline("linde/linde-team", "no_capacity", "2026-11-23T09:05")
    world.run_until("2026-11-23T09:16")
    return world


def holds(row: Any, part: Any) -> bool:
    """Whether a row has everything a part of it has, and perhaps more keys."""
    if isinstance(part, dict):
        return isinstance(row, dict) and all(key in row and holds(row[key], part[key]) for key in part)
    if isinstance(part, list):
        return len(row) == len(part) and all(map(holds, row, part))
    return bool(row == part)


def test_the_row_has_all_it_always_had() -> None:
    assert holds(orjson.loads(a_world().rows[CASE.encode()]), orjson.loads(GOLDEN.read_bytes()))


def test_the_golden_row_can_be_decided_with() -> None:
    world = World(WATERKANT, at="2026-11-23T09:20")
    world.rows[CASE.encode()] = orjson.dumps(orjson.loads(GOLDEN.read_bytes()))
    world.acknowledge("linde/linde-duty", id="new")
    assert world.names()[0] == "SignalAcknowledged"
    assert world.case()["obligations"] == []


def test_what_a_later_version_added_is_carried_along() -> None:
    world = a_world()
    row = orjson.loads(world.rows[CASE.encode()])
    row["circle"] = ["linde"]
    row["obligations"][0]["paused_until_ms"] = None
    (entity,) = row["entities"].values()
    entity["aliases"] = {"linde": "a-1"}
    entity["signal"]["interpreted_by"] = None
    world.rows[CASE.encode()] = orjson.dumps(row)
    world.decline("linde/linde-duty", "outside_area")
    world.run_until("2026-11-23T12:00")
    after = orjson.loads(world.rows[CASE.encode()])
    (entity,) = after["entities"].values()
    assert (after["circle"], entity["aliases"]) == (["linde"], {"linde": "a-1"})
    assert "interpreted_by" in entity["signal"]
    assert "paused_until_ms" in after["obligations"][0]


def test_a_row_of_a_breaking_version_is_not_read() -> None:
    with pytest.raises(ValueError, match="version 2"):
        read_case(b'{"v":2}')


def test_a_case_that_nobody_is_responsible_for_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="nobody is responsible"):
        write_case(open_case("de-vlier", ""))
