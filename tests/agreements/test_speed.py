"""What a decision costs: a tree of fifty rules, walked by signals that match early, late and never."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

import pytest

from schemas.signals import Concern, Reporter, ReporterKind, ReportSignal, RouteReason, SignalType
from services.agreements.moments import milliseconds
from services.agreements.parts import Node
from services.agreements.routable import CaseView
from services.agreements.route import route
from tests.agreements.strategies import CONCERNS, TYPES
from tests.agreements.test_matching import with_tree
from tests.yardstick import best_us, slowness

NODES = 50
MOST_US = 15.0
BEGUN_MS = milliseconds(datetime.fromisoformat("2026-11-23T15:00+01:00"))
BY_LINDE = Reporter(kind=ReporterKind.PROFESSIONAL, party="linde")


def a_tree() -> Iterator[dict[str, Any]]:
    """Rules such as partnerships have, in their order: first where and who, then crises, then by type and place."""
    yield {"name": "outside", "match": {"area": "outside"}, "receiver": "kolk-entry"}
    yield {"name": "known", "match": {"case": "has_contact"}, "receiver": "case.contact"}
    for n in range(4):
        match = {"every_concern": [CONCERNS[n], "psychic"], "types": [TYPES[n]]}
        yield {"name": f"crisis-{n}", "match": match, "receiver": "regional-duty", "continue": n == 0}
    for n, said in enumerate(TYPES):
        night = {"name": f"acute-{n}-night", "match": {"hours": {"outside": "office"}}, "receiver": "gp-post"}
        day = {"name": f"acute-{n}-vlier", "match": {"postcode": ["9901"]}, "receiver": "linde-team"}
        match = {"urgency": ["acute"], "types": [said]}
        yield {"name": f"acute-{n}", "match": match, "receiver": "gp-desk", "routes": [night, day]}
    for n in range(5):
        yield {"name": f"practice-{n}", "match": {"practice": [f"practice-{n}"]}, "receiver": "gp-desk"}
    for n in range(5):
        yield {"name": f"group-{n}", "match": {"target_group": [f"group-{n}"]}, "receiver": "welzijn-desk"}
    for n in range(8):
        match = {"concern": [CONCERNS[n + 4]], "reporter": ["neighbour", "volunteer"]}
        yield {"name": f"neighbour-{n}", "match": match, "receiver": "coordination-point"}
    for n, said in enumerate([*TYPES, "social", "medical"]):
        match = {
            "types": [said],
            "postcode": ["9902", "9903"],
            "urgency": ["urgent"] if n % 2 else ["routine"],
        }
        yield {"name": f"place-{n}", "match": match, "receiver": "welzijn-desk"}


FIFTY = with_tree(list(a_tree()))


def signals_of(random: Random) -> Iterator[ReportSignal]:
    """As they come in: read by the model they are read by in a lane."""
    for n in range(600):
        is_late = n % 3 == 1
        yield ReportSignal(
            urgency="acute" if n % 3 == 0 else random.choice(["urgent", "routine"]),
            types=tuple(SignalType(one) for one in random.sample(TYPES, random.choice([1, 2]))),
            concern=tuple(Concern(one) for one in random.sample(CONCERNS, random.choice([0, 1, 2]))),
            postcode="9902" if is_late else random.choice(["9901", "9904", None]),
            reporter=BY_LINDE,
        )


SIGNALS = list(signals_of(Random(1)))
NO_CASE = CaseView(practice="elsewhere", target_group="other")


def nodes(node: Node) -> int:
    return sum(1 + nodes(rule) for rule in node.routes)


def test_the_mix_matches_early_late_and_never() -> None:
    assert nodes(FIFTY.root) == NODES
    found = [route(signal, NO_CASE, BEGUN_MS + n * 60_000, FIFTY) for n, signal in enumerate(SIGNALS)]
    steps = Counter(
        "never" if one.reason is RouteReason.NO_RULE_MATCHED else "early" if len(one.trace) <= 15 else "late"
        for one in found
    )
    assert sum(steps.values()) == len(SIGNALS)
    assert min(steps["early"], steps["late"], steps["never"]) > len(SIGNALS) // 5, steps


def test_a_decision_over_fifty_rules_takes_microseconds() -> None:
    def walk() -> None:
        for n, signal in enumerate(SIGNALS):
            route(signal, NO_CASE, BEGUN_MS + n * 60_000, FIFTY)

    walk()  # the hours of the days are known from here on
    gc.disable()
    try:
        times_as_slow = slowness()
        taken_us = best_us(walk, len(SIGNALS))
    finally:
        gc.enable()
    print(f"{taken_us:.1f} µs a signal over {NODES} rules, on a machine {times_as_slow:.1f} times as slow")
    assert taken_us < MOST_US * times_as_slow


@pytest.mark.parametrize("depth", [1, 3])
def test_a_walk_ends_at_the_first_rule_that_matches(depth: int) -> None:
    """Rules behind the first that matches cost nothing: they are not in the trace."""
    chain: dict[str, Any] = {"name": f"deep-{depth}", "match": {}, "receiver": "gp-desk"}
    for n in range(depth - 1, 0, -1):
        chain = {"name": f"deep-{n}", "match": {}, "routes": [chain]}
    found = route(SIGNALS[0], NO_CASE, BEGUN_MS, with_tree([chain, *a_tree()]))
    assert [step.node for step in found.trace] == [f"deep-{n}" for n in range(1, depth + 1)]
