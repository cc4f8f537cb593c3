"""A file of what changes from day to day beside the signed agreement, read into a directory with every finding at once.

    absences:                                   # who is away; all the time of the line
      - {contact: linde/linde-team, from: 2026-12-24, until: 2027-01-02, reason: holiday}
    rotas:                                      # who is on duty: a contact with a rota is there in these times only
      - {contact: linde-duty, from: "2026-12-24T17:00:00+01:00", until: "2026-12-25T08:30:00+01:00", party: duin}
    reach:                                      # how a contact is reached for a while, instead of what was signed
      - {contact: gp-desk, channels: [phone], from: 2026-12-24}

`contact` is a contact of the agreement, by its `id` or as `party/id`. `from` and `until` are days or moments:

- A day is a whole day in the agreement's zone: `from: 2026-12-24` begins at its midnight, and `until: 2027-01-02` is up
  to and including the second of January.
- A moment has its offset, as `2026-12-24T17:00:00+01:00`; `until` a moment ends then.

Without `until` it is until further notice. Of two lines of `reach` that hold at once, the one further down counts;
`channels: []` is that the contact cannot be reached at all. A `reason` is a code and says nothing about a person.
`party` of a rota says whose people are on duty, where several parties staff a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Annotated, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from pydantic import Field

from schemas.directory import Absence, Change, ContactDescribed, Reached, Shift
from services.agreements.directory import Directory, Window
from services.agreements.directory_book import DirectoryBook, times_of
from services.agreements.fields import Name, told
from services.agreements.findings import Finding, Path, Unreadable, in_order
from services.agreements.model.pieces import Piece
from services.agreements.moments import milliseconds
from services.agreements.shape import shaped
from services.agreements.terms import Terms
from services.agreements.walls import earliest
from services.agreements.written import Place, Written, read_written

_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    _DAY.pattern + r"[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def day_or_moment(value: object) -> date | datetime:
    text = value if isinstance(value, str) else ""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text.upper())
    except ValueError:
        pass
    raise Unreadable("not_a_day_or_moment")


DayOrMoment = Annotated[date | datetime, told(day_or_moment)]


class _Line(Piece):
    """A stretch of time of one contact."""

    contact: Annotated[str, Field(min_length=1)]
    begins: Annotated[DayOrMoment, Field(alias="from")]
    until: DayOrMoment | None = None


class _Absence(_Line):
    reason: Name | None = None


class _Rota(_Line):
    party: Name | None = None


class _Reach(_Line):
    channels: tuple[Name, ...]


class _File(Piece):
    absences: tuple[_Absence, ...] = ()
    rotas: tuple[_Rota, ...] = ()
    reach: tuple[_Reach, ...] = ()


L = TypeVar("L", bound=_Line)
V = TypeVar("V")


class Told(NamedTuple):
    """The directory when its file is right, and what is wrong with it."""

    directory: Directory | None
    findings: tuple[Finding, ...]


def read_directory(text: str, known: Terms) -> Told:
    """Reads a directory file beside the agreement whose contacts and channels it names."""
    written, wrong = read_written(text)
    return Told(None, wrong) if written is None else directory_in(written, wrong, known)


def directory_in(written: Written, wrong: tuple[Finding, ...], known: Terms) -> Told:
    """The directory of what was written, as a file of its own or as a part of another one."""
    described, findings = _described_in(written, wrong, known)
    return Told(None if described is None else DirectoryBook(described).directory, findings)


def read_described(
    text: str, known: Terms
) -> tuple[tuple[ContactDescribed, ...] | None, tuple[Finding, ...]]:
    """What a directory file says of each contact it names, when it is right, and what is wrong with it."""
    written, wrong = read_written(text)
    return (None, wrong) if written is None else _described_in(written, wrong, known)


def _described_in(
    written: Written, wrong: tuple[Finding, ...], known: Terms
) -> tuple[tuple[ContactDescribed, ...] | None, tuple[Finding, ...]]:
    file, findings, places = shaped(_File, written, wrong)
    if file is None:
        return None, findings
    findings = in_order(_unfit(file, places, known))
    return (None if findings else _described(file, known)), findings


def _lines(file: _File) -> Iterator[tuple[Path, _Line]]:
    for name, lines in (("absences", file.absences), ("rotas", file.rotas), ("reach", file.reach)):
        for n, line in enumerate(lines):
            yield (name, n), line


def _unfit(file: _File, places: Mapping[Path, Place], known: Terms) -> Iterator[Finding]:
    channels = known.agreement.channels
    for path, line in _lines(file):
        if _ref(line, known) is None:
            near = get_close_matches(line.contact, [*known.refs, *known.contacts], n=4, cutoff=0.0)
            yield places[*path, "contact"].finding("unknown_contact", name=line.contact, near=", ".join(near))
        told_for = _window(line, known.clock.zone)
        if told_for.until_ms is not None and told_for.until_ms <= told_for.from_ms:
            yield places[*path, "until"].finding("ends_before_it_begins")
        if isinstance(line, _Rota) and line.party is not None and (ref := _ref(line, known)) is not None:
            staff = known.contacts[ref].parties
            if line.party not in staff:
                yield places[*path, "party"].finding(
                    "not_staffed_by", name=line.party, staff=", ".join(staff)
                )
        for n, name in enumerate(line.channels if isinstance(line, _Reach) else ()):
            if name not in channels:
                near = get_close_matches(name, channels, n=4, cutoff=0.0)
                at = places[*path, "channels", n]
                yield at.finding("unknown_channel", name=name, near=", ".join(near))


def _described(file: _File, known: Terms) -> tuple[ContactDescribed, ...]:
    zone = known.clock.zone
    absences = _gathered(
        file.absences, known, lambda line: Absence(**times_of(_window(line, zone)), reason=line.reason)
    )
    rotas = _gathered(
        file.rotas, known, lambda line: Shift(**times_of(_window(line, zone)), party=line.party)
    )
    reach = _gathered(
        file.reach, known, lambda line: Reached(**times_of(_window(line, zone)), channels=line.channels)
    )
    return tuple(
        ContactDescribed(
            contact=ref,
            revision=0,
            because=Change.IMPORTED,
            absences=absences.get(ref, ()),
            rota=rotas.get(ref),
            reach=reach.get(ref, ()),
        )
        for ref in dict.fromkeys((*absences, *rotas, *reach))
    )


def _gathered(lines: tuple[L, ...], known: Terms, value: Callable[[L], V]) -> dict[str, tuple[V, ...]]:
    """By contact, in the order of the file."""
    found: dict[str, tuple[V, ...]] = {}
    for line in lines:
        ref = _ref(line, known)
        if ref is not None:
            found[ref] = (*found.get(ref, ()), value(line))
    return found


def _ref(line: _Line, known: Terms) -> str | None:
    """The contact as `party/contact`; None when the agreement has none of that name."""
    return line.contact if line.contact in known.contacts else known.refs.get(line.contact)


def _window(line: _Line, zone: ZoneInfo) -> Window:
    return window(line.begins, line.until, zone)


def window(begins: date | datetime, until: date | datetime | None, zone: ZoneInfo) -> Window:
    """From a day or a moment until another: a day as `until` is the whole of that day."""
    if until is not None and not isinstance(until, datetime):
        until = until + timedelta(days=1)
    return Window(_ms(begins, zone), None if until is None else _ms(until, zone))


def _ms(at: date | datetime, zone: ZoneInfo) -> int:
    """A moment; of a day, its beginning."""
    return milliseconds(at) if isinstance(at, datetime) else earliest(datetime.combine(at, time()), zone)
