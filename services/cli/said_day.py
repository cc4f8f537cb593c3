"""A day as partners say it, at the door: each event by its own party's token, each at its time by the day's clock.

Whoever answers was told of the signal under a name of its own. The demo plays all parties, so it knows all their names:
it has the key they are made with.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import httpx2
import orjson

from schemas.signals import ReportSignal
from services.cli.errors import CliError, Unreachable
from services.deliveries.alias import signal_alias
from services.runtime.clock import Clock

WITHIN_S = 30.0
#: How long somebody who answers waits until the door knows that he was asked; then he answers all the same.
ASKED_WITHIN_S = 10.0
LOOK_EVERY_S = 0.02


class Said(NamedTuple):
    """One event of the day: who says it, when, and the event as the door is told it."""

    at_ms: int
    party: str
    event: Mapping[str, Any]

    @property
    def is_report(self) -> bool:
        return bool(self.event["type"] == ReportSignal.type_name())

    @property
    def word(self) -> str:
        """What its reporter calls the signal."""
        return str(self.event.get("subject", ""))


class Unsaid(ValueError):
    """A line that is no event of a day; the text says what to write."""


def read_day(lines: Iterable[bytes], desk: str) -> list[Said]:
    """The day of a file, in order of time. What nobody of the partners says comes in by the desk `desk`."""
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(_read(line, desk))
            except (ValueError, KeyError, TypeError, AttributeError) as fault:
                what = (
                    fault if isinstance(fault, Unsaid) else "write one event as an object a line, with `said`"
                )
                raise Unsaid(f"{number} cannot be said: {what}") from None
    return sorted(found, key=lambda one: one.at_ms)


def _read(line: bytes, desk: str) -> Said:
    event = dict(orjson.loads(line))
    at = datetime.fromisoformat(event.pop("said"))
    if at.tzinfo is None:
        raise Unsaid("`said` is a moment with its zone")
    data = event["data"]
    by = data.get("by", {}).get("contact", "")
    party = by.partition("/")[0] or data.get("reporter", {}).get("party") or desk
    if not isinstance(event["source"], str) or not isinstance(event["type"], str):
        raise Unsaid("source and type are texts")
    return Said(round(at.timestamp() * 1000), party, event)


def sources_of(day: Sequence[Said]) -> dict[str, list[str]]:
    """The programs of each party."""
    found: dict[str, dict[str, None]] = {}
    for one in day:
        found.setdefault(one.party, {})[str(one.event["source"])] = None
    return {party: list(sources) for party, sources in found.items()}


class Names:
    """What every party calls a signal, once its first fact was heard."""

    def __init__(self, alias_key: str, parties: Iterable[str]) -> None:
        self._key = alias_key.encode()
        self._parties = tuple(parties)
        self._entities: dict[str, str] = {}
        self._told: dict[str, str] = {}

    def hear(self, entity: str) -> None:
        """A signal is on the log."""
        for party in self._parties:
            self._entities[signal_alias(self._key, party, entity)] = entity

    def told(self, word: str, alias: str) -> None:
        """The reporter was told this name for what he calls by that word."""
        self._told[word] = alias

    def of(self, word: str, party: str) -> str | None:
        """What this party calls it; None as long as nothing was heard of it."""
        entity = self._entities.get(self._told.get(word, ""))
        return None if entity is None else signal_alias(self._key, party, entity)


async def say_day(
    door: str,
    day: Sequence[Said],
    token_of: Callable[[str], str],
    names: Names,
    clock: Clock,
) -> int:
    """Says everything at its time and returns how much was not taken; raises when the door does not answer."""
    refused = 0
    async with httpx2.AsyncClient(base_url=door, timeout=WITHIN_S) as client:
        # The first question of all pays for connections and keys; the day's first message should not.
        with suppress(httpx2.HTTPError):
            await client.get("/v1/signals/none", headers=_bearer(token_of(day[0].party)))
        for one in day:
            await asyncio.sleep(max(0.0, clock.to_wall_s(one.at_ms) - time.time()))
            refused += not await _say(client, one, token_of(one.party), names)
    return refused


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def _say(client: httpx2.AsyncClient, one: Said, token: str, names: Names) -> bool:
    headers = _bearer(token)
    event = dict(one.event)
    if not one.is_report:
        event["subject"] = await _name(client, one, headers, names)
    headers["Content-Type"] = "application/cloudevents+json"
    try:
        answer = await client.post("/v1/events", content=orjson.dumps(event), headers=headers)
    except httpx2.HTTPError as error:
        raise Unreachable(f"no gateway answered at {client.base_url} ({type(error).__name__})") from None
    if answer.status_code == 202:
        names.told(one.word, answer.json()["signal"])
        return True
    if answer.status_code == 422:
        return False  # what the door refuses is part of the day
    told = answer.json()
    raise CliError(f"the gateway says {answer.status_code}: {told.get('title')}; {told.get('what_to_do')}")


async def _name(client: httpx2.AsyncClient, one: Said, headers: Mapping[str, str], names: Names) -> str:
    """What the party calls the signal, once the door knows that it may."""
    until = time.monotonic() + ASKED_WITHIN_S
    found: str | None = None
    while time.monotonic() < until:
        found = names.of(one.word, one.party)
        if found is not None:
            answer = await client.get(f"/v1/signals/{found}", headers=headers)
            if answer.status_code == 200:
                break
        await asyncio.sleep(LOOK_EVERY_S)
    return found or one.word
