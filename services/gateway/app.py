"""The application of the door: its rooms put together, and every no told as RFC 9457 asks."""

from __future__ import annotations

from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from services.database.engine import DatabaseUnreachable
from services.gateway import (
    described,
    reading_side,
    report_form,
    routes_content,
    routes_events,
    routes_signals,
)
from services.gateway.door import Door
from services.gateway.guard import Guard
from services.gateway.problems import Code, Problem, problem_of_status

#: Every room that has a door to the outside.
ROUTERS = (
    routes_events.router,
    routes_signals.router,
    routes_content.router,
    report_form.router,
    *reading_side.ROUTERS,
)


class _Application(FastAPI):
    def openapi(self) -> dict[str, Any]:
        return described.document(self)


def make_app(door: Door) -> ASGIApp:
    """The application, with the guard around it."""
    app = _Application(docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    app.state.door = door
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(RequestValidationError, _parameter)
    app.add_exception_handler(DatabaseUnreachable, _unavailable)
    app.add_exception_handler(Exception, _failed)
    return Guard(app, door.settings)


def _request_id(request: Request) -> str:
    return str(request.state.request_id)


def _problem(request: Request, error: Exception) -> Response:
    return cast(Problem, error).response(_request_id(request))


def _unavailable(request: Request, error: Exception) -> Response:
    return Problem(Code.UNAVAILABLE, headers={"Retry-After": "2"}).response(_request_id(request))


def _failed(request: Request, error: Exception) -> Response:
    """The framework raises it again once this is sent, and the guard tells the log where it came from."""
    return Problem(Code.FAILED).response(_request_id(request))


def _of_the_framework(request: Request, error: Exception) -> Response:
    found = cast(HTTPException, error)
    return problem_of_status(found.status_code, found.headers).response(_request_id(request))


def _parameter(request: Request, error: Exception) -> Response:
    first = cast(RequestValidationError, error).errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    return Problem(Code.PARAMETER_WRONG, field=field, detail=str(first["msg"])).response(_request_id(request))
