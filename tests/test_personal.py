"""The look for words about persons finds them wherever they may be kept: a check that never fails says nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from prometheus_client import CollectorRegistry, Counter, start_http_server

from services.cli.broker import Embedded
from tests.contract.raw_produce import Odd, produce_oddly
from tests.contract.world import SILENT, assert_delivered
from tests.personal import said_in, said_on
from tests.scraped import keep_metrics

pytestmark = pytest.mark.broker


def test_a_word_is_found_in_key_value_and_header_and_not_in_a_partners_own_inbox() -> None:
    with Embedded() as broker:
        admin = AdminClient({"bootstrap.servers": broker.bootstrap}, logger=SILENT)
        names = ("signals.events.v1", "inbox.linde", "a-topic-of-a-test")
        for made in admin.create_topics([NewTopic(name, 2, 1) for name in names]).values():
            made.result(30)
        producer = Producer({"bootstrap.servers": broker.bootstrap}, logger=SILENT)
        records: list[tuple[str, bytes, bytes, dict[str, str | bytes | None]]] = [
            ("signals.events.v1", b"Waterdrager", b"{}", {}),
            ("signals.events.v1", b"case-1", b'{"note": "mevrouw viel"}', {}),
            ("signals.events.v1", b"case-1", b"{}", {"ce_subject": b"Wolkenstein"}),
            ("signals.events.v1", b"case-1", b"{}", {}),
            ("inbox.linde", b"a", b"Balthazar", {}),
        ]
        for topic, key, value, headers in records:
            producer.produce(topic, value, key, headers=headers, on_delivery=assert_delivered)
        assert producer.flush(30) == 0
        produce_oddly(broker.bootstrap, "a-topic-of-a-test", 0, Odd(b"na\xe4m", b"case-1", b"{}", times=3))
        assert sorted(said_on(broker.bootstrap)) == [
            "signals.events.v1: Waterdrager",
            "signals.events.v1: Wolkenstein",
            "signals.events.v1: mevrouw viel",
        ]


def test_a_word_is_found_in_a_log() -> None:
    # Not below pytest's own directory: that is looked through when the run ends.
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "deep").mkdir()
        (place / "deep" / "gateway.log").write_text('{"event": "Geertruida"}')
        (place / "other.log").write_text("nothing")
        assert said_in(place) == ["gateway.log: Geertruida"]


def test_a_word_is_found_in_what_a_process_measured() -> None:
    with tempfile.TemporaryDirectory() as name:
        kept = CollectorRegistry()
        Counter("pulled", "By whom.", ["party"], registry=kept).labels("Geertruida").inc()
        server, thread = start_http_server(0, addr="127.0.0.1", registry=kept)
        keep_metrics(server.server_port, Path(name) / "gateway.log")
        server.shutdown()
        server.server_close()
        thread.join()
        keep_metrics(server.server_port, Path(name) / "gone.log")
        assert said_in(Path(name)) == ["gateway-metrics.log: Geertruida"]
