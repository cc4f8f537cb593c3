"""The job on Quix Streams: a stateful function, its RocksDB state with a changelog, at least or exactly once.

It runs in an environment of its own (quix.txt): its pins for pydantic and confluent-kafka are not ours.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

from quixstreams import Application, State

from tests.bench.job import decide_report
from tests.bench.plan import Plan

#: Its default is 5 s, which is also how long an exactly-once result stays unseen.
COMMIT_INTERVAL_S = float(os.environ.get("SEINHUIS_BENCH_QUIX_COMMIT_S", "5"))


def run(plan: Plan, guarantee: str) -> None:
    with tempfile.TemporaryDirectory() as state:
        app = Application(
            plan.kafka,
            consumer_group=plan.name,
            auto_offset_reset="earliest",
            commit_interval=COMMIT_INTERVAL_S,
            state_dir=state,
            processing_guarantee=guarantee,
            loglevel="WARNING",
            producer_extra_config={"linger.ms": 5, "partitioner": "murmur2", "batch.size": 1024 * 1024},
            consumer_extra_config={"queued.min.messages": 100_000},
        )
        raw: dict[str, Any] = {"key_deserializer": "bytes", "value_deserializer": "bytes"}
        facts = app.topic(plan.output, key_serializer="bytes", value_serializer="bytes")

        def route(value: bytes, state: State) -> bytes:
            row, fact = decide_report(value, state.get_bytes("row"))
            state.set_bytes("row", row)
            return fact

        app.dataframe(app.topic(plan.input, **raw)).apply(route, stateful=True).to_topic(facts)
        app.run()


if __name__ == "__main__":
    run(Plan.told(), sys.argv[1])
