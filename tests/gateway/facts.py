"""Facts as casework tells them, sent to a broker by a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from schemas.base import Said
from schemas.envelope import Envelope
from services.runtime.admin import make
from services.runtime.send import Outgoing, Sender
from topics.catalogue import DEADLINES_EVENTS, NOTICES_EVENTS, SIGNALS_EVENTS, topic_of

FACT_TOPICS = (SIGNALS_EVENTS, DEADLINES_EVENTS, NOTICES_EVENTS)
_NUMBERS = count(1)


def an_outgoing(fact: Said, entity: str, caseid: str, at: datetime | None = None, **said: str) -> Outgoing:
    """One fact of a case, with the next number."""
    envelope = Envelope(
        id=f"casework-0-{next(_NUMBERS)}",
        source="urn:seinhuis:casework",
        type=fact.type_name(),
        subject=entity,
        recordedtime=(at or datetime.now(UTC)).isoformat(timespec="milliseconds"),
        partnership=said.get("partnership", "de-vlier"),
        caseid=caseid,
        urgency=said.get("urgency", "urgent"),
        priority=said.get("priority", "urgent"),
    )
    value = fact.model_dump_json().encode()
    return Outgoing(
        said.get("prefix", "") + topic_of(type(fact)).name, caseid.encode(), value, envelope.headers()
    )


async def tell(broker: str, outgoing: Sequence[Outgoing]) -> None:
    """Sends them, and returns when all are acknowledged."""
    async with Sender(broker) as sender:
        for one in outgoing:
            await sender.put(one)


async def make_fact_topics(broker: str, prefix: str = "") -> list[str]:
    """Topics of a test's own; returns their names."""
    topics = [replace(topic, name=prefix + topic.name) for topic in FACT_TOPICS]
    await make(broker, topics)
    return [topic.name for topic in topics]
