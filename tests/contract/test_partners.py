"""Partners that speak Kafka, on a broker as in production: TLS, accounts, and permissions as the plan gives them.

A party reaches its own two topics and nothing else there is, and a process lives on what the catalogue says it needs.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from confluent_kafka import (
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from services.cli.main import main
from services.cli.processes import free_port
from services.runtime.admittance import refusal
from services.vault.ring import new_key_text
from tests.brokers import ROOT, Kafka
from tests.contract.worker import Worker
from tests.contract.world import SILENT, assert_delivered
from tests.databases import Databases
from tests.secured import ADMIN, Secured
from topics.acl import plan
from topics.catalogue import CATALOGUE, DELIVERIES, INBOX, SIGNALS_EVENTS, of_party

pytestmark = pytest.mark.kafka

EXAMPLES = ROOT / "examples"
PROCESSES = ("casework", "collaboration", "notices", "gateway")
SOURCE = "urn:nld:oin:00000000000000000001:systeem:ecd"
PARTIES = ("linde", "kolk")
ALL = [topic.name for topic in (*CATALOGUE, *(topic for party in PARTIES for topic in of_party(party)))]
CAME_WITHIN_S = 180.0
SETTLED_WITHIN_S = 180.0
NOBODY_ANSWERS = 3
ASKED_WITHIN_S = 15.0
#: How long a client waits that is refused: it hears of it at once.
REFUSED_WITHIN_MS = 8_000
#: What a client that may not look at a topic is told, or makes of it.
REFUSALS = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError._UNKNOWN_PARTITION,
    KafkaError._UNKNOWN_TOPIC,
)


class Closed:
    """A node with an authorizer, the topics and permissions that the commands gave it, and accounts of some."""

    def __init__(self, node: Kafka, secured: Secured) -> None:
        self.bootstrap, self.secured, self.log = node.bootstrap, secured, node.log
        secured.add(self.bootstrap, *PARTIES, *(f"seinhuis-{process}" for process in PROCESSES))

    def run(self, *arguments: str, user: str = ADMIN, password: str | None = None) -> int:
        with pytest.MonkeyPatch.context() as here:
            for name, value in self.secured.environment(self.bootstrap, user, password).items():
                here.setenv(name, value)
            return main(list(arguments))

    def insist(self, *arguments: str) -> None:
        """Again, while a node that was started a moment ago on a busy machine does not answer in time."""
        until = time.monotonic() + SETTLED_WITHIN_S
        while (code := self.run(*arguments)) == NOBODY_ANSWERS and time.monotonic() < until:
            continue
        assert code == 0, arguments

    def producer(self, user: str) -> Producer:
        return Producer(
            {
                **self.secured.librdkafka(self.bootstrap, user),
                "partitioner": "murmur2",
                "enable.idempotence": True,
                "message.timeout.ms": REFUSED_WITHIN_MS,
                "topic.metadata.propagation.max.ms": 1_000,
            },
            logger=SILENT,
        )

    def consumer(self, user: str, group: str) -> Consumer:
        return Consumer(
            {
                **self.secured.librdkafka(self.bootstrap, user),
                "group.id": group,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "topic.metadata.propagation.max.ms": 1_000,
                "fetch.wait.max.ms": 50,
            },
            logger=SILENT,
        )

    def admin(self, user: str) -> AdminClient:
        return AdminClient(self.secured.librdkafka(self.bootstrap, user), logger=SILENT)

    def written(self, user: str) -> set[str]:
        """The topics to which an account can write."""
        taken: set[str] = set()
        refused: dict[str, str] = {}

        def told(fault: KafkaError | None, message: Message) -> None:
            topic = str(message.topic())
            if fault is None:
                taken.add(topic)
            else:
                refused[topic] = fault.name()

        producer = self.producer(user)
        for topic in ALL:
            try:
                producer.produce(topic, b"{}", key=b"k", partition=0, on_delivery=told)
            except KafkaException as fault:
                refused[topic] = fault.args[0].name()
        assert producer.flush(ASKED_WITHIN_S) == 0
        assert {*refused.values()} <= {"TOPIC_AUTHORIZATION_FAILED"}, refused
        assert taken | {*refused} == {*ALL}
        return taken

    def read(self, user: str, group: str) -> set[str]:
        """The topics from which an account can read: a record comes, or none is there and nobody objects."""
        found = set()
        consumer = self.consumer(user, group)
        try:
            for topic in ALL:
                place = TopicPartition(topic, 0, 0)
                try:
                    _, end = consumer.get_watermark_offsets(place, timeout=ASKED_WITHIN_S)
                except KafkaException as fault:
                    assert fault.args[0].code() in REFUSALS
                    continue
                consumer.assign([place])
                message = consumer.poll(ASKED_WITHIN_S if end else 1.0)
                assert end == 0 or message is not None, f"no word about {topic} for {user}"
                objection = message.error() if message is not None else None
                assert objection is None or objection.code() in REFUSALS, objection
                if objection is None:
                    found.add(topic)
        finally:
            consumer.close()
        return found

    def note_account(self, party: str, place: Path) -> None:
        """What a partner is given, in the file that the documentation shows."""
        ours = self.secured.librdkafka(self.bootstrap, party)
        lines = (line.partition("=") for line in shown("properties").splitlines())
        text = "".join(f"{name}={ours.get(name, value)}\n" for name, _, value in lines)
        assert ours.keys() <= {line.partition("=")[0] for line in text.splitlines()}
        (place / "partner.properties").write_text(text, encoding="utf-8")

    def wait_until_empty(self, topic: str) -> None:
        """Waits until everything on a topic of one partition is deleted."""
        reader = self.consumer(ADMIN, "judge")
        try:
            until = time.monotonic() + CAME_WITHIN_S
            while True:
                first, end = reader.get_watermark_offsets(TopicPartition(topic, 0), timeout=ASKED_WITHIN_S)
                if first == end:
                    return
                assert time.monotonic() < until, f"{topic} still holds {end - first} records"
                time.sleep(0.1)
        finally:
            reader.close()

    def joins(self, user: str, group: str, topic: str) -> bool:
        """Whether an account reads a topic as a member of this group."""
        consumer = self.consumer(user, group)
        try:
            consumer.subscribe([topic])
            until = time.monotonic() + ASKED_WITHIN_S
            while time.monotonic() < until:
                message = consumer.poll(0.2)
                if message is not None and (fault := message.error()) is not None:
                    assert fault.code() == KafkaError.GROUP_AUTHORIZATION_FAILED, fault
                    return False
                if consumer.assignment():
                    return True
            raise AssertionError(f"{user} neither joined {group} nor was refused")
        finally:
            consumer.close()


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    place = tmp_path_factory.mktemp("closed")
    secured = Secured(place / "tls")
    with Kafka(place / "kafka", secured=secured) as node:
        made = Closed(node, secured)
        made.insist("topics", "create")
        made.insist("agreements", "publish", str(EXAMPLES / "waterkant-small.yaml"))
        made.insist("topics", "create", "--parties")
        made.insist("topics", "acl")
        yield made


@pytest.mark.parametrize("party", PARTIES)
def test_partner_writes_its_inbox_and_nothing_else(closed: Closed, party: str) -> None:
    assert closed.written(party) == {f"inbox.{party}"}


@pytest.mark.parametrize("party", PARTIES)
def test_partner_reads_its_deliveries_and_nothing_else(closed: Closed, party: str) -> None:
    theirs = closed.producer(ADMIN)
    for topic in (name for name in ALL if name.startswith((DELIVERIES, INBOX))):
        theirs.produce(topic, b"{}", key=b"a", partition=0, on_delivery=assert_delivered)
    assert theirs.flush(ASKED_WITHIN_S) == 0
    assert closed.read(party, f"{party}.app") == {f"deliveries.{party}"}


def test_partner_does_not_even_see_what_other_topics_there_are(closed: Closed) -> None:
    seen = {
        name for name in closed.admin("linde").list_topics(timeout=ASKED_WITHIN_S).topics if name[:1] != "_"
    }
    assert seen == {"inbox.linde", "deliveries.linde"}


def test_partner_has_the_groups_that_begin_with_its_name_only(closed: Closed) -> None:
    assert closed.joins("linde", "linde.app", "deliveries.linde")
    assert not closed.joins("linde", "kolk.app", "deliveries.linde")
    assert not closed.joins("linde", "seinhuis-casework", "deliveries.linde")
    assert not closed.joins("linde", "linde", "deliveries.linde")


def test_partner_begins_no_transaction_in_the_name_of_a_lane(closed: Closed) -> None:
    intruder = Producer(
        {**closed.secured.librdkafka(closed.bootstrap, "linde"), "transactional.id": "casework-0"},
        logger=SILENT,
    )
    with pytest.raises(KafkaException) as refused:
        intruder.init_transactions(ASKED_WITHIN_S)
    assert refused.value.args[0].code() == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED


def test_partner_changes_nothing_of_the_broker(closed: Closed, capsys: pytest.CaptureFixture[str]) -> None:
    assert closed.run("topics", "acl", "--party", "linde", user="linde") == 1
    assert "use one of the broker's administrators" in capsys.readouterr().err


def test_what_a_partner_says_passes_through_processes_that_have_their_own_permissions_only(
    closed: Closed, databases: Databases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = new_key_text()
    keys = {f"SEINHUIS_{name}_KEY": key for name in ("VAULT", "REGISTER")}
    secrets = {
        **keys,
        "SEINHUIS_ALIAS_KEY": "a" * 32,
        "SEINHUIS_SERVICE_TOKEN": "t" * 32,
        "SEINHUIS_GATEWAY_KEY_PEPPER": "p" * 32,
    }
    port = free_port()
    workers: dict[str, Worker] = {}
    # Another test wrote there what is no delivery.
    admin = closed.admin(ADMIN)
    for waiting in admin.delete_records([TopicPartition("deliveries.linde", 0, OFFSET_END)]).values():
        waiting.result(ASKED_WITHIN_S)
    try:
        with databases.fresh() as url, pytest.MonkeyPatch.context() as here:
            here.setenv("SEINHUIS_DATABASE", url)
            assert main(["partner", "allow", "linde", "--source", SOURCE]) == 0
            here.setenv("SEINHUIS_GATEWAY_KEY_PEPPER", secrets["SEINHUIS_GATEWAY_KEY_PEPPER"])
            here.setenv("SEINHUIS_KEY", a_key(capsys))
            for process in PROCESSES:
                environment = {
                    **closed.secured.environment(closed.bootstrap, f"seinhuis-{process}"),
                    **secrets,
                    "SEINHUIS_DATABASE": url,
                    "SEINHUIS_GATEWAY_PORT": str(port),
                }
                log = tmp_path / f"{process}.log"
                workers[process] = Worker("services.work", process, environment, log)
            for process, worker in workers.items():
                worker.hear(
                    *(("gateway_open", 1) if process == "gateway" else ("lane_opened", 12)), CAME_WITHIN_S
                )
            closed.note_account("linde", tmp_path)
            run_shown("write", tmp_path)
            assert "SignalRouted" in types_of(closed, SIGNALS_EVENTS.name, 2)
            assert " urgent " in first_line_of("read", tmp_path)
            run_kcat("PUBLISH.md", tmp_path)
            assert types_of(closed, SIGNALS_EVENTS.name, 4).count("SignalRouted") == 2
            here.setenv("SEINHUIS_GATEWAY_URL", f"http://127.0.0.1:{port}")
            run_shown("words", tmp_path)
            assert types_of(closed, SIGNALS_EVENTS.name, 6).count("SignalRouted") == 3
            assert "ce_urgency=urgent" in run_kcat("SUBSCRIBE.md", tmp_path)
            closed.wait_until_empty("inbox.linde")
    finally:
        for worker in workers.values():
            worker.kill()
    said = closed.log.read_text(encoding="utf-8").splitlines()
    assert [line for line in said if "is Denied" in line and "User:seinhuis-" in line] == []


def a_key(capsys: pytest.CaptureFixture[str]) -> str:
    """An API key of the partner, as its operator makes one."""
    capsys.readouterr()
    made = ["apikey", "make", "linde", "--source", SOURCE, "--partnership", "de-vlier"]
    assert main([*made, "--scope", "signals:report"]) == 0
    return capsys.readouterr().out.strip()


def shown(mark: str) -> str:
    """What docs/PARTNERS.md shows under a mark."""
    text = (ROOT / "docs" / "PARTNERS.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"<!-- {mark}: .*? -->\n```\w+\n(.*?)```", text, re.DOTALL)
    return str(found)


def run_shown(mark: str, place: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", shown(mark)],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def run_kcat(document: str, place: Path) -> str:
    """Runs what a document shows for kcat; returns what it prints."""
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    (script,) = re.findall(r"<!-- kcat: .*? -->\n```bash\n(.*?)```", text, re.DOTALL)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=CAME_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, f"{done.stderr}\n(kcat comes with the distribution's package of that name)"
    return done.stdout


def first_line_of(mark: str, place: Path) -> str:
    """The first line that a program prints which does not end by itself."""
    reading = subprocess.Popen(
        [sys.executable, "-c", shown(mark)],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with reading:
        assert reading.stdout is not None
        watch = Timer(CAME_WITHIN_S, reading.kill)
        watch.start()
        line = reading.stdout.readline()
        watch.cancel()
        reading.kill()
    assert line, "it was told nothing in time"
    return line


def types_of(closed: Closed, topic: str, count: int) -> list[str]:
    """The types of the facts on a topic that a read-committed reader sees, at least so many."""
    consumer = closed.consumer(ADMIN, "judge")
    found: list[str] = []
    try:
        consumer.assign([TopicPartition(topic, number, 0) for number in range(12)])
        until = time.monotonic() + CAME_WITHIN_S
        while len(found) < count and time.monotonic() < until:
            for message in consumer.consume(100, timeout=0.5):
                assert message.error() is None
                headers: dict[str, Any] = dict(message.headers() or [])
                found.append(headers["ce_type"].decode().split(".")[-2])
    finally:
        consumer.close()
    return found


def test_permissions_are_given_once_and_told_as_kept(
    closed: Closed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert closed.run("topics", "acl", "--dry-run", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["did"] for one in told} == {"kept"}
    assert {one["principal"] for one in told} >= {"User:linde", "User:kolk", "User:seinhuis-casework"}


def test_what_is_no_longer_wanted_stays_until_it_is_pruned(
    closed: Closed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert closed.run("topics", "create", "--party", "passant") == 0
    everybody = [word for party in (*PARTIES, "passant") for word in ("--party", party)]
    assert closed.run("topics", "acl", *everybody) == 0
    assert "given     User:passant may write topic inbox.passant" in capsys.readouterr().out
    assert closed.run("topics", "acl") == 0
    kept = capsys.readouterr()
    assert "unwanted  User:passant may write topic inbox.passant" in kept.out
    assert "--prune" in kept.err
    assert closed.run("topics", "acl", "--prune") == 0
    assert "taken     User:passant may write topic inbox.passant" in capsys.readouterr().out
    assert closed.run("topics", "acl", "--dry-run") == 0
    assert capsys.readouterr().out == f"0 missing, {len(plan(parties_there()))} kept, 0 unwanted, 0 foreign\n"


def parties_there() -> list[str]:
    return ["apotheek", "buurthulp", "huisartsen", "kolk", "linde", "schakel", "waterkant", "welzijn"]


def test_wrong_password_is_told_as_one(closed: Closed, capsys: pytest.CaptureFixture[str]) -> None:
    assert closed.run("topics", "list", user="linde", password="guessed") == 2
    said = capsys.readouterr().err
    assert "does not let in linde" in said
    assert "SEINHUIS_KAFKA_PASSWORD" in said
    assert "guessed" not in said


def test_worker_with_a_wrong_password_says_so_and_asks_for_a_person(closed: Closed, tmp_path: Path) -> None:
    environment = closed.secured.environment(closed.bootstrap, "seinhuis-casework", "guessed")
    worker = Worker("services.work", "casework", environment, tmp_path / "casework.log")
    try:
        assert worker.exit_code() == 78
    finally:
        worker.kill()
    (failed,) = worker.said("worker_failed")
    assert failed["reason"] == "not_let_in"
    assert "guessed" not in worker.log.read_text(encoding="utf-8")


def test_broker_whose_certificate_nobody_signed_is_not_believed(closed: Closed, tmp_path: Path) -> None:
    stranger = Secured(tmp_path)
    found = asyncio.run(refusal(closed.bootstrap, stranger.aiokafka(ADMIN)))
    assert found is not None
    assert "its certificate is not accepted" in str(found)
    assert "SEINHUIS_KAFKA_CA" in str(found)
