"""The facts of one step as records to publish: numbered in order, each with what led to it."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from schemas.base import Said
from services.agreements.calendars import moment
from services.runtime.job import Emit, Header, Turn
from topics.catalogue import topic_of

SOURCE = b"urn:seinhuis:casework"


class About(NamedTuple):
    """What the envelope of a fact says besides its kind and cause; what is empty is left out.

    `time` is the provider's word for when it happened, carried on the facts that record it.
    """

    subject: str
    partnership: str
    correlationid: str = ""
    traceparent: str = ""
    urgency: str = ""
    priority: str = ""
    time: str = ""


class Telling:
    """The facts of one step. The id of a fact is known before it is published, so that the next can name it."""

    def __init__(self, turn: Turn, key: bytes) -> None:
        self.emits: list[Emit] = []
        self._turn = turn
        self._key = key
        self._now = moment(turn.now_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()

    def fact_id(self, n: int = 0) -> str:
        """The id that the n-th fact told from now on will carry."""
        return self._turn.fact_id(len(self.emits) + n)

    def tell(self, fact: Said, about: About, cause: str) -> str:
        """Adds a fact and returns its id; the header with that id is the runtime's to add."""
        topic, type_name = _names(type(fact))
        headers: list[Header] = [
            ("ce_specversion", b"1.0"),
            ("content-type", b"application/json"),
            ("ce_partitionkey", self._key),
            ("ce_source", SOURCE),
            ("ce_type", type_name),
            ("ce_subject", about.subject.encode()),
            ("ce_recordedtime", self._now),
            ("ce_partnership", about.partnership.encode()),
            ("ce_caseid", self._key),
            ("ce_causationid", cause.encode()),
        ]
        for name, value in _optional(about):
            if value:
                headers.append((name, value.encode()))
        fact_id = self.fact_id()
        self.emits.append(Emit(topic, self._key, fact.model_dump_json().encode(), headers))
        return fact_id


def _optional(about: About) -> tuple[tuple[str, str], ...]:
    return (
        ("ce_correlationid", about.correlationid),
        ("ce_urgency", about.urgency),
        ("ce_priority", about.priority),
        ("ce_time", about.time),
        ("ce_traceparent", about.traceparent),
    )


@cache
def _names(kind: type[Said]) -> tuple[str, bytes]:
    return topic_of(kind).name, kind.type_name().encode()
