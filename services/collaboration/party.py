"""A party's row: what it missed lately, and the ladder that is open, as JSON. Nothing in it leads to a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, TypedDict, cast

import orjson

from services.agreements.periods import Period, later
from services.agreements.times import SpanRow
from services.runtime.job import Wake

VERSION: Final = 1
#: So many items of a party are known by their reference, and so many answers by their id.
ITEMS_MAX, ANSWERS_MAX = 2_000, 20
#: What becomes of an item: its day is not over yet; it counts; its ladder was settled; it had been kept after all.
NEW, COUNTED, SETTLED, WITHDRAWN = "new", "counted", "settled", "withdrawn"

#: The item of the agreement, the day in ISO 8601, and one of the four words above.
ItemRow = tuple[str, str, str]
#: A rung in the words of the agreement, and its own term when it has one.
RungRow = tuple[Sequence[str], SpanRow | None]


class Ladder(TypedDict):
    """The open ladder, frozen when it opened but for where on it we are. `counts` are the items it is about, `enough`
    the number that opened it; a rung without a term has that of the one before, the first the window `within`."""

    id: str
    rungs: Sequence[RungRow]
    within: tuple[int, str]
    enough: int
    counts: dict[str, int]
    level: int
    asked: list[str]
    due_ms: int


class Party(TypedDict):
    """`within` is the window of the agreement that an item was last counted by; `weigh_ms` when the day is over."""

    v: int
    items: dict[str, ItemRow]
    within: tuple[int, str]
    weigh_ms: int | None
    ladder: Ladder | None
    answers: list[str]


def new_party(within: tuple[int, str]) -> Party:
    """A party that has missed nothing yet."""
    return {"v": VERSION, "items": {}, "within": within, "weigh_ms": None, "ladder": None, "answers": []}


def read_party(row: bytes | None) -> Party | None:
    """The party of a row; raises ValueError when a breaking version wrote it."""
    if row is None:
        return None
    party = cast(Party, orjson.loads(row))
    if party["v"] != VERSION:
        raise ValueError(f"this row has version {party['v']}, not {VERSION}")
    return party


def write_party(party: Party) -> bytes | None:
    """Its row; none when nothing is known of it any more."""
    if not party["items"] and party["ladder"] is None:
        return None
    return orjson.dumps(party)


def last_day(item: ItemRow, within: Sequence[int | str]) -> date:
    """The last day on which an item is still within the window."""
    return later(date.fromisoformat(item[1]), Period(int(within[0]), str(within[1])))


def in_window(party: Party) -> list[ItemRow]:
    """The items that count, of the window that ends with the last of them."""
    counted = [item for item in party["items"].values() if item[2] == COUNTED]
    if not counted:
        return []
    last = date.fromisoformat(max(day for _, day, _ in counted))
    return [item for item in counted if last_day(item, party["within"]) >= last]


def forget(party: Party, today: date) -> None:
    """Lets go of what is out of the window, and of the oldest beyond what is kept. While a day is still to be weighed
    nothing leaves: after a long outage it may be weighed with what was in the window then."""
    items = party["items"]
    if party["weigh_ms"] is None:
        for ref in [ref for ref, item in items.items() if last_day(item, party["within"]) < today]:
            del items[ref]
    while len(items) > ITEMS_MAX:
        del items[next(iter(items))]
    del party["answers"][:-ANSWERS_MAX]


def wake_of(party: Party, leaves_ms: int | None) -> Wake | None:
    """When the row wants a turn again: a day to weigh, or else an item that leaves the window; and a term that ends."""
    moments = [leaves_ms if party["weigh_ms"] is None else party["weigh_ms"]]
    if party["ladder"] is not None:
        moments.append(party["ladder"]["due_ms"])
    known = [at_ms for at_ms in moments if at_ms is not None]
    return Wake(min(known)) if known else None
