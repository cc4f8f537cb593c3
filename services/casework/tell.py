"""The facts of one step as records to publish: numbered in order, each with what led to it."""

from __future__ import annotations

from functools import cache

from schemas.base import Said
from schemas.deadlines import ObligationBreached, ObligationDischarged
from schemas.signals import SignalRouted
from services.agreements.moments import moment
from services.runtime.job import Emit, Header, Turn
from topics.catalogue import topic_of

SOURCE = b"urn:seinhuis:casework"
#: What the tally of the core counts when it has become visible.
COUNTED: frozenset[type[Said]] = frozenset({ObligationBreached, ObligationDischarged, SignalRouted})


class About:
    """What the envelope of a fact says besides its kind and cause, as headers made once for all facts it is said of.

    `time` is the provider's word for when it happened, carried on the facts that record it. What is empty is left out.
    """

    __slots__ = ("headers",)

    def __init__(  # noqa: PLR0913 - one value an attribute
        self,
        subject: str,
        partnership: str,
        *,
        correlationid: str = "",
        traceparent: str = "",
        urgency: str = "",
        priority: str = "",
        time: str = "",
    ) -> None:
        headers = [("ce_subject", subject.encode()), ("ce_partnership", partnership.encode())]
        if correlationid:
            headers.append(("ce_correlationid", correlationid.encode()))
        if traceparent:
            headers.append(("ce_traceparent", traceparent.encode()))
        if urgency:
            headers.append(("ce_urgency", urgency.encode()))
        if priority:
            headers.append(("ce_priority", priority.encode()))
        if time:
            headers.append(("ce_time", time.encode()))
        self.headers: list[Header] = headers


class Telling:
    """The facts of one step. The id of a fact is known before it is published, so that the next can name it."""

    def __init__(self, turn: Turn, caseid: str) -> None:
        self.emits: list[Emit] = []
        self.counted: list[Said] = []
        self._turn = turn
        self._key = key = caseid.encode()
        now = moment(turn.now_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
        self._headers: list[Header] = [
            ("ce_specversion", b"1.0"),
            ("content-type", b"application/json"),
            ("ce_partitionkey", key),
            ("ce_caseid", key),
            ("ce_source", SOURCE),
            ("ce_recordedtime", now),
        ]

    def fact_id(self, n: int = 0) -> str:
        """The id that the n-th fact told from now on will carry."""
        return self._turn.fact_id(len(self.emits) + n)

    def tell(self, fact: Said, about: About, cause: str) -> str:
        """Adds a fact and returns its id; the header with that id is the runtime's to add."""
        topic, type_header = _names(type(fact))
        fact_id = self.fact_id()
        headers = [*self._headers, *about.headers, type_header, ("ce_causationid", cause.encode())]
        self.emits.append(Emit(topic, self._key, fact.model_dump_json().encode(), headers))
        if type(fact) in COUNTED:
            self.counted.append(fact)
        return fact_id


@cache
def _names(kind: type[Said]) -> tuple[str, Header]:
    return topic_of(kind).name, ("ce_type", kind.type_name().encode())
