"""Who may come in: tokens of an issuer we know, by keys that change, and API keys; everything else is a 401."""

from __future__ import annotations

import asyncio
import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from services.gateway import examples
from services.gateway.problems import Code, Problem
from services.gateway.settings import GatewaySettings
from services.gateway.tokens import Caller, Scope, Tokens, digest_of, require
from tests.gateway.minted import AUDIENCE, EVERYTHING, ISSUER, Key, a_key, a_key_set, a_token, claims, written

KEY = a_key()


class Steps:
    """A clock that goes when it is told."""

    at_s = 1000.0

    def __call__(self) -> float:
        return self.at_s


def a_gate(jwks: str, steps: Callable[[], float] = time.monotonic, **changed: Any) -> Tokens:
    settings = GatewaySettings(issuer=ISSUER, audience=AUDIENCE, jwks=jwks, **changed)
    return Tokens(settings, monotonic=steps)


@pytest.fixture
def gate(tmp_path: Path) -> Tokens:
    return a_gate(written(tmp_path / "keys.json", KEY))


async def refused(gate: Tokens, authorization: str | None, api_key: str | None = None) -> Problem:
    with pytest.raises(Problem) as caught:
        await gate.caller(authorization, api_key)
    assert caught.value.status == 401
    assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")
    return caught.value


async def unsaid(gate: Tokens, authorization: str) -> None:
    """Nobody can say whether it is good: come again."""
    with pytest.raises(Problem) as caught:
        await gate.caller(authorization)
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (503, "2")


@pytest.mark.parametrize("kind", ["EC", "RSA", "OKP"])
async def test_token_names_party_sources_partnerships_and_scopes(kind: str, tmp_path: Path) -> None:
    key = a_key("k", kind)
    found = await a_gate(written(tmp_path / "keys.json", key)).caller(f"Bearer {a_token(key)}")
    assert found == Caller(
        "linde",
        (examples.SOURCE,),
        frozenset(("de-vlier",)),
        frozenset(EVERYTHING.split()),
        "ecd-of-linde",
    )


NOW_S = int(time.time())
WRONG: list[tuple[str, dict[str, Any], Code]] = [
    ("another issuer", {"iss": "https://elsewhere.example"}, Code.TOKEN_INVALID),
    ("no issuer", {"iss": None}, Code.TOKEN_INVALID),
    ("for somebody else", {"aud": "another-service"}, Code.TOKEN_INVALID),
    ("for nobody", {"aud": None}, Code.TOKEN_INVALID),
    ("over", {"exp": NOW_S - 120}, Code.TOKEN_EXPIRED),
    ("without an end", {"exp": None}, Code.TOKEN_INVALID),
    ("an end that is a text", {"exp": "soon"}, Code.TOKEN_INVALID),
    ("made in the future", {"iat": NOW_S + 3600}, Code.TOKEN_INVALID),
    ("not yet", {"nbf": NOW_S + 3600}, Code.TOKEN_INVALID),
    ("no id", {"jti": None}, Code.TOKEN_INVALID),
    ("no subject", {"sub": None}, Code.TOKEN_INVALID),
    ("no client", {"client_id": None}, Code.TOKEN_INVALID),
    ("no party", {"seinhuis": None}, Code.TOKEN_INVALID),
    ("a party that is a text", {"seinhuis": "linde"}, Code.TOKEN_INVALID),
    ("no sources", {"seinhuis": {"party": "linde", "sources": []}}, Code.TOKEN_INVALID),
    (
        "our own source",
        {"seinhuis": {"party": "linde", "sources": ["urn:seinhuis:casework"]}},
        Code.TOKEN_INVALID,
    ),
    ("an id token", {"header": {"typ": "JWT"}}, Code.TOKEN_INVALID),
    ("no type", {"header": {"typ": ""}}, Code.TOKEN_INVALID),
    ("another key's name", {"header": {"kid": "two"}}, Code.TOKEN_INVALID),
]


@pytest.mark.parametrize(("changed", "code"), [line[1:] for line in WRONG], ids=[line[0] for line in WRONG])
async def test_token_that_does_not_hold_is_refused(gate: Tokens, changed: dict[str, Any], code: Code) -> None:
    assert (await refused(gate, f"Bearer {a_token(KEY, **changed)}")).code is code


