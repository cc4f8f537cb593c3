"""Why the door says no, as RFC 9457 tells it: a code from a closed list, the field, and what to do about it.

Never the value that was wrong: it may hold what must not be shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, Field
from starlette.responses import Response

from schemas.gateway import DoorRefusal

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:seinhuis:problem:"


class Code(StrEnum):
    """What a request can come to besides what was said in it; for that, `DoorRefusal` has the words."""

    NOT_HTTP = "not_http"
    NOT_JSON = "not_json"
    HEAD_TOO_LARGE = "head_too_large"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    BATCH_TOO_LONG = "batch_too_long"
    MEDIA_TYPE_UNKNOWN = "media_type_unknown"
    PARAMETER_WRONG = "parameter_wrong"
    IDEMPOTENCY_KEY_MISSING = "idempotency_key_missing"
    TOKEN_MISSING = "token_missing"
    TOKEN_INVALID = "token_invalid"
    TOKEN_EXPIRED = "token_expired"
    SCOPE_MISSING = "scope_missing"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    GONE = "gone"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TOO_MANY_REQUESTS = "too_many_requests"
    FORM_NOT_OURS = "form_not_ours"
    STOPPING = "stopping"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


class _Line(NamedTuple):
    status: int
    title: str
    what_to_do: str


#: Code → status, what it means, what to do about it. Every code has a line; a test holds that.
LINES: Mapping[Code | DoorRefusal, _Line] = {
    Code.NOT_HTTP: _Line(400, "This is no HTTP request.", "Speak HTTP/1.1, with a head of moderate size."),
    Code.NOT_JSON: _Line(400, "The body is not JSON.", "Send JSON in UTF-8, without a byte order mark."),
    Code.HEAD_TOO_LARGE: _Line(
        431, "The head of the request is too large.", "Send fewer or shorter headers."
    ),
    Code.BODY_TOO_LARGE: _Line(413, "The body is too large.", "Send fewer events in one batch."),
    Code.BODY_TOO_SLOW: _Line(408, "The body did not come in time.", "Send it again over a faster line."),
    Code.BATCH_TOO_LONG: _Line(413, "The batch has too many events.", "Send it in parts."),
    Code.MEDIA_TYPE_UNKNOWN: _Line(
        415,
        "The content type is none that is taken here.",
        "Use application/json with ce- headers, application/cloudevents+json or application/cloudevents-batch+json,"
        " in UTF-8 and not compressed.",
    ),
    Code.PARAMETER_WRONG: _Line(422, "A parameter is not as it must be.", "Correct the parameter named."),
    Code.IDEMPOTENCY_KEY_MISSING: _Line(
        400,
        "There is no Idempotency-Key.",
        "Send one of your own with each new request, and the same one when you try again.",
    ),
    Code.TOKEN_MISSING: _Line(
        401, "Nobody is named.", "Send an access token: Authorization: Bearer <token>."
    ),
    Code.TOKEN_INVALID: _Line(
        401, "The token or key is not one of ours.", "Fetch a new access token from your issuer."
    ),
    Code.TOKEN_EXPIRED: _Line(401, "The token is over.", "Fetch a new access token from your issuer."),
    Code.SCOPE_MISSING: _Line(403, "The token does not allow this.", "Ask your issuer for the scope named."),
    Code.NOT_ALLOWED: _Line(
        403, "This is not yours to do.", "Ask the coordination point of the partnership."
    ),
    Code.NOT_FOUND: _Line(404, "There is nothing here.", "Look at /openapi.json for what there is."),
    Code.GONE: _Line(410, "It is over.", "Ask for a new one."),
    Code.METHOD_NOT_ALLOWED: _Line(
        405, "Not with this method.", "Use one of the methods of the header Allow."
    ),
    Code.TOO_MANY_REQUESTS: _Line(
        429, "Too many requests.", "Wait as long as Retry-After says; send several events in a batch."
    ),
    Code.FORM_NOT_OURS: _Line(
        403, "The form was not sent from its own page.", "Open the page again, and send it from there."
    ),
    Code.STOPPING: _Line(503, "This process is being stopped.", "Try again; another one answers."),
    Code.UNAVAILABLE: _Line(
        503,
        "It cannot be taken in at this moment.",
        "Try again with the same ids: what was taken meanwhile is not taken twice.",
    ),
    Code.FAILED: _Line(
        500,
        "Something failed on our side.",
        "Try again with the same ids; if it stays, tell us the request id.",
    ),
    DoorRefusal.NOT_A_CLOUDEVENT: _Line(
        400, "It is no CloudEvent 1.0.", "Give specversion 1.0, id, source and type, each as text."
    ),
    DoorRefusal.TYPE_UNKNOWN: _Line(
        422, "Nothing of this type can be said here.", "Use a type of /openapi.json."
    ),
    DoorRefusal.TYPE_NOT_ALLOWED: _Line(
        403, "The token does not allow this type.", "Ask your issuer for the scope named in `detail`."
    ),
    DoorRefusal.SOURCE_NOT_OURS: _Line(
        403, "The source is not one of this token.", "Use a source that your token names."
    ),
    DoorRefusal.PARTNERSHIP_UNKNOWN: _Line(
        422,
        "There is no such partnership in force in which you take part.",
        "Use the partnership's name as in its agreement.",
    ),
    DoorRefusal.CONTACT_NOT_OURS: _Line(
        403, "A party speaks for its own functions only.", "Name a contact of your own party."
    ),
    DoorRefusal.SUBJECT_UNKNOWN: _Line(
        422,
        "There is no such signal, or you do not know of it.",
        "Use the name you got when it was reported or told to you, or your own name of it.",
    ),
    DoorRefusal.DATA_INVALID: _Line(422, "A field is not as it must be.", "Correct the field named."),
    DoorRefusal.IDENTIFIER_NOT_ALLOWED: _Line(
        422, "This identifier of a person may not be used here.", "Use an identifier of your own system."
    ),
    DoorRefusal.CONTENT_NOT_ALLOWED: _Line(
        422, "This has no place for words here.", "Leave it out, or put it under a name that is allowed."
    ),
    DoorRefusal.TOO_LARGE: _Line(413, "The event is too large.", "Shorten the text."),
    DoorRefusal.UNKNOWN: _Line(422, "It did not pass.", "Look at `detail`."),
}


class ProblemDetails(BaseModel):
    """An answer that is a no (RFC 9457)."""

    type: str = Field(
        description="Which kind of problem, as a name for programs.", examples=[f"{TYPE_PREFIX}data_invalid"]
    )
    title: str = Field(description="What it is, in a sentence.")
    status: int = Field(description="The HTTP status again.")
    code: str = Field(description="The kind of problem in a word.", examples=["data_invalid"])
    detail: str | None = Field(default=None, description="What it is this time.")
    field: str | None = Field(
        default=None,
        description="The part that is wrong, as a path; never its value.",
        examples=["data.urgency"],
    )
    what_to_do: str = Field(description="What to do about it.")
    request_id: str | None = Field(default=None, description="What to name when you ask us about it.")


class Problem(Exception):
    """Ends a request with a no."""

    def __init__(
        self,
        code: Code | DoorRefusal,
        *,
        field: str | None = None,
        detail: str | None = None,
        what_to_do: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code.value)
        self.code = code
        self.field = field
        self.detail = detail
        self.what_to_do = what_to_do
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        return LINES[self.code].status

    def members(self, request_id: str | None = None) -> dict[str, Any]:
        """The object of RFC 9457, without what there is nothing to say about."""
        line = LINES[self.code]
        found = {
            "type": f"{TYPE_PREFIX}{self.code.value}",
            "title": line.title,
            "status": line.status,
            "code": self.code.value,
            "detail": self.detail,
            "field": self.field,
            "what_to_do": self.what_to_do or line.what_to_do,
            "request_id": request_id,
        }
        return {name: value for name, value in found.items() if value is not None}

    def response(self, request_id: str | None = None) -> Response:
        """The problem as an answer."""
        return Response(
            orjson.dumps(self.members(request_id)),
            status_code=self.status,
            media_type=MEDIA_TYPE,
            headers=self.headers,
        )


#: What the framework itself refuses with, in words of ours.
_OF_STATUS = {
    HTTPStatus.BAD_REQUEST: Code.NOT_JSON,
    HTTPStatus.UNAUTHORIZED: Code.TOKEN_MISSING,
    HTTPStatus.FORBIDDEN: Code.NOT_ALLOWED,
    HTTPStatus.NOT_FOUND: Code.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: Code.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Code.BODY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Code.MEDIA_TYPE_UNKNOWN,
}


def problem_of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """A refusal of the framework, told as ours."""
    return Problem(_OF_STATUS.get(HTTPStatus(status), Code.FAILED), headers=headers)
