"""Three missed answers of one party lead to who answers for it, and on: both processes, one clock, one broker.

Eleven hours pass in a second, so that a weekend and a working week fit into a test.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from confluent_kafka import Producer, TopicPartition

from schemas.collaboration import AnswerCollaboration
from schemas.envelope import Envelope
from schemas.signals import ReportSignal
from services.agreements.book import usable
from services.agreements.moments import moment
from services.agreements.times import WORKING_DAYS, Span, after
from services.cli.agreements.publishing import publish_agreement
from services.cli.broker import Embedded
from services.runtime.admin import make
from services.runtime.clock import Clock
from tests.agreements.texts import changed
from tests.brokers import Kafka
from tests.casework.world import ms
from tests.collaboration.world import Fact, read_of
from tests.contract.conftest import BOTH
from tests.contract.worker import Worker
from tests.contract.world import SILENT, Tail, assert_delivered
from tests.patiently import patiently
from topics.catalogue import (
    CATALOGUE,
    COLLABORATION_COMMANDS,
    COLLABORATION_EVENTS,
    PARTITIONS,
    SIGNALS_COMMANDS,
)

#: Friday evening; the clock stands there when both processes should be up.
START = "2026-11-27T20:00:00+01:00"
LEAD_S = 15.0
SPEED = 40_000
CAME_WITHIN_S = 180.0
WEEK = "answer_within: {working_days: 5, calendar: office}"
AGREEMENT = changed(
    ("      - {to: address_each_other}\n", ""),
    ("{to: accountable_person}", f"{{to: accountable_person, {WEEK}}}"),
    ("{to: partnership.coordinator}", f"{{to: partnership.coordinator, {WEEK}}}"),
)
CASES = tuple(f"case-{letter * 12}" for letter in "abc")


class Partners:
    """The core and the second ladder on a broker of their own, and everything on the topics of the ladder."""

    def __init__(self, bootstrap: str, place: Path, *, is_transactional: bool) -> None:
        self.bootstrap = bootstrap
        asyncio.run(patiently(lambda: make(bootstrap, CATALOGUE)))
        path = place / "agreement.yaml"
        path.write_text(AGREEMENT, encoding="utf-8")
        done = asyncio.run(
            patiently(
                lambda: publish_agreement(
                    bootstrap, path, now_ms=ms("2026-11-01T09:00"), is_transactional=is_transactional
                )
            )
        )
        # Kept: the answer to an earlier try was lost.
        assert done.did in ("published", "kept")
        topics = (COLLABORATION_COMMANDS.name, COLLABORATION_EVENTS.name)
        self.tail = Tail(
            bootstrap, [TopicPartition(topic, number, 0) for topic in topics for number in range(PARTITIONS)]
        )
        self.producer = Producer(
            {"bootstrap.servers": bootstrap, "linger.ms": 0, "partitioner": "murmur2"}, logger=SILENT
        )
        told = f"{START}@{time.time() + LEAD_S:.3f}x{SPEED}"
        self.clock = Clock.from_text(told)
        self._place, self._environment = (
            place,
            {
                "SEINHUIS_KAFKA": bootstrap,
                "SEINHUIS_TRANSACTIONS": "on" if is_transactional else "off",
                "SEINHUIS_SESSION_TIMEOUT_S": "6",
                "SEINHUIS_CLOCK": told,
            },
        )
        self.workers = [self.start(name) for name in ("casework", "collaboration")]
        for worker in self.workers:
            worker.hear("lane_opened", PARTITIONS)

    def start(self, name: str) -> Worker:
        log = self._place / f"{name}-{time.monotonic_ns()}.log"
        return Worker("services.work", name, self._environment, log)

    def put(self, topic: str, envelope: Envelope, data: object) -> None:
        self.producer.produce(
            topic,
            key=envelope.key.encode(),
            value=json.dumps(data).encode(),
            headers=list(envelope.headers()),
            on_delivery=assert_delivered,
        )
        assert self.producer.flush(30) == 0

    def report(self, case: str) -> None:
        """An acute signal for the district nurses, taken in now."""
        envelope = self._envelope(f"cmd-{case}", ReportSignal.type_name(), f"sig-{case}", case)
        said = {
            "urgency": "acute",
            "types": ["nursing"],
            "postcode": "9901",
            "reporter": {"kind": "neighbour"},
        }
        self.put(SIGNALS_COMMANDS.name, envelope, said)

    def answer(self, contact: str, ladder: str) -> None:
        envelope = self._envelope("cmd-answer", AnswerCollaboration.type_name(), "de-vlier/linde", "")
        said = {"collaboration_id": ladder, "by": {"contact": contact}, "outcome": "improvement_agreed"}
        self.put(COLLABORATION_COMMANDS.name, envelope, said)

    def _envelope(self, id_: str, kind: str, subject: str, case: str) -> Envelope:
        return Envelope(
            id=id_,
            source="urn:nld:oin:00000009123456780000:systeem:ecd",
            type=kind,
            subject=subject,
            recordedtime=moment(self.clock.now_ms()).isoformat(),
            partnership="de-vlier",
            caseid=case,
        )

    def told(self, name: str, party: str = "de-vlier/linde") -> list[Fact]:
        """What was said of a party, each record once; every record is held against what may stand in it."""
        found: dict[bytes, Fact] = {}
        for seen in self.tail.seen:
            fact = read_of(seen.value or b"", list(seen.headers.items()), seen.key or b"")
            found[seen.headers["ce_id"]] = fact
        return [fact for fact in found.values() if (fact.name, fact.party) == (name, party)]

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + CAME_WITHIN_S
        while not is_so():
            if self.tail.read() == 0 and time.monotonic() > until:
                words = "\n".join(worker.last_words for worker in self.workers)
                raise AssertionError(f"not within {CAME_WITHIN_S:.0f} s: {what}\n{words}")

    def close(self) -> None:
        for worker in self.workers:
            if worker.is_alive:
                worker.kill()
        self.tail.close()


@pytest.fixture(params=BOTH)
def partners(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Partners]:
    is_kafka = request.param == "kafka"
    with ExitStack() as stack:
        node = Kafka(tmp_path / "kafka", heap_mb=512) if is_kafka else Embedded(log=tmp_path / "broker.log")
        stack.enter_context(node)
        found = Partners(node.bootstrap, tmp_path, is_transactional=is_kafka)
        stack.callback(found.close)
        yield found


def test_three_missed_answers_lead_from_rung_to_rung_until_somebody_answers(partners: Partners) -> None:
    time.sleep(max(0.0, partners.clock.to_wall_s(ms("2026-11-28T22:00")) - time.time()))
    for case in CASES:
        partners.report(case)
    partners.until(lambda: len(partners.told("ItemMissed")) >= 3, "three items missed")
    partners.until(lambda: len(partners.told("RungReached")) >= 1, "the first rung")
    first = partners.told("RungReached")[0]
    assert (first.data["on"], first.data["to"]) == (["accountable_person"], ["linde/linde-team"])
    assert first.data["items"] == [{"item": "acknowledge_signal", "count": 3}]
    week = Span(WORKING_DAYS, 5, "office")
    assert ms(first.data["answer_due_at"]) == after(week, first.at_ms, usable(AGREEMENT).clock)

    # Killed and started again in between: the ladder goes on where it was, nothing is counted a second time.
    partners.workers[1].kill()
    partners.workers[1] = partners.start("collaboration")
    partners.until(lambda: len(partners.told("RungReached")) >= 2, "the second rung")
    second = partners.told("RungReached")[1]
    assert second.data["collaboration_id"] == first.data["collaboration_id"]
    assert second.at_ms >= ms(first.data["answer_due_at"]), "never before its time"
    assert second.data["items"] == first.data["items"]
    # A day lasts two seconds here, so the three may fall on two days; each is counted on one of them, and once.
    counted = [item for fact in partners.told("ItemsCounted") for item in fact.data["items"]]
    assert {item["item"] for item in counted} == {"acknowledge_signal"}
    assert sum(item["count"] for item in counted) == 3

    partners.answer("linde/linde-team", first.data["collaboration_id"])
    partners.until(lambda: len(partners.told("CollaborationSettled")) == 1, "it is settled")
    assert len(partners.told("PartyAnswered")) == 1
    words = b"".join((seen.value or b"") + b"".join(seen.headers.values()) for seen in partners.tail.seen)
    assert not any(case.encode() in words for case in CASES), "no case in any of it"
