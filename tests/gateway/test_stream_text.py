"""What a stream says, as text."""

from __future__ import annotations

import orjson
import pytest

from schemas.envelope import Envelope
from schemas.notices import NoticeIssued
from services.gateway.stream_text import (
    Event,
    Wanted,
    event_of,
    gap,
    heartbeat,
    opening,
    position_of,
    words,
    written,
)
from services.runtime.job import Record


def a_record(offset: int = 4, of: str = "SignalRouted", priority: str = "urgent") -> Record:
    said = NoticeIssued(of=of, urgency="urgent")
    envelope = Envelope(
        id="dl-000001",
        source="urn:seinhuis:notices",
        type=said.type_name(),
        subject="as-abc",
        caseid="ac-abc",
        urgency="urgent",
        priority=priority,
    )
    value = said.model_dump_json().encode()
    return Record("deliveries.linde", 0, offset, b"ac-abc", value, envelope.headers(), 1_000)


def an_event(offset: int = 4, of: str = "SignalRouted", priority: str = "urgent") -> Event:
    found = event_of(a_record(offset, of, priority))
    assert found is not None
    return found


def test_an_event_is_written_as_its_place_its_type_and_a_whole_cloudevent() -> None:
    lines = an_event().text.decode().split("\n")
    assert lines[0] == "id: 4"
    assert lines[1] == "event: nl.seinhuis.deliveries.NoticeIssued.v1"
    assert orjson.loads(lines[2].removeprefix("data: "))["data"]["of"] == "SignalRouted"
    assert lines[3:] == ["", ""]


@pytest.mark.parametrize("value", [b"{", b"[]x", None])
def test_a_record_that_cannot_be_read_is_no_event(value: bytes | None) -> None:
    assert event_of(a_record()._replace(value=value)) is None
    assert event_of(a_record()._replace(headers=[])) is None


@pytest.mark.parametrize(
    ("wanted", "is_taken"),
    [
        (Wanted(), True),
        (Wanted(priorities=words("stat, asap,urgent")), True),
        (Wanted(priorities=words("stat")), False),
        (Wanted(urgencies=words("urgent")), True),
        (Wanted(urgencies=words("acute")), False),
        (Wanted(types=words("SignalRouted")), True),
        (Wanted(types=words("nl.seinhuis.deliveries.NoticeIssued.v1")), True),
        (Wanted(types=words("SignalClosed")), False),
        (Wanted(words("urgent"), words("urgent"), words("SignalClosed,SignalRouted")), True),
    ],
)
def test_a_filter_takes_what_it_names(wanted: Wanted, is_taken: bool) -> None:
    text, taken = written([an_event()], wanted)
    assert bool(taken) is bool(text) is is_taken


@pytest.mark.parametrize(
    ("said", "place"),
    [("7", 8), ("0", 1), ("-1", 0), (" 7 ", 8), ("x", None), ("", None), ("٣", None), ("9" * 30, None)],
)
def test_a_last_event_id_is_the_place_before_the_next(said: str, place: int | None) -> None:
    assert position_of(said) == place


def test_every_piece_ends_an_event_and_carries_the_place_to_come_back_to() -> None:
    for text, place in [(opening(-1), b"id: -1"), (heartbeat(7), b"id: 7"), (gap("3", 9), b"id: 8")]:
        assert place in text.split(b"\n") and text.endswith(b"\n\n")
