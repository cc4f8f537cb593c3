"""Which function a name of the command line means, in the agreements that hold or will, and when a time of it is."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer

from services.agreements.announcing import announced_to
from services.agreements.book import AgreementBook
from services.agreements.directory import Window
from services.agreements.directory_file import window
from services.agreements.moments import moment
from services.agreements.staff import parties_of
from services.agreements.terms import Terms
from services.cli.asked_time import asked_time
from services.cli.errors import CliError, UsedWrongly

ContactArgument = Annotated[
    str, typer.Argument(metavar="CONTACT", help="A contact of the agreement, `party/contact` or its id.")
]
PartnershipOption = Annotated[
    str | None,
    typer.Option("--partnership", metavar="NAME", help="Whose agreement is meant, where several could be."),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="TIME", help="A day, or a moment by the partnership's clock; left out, from now."
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="Of a day all of it; left out, it is until further notice."),
]


class Function(NamedTuple):
    """A contact, and the agreements that know it."""

    ref: str
    known_by: tuple[Terms, ...]

    def partners(self, at_ms: int) -> tuple[str, ...]:
        """To whom a change of it is announced, by every agreement that knows it; each once."""
        found = (ref for terms in self.known_by for ref in announced_to(self.ref, at_ms, terms))
        return tuple(dict.fromkeys(found))

    @property
    def zone(self) -> ZoneInfo:
        """By whose clock its times are; raises `UsedWrongly` when there are two."""
        zones = {terms.clock.zone.key: terms.clock.zone for terms in self.known_by}
        if len(zones) > 1:
            names = ", ".join(sorted({terms.partnership for terms in self.known_by}))
            raise UsedWrongly(
                f"{self.ref} works for {names}, by different clocks; name one with --partnership"
            )
        return next(iter(zones.values()))

    @property
    def staff(self) -> tuple[str, ...]:
        """The parties that staff it, its own first."""
        return tuple(dict.fromkeys(party for terms in self.known_by for party in parties_of(self.ref, terms)))

    @property
    def is_shared_number(self) -> bool:
        """Whether it is a number that several answer by turns."""
        return any(terms.contacts[self.ref].is_shared_number for terms in self.known_by)

    @property
    def channels(self) -> frozenset[str]:
        """The channels its agreements define."""
        return frozenset().union(*(terms.agreement.channels for terms in self.known_by))


def holding(book: AgreementBook, partnership: str | None, now_ms: int) -> Iterator[Terms]:
    """Every version that holds now or will."""
    for name in book.partnerships() if partnership is None else (partnership,):
        now = book.in_force(name, now_ms)
        for found in book.reigns(name):
            if found is now or found.valid_from_ms > now_ms:
                yield found


def function(name: str, book: AgreementBook, partnership: str | None, now_ms: int) -> Function:
    """The contact of this name; raises `CliError` with the nearest names when there is none."""
    terms = tuple(holding(book, partnership, now_ms))
    found: dict[str, list[Terms]] = {}
    for one in terms:
        ref = name if name in one.contacts else one.refs.get(name)
        if ref is not None:
            found.setdefault(ref, []).append(one)
    if len(found) > 1:
        raise CliError(f"{name} may be {' or '.join(sorted(found))}; name the party too")
    for ref, known_by in found.items():
        return Function(ref, tuple(known_by))
    names = sorted({word for one in terms for word in (*one.contacts, *one.refs)})
    near = get_close_matches(name, names, n=3, cutoff=0.5) or get_close_matches(name, names, n=3, cutoff=0.0)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise CliError(f"no agreement that is in force or to come has a contact {name!r}{hint}")


def asked_window(from_text: str | None, until_text: str | None, zone: ZoneInfo, now_ms: int) -> Window:
    """From a time, now when it was left out, until another."""
    until = None if until_text is None else asked_time(until_text, zone)
    return window(moment(now_ms) if from_text is None else asked_time(from_text, zone), until, zone)
