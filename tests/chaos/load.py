"""What is said to the workers and when: a planned load, pure, and the pump that says it in real time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from tests.chaos.recording import Header

SILENT = logging.getLogger("librdkafka.silent")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False
FLUSHED_WITHIN_S = 120.0


class Planned(NamedTuple):
    """An input to be said `at_s` seconds after the start of its block. The pump adds the stamp."""

    at_s: float
    topic: str
    key: bytes
    value: bytes
    headers: tuple[Header, ...] = ()


class Pump(threading.Thread):
    """Says a planned load in its order, each input stamped with the moment it was said, never before the last."""

    def __init__(self, bootstrap: str, planned: Iterable[Planned], stamp: Callable[[int], Header]) -> None:
        super().__init__(name="pump", daemon=True)
        self.said = 0
        #: When each input was known to lie in the log, by its place: the broker's acknowledgement.
        self.acknowledged_ms: dict[tuple[str, int, int], int] = {}
        self.failure: BaseException | None = None
        self._planned = planned
        self._stamp = stamp
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "acks": "all",
                "partitioner": "murmur2",
                "linger.ms": 5,
                "message.timeout.ms": 600_000,
                "queue.buffering.max.messages": 1_000_000,
                "reconnect.backoff.max.ms": 500,
            },
            logger=SILENT,
        )

    def run(self) -> None:
        try:
            self._say_all()
        except BaseException as fault:
            self.failure = fault

    def finish(self) -> int:
        """Waits until the broker has acknowledged everything; returns how many were said."""
        self.join(FLUSHED_WITHIN_S)
        left = self._producer.flush(FLUSHED_WITHIN_S)
        if self.failure is not None:
            raise self.failure
        if left or self.is_alive():
            raise TimeoutError(f"{left} inputs were not acknowledged within {FLUSHED_WITHIN_S:.0f} s")
        return self.said

    def _say_all(self) -> None:
        start, stamped_ms = time.monotonic(), 0
        for input_ in self._planned:
            wait_s = start + input_.at_s - time.monotonic()
            if wait_s > 0:
                time.sleep(wait_s)
            stamped_ms = max(stamped_ms, _now_ms())
            self._producer.produce(
                input_.topic,
                key=input_.key,
                value=input_.value,
                headers=[*input_.headers, self._stamp(stamped_ms)],
                on_delivery=self._delivered,
            )
            self._producer.poll(0)
            self.said += 1

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self.failure = self.failure or KafkaException(error)
            return
        place = (message.topic() or "", message.partition() or 0, message.offset() or 0)
        self.acknowledged_ms[place] = _now_ms()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
