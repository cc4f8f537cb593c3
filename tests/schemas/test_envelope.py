"""The envelope by hand equals the CloudEvents SDK, both ways, and refuses what is no event of ours."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import ATTRIBUTE_MAX_BYTES, Envelope, EnvelopeError, Header, decode

REQUIRED = ("id", "source", "type")
MOMENTS = ("time", "recordedtime")

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(str.strip)
zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=zones).map(datetime.isoformat)


def attributes() -> st.SearchStrategy[dict[str, str]]:
    names = [field.name for field in fields(Envelope)]
    value = {name: moments if name in MOMENTS else texts for name in names}
    return st.fixed_dictionaries(
        {name: value[name] for name in REQUIRED},
        optional={name: value[name] for name in names if name not in REQUIRED},
    )


@given(attributes())
def test_what_we_write_the_sdk_reads(said: dict[str, str]) -> None:
    headers = Envelope(**said).headers()
    assert len(headers) == len(dict(headers))
    event = from_binary_event(KafkaMessage(dict(headers), None, b'{"a":1}'))
    found = event.get_attributes()
    assert found.pop("specversion") == "1.0"
    assert found.pop("datacontenttype") == "application/json"
    assert found.pop("partitionkey", None) == said.get("caseid")
    time = found.pop("time")  # the SDK makes one up where there is none
    assert "time" not in said or time == datetime.fromisoformat(said["time"])
    assert found == {name: value for name, value in said.items() if name != "time"}
    assert event.get_data() == {"a": 1}


@given(attributes())
def test_what_the_sdk_writes_we_read(said: dict[str, str]) -> None:
    given: dict[str, Any] = {**said, "specversion": "1.0", "datacontenttype": "application/json"}
    if "time" in said:
        given["time"] = datetime.fromisoformat(said["time"])
    message = to_binary_event(CloudEvent(given, {"a": 1}))
    found = {name: value for name, value in asdict(decode(list(message.headers.items()))).items() if value}
    time = found.pop("time")  # the SDK makes one up where there is none
    assert "time" not in said or datetime.fromisoformat(time) == datetime.fromisoformat(said["time"])
    assert found == {name: value for name, value in said.items() if name != "time"}
    assert json.loads(message.value) == {"a": 1}


@given(attributes())
def test_an_envelope_comes_back_as_it_was(said: dict[str, str]) -> None:
    envelope = Envelope(**said)
    assert decode(envelope.headers()) == envelope


GOOD: list[Header] = Envelope(
    id="cmd-1", source="urn:seinhuis:cli", type="nl.seinhuis.signals.X.v1"
).headers()


def without(name: str) -> list[Header]:
    return [header for header in GOOD if header[0] != name]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], "not_a_cloudevent"),
        (without("ce_specversion"), "not_a_cloudevent"),
        ([*without("ce_specversion"), ("ce_specversion", b"0.3")], "not_a_cloudevent"),
        (without("ce_id"), "attribute_missing"),
        (without("ce_source"), "attribute_missing"),
        (without("ce_type"), "attribute_missing"),
        ([*without("ce_id"), ("ce_id", b"")], "attribute_missing"),
        ([*GOOD, ("ce_id", b"cmd-2")], "attribute_repeated"),
        ([*GOOD, ("ce_id", b"cmd-1")], "attribute_repeated"),
        ([*GOOD, ("ce_subject", b"a"), ("ce_subject", b"b")], "attribute_repeated"),
        ([*GOOD, ("ce_subject", b"\xff\xfe")], "attribute_not_utf8"),
        ([*GOOD, ("ce_caseid", b"\xc3")], "attribute_not_utf8"),
        ([*without("ce_specversion"), ("ce_specversion", b"\xff")], "attribute_not_utf8"),
        ([*GOOD, ("ce_subject", b"x" * (ATTRIBUTE_MAX_BYTES + 1))], "attribute_too_long"),
        ([*GOOD, ("ce_subject", None)], "attribute_missing"),
    ],
)
def test_headers_of_no_event_of_ours_are_refused_with_a_code(headers: list[Header], reason: str) -> None:
    with pytest.raises(EnvelopeError) as refused:
        decode(headers)
    assert refused.value.reason == reason


def test_an_attribute_of_a_later_version_is_passed_over() -> None:
    later: list[Header] = [("ce_addedlater", b"\xff"), ("trace", b"x"), ("content-type", b"text/plain")]
    assert decode([*GOOD, *later]) == decode(GOOD)
