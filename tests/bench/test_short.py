"""The benches of the door and its streams run, in a short form: they count, and hold what they found to its bounds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.bench import door, stream
from tests.bench.bounds import Bound, missed, tell
from tests.gateway.deliver import make_topics
from tests.gateway.running import a_gateway


def test_bench_of_the_door_and_its_streams_run(tmp_path: Path, embedded: str, postgres: str) -> None:
    with a_gateway(embedded, postgres, tmp_path, also=door.UNLIMITED) as opened:
        found = asyncio.run(door.measure(opened, door.Given(1_000, 100, 4, True)))
        assert found.rate > 0 and found.cpu_us > 0
        assert len(found.took_s) == 10, "warming up is not counted"
        asyncio.run(make_topics(embedded, stream.PARTY))
        seen = asyncio.run(stream.measured(embedded, opened, readers=50, events=2))
    assert seen["readers"] == 50
    assert len(seen["event_to_all_s"]["each"]) == 2
    assert seen["rss_after_mb"] < stream.MEMORY_MOST_MB


def test_bench_of_the_door_says_what_it_missed() -> None:
    assert door.Measured(3_000.0, 200.0, [0.1]).broken() == []
    assert door.Measured(1_506.0, 200.0, [0.1]).broken() == [
        "events a second through one gateway is 1,506, at least 3,000"
    ]


@pytest.mark.parametrize(("idle_mb", "worst_s", "count"), [(399.0, 1.0, 0), (401.0, 0.5, 1), (401.0, 1.1, 2)])
def test_bench_of_streams_says_what_it_missed(idle_mb: float, worst_s: float, count: int) -> None:
    found = {
        "readers": 1000,
        "rss_idle_mb": idle_mb,
        "rss_after_mb": 100.0,
        "event_to_all_s": {"worst": worst_s},
    }
    assert len(stream.broken(found)) == count


def test_missed_bound_is_said_and_is_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(missed([Bound("memory, MB,", 400.5, 400.0)])) == 1
    assert capsys.readouterr().err == "not held: memory, MB, is 400.5, at most 400\n"
    assert tell(missed([Bound("memory, MB,", 400.0, 400.0)])) == 0
    assert capsys.readouterr().err == ""
