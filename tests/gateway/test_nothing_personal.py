"""Whatever people say to the door, no topic, log, metric, notice or row holds a word of it that leads to a person.

The whole product runs, and everything a provider, a neighbour and a careless program may say is full of such words.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import httpx2
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from services.cli.main import main
from services.cli.processes import HOST
from tests.contract.world import SILENT, assert_delivered
from tests.e2e.town import ROOT, Town, a_town
from tests.gateway.store import dump, rows
from tests.personal import PERSON
from topics.catalogue import inbox

pytestmark = pytest.mark.broker

SMALL = ROOT / "examples/waterkant-small.yaml"
SEEN_WITHIN_S = 60.0
#: So long nothing more comes of topics that are read to their end.
QUIET_S = 4.0
PARTY, SOURCE = "linde", "urn:nld:oin:00000000000000000001:systeem:ecd"
TEXT = "Mevrouw {name} {family}, {street} 12, tel. {phone}: valt vaak, {findings}.".format(**PERSON)


class Said:
    """A town in which everything was said; asked afterwards what it kept."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.client = httpx2.Client(base_url=town.url, timeout=30)
        self._as = {"Authorization": f"Bearer {self._token(PARTY)}"}
        self.signal = ""
        self.ref = ""

    def _token(self, party: str) -> str:
        return self.town.token(party)

    def post(self, event: dict[str, Any] | bytes, **headers: str) -> httpx2.Response:
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        kind = {"Content-Type": "application/cloudevents+json"}
        return self.client.post("/v1/events", content=body, headers={**self._as, **kind, **headers})

    def until(self, found: Callable[[], Any], what: str) -> Any:
        until = time.monotonic() + SEEN_WITHIN_S
        while not (answer := found()):
            self.town.expect_alive()
            assert time.monotonic() < until, f"in vain: {what}"
            time.sleep(0.1)
        return answer

    def state(self) -> dict[str, Any]:
        answer = self.client.get(f"/v1/signals/{self.signal}", headers=self._as)
        return dict(answer.json()) if answer.status_code == 200 else {}

    def kept_on_topics(self) -> Iterator[tuple[str, bytes]]:
        """Key, headers and value of every record there is; a partner's own inbox holds what that partner wrote."""
        reader = Consumer({"bootstrap.servers": self.town.bootstrap, "group.id": "judge"}, logger=SILENT)
        try:
            places = [
                TopicPartition(str(topic.topic), part, OFFSET_BEGINNING)
                for topic in reader.list_topics(timeout=30).topics.values()
                for part in topic.partitions
                if topic.topic != inbox(PARTY).name and not str(topic.topic).startswith("__")
            ]
            reader.assign(places)
            while messages := reader.consume(1000, timeout=QUIET_S):
                for message in messages:
                    assert message.error() is None, message.error()
                    headers = b" ".join(
                        word.encode() + b"=" + (raw or b"")
                        for word, raw in cast(list[tuple[str, bytes | None]], message.headers() or [])
                    )
                    yield (
                        str(message.topic()),
                        b"|".join((message.key() or b"", headers, message.value() or b"")),
                    )
        finally:
            reader.close()

    def kept_elsewhere(self) -> Iterator[tuple[str, bytes]]:
        for log in sorted(self.town.place.glob("*.log")):
            yield f"log {log.name}", log.read_bytes()
        for service, port in self.town.health.items():
            yield f"metrics of {service}", httpx2.get(f"http://{HOST}:{port}/metrics", timeout=30).content
        yield "database", dump(self.town.database).encode()
        for posted in list(self.town.hooks.posted):
            yield "webhook", repr(posted).encode()
        for letter in list(self.town.letters.letters):
            yield "letter", letter.as_bytes()


def an_event(event_id: str, type_name: str, subject: str | None, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"urn:nld:oin:{int.from_bytes(PARTY.encode()) % 10**20:020d}:systeem:ecd",
        "type": f"nl.seinhuis.signals.{type_name}.v1",
        "partnership": "de-vlier",
        **({"subject": subject} if subject else {}),
        "data": data,
    }


