"""The outermost ring of the door: request ids, bounds on body and time, security headers, one log line a request.

Whatever fails inside is answered here with a request id and nothing else; no path, query or body is ever logged.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from base64 import b32encode
from collections.abc import Callable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway import metrics
from services.gateway.problems import Code, Problem
from services.gateway.settings import GatewaySettings
from services.runtime.logs import log

#: The form of a neighbour is no place for megabytes.
FORM_MAX_BYTES = 32 * 1024
FORM_PATHS = ("/melden/", "/l/")
_OURS = re.compile(r"req-[a-z2-7]{26}")
_SECURE = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def new_request_id() -> str:
    """What somebody names who asks us about a request: nothing is in it but chance."""
    return f"req-{b32encode(secrets.token_bytes(16)).decode().lower().rstrip('=')}"


class Guard:
    """Wraps the application."""

    def __init__(
        self, app: ASGIApp, settings: GatewaySettings, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._settings = settings
        self._monotonic = monotonic
        self._headers = dict(_SECURE)
        if settings.public_url.startswith("https://"):
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = self._monotonic()
        state: dict[str, Any] = scope.setdefault("state", {})
        asked_as = Headers(scope=scope).get("x-request-id", "")
        request_id = asked_as if _OURS.fullmatch(asked_as) else new_request_id()
        state["request_id"] = request_id
        status = 0
        is_stream = False

        async def answer(message: Message) -> None:
            nonlocal status, is_stream
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                is_stream = headers.get("content-type", "").startswith("text/event-stream")
                headers["X-Request-Id"] = request_id
                for name, value in {**self._headers, **state.get("answer_headers", {})}.items():
                    headers.setdefault(name, value)
            if is_stream:
                await send(message)  # a stream has a bound of its own on who does not read
                return
            # Who does not take its answer keeps it from nobody else, and not for ever.
            async with asyncio.timeout(self._settings.body_within_s):
                await send(message)

        metrics.REQUESTS_OPEN.inc()
        try:
            if head_bytes(scope) > self._settings.head_max_bytes:
                raise Problem(Code.HEAD_TOO_LARGE, headers={"Connection": "close"})
            await self._app(scope, self._bounded(scope, receive), answer)
        except Problem as problem:
            # Asked of the body outside a route: the same answer as inside.
            if not status:
                await problem.response(request_id)(scope, receive, answer)
        except Exception as error:
            log.error(
                "request_failed",
                request_id=request_id,
                error=type(error).__name__,
                route=route_of(scope),
                at=_place_of(error),
            )
            if not status:
                await Problem(Code.FAILED).response(request_id)(scope, receive, answer)
        finally:
            metrics.REQUESTS_OPEN.dec()
            self._told(scope, request_id, status, None if is_stream else self._monotonic() - began_s)

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """The body, as far as it is as small and as quick as agreed; a problem ends the reading of it."""
        is_form = scope["path"].startswith(FORM_PATHS)
        limit = FORM_MAX_BYTES if is_form else self._settings.body_max_bytes
        until_s = self._monotonic() + self._settings.body_within_s
        read = 0
        is_whole = False

        async def bounded() -> Message:
            nonlocal read, is_whole
            if is_whole:
                return await receive()  # nothing comes but the end of the connection: no haste
            try:
                async with asyncio.timeout(max(0.0, until_s - self._monotonic())):
                    message = await receive()
            except TimeoutError:
                raise Problem(Code.BODY_TOO_SLOW, headers={"Connection": "close"}) from None
            read += len(message.get("body", b""))
            if read > limit:
                raise Problem(
                    Code.BODY_TOO_LARGE,
                    detail=f"at most {limit} bytes",
                    headers={"Connection": "close"},
                )
            is_whole = not message.get("more_body", False)
            return message

        return bounded

    def _told(self, scope: Scope, request_id: str, status: int, took_s: float | None) -> None:
        route = route_of(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        metrics.REQUESTS.labels(route, method, str(status)).inc()
        if took_s is not None:
            metrics.REQUEST_SECONDS.labels(route).observe(took_s)
        log.info(
            "request_answered",
            request_id=request_id,
            method=method,
            route=route,
            status=status,
            took_ms=None if took_s is None else round(took_s * 1000),
        )


def head_bytes(scope: Scope) -> int:
    """How large the head was; the server itself bounds only one that comes in parts."""
    line = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    return line + sum(len(name) + len(value) for name, value in scope["headers"])


def route_of(scope: Scope) -> str:
    """The template of a path, `/v1/signals/{signal}/decline`; never the path itself."""
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _place_of(error: BaseException) -> str:
    """File and line where it failed: enough to find it, and no value of what was asked."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/services/')[2]}:{trace.tb_lineno}"
