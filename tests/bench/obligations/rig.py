"""Where the obligations are owed: a broker with the real topics and agreement, seeded rows, and workers to start."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import psutil

from services.agreements.book import AgreementBook, publication, record_key, usable
from services.cli.agreements.publishing import publish_agreement
from services.cli.processes import HOST, end, free_port
from services.runtime.clock import Clock
from services.runtime.lane import POSITION_KEY
from tests.bench.casework import AGREEMENT
from tests.bench.load import BY_APPENDING, Filled, create, producer
from tests.bench.obligations.seeding import Owed, seeded
from tests.bench.obligations.told import TOPICS, Listener
from tests.bench.watch import ROOT, SystemFailed, cpu_s, others_s, others_share, read_all
from topics.catalogue import CATALOGUE, PARTITIONS, SIGNALS_COMMANDS, changelog

#: A Tuesday in office hours: everybody on the agreement's ladders can be reached, whenever this is run.
START = datetime.fromisoformat("2026-12-01T10:00:00+01:00")
_CHANGELOG = changelog("casework").name
_FLUSHED_WITHIN_S = 120.0
READY_WITHIN_S = 180.0
_LOOK_EVERY_S = 0.05


class Machine(NamedTuple):
    """What the machine did otherwise since a moment: a figure beside a busy machine says little."""

    since_s: float
    others_s: float

    @classmethod
    def now(cls) -> Machine:
        return cls(time.monotonic(), others_s())

    def others_share(self) -> float:
        """How much of the machine went to neither the bench nor what it started."""
        return others_share(others_s() - self.others_s, time.monotonic() - self.since_s)


class Worker:
    """One worker process, with what it costs."""

    def __init__(self, kafka: str, clock: Clock, log: Path, slot: str = "0") -> None:
        self.slot = slot
        self.port = free_port()
        self.started_s = time.monotonic()
        start = datetime.fromtimestamp(clock.start_ms / 1000, UTC).isoformat(timespec="milliseconds")
        told = {
            "SEINHUIS_KAFKA": kafka,
            "SEINHUIS_CLOCK": f"{start}@{clock.anchor_s}x{clock.speed}",
            "SEINHUIS_HTTP_PORT": str(self.port),
            "SEINHUIS_SLOT": slot,
            "SEINHUIS_LOG": "json",
        }
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.work", "casework"],
                cwd=ROOT,
                env={**os.environ, **told},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def lanes_open(self) -> int:
        """How many lanes it has open; 0 while it is not ready."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.port}/ready", timeout=2.0) as answer:
                return len(json.load(answer)["lanes_open"])
        except (urllib.error.URLError, OSError):
            return 0

    def wait_ready(self) -> float:
        """Waits until every lane is open; seconds since the process was started."""
        while self.lanes_open() < PARTITIONS:
            if time.monotonic() - self.started_s > READY_WITHIN_S or self.process.poll() is not None:
                raise SystemFailed(f"it was not ready within {READY_WITHIN_S:.0f} s")
            time.sleep(_LOOK_EVERY_S)
        return time.monotonic() - self.started_s

    def memory_mb(self) -> tuple[float, float]:
        """Resident now, and at the peak."""
        found = {}
        for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines():
            name, _, rest = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                found[name] = int(rest.split()[0]) * 1024 / 1e6
        return found["VmRSS"], found["VmHWM"]

    def cpu_s(self) -> float:
        """User and system time so far: what it costs, however busy the machine is otherwise."""
        return cpu_s(psutil.Process(self.process.pid))

    def kill(self) -> None:
        """kill -9, whatever it is doing."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Asked to end, and killed when it does not."""
        end(self.process, 30.0)


