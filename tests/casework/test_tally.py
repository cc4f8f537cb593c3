"""What the core shows: what is overdue and since when, how soon is answered, what is missed, and why who is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY

from schemas.signals import ReportSignal, RouteReason
from services.agreements.book import usable
from services.casework import metrics
from services.casework.overdue import SLICE_ROWS, Kind, Overdue, OverdueOfLane, overdue_in
from services.casework.tally import CaseworkLane, CaseworkTally, overdue_of
from tests.casework.world import CASE, EXAMPLES, WATERKANT, World, ms
from tests.yardstick import best_us, slowness

NINE = "2026-11-23T09:00"
ACUTE = Kind("acknowledge_signal", "acute")
URGENT = Kind("acknowledge_signal", "urgent")


def a_world(at: str = NINE) -> World:
    world = World(WATERKANT, at=at)
    world.report(types=["nursing"])
    return world


def filled(rows: Mapping[bytes, bytes]) -> CaseworkLane:
    """As a worker does that opens the lane."""
    lane = CaseworkLane()
    for _ in lane.fill(rows.items()):
        pass
    return lane


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def of(kind: Kind, name: str) -> float | None:
    return shown(name, obligation=kind.obligation, urgency=kind.urgency)


def a_row(*late: tuple[str, int], in_time: int = 0) -> bytes:
    """A case as it is written, with so much that is late since then."""
    owed = [
        {"name": "acknowledge_signal", "urgency": urgency, "due_ms": due_ms, "breached_ms": due_ms + 1}
        for urgency, due_ms in late
    ]
    owed += [{"name": "acknowledge_signal", "urgency": "acute", "due_ms": 1, "breached_ms": None}] * in_time
    return orjson.dumps({"v": 1, "entities": {"padding": "x" * 900}, "obligations": owed})


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    CaseworkTally().show([], 0)
    metrics.OVERDUE.clear()
    metrics.OVERDUE_OLDEST.clear()


def test_what_is_overdue_is_found_in_a_row_and_in_no_other() -> None:
    world = a_world()
    row = world.rows[CASE.encode()]
    assert overdue_in(row) == ()
    world.run_until("2026-11-23T09:15")
    assert overdue_in(world.rows[CASE.encode()]) == (Overdue(ACUTE, ms("2026-11-23T09:15")),)
    assert overdue_in(a_row(("acute", 3), ("urgent", 2), in_time=2)) == (
        Overdue(ACUTE, 3),
        Overdue(URGENT, 2),
    )


def test_what_is_overdue_now_and_since_when_is_shown_until_it_is_answered() -> None:
    world, tally = a_world(), CaseworkTally()
    lane = filled(world.rows)
    tally.show([lane], world.clock_ms)
    assert of(ACUTE, "casework_overdue_obligations") is None
    world.run_until("2026-11-23T09:20")
    lane.take(list(world.rows.items()), [])
    tally.show([lane], world.clock_ms)
    assert of(ACUTE, "casework_overdue_obligations") == 1
    assert of(ACUTE, "casework_overdue_oldest_seconds") == 5 * 60
    tally.show([lane], ms("2026-11-23T09:21"))
    assert of(ACUTE, "casework_overdue_oldest_seconds") == 6 * 60
    asked = world.named("SignalRouted")[-1].data["contact"]
    world.acknowledge(asked)
    lane.take(list(world.rows.items()), [])
    tally.show([lane], world.clock_ms)
    assert of(ACUTE, "casework_overdue_obligations") == 0
    assert of(ACUTE, "casework_overdue_oldest_seconds") == 0


def test_after_a_restart_the_same_is_shown_from_the_rows_alone() -> None:
    world = a_world()
    world.run_until("2026-11-23T09:20")
    tally = CaseworkTally()
    tally.show([filled(world.rows)], world.clock_ms)
    assert of(ACUTE, "casework_overdue_obligations") == 1
    assert of(ACUTE, "casework_overdue_oldest_seconds") == 5 * 60


def test_what_is_overdue_goes_with_its_lane_to_another_worker() -> None:
    here, there = filled({b"a": a_row(("acute", 1_000))}), filled({b"b": a_row(("acute", 2_000))})
    tally = CaseworkTally()
    tally.show([here, there], 10_000)
    assert of(ACUTE, "casework_overdue_obligations") == 2
    assert of(ACUTE, "casework_overdue_oldest_seconds") == 9
    tally.show([there], 10_000)
    assert of(ACUTE, "casework_overdue_obligations") == 1
    assert of(ACUTE, "casework_overdue_oldest_seconds") == 8
    tally.show([], 10_000)
    assert of(ACUTE, "casework_overdue_obligations") == 0


def test_what_becomes_more_urgent_is_shown_under_its_new_level_only() -> None:
    lane = filled({b"a": a_row(("urgent", 1_000))})
    lane.take([(b"a", a_row(("acute", 1_000)))], [])
    assert overdue_of([lane]) == ({URGENT: 0, ACUTE: 1}, {ACUTE: 1_000})


def test_next_oldest_is_known_when_the_oldest_is_answered_and_when_a_row_is_gone() -> None:
    lane = OverdueOfLane()
    for n in range(5):
        lane.put(b"%d" % n, a_row(("acute", n)))
    lane.put(b"0", a_row(in_time=1))
    lane.put(b"1", None)
    assert (lane.counts()[ACUTE], lane.oldest_ms(ACUTE)) == (3, 2)
    lane.put(b"4", a_row(("acute", 4), ("acute", 4)))
    assert lane.counts()[ACUTE] == 4


def test_what_was_answered_leaves_nothing_behind() -> None:
    lane = OverdueOfLane()
    for n in range(10_000):
        lane.put(b"%d" % n, a_row(("acute", n)))
        lane.put(b"%d" % n, a_row())
    assert lane._held == {}
    assert sum(map(len, lane._queues.values())) <= 1_001


def test_rows_of_a_lane_are_taken_in_slices_between_which_others_have_their_turn() -> None:
    rows = [(b"%d" % n, a_row(("acute", n))) for n in range(2 * SLICE_ROWS + 1)]
    lane = OverdueOfLane()
    assert sum(1 for _ in lane.fill(rows)) == 2
    assert lane.counts()[ACUTE] == 2 * SLICE_ROWS + 1


def test_showing_a_lane_does_not_take_longer_because_it_holds_more() -> None:
    def shown_us(rows: int) -> float:
        lane, tally = filled({b"%d" % n: a_row(("acute", n)) for n in range(rows)}), CaseworkTally()

        def show() -> None:
            for _ in range(200):
                tally.show([lane], 10)

        return best_us(show, 200)

    assert shown_us(20_000) < 5 * shown_us(200)


def test_looking_for_what_is_overdue_is_little_beside_reading_the_row() -> None:
    row = a_row(in_time=4)
    assert best_us(lambda: [overdue_in(row) for _ in range(500)], 500) < 5 * slowness()


# -- what is counted -------------------------------------------------------------------------------


def sums() -> dict[str, float]:
    """What the counters stand at, of all labels together."""
    return {
        sample.name.removeprefix("casework_"): sum(
            one.value for one in family.samples if one.name == sample.name
        )
        for metric in (metrics.ANSWER_SECONDS, metrics.BREACHES, metrics.ROUTINGS)
        for family in metric.collect()
        for sample in family.samples
        if sample.name.endswith(("_count", "_sum", "_total"))
    }


def grown(facts: list[object]) -> dict[str, float]:
    """By how much the counters grow when these facts have become visible."""
    before = sums()
    CaseworkLane().take([], facts)
    return {
        name: value - before.get(name, 0) for name, value in sums().items() if value != before.get(name, 0)
    }


def answered_late() -> World:
    world = a_world()
    world.run_until("2026-11-23T09:20")
    world.acknowledge(world.named("SignalRouted")[-1].data["contact"])
    return world


def test_answers_breaches_and_routings_are_counted_when_they_have_become_visible() -> None:
    assert grown(a_world().counted) == {"routings_total": 1}
    assert grown(answered_late().counted) == {
        "answer_seconds_count": 1,
        "answer_seconds_sum": 20 * 60,
        "breaches_total": 1,
        "routings_total": 1,
    }


def test_an_answer_is_counted_by_name_level_and_whether_it_was_in_time() -> None:
    def late() -> float:
        found = {"obligation": "acknowledge_signal", "urgency": "acute", "on_time": "false"}
        within = [shown("casework_answer_seconds_bucket", **found, le=le) or 0 for le in ("900.0", "1800.0")]
        return within[1] - within[0]

    before = late()
    grown(answered_late().counted)
    assert late() == before + 1


@pytest.mark.parametrize(
    ("fields", "reason"), [({"types": ["nursing"]}, "rule_matched"), ({}, "no_rule_matched")]
)
def test_why_somebody_is_asked_is_counted(fields: dict[str, Any], reason: str) -> None:
    world = World(WATERKANT, at=NINE)
    world.report(urgency="routine", **fields)
    before = shown("casework_routings_total", reason=reason) or 0
    grown(world.counted)
    assert shown("casework_routings_total", reason=reason) == before + 1


def test_why_somebody_is_asked_is_counted_also_when_the_decision_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def raising(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("services.signals.decide.route", raising)
    world = World(WATERKANT, at=NINE)
    monkeypatch.setattr("services.casework.decide.DECIDERS", {ReportSignal: raising})
    world.report(types=["nursing"])
    before = shown("casework_routings_total", reason="decision_failed") or 0
    grown(world.counted)
    assert shown("casework_routings_total", reason="decision_failed") == before + 1


def test_labels_are_words_of_the_agreement_and_of_closed_lists() -> None:
    world = answered_late()
    grown(world.counted)
    world.report(case="case-bbbbbbbbbbbb", signal="sig-bbbbbbbbbbbb")
    world.run_until("2026-11-23T10:20")
    CaseworkTally().show([filled(world.rows)], world.clock_ms)
    terms = usable(WATERKANT)
    known = {
        *(one.name for one in terms.agreement.obligations),
        *terms.levels,
        *(reason.value for reason in RouteReason),
        *("true", "false"),
    }
    values = {
        value
        for family in REGISTRY.collect()
        if family.name.startswith("casework_")
        for sample in family.samples
        for name, value in sample.labels.items()
        if name != "le"
    }
    assert {"acknowledge_signal", "acute"} <= values <= known


def test_limits_of_the_examples_are_bounds_of_the_buckets() -> None:
    bounds = {float(bound) for bound in metrics.ANSWER_SECONDS.labels("a", "b", "true")._upper_bounds}
    metrics.ANSWER_SECONDS.remove("a", "b", "true")
    texts = [file.read_text(encoding="utf-8") for file in EXAMPLES.glob("*.yaml")]
    hours = {float(found) * 3600 for text in texts for found in re.findall(r"\bPT(\d+)H\b", text)}
    minutes = {float(found) * 60 for text in texts for found in re.findall(r"\bPT(\d+)M\b", text)}
    assert len(hours | minutes) > 3
    assert hours | minutes <= bounds
