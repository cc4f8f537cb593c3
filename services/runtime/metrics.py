"""Every metric of the runtime, in one list; labels come from closed sets and never hold an id."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

RECORDS = Counter("runtime_records_decided_total", "Records a lane has decided.", ["job"])
UNITS = Counter("runtime_units_committed_total", "Units that became visible.", ["job"])
FACTS = Counter("runtime_facts_published_total", "Facts that became visible.", ["job"])
COMMIT_SECONDS = Histogram(
    "runtime_commit_seconds",
    "From handing a unit over until it is visible.",
    ["job"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
DEAD_LETTERS = Counter("runtime_dead_letters_total", "Records that became a dead letter.", ["job", "reason"])
PASSED_OVER = Counter("runtime_records_passed_over_total", "Records not ours to decide.", ["job", "reason"])
CHUNKS_REFUSED = Counter(
    "runtime_chunks_refused_total", "Chunks that began beyond what the lane was fed; it sought back.", ["job"]
)
TIMERS_STALE = Counter("runtime_timers_stale_total", "Timers whose row had moved on.", ["job"])
TIMERS_FAILED = Counter(
    "runtime_timers_failed_total", "Timers whose decision raised; they stay armed.", ["job"]
)
TIMER_LATENESS = Histogram(
    "runtime_timer_lateness_seconds",
    "From a timer's due moment to its decision, in seconds of the service's clock.",
    ["job"],
    buckets=(0.1, 0.5, 1, 5, 10, 60, 600),
)
OVERDUE_OLDEST = Gauge("runtime_timer_overdue_oldest_seconds", "Age of the oldest due timer.", ["job"])
TALLY_ENDED = Gauge(
    "runtime_tally_ended",
    "1 when a job's own measuring raised and was ended: what it showed is not to be believed.",
    ["job"],
)
LANES_OPEN = Gauge("runtime_lanes_open", "Lanes this worker decides for.", ["job"])
LANES_HALTED = Gauge(
    "runtime_lanes_halted", "Lanes that stopped for too many failed decisions: call somebody.", ["job"]
)
RECOVERY_SECONDS = Histogram(
    "runtime_lane_recovery_seconds",
    "From assignment to an open lane.",
    ["job"],
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 120),
)
REBALANCES = Counter("runtime_rebalances_total", "Assignments received.", ["job"])
BROADCAST_AGE = Gauge(
    "runtime_broadcast_age_seconds",
    "Since the broadcast topics were last known to be read to their end.",
    ["job"],
)
BROADCAST_BAD = Counter(
    "runtime_broadcast_records_bad_total", "Broadcast records that could not be read.", ["job"]
)
BROADCAST_KEPT_OUT = Counter(
    "runtime_broadcast_kept_out_total",
    "Broadcast records this worker cannot use; what it knew before still holds.",
    ["job", "topic", "reason"],
)
OPTIONAL_LEFT_OUT = Counter(
    "runtime_optional_records_left_out_total",
    "Records that were not published because their topic does not exist.",
    ["job"],
)
EFFECTS = Counter("runtime_effects_total", "Effects tried, by what came of it.", ["job", "outcome"])
LOOP_LAG = Gauge("runtime_loop_lag_seconds", "How late the event loop's own tick was.", ["job"])
