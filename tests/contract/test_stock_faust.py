"""Why Faust's own acknowledging, tables and recovery are replaced: the same story on stock Faust and on ours.

Each test first shows the fault on faust-streaming as its documentation shows it, so that the day it is mended we
hear of it, and then that ours does not have it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.worker import Worker
from tests.contract.world import World

pytestmark = pytest.mark.kafka

LOAD = 3000
#: A record that takes so long makes the load last some seconds: however late the kill, it comes in the middle.
TAKES_S = "0.002"
STUCK_FOR_S = 8.0


class Stock(World):
    """A world whose workers are stock Faust's; its changelog has another name, and it has no dead letters."""

    def __init__(self, bootstrap: str, logs: Path) -> None:
        logs.mkdir()
        super().__init__(bootstrap, logs, is_transactional=True)
        self.changelog = f"{self.name}-rows-changelog"

    def start_stock(self, **environment: str) -> Worker:
        return self.start(module="tests.contract.stock_faust", job="worker", **environment)

    def counted(self) -> dict[bytes, int]:
        """What the table says of each case, as its changelog has it."""
        return {key: int(value) for key, value in self.rows.items()}


@pytest.fixture
def stock(kafka: str, tmp_path: Path) -> Iterator[Stock]:
    world = Stock(kafka, tmp_path / "stock")
    try:
        yield world
    finally:
        world.close()


@pytest.fixture
def ours(kafka: str, tmp_path: Path) -> Iterator[World]:
    (tmp_path / "ours").mkdir()
    world = World(kafka, tmp_path / "ours", is_transactional=True)
    try:
        yield world
    finally:
        world.close()


def say(world: World, count: int) -> None:
    for n in range(count):
        world.say(world.a, f"case-{n % 8}", {"do": "note", "pad": "x" * 100})
    world.flush()


def test_exception_costs_stock_faust_the_event_and_ours_nothing(stock: Stock, ours: World) -> None:
    """Faust's stream acknowledges the event that failed in its `finally`; it never comes again."""
    stock.make(1)
    say(stock, 20)
    stock.start_stock(CONTRACT_BREAKS_AT="7")
    stock.until(lambda: (stock.a, 0, 19) in stock.places("note"), "the last event")
    stock.quiet(4)
    lost = {(stock.a, 0, offset) for offset in range(20)} - set(stock.places("note"))
    assert lost == {(stock.a, 0, 7)}

    ours.make(1)
    say(ours, 20)
    assert ours.start(CONTRACT_BREAKS_AT="7").exit_code() == 70
    ours.opened()
    ours.until_told(20)
    assert ours.places("note") == [(ours.a, 0, offset) for offset in range(20)]


def test_kill_doubles_facts_and_rows_of_stock_faust_and_none_of_ours(stock: Stock, ours: World) -> None:
    """Facts, rows and offsets are three writes of Faust's; a kill between them does some of them again."""
    stock.make(1)
    say(stock, LOAD)
    killed = stock.start_stock(CONTRACT_TAKES_S=TAKES_S)
    stock.until_told(300)
    killed.kill()
    stock.start_stock()
    stock.until(lambda: len(set(stock.places("note"))) == LOAD, "all events")
    stock.quiet(2)
    doubled = [place for place, times in Counter(stock.places("note")).items() if times > 1]
    assert doubled
    assert sum(stock.counted().values()) > LOAD, "its rows count what they counted before"

    ours.make(1)
    say(ours, LOAD)
    second = ours.opened(SEINHUIS_BATCH_RECORDS="50", CONTRACT_TAKES_S=TAKES_S)
    ours.until_told(300)
    second.kill()
    assert len(ours.facts) < LOAD
    ours.opened()
    ours.until_told(LOAD)
    ours.quiet()
    assert len(ours.places("note")) == len(set(ours.places("note"))) == LOAD
    assert sum(ours.counts().values()) == LOAD


def test_marker_at_the_end_of_a_changelog_holds_stock_faust_for_ever_and_ours_not(
    stock: Stock, ours: World
) -> None:
    """Its recovery waits for the offset before the log's end, which is a transaction's marker and no record."""
    for world in (stock, ours):
        world.make(1)
        say(world, 5)
    first = stock.start_stock()
    stock.until_told(5)
    stock.quiet(4)
    first.terminate()
    first.exit_code()
    stock.abort((stock.changelog, b'"case-1"', b"1"))
    assert "Recovery complete" in first.log.read_text(), "without a marker it does recover"
    stuck = stock.start_stock()
    say(stock, 1)
    stock.until(lambda: "Restoring state from changelog" in stuck.log.read_text(), "recovery has begun")
    began_s = time.monotonic()
    while time.monotonic() - began_s < STUCK_FOR_S:
        stock.tail.read(0.2)
    assert "Recovery complete" not in stuck.log.read_text()
    assert len(stock.facts) == 5

    ours.opened()
    ours.until_told(5)
    ours.workers[-1].terminate()
    ours.workers[-1].exit_code()
    ours.abort((ours.changelog, b"case-1", b"- 5\n{}"))
    ours.opened()
    say(ours, 1)
    assert len(ours.until_told(6)) == 6