REPORT: dict[str, Any] = {
    "urgency": "urgent",
    "types": ["nursing"],
    "concern": ["fall"],
    "postcode": "9902",
    "reporter": {"kind": "professional", "party": PARTY},
}
BY = {"contact": "linde/linde-team", "actor_ref": "actor:3dK8vN1p"}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory, databases: Any) -> Iterator[Said]:
    from services.cli.broker import Embedded  # noqa: PLC0415 - a broker of this story alone

    place = tmp_path_factory.mktemp("personal")
    with (
        Embedded(log=place / "broker.log") as broker,
        databases.fresh() as url,
        a_town(
            place, broker.bootstrap, url, start="2026-11-24T10:00:00+01:00", speed=20, agreements=[SMALL]
        ) as town,
    ):
        town.address("linde/linde-team", "webhook", f"{town.hooks.url}/linde", secret="s" * 32)
        found = Said(town)
        say_all(found, url)
        yield found
        found.client.close()


def say_all(said: Said, url: str) -> None:
    """A signal's life, a neighbour's form, and every way to say too much."""
    word = f"melding {PERSON['name']} {PERSON['family']}"
    report = {
        **REPORT,
        "client": {"system": "ecd", "value": PERSON["client"]},
        "content": {"what_was_seen": TEXT},
    }
    taken = said.post(an_event(f"{PERSON['client']}-1", "ReportSignal", word, report))
    assert taken.status_code == 202, taken.text
    said.signal = taken.json()["signal"]
    said.until(lambda: said.state().get("state") not in (None, "received"), "the signal is routed")
    interpreted: dict[str, Any] = {
        "by": BY,
        "urgency": "urgent",
        "findings_for": ["gp"],
        "expects_action": True,
        "content": {"findings": TEXT},
    }
    acts: list[tuple[str, dict[str, Any]]] = [
        ("AcknowledgeSignal", {"by": BY}),
        ("InterpretSignal", interpreted),
    ]
    for name, data in acts:
        answer = said.post(an_event(f"{PERSON['family']}-{name}", name, word, data))
        assert answer.status_code == 202, answer.text
    said.ref = said.until(lambda: said.state().get("content_refs"), "content to pull")[0]
    say_too_much(said, word)
    say_on_kafka(said, url)
    words_come_first(said, url)
    neighbour_reports(said)


def words_come_first(said: Said, url: str) -> None:
    """Words for the vault with all there is, and the event that refers to them by the inbox of a partner."""
    body = {"client": {"system": "ecd", "value": PERSON["client"]}, "content": {"what_was_seen": TEXT}}
    key = {**said._as, "Idempotency-Key": f"{PERSON['name']} {PERSON['family']}"}
    kept = said.client.post("/v1/content", json={**body, "partnership": "de-vlier"}, headers=key)
    assert kept.status_code == 201, kept.text
    for wrong in (
        {"content": {PERSON["name"]: TEXT}},
        {**body, PERSON["family"]: TEXT},
        {**body, "source": TEXT},
        {**body, "client": {"system": "ecd", "value": PERSON["number"]}},
        {"content": {"note": TEXT}, "subject": f"{TEXT}"},
    ):
        assert said.client.post("/v1/content", json=wrong, headers=key | {"Idempotency-Key": TEXT}).is_error
    data = {**REPORT, "content_ref": kept.json()["content_ref"]}
    event = {
        **an_event(f"{PERSON['client']}-words", "ReportSignal", None, data),
        "caseid": kept.json()["case"],
    }
    producer = Producer({"bootstrap.servers": said.town.bootstrap}, logger=SILENT)
    producer.produce(
        inbox(PARTY).name,
        json.dumps({**event, "source": SOURCE}).encode(),
        headers={"content-type": b"application/cloudevents+json"},
        on_delivery=assert_delivered,
    )
    assert producer.flush(30) == 0
    named = "select count(*) from uploads where used_ms is not null"
    said.until(lambda: rows(url, named) == [(1,)], "the words are named")


