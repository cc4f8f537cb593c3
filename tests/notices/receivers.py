"""Real receivers that fail on command: an HTTP server, a mail server, a door that knows addresses; certificates."""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Certificate(NamedTuple):
    """A certificate that signs itself: of a server, and what its clients trust."""

    cert: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """What a server with it speaks."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


def a_certificate(folder: Path, name: str = "localhost") -> Certificate:
    """A certificate for this name and for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    found.cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return found


# -- HTTP --------------------------------------------------------------------------------------------


class Got(NamedTuple):
    """A request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        """Its JSON."""
        return json.loads(self.body)


class Reply(NamedTuple):
    """What a request is answered with. `after_s` is how long it takes; `is_reset` hangs up instead."""

    status: int = 204
    headers: Mapping[str, str] = {}
    body: bytes = b""
    after_s: float = 0.0
    is_reset: bool = False


class Server(ThreadingHTTPServer):
    """Keeps what it got, and answers as it is told."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, reply: Callable[[Got], Reply], tls: Certificate | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply = reply
        self.got: list[Got] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._scheme = "http" if tls is None else "https"
        self._tls = None if tls is None else tls.context()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{self._scheme}://127.0.0.1:{self.server_port}"

    def get_request(self) -> tuple[Any, Any]:
        """With TLS the handshake is the handler's: one that fails must not hold up the next."""
        connection, address = super().get_request()
        self.connections += 1
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def keep(self, got: Got) -> None:
        """Remembers a request."""
        with self._lock:
            self.got.append(got)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = cast(Server, self.server)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        got = Got(self.command, self.path, headers, body)
        server.keep(got)
        reply = server.reply(got)
        time.sleep(reply.after_s)
        if reply.is_reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def a_server(
    reply: Callable[[Got], Reply] = lambda _: Reply(), tls: Certificate | None = None
) -> Iterator[Server]:
    """A server on a free port of this machine."""
    server = Server(reply, tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Doors:
    """What the door would say: addresses by `party/contact/channel`, texts by reference, links by count."""

    def __init__(self) -> None:
        self.addresses: dict[str, dict[str, str]] = {}
        self.texts: dict[str, dict[str, str]] = {}
        self.links: list[Any] = []
        self.is_closed = False

    def __call__(self, got: Got) -> Reply:
        """The internal routes, as the door has them."""
        if self.is_closed:
            return Reply(503)
        if got.headers.get("authorization") != "Bearer service-token":
            return Reply(401)
        path = got.path.partition("?")[0].removeprefix("/internal/v1/")
        kind, _, rest = path.partition("/")
        found: Any = None
        if kind == "addresses":
            found = self.addresses.get(rest)
        elif kind == "content":
            found = self.texts.get(rest)
        elif kind == "links":
            self.links.append(got.said)
            found = {"url": f"https://seinhuis.example/l/{len(self.links)}"}
        if found is None:
            return Reply(404)
        return Reply(200, {"content-type": "application/json"}, json.dumps(found).encode())


# -- mail --------------------------------------------------------------------------------------------


class Mailbox:
    """Takes mail, or refuses it with the answer it is told to give."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.rcpt = "250 OK"
        self.data = "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whether the receiver is known."""
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Whether the mail is taken."""
        if self.data.startswith("250"):
            raw = envelope.content
            assert isinstance(raw, bytes)
            self.mails.append(message_from_bytes(raw, policy=policy.default))
        return self.data


@contextmanager
def a_mail_server(tls: Certificate | None, box: Mailbox | None = None) -> Iterator[tuple[Mailbox, int]]:
    """A mail server on a free port; with a certificate it takes no mail without STARTTLS."""
    box = box or Mailbox()
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        tls_context=None if tls is None else tls.context(),
        require_starttls=tls is not None,
    )
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()
