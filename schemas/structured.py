"""Structured mode: one event as one JSON object, attributes beside `data`; and reading whichever mode it came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson

from schemas.envelope import ATTRIBUTE_MAX_BYTES, SPEC_VERSION, Envelope, EnvelopeError, Header, decode

CONTENT_TYPE = "application/cloudevents+json"
_NAMES = frozenset(Envelope.__slots__)
_REQUIRED = ("id", "source", "type")


def encode_structured(envelope: Envelope, data: bytes) -> bytes:
    """The JSON object of one event on one line; attributes without a value are left out."""
    said = {name: value for name, value in asdict(envelope).items() if value}
    if envelope.caseid:
        said["partitionkey"] = envelope.caseid
    head: dict[str, Any] = {"specversion": SPEC_VERSION, "datacontenttype": "application/json"}
    return orjson.dumps({**head, **said, "data": orjson.Fragment(data)})


def decode_structured(value: bytes | None) -> tuple[Envelope, bytes]:
    """Envelope and data of a JSON object; raises `EnvelopeError` with a coded reason, like `decode`."""
    try:
        found = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        raise EnvelopeError("not_a_cloudevent") from None
    if not isinstance(found, dict) or found.get("specversion") != SPEC_VERSION:
        raise EnvelopeError("not_a_cloudevent")
    said = {name: text for name, text in found.items() if name in _NAMES and text is not None}
    for text in said.values():
        if not isinstance(text, str):
            raise EnvelopeError("attribute_not_text")
        if len(text.encode()) > ATTRIBUTE_MAX_BYTES:
            raise EnvelopeError("attribute_too_long")
    if not all(said.get(name) for name in _REQUIRED):
        raise EnvelopeError("attribute_missing")
    if not isinstance(found.get("data"), dict):
        raise EnvelopeError("data_missing")
    return Envelope(**said), orjson.dumps(found["data"])


def decode_either(headers: Sequence[Header], value: bytes | None) -> tuple[Envelope, bytes]:
    """Envelope and data of a Kafka record in binary or structured mode."""
    if any(name.startswith("ce_") for name, _ in headers):
        return decode(headers), value or b""
    if any(name == "content-type" and raw.startswith(CONTENT_TYPE.encode()) for name, raw in headers):
        return decode_structured(value)
    raise EnvelopeError("not_a_cloudevent")
