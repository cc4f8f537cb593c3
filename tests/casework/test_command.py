"""What comes in and cannot be read, is none of ours, or is not credible."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.envelope import Envelope
from schemas.signals import ReportSignal
from services.casework.command import VALUE_MAX_BYTES, recorded_ms, stamp_ms
from services.runtime.job import Record
from tests.casework.world import CASE, SIGNAL, WATERKANT, World, ms

BODY = b'{"urgency":"acute","types":["nursing"],"reporter":{"kind":"neighbour"}}'


def a_record(value: bytes | None = BODY, key: bytes | None = CASE.encode(), **said: Any) -> Record:
    headers = said.pop("headers", [])
    envelope = Envelope(
        **{
            "id": "command-1",
            "source": "urn:nld:oin:00000001234567890000:systeem:test",
            "type": ReportSignal.type_name(),
            "subject": SIGNAL,
            "partnership": "de-vlier",
            "caseid": CASE,
            "recordedtime": "2026-11-23T09:00:00+01:00",
            **said,
        }
    )
    return Record("signals.commands.v1", 0, 0, key, value, [*envelope.headers(), *headers], 0)


def a_world() -> World:
    return World(WATERKANT, at="2026-11-23T09:00")


def test_a_record_as_it_should_be_is_decided() -> None:
    world = a_world()
    world.take(a_record())
    assert world.names() == ["SignalReported", "SignalRouted", "ObligationOpened"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (a_record(key=None), "key_missing"),
        (a_record(key=b"case-bbbbbbbbbbbb"), "key_differs"),
        (a_record(key=b"\xff\xfe"), "key_differs"),
        (a_record(caseid=""), "caseid_invalid"),
        (a_record(caseid="ca se", key=b"ca se"), "caseid_invalid"),
        (a_record(value=None), "value_missing"),
        (a_record(value=b""), "data_invalid"),
        (a_record(value=b"\xff"), "data_invalid"),
        (a_record(value=b"[" * 10_000), "data_invalid"),
        (a_record(value=b'{"urgency":"acute"}'), "data_invalid"),
        (a_record(value=b'{"urgency":"a sentence, not a code","reporter":{"kind":"other"}}'), "data_invalid"),
        (a_record(value=BODY + b" " * VALUE_MAX_BYTES), "value_too_large"),
        (a_record(id=""), "attribute_missing"),
        (a_record(id="a b"), "id_invalid"),
        (a_record(subject=""), "subject_invalid"),
        (a_record(subject="short"), "subject_invalid"),
        (a_record(partnership=""), "partnership_invalid"),
        (a_record(partnership="De Vlier"), "partnership_invalid"),
        (a_record(recordedtime=""), "recordedtime_invalid"),
        (a_record(recordedtime="this morning"), "recordedtime_invalid"),
        (a_record(recordedtime="2026-11-23T09:00:00"), "recordedtime_invalid"),  # whose nine o'clock?
        (a_record(headers=[("ce_id", b"command-2")]), "attribute_repeated"),
        (a_record(headers=[("ce_time", b"\xff")]), "attribute_not_utf8"),
        (a_record(headers=[("ce_time", b"9" * 600)]), "attribute_too_long"),
        (Record("signals.commands.v1", 0, 0, CASE.encode(), BODY, [], 0), "not_a_cloudevent"),
    ],
)
def test_what_cannot_be_read_says_why_and_changes_nothing(record: Record, reason: str) -> None:
    world = a_world()
    assert world.take(record) == []
    assert world.dead == {reason: 1}
    assert not world.rows


@pytest.mark.parametrize(
    "name", ["nl.seinhuis.signals.PraiseSignal.v1", "nl.seinhuis.signals.SignalReported.v1", "x"]
)
def test_a_type_that_is_none_of_ours_is_passed_over(name: str) -> None:
    world = a_world()
    world.take(a_record(type=name, value=b"whatever it says"))
    assert world.passed_over == {"unknown_type": 1}


def test_a_field_of_a_later_version_is_no_hindrance() -> None:
    world = a_world()
    world.take(a_record(value=BODY[:-1] + b',"mood":"grey"}', headers=[("ce_later", b"1")]))
    assert "SignalRouted" in world.names()


@pytest.mark.parametrize(
    ("recorded", "is_credible"),
    [
        ("2026-11-23T09:00", True),
        ("2026-11-24T09:00", True),  # a day ahead: taken as now
        ("2026-11-24T09:00:01", False),
        ("2026-10-24T10:00", True),  # thirty days ago: the clock on the wall was an hour ahead then
        ("2026-10-24T09:59:59", False),
    ],
)
def test_a_moment_that_nothing_was_taken_in_at_is_refused(recorded: str, is_credible: bool) -> None:
    early = WATERKANT.replace("valid_from: 2026-11-01", "valid_from: 2026-10-01")
    world = World(early, at="2026-11-23T09:00")
    world.report(recorded=recorded)
    if is_credible:
        assert world.names()[:2] == ["SignalReported", "SignalRouted"]
    else:
        assert world.story()[0].endswith("refused ReportSignal (time_not_credible)")
        assert not world.rows


def test_a_stamp_ahead_of_the_clock_gains_nobody_time() -> None:
    world = a_world()
    world.report(recorded="2026-11-23T20:00")
    assert world.named("ObligationOpened")[0].data["due_at"] == "2026-11-23T08:15:00Z"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-23T09:00:00Z", "2026-11-23T09:00+00:00"),
        ("2026-11-23T09:00:00.250+01:00", "2026-11-23T08:00:00.250+00:00"),
        ("2026-11-23T09:00:00", None),
        ("", None),
        ("soon", None),
    ],
)
def test_a_moment_is_read_with_its_zone(text: str, at: str | None) -> None:
    expected = None if at is None else ms(at)
    assert recorded_ms(text) == expected
    assert stamp_ms(a_record(recordedtime=text)) == expected


def test_a_stamp_that_is_no_text_is_none() -> None:
    assert stamp_ms(Record("t", 0, 0, None, None, [("ce_recordedtime", b"\xff")], 0)) is None
    assert stamp_ms(Record("t", 0, 0, None, None, [], 0)) is None
