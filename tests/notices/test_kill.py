"""The bell is killed under load, at moments of chance: who is asked is told by one key, by webhook and by mail."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as SmtpEnvelope
from confluent_kafka import Producer, TopicPartition

from schemas.envelope import Envelope
from schemas.signals import SignalAcknowledged, SignalRouted
from services.agreements.moments import moment
from services.cli.agreements.publishing import publish_agreement
from services.cli.broker import Embedded
from services.deliveries.alias import case_alias
from services.runtime.admin import make
from tests.brokers import Kafka
from tests.casework.world import ms
from tests.contract.conftest import BOTH
from tests.contract.worker import ROOT, Worker
from tests.contract.world import SILENT, Tail, assert_delivered
from tests.notices.receivers import Doors, Got, Mailbox, Reply, Server, a_mail_server, a_server
from tests.patiently import patiently
from topics.catalogue import CATALOGUE, NOTICES_EVENTS, PARTITIONS, SIGNALS_EVENTS, deliveries

ALIAS_KEY = "a key of aliases for tests only"
#: One is told by webhook, the other by mail.
TEAM, DESK = "linde/linde-team", "welzijn/welzijn-desk"
ASKED = {TEAM: "linde", DESK: "welzijn"}
CASES, KILLS, SEED = 240, 4, 1
#: From the last word until `kill -9`: before anything was sent, in the midst of it, and when much is done.
KILLED_AFTER_S = (0.02, 1.2)
CAME_WITHIN_S = 120.0


class Flaky:
    """A receiver that answers slowly, and at the first attempt often not at all; it counts by webhook-id."""

    def __init__(self) -> None:
        self.came: list[tuple[float, str, str, int]] = []
        self._seen: set[str] = set()

    def __call__(self, got: Got) -> Reply:
        came_s, webhook_id, case = time.time(), got.headers["webhook-id"], got.said["caseid"]
        is_first = webhook_id not in self._seen
        self._seen.add(webhook_id)
        failing = int(webhook_id[-1], 16)
        reply = Reply(204, after_s=0.05)
        if is_first and failing < 4:
            reply = Reply(500, after_s=0.05)
        elif is_first and failing == 4:
            reply = Reply(is_reset=True, after_s=0.05)
        self.came.append((came_s, webhook_id, case, 0 if reply.is_reset else reply.status))
        return reply

    def taken(self) -> set[str]:
        """Of which cases a notice was taken."""
        return {case for _, _, case, status in self.came if status == 204}


class FlakyMail(Mailbox):
    """A mail server that takes its time, and at the first attempt often refuses for now; it keeps when each came."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[tuple[float, str, bool]] = []
        self._seen: set[str] = set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: SmtpEnvelope) -> str:
        came_s, raw = time.time(), envelope.content
        assert isinstance(raw, bytes)
        key = str(message_from_bytes(raw, policy=policy.default)["Message-ID"]).strip("<>").partition("@")[0]
        is_refused = key not in self._seen and int(key[-1], 16) < 4
        self._seen.add(key)
        await asyncio.sleep(0.05)
        self.came.append((came_s, key, not is_refused))
        return "451 try again later" if is_refused else "250 OK"


class Bell:
    """A broker, the bell's worker, the door, the receiver, and all that the bell told."""

    def __init__(
        self, bootstrap: str, logs: Path, door: Server, smtp_port: int, *, is_transactional: bool
    ) -> None:
        streams = [deliveries(party) for party in ASKED.values()]
        asyncio.run(patiently(lambda: make(bootstrap, (*CATALOGUE, *streams))))
        done = asyncio.run(
            patiently(
                lambda: publish_agreement(
                    bootstrap,
                    ROOT / "examples" / "waterkant-small.yaml",
                    now_ms=ms("2026-11-01T09:00"),
                    is_transactional=is_transactional,
                )
            )
        )
        assert done.did in ("published", "kept")
        places = [TopicPartition(NOTICES_EVENTS.name, number, 0) for number in range(PARTITIONS)]
        self.tail = Tail(bootstrap, [*places, *(TopicPartition(one.name, 0, 0) for one in streams)])
        self.producer = Producer(
            {"bootstrap.servers": bootstrap, "linger.ms": 5, "partitioner": "murmur2"}, logger=SILENT
        )
        self.is_transactional = is_transactional
        self._logs = logs
        self._environment = {
            "SEINHUIS_KAFKA": bootstrap,
            "SEINHUIS_TRANSACTIONS": "on" if is_transactional else "off",
            "SEINHUIS_SESSION_TIMEOUT_S": "6",
            "SEINHUIS_ALIAS_KEY": ALIAS_KEY,
            "SEINHUIS_GATEWAY_URL": door.url,
            "SEINHUIS_SERVICE_TOKEN": "service-token",
            "SEINHUIS_WEBHOOK_PRIVATE": "true",
            "SEINHUIS_WEBHOOK_PLAIN": "true",
            "SEINHUIS_SMTP_HOST": "localhost",
            "SEINHUIS_SMTP_PORT": str(smtp_port),
            "SEINHUIS_SMTP_PLAIN": "true",
        }
        self.worker = self.start()

    def start(self) -> Worker:
        worker = Worker(
            "services.work", "notices", self._environment, self._logs / f"{time.monotonic_ns()}.log"
        )
        worker.hear("lane_opened", PARTITIONS)
        return worker

    def kill(self) -> None:
        self.worker.kill()
        self.worker = self.start()

    def say(self, kind: type[SignalRouted | SignalAcknowledged], n: int, number: int, **data: object) -> None:
        case = f"case-{n:012}"
        envelope = Envelope(
            id=f"casework-0-{number}",
            source="urn:seinhuis:casework",
            type=kind.type_name(),
            subject=f"sig-{n:012}",
            recordedtime=moment(round(time.time() * 1000)).isoformat(),
            partnership="de-vlier",
            caseid=case,
            urgency="acute",
            priority="stat",
        )
        self.producer.produce(
            SIGNALS_EVENTS.name,
            key=case.encode(),
            value=json.dumps(data).encode(),
            headers=list(envelope.headers()),
            on_delivery=assert_delivered,
        )

    def route(self, n: int) -> None:
        """Somebody is asked."""
        self.say(
            SignalRouted,
            n,
            2 * n,
            contact=asked_of(n),
            reason="rule_matched",
            rule="care-at-home",
            ladder="standard",
            urgency="acute",
            agreement_version=1,
        )

    def acknowledge(self, n: int) -> None:
        """Somebody took it."""
        self.say(SignalAcknowledged, n, 2 * n + 1, by={"contact": "linde/linde-duty"}, agreement_version=1)

    def streamed(self) -> dict[str, str]:
        """The key of each delivery in the parties' streams, with the name its party knows the case by."""
        topics = {deliveries(party).name for party in ASKED.values()}
        return {
            seen.headers["ce_id"].decode(): seen.headers["ce_caseid"].decode()
            for seen in self.tail.seen
            if seen.topic in topics
        }

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + CAME_WITHIN_S
        while not is_so():
            self.tail.read()
            if time.monotonic() > until:
                raise AssertionError(f"not within {CAME_WITHIN_S:.0f} s: {what}\n{self.worker.last_words}")

    def close(self) -> None:
        self.worker.kill()
        self.tail.close()


