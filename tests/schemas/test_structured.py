"""Structured mode: one JSON object an event, equal to the SDK's, and either mode is read."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from schemas.attributes import Attributes
from schemas.envelope import Envelope, EnvelopeError
from schemas.structured import CONTENT_TYPE, decode_either, decode_structured, encode_structured
from tests.schemas.golden import Sample, all_samples, name_of

EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "cmd-00000001",
    "source": "urn:seinhuis:cli",
    "type": "nl.seinhuis.signals.X.v1",
    "data": {"a": 1},
}


@pytest.mark.parametrize("sample", all_samples(), ids=name_of)
def test_structured_mode_equals_the_sdk_both_ways(sample: Sample) -> None:
    event = {**sample.event, "time": "2026-11-23T08:00:00Z"}  # the SDK makes one up where there is none
    envelope, data = decode_structured(json.dumps(event).encode())
    ours = encode_structured(envelope, data)
    theirs = from_structured_event(KafkaMessage({"content-type": CONTENT_TYPE.encode()}, None, ours))
    assert theirs.get_data() == sample.data
    again = to_structured_event(CloudEvent(theirs.get_attributes(), theirs.get_data()))
    assert decode_structured(again.value)[0] == envelope


@pytest.mark.parametrize("sample", all_samples(), ids=name_of)
def test_either_mode_gives_the_same_event(sample: Sample) -> None:
    envelope, data = decode_structured(json.dumps(sample.event).encode())
    binary = decode_either(envelope.headers(), data)
    structured = decode_either(
        [("content-type", f"{CONTENT_TYPE}; charset=UTF-8".encode())], encode_structured(*binary)
    )
    assert binary == structured == (envelope, data)


def test_a_record_of_neither_mode_is_refused() -> None:
    with pytest.raises(EnvelopeError, match="not_a_cloudevent"):
        decode_either([("content-type", b"application/json")], b"{}")


def _with(**changed: Any) -> bytes:
    return json.dumps({**EVENT, **changed}).encode()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "not_a_cloudevent"),
        (b"", "not_a_cloudevent"),
        (b"\xff", "not_a_cloudevent"),
        (b"[]", "not_a_cloudevent"),
        (_with(specversion="0.3"), "not_a_cloudevent"),
        (_with(id=None), "attribute_missing"),
        (_with(source=""), "attribute_missing"),
        (_with(subject=7), "attribute_not_text"),
        (_with(subject="x" * 513), "attribute_too_long"),
        (_with(data=None), "data_missing"),
        (_with(data="words"), "data_missing"),
        (_with(data=None, data_base64="e30="), "data_missing"),
    ],
)
def test_an_object_of_no_event_of_ours_is_refused_with_a_code(value: bytes | None, reason: str) -> None:
    with pytest.raises(EnvelopeError) as refused:
        decode_structured(value)
    assert refused.value.reason == reason


def test_the_rule_for_attributes_names_exactly_those_of_the_envelope() -> None:
    added_by_the_modes = {"specversion", "partitionkey", "datacontenttype"}
    assert set(Attributes.model_fields) - added_by_the_modes == {field.name for field in fields(Envelope)}