class Rig:
    """A broker with the core's topics, the published agreement, and a clock that begins on a Tuesday at ten."""

    def __init__(self, kafka: str, logs: Path) -> None:
        self.kafka = kafka
        self.logs = logs
        now_s = time.time()
        self.clock = Clock(round(START.timestamp() * 1000), now_s, 1.0)
        self.book = AgreementBook()
        #: The number of each lane's next fact, as the seed left it.
        self.first: dict[int, int] = {}
        self._listener: Listener | None = None
        self._workers: list[Worker] = []
        self._sender = producer(kafka, **{"linger.ms": 0})

    def prepare(self) -> None:
        """Topics as in production, facts stamped by the broker, and the example agreement in force."""
        for topic in CATALOGUE:
            stamped = BY_APPENDING if topic.name in TOPICS else {}
            create(self.kafka, {topic.name: {**topic.configs(), **stamped}}, topic.partitions)
        asyncio.run(publish_agreement(self.kafka, AGREEMENT, now_ms=self.now_ms(), is_transactional=True))
        text = AGREEMENT.read_text(encoding="utf-8")
        terms = usable(text)
        self.book.take(record_key(terms), publication(terms, text).model_dump_json().encode())

    def now_ms(self) -> int:
        """The present moment of the workers' clock."""
        return self.clock.now_ms()

    def seed(self, owed: Iterable[Owed]) -> float:
        """Lays open obligations into the changelog; how many MB of rows that were."""
        fill = producer(
            self.kafka, **{"linger.ms": 20, "batch.size": 900_000, "queue.buffering.max.messages": 200_000}
        )
        failed: list[object] = []
        size = 0

        def delivered(error: object, _: object) -> None:
            if error is not None:
                failed.append(error)

        for count, (partition, row) in enumerate(seeded(owed, self.now_ms())):
            if row.key == POSITION_KEY:
                self.first[partition] = json.loads(row.value)["sequence"]
            size += len(row.value)
            while True:
                try:
                    fill.produce(_CHANGELOG, row.value, row.key, partition, on_delivery=delivered)
                    break
                except BufferError:
                    fill.poll(0.1)
            if count % 1000 == 0:
                fill.poll(0)
        left = fill.flush(_FLUSHED_WITHIN_S)
        if left or failed:
            raise SystemFailed(f"{left} rows were not delivered, {len(failed)} failed: {failed[:1]}")
        return size / 1e6

    def listen(self) -> Listener:
        """A listener that hears everything from now on."""
        self._listener = Listener(self.kafka, self.clock)
        self._listener.start()
        return self._listener

    def worker(self, slot: str = "0", clock: Clock | None = None) -> Worker:
        """A worker that is ended with the rig."""
        started = Worker(self.kafka, clock or self.clock, self.logs / f"worker-{slot}.log", slot)
        self._workers.append(started)
        return started

    def say(
        self,
        command: Filled,
        delivered: Callable[[object, object], None] | None = None,
        topic: str = SIGNALS_COMMANDS.name,
    ) -> None:
        """Sends a command at once."""
        self._sender.produce(
            topic,
            command.value,
            command.key,
            headers=list(command.headers),
            on_delivery=delivered,
        )
        self._sender.poll(0)

    def said(self) -> None:
        """Waits until all that was sent lies in the log."""
        if self._sender.flush(_FLUSHED_WITHIN_S):
            raise SystemFailed("commands were not delivered")

    def rows(self) -> dict[bytes, bytes]:
        """The changelog's last word about every case."""
        found: dict[bytes, bytes] = {}
        for message in read_all(self.kafka, [_CHANGELOG], PARTITIONS):
            key, value = message.key(), message.value()
            assert key is not None
            if value is None:
                found.pop(key, None)
            else:
                found[key] = value
        return found

    def sleep_until(self, at_ms: float) -> None:
        """Waits for a moment of the clock."""
        ahead_s = (at_ms - self.now_ms()) / 1000
        if ahead_s > 0:
            time.sleep(ahead_s)

    def end(self) -> None:
        """Nothing of ours is left running."""
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.stop()
        if self._listener is not None and self._listener.is_alive():
            self._listener.stop()


def turned(clock: Clock, by_ms: int) -> Clock:
    """The same clock, so much later."""
    return Clock(clock.start_ms + by_ms, clock.anchor_s, clock.speed)
