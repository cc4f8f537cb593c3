"""A job's tally is told what has become visible, and nothing hangs on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from prometheus_client import REGISTRY

from services.runtime.job import Emit, Job, LaneTally, Step
from services.runtime.tallying import Tallying
from services.runtime.timers import frame
from tests.runtime.given import a_chunk, a_job, a_lane, always, apply

OWN = b"\x00position"


class Rows(dict[bytes, bytes | None]):
    """A tally of one lane that keeps what it was told, and may raise."""

    def __init__(self, raises: bool = False) -> None:
        self.counted: list[object] = []
        self._raises = raises

    def fill(self, rows: Iterable[tuple[bytes, bytes | None]]) -> Iterator[None]:
        for key, row in rows:
            self[key] = row
            yield

    def take(self, rows: Iterable[tuple[bytes, bytes | None]], counted: Sequence[object]) -> None:
        if self._raises:
            raise ZeroDivisionError
        self.update(rows)
        self.counted += counted


class Tallies:
    """A tally that keeps what it showed last."""

    def __init__(self, raises: bool = False) -> None:
        self.shown: list[tuple[int, int]] = []
        self._raises = raises

    def lane(self) -> LaneTally:
        return Rows(self._raises)

    def show(self, lanes: Sequence[Any], now_ms: int) -> None:
        self.shown.append((len(lanes), now_ms))


def of(tallies: Tallies) -> Job:
    return a_job()._replace(name="tallied", tally=tallies)


def ended() -> float | None:
    return REGISTRY.get_sample_value("runtime_tally_ended", {"job": "tallied"})


def test_a_lane_that_opens_is_tallied_by_its_rows_and_not_by_its_own() -> None:
    lane = a_lane()
    lane.rows |= {b"case-1": frame(b"{}", None), OWN: b"{}"}
    found = asyncio.run(Tallying(of(Tallies())).of(lane))
    assert isinstance(found, Rows)
    assert dict(found) == {b"case-1": b"{}"}


def test_the_loop_has_its_turn_while_a_lane_is_tallied() -> None:
    lane = a_lane()
    lane.rows |= {b"case-%d" % n: frame(b"{}", None) for n in range(10)}

    async def turns() -> int:
        filling = asyncio.create_task(Tallying(of(Tallies())).of(lane))
        count = 0
        while not filling.done():
            count += 1
            await asyncio.sleep(0)
        return count

    assert asyncio.run(turns()) >= 10


def test_what_has_become_visible_is_told_with_what_its_steps_count() -> None:
    lane = a_lane()
    lane.feed(a_chunk(0, 2))
    step = Step(b'{"n":1}', [Emit("facts", b"case-1", b"{}", [])], counted=["one"])
    unit = apply(lane, always(step)).unit
    tally = Rows()
    Tallying(of(Tallies())).take(tally, unit)
    assert tally == {b"case-1": b'{"n":1}'}
    assert tally.counted == ["one", "one"]


def test_a_row_that_is_gone_is_told_as_none() -> None:
    lane = a_lane()
    lane.rows[b"case-1"] = frame(b"{}", None)
    lane.feed(a_chunk(0, 1))
    tally = Rows()
    Tallying(of(Tallies())).take(tally, apply(lane, always(Step(None))).unit)
    assert tally == {b"case-1": None}


def test_a_tally_that_raises_ends_nothing_else_and_an_operator_is_told() -> None:
    tallies = Tallies(raises=True)
    tallying = Tallying(of(tallies))
    assert ended() == 0
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    unit = apply(lane, always(Step(b"{}"))).unit
    tallying.take(Rows(raises=True), unit)
    assert ended() == 1
    tallying.take(Rows(raises=True), unit)
    tallying.show([Rows()], 1)
    assert tallies.shown == []
    assert asyncio.run(tallying.of(lane)) is None


def test_a_job_without_a_tally_needs_none() -> None:
    tallying = Tallying(a_job())
    lane = a_lane()
    lane.feed(a_chunk(0, 1))
    assert asyncio.run(tallying.of(lane)) is None
    tallying.take(None, apply(lane, always(Step(b"{}"))).unit)
    tallying.show([None], 1)
