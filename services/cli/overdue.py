"""`seinhuis overdue`: what is late now, the most urgent and longest overdue first; to a party, what it may see."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import orjson
import typer

from schemas.base import Said
from schemas.envelope import Envelope
from services.agreements.local_moments import iso_moment
from services.agreements.moments import moment
from services.cli.asked import KAFKA, FormatOption, KafkaOption, PartyOption, clock, run, security
from services.cli.books import ZONE, asked_zone, read_books, zone_of
from services.cli.case import TOPICS, Told
from services.cli.errors import CliError
from services.cli.facts import kept_facts
from services.cli.forecast import Books
from services.cli.lines import Wall, length
from services.cli.owed import Owed, Owing
from services.cli.owed_lines import NOBODY_TOLD, owed_data
from services.cli.page import show, terminal_width, wrapped
from services.cli.timeline import timeline
from topics.catalogue import DEADLINES_EVENTS

_COLUMNS = ("urgency", "late", "since", "obligation", "owed by", "level", "asked", "case")
_GAP = "  "


class Late(NamedTuple):
    """What is late at a moment, of how much that is owed; the zone of each partnership, and the one for the heading.

    `party`: who may see it. How much is owed besides is then not told, for most of it is nothing to that party.
    """

    at_ms: int
    owed: int | None
    late: Sequence[Owed]
    zones: Mapping[str, ZoneInfo]
    zone: ZoneInfo
    party: str | None = None


def overdue(
    partnership: Annotated[
        str | None,
        typer.Option("--partnership", metavar="P", help="Only this partnership's. [all]", show_default=False),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            "--zone", help="The clock the times are shown by. [each partnership's]", show_default=False
        ),
    ] = None,
    party: PartyOption = None,
    kafka: KafkaOption = KAFKA,
    output: FormatOption = "text",
) -> None:
    """Tell what is late now: what is owed, in which case, by whom, since when, and which level of the ladder stands.

    The most urgent first, and of those the longest overdue. `seinhuis case CASEID` tells how it came to that.

    For operators: whoever may read the topics may see it. It shows functions, codes and references, no content and no
    person. With `--as` it is what a party may be shown of its cases, as by `seinhuis case --as`; how much is owed
    besides is not told.

    Exit codes: 0 told, also when nothing is late, 1 nothing is known of this partnership or party, 2 used wrongly, 3 no
    broker answers.

    Examples:

        seinhuis overdue

        seinhuis overdue --as linde

        seinhuis overdue --partnership de-vlier --format json
    """
    asked = None if zone is None else asked_zone(zone)
    late = run(_read(partnership, asked, party, kafka))
    if output == "json":
        data = {
            "at": iso_moment(late.at_ms, late.zone),
            "party": late.party,
            "owed": late.owed,
            "late": [owed_data(one, None, late.zones[one.partnership], late.at_ms) for one in late.late],
        }
        show([orjson.dumps(data).decode()])
    else:
        show(told_lines(late, terminal_width()))


async def _read(partnership: str | None, asked: ZoneInfo | None, party: str | None, kafka: str) -> Late:
    owing, unread = Owing(), Counter[str]()
    reading = kept_facts(kafka, [DEADLINES_EVENTS.name], unread, security=security())
    async for envelope, said, _ in reading:
        if partnership is None or envelope.partnership == partnership:
            owing.take(envelope, said)
    for reason, count in sorted(unread.items()):
        print(f"{count} records were passed over: {reason}", file=sys.stderr)
    at_ms = clock().now_ms()
    late = owing.late(at_ms)
    names = {one.partnership for one in owing.open()} | ({partnership} if partnership is not None else set())
    books = await read_books(kafka, names, security())
    if partnership is not None and not len(owing) and partnership not in books.agreements.partnerships():
        raise CliError(
            f"nothing is known of {partnership!r} at {kafka}; `seinhuis agreements history` names what is published"
        )
    if party is not None:
        if len(owing) and party not in _parties(names, books):
            raise CliError(f"no agreement under which anything is owed knows a party {party!r}")
        late = await _seen_by(party, late, books, at_ms, kafka)
    told_of = {one.partnership for one in late} | ({partnership} if partnership is not None else set())
    zones = {name: zone_of(name, books, asked) for name in told_of}
    heading = next(iter(zones.values())) if len(set(zones.values())) == 1 else asked or ZONE
    return Late(at_ms, len(owing) if party is None else None, late, zones, heading, party)


def _parties(partnerships: Iterable[str], books: Books) -> set[str]:
    """Who ever was a party of one of them: whoever is named wrongly must not read that nothing is late."""
    return {
        party.id
        for partnership in partnerships
        for terms in books.agreements.versions(partnership)
        for party in terms.agreement.parties
    }


async def _seen_by(party: str, late: Sequence[Owed], books: Books, at_ms: int, kafka: str) -> list[Owed]:
    """What of it a party may be shown. Who was asked for what stands in the cases, so these are read, and no others."""
    caseids, unread = {one.caseid for one in late}, Counter[str]()
    if not caseids:
        return []
    facts: defaultdict[str, list[tuple[Envelope, Said]]] = defaultdict(list)
    async for envelope, said, _ in kept_facts(kafka, TOPICS, unread, security=security()):
        if envelope.caseid in caseids:
            facts[envelope.caseid].append((envelope, said))
    return seen_by(party, late, facts.values(), books, at_ms)


def seen_by(
    party: str,
    late: Iterable[Owed],
    cases: Iterable[Iterable[tuple[Envelope, Said]]],
    books: Books,
    at_ms: int,
) -> list[Owed]:
    """Of what is late, that which a party is told of its cases. `cases`: the facts of each in which something is."""
    shown: set[str] = set()
    for facts in cases:
        case = timeline(facts, at_ms)
        told = None if case is None else Told(case, ZONE, books).seen_by(party)
        if told is not None:
            shown.update(one.id for one in told.case.owed)
    return [one for one in late if one.id in shown]


def told_lines(late: Late, width: int | None) -> Iterator[str]:
    """What is late for people: a line each where the lines fit, else three."""
    count = f"{len(late.late)} late" if late.late else "Nothing is late"
    of = f" of {late.owed} owed" if late.party is None else f" that {late.party} may see"
    yield f"{count}{of}, on {moment(late.at_ms).astimezone(late.zone):%a %d %b %Y %H:%M %Z}"
    untold = sum(one.is_untold(late.at_ms) for one in late.late)
    if untold:
        yield wrapped("", f"Of {untold} of them {NOBODY_TOLD}", width)
    if not late.late:
        return
    yield ""
    rows = [_COLUMNS, *(_cells(one, late) for one in late.late)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(_COLUMNS))]
    if width is None or sum(widths) + len(_GAP) * (len(widths) - 1) <= width:
        for row in rows:
            yield _GAP.join(f"{cell:<{wide}}" for cell, wide in zip(row, widths, strict=True)).rstrip()
        return
    for urgency, late_for, since, name, owed_by, level, asked, caseid in rows[1:]:
        before = f"{urgency:<{widths[0]}}{_GAP}"
        for text in (
            f"{name}, {late_for} late since {since}",
            f"owed by {owed_by}; level {level}, {asked}",
            caseid,
        ):
            yield wrapped(before, text, width)
            before = " " * len(before)


def _cells(one: Owed, late: Late) -> tuple[str, ...]:
    wall = Wall(late.zones[one.partnership], None)
    return (
        one.urgency,
        length(one.late_ms(late.at_ms) / 1000),
        wall(moment(one.due_ms)),
        one.name,
        one.owed_by or "-",
        str(one.level),
        one.asked[-1] if one.asked else "-",
        one.caseid,
    )
