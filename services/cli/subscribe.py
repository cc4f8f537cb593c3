"""`seinhuis subscribe`: follows a party's own stream at the door, comes back when it breaks, and misses nothing."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import httpx2
import orjson
import typer
from pydantic import ValidationError
from rich.console import Console

from schemas.base import read
from schemas.envelope import EnvelopeError
from schemas.notices import NoticeIssued
from schemas.structured import decode_structured
from services.cli.books import asked_zone
from services.cli.errors import CliError, Unreachable, UsedWrongly
from services.cli.lines import Line, line_of
from services.cli.sse import Message, Parser
from services.cli.watch import URGENT, coloured

#: Nothing is heard for so long only from a line that is dead: the door is heard of every quarter of a minute.
SILENT_MAX_S = 45.0
WAIT_MIN_S, WAIT_MAX_S = 0.5, 30.0
#: What ends a stream and is no fault: come back with the last id.
_COME_BACK = (429, 500, 502, 503, 504)


class Asked(NamedTuple):
    """Where a stream is, by whose token, and what of it is wanted."""

    gateway: str
    token: str
    query: dict[str, str]


async def messages(asked: Asked, last_id: str, *, tries: int | None = None) -> AsyncGenerator[Message]:
    """Events as they come, over as many connections as it takes; each carries the id to come back with.

    `tries`: how often in a row nobody may answer; None is for ever. Raises `CliError` when the door refuses.
    """
    parser, failed = Parser(last_id), 0
    timeout = httpx2.Timeout(10.0, read=SILENT_MAX_S)
    async with httpx2.AsyncClient(base_url=asked.gateway, timeout=timeout) as client:
        while True:
            wait_s = min(WAIT_MAX_S, WAIT_MIN_S * 2**failed)
            try:
                async with aclosing(_connection(client, asked, parser)) as connection:
                    async for message in connection:
                        failed = 0
                        yield message
                failed += 0 if parser.retry_ms is not None else 1
                wait_s = (parser.retry_ms or 1000 * wait_s) / 1000
            except httpx2.HTTPError as error:
                failed += 1
                if tries is not None and failed >= tries:
                    why = type(error).__name__
                    raise Unreachable(f"no gateway answered at {asked.gateway} ({why})") from None
            except _Later as later:
                failed += 1
                wait_s = later.wait_s or wait_s
            # What was cut off in the middle of an event did not move the place to come back to.
            parser = Parser(parser.last_id)
            await asyncio.sleep(wait_s)


class _Later(Exception):
    """The door asks to come back."""

    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self.wait_s = wait_s


async def _connection(client: httpx2.AsyncClient, asked: Asked, parser: Parser) -> AsyncGenerator[Message]:
    headers = {"Authorization": f"Bearer {asked.token}", "Accept": "text/event-stream"}
    if parser.last_id:
        headers["Last-Event-ID"] = parser.last_id
    async with client.stream("GET", "/v1/stream", params=asked.query, headers=headers) as answer:
        if answer.status_code in _COME_BACK:
            raise _Later(float(answer.headers.get("Retry-After", "0")))
        if answer.status_code != 200:
            raise CliError(_refusal(answer.status_code, await answer.aread()))
        async for line in answer.aiter_lines():
            message = parser.feed(line)
            if message is not None:
                yield message


def _refusal(status: int, body: bytes) -> str:
    try:
        told = orjson.loads(body)
        says = " ".join(str(told[name]) for name in ("title", "detail", "what_to_do") if name in told)
    except (ValueError, TypeError):
        says = "nothing we understand"
    return f"the gateway says {status}: {says}"


def told_of(message: Message, zone: ZoneInfo) -> Line | str | None:
    """What a person is told of a message: a notice as a line, a gap or an end as words."""
    if message.event == "gap":
        return "some of it is no longer kept: this goes on with the oldest that is"
    if message.event == "goodbye":
        return None  # it comes back by itself
    try:
        envelope, data = decode_structured(message.data.encode())
        return line_of(envelope, read(NoticeIssued, data), zone)
    except (EnvelopeError, ValidationError):
        return None


def subscribe(
    urgent: Annotated[
        bool, typer.Option("--urgent", help="Only FHIR priority urgent, asap and stat.")
    ] = False,
    priority: Annotated[
        str, typer.Option("--priority", help="Only these, by comma: stat, asap, urgent, routine.")
    ] = "",
    of_type: Annotated[
        str, typer.Option("--type", help="Only notices of these facts, by comma: SignalRouted, …")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One structured CloudEvent a line.")] = False,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin with the oldest that is kept, not with the next.")
    ] = False,
    state: Annotated[
        Path | None,
        typer.Option("--state", help="Keeps the place in this file: the next run goes on after it."),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=0, help="Stop after so many; 0 is never.")] = 0,
    zone: Annotated[
        str, typer.Option("--zone", help="The clock the times are shown by.")
    ] = "Europe/Amsterdam",
    gateway: Annotated[
        str, typer.Option(envvar="SEINHUIS_GATEWAY_URL", help="Where the door is.")
    ] = "http://127.0.0.1:8400",
    token: Annotated[str, typer.Option(envvar="SEINHUIS_TOKEN", help="An access token for the door.")] = "",
) -> None:
    """Follow what your organisation is told: who is asked, what is due, what was taken. One line a notice.

    When the line breaks or the gateway restarts it comes back by itself and goes on after the last notice. Ctrl-C
    ends it.

    Examples:

        seinhuis subscribe --urgent

        seinhuis subscribe --json --state last-id --type SignalRouted,ObligationEscalated
    """
    if not token:
        raise UsedWrongly("say by which token: --token, or SEINHUIS_TOKEN")
    if urgent and priority:
        raise UsedWrongly("say --urgent or --priority, not both")
    query = {
        "priority": ",".join(sorted(URGENT)) if urgent else priority,
        "type": of_type,
        "from": "start" if from_start else "",
    }
    asked = Asked(gateway, token, {name: value for name, value in query.items() if value})
    clock = asked_zone(zone)

    async def follow() -> None:
        last_id = state.read_text(encoding="ascii").strip() if state is not None and state.exists() else ""
        seen = 0
        async with aclosing(messages(asked, last_id)) as stream:
            async for message in stream:
                _show(message, clock, as_json=as_json)
                if state is not None:
                    _keep(state, message.last_id)
                seen += message.event not in {"gap", "goodbye"}
                if count and seen >= count:
                    return

    try:
        asyncio.run(follow())
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show(message: Message, clock: ZoneInfo, *, as_json: bool) -> None:
    told = told_of(message, clock)
    if isinstance(told, str):
        print(told, file=sys.stderr, flush=True)
    elif as_json and message.event not in {"gap", "goodbye"}:
        print(message.data, flush=True)
    elif told is not None and not as_json:
        console = Console(soft_wrap=True, highlight=False)
        if console.is_terminal:
            console.print(coloured(told))
        else:
            print(told, flush=True)


def _keep(state: Path, last_id: str) -> None:
    """The whole place or the one before it, whenever this ends."""
    part = state.with_name(state.name + ".part")
    part.write_text(last_id + "\n", encoding="ascii")
    part.replace(state)
