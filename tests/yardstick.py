"""How fast this machine is: what must be quick is allowed as many times its limit as the machine is slow."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

#: What the work below took on the machine where the limits were set.
YARDSTICK_US = 11.0
_WORDS = ("medical", "nursing", "caring", "psychic", "social", "household")


def best_us(what: Callable[[], object], times: int, rounds: int = 15) -> float:
    """The best of several rounds, per time: what it costs when nobody else has the machine."""
    spent = []
    for _ in range(rounds):
        begun = process_time()
        what()
        spent.append((process_time() - begun) / times * 1e6)
    return min(spent)


def slowness() -> float:
    """How many times as slow as the machine where the limits were set; never less than one."""
    return max(1.0, best_us(_work, 1) / YARDSTICK_US)


def _work() -> int:
    few = frozenset(_WORDS[:2])
    return sum(few.isdisjoint((one,)) for _ in range(20) for one in _WORDS)
