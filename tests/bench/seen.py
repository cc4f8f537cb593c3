"""A reader in a process of its own that notes when each fact became visible to it, read committed."""

from __future__ import annotations

import signal
import sys
import time

import orjson
from confluent_kafka import Consumer, TopicPartition

from tests.bench.load import PARTITIONS


def main(kafka: str, topic: str) -> None:
    """Prints `ready`, then until it is told to stop one line a fact: its number, sent ms, seen ms."""
    is_stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: is_stopping.append(number))
    reader = Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": "bench-seen",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "log_level": 0,
        }
    )
    # From the start of the log, and never from "the end" as it is when the first fetch happens to go out.
    reader.assign([TopicPartition(topic, n, 0) for n in range(PARTITIONS)])
    noted: list[tuple[int, int, float]] = []
    print("ready", flush=True)
    while not is_stopping:
        message = reader.poll(0.1)
        if message is None or message.error() is not None:
            continue
        seen_ms = time.time() * 1000
        fact = orjson.loads(message.value() or b"null")
        noted.append((fact["number"], fact["reported_ms"], seen_ms))
    for number, sent_ms, seen_ms in noted:
        print(number, sent_ms, f"{seen_ms:.1f}")
    reader.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
