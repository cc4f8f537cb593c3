"""Why Faust's own acknowledging, tables and recovery are replaced: the same story on stock Faust and on ours.

Each test first shows the fault on faust-streaming as its documentation shows it, so that the day it is mended we
hear of it, and then that ours does not have it.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.raw_produce import Odd, produce_oddly
from tests.contract.worker import HEARD_WITHIN_S, Worker
from tests.contract.world import CAME_WITHIN_S, World

pytestmark = pytest.mark.kafka

LOAD = 3000
#: A record that takes so long makes the load last some seconds: however late the kill, it comes in the middle.
TAKES_S = "0.002"
STUCK_FOR_S = 8.0
#: So long a worker of stock Faust that broke down may take to end by itself.
ITS_SHUTDOWN_S = 30.0
#: So many partitions that no worker has an event of each under way at once.
SCALED = 4
#: So much waits while workers come and go, however quick they are.
AHEAD = 500


class Stock(World):
    """A world whose workers are stock Faust's; its changelog has another name, and it has no dead letters."""

    def __init__(self, bootstrap: str, logs: Path) -> None:
        logs.mkdir()
        super().__init__(bootstrap, logs, is_transactional=True)
        self.changelog = f"{self.name}-rows-changelog"

    def start_stock(self, **environment: str) -> Worker:
        return self.start(module="tests.contract.stock_faust", job="worker", **environment)

    def start_alone(self, **environment: str) -> Worker:
        """The same app, started by a program of one's own."""
        return self.start(module="tests.contract.stock_faust", job="alone", **environment)

    def doubled(self) -> list[tuple[str, int, int]]:
        return [place for place, times in Counter(self.places("note")).items() if times > 1]

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
    assert stock.doubled()
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


def test_scaling_doubles_facts_and_rows_of_stock_faust_and_none_of_ours(stock: Stock, ours: World) -> None:
    """On revoke Faust drops what was acknowledged and only then commits; nobody was killed, nothing failed.

    How it loses as well is in `tests/runtime/test_stock_streams.py`: on a broker that takes a moment's bad luck.
    """
    stock.make(SCALED)
    say(stock, AHEAD)
    stock.start_stock(CONTRACT_TAKES_S=TAKES_S)
    stock.until_told(100)
    second = stock.start_stock(CONTRACT_TAKES_S=TAKES_S)
    said_until(stock, lambda: "Worker ready" in second.log.read_text())
    second.terminate()
    assert second.exit_code() == 0
    stock.until(lambda: bool(stock.doubled()), "an event that was told twice")
    stock.until(
        lambda: sum(stock.counted().values()) > len(set(stock.places("note"))),
        "rows that count more than was said",
    )

    ours.make(SCALED)
    say(ours, AHEAD)
    ours.opened(SEINHUIS_BATCH_RECORDS="50", CONTRACT_TAKES_S=TAKES_S)
    ours.until_told(100)
    second = ours.start("1", SEINHUIS_BATCH_RECORDS="50", CONTRACT_TAKES_S=TAKES_S)
    said = said_until(ours, lambda: bool(second.said("lane_opened")))
    assert len(ours.facts) < said
    second.terminate()
    assert second.exit_code() == 0
    ours.until_told(said)
    ours.quiet()
    assert len(ours.places("note")) == len(set(ours.places("note"))) == said
    assert sum(ours.counts().values()) == said


def said_until(world: World, is_so: Callable[[], bool]) -> int:
    """Says on until it is so, ahead of what is told; says how much that was, with what was said before."""
    said, until = AHEAD, time.monotonic() + CAME_WITHIN_S
    while not is_so():
        assert time.monotonic() < until, world.workers[-1].last_words
        more = max(100, AHEAD - (said - len(set(world.places("note")))))
        say(world, more)
        said += more
        world.tail.read(0.2)
    return said


def test_uncommitted_records_are_read_by_stock_faust_outside_its_worker_and_not_by_ours(
    stock: Stock, ours: World
) -> None:
    """`exactly_once` holds only where Faust's own worker runs the app; elsewhere it is dropped without a word."""
    for world in (stock, ours):
        world.make(1)
        world.say(world.a, "case-1", {"do": "note"})
        world.flush()
        world.abort((world.a, b"case-2", b'{"do": "note"}'))
        world.say(world.a, "case-3", {"do": "note"})
        world.flush()
    stock.start_alone(CONTRACT_GUARANTEE="exactly_once")
    stock.until_told(3)
    assert [fact["key"] for fact in stock.facts] == ["case-1", "case-2", "case-3"]

    ours.opened()
    ours.until_told(2)
    ours.quiet()
    assert [fact["key"] for fact in ours.facts] == ["case-1", "case-3"]


