"""A case's row: everything a lane knows of one case, as JSON. Fields a later version adds are carried along."""

from __future__ import annotations

from typing import Final, NotRequired, TypedDict, cast

import orjson

from services.deadlines.early import EarlyAnswer
from services.deadlines.obligation import Obligation
from services.signals.lifecycle import Signal

VERSION: Final = 1
#: A repeat of a command is known by its id for so long, and so many of them.
REMEMBERED_MS = 7 * 86_400_000
REMEMBERED_MAX = 500


class Entity(TypedDict):
    """A signal of the case: whose agreement applies, what its facts belong to, everybody who was ever asked."""

    kind: str
    partnership: str
    correlationid: str
    traceparent: str
    asked: list[str]
    signal: Signal


class Word(TypedDict):
    """A fact of another process that the agreement waits for, kept until it may be heard: from `at_ms` on."""

    name: str
    fact_id: str
    entity: str
    partnership: str
    recorded_ms: int
    by: str | None
    data: dict[str, object]
    at_ms: int


class Case(TypedDict):
    """`responsible` is exactly one function of one party, at every moment; before anybody accepted, the coordination
    point. `lead` is the signal by whose taking it answers. `roles` are the slots that are filled, `client` what is held
    of the client's world. `commands` are the ids already decided, with the moment of each."""

    v: int
    partnership: str
    responsible: str
    roles: dict[str, str]
    entities: dict[str, Entity]
    obligations: list[Obligation]
    commands: dict[str, int]
    lead: NotRequired[str]
    client: NotRequired[dict[str, str]]
    #: What other processes told and was read before what it answers.
    early: NotRequired[list[EarlyAnswer]]
    #: What other processes told and is still to be heard.
    words: NotRequired[list[Word]]


def open_case(partnership: str, responsible: str) -> Case:
    """A case at its first signal."""
    return {
        "v": VERSION,
        "partnership": partnership,
        "responsible": responsible,
        "roles": {},
        "entities": {},
        "obligations": [],
        "commands": {},
    }


def read_case(row: bytes | None) -> Case | None:
    """The case of a row; raises ValueError when a breaking version wrote it."""
    if row is None:
        return None
    case = cast(Case, orjson.loads(row))
    if case["v"] != VERSION:
        raise ValueError(f"this row has version {case['v']}, not {VERSION}")
    return case


def write_case(case: Case) -> bytes:
    """The row of a case; a case that nobody is responsible for cannot be written (semantics 48)."""
    if not case["responsible"]:
        raise ValueError("nobody is responsible for this case")
    return orjson.dumps(case)


def remember(case: Case, command_id: str, now_ms: int) -> None:
    """Keeps the id of a decided command, and forgets those of more than seven days ago."""
    commands = case["commands"]
    commands[command_id] = now_ms
    while commands:
        oldest = next(iter(commands))
        if commands[oldest] >= now_ms - REMEMBERED_MS and len(commands) <= REMEMBERED_MAX:
            return
        del commands[oldest]
