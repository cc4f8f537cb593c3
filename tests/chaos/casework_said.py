"""Commands and facts of the core as the judge reads them: from headers and JSON, by no code of the core."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tests.chaos.recording import Seen

#: The header that names what led to a fact; not a field of its data.
CAUSATION = "ce_causationid"


class Command(NamedTuple):
    """A command as the input topic has it."""

    seen: Seen
    id: str
    name: str
    signal: str
    partnership: str
    recorded_ms: int
    data: dict[str, Any]


class Fact(NamedTuple):
    seen: Seen
    id: str
    name: str
    signal: str
    cause: str
    now_ms: int
    data: dict[str, Any]


def read_command(seen: Seen) -> Command:
    return Command(
        seen,
        seen.header("ce_id"),
        seen.header("ce_type").split(".")[-2],
        seen.header("ce_subject"),
        seen.header("ce_partnership"),
        _ms(seen.header("ce_recordedtime")),
        json.loads(seen.value or b"{}"),
    )


def read_fact(seen: Seen) -> Fact:
    return Fact(
        seen,
        seen.header("ce_id"),
        seen.header("ce_type").split(".")[-2],
        seen.header("ce_subject"),
        seen.header("ce_causationid"),
        _ms(seen.header("ce_recordedtime")),
        {
            field: _ms(value) if field.endswith("_at") and value else value
            for field, value in json.loads(seen.value or b"{}").items()
        },
    )


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def found_in(fact: Fact, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What a fact says in the fields that matter."""
    return {field: fact.cause if field == CAUSATION else fact.data.get(field) for field in wanted}
