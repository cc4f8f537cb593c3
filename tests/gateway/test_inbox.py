"""A record of an inbox read as an event: both modes, and nothing that may not lie on a topic."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.gateway import DoorRefusal
from services.gateway.inbox import Unread, event_of, not_here
from services.runtime.job import Header, Record

EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "datacontenttype": "application/json",
    "id": "e-1",
    "source": "urn:nld:oin:00000000000000000001:systeem:ecd",
    "type": "nl.seinhuis.signals.ReportSignal.v1",
    "subject": "melding-1",
    "data": {"urgency": "urgent", "types": ["nursing"]},
}


def a_record(value: bytes | None, headers: list[Header]) -> Record:
    return Record("inbox.linde", 0, 7, b"a key", value, headers, 0)


def structured(value: bytes | None, kind: bytes = b"application/cloudevents+json; charset=utf-8") -> Record:
    return a_record(value, [("content-type", kind)])


def binary(event: dict[str, Any], *more: Header) -> Record:
    headers = [
        ("content-type" if name == "datacontenttype" else f"ce_{name}", str(text).encode())
        for name, text in event.items()
        if name != "data"
    ]
    return a_record(json.dumps(event["data"]).encode(), [*headers, *more])


def test_record_of_binary_mode_is_the_event() -> None:
    assert event_of(binary(EVENT)) == EVENT


def test_record_of_structured_mode_is_the_event() -> None:
    assert event_of(structured(json.dumps(EVENT).encode())) == EVENT


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (a_record(json.dumps(EVENT).encode(), []), "not_a_cloudevent"),
        (a_record(None, []), "not_a_cloudevent"),
        (structured(b"{", b"application/json"), "not_a_cloudevent"),
        (structured(b"[]"), "not_a_cloudevent"),
        (structured(b"{"), "data_not_json"),
        (structured(None), "data_not_json"),
        (binary(EVENT, ("ce_id", b"e-2")), "attribute_repeated"),
        (binary(EVENT, ("ce_traceparent", b"\xff")), "attribute_not_utf8"),
        (binary(EVENT, *((f"ce_a{n}", b"") for n in range(40))), "attributes_too_many"),
        (a_record(b"\xff", [("ce_id", b"e-1")]), "data_not_json"),
    ],
)
def test_record_that_is_no_event_is_unread_with_a_reason(record: Record, reason: str) -> None:
    with pytest.raises(Unread) as unread:
        event_of(record)
    assert unread.value.reason == reason


@given(
    st.lists(st.tuples(st.sampled_from(["ce_id", "ce_x", "content-type", "x"]), st.binary(max_size=40))),
    st.one_of(st.none(), st.binary(max_size=200)),
)
def test_record_of_any_bytes_is_an_event_or_unread(headers: list[Header], value: bytes | None) -> None:
    try:
        assert isinstance(event_of(a_record(value, headers)), dict)
    except Unread as unread:
        assert unread.reason


@pytest.mark.parametrize(
    ("said", "reason", "field"),
    [
        ({"client": {"system": "ecd", "value": "4711"}}, DoorRefusal.IDENTIFIER_NOT_ALLOWED, "data.client"),
        ({"content": {"findings": "mevrouw viel"}}, DoorRefusal.CONTENT_NOT_ALLOWED, "data.content"),
    ],
)
def test_what_leads_to_a_person_or_is_text_is_refused_before_it_is_judged(
    said: dict[str, Any], reason: DoorRefusal, field: str
) -> None:
    found = not_here({**EVENT, "data": {**EVENT["data"], **said}})
    assert found is not None
    assert (found.reason, found.field, found.event_id, found.source) == (
        reason,
        field,
        "e-1",
        EVENT["source"],
    )
    assert "4711" not in repr(found)
    assert "mevrouw" not in repr(found)


@pytest.mark.parametrize("data", [EVENT["data"], None, [], "text", {"client": None}])
def test_everything_else_is_judged(data: Any) -> None:
    assert not_here({**EVENT, "data": data}) is None
