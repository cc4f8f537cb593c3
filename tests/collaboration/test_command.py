"""What a record of the command topic has to be; and one that names anything that leads to a case is set aside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from schemas.collaboration import ItemMissed
from schemas.envelope import Envelope
from services.collaboration.command import VALUE_MAX_BYTES, read_command
from services.collaboration.party import VERSION, read_party
from services.runtime.job import PassedOver, Record, Unreadable
from tests.schemas.golden import sample_of

SAMPLE = sample_of(ItemMissed)
GOOD = Envelope(
    **{name: value for name, value in SAMPLE.event.items() if name in Envelope.__slots__ and value}
)


def a_record(**changed: Any) -> Record:
    """The golden sample as a record, with its key, value or attributes changed."""
    key = changed.pop("key", b"de-vlier/linde")
    value = changed.pop("value", orjson.dumps(SAMPLE.data))
    headers = changed.pop("headers", None)
    if headers is None:
        headers = replace(GOOD, **changed).headers()
    return Record("collaboration.commands.v1", 0, 0, key, value, headers, 0)


def test_a_command_names_its_partnership_and_party() -> None:
    command = read_command(a_record())
    assert (command.partnership, command.party) == ("de-vlier", "linde")
    assert command.asks == ItemMissed.model_validate(SAMPLE.data)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (a_record(headers=[]), "not_a_cloudevent"),
        (a_record(key=None), "key_missing"),
        (a_record(value=None), "value_missing"),
        (a_record(value=b" " * (VALUE_MAX_BYTES + 1)), "value_too_large"),
        (a_record(value=b"{}"), "data_invalid"),
        (a_record(key=b"de-vlier/welzijn"), "key_differs"),
        (a_record(partnership="de-kolk"), "key_differs"),
        (a_record(partnership="De Kolk"), "partnership_invalid"),
        (a_record(subject="linde", key=b"linde"), "subject_invalid"),
        (a_record(id="an id"), "id_invalid"),
        (a_record(caseid="case-aaaaaaaaaaaa"), "case_named"),
        (a_record(causationid="casework-5-1048"), "case_named"),
        (a_record(correlationid="conv-6mB1tY8s"), "case_named"),
        (a_record(traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), "case_named"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_reason(record: Record, reason: str) -> None:
    with pytest.raises(Unreadable) as told:
        read_command(record)
    assert told.value.reason == reason


def test_a_type_of_somebody_else_is_passed_over() -> None:
    with pytest.raises(PassedOver):
        read_command(a_record(type="nl.seinhuis.signals.ReportSignal.v1"))


def test_a_row_of_a_breaking_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        read_party(orjson.dumps({"v": VERSION + 1}))
