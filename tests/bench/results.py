"""What was measured, in one value: medians over the runs, ratios within the same run, and the promises held to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from tests.bench.bounds import Bound, missed
from tests.bench.latency import Latency
from tests.bench.recovery import Recovery
from tests.bench.watch import Ran

OURS, STOCK, QUIX = "ours_exactly_once", "stock_faust", "quix_at_least_once"


@dataclass
class Results:
    """`runs[n][system]` is the n-th round's run; a system that failed in a round is missing there."""

    runs: list[dict[str, Ran]] = field(default_factory=list)
    latency: dict[str, Latency] = field(default_factory=dict)
    recovery: Recovery | None = None
    #: What went wrong, one sentence each; those of our own systems make the benchmark fail.
    failures: list[str] = field(default_factory=list)
    faults_of_ours: list[str] = field(default_factory=list)

    def systems(self) -> list[str]:
        """Every system that finished a run, in the order of the first round."""
        return list(dict.fromkeys(name for run in self.runs for name in run))

    def median(self, system: str, figure: Callable[[Ran], float]) -> float | None:
        found = [figure(run[system]) for run in self.runs if system in run]
        return median(found) if found else None

    def events_per_s(self, system: str) -> float | None:
        return self.median(system, lambda ran: ran.events_per_s)

    def ratio(self, system: str, peer: str) -> float | None:
        """The median of what the system did as a multiple of what the peer did in the same round."""
        found = [
            run[system].events_per_s / run[peer].events_per_s
            for run in self.runs
            if system in run and peer in run
        ]
        return median(found) if found else None

    def others_share(self) -> float:
        """The most that others used of the machine beside any run."""
        beside = [ran.others_share for run in self.runs for ran in run.values()]
        return max(beside + [found.others_share for found in self.latency.values()], default=0.0)

    def broken_promises(self) -> list[str]:
        """Every bound that was measured and missed."""
        ours = self.latency.get(OURS)
        bounds: list[tuple[str, float | None, float, bool]] = [
            ("exactly once, times stock Faust,", self.ratio(OURS, STOCK), 12.0, True),
            ("exactly once, times Quix Streams at least once,", self.ratio(OURS, QUIX), 1.2, True),
            ("p99 until visible, ms,", ours.p99_ms if ours else None, 100.0, False),
            ("recovery, s,", self.recovery.took_s if self.recovery else None, 10.0, False),
            ("recovery, MB,", self.recovery.rss_mb if self.recovery else None, 400.0, False),
        ]
        return missed(
            Bound(what, found, wanted, is_least)
            for what, found, wanted, is_least in bounds
            if found is not None
        )

    def as_json(self) -> dict[str, object]:
        """One flat object for machines; what was not measured is null."""
        ours = self.latency.get(OURS)
        names = dict.fromkeys([OURS, STOCK, QUIX, "aiokafka_loop", "casework", *self.systems()])
        return {
            **{name: _rounded(self.events_per_s(name)) for name in names},
            "p50_visible_ms": _rounded(ours.p50_ms if ours else None),
            "p99_visible_ms": _rounded(ours.p99_ms if ours else None),
            "recovery_s": _rounded(self.recovery.took_s if self.recovery else None),
            "recovery_mb": _rounded(self.recovery.rss_mb if self.recovery else None),
            "times_stock_faust": _rounded(self.ratio(OURS, STOCK)),
            "times_quix_at_least_once": _rounded(self.ratio(OURS, QUIX)),
            "cpu_us": {name: _rounded(self.median(name, lambda ran: ran.cpu_us)) for name in self.systems()},
            "others_share": _rounded(self.others_share()),
            "runs": len(self.runs),
            "failures": self.failures + self.faults_of_ours,
            "broken_promises": self.broken_promises(),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3 if value < 100 else 0)
