"""The results as tables for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tests.bench.results import QUIX, STOCK, Results

#: A run beside which others used more of the machine than this says little.
NOISY_SHARE = 0.1


def show(results: Results, console: Console) -> None:
    """Throughput, latency and recovery, and whatever went wrong."""
    if results.runs:
        console.print(_throughput(results))
    if results.latency:
        console.print(_latency(results))
    found = results.recovery
    if found is not None:
        console.print(
            f"Recovery of {found.rows:,} rows: ready {found.took_s:.1f} s after process start, "
            f"{found.rss_mb:.0f} MB then, {found.peak_mb:.0f} MB at the peak"
        )
    noisy = results.others_share()
    if noisy > NOISY_SHARE:
        console.print(
            f"[yellow]Others used up to {noisy:.0%} of this machine meanwhile: such a run says little."
        )
    for failure in (*results.failures, *results.faults_of_ours):
        console.print(f"[red]failed: {failure}")
    for broken in results.broken_promises():
        console.print(f"[red]not held: {broken}")


def _throughput(results: Results) -> Table:
    table = Table(title=f"The job, median of {len(results.runs)}")
    table.add_column("system")
    for column in (
        "events/s",
        "lowest",
        "highest",
        "µs CPU an event",
        "µs broker",
        "x stock Faust",
        "x Quix",
        "RSS MB",
        "others",
        "lost",
        "doubled",
        "miscounted",
    ):
        table.add_column(column, justify="right")
    for name in results.systems():
        rans = [run[name] for run in results.runs if name in run]
        speeds = [ran.events_per_s for ran in rans]
        table.add_row(
            name,
            f"{results.events_per_s(name):,.0f}",
            f"{min(speeds):,.0f}",
            f"{max(speeds):,.0f}",
            f"{results.median(name, lambda ran: ran.cpu_us):.1f}",
            f"{results.median(name, lambda ran: ran.broker_us):.1f}",
            _times(results.ratio(name, STOCK)),
            _times(results.ratio(name, QUIX)),
            f"{max(ran.rss_mb for ran in rans):.0f}",
            f"{max(ran.others_share for ran in rans):.0%}",
            *(
                f"{sum(count):,}"
                for count in (
                    [ran.judged.lost for ran in rans],
                    [ran.judged.doubled for ran in rans],
                    [ran.judged.miscounted for ran in rans],
                )
            ),
        )
    return table


def _latency(results: Results) -> Table:
    table = Table(title="From the input's CreateTime until visible, 200 events/s")
    table.add_column("system")
    for column in ("p50 ms", "p99 ms", "highest ms", "facts", "lost", "others"):
        table.add_column(column, justify="right")
    for name, found in results.latency.items():
        table.add_row(
            name,
            f"{found.p50_ms:.1f}",
            f"{found.p99_ms:.1f}",
            f"{found.max_ms:.1f}",
            f"{found.facts:,}",
            f"{found.lost:,}",
            f"{found.others_share:.0%}",
        )
    return table


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"
