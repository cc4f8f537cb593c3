"""What a world told, as the commands read it: facts, the books to read them by, and records for a broker."""

from __future__ import annotations

import orjson

from schemas.base import Said, read
from schemas.envelope import Envelope
from schemas.registry import TYPES
from services.agreements.book import publication, usable
from services.agreements.directory import AS_SIGNED, Directory
from services.cli.books import ZONE
from services.cli.case import Told
from services.cli.forecast import Books
from services.cli.owed import Owing
from services.cli.timeline import Timeline, timeline
from services.runtime.send import Outgoing
from tests.agreements.waterkant import TEMPLATE, VLIER
from tests.casework.world import CASE, World, ms
from topics.catalogue import AGREEMENTS_EVENTS, topic_of


def said(world: World, case: str = CASE) -> list[tuple[Envelope, Said]]:
    """The facts of a case as they are read from the topics."""
    return [
        (fact.envelope, read(TYPES[fact.envelope.type], orjson.dumps(fact.data)))
        for fact in world.facts
        if fact.envelope.caseid == case
    ]


def timeline_of(world: World, at: str | None = None) -> Timeline:
    """The case of this world as it stands at a moment; now, when none is named."""
    found = timeline(said(world), world.clock_ms if at is None else ms(at))
    assert found is not None
    return found


def told_of(world: World, directory: Directory = AS_SIGNED) -> Told:
    """The case of this world with all it takes to tell it."""
    return Told(timeline_of(world), ZONE, Books(world.book, directory))


def owing_of(world: World, case: str = CASE) -> Owing:
    """What is owed in a case of this world, folded from what it told."""
    owing = Owing()
    for envelope, fact in said(world, case):
        owing.take(envelope, fact)
    return owing


def records_of(world: World) -> list[Outgoing]:
    """The agreement of De Vlier and the facts of this world, as they lie in their topics."""
    text, template = VLIER.read_text(encoding="utf-8"), TEMPLATE.read_text(encoding="utf-8")
    published = publication(usable(text, template), text, template)
    key = f"{published.partnership}/{published.agreement_version}".encode()
    envelope = Envelope("agreement-1", "urn:seinhuis:agreements", published.type_name(), key.decode())
    agreement = Outgoing(
        AGREEMENTS_EVENTS.name, key, published.model_dump_json().encode(), envelope.headers()
    )
    facts = [
        Outgoing(
            topic_of(TYPES[fact.envelope.type]).name,
            fact.envelope.caseid.encode(),
            orjson.dumps(fact.data),
            fact.envelope.headers(),
        )
        for fact in world.facts
    ]
    return [agreement, *facts]
