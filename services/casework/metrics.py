"""Every metric of the core, in one list. Labels are names and levels of agreements or come from closed sets, and never
hold an id."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400

OVERDUE = Gauge(
    "casework_overdue_obligations",
    "Obligations whose breach was told and that are not answered, in the lanes this worker decides for.",
    ["obligation", "urgency"],
)
OVERDUE_OLDEST = Gauge(
    "casework_overdue_oldest_seconds",
    "Since the deadline of the oldest of them; 0 when there is none.",
    ["obligation", "urgency"],
)
ANSWER_SECONDS = Histogram(
    "casework_answer_seconds",
    "From the opening of an obligation until its answer, by whether that was in time.",
    ["obligation", "urgency", "on_time"],
    buckets=(
        5 * _MINUTE_S,
        15 * _MINUTE_S,
        30 * _MINUTE_S,
        _HOUR_S,
        2 * _HOUR_S,
        4 * _HOUR_S,
        8 * _HOUR_S,
        _DAY_S,
        2 * _DAY_S,
        3 * _DAY_S,
        7 * _DAY_S,
        14 * _DAY_S,
        30 * _DAY_S,
    ),
)
BREACHES = Counter(
    "casework_breaches_total", "Deadlines that passed without an answer.", ["obligation", "urgency"]
)
ROUTINGS = Counter("casework_routings_total", "Receivers of a signal, by why it is this one.", ["reason"])
