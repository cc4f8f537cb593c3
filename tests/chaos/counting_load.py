"""The load of the counting job: keys that come and go, questions, and answers in time, late or never."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator

import orjson

from tests.chaos.counting import STAMP, inputs
from tests.chaos.load import Planned
from tests.chaos.recording import Header

INPUTS_PER_KEY = 20
#: This share of a block's keys is active at once; the window slides over all of them during the block.
ACTIVE_SHARE = 0.2
ASKED_SHARE = 0.3
WITHIN_MS = (1_000, 6_000)


def stamp(at_ms: int) -> Header:
    """The header that says when an input was recorded."""
    return STAMP, b"%d" % at_ms


def plan(name: str, block: int, seed: int, rate: float, seconds: float) -> Iterator[Planned]:
    """The inputs of one block, ascending in time."""
    rng = random.Random(f"{seed} load {block}")
    keys = max(20, int(rate * seconds / INPUTS_PER_KEY))
    answers: list[tuple[float, str, int]] = []
    count = 0

    def planned(at_s: float, key: int, said: dict[str, object]) -> Planned:
        nonlocal count
        count += 1
        value = orjson.dumps({"id": f"q{block}-{count}", **said})
        return Planned(at_s, rng.choice(inputs(name)), b"k%d-%d" % (block, key), value)

    for step in range(int(rate * seconds)):
        at_s = step / rate
        while answers and answers[0][0] <= at_s:
            answer_s, asked, key = heapq.heappop(answers)
            yield planned(answer_s, key, {"answers": asked})
        newest = ACTIVE_SHARE + (1 - ACTIVE_SHARE) * at_s / seconds
        key = int(keys * (newest - ACTIVE_SHARE * rng.random() ** 2))
        if rng.random() >= ASKED_SHARE:
            yield planned(at_s, key, {})
            continue
        within_ms = rng.randint(*WITHIN_MS)
        answered_s = _answered_s(rng, at_s, within_ms / 1000)
        if answered_s is not None:
            heapq.heappush(answers, (answered_s, f"q{block}-{count + 1}", key))
        yield planned(at_s, key, {"within_ms": within_ms})
    while answers:
        answer_s, asked, key = heapq.heappop(answers)
        yield planned(answer_s, key, {"answers": asked})


def _answered_s(rng: random.Random, asked_s: float, within_s: float) -> float | None:
    """When the answer is given: mostly in time, often a hair from the due moment, sometimes late or never."""
    kind = rng.random()
    if kind < 0.45:
        return asked_s + rng.uniform(0.0, within_s - 0.3)
    if kind < 0.65:
        return asked_s + within_s + rng.uniform(-0.3, 0.3)
    if kind < 0.8:
        return asked_s + within_s + rng.uniform(0.3, 3.0)
    return None
