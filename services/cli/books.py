"""Reads what helps to read facts: the published agreements of some partnerships, and the directory."""

from __future__ import annotations

from collections.abc import Collection
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.agreements.book import AgreementBook
from services.agreements.directory_book import DirectoryBook
from services.cli.errors import UsedWrongly
from services.cli.forecast import Books
from services.runtime.follow import follow
from services.runtime.reach import Security

#: Where no agreement says otherwise, and nobody asks for another.
ZONE = ZoneInfo("Europe/Amsterdam")


async def read_books(bootstrap: str, partnerships: Collection[str], security: Security | None) -> Books:
    """Every version of these partnerships, and the directory as it is now."""
    agreements, directory = AgreementBook(), DirectoryBook()
    topics = [agreements.topic, directory.topic]
    async for batch in follow(bootstrap, topics, until_end=True, security=security):
        for record in batch:
            if record.topic == directory.topic:
                directory.take(record.key, record.value, record.headers)
            elif (record.key or b"").partition(b"/")[0].decode(errors="replace") in partnerships:
                agreements.take(record.key, record.value, record.headers)
    return Books(agreements, directory.directory)


def zone_of(partnership: str, books: Books, asked: ZoneInfo | None) -> ZoneInfo:
    """The zone that was asked for, else the one the partners agreed on."""
    versions = books.agreements.versions(partnership)
    return asked or (versions[-1].clock.zone if versions else ZONE)


def asked_zone(name: str) -> ZoneInfo:
    """The zone of `--zone`; raises `UsedWrongly` for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise UsedWrongly(f"no time zone is called {name!r}; write one like Europe/Amsterdam") from None
