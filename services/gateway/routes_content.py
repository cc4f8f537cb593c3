"""`POST /v1/content`: words go into the vault before the event that refers to them, as who speaks Kafka needs it."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from schemas.gateway import DoorRefusal
from services.gateway import described
from services.gateway.answers import problem_of
from services.gateway.asked import Turned
from services.gateway.door import allowed, door_of
from services.gateway.judging import Refused, judge_words
from services.gateway.problems import Code, Problem
from services.gateway.routes_events import BINARY, content_type, parsed
from services.gateway.routes_signals import Key
from services.gateway.taking import at_the_intake
from services.gateway.tokens import Caller, Scope

router = APIRouter(tags=["content"])
Writer = Annotated[Caller, Depends(allowed(Scope.SIGNALS_REPORT, Scope.SIGNALS_ACT))]


class KeptAnswer(BaseModel):
    """The words are in the vault. Name the reference in an event of this case within a week, or they are deleted."""

    content_ref: str = Field(examples=["vault:3d1c0b7e2a9d4c835f1c0b7e2a9d4c83"])
    case: str = Field(
        description="Your name for the case: the event's `caseid`.", examples=["ac-abcdefghijklmnopqrst"]
    )


@router.post(
    "/v1/content",
    summary="Keep words for an event",
    status_code=201,
    response_model=KeptAnswer,
    responses={
        201: {"description": "They are in the vault"},
        **described.problems(400, 401, 403, 408, 413, 415, 422, 429, 500, 503),
    },
    openapi_extra=described.body_of_words(),
)
async def keep(request: Request, caller: Writer, key: Key = None) -> Response:
    """Words for an event that is said later, by Kafka or here: to say which case they belong to is to say it once.

    Who says its events here needs this only for words deep within one, such as those of the parts of an
    interpretation; all others may stand in the event itself.
    """
    door = door_of(request)
    if not key:
        raise Problem(Code.IDEMPOTENCY_KEY_MISSING, field="Idempotency-Key")
    content_type(request, (BINARY,))
    body = await request.body()
    if len(body) > door.settings.event_max_bytes:
        raise Problem(
            DoorRefusal.TOO_LARGE, what_to_do=f"at most {door.settings.event_max_bytes} bytes at once"
        )
    said = parsed(body)
    await door.limits.events(caller.party, 1)
    asked = judge_words(said, caller, key, door.agreed_now(caller.party))
    if isinstance(asked, Refused):
        raise problem_of(asked)
    async with at_the_intake(door):
        kept = await door.intake.keep(asked)
    if isinstance(kept, Turned):
        raise Problem(kept.reason, field=kept.field, what_to_do=kept.says)
    return Response(
        orjson.dumps({"content_ref": kept.ref, "case": kept.case}),
        status_code=201,
        media_type="application/json",
    )
