"""What passes between the two halves of the door: an event that passed its checks, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from schemas.base import Said
from schemas.gateway import DoorRefusal


class Client(NamedTuple):
    """Whose case it is, in the provider's word. It is hashed by the register and goes no further."""

    system: str
    value: str


class Asked(NamedTuple):
    """One event as a party said it, judged in itself; ids, case and text are still the party's own.

    `subject`: the party's own word for the entity, or one of its aliases. `values`: the command's fields as they were
    read, without client and content. `content`: for each field that will hold a reference (`content_ref`,
    `findings_ref`, …) the text by named field that goes to the vault. `refs`: references that stand in it already, each
    with where it stands (`data.parts.0.content_ref`).
    """

    party: str
    source: str
    event_id: str
    command: type[Said]
    values: Mapping[str, object]
    partnership: str
    subject: str | None = None
    case_alias: str | None = None
    client: Client | None = None
    content: Mapping[str, Mapping[str, str]] = {}
    refs: tuple[tuple[str, str], ...] = ()
    time: str = ""
    traceparent: str = ""


class Taken(NamedTuple):
    """It is on Kafka: the aliases under which its party knows signal and case, and where it lies."""

    event_id: str
    signal: str
    case: str
    topic: str
    partition: int
    offset: int
    is_repeat: bool = False


class Turned(NamedTuple):
    """It did not pass, and nothing of it was kept; `field` is the part that is wrong, `says` what to do about it."""

    event_id: str
    reason: DoorRefusal
    field: str | None = None
    says: str | None = None


class Kept(NamedTuple):
    """Words are in the vault: the reference to name in an event, and the name its party has for the case."""

    ref: str
    case: str


Answer = Taken | Turned