def say_too_much(said: Said, word: str) -> None:
    """Everything here is refused, and each refusal is told, logged and counted."""
    for n, data in enumerate(
        (
            {**REPORT, "remarks": TEXT},
            {**REPORT, "concern": [TEXT]},
            {**REPORT, "urgency": PERSON["name"]},
            {**REPORT, "client": {"system": "bsn", "value": PERSON["number"]}},
            {**REPORT, PERSON["family"]: PERSON["name"]},
            {**REPORT, "postcode": PERSON["street"]},
            {**REPORT, "content": {PERSON["name"]: TEXT}},
        )
    ):
        answer = said.post(an_event(f"{PERSON['name']}-{n}", "ReportSignal", None, data))
        assert answer.status_code >= 400, answer.text
    strange = {**an_event("x", "ReportSignal", None, REPORT), "type": TEXT, "source": PERSON["family"]}
    assert said.post(strange).status_code >= 400
    assert said.post(TEXT.encode()).status_code >= 400
    assert said.post(b'{"' + TEXT.encode()).status_code >= 400
    for path in (f"/v1/{PERSON['family']}", f"/v1/content/{PERSON['client']}", f"/l/{PERSON['name']}"):
        assert said.client.get(path, params={"q": PERSON["phone"]}).status_code >= 400
    forged = {"Authorization": f"Bearer {PERSON['name']}", "X-Api-Key": PERSON["family"]}
    for headers in (forged, {"X-Request-Id": PERSON["phone"], "traceparent": PERSON["family"]}):
        said.client.post(f"/v1/signals/{PERSON['client']}/acknowledgement", content=b"{}", headers=headers)


def say_on_kafka(said: Said, url: str) -> None:
    """A partner writes to its inbox what should have gone by HTTP, and what is no event."""
    with pytest.MonkeyPatch.context() as here:
        here.setenv("SEINHUIS_DATABASE", url)
        assert main(["partner", "allow", PARTY, "--source", SOURCE]) == 0
    producer = Producer({"bootstrap.servers": said.town.bootstrap}, logger=SILENT)
    event = an_event(f"{PERSON['name']}-kafka", "ReportSignal", None, {**REPORT, "content": {"note": TEXT}})
    for value in (json.dumps({**event, "source": SOURCE}).encode(), b"{" + TEXT.encode()):
        producer.produce(
            inbox(PARTY).name,
            value,
            key=PERSON["family"].encode(),
            headers={"content-type": b"application/cloudevents+json"},
            on_delivery=assert_delivered,
        )
    assert producer.flush(30) == 0
    said.until(lambda: b'outcome="unread"} 1.0' in gateway_metrics(said), "the inbox is read")


def neighbour_reports(said: Said) -> None:
    """The form of somebody without an account, filled in with all there is."""
    page = said.client.get("/melden/de-vlier")
    assert page.status_code == 200
    filled = {
        "concern": "missed_care",
        "seen": f"{PERSON['neighbour']} zag: {TEXT}",
        "postcode": "9902",
        "who": "neighbour",
        "call_back": f"{PERSON['neighbour']}, {PERSON['phone']}",
        "form": "form-" + "A" * 22,
    }
    answer = said.client.post("/melden/de-vlier", data=filled, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200, answer.text


def gateway_metrics(said: Said) -> bytes:
    return httpx2.get(f"http://{HOST}:{said.town.health['gateway']}/metrics", timeout=30).content


def found_in(kept: Iterator[tuple[str, bytes]]) -> set[tuple[str, str]]:
    """Where which of the words is found, as it is and as the bytes of a dump are written."""
    words = {name: word.lower().encode() for name, word in PERSON.items()}
    return {
        (place, name)
        for place, raw in kept
        for name, word in words.items()
        if word in raw.lower() or word.hex().encode() in raw.lower()
    }


def test_what_was_said_can_be_pulled_by_who_may(said: Said) -> None:
    """So that the words were in the house at all, and this module does not look for nothing."""
    pulled = said.client.get(f"/v1/content/{said.ref}", headers=said._as)
    assert pulled.status_code == 200
    assert found_in(iter([("pulled", pulled.content)])) >= {("pulled", "name"), ("pulled", "findings")}


def test_no_topic_holds_a_word_that_leads_to_a_person(said: Said) -> None:
    kept = list(said.kept_on_topics())
    topics = {topic for topic, _ in kept}
    assert topics >= {"signals.commands.v1", "signals.events.v1", "gateway.events.v1", "notices.events.v1"}
    assert f"{inbox(PARTY).name}.dead" in topics
    assert found_in(iter(kept)) == set()


def test_no_log_metric_row_or_notice_holds_a_word_that_leads_to_a_person(said: Said) -> None:
    kept = list(said.kept_elsewhere())
    whole = {place: raw for place, raw in kept}
    assert b"gateway_open" in whole["log gateway.log"]
    assert b"gateway_events_refused_total" in whole["metrics of gateway"]
    assert b"de-vlier" in whole["database"]
    assert found_in(iter(kept)) == set()
