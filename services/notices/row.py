"""A lane's row as JSON: what the bell knows of a case, of a party or of a contact, and what is under way.

Nobody's address stands here, nor a word of content. Fields a later version adds are carried along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NotRequired, TypedDict, cast

import orjson

from services.notices.heard import Order
from services.runtime.job import Wake

VERSION: Final = 1
#: What is over is remembered for so long: a fact of it may still be on its way, or a notice be sent again.
KEPT_MS = 7 * 86_400_000
#: Of one entity and of one row: what comes after lets go of the oldest.
ENDED_MAX = 200
FAILED_MAX = 50
TOLD_MAX = 50


class Taken(TypedDict):
    """Which function took it, and by which fact."""

    by: str
    order: Sequence[int]


class Notice(TypedDict):
    """A notice as its facts name it: of which fact, to whom, by which channel, and what its envelope says."""

    id: str
    of: str
    fact_id: str
    entity: str | None
    partnership: str
    urgency: str
    priority: str
    to: str
    asks: bool
    channel: str
    content_ref: str | None
    #: For whom the text is, as the feedback says.
    text_for: NotRequired[str]


class Owed(TypedDict):
    """An obligation that is open: who owes it to whom, by when, and by which fact it was opened."""

    owed_by: str
    owed_to: str | None
    due_ms: int
    opened_by: str


class Entity(TypedDict):
    """A signal: what its facts belong to, who was asked and when, who has it, and what is owed about it.

    `left` are functions that said no, or gave it away and another took it (`gave`: nobody did so far); `addressed`
    the parties that were written to; `told` the notices that were accepted and lead to a text nobody has opened yet.
    """

    partnership: str
    correlationid: str
    traceparent: str
    urgency: str
    priority: str
    reporter_party: str | None
    asked: list[str]
    asked_ms: dict[str, int]
    left: list[str]
    gave: list[str]
    addressed: list[str]
    taken: Taken | None
    over: Sequence[int] | None
    owed: dict[str, Owed]
    ended: list[str]
    told: NotRequired[list[Notice]]
    #: By function, the other parties whose people answered it when it was asked.
    staff: NotRequired[dict[str, list[str]]]


class Item(TypedDict):
    """One of the notices in a bundle, thin as it was."""

    notice_id: str
    of: str
    urgency: str
    about: str | None


class Open(Notice):
    """A notice under way. `ways` are the channels still to be tried after this one.

    It waits for a moment (`at_ms`) or for the outcome of its effect. `until_ms` is how long this channel is tried.
    """

    place: Sequence[object]
    obligation_id: str | None
    phone: str | None
    taken_by: str | None
    due_ms: int | None
    order: Sequence[int]
    ways: list[str]
    #: How long each channel may be tried, frozen when it was queued.
    patience_ms: int
    until_ms: int
    attempt: int
    sent: int
    at_ms: int | None
    effect: str | None
    #: Said while it was being sent: it is not to be sent again.
    is_moot: bool
    #: A silence holds it up, and that was told.
    is_held: NotRequired[bool]
    #: Its text was opened while it was being sent.
    is_read: NotRequired[bool]
    #: The parties besides that of `to` that hear of it in their streams.
    staff: NotRequired[list[str]]
    #: Of a bundle: what is told together.
    items: NotRequired[list[Item]]
    #: What it tells besides, as `NoticeIssued` words it, and what its party asks about it by: where no case is in it.
    more: NotRequired[dict[str, Any]]
    about: NotRequired[str]


def hearers(one: Open) -> tuple[str, ...]:
    """The parties that hear of a notice in their streams, its receiver's own first."""
    return (one["to"].partition("/")[0], *one.get("staff", ()))


class Row(TypedDict):
    """All of one key. `failed` are notices that no channel reached, for a replay; `contact` is what was told last of
    the contact whose key this is, to know what is new about it."""

    v: int
    entities: dict[str, Entity]
    #: Functions that have had a signal of this case, and the slots of the case that are filled.
    holders: list[str]
    roles: dict[str, str]
    open: list[Open]
    failed: list[Open]
    #: What a person is to say by phone, until the call is logged.
    calls: NotRequired[list[Open]]
    contact: NotRequired[str]


def new_row() -> Row:
    """Nothing is known yet."""
    return {"v": VERSION, "entities": {}, "holders": [], "roles": {}, "open": [], "failed": []}


def read_row(row: bytes | None) -> Row:
    """What is known; raises ValueError when a breaking version wrote it."""
    if row is None:
        return new_row()
    found = cast(Row, orjson.loads(row))
    if found["v"] != VERSION:
        raise ValueError(f"this row has version {found['v']}, not {VERSION}")
    return found


def write_row(row: Row) -> bytes | None:
    """The row, or none when nothing of it is needed any more."""
    if not any(value for name, value in row.items() if name != "v"):
        return None
    return orjson.dumps(row)


def is_before(order: Sequence[int], other: Sequence[int] | None) -> bool:
    """Whether a fact was told before another one; no other is never."""
    return other is not None and tuple(order) < tuple(other)


def no_entity(partnership: str) -> Entity:
    """A signal of which nothing was read yet: its facts come by two topics, in no order between them."""
    return {
        "partnership": partnership,
        "correlationid": "",
        "traceparent": "",
        "urgency": "",
        "priority": "",
        "reporter_party": None,
        "asked": [],
        "asked_ms": {},
        "left": [],
        "gave": [],
        "addressed": [],
        "taken": None,
        "over": None,
        "owed": {},
        "ended": [],
    }


def order_of(values: Sequence[int]) -> Order:
    """An order as it comes back from JSON."""
    return (values[0], values[1])


def notice_of(one: Open) -> Notice:
    """What of a notice its later facts need."""
    found: Notice = {
        "id": one["id"],
        "of": one["of"],
        "fact_id": one["fact_id"],
        "entity": one["entity"],
        "partnership": one["partnership"],
        "urgency": one["urgency"],
        "priority": one["priority"],
        "to": one["to"],
        "asks": one["asks"],
        "channel": one["channel"],
        "content_ref": one["content_ref"],
    }
    if "text_for" in one:
        found["text_for"] = one["text_for"]
    return found


def wake_of(row: Row, ranks: dict[str, int]) -> Wake | None:
    """When something of it wants a turn, with the rank of its urgency; else when what is over may be forgotten."""
    moments = [
        (one["at_ms"], ranks.get(one["priority"], 5)) for one in row["open"] if one["at_ms"] is not None
    ]
    moments += [(one["over"][0] + KEPT_MS, 9) for one in row["entities"].values() if one["over"] is not None]
    if not moments:
        return None
    at_ms, rank = min(moments)
    return Wake(at_ms, rank)


def keep_calls(row: Row, is_kept: Callable[[Open], bool]) -> None:
    """Lets go of the calls that need not be made any more."""
    calls = [one for one in row.get("calls", ()) if is_kept(one)]
    if calls:
        row["calls"] = calls
    else:
        row.pop("calls", None)


def _is_of_another(entity: str, one: Open) -> bool:
    return one["entity"] != entity


def forget(row: Row, now_ms: int) -> None:
    """Lets go of what is over for long, and of what failed then."""
    for name, one in list(row["entities"].items()):
        is_old = one["over"] is not None and one["over"][0] + KEPT_MS <= now_ms
        if is_old and not any(open_["entity"] == name for open_ in row["open"]):
            del row["entities"][name]
            row["failed"] = [failed for failed in row["failed"] if failed["entity"] != name]
            keep_calls(row, partial(_is_of_another, name))
    if not row["entities"]:
        row["holders"] = []
    del row["failed"][:-FAILED_MAX]
