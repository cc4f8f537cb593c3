"""What the scenes of many obligations lay down and judge, without a broker."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import orjson
import pytest

from schemas.signals import ReportSignal
from services.agreements.book import AgreementBook, publication, record_key, usable
from services.casework.case import read_case
from services.casework.decide import Casework
from services.deadlines.obligation import Obligation
from services.runtime.job import Record, TimerDue, Turn
from services.runtime.lane import POSITION_KEY, Lane
from services.runtime.timers import unframe, wake_of
from tests.bench.bounds import Bound
from tests.bench.casework import AGREEMENT
from tests.bench.obligations.outage import present_level
from tests.bench.obligations.outcome import Outcome
from tests.bench.obligations.rig import START
from tests.bench.obligations.seeding import (
    ACUTE,
    SOCIAL,
    URGENT,
    Owed,
    key_of,
    kind,
    report,
    seeded,
)
from tests.bench.obligations.told import BREACHED, ESCALATED, Judged, Told, judge, percentile
from topics.catalogue import PARTITIONS, SIGNALS_COMMANDS

NOW_MS = round(START.timestamp() * 1000)
MINUTE_MS = 60_000


@cache
def a_book() -> AgreementBook:
    text = AGREEMENT.read_text(encoding="utf-8")
    terms = usable(text)
    book = AgreementBook()
    book.take(record_key(terms), publication(terms, text).model_dump_json().encode())
    return book


def the_one(row: bytes | None) -> Obligation:
    """The only obligation of a case's row."""
    case = read_case(row)
    assert case is not None
    (one,) = case["obligations"]
    return one


@pytest.mark.parametrize(("name", "reported"), [("acute", ACUTE), ("nursing", URGENT), ("social", SOCIAL)])
def test_seeded_row_is_the_one_the_core_would_have_left(name: str, reported: ReportSignal) -> None:
    """The case of this very number, reported three minutes later and woken until its deadline is next."""
    case, at_ms = 7, NOW_MS + 3 * MINUTE_MS
    found = kind(a_book(), reported, NOW_MS)
    due_ms = found.due_ms + 3 * MINUTE_MS
    laid = {record.key: record.value for _, record in seeded([Owed(case, found, due_ms)], NOW_MS)}
    framed = laid[key_of(case)]
    prefix = the_one(unframe(framed))["id"].rpartition("-")[0] + "-"

    casework, asked = Casework(a_book()), report(case, reported, at_ms)
    record = Record(SIGNALS_COMMANDS.name, 0, 0, asked.key, asked.value, asked.headers, at_ms)
    step = casework.decide(record, None, Turn(at_ms, at_ms, prefix, 0))
    told = sum(emit.numbered for emit in step.emits)
    while step.wake is not None and step.wake.at_ms < due_ms:
        now_ms = step.wake.at_ms
        step = casework.decide(TimerDue(key_of(case), now_ms), step.row, Turn(now_ms, now_ms, prefix, told))
        told += sum(emit.numbered for emit in step.emits)
    assert read_case(unframe(framed)) == read_case(step.row), name
    assert wake_of(framed) == step.wake
    assert told == found.told


def test_position_follows_the_rows_and_leaves_their_numbers_to_them() -> None:
    found = kind(a_book(), URGENT, NOW_MS)
    laid = list(seeded([Owed(case, found, found.due_ms) for case in range(100)], NOW_MS))
    lanes: dict[int, Lane] = {}
    for partition, record in laid:
        if record.key == POSITION_KEY:
            lane = lanes[partition] = Lane(partition, ())
            lane._replay_own(record.key, record.value)
    assert len(lanes) == PARTITIONS
    assert sum(lane.sequence for lane in lanes.values()) == 100 * found.told
    ids = [the_one(unframe(record.value))["id"] for _, record in laid if record.key != POSITION_KEY]
    assert len(set(ids)) == 100


class Fact(NamedTuple):
    case: int
    number: int
    at_ms: int = 1_000
    seen_ms: float = 1_100
    kind: bytes = BREACHED

    def told(self) -> Told:
        return Told(
            self.kind, self.case, f"casework-0-{self.number}", self.at_ms, self.at_ms, self.seen_ms, b"{}"
        )


DUE = {1: 900, 2: 1_000}


def judged(*facts: Fact, answered: tuple[int, ...] = ()) -> Judged:
    return judge([fact.told() for fact in facts], DUE, {0: 5}, answered)


def test_judge_finds_nothing_where_every_deadline_is_told_once_and_numbered() -> None:
    found = judged(Fact(1, 5), Fact(2, 6, kind=ESCALATED), Fact(2, 7))
    assert found.is_exact
    assert found.late_ms == [200, 100]


@pytest.mark.parametrize(
    ("name", "facts", "answered"),
    [
        ("missed", [Fact(1, 5)], ()),
        ("early", [Fact(1, 5), Fact(2, 6, at_ms=999)], ()),
        ("twice", [Fact(1, 5), Fact(2, 6), Fact(2, 7)], ()),
        ("false_breach", [Fact(1, 5), Fact(2, 6)], (2,)),
        ("ids_twice", [Fact(1, 5), Fact(2, 5)], ()),
        ("ids_missing", [Fact(1, 5), Fact(2, 7)], ()),
    ],
)
def test_judge_tells_what_is_wrong_by_its_name(
    name: str, facts: list[Fact], answered: tuple[int, ...]
) -> None:
    zeros = judged(*facts, answered=answered).zeros()
    assert {found: value for found, value in zeros.items() if value} == {name: 1}


def test_outcome_names_every_broken_promise() -> None:
    outcome = Outcome({"scene": "x"}, [Bound("late_s", 3.0, 2.0), Bound("mb", 1.0, 2.0)], Judged(missed=4))
    assert outcome.broken() == ["late_s is 3, at most 2", "missed is 4, not 0"]
    line = orjson.loads(orjson.dumps(outcome.as_json()))
    assert (line["scene"], line["late_s"], line["missed"]) == ("x", 3.0, 4)


def test_percentile_is_what_so_many_do_not_exceed() -> None:
    assert percentile(range(100), 99) == 99
    assert percentile(range(100), 50) == 50
    assert percentile([], 99) == 0


@pytest.mark.parametrize(
    ("minutes", "level"), [(0, None), (1, 1), (15, 1), (16, 2), (31, 3), (46, 3), (300, 3)]
)
def test_present_level_of_an_acute_ladder_follows_from_its_quarters_of_an_hour(
    minutes: int, level: int | None
) -> None:
    found = kind(a_book(), ACUTE, NOW_MS, 14 * MINUTE_MS)
    assert present_level(the_one(found.row), 0, NOW_MS + (14 + minutes) * MINUTE_MS) == level
