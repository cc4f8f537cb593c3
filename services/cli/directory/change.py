"""`seinhuis directory absent|rota|reach|confirm|succeed`: tells one more thing of one contact."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from schemas.base import Code
from schemas.directory import AddressRef, ContactDescribed, Shift
from services.agreements import directory_changes as changes
from services.agreements.directory import Directory, Window
from services.agreements.directory_book import DirectoryBook, times_of
from services.cli.asked import KAFKA, Format, FormatOption, KafkaOption, clock, run
from services.cli.asked_time import begin_ms
from services.cli.directory.describing import Done, broker_at, describe, read_directory_book, shelf_of
from services.cli.directory.handing_over import hand_over
from services.cli.directory.importing import read_file
from services.cli.directory.known import (
    ContactArgument,
    FromOption,
    Function,
    PartnershipOption,
    UntilOption,
    asked_window,
    function,
)
from services.cli.directory.telling import print_done
from services.cli.errors import CliError, UsedWrongly

#: What a change makes of all that holds for a contact, once it is known which contact is meant.
Changing = Callable[[Function, ContactDescribed, int], ContactDescribed]


def _tell(contact: str, partnership: str | None, kafka: str, output: Format, changing: Changing) -> None:
    broker, now_ms = broker_at(kafka), clock().now_ms()

    async def work() -> tuple[Function, Done]:
        shelf = await shelf_of(broker)
        found = function(contact, shelf.book, partnership, now_ms)
        return found, await describe(
            broker, found.ref, lambda before: changing(found, before, now_ms), now_ms
        )

    found, done = run(work())
    print_done(done, found.zone, now_ms, output, partners=found.partners(now_ms))


def absent(
    contact: ContactArgument,
    begins: FromOption = None,
    until: UntilOption = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="CODE", help="A code; never about a person.")
    ] = None,
    is_back: Annotated[
        bool, typer.Option("--back", help="Somebody is there again, from now or --from.")
    ] = False,
    partnership: PartnershipOption = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Nobody of this function is there: ladders skip it in the same instant, and say so.

    Without `--from` it is about now: of an absence that runs, `--until` says the end. What is owed stays with the
    function. With `--back` absences that run then end; later ones stay.

    Examples:

        seinhuis directory absent linde/linde-team --from 2026-12-24 --until 2027-01-02 --reason leave

        seinhuis directory absent linde-team --back
    """
    if is_back and (until or reason):
        raise UsedWrongly("--back takes no --until or --reason; it ends what was told")
    code = None if reason is None else _code(reason)

    def changing(found: Function, before: ContactDescribed, now_ms: int) -> ContactDescribed:
        if is_back:
            return changes.back(before, None if begins is None else begin_ms(begins, found.zone), now_ms)
        window = asked_window(begins, until, found.zone, now_ms)
        return changes.absent(before, window.from_ms if begins else None, window.until_ms, code, now_ms)

    _tell(contact, partnership, kafka, output, changing)


