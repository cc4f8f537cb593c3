"""The facts of one step about a party as records to publish. Their headers name the party and nothing besides."""

from __future__ import annotations

from schemas.base import Said
from services.agreements.moments import moment
from services.runtime.job import Emit, Header, Turn
from topics.catalogue import COLLABORATION_EVENTS

SOURCE = b"urn:seinhuis:collaboration"


class Telling:
    """The facts of one step, in order. No causation: what led to a fact about a party may stand beside a case."""

    def __init__(self, turn: Turn, partnership: str, party: str) -> None:
        self.emits: list[Emit] = []
        self._turn = turn
        self._key = key = f"{partnership}/{party}".encode()
        now = moment(turn.now_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
        self._headers: list[Header] = [
            ("ce_specversion", b"1.0"),
            ("content-type", b"application/json"),
            ("ce_source", SOURCE),
            ("ce_subject", key),
            ("ce_partnership", partnership.encode()),
            ("ce_recordedtime", now),
        ]

    def fact_id(self) -> str:
        """The id that the next fact will carry."""
        return self._turn.fact_id(len(self.emits))

    def tell(self, fact: Said) -> None:
        """Adds a fact; the header with its id is the runtime's to add."""
        headers = [*self._headers, ("ce_type", type(fact).type_name().encode())]
        self.emits.append(
            Emit(COLLABORATION_EVENTS.name, self._key, fact.model_dump_json().encode(), headers)
        )