def test_seeks_of_stock_faust_come_from_another_thread_than_the_consumer_has_and_ours_not(
    stock: Stock, ours: World, tmp_path: Path
) -> None:
    """aiokafka locks nothing: a position may change under a fetch that is being handed out."""
    notes = {world: tmp_path / f"seeks-{world.name}" for world in (stock, ours)}
    for world in (stock, ours):
        world.make(1)
        say(world, 8)
    stock.start_stock(CONTRACT_SEEKS=str(notes[stock]), CONTRACT_SEEKS_AT="7")
    stock.until(lambda: bool(stock.doubled()), "it did seek")
    assert [seek["at_home"] for seek in seeks(notes[stock]) if seek["topic"] == stock.a] == [False]

    ours.opened(module="tests.contract.watched", CONTRACT_SEEKS=str(notes[ours]))
    ours.until_told(8)
    sought = seeks(notes[ours])
    assert {seek["topic"] for seek in sought} == {ours.a, ours.b}, (
        "an opening lane seeks in each of its inputs"
    )
    assert all(seek["at_home"] for seek in sought)


def expect_broken(worker: Worker, words: str) -> None:
    """It breaks down over this, and ends as broken. Its shutdown has no bound: one that hangs in it is ended here."""
    until = time.monotonic() + HEARD_WITHIN_S
    while not ("Crashed reason=" in (log := worker.log.read_text(errors="replace")) and words in log):
        assert time.monotonic() < until, worker.last_words
        time.sleep(0.05)
    until = time.monotonic() + ITS_SHUTDOWN_S
    while worker.is_alive and time.monotonic() < until:
        time.sleep(0.05)
    if worker.is_alive:
        worker.kill()
    assert worker.exit_code() != 0


def seeks(notes: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in notes.read_text(encoding="utf-8").splitlines()]


def test_timer_cannot_write_a_row_of_stock_faust_and_ends_its_worker_and_ours_can(
    stock: Stock, ours: World
) -> None:
    """Faust's table takes the partition of a row from the event at hand, and a timer has none."""
    stock.make(1)
    say(stock, 1)
    expect_broken(
        stock.start_stock(CONTRACT_TIMER_S="1"), "Cannot modify table key from outside of stream iteration"
    )
    stock.quiet()
    assert b'"due"' not in stock.rows

    ours.make(1)
    worker = ours.opened()
    ours.say(ours.a, "case-0", {"do": "ask", "within_ms": 500})
    ours.flush()
    assert [fact["did"] for fact in ours.until_told(2)] == ["ask", "late"]

    def due() -> object:
        return json.loads(ours.rows[b"case-0"].partition(b"\n")[2])["due_ms"]

    ours.until(lambda: due() is None, "the row as the timer wrote it")
    assert worker.is_alive


def test_header_name_that_is_not_utf8_ends_each_worker_of_stock_faust_and_none_of_ours(
    stock: Stock, ours: World
) -> None:
    """aiokafka raises on it, so whoever gets the partition ends, and what lies behind it is never decided."""
    for world in (stock, ours):
        world.make(1)
        say(world, 2)
        produce_oddly(world.bootstrap, world.a, 0, Odd(b"na\xe4m", b"case-1", b'{"do": "note"}'))
        say(world, 2)
    for _ in range(2):
        expect_broken(stock.start_stock(), "UnicodeDecodeError")
    stock.quiet()
    assert not {(stock.a, 0, offset) for offset in (2, 3, 4)} & set(stock.places("note"))

    worker = ours.opened()
    ours.until_told(5)
    assert ours.places("note") == [(ours.a, 0, offset) for offset in range(5)]
    assert worker.is_alive


def test_stock_faust_makes_directories_where_it_stands_and_ours_none(stock: Stock, ours: World) -> None:
    """Even with all its rows in memory; on a disk that may only be read it would not start."""
    for world in (stock, ours):
        world.make(1)
        say(world, 1)
    stock.start_stock()
    ours.opened()
    for world in (stock, ours):
        world.until_told(1)
    made = {str(path.relative_to(stock.workers[0].home)) for path in stock.workers[0].home.rglob("*")}
    data = f"{stock.name}-data"
    assert made == {data, f"{data}/v1", f"{data}/v1/tables"}
    assert not list(ours.workers[0].home.iterdir())
