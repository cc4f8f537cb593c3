"""A worker that runs takes a new version over: from its start on, not before, and what it cannot use it tells."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from confluent_kafka import Producer, TopicPartition

from schemas.envelope import Envelope
from services.agreements.book import publication, record_key, usable
from services.cli.agreements.publishing import publish_agreement
from services.cli.broker import Embedded
from services.runtime.admin import make
from tests.brokers import Kafka
from tests.casework.small import KOLK, VLIER, a_small
from tests.casework.world import ms
from tests.contract.conftest import BOTH
from tests.contract.worker import Worker
from tests.contract.world import SILENT, Headers, Tail, assert_delivered
from tests.patiently import patiently
from topics.catalogue import AGREEMENTS_EVENTS, CATALOGUE, PARTITIONS, SIGNALS_COMMANDS, SIGNALS_EVENTS

#: Five past midnight of the day on which the second version begins; nothing here waits for a clock.
CLOCK = "2026-12-01T00:05:00+01:00"
CAME_WITHIN_S = 180.0


class Core:
    """The core on a broker of its own, by a clock of its own, with the first versions published before it starts."""

    def __init__(self, bootstrap: str, place: Path, *, is_transactional: bool) -> None:
        self.bootstrap = bootstrap
        self._place = place
        self._is_transactional = is_transactional
        asyncio.run(patiently(lambda: make(bootstrap, CATALOGUE)))
        self.publish(a_small(VLIER), "2026-11-23T09:00")
        self.publish(a_small(KOLK, 4), "2026-11-23T09:00")
        self.tail = Tail(
            bootstrap, [TopicPartition(SIGNALS_EVENTS.name, number, 0) for number in range(PARTITIONS)]
        )
        self.producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0}, logger=SILENT)
        self.worker = Worker(
            "services.work",
            "casework",
            {
                "SEINHUIS_KAFKA": bootstrap,
                "SEINHUIS_TRANSACTIONS": "on" if is_transactional else "off",
                "SEINHUIS_SESSION_TIMEOUT_S": "6",
                "SEINHUIS_CLOCK": f"{CLOCK}@{time.time():.0f}x1",
            },
            place / "worker.log",
        )
        self.worker.hear("lane_opened", PARTITIONS)

    def publish(self, text: str, at: str) -> None:
        path = self._place / "agreement.yaml"
        path.write_text(text, encoding="utf-8")
        done = asyncio.run(
            patiently(
                lambda: publish_agreement(
                    self.bootstrap, path, now_ms=ms(at), is_transactional=self._is_transactional
                )
            )
        )
        # Kept: the answer to an earlier try was lost.
        assert done.did in ("published", "kept")

    def report(self, case: str, at: str, lane: int, partnership: str = "de-vlier", **said: str) -> None:
        """A report that was taken in at this moment."""
        envelope = Envelope(
            id=f"cmd-{case}",
            source="urn:nld:oin:00000009123456780000:systeem:ecd",
            type="nl.seinhuis.signals.ReportSignal.v1",
            subject=f"sig-{case}",
            recordedtime=f"{at}+01:00",
            partnership=partnership,
            caseid=case,
        )
        data = {"urgency": "urgent", "types": ["nursing"], "reporter": {"kind": "neighbour"}, **said}
        self._put(SIGNALS_COMMANDS.name, case.encode(), json.dumps(data).encode(), envelope, lane)

    def put_agreement(self, key: bytes, value: bytes) -> None:
        """A record that `publish` would have refused."""
        self._put(AGREEMENTS_EVENTS.name, key, value, None, 0)

    def _put(self, topic: str, key: bytes, value: bytes, envelope: Envelope | None, lane: int) -> None:
        headers: Headers = [] if envelope is None else envelope.headers()
        self.producer.produce(
            topic, key=key, value=value, headers=list(headers), partition=lane, on_delivery=assert_delivered
        )
        assert self.producer.flush(30) == 0

    def asked(self, case: str) -> list[tuple[str, int]]:
        """Who was asked in a case, and by which version."""
        return [
            (seen.said["contact"], seen.said["agreement_version"])
            for seen in self.tail.seen
            if seen.key == case.encode() and b"SignalRouted" in seen.headers["ce_type"]
        ]

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + CAME_WITHIN_S
        while not is_so():
            if self.tail.read() == 0 and time.monotonic() > until:
                raise AssertionError(f"not within {CAME_WITHIN_S:.0f} s: {what}\n{self.worker.last_words}")

    def close(self) -> None:
        self.worker.kill()
        self.tail.close()


@pytest.fixture(scope="module", params=BOTH)
def core(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    place = tmp_path_factory.mktemp("core")
    is_kafka = request.param == "kafka"
    with ExitStack() as stack:
        node = Kafka(place / "kafka", heap_mb=512) if is_kafka else Embedded(log=place / "broker.log")
        stack.enter_context(node)
        core = Core(node.bootstrap, place, is_transactional=is_kafka)
        stack.callback(core.close)
        yield core


def test_worker_takes_a_version_over_at_midnight_without_a_restart(core: Core) -> None:
    core.publish(a_small(VLIER, 2, "2026-12-01", asked="night"), "2026-11-30T23:58")
    # Each try is a case of its own in a lane of its own time, until the worker has heard of the new version.
    tries = (f"case-try{n:09}" for n in range(1_000))

    def is_known() -> bool:
        core.report(case := next(tries), "2026-12-01T00:01", lane=0)
        core.until(lambda: bool(core.asked(case)), "a decision")
        return core.asked(case) == [("care/de-vlier-night", 2)]

    core.until(is_known, "the new version is known")
    core.report("case-before000000", "2026-11-30T23:59", lane=1)
    core.report("case-after0000000", "2026-12-01T00:01", lane=2)
    core.until(lambda: bool(core.asked("case-before000000") and core.asked("case-after0000000")), "decisions")
    assert core.asked("case-before000000") == [("care/de-vlier-team", 1)]
    assert core.asked("case-after0000000") == [("care/de-vlier-night", 2)]


def test_worker_decides_cases_of_two_partnerships_each_by_its_own(core: Core) -> None:
    core.report("case-kolk000000", "2026-12-01T00:02", 3, "de-kolk", postcode="9911")
    core.report("case-strayed000", "2026-12-01T00:02", 4, "de-kolk", postcode="9901")
    core.until(lambda: bool(core.asked("case-kolk000000") and core.asked("case-strayed000")), "decisions")
    assert core.asked("case-kolk000000") == [("care/de-kolk-team", 4)]
    assert core.asked("case-strayed000") == [("next-door/de-vlier-entry", 4)]


def test_worker_tells_of_an_agreement_it_cannot_use_and_goes_on_by_the_one_in_force(core: Core) -> None:
    text = a_small(KOLK, 5, "2026-11-30", asked="night")
    found = usable(text)
    later = (
        publication(found, text).model_dump_json().replace("timezone:", "speeches: Jan de Vries\\ntimezone:")
    )
    core.put_agreement(record_key(found), later.encode())
    core.put_agreement(b"scrawl", b"Dorpsstraat 12")
    heard = {one["reason"]: one for one in core.worker.hear("broadcast_record_kept_out", 2)}
    first, second = heard["unknown_key"], heard["not_an_agreement"]
    place = {"topic": AGREEMENTS_EVENTS.name, "partition": 0, "offset": first["offset"]}
    line = 1 + text.splitlines().index("timezone: Europe/Amsterdam")
    assert place | {"reason": "unknown_key", "line": line} == {
        name: first[name] for name in (*place, "reason", "line")
    }
    assert second["line"] == 0
    assert core.worker.metric("runtime_broadcast_kept_out_total", reason="unknown_key") == 1
    assert core.worker.metric("runtime_broadcast_kept_out_total") == 2
    words = core.worker.log.read_text(encoding="utf-8")
    assert not any(word in words for word in ("Jan de Vries", "Dorpsstraat", "scrawl", "speeches"))
    core.report("case-goeson0000", "2026-12-01T00:03", 5, "de-kolk", postcode="9911")
    core.until(lambda: bool(core.asked("case-goeson0000")), "a decision")
    assert core.asked("case-goeson0000") == [("care/de-kolk-team", 4)]
    assert core.worker.health("/ready")[0] == 200