def by_hand(header: dict[str, Any], secret: bytes | None) -> str:
    """A token no library would make."""
    parts = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims())]
    said = ".".join(parts)
    signature = b"" if secret is None else hmac.digest(secret, said.encode(), "sha256")
    return f"{said}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def unsigned() -> str:
    return by_hand({"alg": "none", "typ": "at+jwt", "kid": "one"}, None)


def signed_by_the_public_key() -> str:
    """The old trick: the public key, which everybody has, taken for the secret of an HMAC."""
    assert isinstance(KEY, ECKey)
    return by_hand({"alg": "HS256", "typ": "at+jwt", "kid": "one"}, KEY.as_pem(private=False))


def by_another_with_our_name() -> str:
    return a_token(a_key("one"))


def changed_afterwards() -> str:
    head, _, signature = a_token(KEY).split(".")
    body = urlsafe_b64encode(json.dumps(claims(sub="somebody-else")).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize(
    "make", [unsigned, signed_by_the_public_key, by_another_with_our_name, changed_afterwards]
)
async def test_token_that_is_forged_is_refused(gate: Tokens, make: Callable[[], str]) -> None:
    assert (await refused(gate, f"Bearer {make()}")).code is Code.TOKEN_INVALID


@pytest.mark.parametrize(
    "shown",
    [
        None, "", "Bearer", "Bearer ", "Basic bGluZGU6eA==", "Bearer x", "Bearer a.b.c", "Bearer ..",
        "Bearer é", "Bearer " + "x" * 9000, "Bearer " + "." * 7000, "Bearer bnVsbA.e30.e30", "Bearer W10.e30.e30",
    ],
)  # fmt: skip
async def test_token_that_is_none_is_refused(gate: Tokens, shown: str | None) -> None:
    await refused(gate, shown)


async def test_token_of_a_clock_that_differs_a_little_is_taken(gate: Tokens) -> None:
    now_s = int(time.time())
    assert await gate.caller(f"Bearer {a_token(KEY, iat=now_s + 30, exp=now_s + 300)}")
    assert await gate.caller(f"Bearer {a_token(KEY, exp=now_s - 30)}")


async def test_token_is_not_taken_without_an_issuer_told(tmp_path: Path) -> None:
    gate = Tokens(GatewaySettings(jwks=written(tmp_path / "keys.json", KEY)))
    assert (await refused(gate, f"Bearer {a_token(KEY)}")).code is Code.TOKEN_INVALID
    assert (await refused(gate, f"Bearer {a_token(KEY, iss='')}")).code is Code.TOKEN_INVALID
    assert (await refused(Tokens(GatewaySettings()), f"Bearer {a_token(KEY)}")).code is Code.TOKEN_INVALID


async def test_key_set_is_read_again_for_a_key_it_lacks_but_not_at_every_try(tmp_path: Path) -> None:
    steps = Steps()
    new = a_key("two")
    place = written(tmp_path / "keys.json", KEY)
    gate = a_gate(place, steps, jwks_refresh_s=60)
    await gate.caller(f"Bearer {a_token(KEY)}")
    written(tmp_path / "keys.json", KEY, new)
    steps.at_s += 30
    await refused(gate, f"Bearer {a_token(new)}")
    steps.at_s += 31
    assert await gate.caller(f"Bearer {a_token(new)}")


async def test_key_that_was_taken_away_counts_no_longer_than_ten_minutes(tmp_path: Path) -> None:
    steps = Steps()
    gate = a_gate(written(tmp_path / "keys.json", KEY), steps)
    token = f"Bearer {a_token(KEY)}"
    assert await gate.caller(token)
    written(tmp_path / "keys.json", a_key("two"))
    steps.at_s += 599
    assert await gate.caller(token)
    steps.at_s += 2
    await refused(gate, token)


async def test_key_set_that_cannot_be_read_leaves_the_one_before(tmp_path: Path) -> None:
    steps = Steps()
    gate = a_gate(written(tmp_path / "keys.json", KEY), steps)
    token = f"Bearer {a_token(KEY)}"
    assert await gate.caller(token)
    for text in (b"", b"{}", b"[]", b'{"keys": 7}', b"\xff"):
        (tmp_path / "keys.json").write_bytes(text)
        steps.at_s += 700
        assert await gate.caller(token)


async def test_key_set_with_a_secret_in_it_is_not_used(tmp_path: Path) -> None:
    found = json.loads(a_key_set(KEY))
    found["keys"].append(KEY.as_dict(private=True))
    place = tmp_path / "keys.json"
    place.write_text(json.dumps(found), encoding="utf-8")
    await unsaid(a_gate(str(place)), f"Bearer {a_token(KEY)}")


async def test_everybody_who_comes_while_the_first_set_or_a_new_key_is_read_is_let_in(tmp_path: Path) -> None:
    new, steps, asked = a_key("two"), Steps(), 0

    async def fetch(place: str) -> bytes:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.02)
        return Path(place).read_bytes()

    place = written(tmp_path / "keys.json", KEY)
    settings = GatewaySettings(issuer=ISSUER, audience=AUDIENCE, jwks=place)
    gate = Tokens(settings, fetch=fetch, monotonic=steps)
    await asyncio.gather(*(gate.caller(f"Bearer {a_token(KEY)}") for _ in range(5)))
    written(tmp_path / "keys.json", KEY, new)
    steps.at_s += 100
    await asyncio.gather(*(gate.caller(f"Bearer {a_token(new)}") for _ in range(5)))
    assert asked == 2


