"""All that holds for a contact, as people read it and as programs do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from schemas.directory import ContactDescribed, Stretch
from services.agreements.announcing import NEWS_OF
from services.agreements.directory_book import window_of
from services.agreements.moments import milliseconds
from services.cli.agreements.telling import told
from services.cli.asked import Format
from services.cli.directory.describing import Done


def span(stretch: Stretch, zone: ZoneInfo) -> str:
    """`from Thu 24 Dec 2026 00:00 CET until Sun 03 Jan 2027 00:00 CET`."""
    from_ms, until_ms = window_of(stretch)
    end = "until further notice" if until_ms is None else f"until {told(until_ms, zone)}"
    return f"from {told(from_ms, zone)} {end}"


def lines_of(one: ContactDescribed, zone: ZoneInfo, now_ms: int) -> list[str]:
    """A line for each thing that holds or will; nothing when all is as signed."""
    coming = [line for line in one.absences if _is_to_come(line, now_ms)]
    found = [f"away {span(line, zone)}{f' ({line.reason})' if line.reason else ''}" for line in coming]
    if one.rota is not None:
        on_duty = [line for line in one.rota if _is_to_come(line, now_ms)]
        found += [
            f"on duty {f'by {line.party} ' if line.party else ''}{span(line, zone)}" for line in on_duty
        ] or ["on duty at no time that was told"]
    for line in one.reach:
        if _is_to_come(line, now_ms):
            by = f"reached by {', '.join(line.channels)}" if line.channels else "not to be reached"
            found.append(f"{by} {span(line, zone)}")
    found += [
        f"nothing but what is acute is delivered ({line.reason.value}) {span(line, zone)}"
        for line in one.silences
        if _is_to_come(line, now_ms)
    ]
    if one.succeeded is not None:
        from_ms = milliseconds(one.succeeded.from_at)
        found.append(f"succeeded by {one.succeeded.by} from {told(from_ms, zone)}")
    if one.confirmed_at is not None:
        found.append(f"confirmed {told(milliseconds(one.confirmed_at), zone)}")
    return found


def data_of(one: ContactDescribed) -> dict[str, Any]:
    """The same for programs: the fact as it stands on the topic."""
    found: dict[str, Any] = orjson.loads(one.model_dump_json(exclude_none=True))
    return found


def print_done(
    done: Done,
    zone: ZoneInfo,
    now_ms: int,
    output: Format,
    *,
    given: int = 0,
    partners: Sequence[str] = (),
) -> None:
    """What became of it, all that holds for the contact now, to which partners that is announced, and how many signals
    are given to its successor."""
    told_to = partners if done.did == "told" and done.described.because in NEWS_OF else ()
    if output == "json":
        said = {"did": done.did, "signals_given": given, "announced_to": told_to, **data_of(done.described)}
        print(orjson.dumps(said).decode())
        return
    print(f"{done.did} {done.described.contact}")
    for line in lines_of(done.described, zone, now_ms) or ["as signed"]:
        print(f"  {line}")
    if told_to:
        print(f"  announced to {len(told_to)} partner{'s' * (len(told_to) > 1)}")
    if given:
        print(f"  {given} open signal{'s' * (given > 1)} given to its successor")


def _is_to_come(stretch: Stretch, now_ms: int) -> bool:
    until_ms = window_of(stretch).until_ms
    return until_ms is None or until_ms > now_ms
