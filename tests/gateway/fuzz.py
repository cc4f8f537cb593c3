"""Malformed CloudEvents by the ten thousand through the door, with good ones between: only clean 4xx, no good one lost.

    python -m tests.gateway.fuzz [--events 50000] [--seed 1]

The same seed makes the same events. Every thirtieth is a good one; after all of them, each good one has its position,
each of the others a problem with a code of the list, and nothing but the good ones reached the intake.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from schemas.gateway import DoorRefusal
from services.gateway import examples
from services.gateway.problems import Code
from services.gateway.sayable import COMMANDS
from tests.gateway.doors import Opened, opened

GOOD_EVERY = 30
TOKEN_EVERY = 2_000
CODES = {code.value for code in (*Code, *DoorRefusal)}
STRUCTURED = b"application/cloudevents+json"
BATCH = b"application/cloudevents-batch+json"
BINARY = b"application/json"

Raw = list[tuple[bytes, bytes]]


class Sent(NamedTuple):
    """A request as it goes over the line. `good`: the ids that must be taken, of so many events."""

    headers: Raw
    body: bytes
    good: tuple[str, ...] = ()
    events: int = 1
    path: str = "/v1/events"


VALUES: tuple[object, ...] = (
    None, True, 0, -1, 1e308, 2**70, "", " ", "\x00", "\n", "é" * 300, "x" * 70_000, "ud800", "../../etc/passwd",
    "' or 1=1 --", "{{7*7}}", "%00", "\u202e", "\ufeff", "1.0", [], {}, [[]], [None], {"": ""}, {"a": {"b": {"c": {}}}},
    "nl.seinhuis.signals.SignalRouted.v1", "urn:seinhuis:casework", "123456782", "vault:abcdefgh", "as-" + "a" * 20,
)  # fmt: skip
PIECES = (b"[" * 2000, b'{"a":' * 500, b"\xff\xfe", b"\\ud800", b"NaN", b"\xef\xbb\xbf")
KINDS = (b"", b"text/plain", b"application/cloudevents+json; charset=utf-16", b"\xff", b"a/b;" * 50)
TYPES = [one.model.type_name() for one in COMMANDS]


def good(n: int) -> dict[str, Any]:
    """An event that passes."""
    return {**examples.event("ReportSignal", TYPES[0]), "id": f"good-{n}"}


def _some(dice: random.Random) -> dict[str, Any]:
    said = dice.choice(COMMANDS)
    name = said.model.__name__
    event = examples.event(name, said.model.type_name(), None if said.begins else "as-" + "b" * 20)
    return json.loads(json.dumps({**event, "id": f"bad-{dice.random()}"}))  # type: ignore[no-any-return]


def _places(value: object) -> Iterator[tuple[Any, Any]]:
    """Every place in an event where another value can stand."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


#: What an event is refused for whatever else stands in it.
REQUIRED = ("specversion", "id", "source", "type", "data")


def _another_value(dice: random.Random, event: dict[str, Any]) -> None:
    holder, key = dice.choice(
        [place for place in _places(event) if place[0] is not event or place[1] in REQUIRED]
    )
    holder[key] = dice.choice(VALUES)


def _a_part_away(dice: random.Random, event: dict[str, Any]) -> None:
    del event[dice.choice(REQUIRED)]


def _a_field_more(dice: random.Random, event: dict[str, Any]) -> None:
    holder = dice.choice([event["data"], *(one for one in event["data"].values() if isinstance(one, dict))])
    holder[dice.choice(("remark", "", "\x00", "x" * 5_000, "naam", "é", "__class__"))] = dice.choice(VALUES)


def _deep(dice: random.Random, event: dict[str, Any]) -> None:
    deep: Any = "x"
    for _ in range(dice.choice((7, 50, 300))):
        deep = [deep] if dice.random() < 0.5 else {"a": deep}
    event["data"][dice.choice(list(event["data"]))] = deep