async def test_a_first_set_that_cannot_be_read_is_tried_again_soon(tmp_path: Path) -> None:
    steps, place = Steps(), tmp_path / "keys.json"
    gate = a_gate(str(place), steps)
    await unsaid(gate, f"Bearer {a_token(KEY)}")
    written(place, KEY)
    await unsaid(gate, f"Bearer {a_token(KEY)}")
    steps.at_s += 1
    assert await gate.caller(f"Bearer {a_token(KEY)}")


async def test_symmetric_key_in_a_key_set_is_passed_over(tmp_path: Path) -> None:
    secret = OctKey.generate_key(256, {"kid": "shared"})
    found = json.loads(a_key_set(KEY))
    found["keys"].append(secret.as_dict())
    place = tmp_path / "keys.json"
    place.write_text(json.dumps(found), encoding="utf-8")
    gate = a_gate(str(place))
    assert await gate.caller(f"Bearer {a_token(KEY)}")
    head = {"alg": "HS256", "typ": "at+jwt", "kid": "shared"}
    await refused(gate, f"Bearer {jwt.encode(head, claims(), secret, algorithms=['HS256'])}")


@pytest.fixture
def issuer() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A real web server that gives a key set, and can be told to send somebody elsewhere."""
    pages: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/keys")
                self.end_headers()
                return
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        def log_message(self, format: str, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", pages
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_key_set_is_fetched_and_nobody_follows_where_it_is_sent(
    issuer: tuple[str, dict[str, bytes]],
) -> None:
    address, pages = issuer
    pages["/keys"] = a_key_set(KEY)
    token = f"Bearer {a_token(KEY)}"
    assert await a_gate(f"{address}/keys").caller(token)
    await unsaid(a_gate(f"{address}/moved"), token)
    await unsaid(a_gate(f"{address}/none"), token)


async def test_key_set_is_not_fetched_in_the_clear_from_elsewhere() -> None:
    await unsaid(a_gate("http://issuer.example/keys"), f"Bearer {a_token(KEY)}")


async def test_api_key_is_known_by_its_digest_alone() -> None:
    linde = Caller("linde", (examples.SOURCE,), frozenset(("de-vlier",)), frozenset((Scope.SIGNALS_REPORT,)))

    class Kept:
        async def find(self, digest: bytes, /) -> Caller | None:
            return linde if digest == digest_of("the-key", "pepper") else None

    gate = Tokens(GatewaySettings(key_pepper="pepper"), Kept())
    assert await gate.caller(None, "the-key") == linde
    assert (await refused(gate, None, "another")).code is Code.TOKEN_INVALID
    assert (await refused(Tokens(GatewaySettings()), None, "the-key")).code is Code.TOKEN_INVALID
    assert digest_of("the-key", "pepper") != digest_of("the-key", "salt")


def test_scope_that_is_missing_is_named() -> None:
    linde = Caller("linde", (), frozenset(), frozenset(("signals:report",)))
    require(linde, [Scope.SIGNALS_ACT, Scope.SIGNALS_REPORT])
    with pytest.raises(Problem) as caught:
        require(linde, [Scope.STREAM_READ])
    assert caught.value.status == 403
    assert 'scope="stream:read"' in caught.value.headers["WWW-Authenticate"]


def test_keys_of_tests_are_of_every_kind() -> None:
    kinds: list[Key] = [a_key("k", kind) for kind in ("EC", "RSA", "OKP")]
    assert [key.key_type for key in kinds] == ["EC", "RSA", "OKP"]
