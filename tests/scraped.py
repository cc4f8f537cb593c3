"""What a process under test measured, kept beside its log as it ends: both are looked through when the run ends."""

from __future__ import annotations

from pathlib import Path

import httpx2

from services.cli.processes import HOST

#: One that does not answer at once is not waited for: it may be stopped, or gone.
_WITHIN_S = 2.0


def keep_metrics(port: int, log: Path) -> None:
    """Adds its metrics to `<log>-metrics.log`."""
    try:
        answer = httpx2.get(f"http://{HOST}:{port}/metrics", timeout=_WITHIN_S)
    except httpx2.HTTPError:
        return
    with log.with_name(f"{log.stem}-metrics.log").open("ab") as kept:
        kept.write(answer.content)
