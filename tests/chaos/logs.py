"""What workers and broker wrote about themselves: for counting what happened, never for the verdict."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path


def opened_lanes(told: str) -> set[str]:
    """The lanes that some worker opened."""
    return set(re.findall(r'"partition": (\d+), .*"event": "lane_opened"', told))


def reasons(told: str) -> Counter[str]:
    """Why workers ended by themselves, as they said."""
    said = re.findall(r'"reason": "([a-z_]+)", .*"event": "worker_failed"', told)
    return Counter(f"exit_{reason}" for reason in said)


def rebalances(broker_log: Path, group: str) -> int:
    """How often the coordinator formed the group anew."""
    told = broker_log.read_text(encoding="utf-8", errors="replace")
    return len(re.findall(rf"Stabilized group {re.escape(group)} generation", told))