def _large(dice: random.Random, event: dict[str, Any]) -> None:
    event["data"]["content"] = {f"text_{n}": "x" * 19_000 for n in range(dice.choice((8, 20)))}


CHANGES: tuple[Callable[[random.Random, dict[str, Any]], None], ...] = (
    _another_value,
    _another_value,
    _another_value,
    _a_part_away,
    _a_field_more,
    _deep,
    _large,
)


def bad_event(dice: random.Random, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """An event of ours with something wrong in it, and often the source of nobody; of its data some may be left out."""
    event = _some(dice)
    for name in without:
        event["data"].pop(name, None)
    dice.choice(CHANGES)(dice, event)
    # A change may happen to leave it right: then it is wrong all the same, for nobody speaks with this source.
    if "source" in event and dice.random() < 0.98:
        event["source"] = dice.choice((f"{examples.SOURCE}-of-nobody", event["source"]))
    return event


def bad_bytes(dice: random.Random, without: tuple[str, ...] = ()) -> bytes:
    """A body that is broken as bytes."""
    whole = bytearray(json.dumps(bad_event(dice, without)).encode())
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(whole))
        match dice.randrange(4):
            case 0:
                whole[at] = dice.randrange(256)
            case 1:
                del whole[at : at + dice.randint(1, 40)]
            case 2:
                whole[at:at] = dice.randbytes(dice.randint(1, 20))
            case _:
                whole[at:at] = dice.choice(PIECES)
        if not whole:
            whole += b" "
    return bytes(whole)


def bad_headers(dice: random.Random) -> Raw:
    """Headers of binary mode with something wrong in them."""
    event = bad_event(dice)
    found: Raw = []
    for name, value in event.items():
        if name != "data" and dice.random() < 0.9:
            text = value if isinstance(value, str) else json.dumps(value)
            found.append((f"ce-{name}".encode(), text.encode("utf-8", "surrogatepass").replace(b"\n", b"")))
    if dice.random() < 0.3:
        found.append(dice.choice(found or [(b"ce-id", b"1")]))
    if dice.random() < 0.3:
        found.append((b"ce-" + dice.randbytes(3).hex().encode(), dice.randbytes(12)))
    if dice.random() < 0.2:
        found.append((b"ce-id", dice.choice((b"%", b"%zz", b"%ff", b"\xff", b"%00", b"x" * 20_000))))
    return found


def bad(dice: random.Random) -> Sent:
    """One malformed request."""
    match dice.randrange(10):
        case 0 | 1 | 2:
            return Sent([(b"content-type", STRUCTURED)], json.dumps(bad_event(dice)).encode())
        case 3 | 4:
            return Sent([(b"content-type", dice.choice((STRUCTURED, BATCH)))], bad_bytes(dice))
        case 5 | 6:
            body = json.dumps(bad_event(dice).get("data")).encode()
            return Sent([(b"content-type", BINARY), *bad_headers(dice)], body)
        case 7:
            return Sent([(b"content-type", dice.choice(KINDS))], json.dumps(bad_event(dice)).encode())
        case 8:
            headers = [(b"content-type", STRUCTURED), (b"content-encoding", b"gzip")]
            return Sent(headers, dice.randbytes(dice.randint(0, 200)))
        case _:
            return Sent([(b"content-type", STRUCTURED)], dice.randbytes(dice.randint(0, 400)))


#: Words that are put into the vault before their event.
WORDS = {
    "partnership": examples.PARTNERSHIP,
    "client": {"system": "ecd", "value": "client-4711"},
    "content": {"what_was_seen": "Twice this week.", "since": "Monday"},
}


def bad_words(dice: random.Random) -> Sent:
    """Words for the vault with something wrong in them, as values or as bytes."""
    said: dict[str, Any] = json.loads(json.dumps(WORDS))
    holder, key = dice.choice(list(_places(said)))
    holder[key] = dice.choice(VALUES)
    said |= {dice.choice(("caseid", "subject", "source", "remark", "é")): dice.choice(VALUES)}
    body = json.dumps(said).encode() if dice.random() < 0.7 else bad_bytes(dice)
    name = dice.choice((b"words-1", b"", b"\xff", b"x" * 300))
    return Sent([(b"content-type", BINARY), (b"idempotency-key", name)], body, path="/v1/content")


