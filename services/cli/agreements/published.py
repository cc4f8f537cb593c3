"""Reads what is published: every version of every agreement, and what lies on the topic and cannot be used."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, NamedTuple

import typer

from schemas.agreements import AgreementPublished
from schemas.base import read
from schemas.envelope import EnvelopeError, decode
from services.agreements.book import AgreementBook, KeptOut, record_key
from services.agreements.moments import moment
from services.agreements.terms import Terms
from services.cli.errors import CliError
from services.runtime.follow import follow
from services.runtime.job import Record
from services.runtime.reach import Security
from topics.catalogue import AGREEMENTS_EVENTS

PartnershipArgument = Annotated[
    str | None,
    typer.Argument(metavar="[PARTNERSHIP]", help="Whose; all when left out.", show_default=False),
]
_KEY = re.compile(rb"^([a-z0-9][a-z0-9_.-]{0,63})/([1-9][0-9]{0,17})$")


class Used(NamedTuple):
    """A version as it was published, and when."""

    fact: AgreementPublished
    published_at: datetime


class Unused(NamedTuple):
    """A record that is not used: where it lies, as the log of a worker names it, and why."""

    topic: str
    partition: int
    offset: int
    why: KeptOut

    @property
    def place(self) -> str:
        """Where it lies, in words."""
        return f"{self.topic} partition {self.partition} offset {self.offset}"


class Shelf(NamedTuple):
    """The book as every worker has it, and by key what it was told last that is used, and that is not."""

    book: AgreementBook
    used: dict[bytes, Used]
    unused: dict[bytes, Unused]

    def used_of(self, found: Terms) -> Used:
        """A version of the book as it was published."""
        return self.used[record_key(found)]

    def numbers(self, partnership: str) -> dict[int, AgreementPublished | None]:
        """Every number that is taken: by what, or by nothing that can be used."""
        found: dict[int, AgreementPublished | None] = {}
        for key in (*self.used, *self.unused):
            named = _KEY.match(key)
            if named is not None and named[1].decode() == partnership:
                found[int(named[2])] = None if key in self.unused else self.used[key].fact
        return found

    def kept_out(self, partnership: str | None = None) -> list[tuple[str, Unused]]:
        """What is not used, by key; `-` for a key that is no version's."""
        found = [
            (key.decode() if _KEY.match(key) else "-", record) for key, record in sorted(self.unused.items())
        ]
        return [one for one in found if partnership is None or one[0].startswith(f"{partnership}/")]


async def read_shelf(bootstrap: str, security: Security | None) -> Shelf:
    """Everything that is published now."""
    shelf = Shelf(AgreementBook(), {}, {})
    async for batch in follow(bootstrap, [AGREEMENTS_EVENTS.name], until_end=True, security=security):
        for record in batch:
            key, value = record.key or b"", record.value or b""
            why = shelf.book.take(record.key, record.value, record.headers)
            if why is not None:
                shelf.unused[key] = Unused(record.topic, record.partition, record.offset, why)
            else:
                shelf.used[key] = Used(read(AgreementPublished, value), _published_at(record))
                shelf.unused.pop(key, None)
    return shelf


def _published_at(record: Record) -> datetime:
    """By its envelope, else by the broker."""
    try:
        return datetime.fromisoformat(decode(record.headers).recordedtime)
    except (EnvelopeError, ValueError):
        return moment(record.timestamp_ms)


def expect_published(shelf: Shelf, partnership: str | None, bootstrap: str) -> None:
    """Raises `CliError` when there is nothing to show."""
    known, count = shelf.book.partnerships(), len(shelf.unused)
    beside = f" ({count} records cannot be used: `seinhuis agreements history`)" if count else ""
    if not known:
        raise CliError(
            f"no agreement is published at {bootstrap}{beside}; publish one with `seinhuis agreements publish FILE`"
        )
    if partnership is not None and partnership not in known:
        raise CliError(f"nothing of {partnership!r} is published{beside}; there is {', '.join(known)}")
