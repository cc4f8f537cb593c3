"""No worker stays silently stuck: a thread that watches the loop from outside, and answers for its health.

`/live` fails when the process should be ended, `/ready` when it should get no work; both say why.
"""

from __future__ import annotations

import sys
import threading
import time
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING

from services.runtime import exits
from services.runtime.health import serve_health
from services.runtime.logs import log

if TYPE_CHECKING:
    from services.runtime.lanes import Lanes

LOOK_EVERY_S = 1.0


class Watchdog(threading.Thread):
    """Ends the process when the loop lags, positions stand still while there is work, recovery takes longer than
    its budget, or the broadcast reader is stale for longer than a broker restart explains."""

    def __init__(self, lanes: Lanes) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._lanes = lanes

    def run(self) -> None:
        looked_at_s = judged_from_s = time.monotonic()
        while True:
            time.sleep(LOOK_EVERY_S)
            now_s = time.monotonic()
            if stood_still(looked_at_s, now_s):
                judged_from_s = now_s + self._lanes.settings.loop_lag_max_s
            looked_at_s = now_s
            if now_s < judged_from_s or self._lanes.stopping:
                continue
            why = not_live(self._lanes, now_s)
            if why:
                log.critical(
                    "watchdog_bit", job=self._lanes.job.name, slot=self._lanes.settings.slot, why=why
                )
                sys.stderr.flush()
                exits.now(exits.FAILED)


def stood_still(looked_at_s: float, now_s: float) -> bool:
    """Whether the whole process was stopped between two looks: the loop is then given its time before it is judged."""
    return now_s - looked_at_s > 3 * LOOK_EVERY_S


def not_live(lanes: Lanes, now_s: float) -> list[str]:
    """Why this process should be ended; empty = it lives."""
    settings = lanes.settings
    why: list[str] = []
    if now_s - lanes.ticked_at_s > settings.loop_lag_max_s:
        why.append("loop_lag")
    for partition, opened in list(lanes.open.items()):
        is_waiting = opened.is_busy or (opened.lane.has_input and not lanes.is_held())
        if not is_waiting or opened.lane.halted:
            opened.moved_at_s = now_s
        elif now_s - opened.moved_at_s > settings.stuck_after_s:
            why.append(f"lane_{partition}_stands_still")
    for partition, since_s in list(lanes.opening.items()):
        if now_s - since_s > settings.recover_within_s:
            why.append(f"lane_{partition}_recovers_too_long")
    if lanes.broadcasts.age_s() > settings.broadcast_stale_s + settings.stuck_after_s:
        why.append("broadcast_stale")
    return why


def not_ready(lanes: Lanes) -> list[str]:
    """Why this process is not at work in full; empty = it is ready."""
    why: list[str] = []
    if not lanes.assigned:
        why.append("no_lanes_assigned")
    why += [f"lane_{partition}_recovering" for partition in list(lanes.opening)]
    why += [
        f"lane_{partition}_halted:{opened.lane.halted}"
        for partition, opened in list(lanes.open.items())
        if opened.lane.halted
    ]
    if not lanes.broadcasts.loaded.is_set():
        why.append("broadcasts_loading")
    elif lanes.broadcasts.age_s() > lanes.settings.broadcast_stale_s:
        why.append("broadcast_stale")
    if lanes.stopping:
        why.append("stopping")
    return why


def serve(lanes: Lanes, host: str, port: int) -> ThreadingHTTPServer:
    """Serves `/live`, `/ready` and `/metrics` of a worker."""
    return serve_health(
        host,
        port,
        lambda: not_live(lanes, time.monotonic()),
        lambda: not_ready(lanes),
        lambda: {
            "job": lanes.job.name,
            "slot": lanes.settings.slot,
            "lanes_open": sorted(lanes.open),
            "lanes_opening": sorted(lanes.opening),
        },
    )