def asked_of(n: int) -> str:
    """Who is asked of a case: every other one is asked by mail."""
    return DESK if n % 2 else TEAM


@pytest.fixture(params=BOTH)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Bell, Flaky, FlakyMail]]:
    is_kafka = request.param == "kafka"
    flaky, doors = Flaky(), Doors()
    with ExitStack() as stack:
        node: Kafka | Embedded = Kafka(tmp_path / "kafka", heap_mb=512) if is_kafka else Embedded()
        stack.enter_context(node)
        receiver = stack.enter_context(a_server(flaky))
        doors.addresses[f"{TEAM}/webhook"] = {"address": receiver.url, "secret": "a secret of linde"}
        doors.addresses[f"{DESK}/email"] = {"address": "desk@welzijn.example"}
        box, smtp_port = stack.enter_context(a_mail_server(None, FlakyMail()))
        assert isinstance(box, FlakyMail)
        door = stack.enter_context(a_server(doors))
        bell = Bell(node.bootstrap, tmp_path, door, smtp_port, is_transactional=is_kafka)
        stack.callback(bell.close)
        yield bell, flaky, box


def test_killed_bell_tells_everybody_who_is_asked_by_one_key(
    place: tuple[Bell, Flaky, FlakyMail],
) -> None:
    bell, flaky, box = place
    dice = random.Random(SEED)
    answered = range(0, CASES, 3)
    for turn in range(KILLS):
        for n in range(turn * CASES // KILLS, (turn + 1) * CASES // KILLS):
            bell.route(n)
            if n in answered:
                bell.acknowledge(n)
        bell.producer.flush(30)
        time.sleep(dice.uniform(*KILLED_AFTER_S))
        bell.kill()
    open_cases = {n for n in range(CASES) if n not in answered}
    names = {n: case_alias(ALIAS_KEY.encode(), ASKED[asked_of(n)], f"case-{n:012}") for n in range(CASES)}

    def taken() -> set[str]:
        by_key = bell.streamed()
        return flaky.taken() | {by_key[key] for _, key, is_taken in box.came if is_taken and key in by_key}

    bell.until(lambda: {names[n] for n in open_cases} <= taken(), "everybody is told")
    bell.until(lambda: bell.tail.read(1.0) == 0, "all is read")

    by_key = bell.streamed()
    came = [(came_s, key, case) for came_s, key, case, _ in flaky.came]
    came += [(came_s, key, by_key[key]) for came_s, key, _ in box.came]
    assert len(flaky.came) > CASES // 4 and len(box.came) > CASES // 4, "each way was gone"
    ids = {case: {key for _, key, other in came if other == case} for case in names.values()}
    assert max(len(found) for found in ids.values()) == 1, "one key a notice, however often it was sent"
    told = [seen for seen in bell.tail.seen if seen.topic == NOTICES_EVENTS.name]
    kinds = {(seen.key, seen.headers["ce_type"].split(b".")[-2]) for seen in told}
    for n in range(CASES):
        key = f"case-{n:012}".encode()
        assert kinds & {(key, b"NoticeAttempted"), (key, b"NoticeSuppressed")}, "attempted, or said why not"
    fact_ids = [seen.headers["ce_id"] for seen in told]
    if bell.is_transactional:
        assert len(set(fact_ids)) == len(fact_ids), "no fact was told twice"
    assert {key for found in ids.values() for key in found} <= set(by_key)

    said: dict[str, float] = {}
    for seen in told:
        if b"NoticeSuppressed" in seen.headers["ce_type"] and seen.key is not None:
            at_s = ms(seen.headers["ce_recordedtime"].decode()) / 1000
            said[seen.key.decode()] = max(said.get(seen.key.decode(), 0.0), at_s)
    assert said, "some were answered before they were told"
    silent = {names[int(case.removeprefix("case-"))]: at_s for case, at_s in said.items()}
    late = [case for came_s, _, case in came if came_s > silent.get(case, came_s)]
    assert late == [], "nothing is sent once it was said that it is not"
