"""A route of its own for every command: the same event, the same road in, for who would rather post a form of fields.

Nothing is said twice: the routes are made of the list of commands, and each builds the event that `/v1/events` takes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Request
from starlette.responses import Response

from schemas.gateway import DoorRefusal
from services.gateway import described
from services.gateway.answers import TakenAnswer, answer_one
from services.gateway.door import allowed, door_of
from services.gateway.judging import WORD_MAX_CHARS
from services.gateway.problems import Code, Problem
from services.gateway.routes_events import BINARY, content_type, parsed
from services.gateway.sayable import COMMANDS, Sayable
from services.gateway.taking import take
from services.gateway.tokens import Caller

router = APIRouter(tags=["signals"])
#: What stands beside the fields of a command, and belongs to the event around them.
_OF_THE_EVENT = ("partnership", "source", "time", "subject")
_RESPONSES = {
    202: {"description": "Taken: on the log, for good"},
    **described.problems(400, 401, 403, 408, 413, 415, 422, 429, 500, 503),
}

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Your own id of this request: sent again with the same one, it gets the first answer again.",
        max_length=WORD_MAX_CHARS,
        examples=["9f2c7a1e-report"],
    ),
]
Signal = Annotated[
    str,
    Path(
        description="What it is about, a signal mostly, by the name you were given or told.", max_length=256
    ),
]


def event_of(said: Sayable, caller: Caller, key: str, body: object, signal: str | None) -> dict[str, Any]:
    """The event that a request to a command's own route says."""
    if not isinstance(body, dict):
        raise Problem(DoorRefusal.DATA_INVALID, what_to_do="send one JSON object")
    beside = {name: body[name] for name in _OF_THE_EVENT if name in body}
    if signal is not None:
        beside["subject"] = signal
    return {
        "specversion": "1.0",
        "id": key,
        "source": caller.sources[0],
        "type": said.model.type_name(),
        **beside,
        "data": {name: value for name, value in body.items() if name not in _OF_THE_EVENT},
    }


async def say(
    said: Sayable, request: Request, caller: Caller, key: str | None, signal: str | None
) -> Response:
    """Takes one command by its own route."""
    door = door_of(request)
    if not key:
        raise Problem(Code.IDEMPOTENCY_KEY_MISSING, field="Idempotency-Key")
    content_type(request, (BINARY,))
    body = await request.body()
    event = event_of(said, caller, key, parsed(body), signal)
    await door.limits.events(caller.party, 1)
    are_small = len(body) <= door.settings.event_max_bytes
    (outcome,) = await take(door, caller, [event], are_small=are_small)
    return answer_one(outcome)


def _route(said: Sayable) -> Callable[..., Awaitable[Response]]:
    who = Depends(allowed(said.scope))

    async def begin(request: Request, caller: Caller = who, key: Key = None) -> Response:
        return await say(said, request, caller, key, None)

    async def go_on(request: Request, signal: Signal, caller: Caller = who, key: Key = None) -> Response:
        return await say(said, request, caller, key, signal)

    return begin if said.begins else go_on


for _said in COMMANDS:
    router.add_api_route(
        _said.route,
        _route(_said),
        methods=["POST"],
        status_code=202,
        response_model=TakenAnswer,
        responses=_RESPONSES,
        summary=_said.model.__name__,
        description=_said.model.__doc__,
        operation_id=_said.model.__name__,
        openapi_extra=described.body_of(_said),
    )
