"""Every metric of the bell's sender, in one list; labels come from closed sets and never hold an id or an address."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

SENT = Counter(
    "notices_attempts_total", "Attempts to tell somebody, by way and what came of it.", ["way", "outcome"]
)
SENDING_SECONDS = Histogram(
    "notices_sending_seconds",
    "From beginning an attempt until its outcome is known.",
    ["way"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
