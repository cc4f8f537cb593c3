"""Events a second through one gateway process, over HTTP in batches, on a real Apache Kafka and PostgreSQL.

    python -m tests.bench.door [--events 60000] [--batch 1000] [--parallel 4] [--no-content] [--assert]

Counted from the first request to the last answer; an answer means that the database has committed and the broker has
confirmed every event of the batch. The sender, the gateway, PostgreSQL and Kafka share this machine. With `--assert` it
exits 1 when there were fewer than promised.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import logging
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from schemas.signals import ReportSignal
from services.cli.postgres import Postgres
from services.gateway import examples
from tests.bench.bounds import Bound, missed, tell
from tests.brokers import Kafka
from tests.databases import Databases
from tests.gateway.running import Gateway, a_gateway

WARM_UP_BATCHES = 8
LEAST_EVENTS_PER_S = 3_000
UNLIMITED = {
    "SEINHUIS_GATEWAY_REQUESTS_PER_MINUTE": "10000000",
    "SEINHUIS_GATEWAY_EVENTS_PER_MINUTE": "100000000",
    "SEINHUIS_LOG_LEVEL": "warning",
}


class Given(NamedTuple):
    """What is measured."""

    events: int
    batch: int
    parallel: int
    has_content: bool


def a_report(n: int, has_content: bool) -> dict[str, Any]:
    event = examples.event("ReportSignal", ReportSignal.type_name())
    data = {**event["data"], "client": {"system": "ecd", "value": f"client-{n % 20_000}"}}
    if not has_content:
        del data["content"]
    return {**event, "id": f"bench-{n}", "data": data}


def cpu_s(pid: int) -> float:
    """Processor time a process has used: what it costs, however busy the machine is with others."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


class Measured(NamedTuple):
    """Events a second, processor time of the gateway an event, and how long each batch took."""

    rate: float
    cpu_us: float
    took_s: list[float]

    def broken(self) -> list[str]:
        """What is not as promised."""
        return missed(
            [Bound("events a second through one gateway", self.rate, LEAST_EVENTS_PER_S, is_least=True)]
        )


async def measure(door: Gateway, given: Given) -> Measured:
    assert door.process is not None
    numbers = itertools.count()
    total = given.events // given.batch + WARM_UP_BATCHES
    bodies = [
        json.dumps([a_report(next(numbers), given.has_content) for _ in range(given.batch)]).encode()
        for _ in range(total)
    ]
    took_s: list[float] = []
    headers = {**door.bearer(), "Content-Type": "application/cloudevents-batch+json"}
    async with httpx2.AsyncClient(base_url=door.url, timeout=60.0) as client:

        async def send(waiting: list[bytes]) -> None:
            while waiting:
                body, began_s = waiting.pop(), time.monotonic()
                answer = await client.post("/v1/events", content=body, headers=headers)
                assert answer.status_code == 202, answer.text[:300]
                took_s.append(time.monotonic() - began_s)

        async def all_of(waiting: list[bytes]) -> None:
            await asyncio.gather(*(send(waiting) for _ in range(given.parallel)))

        await all_of(bodies[:WARM_UP_BATCHES])
        took_s.clear()
        began_s, began_cpu_s = time.monotonic(), cpu_s(door.process.pid)
        await all_of(bodies[WARM_UP_BATCHES:])
        lasted_s = time.monotonic() - began_s
        used_s = cpu_s(door.process.pid) - began_cpu_s
    sent = (total - WARM_UP_BATCHES) * given.batch
    return Measured(sent / lasted_s, used_s / sent * 1e6, sorted(took_s))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--parallel", type=int, default=4)
    parser.add_argument("--no-content", action="store_true")
    parser.add_argument("--assert", dest="is_asserted", action="store_true", help="exit 1 below the promise")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(
        logging.CRITICAL
    )  # a node that is just started elects its leaders yet
    given = Given(options.events, options.batch, options.parallel, not options.no_content)
    with tempfile.TemporaryDirectory(prefix="seinhuis-bench-") as name:
        place = Path(name)
        place.chmod(0o755)
        with (
            Kafka(place / "kafka") as node,
            Postgres(place / "postgres", log=place / "postgres.log") as server,
            Databases(server).fresh() as database,
            a_gateway(node.bootstrap, database, place, is_transactional=True, also=UNLIMITED) as door,
        ):
            found = asyncio.run(measure(door, given))
    took_s = found.took_s
    print(
        f"{given.events} events in batches of {given.batch}, {given.parallel} at a time, "
        f"{'with' if given.has_content else 'without'} content: {found.rate:,.0f} events/s"
    )
    print(f"the gateway used {found.cpu_us:.0f} µs of processor an event")
    print(f"a batch took p50 {statistics.median(took_s):.3f} s, p99 {took_s[int(len(took_s) * 0.99)]:.3f} s")
    raise SystemExit(tell(found.broken()) if options.is_asserted else 0)


if __name__ == "__main__":
    main()