def bad_batch(dice: random.Random, n: int) -> Sent:
    """A batch of bad events with one good one among them."""
    events: list[object] = [bad_event(dice) for _ in range(dice.randint(1, 8))]
    events.insert(dice.randint(0, len(events)), good(n))
    return Sent([(b"content-type", BATCH)], json.dumps(events).encode(), (f"good-{n}",), len(events))


class Found(NamedTuple):
    """What a run found."""

    events: int
    good: int
    statuses: dict[int, int]
    wrong: list[str]
    seconds: float


async def run(door: Opened, events: int, seed: int) -> Found:
    """Sends so many and looks at every answer."""
    dice, statuses, wrong = random.Random(seed), Counter[int](), list[str]()
    sent = number = 0
    expected: set[str] = set()
    bearer: Raw = []
    began_s = time.monotonic()
    while sent < events:
        if number % TOKEN_EVERY == 0:
            bearer = [(b"authorization", door.bearer()["Authorization"].encode())]
        number += 1
        if number % GOOD_EVERY:
            request = bad_words(dice) if dice.random() < 0.1 else bad(dice)
        elif dice.random() < 0.5:
            request = bad_batch(dice, number)
        else:
            request = Sent(
                [(b"content-type", STRUCTURED)], json.dumps(good(number)).encode(), (f"good-{number}",)
            )
        sent += request.events
        expected.update(request.good)
        answer = await door.client.post(
            request.path, content=request.body, headers=[*bearer, *request.headers]
        )
        statuses[answer.status_code] += 1
        if fault := fault_of(answer, request):
            wrong.append(f"request {number}: {fault}")
    reached = {one.event_id for one in door.intake.asked}
    wrong += [f"{lost} was lost" for lost in sorted(expected - reached)]
    wrong += [
        f"{passed} passed" for passed in sorted(one for one in reached - expected if one.startswith("good-"))
    ]
    return Found(sent, len(expected), dict(statuses), wrong, time.monotonic() - began_s)


def fault_of(answer: Any, request: Sent) -> str | None:
    """What is wrong with an answer; nothing, when it is clean."""
    status = answer.status_code
    if status >= 500:
        return f"{status} {answer.text[:200]}"
    told = answer.json()
    if request.good:
        results = told.get("results", [told])
        taken = {one["id"] for one in results if one.get("status") == "taken"}
        return None if set(request.good) <= taken else f"a good event got {status} {answer.text[:200]}"
    if status in (200, 202):
        # A change may leave an event right; then it has to have been taken in order.
        return None if told.get("status") == "taken" or "results" in told else "202 without a position"
    if status == 201:
        return None if "content_ref" in told else "201 without a reference"
    results = told.get("results", [{"problem": told}])
    codes = {one["problem"]["code"] for one in results if "problem" in one}
    return None if 400 <= status < 500 and codes <= CODES else f"{status} {answer.text[:200]}"


def settings() -> dict[str, int]:
    """No limit of a party stands in the way of its own mistakes."""
    return {"requests_per_minute": 10_000_000, "events_per_minute": 10_000_000, "refusals_told_per_minute": 0}


async def _main(events: int, seed: int) -> Found:
    with tempfile.TemporaryDirectory() as place:
        async with opened(Path(place), settings=settings()) as door:
            return await run(door, events, seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    found = asyncio.run(_main(given.events, given.seed))
    print(f"{found.events} events in {found.seconds:.0f} s, {found.good} of them good")
    for status, number in sorted(found.statuses.items()):
        print(f"  {status}  {number:>6} answers")
    print("\n".join(found.wrong) or "every answer is clean, and no good one was lost")
    raise SystemExit(1 if found.wrong else 0)


if __name__ == "__main__":
    main()
