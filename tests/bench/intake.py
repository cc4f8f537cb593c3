"""How many events a second one door takes in: `python -m tests.bench.intake` prints a line of JSON.

Events go through the intake as they do after their checks: ids allotted, words sealed, committed to PostgreSQL,
acknowledged by Kafka, noted. The broker and PostgreSQL run on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvloop

from services.cli.broker import Embedded
from services.cli.postgres import Postgres
from services.database.migrate import migrate
from services.gateway.asked import Asked, Taken
from services.runtime.admin import make
from services.runtime.steady import Steady
from tests.brokers import Kafka
from tests.gateway.store import a_report, a_store
from topics.catalogue import CATALOGUE


def events(run: str, count: int, clients: int, words: int) -> list[Asked]:
    """Reports as a large provider sends them: each of a client, named by its own word, some with text."""
    text = {"content_ref": {"text": "Zij viel twee keer deze week en vertelt het haar huisarts niet. " * 3}}
    return [
        a_report(
            f"{run}-{n}",
            client=f"client-{n % clients}",
            subject=f"{run}-word-{n}",
            content=text if words and n % words == 0 else {},
        )
        for n in range(count)
    ]


@contextmanager
def _standing(asked: argparse.Namespace) -> Iterator[tuple[str, str]]:
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seinhuis-door-")))
        place.chmod(0o755)
        server = stack.enter_context(Postgres(place / "postgres", log=place / "postgres.log"))
        migrate(server.url)
        broker: Embedded | Kafka = (
            Embedded(log=place / "broker.log") if asked.broker == "embedded" else Kafka(place / "kafka")
        )
        stack.enter_context(broker)
        yield server.url, broker.bootstrap


async def _measure(asked: argparse.Namespace, database: str, kafka: str) -> dict[str, object]:
    await make(kafka, CATALOGUE)
    rates, waits, cpu = [], [], []
    sends = Steady(kafka, within_s=60.0)
    async with a_store(database, sends, now_ms=lambda: int(time.time() * 1000)) as store:
        await store.intake.accept(events(secrets.token_hex(4), 100, 10, asked.words))
        for _ in range(asked.runs):
            run = events(secrets.token_hex(4), asked.events, asked.clients, asked.words)
            batches = iter([run[at : at + asked.batch] for at in range(0, len(run), asked.batch)])

            async def one(batches: Iterator[list[Asked]]) -> None:
                for batch in batches:
                    begun = time.perf_counter()
                    answers = await store.intake.accept(batch)
                    waits.append(time.perf_counter() - begun)
                    assert all(isinstance(answer, Taken) for answer in answers)

            begun, cpu_begun = time.perf_counter(), time.process_time()
            await asyncio.gather(*(one(batches) for _ in range(asked.parallel)))
            rates.append(asked.events / (time.perf_counter() - begun))
            cpu.append((time.process_time() - cpu_begun) / asked.events)
    await sends.stop()
    waits.sort()
    return {
        "what": "events a second through one door's intake",
        "broker": asked.broker,
        "events": asked.events,
        "batch": asked.batch,
        "parallel": asked.parallel,
        "with_words_one_in": asked.words,
        "cores": os.cpu_count(),
        "rates": [round(rate) for rate in rates],
        "median": round(statistics.median(rates)),
        "own_cpu_us_an_event": round(statistics.median(cpu) * 1e6),
        "batch_p50_ms": round(waits[len(waits) // 2] * 1000, 1),
        "batch_p99_ms": round(waits[int(len(waits) * 0.99)] * 1000, 1),
    }


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.intake", description=__doc__)
    parser.add_argument("--broker", choices=("kafka", "embedded"), default="kafka")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=5_000)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--words", type=int, default=4, help="every n-th event carries text; 0 = none")
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # a broker that has just started has no leaders yet
    with _standing(asked) as (database, kafka):
        print(json.dumps(uvloop.run(_measure(asked, database, kafka))))


if __name__ == "__main__":
    main()