def rota(
    contact: ContactArgument,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A directory file, for its `rotas` of this contact."),
    ] = None,
    windows: Annotated[
        list[str] | None,
        typer.Option("--window", metavar="FROM/UNTIL", help="On duty then; may be repeated."),
    ] = None,
    party: Annotated[
        str | None,
        typer.Option(
            "--party", metavar="PARTY", help="Whose people are on duty then, of those that staff the number."
        ),
    ] = None,
    is_ended: Annotated[bool, typer.Option("--none", help="No rota any more: staffed at all times.")] = False,
    partnership: PartnershipOption = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Who answers a shared number when: outside these times nobody is there. It replaces any rota told before.

    Where several parties staff the number, `--party` (or `party` in a file) says whose people are on duty: that party
    hears in its own stream what the number is asked meanwhile, and may read it. Left out, nobody but the number's own
    party does. Who staffs it may answer at any time for what it was told.

    Examples:

        seinhuis directory rota linde-duty --window "2026-12-24 17:00/2026-12-25 08:30"

        seinhuis directory rota night-team --window "2026-12-24 23:00/2026-12-25 07:00" --party duin

        seinhuis directory rota linde-duty december.yaml

        seinhuis directory rota linde-duty --none
    """
    if sum((file is not None, bool(windows), is_ended)) != 1:
        raise UsedWrongly("say who is on duty in one way: a FILE, --window FROM/UNTIL, or --none")
    if party is not None and not windows:
        raise UsedWrongly("--party goes with --window; in a file each line of `rotas` has its own `party`")

    def changing(found: Function, before: ContactDescribed, now_ms: int) -> ContactDescribed:
        if is_ended:
            return changes.rota(before, None, now_ms)
        if file is None:
            if party is not None:
                _expect_on_duty(party, found)
            asked = [_window(text, found, now_ms) for text in windows or ()]
            return changes.rota(before, [Shift(**times_of(one), party=party) for one in asked], now_ms)
        said = {one.contact: one.rota for one in read_file(file, found.known_by[0])}.get(found.ref)
        if not said:
            raise CliError(f"{file} has no `rotas` of {found.ref}")
        return changes.rota(before, said, now_ms)

    _tell(contact, partnership, kafka, output, changing)


def reach(
    contact: ContactArgument,
    channels: Annotated[
        str | None, typer.Option("--channels", metavar="NAME[,NAME]", help="Channels of the agreement.")
    ] = None,
    is_unreachable: Annotated[
        bool, typer.Option("--unreachable", help="It cannot be reached at all.")
    ] = False,
    is_as_signed: Annotated[bool, typer.Option("--as-signed", help="As the agreement says again.")] = False,
    address_ref: Annotated[
        str | None, typer.Option("--address-ref", metavar="address:…", help="Where its address is kept.")
    ] = None,
    begins: FromOption = None,
    until: UntilOption = None,
    partnership: PartnershipOption = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """How a function is reached for a while, instead of what was signed. Of what holds at once, the last told counts.

    Examples:

        seinhuis directory reach gp-desk --channels phone --from 2026-12-24 --until 2026-12-27

        seinhuis directory reach gp-desk --as-signed
    """
    if sum((bool(channels), is_unreachable, is_as_signed)) != 1:
        raise UsedWrongly("say how it is reached in one way: --channels, --unreachable or --as-signed")
    named = tuple(name.strip() for name in (channels or "").split(",") if name.strip())

    def changing(found: Function, before: ContactDescribed, now_ms: int) -> ContactDescribed:
        if is_as_signed:
            return changes.as_signed(before, None if begins is None else begin_ms(begins, found.zone), now_ms)
        for name in named:
            if name not in found.channels:
                raise CliError(f"no channel {name!r}; there is {', '.join(sorted(found.channels))}")
        window = asked_window(begins, until, found.zone, now_ms)
        return changes.reach(before, window, named, _address(address_ref), now_ms)

    _tell(contact, partnership, kafka, output, changing)


def confirm(
    contact: ContactArgument,
    partnership: PartnershipOption = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """What is known of a contact was looked at today and is right.

    Example:

        seinhuis directory confirm linde/linde-team
    """
    _tell(contact, partnership, kafka, output, lambda _, before, now_ms: changes.confirmed(before, now_ms))


def succeed(
    contact: ContactArgument,
    by: Annotated[
        str | None, typer.Option("--by", metavar="CONTACT", help="The function that takes its place.")
    ] = None,
    begins: FromOption = None,
    is_undone: Annotated[bool, typer.Option("--none", help="It does not end after all.")] = False,
    partnership: PartnershipOption = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """A function ends: from then on whoever would ask it asks its successor, and says so.

    When it has ended, its open signals are given to the successor: those it took, and those it was asked for that
    nobody took. Of a function that is to end later, say it again when it has.

    Example:

        seinhuis directory succeed linde/linde-duty --by linde/linde-team --from 2027-02-01
    """
    if (by is None) is not is_undone:
        raise UsedWrongly("name who takes its place with --by, or say --none when it does not end after all")
    broker, now_ms = broker_at(kafka), clock().now_ms()

    async def work() -> tuple[Function, Done, int]:
        shelf = await shelf_of(broker)
        found = function(contact, shelf.book, partnership, now_ms)
        if by is None:
            return found, await describe(broker, found.ref, changes.stays, now_ms), 0
        other = function(by, shelf.book, partnership, now_ms)
        directory = (await read_directory_book(broker)).directory
        if found.ref in followed(other.ref, directory):
            raise CliError(f"{found.ref} and {other.ref} would succeed each other in a circle")
        from_ms = None if begins is None else begin_ms(begins, found.zone)
        change = partial(changes.succeeded, by=other.ref, from_ms=from_ms, now_ms=now_ms)
        done = await describe(broker, found.ref, change, now_ms)
        if DirectoryBook([done.described]).directory.meant(found.ref, now_ms) == found.ref:
            return found, done, 0
        to = directory.meant(other.ref, now_ms)
        return found, done, await hand_over(broker, found.ref, to, now_ms)

    found, done, count = run(work())
    print_done(done, found.zone, now_ms, output, given=count, partners=found.partners(now_ms))


def followed(ref: str, directory: Directory) -> list[str]:
    """A function, and whoever is to succeed it, and so on."""
    found = [ref]
    while (successor := directory.successors.get(found[-1])) is not None and successor.by not in found:
        found.append(successor.by)
    return found


def _expect_on_duty(party: str, found: Function) -> None:
    if party not in found.staff:
        raise CliError(f"{party} does not staff {found.ref}; who do: {', '.join(found.staff)}")
    if not found.is_shared_number:
        raise CliError(f"{found.ref} is no shared number: whoever's turn it is, all that staff it hear")


def _window(text: str, found: Function, now_ms: int) -> Window:
    begins, slash, until = text.partition("/")
    if not (begins and slash and until):
        raise UsedWrongly(f"`{text}` is no FROM/UNTIL; write `2026-12-24 17:00/2026-12-25 08:30`")
    return asked_window(begins.strip(), until.strip(), found.zone, now_ms)


def _code(text: str) -> str:
    return _of_form(
        Code, text, "a reason is a code, as `leave` or `no_replacement`: small letters, digits, _ and -"
    )


def _address(text: str | None) -> str | None:
    form = "an address is told by reference, as `address:7pQ2mX9d`; the address itself never travels"
    return None if text is None else _of_form(AddressRef, text, form)


def _of_form(form: Any, text: str, says: str) -> str:
    try:
        return str(TypeAdapter(form).validate_python(text))
    except ValidationError:
        raise UsedWrongly(f"`{text}`: {says}") from None
