"""`POST /v1/events`: CloudEvents in binary, structured and batch mode, by the HTTP binding of CloudEvents 1.0."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import unquote

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.gateway import described
from services.gateway.answers import BatchAnswer, TakenAnswer, answer_batch, answer_one
from services.gateway.door import allowed, door_of
from services.gateway.problems import Code, Problem
from services.gateway.taking import take
from services.gateway.tokens import Caller, Scope

BATCH = "application/cloudevents-batch+json"
STRUCTURED = "application/cloudevents+json"
BINARY = "application/json"
_PREFIX = "ce-"

router = APIRouter(tags=["events"])
Sender = Annotated[
    Caller, Depends(allowed(Scope.SIGNALS_REPORT, Scope.SIGNALS_ACT, Scope.COLLABORATION_ANSWER))
]


@router.post(
    "/v1/events",
    summary="Send events",
    status_code=202,
    response_model=TakenAnswer | BatchAnswer,
    responses={
        200: {"model": BatchAnswer, "description": "Some events of the batch were taken"},
        202: {"description": "Taken: on the log, for good"},
        **described.problems(400, 401, 403, 408, 413, 415, 422, 429, 500, 503),
    },
    openapi_extra=described.body_of_events(),
)
async def publish(request: Request, caller: Sender) -> Response:
    """Takes one event (binary or structured mode) or a batch.

    202 means that the broker has confirmed every one of them. An event sent again under the same `source` and `id`
    gets its first answer again. In a batch each event stands for itself: 202 when all were taken, 200 when some were,
    422 when none was, and each result says what became of it.
    """
    door = door_of(request)
    kind = content_type(request, (BATCH, STRUCTURED, BINARY))
    body = await request.body()
    said = parsed(body)
    are_small = len(body) <= door.settings.event_max_bytes
    if kind != BATCH:
        await door.limits.events(caller.party, 1)
        event = said if kind == STRUCTURED else _binary(request.headers.raw, said)
        return answer_one((await take(door, caller, [event], are_small=are_small))[0])
    if not isinstance(said, list):
        raise Problem(Code.NOT_JSON, detail="a batch is a JSON array of events")
    if len(said) > door.settings.batch_max_events:
        raise Problem(
            Code.BATCH_TOO_LONG, detail=f"at most {door.settings.batch_max_events} events in a batch"
        )
    if said:
        await door.limits.events(caller.party, len(said))
    return answer_batch(await take(door, caller, said, are_small=are_small))


def content_type(request: Request, known: Iterable[str]) -> str:
    """The content type, when it is one of these, in UTF-8 and not compressed."""
    kind, *parameters = request.headers.get("content-type", "").lower().split(";")
    charsets = [one.partition("=")[2].strip(' "') for one in parameters if "charset" in one]
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    is_plain = encoding == "identity" and all(one in ("utf-8", "utf8") for one in charsets)
    if kind.strip() not in known or not is_plain:
        raise Problem(Code.MEDIA_TYPE_UNKNOWN)
    return kind.strip()


def parsed(body: bytes) -> Any:
    """What a body says."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem(Code.NOT_JSON) from None


def _binary(headers: Iterable[tuple[bytes, bytes]], data: object) -> object:
    """An event of binary mode: attributes in headers, percent-encoded where they are not plain text."""
    event: dict[str, object] = {"data": data}
    for raw, value in headers:
        name = raw.decode("latin-1").lower()
        if not name.startswith(_PREFIX):
            continue
        attribute = name.removeprefix(_PREFIX)
        if attribute in event:
            raise Problem(Code.PARAMETER_WRONG, field=name[:100], detail="the header stands there twice")
        try:
            event[attribute] = unquote(value.decode("ascii"), errors="strict")
        except UnicodeDecodeError:
            raise Problem(
                Code.PARAMETER_WRONG, field=name[:100], detail="write it percent-encoded UTF-8"
            ) from None
    return event
