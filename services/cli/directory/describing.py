"""Tells one more thing of a contact: reads all that holds for it, changes it and writes it whole, as one writer."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable
from typing import Literal, NamedTuple

from schemas.directory import ContactDescribed
from schemas.envelope import Envelope
from services.agreements.directory_book import DirectoryBook
from services.agreements.directory_changes import STRETCHES_MAX, Refused, nothing_told, told
from services.agreements.moments import moment
from services.cli.agreements.published import Shelf, read_shelf
from services.cli.asked import security
from services.cli.errors import CliError
from services.runtime.follow import follow
from services.runtime.reach import Security, Superseded
from services.runtime.send import Outgoing, Sender
from services.runtime.settings import RuntimeSettings
from topics.catalogue import DIRECTORY_EVENTS

#: Two who tell of the same contact at once: one ends the other, who then begins again.
TRIES = 6
_PAUSE_S = 0.5

_WHY_NOT = {
    "over": "that is over already; what is told is about now or later",
    "ends_before_it_begins": "it ends before it begins; correct --from or --until",
    "succeeds_itself": "a function cannot succeed itself; name another with --by",
    "too_many": f"that is more than {STRETCHES_MAX} lines; tell the coming weeks only",
}


class Broker(NamedTuple):
    """Where things are told, and how safely: without transactions, tell from one place at a time."""

    bootstrap: str
    is_transactional: bool
    security: Security | None = None


def broker_at(bootstrap: str) -> Broker:
    """The broker of the options and the environment."""
    return Broker(bootstrap, RuntimeSettings().transactions == "on", security())


class Done(NamedTuple):
    """What became of it: `told` now, or `kept` because it was so already; and all that holds for the contact."""

    did: Literal["told", "kept"]
    described: ContactDescribed


async def shelf_of(broker: Broker) -> Shelf:
    """The agreements that are published; raises `CliError` when there are none."""
    shelf = await read_shelf(broker.bootstrap, broker.security)
    if not shelf.book.partnerships():
        raise CliError(
            f"no agreement is published at {broker.bootstrap}, so it has no contacts; "
            "publish one with `seinhuis agreements publish FILE`"
        )
    return shelf


async def read_directory_book(broker: Broker) -> DirectoryBook:
    """All that is told of every contact now."""
    book = DirectoryBook()
    batches = follow(broker.bootstrap, [DIRECTORY_EVENTS.name], until_end=True, security=broker.security)
    async for batch in batches:
        for record in batch:
            book.take(record.key, record.value, record.headers)
    return book


async def describe(
    broker: Broker, ref: str, change: Callable[[ContactDescribed], ContactDescribed], now_ms: int
) -> Done:
    """Tells what `change` makes of all that holds for a contact.

    With transactions, whoever tells of a contact ends another who was about to, before the topic is read. Neither
    change is lost: the other begins again with what holds by then.
    """
    for attempt in range(TRIES):
        try:
            return await _describe(broker, ref, change, now_ms)
        except Superseded:
            # Not at the same moment again.
            await asyncio.sleep(_PAUSE_S * (attempt + random.random()))
    raise CliError(f"others kept telling of {ref} at the same time; try again")


async def _describe(
    broker: Broker, ref: str, change: Callable[[ContactDescribed], ContactDescribed], now_ms: int
) -> Done:
    writer = f"directory-{ref.replace('/', '.')}" if broker.is_transactional else None
    async with Sender(broker.bootstrap, transactional_id=writer, security=broker.security) as sender:
        book = await read_directory_book(broker)
        before = book.described(ref) or nothing_told(ref)
        try:
            after = told(before, change(before), now_ms)
        except Refused as refused:
            raise CliError(f"{ref}: {_WHY_NOT[refused.code]}") from None
        if after is None:
            return Done("kept", before)
        value = after.model_dump_json(exclude_none=True).encode()
        headers = _envelope(after, now_ms).headers()
        await sender.put(Outgoing(DIRECTORY_EVENTS.name, ref.encode(), value, headers))
    return Done("told", after)


def _envelope(fact: ContactDescribed, now_ms: int) -> Envelope:
    # The contact's own name may be longer than an id: a short form of it stands in its place.
    name = hashlib.sha256(fact.contact.encode()).hexdigest()[:12]
    return Envelope(
        id=f"directory-{name}-{fact.revision}",
        source="urn:seinhuis:directory",
        type=fact.type_name(),
        subject=fact.contact,
        recordedtime=moment(now_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )
