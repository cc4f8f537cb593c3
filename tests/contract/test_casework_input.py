"""Whatever is put on the command topic, the core goes on: bad records are set aside by reference, refused as a fact,
or passed over and counted, and every good one between them is decided."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from confluent_kafka import Producer, TopicPartition

from schemas.envelope import Envelope
from services.cli.agreements.publishing import publish_agreement
from services.cli.broker import Embedded
from services.runtime.admin import make
from services.runtime.clock import Clock
from tests.brokers import Kafka
from tests.contract.casework_jobs import BUGGY_POSTCODE
from tests.contract.conftest import BOTH
from tests.contract.raw_produce import Odd, produce_oddly
from tests.contract.worker import ROOT, Worker
from tests.contract.world import SILENT, Tail, assert_delivered
from tests.patiently import patiently
from topics.catalogue import CATALOGUE, SIGNALS_COMMANDS, SIGNALS_EVENTS, dead

COMMANDS = SIGNALS_COMMANDS.name
#: Everything goes through one lane: what is bad must hold up nothing behind it.
LANE = 5
CAME_WITHIN_S = 180.0
REPORT = {
    "urgency": "urgent",
    "types": ["nursing"],
    "concern": ["care_avoidance"],
    "about": "client",
    "postcode": "9902",
    "reporter": {"kind": "professional", "party": "huisartsen"},
}

Headers = Sequence[tuple[str, bytes | None]]


class Core:
    """The core on a broker of its own, for its topics have one name."""

    def __init__(self, bootstrap: str, logs: Path, *, is_transactional: bool) -> None:
        self.bootstrap = bootstrap
        topics = (SIGNALS_EVENTS.name, dead(SIGNALS_COMMANDS).name)
        asyncio.run(self._furnish(is_transactional))
        places = [
            TopicPartition(SIGNALS_EVENTS.name, number, 0) for number in range(SIGNALS_EVENTS.partitions)
        ]
        self.tail = Tail(bootstrap, [*places, TopicPartition(topics[1], 0, 0)])
        self.producer = Producer(
            {"bootstrap.servers": bootstrap, "message.max.bytes": 10_000_000, "linger.ms": 0}, logger=SILENT
        )
        self.worker = Worker(
            "services.work",
            "tests.contract.casework_jobs:buggy_casework",
            {
                "SEINHUIS_KAFKA": bootstrap,
                "SEINHUIS_TRANSACTIONS": "on" if is_transactional else "off",
                "SEINHUIS_SESSION_TIMEOUT_S": "6",
            },
            logs / "worker.log",
        )
        self.worker.hear("lane_opened", SIGNALS_COMMANDS.partitions)

    async def _furnish(self, is_transactional: bool) -> None:
        # A careless operator let large records in: no broker stops what the core must bear.
        roomy = [
            replace(topic, max_message_bytes=8_000_000) if topic == SIGNALS_COMMANDS else topic
            for topic in CATALOGUE
        ]
        outcomes = await make(self.bootstrap, roomy)
        assert all(outcome.did == "created" for outcome in outcomes)
        await patiently(
            lambda: publish_agreement(
                self.bootstrap,
                ROOT / "examples" / "waterkant-small.yaml",
                now_ms=Clock().now_ms(),
                is_transactional=is_transactional,
            )
        )

    def say(self, record: Said) -> None:
        self.producer.produce(
            COMMANDS,
            key=record.key,
            value=record.value,
            headers=list(record.headers),
            partition=LANE,
            on_delivery=assert_delivered,
        )

    def flush(self) -> None:
        assert self.producer.flush(30) == 0

    def facts_of(self, case: str) -> list[tuple[str, dict[str, Any]]]:
        """Type and data of the facts about a case."""
        return [
            (seen.headers["ce_type"].decode().split(".")[-2], seen.said)
            for seen in self.tail.seen
            if seen.topic == SIGNALS_EVENTS.name and seen.key == case.encode()
        ]

    def letters_of(self, value: bytes | None) -> list[dict[str, Any]]:
        digest = hashlib.sha256(value or b"").hexdigest()
        return [
            seen.said
            for seen in self.tail.seen
            if seen.topic.endswith(".dead") and seen.said["sha256"] == digest
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
    logs = tmp_path_factory.mktemp("core")
    is_kafka = request.param == "kafka"
    with ExitStack() as stack:
        node = Kafka(logs / "kafka", heap_mb=512) if is_kafka else Embedded()
        stack.enter_context(node)
        core = Core(node.bootstrap, logs, is_transactional=is_kafka)
        stack.callback(core.close)
        yield core


# -- what is said ------------------------------------------------------------------------------------


class Said(NamedTuple):
    """A record for the command topic."""

    key: bytes | None
    value: bytes | None
    headers: Headers

    def with_header(self, name: str, value: bytes | None) -> Said:
        return self._replace(
            headers=[(found, value if found == name else raw) for found, raw in self.headers]
        )

    def without(self, name: str) -> Said:
        return self._replace(headers=[header for header in self.headers if header[0] != name])


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def a_report(case: str, **data: Any) -> Said:
    """A good report of a new signal in this case."""
    envelope = Envelope(
        id=f"cmd-{uuid.uuid4().hex[:12]}",
        source="urn:nld:oin:00000009123456780000:systeem:ecd",
        type="nl.seinhuis.signals.ReportSignal.v1",
        subject=f"sig-{uuid.uuid4().hex[:12]}",
        recordedtime=now(),
        partnership="de-vlier",
        caseid=case,
    )
    return Said(case.encode(), json.dumps({**REPORT, **data}).encode(), envelope.headers())


def a_case() -> str:
    return f"case-{uuid.uuid4().hex[:12]}"


Outcome = Literal["letter", "refused", "routed", "passed"]
BAD: dict[str, tuple[Callable[[Said], Said], Outcome, str]] = {
    # -- the value
    "value that is no JSON": (lambda s: s._replace(value=b"\xff\x00 junk"), "letter", "data_invalid"),
    "value of another shape": (lambda s: s._replace(value=b"[1, 2]"), "letter", "data_invalid"),
    "value nested too deep": (lambda s: s._replace(value=b"[" * 50_000), "letter", "data_invalid"),
    "value with half a letter": (
        lambda s: s._replace(value=(s.value or b"").replace(b"9902", b"\\ud800")),
        "letter",
        "data_invalid",
    ),
    "value with a number for a list": (
        lambda s: s._replace(value=(s.value or b"").replace(b'["nursing"]', b"7")),
        "letter",
        "data_invalid",
    ),
    "empty value": (lambda s: s._replace(value=b""), "letter", "data_invalid"),
    "null value": (lambda s: s._replace(value=None), "letter", "value_missing"),
    "five megabytes": (lambda s: s._replace(value=b"x" * 5_000_000), "letter", "value_too_large"),
    # -- the key
    "null key": (lambda s: s._replace(key=None), "letter", "key_missing"),
    "key of another case": (lambda s: s._replace(key=b"case-somebody-else"), "letter", "key_differs"),
    "key of the lane's own rows": (lambda s: s._replace(key=b"\x00position"), "letter", "key_reserved"),
    "case without a form": (
        lambda s: s._replace(key=b"../etc").with_header("ce_caseid", b"../etc"),
        "letter",
        "caseid_invalid",
    ),
    # -- the headers
    "no headers": (lambda s: s._replace(headers=[]), "letter", "not_a_cloudevent"),
    "no type": (lambda s: s.without("ce_type"), "letter", "attribute_missing"),
    "header without a value": (lambda s: s.with_header("ce_id", None), "letter", "attribute_missing"),
    "recorded time without a value": (
        lambda s: s.with_header("ce_recordedtime", None),
        "letter",
        "attribute_missing",
    ),
    "header that is not UTF-8": (
        lambda s: s.with_header("ce_subject", b"\xff\xfe"),
        "letter",
        "attribute_not_utf8",
    ),
    "recorded time that is not UTF-8": (
        lambda s: s.with_header("ce_recordedtime", b"\xff\xfe"),
        "letter",
        "attribute_not_utf8",
    ),
    "header that is too long": (
        lambda s: s.with_header("ce_source", b"x" * 100_000),
        "letter",
        "attribute_too_long",
    ),
    "header twice": (
        lambda s: s._replace(headers=[*s.headers, ("ce_id", b"again")]),
        "letter",
        "attribute_repeated",
    ),
    "id without a form": (lambda s: s.with_header("ce_id", b"a b"), "letter", "id_invalid"),
    "unknown type": (
        lambda s: s.with_header("ce_type", b"nl.seinhuis.signals.PraiseSignal.v1"),
        "passed",
        "unknown_type",
    ),
    # -- the time
    "recorded time that is none": (
        lambda s: s.with_header("ce_recordedtime", b"tomorrow"),
        "letter",
        "recordedtime_invalid",
    ),
    "recorded far in the future": (
        lambda s: s.with_header("ce_recordedtime", b"2999-01-01T00:00:00Z"),
        "refused",
        "time_not_credible",
    ),
    "recorded long ago": (
        lambda s: s.with_header("ce_recordedtime", b"1999-01-01T00:00:00Z"),
        "refused",
        "time_not_credible",
    ),
    "recorded before time began": (
        lambda s: s.with_header("ce_recordedtime", b"0001-01-01T00:00:00+23:59"),
        "refused",
        "time_not_credible",
    ),
    "recorded after time ends": (
        lambda s: s.with_header("ce_recordedtime", b"9999-12-31T23:59:59-23:59"),
        "refused",
        "time_not_credible",
    ),
    # -- the sense
    "unknown partnership": (
        lambda s: s.with_header("ce_partnership", b"nowhere"),
        "refused",
        "unknown_partnership",
    ),
    "unknown urgency": (
        lambda s: s._replace(value=(s.value or b"").replace(b'"urgent"', b'"yesterday"')),
        "routed",
        "rule_error",
    ),
}


def test_bad_input_of_every_kind_is_set_aside_and_the_good_between_is_decided(core: Core) -> None:
    passed_before = core.worker.metric("runtime_records_passed_over_total", reason="unknown_type")
    bad: dict[str, tuple[Said, str]] = {}
    good: list[str] = []
    for name, (spoil, _, _) in BAD.items():
        case = a_case()
        said = spoil(a_report(case, content_ref=f"vault:{uuid.uuid4().hex}"))
        bad[name] = (said, case)
        core.say(said)
        good.append(a_case())
        core.say(a_report(good[-1]))
    core.flush()
    core.until(lambda: all(len(core.facts_of(case)) >= 2 for case in good), "every good report is decided")
    for name, (_, outcome, reason) in BAD.items():
        said, case = bad[name]
        if outcome == "letter":
            core.until(lambda said=said: bool(core.letters_of(said.value)), name)  # type: ignore[misc]
            assert reason in [letter["reason"] for letter in core.letters_of(said.value)], name
            assert core.facts_of(case) == [], name
        elif outcome == "refused":
            found = [(fact, data.get("reason")) for fact, data in core.facts_of(case)]
            assert found == [("CommandRefused", reason)], name
        elif outcome == "routed":
            assert core.facts_of(case)[1][1]["reason"] == reason, name
    for case in good:
        assert [fact for fact, _ in core.facts_of(case)] == ["SignalReported", "SignalRouted"]
    passed = core.worker.metric("runtime_records_passed_over_total", reason="unknown_type") - passed_before
    assert passed == sum(outcome == "passed" for _, outcome, _ in BAD.values())


def test_dead_letter_tells_nothing_of_what_it_is_about(core: Core) -> None:
    case, reference = a_case(), f"vault:{uuid.uuid4().hex}"
    said = a_report(case, content_ref=reference, urgency=7)
    core.say(said)
    core.flush()
    core.until(lambda: bool(core.letters_of(said.value)), "a dead letter")
    for seen in core.tail.seen:
        if seen.topic.endswith(".dead"):
            everything = (seen.key or b"") + (seen.value or b"") + repr(seen.headers).encode()
            assert case.encode() not in everything
            assert reference.encode() not in everything
    assert case not in core.worker.last_words


def test_two_hundred_headers_more_are_nobodys_business(core: Core) -> None:
    case = a_case()
    said = a_report(case)
    core.say(said._replace(headers=[*said.headers, *((f"x-{n}", b"v" * 50) for n in range(200))]))
    core.flush()
    core.until(lambda: len(core.facts_of(case)) >= 2, "a decision")
    assert core.facts_of(case)[0][0] == "SignalReported"


def test_header_name_that_is_not_utf8_is_a_dead_letter_and_no_end(core: Core) -> None:
    value = json.dumps({"as": uuid.uuid4().hex}).encode()
    produce_oddly(core.bootstrap, COMMANDS, LANE, Odd(b"ce_\xe4\xf6", b"case-aaaaaaaa", value, times=2))
    case = a_case()
    core.say(a_report(case))
    core.flush()
    core.until(lambda: len(core.facts_of(case)) >= 2, "what lies behind it is decided")
    assert [letter["reason"] for letter in core.letters_of(value)] == ["not_a_cloudevent"] * 2


def test_report_that_trips_over_a_bug_still_reaches_the_coordination_point(core: Core) -> None:
    case = a_case()
    said = a_report(case, postcode=BUGGY_POSTCODE.decode(), content_ref=f"vault:{uuid.uuid4().hex}")
    core.say(said)
    core.flush()
    core.until(lambda: len(core.facts_of(case)) >= 2, "a rescue")
    (reported, _), (routed, data) = core.facts_of(case)
    assert (reported, routed) == ("SignalReported", "SignalRouted")
    assert (data["contact"], data["reason"]) == ("schakel/coordination-point", "decision_failed")
    assert [letter["reason"] for letter in core.letters_of(said.value)] == ["decision_failed"]
