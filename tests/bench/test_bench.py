"""What the benchmark counts and promises, without a broker."""

from __future__ import annotations

from array import array
from typing import NamedTuple

import orjson

from services.runtime.job import Record, Turn
from tests.bench.casework import stories
from tests.bench.job import RULES, job, route
from tests.bench.latency import Latency
from tests.bench.load import reports
from tests.bench.plan import Plan
from tests.bench.recovery import Recovery
from tests.bench.results import Results
from tests.bench.watch import Judged, Ran, Sample, figures, judge, throughput

PLAN = Plan("127.0.0.1:1", "ours-0", "bench.reports.v1")


class Fact(NamedTuple):
    number: int
    case: str
    nth: int

    def value(self) -> bytes:
        return orjson.dumps({"number": self.number, "case": self.case, "count": self.nth})

    def timestamp(self) -> tuple[int, int]:
        return 2, 1000 + self.number


def test_judge_finds_every_fact_once() -> None:
    appended_ms, judged = judge([Fact(0, "a", 1), Fact(1, "b", 1), Fact(2, "a", 2)], 3)
    assert judged == Judged(facts=3) and judged.is_exact
    assert list(appended_ms) == [1000, 1001, 1002]


def test_judge_tells_lost_doubled_and_miscounted_apart() -> None:
    _, judged = judge([Fact(0, "a", 1), Fact(0, "a", 1), Fact(2, "a", 3)], 3)
    assert judged == Judged(facts=3, lost=1, doubled=1, miscounted=2)
    assert not judged.is_exact


def test_throughput_leaves_out_the_first_and_the_last_tenth() -> None:
    steady = array("q", [0, *range(10_000, 10_098), 90_000])
    assert throughput(steady) == 1000.0


def test_figures_count_cpu_of_the_steady_stretch_per_event() -> None:
    samples = [
        Sample(at_s=n, facts=n * 100, system_s=5.0 + n * 0.01, broker_s=n * 0.02, others_s=0.0)
        for n in range(11)
    ]
    ran = figures(samples, array("q", range(1000)), facts_an_event=2.0)
    assert round(ran.cpu_us) == 200 and round(ran.broker_us) == 400


def test_reports_are_the_same_every_time_but_for_their_moment() -> None:
    first, again = (
        [(key, orjson.loads(value) | {"reported_ms": 0}) for key, value, _ in reports(50)] for _ in range(2)
    )
    assert first == again
    assert all(400 <= len(value) <= 440 for _, value, _ in reports(50))


def test_route_takes_the_first_of_fifty_rules_and_always_answers() -> None:
    assert len(RULES) == 50
    assert route("fall", 1000, "acute").name == "rule-00"
    assert route("crisis", 9999, "routine").name == "default"


def test_job_counts_a_case_in_its_row() -> None:
    (key, value, _), *_ = reports(1)
    record = Record(PLAN.input, 0, 0, key, value, (), 0)
    turn = Turn(0, 0, "ours-0-0-", 0)
    first = job(PLAN).decide(record, None, turn)
    second = job(PLAN).decide(record, first.row, turn)
    assert [orjson.loads(step.emits[0].value)["count"] for step in (first, second)] == [1, 2]
    assert orjson.loads(second.row or b"null")["count"] == 2
    assert second.emits[0].topic == PLAN.output and 230 <= len(second.emits[0].value) <= 270


def test_stories_of_casework_are_all_routed_and_answered() -> None:
    assert all(story.facts >= 5 for story in stories(now_ms=1_795_420_800_000))


def test_results_name_every_broken_promise() -> None:
    results = Results(
        runs=[
            {
                "ours_exactly_once": Ran(11_000, 20),
                "stock_faust": Ran(1_000, 500),
                "quix_at_least_once": Ran(10_000, 50),
            }
        ],
        latency={"ours_exactly_once": Latency(4000, 15.0, 101.0, 200.0, 0, 0.0)},
        recovery=Recovery(1_000_000, 10.1, 401.0, 450.0),
    )
    assert len(results.broken_promises()) == 5
    assert results.as_json()["ours_exactly_once"] == 11_000


def test_results_promise_nothing_of_what_was_not_measured() -> None:
    assert Results().broken_promises() == []


def test_results_compare_within_a_round() -> None:
    results = Results(
        runs=[
            {"ours_exactly_once": Ran(30_000, 20), "stock_faust": Ran(1_000, 500)},
            {"ours_exactly_once": Ran(80_000, 20), "stock_faust": Ran(4_000, 500)},
            {"ours_exactly_once": Ran(50_000, 20)},
        ]
    )
    assert results.ratio("ours_exactly_once", "stock_faust") == 25.0
