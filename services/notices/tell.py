"""The facts of one step of the bell as records to publish: numbered in order, each with what led to it."""

from __future__ import annotations

from functools import cache

from schemas.base import Said
from services.agreements.moments import moment
from services.notices.row import Entity, Notice
from services.runtime.job import Emit, Header, Turn
from topics.catalogue import topic_of

SOURCE = b"urn:seinhuis:notices"


def rfc3339(at_ms: int) -> str:
    """A moment as an attribute holds it."""
    return moment(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Telling:
    """The facts of one step. `caseid` is empty where they are about a party or a contact, and no case."""

    def __init__(self, turn: Turn, key: bytes, caseid: str) -> None:
        self.emits: list[Emit] = []
        self._key = key
        self._headers: list[Header] = [
            ("ce_specversion", b"1.0"),
            ("content-type", b"application/json"),
            ("ce_source", SOURCE),
            ("ce_recordedtime", rfc3339(turn.now_ms).encode()),
        ]
        if caseid:
            self._headers += [("ce_caseid", caseid.encode()), ("ce_partitionkey", caseid.encode())]

    def tell(self, fact: Said, notice: Notice, entity: Entity | None) -> None:
        """Adds a fact about a notice; the header with its id is the runtime's to add."""
        topic, type_header = _names(type(fact))
        said = [
            ("ce_subject", (notice["entity"] or self._key.decode()).encode()),
            ("ce_partnership", notice["partnership"].encode()),
            ("ce_urgency", notice["urgency"].encode()),
            ("ce_priority", notice["priority"].encode()),
            ("ce_causationid", notice["fact_id"].encode()),
        ]
        if entity is not None:
            said.append(("ce_correlationid", entity["correlationid"].encode()))
            said.append(("ce_traceparent", entity["traceparent"].encode()))
        headers = [*self._headers, type_header, *(header for header in said if header[1])]
        self.emits.append(Emit(topic, self._key, fact.model_dump_json().encode(), headers))


@cache
def _names(kind: type[Said]) -> tuple[str, Header]:
    return topic_of(kind).name, ("ce_type", kind.type_name().encode())
