"""How what became of an event is told to who sent it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.gateway.asked import Taken
from services.gateway.judging import Refused
from services.gateway.problems import Problem, ProblemDetails
from services.gateway.taking import Outcome


class Position(BaseModel):
    """Where an event lies."""

    topic: str
    partition: int
    offset: int


class TakenAnswer(BaseModel):
    """It is on the log, for good. `signal` and `case` are your names for them: nobody else has the same. An answer to
    being addressed about a party has no case, and `signal` is the name of what you were addressed by."""

    id: str = Field(description="Your own id of the event.")
    status: Literal["taken"] = "taken"
    signal: str = Field(examples=["as-abcdefghijklmnopqrst"])
    case: str | None = Field(None, examples=["ac-abcdefghijklmnopqrst"])
    position: Position
    is_repeat: bool = Field(description="Whether it had been taken before: this is the first answer again.")


class RefusedAnswer(BaseModel):
    """It was not taken; the others of the batch are not held up by it."""

    id: str
    status: Literal["refused"] = "refused"
    problem: ProblemDetails


class BatchAnswer(BaseModel):
    """What became of each event, in their order."""

    results: list[TakenAnswer | RefusedAnswer]


def problem_of(refused: Refused) -> Problem:
    """A refusal as a problem."""
    return Problem(refused.reason, field=refused.field, what_to_do=refused.says)


def told(outcome: Outcome) -> dict[str, Any]:
    """One result of a batch."""
    if isinstance(outcome, Taken):
        return {
            "id": outcome.event_id,
            "status": "taken",
            "signal": outcome.signal,
            "case": outcome.case or None,
            "position": {
                "topic": outcome.topic,
                "partition": outcome.partition,
                "offset": outcome.offset,
            },
            "is_repeat": outcome.is_repeat,
        }
    return {"id": outcome.event_id, "status": "refused", "problem": problem_of(outcome).members()}


def answer_one(outcome: Outcome) -> Response:
    """202 with the position, or the problem."""
    if not isinstance(outcome, Taken):
        raise problem_of(outcome)
    return _json(202, told(outcome))


def answer_batch(outcomes: Sequence[Outcome]) -> Response:
    """202 when all were taken, 422 when none was, 200 when some were; each result says its own."""
    taken = sum(isinstance(one, Taken) for one in outcomes)
    status = 202 if taken == len(outcomes) else 200 if taken else 422
    return _json(status, {"results": [told(one) for one in outcomes]})


def _json(status: int, body: object) -> Response:
    return Response(orjson.dumps(body), status_code=status, media_type="application/json")
