"""How long the door waits for the head of a request: a connection that does not say what it wants is closed.

The server itself waits for ever for it; the body has its bound in the guard, an idle connection in `keep_alive_s`.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.gateway.guard import new_request_id
from services.gateway.problems import MEDIA_TYPE, Code, Problem


class PatientProtocol(H11Protocol):
    """HTTP/1.1 of uvicorn, with a bound on the wait for a head, and a problem for what is no HTTP."""

    head_within_s: ClassVar[float] = 10.0
    _head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._have_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._have_head()
        elif self._head_due is None and self.conn.trailing_data[0]:
            self._await_head()

    def send_400_response(self, msg: str) -> None:
        problem = Problem(Code.NOT_HTTP)
        request_id = new_request_id()
        body = bytes(problem.response(request_id).body)
        headers = [("Content-Type", MEDIA_TYPE), ("Connection", "close"), ("Content-Length", str(len(body)))]
        headers.append(("X-Request-Id", request_id))
        for event in (
            h11.Response(status_code=problem.status, headers=headers),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _await_head(self) -> None:
        self._head_due = self.loop.call_later(self.head_within_s, self._lose_patience)

    def _have_head(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _lose_patience(self) -> None:
        self._head_due = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()


def patient_for(head_within_s: float) -> type[Any]:
    """The protocol with this patience."""
    return type("PatientProtocol", (PatientProtocol,), {"head_within_s": head_within_s})
