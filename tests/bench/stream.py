"""How much a thousand idle readers cost a gateway, and how soon one event is with all of them.

    python -m tests.bench.stream --readers 1000 --events 10 [--assert]

A gateway as a process of its own, on the embedded broker and PostgreSQL; its readers are sockets of this process.
Prints JSON: resident memory of the gateway, and of each event the seconds from before it was sent until the last
reader had it. With `--assert` it exits 1 when a promise is not held.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.around import around
from tests.bench.bounds import Bound, missed, tell
from tests.gateway.deliver import a_delivery, deliver, make_topics
from tests.gateway.running import Gateway, prepared

PARTY = "linde"
WITHIN_S = 60.0
AT_ONCE = 50
MEMORY_MOST_MB, AT_ALL_MOST_S = 400.0, 1.0


class Reader:
    """One socket that listens, and says when it has seen an id."""

    def __init__(self, stream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._stream = stream
        self._writer = writer

    async def until(self, mark: bytes) -> float:
        """The moment at which this was seen."""
        await self._stream.readuntil(mark)
        return time.monotonic()

    def close(self) -> None:
        self._writer.close()


async def a_reader(host: str, port: int, token: str) -> Reader:
    """A stream that is open: its place was told."""
    stream, writer = await asyncio.open_connection(host, port)
    head = f"GET /v1/stream HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n"
    writer.write(head.encode())
    status = await stream.readline()
    assert b" 200 " in status, status
    reader = Reader(stream, writer)
    await reader.until(b"retry:")
    return reader


def rss_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


async def measured(broker: str, gateway: Gateway, readers: int, events: int) -> dict[str, Any]:
    assert gateway.process is not None
    pid = gateway.process.pid
    before_mb = rss_mb(pid)
    host, port = "127.0.0.1", gateway.port
    token = gateway.bearer()["Authorization"]
    began_s = time.monotonic()
    found: list[Reader] = []
    while len(found) < readers:
        some = min(AT_ONCE, readers - len(found))
        found += await asyncio.gather(*(a_reader(host, port, token) for _ in range(some)))
    opened_s = time.monotonic() - began_s
    await asyncio.sleep(5)
    idle_mb = rss_mb(pid)
    delays: list[float] = []
    for n in range(events):
        mark = b'"dl-%06d"' % n
        waiting = asyncio.gather(*(reader.until(mark) for reader in found))
        await asyncio.sleep(0.5)
        sent_s = time.monotonic()
        await deliver(broker, [a_delivery(PARTY, n)])
        async with asyncio.timeout(WITHIN_S):
            delays.append(max(await waiting) - sent_s)
    after_mb = rss_mb(pid)
    for reader in found:
        reader.close()
    return {
        "readers": readers,
        "opened_s": round(opened_s, 2),
        "rss_before_mb": round(before_mb, 1),
        "rss_idle_mb": round(idle_mb, 1),
        "rss_after_mb": round(after_mb, 1),
        "kb_a_reader": round((idle_mb - before_mb) * 1024 / readers, 1),
        "event_to_all_s": {
            "median": round(statistics.median(delays), 3),
            "worst": round(max(delays), 3),
            "each": [round(one, 3) for one in delays],
        },
    }


def broken(found: Mapping[str, Any]) -> list[str]:
    """What is not as promised."""
    most_mb = max(found["rss_idle_mb"], found["rss_after_mb"])
    return missed(
        [
            Bound(f"memory of the gateway with {found['readers']} readers, MB,", most_mb, MEMORY_MOST_MB),
            Bound(
                "seconds until an event was with all readers", found["event_to_all_s"]["worst"], AT_ALL_MOST_S
            ),
        ]
    )


async def run(readers: int, events: int) -> dict[str, Any]:
    """Everything it takes, and the figures."""
    with around("stream") as here:
        await prepared(here.bootstrap)
        await make_topics(here.bootstrap, PARTY)
        also = {"SEINHUIS_GATEWAY_REQUESTS_PER_MINUTE": "1000000"}
        with Gateway(here.bootstrap, here.database, here.place, also=also) as gateway:
            return await measured(here.bootstrap, gateway, readers, events)


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stream")
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--events", type=int, default=10)
    parser.add_argument("--assert", dest="is_asserted", action="store_true", help="exit 1 past a bound")
    asked = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    found = asyncio.run(run(asked.readers, asked.events))
    print(json.dumps(found, indent=2))
    raise SystemExit(tell(broken(found)) if asked.is_asserted else 0)


if __name__ == "__main__":
    main()
