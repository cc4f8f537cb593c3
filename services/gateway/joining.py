"""What is said to the lanes of two cases that were joined: committed with the join, sent until it is acknowledged."""

from __future__ import annotations

import hashlib

from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.coordination import JoinCase
from schemas.envelope import Envelope
from services.gateway.intake_rows import Entry, add, moment_text
from services.gateway.ownfacts import SOURCE
from services.gateway.register import Joined, Register
from topics.catalogue import topic_of


async def join(register: Register, connection: AsyncConnection, into: str, other: str, now_ms: int) -> str:
    """Joins two cases, and owes it to both lanes; says in which what is new is told. Raises `NotJoined`."""
    done = await register.join(connection, into, other)
    if done.joined is not None:
        entries = [
            _entry(done, caseid, with_, now_ms)
            for caseid, with_ in ((done.joined, done.leads_to), (done.leads_to, done.joined))
        ]
        await add(connection, entries, now_ms)
    return done.leads_to


def _entry(done: Joined, caseid: str, other: str, now_ms: int) -> Entry:
    """Under an id that is the same whenever the same is said."""
    command_id = f"join-{hashlib.sha256(f'{caseid}|{other}'.encode()).hexdigest()[:32]}"
    envelope = Envelope(
        id=command_id,
        source=SOURCE,
        type=JoinCase.type_name(),
        subject=caseid,
        recordedtime=moment_text(now_ms),
        partnership=done.partnership,
        caseid=caseid,
    )
    return Entry(
        command_id=command_id,
        party=SOURCE,
        partnership=done.partnership,
        entity=caseid,
        caseid=caseid,
        topic=topic_of(JoinCase).name,
        value=JoinCase(other=other, leads_to=done.leads_to).model_dump_json().encode(),
        headers=envelope.headers(),
        word=None,
        entity_alias="",
        case_alias="",
        contents=[],
        is_born=False,
    )
