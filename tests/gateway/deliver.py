"""Deliveries as the bell writes them, sent to a broker by a test."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.envelope import Envelope
from schemas.notices import NoticeIssued
from services.runtime.admin import make
from services.runtime.send import Outgoing, Sender
from topics.catalogue import deliveries


def a_delivery(party: str, n: int, of: str = "SignalRouted", priority: str = "urgent") -> Outgoing:
    """The n-th notice of a party."""
    said = NoticeIssued(of=of, urgency=priority)
    envelope = Envelope(
        id=f"dl-{n:06d}",
        source="urn:seinhuis:notices",
        type=said.type_name(),
        subject=f"as-{n:020d}",
        recordedtime="2026-11-24T10:00:00.000Z",
        caseid=f"ac-{n:020d}",
        partnership="de-vlier",
        urgency=priority,
        priority=priority,
    )
    return Outgoing(
        deliveries(party).name, envelope.caseid.encode(), said.model_dump_json().encode(), envelope.headers()
    )


async def make_topics(broker: str, *parties: str) -> None:
    await make(broker, [deliveries(party) for party in parties])


async def deliver(broker: str, outgoing: Iterable[Outgoing]) -> None:
    """Sends them, and returns when all are acknowledged."""
    async with Sender(broker) as sender:
        for one in outgoing:
            await sender.put(one)
