"""`/live`, `/ready` and `/metrics` of a process, from a thread of their own: they answer when the loop does not."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

#: Why not; empty = it is so.
Check = Callable[[], Sequence[str]]


def answer_of(why: Sequence[str], also: Mapping[str, object]) -> tuple[int, bytes]:
    """The status and the body of a check."""
    body = {"status": "fail" if why else "pass", "why": list(why), **also}
    return 503 if why else 200, json.dumps(body).encode()


def serve_health(
    host: str, port: int, not_live: Check, not_ready: Check, also: Callable[[], Mapping[str, object]]
) -> ThreadingHTTPServer:
    """Serves them until the process ends. `also`: what the answers say besides."""
    checks = {"/live": not_live, "/ready": not_ready}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
            elif check := checks.get(self.path):
                status, body = answer_of(check(), also())
                self._answer(status, "application/health+json", body)
            else:
                self._answer(404, "text/plain", b"try /live, /ready or /metrics\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            # Who asked may have hung up meanwhile; that is no news.
            with contextlib.suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
