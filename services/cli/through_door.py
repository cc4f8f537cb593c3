"""Sends a file's events through the door and not straight to the topics: in batches, each line with its own answer."""

from __future__ import annotations

import asyncio
import re
import time
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import httpx2
import orjson

from schemas.signals import ReportSignal
from services.cli.errors import CliError, Unreachable
from services.cli.events_file import Finding
from services.runtime.clock import Clock
from services.runtime.send import Span

BATCH_EVENTS = 500
BATCH_BYTES = 1_000_000
TRIES = 8
WITHIN_S = 60.0
#: What the door allots itself, whatever a file says.
_ALLOTTED = ("recordedtime", "correlationid", "causationid", "partitionkey", "urgency", "priority")
_CASE_ALIAS = re.compile(r"ac-[a-z2-7]{20}")


class Line(NamedTuple):
    """A line of the file as the door is told it; `recorded_ms` is for who sends at its own pace."""

    number: int
    source: str
    body: bytes
    recorded_ms: int


class Taken(NamedTuple):
    """A line that is on the log."""

    number: int
    topic: str
    partition: int
    offset: int
    is_repeat: bool


def lines_of(file: Iterable[bytes]) -> tuple[list[Line], list[Finding]]:
    """The lines that are JSON objects; the door judges what they say."""
    lines: list[Line] = []
    findings: list[Finding] = []
    for number, text in enumerate(file, start=1):
        if not text.strip():
            continue
        try:
            event = orjson.loads(text)
        except orjson.JSONDecodeError:
            event = None
        if isinstance(event, dict):
            lines.append(
                Line(number, str(event.get("source")), orjson.dumps(_for_the_door(event)), _ms(event))
            )
        else:
            findings.append(Finding(number, "-", "not_json", "write one JSON object a line, in UTF-8"))
    return lines, findings


def _for_the_door(event: dict[str, Any]) -> dict[str, Any]:
    """Without what the door allots itself. A case's true name becomes the word by which the door keeps it together."""
    found = {name: value for name, value in event.items() if name not in _ALLOTTED}
    caseid = found.get("caseid")
    if caseid is not None and not _CASE_ALIAS.fullmatch(str(caseid)):
        del found["caseid"]
        data = found.get("data")
        if found.get("type") == ReportSignal.type_name() and isinstance(data, dict):
            found["data"] = {"client": {"system": "file", "value": str(caseid)}, **data}
    return found


def _ms(event: Mapping[str, Any]) -> int:
    try:
        return round(datetime.fromisoformat(str(event.get("recordedtime"))).timestamp() * 1000)
    except ValueError:
        return 0


def sources_of(token: str) -> frozenset[str]:
    """The sources a token names, unchecked: which of several tokens a line goes with."""
    try:
        middle = token.split(".")[1]
        claims = orjson.loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return frozenset(claims["seinhuis"]["sources"])
    except (IndexError, ValueError, KeyError, TypeError):
        return frozenset()


def batches(
    lines: Sequence[Line], tokens: Sequence[str], most: int = BATCH_EVENTS
) -> Iterator[tuple[str, list[Line]]]:
    """Lines in their order, by token: as many as one batch may hold, and none beyond a change of token."""
    named = {token: sources_of(token) for token in tokens}
    batch: list[Line] = []
    size, of = 0, ""
    for line in lines:
        token = next((one for one, sources in named.items() if line.source in sources), tokens[0])
        if batch and (token != of or len(batch) == most or size + len(line.body) > BATCH_BYTES):
            yield of, batch
            batch, size = [], 0
        batch.append(line)
        size, of = size + len(line.body), token
    if batch:
        yield of, batch


async def send_lines(
    gateway: str,
    tokens: Sequence[str],
    lines: Sequence[Line],
    *,
    clock: Clock,
    is_paced: bool = False,
    on_sent: Callable[[int], None] = lambda _: None,
) -> tuple[list[Taken], list[Finding]]:
    """What became of each line. Raises `CliError` when the door does not answer, or takes nobody's word."""
    taken: list[Taken] = []
    findings: list[Finding] = []
    async with httpx2.AsyncClient(base_url=gateway, timeout=WITHIN_S) as client:
        async for token, batch in _at_their_time(lines, tokens, clock, is_paced):
            for line, result in zip(batch, await _send(client, token, batch), strict=True):
                if result["status"] == "taken":
                    taken.append(Taken(line.number, **result["position"], is_repeat=result["is_repeat"]))
                else:
                    problem = result["problem"]
                    findings.append(
                        Finding(
                            line.number, problem.get("field", "-"), problem["code"], problem["what_to_do"]
                        )
                    )
            on_sent(len(batch))
    return taken, findings


async def _at_their_time(
    lines: Sequence[Line], tokens: Sequence[str], clock: Clock, is_paced: bool
) -> AsyncIterator[tuple[str, list[Line]]]:
    for token, batch in batches(lines, tokens, 1 if is_paced else BATCH_EVENTS):
        if is_paced:
            await asyncio.sleep(max(0.0, clock.to_wall_s(batch[0].recorded_ms) - time.time()))
        yield token, batch


async def _send(client: httpx2.AsyncClient, token: str, batch: Sequence[Line]) -> list[dict[str, Any]]:
    body = b"[" + b",".join(line.body for line in batch) + b"]"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/cloudevents-batch+json"}
    wait_s = 0.5
    for tried in range(1, TRIES + 1):
        try:
            answer = await client.post("/v1/events", content=body, headers=headers)
        except httpx2.HTTPError as error:
            if tried == TRIES:
                raise Unreachable(
                    f"no gateway answered at {client.base_url} ({type(error).__name__})"
                ) from None
        else:
            if answer.status_code not in (429, 503):
                return _results(answer)
            wait_s = float(answer.headers.get("Retry-After", wait_s))
        if tried < TRIES:
            # Said again with the same ids: what was taken meanwhile is not taken twice.
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, 10.0)
    raise CliError("the gateway could not take it in; try again, nothing is taken twice")


def _results(answer: httpx2.Response) -> list[dict[str, Any]]:
    try:
        told = answer.json()
    except ValueError:
        told = {}
    if "results" in told:
        results: list[dict[str, Any]] = told["results"]
        return results
    says = " ".join(str(told[name]) for name in ("title", "detail", "what_to_do") if name in told)
    raise CliError(f"the gateway says {answer.status_code}: {says or 'nothing we understand'}")


def spans_of(taken: Iterable[Taken]) -> tuple[Span, ...]:
    """What lies where, as the Kafka mode tells it."""
    spans: dict[tuple[str, int], Span] = {}
    for one in taken:
        place = (one.topic, one.partition)
        known = spans.get(place, Span(*place, 0, one.offset, one.offset))
        spans[place] = Span(
            *place, known.records + 1, min(known.first, one.offset), max(known.last, one.offset)
        )
    return tuple(span for _, span in sorted(spans.items()))
