"""`seinhuis directory show`: who is there at a moment, who is not and why, and how they are reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson
import typer

from services.agreements.directory import Directory
from services.agreements.directory_book import DirectoryBook, window_of
from services.agreements.ladder import unreached
from services.agreements.moments import milliseconds
from services.agreements.terms import Terms
from services.cli.agreements.published import Shelf
from services.cli.agreements.telling import at_wall, told
from services.cli.asked import KAFKA, FormatOption, KafkaOption, clock, run
from services.cli.asked_time import asked_at
from services.cli.directory.describing import broker_at, read_directory_book, shelf_of
from services.cli.directory.known import PartnershipOption, function
from services.cli.directory.telling import data_of, lines_of
from services.cli.errors import CliError

_WORDS = {
    "absent": "away",
    "no_channel": "not to be reached",
    "nobody": "nobody on duty",
    "outside_hours": "outside its hours",
    "takes_no_part": "takes no part",
}


class Shown(NamedTuple):
    """A contact at a moment: why it cannot be asked now, until when it is away and why, or how it is reached."""

    partnership: str
    contact: str
    unreached: str | None
    away_until_ms: int | None
    reason: str | None
    channels: tuple[str, ...]
    means: str


def show(
    contact: Annotated[
        str | None,
        typer.Argument(metavar="[CONTACT]", help="Whose; all when left out.", show_default=False),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="A day or a moment; left out, it is now.")
    ] = None,
    partnership: PartnershipOption = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Who is there, who is not and why, and how they are reached: now, or at another moment.

    Work that has opening hours waits for them; this tells what holds at the moment itself.

    Examples:

        seinhuis directory show

        seinhuis directory show linde/linde-team --at "2026-12-25 03:00"
    """
    broker, now_ms = broker_at(kafka), clock().now_ms()

    async def work() -> tuple[Shelf, DirectoryBook]:
        return await shelf_of(broker), await read_directory_book(broker)

    shelf, book = run(work())
    ref = None if contact is None else function(contact, shelf.book, partnership, now_ms).ref
    parts = []
    for name in shelf.book.partnerships() if partnership is None else (partnership,):
        versions = shelf.book.versions(name)
        if not versions:
            raise CliError(
                f"nothing of {name!r} is published; there is {', '.join(shelf.book.partnerships())}"
            )
        zone = versions[-1].clock.zone
        at_ms = asked_at(at, zone, now_ms)
        found = shelf.book.in_force(name, at_ms)
        if found is not None:
            parts += [(zone, at_ms, one) for one in _shown(found, book.directory, book, at_ms, ref)]
    if output == "json":
        print(orjson.dumps([_data(zone, at_ms, one, book) for zone, at_ms, one in parts]).decode())
        return
    if not parts:
        raise CliError(f"no agreement that holds at that moment has {contact or 'a contact'}")
    width = max(len(one.contact) for _, _, one in parts)
    before = None
    for zone, at_ms, one in parts:
        if one.partnership != before:
            print(f"{one.partnership} at {told(at_ms, zone)}")
            before = one.partnership
        print(f"  {one.contact:<{width}}  {_said(one, zone)}")
        described = book.described(one.contact)
        for line in lines_of(described, zone, at_ms) if ref is not None and described is not None else ():
            print(f"    {line}")


def _shown(
    terms: Terms, directory: Directory, book: DirectoryBook, at_ms: int, only: str | None
) -> Iterator[Shown]:
    for ref, contact in sorted(terms.contacts.items()):
        if only not in {None, ref}:
            continue
        described = book.described(ref)
        running = [one for one in described.absences if window_of(one).holds(at_ms)] if described else []
        last = max(running, key=lambda one: (one.until_at is None, one.until_at or one.from_at), default=None)
        why = unreached(contact, at_ms, directory)
        yield Shown(
            terms.partnership,
            ref,
            None if why is None else why.value,
            None if last is None or last.until_at is None else milliseconds(last.until_at),
            None if last is None else last.reason,
            directory.channels(ref, at_ms, contact.channels),
            directory.meant(ref, at_ms),
        )


def _said(one: Shown, zone: ZoneInfo) -> str:
    if one.means != one.contact:
        return f"succeeded by {one.means}"
    if one.unreached is None:
        return f"there, by {', '.join(one.channels)}"
    said = _WORDS.get(one.unreached, one.unreached)
    if one.unreached == "absent":
        said += (
            " until further notice"
            if one.away_until_ms is None
            else f" until {told(one.away_until_ms, zone)}"
        )
        said += f" ({one.reason})" if one.reason else ""
    return said


def _data(zone: ZoneInfo, at_ms: int, one: Shown, book: DirectoryBook) -> dict[str, Any]:
    described = book.described(one.contact)
    until_ms = one.away_until_ms
    return {
        "partnership": one.partnership,
        "contact": one.contact,
        "at": at_wall(at_ms, zone).isoformat(),
        "unreached": one.unreached,
        "away_until": None if until_ms is None else at_wall(until_ms, zone).isoformat(),
        "reason": one.reason,
        "channels": list(one.channels),
        "means": one.means,
        "described": None if described is None else data_of(described),
    }
