"""Who is at the door: an access token of an issuer we know (RFC 9068), or an API key; and what it may.

A key set is read from a file or an https address, kept, and read again when a token names a key that is not in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import httpx2
import orjson
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet
from pydantic import Field, StringConstraints, ValidationError

from schemas.base import Code as Word
from schemas.base import Part
from services.gateway.problems import Code, Problem
from services.gateway.settings import GatewaySettings
from services.runtime.logs import log

ALGORITHMS = ("ES256", "RS256", "Ed25519")
_TYPES = frozenset({"at+jwt", "application/at+jwt"})
TOKEN_MAX_CHARS = 8_000
KEY_SET_MAX_BYTES = 256 * 1024
FETCH_WITHIN_S = 5.0
#: A key the issuer took away counts no longer than this; while no set can be read, the last one counts.
KEY_SET_MAX_AGE_S = 600.0
#: As long as no set was read at all, it is tried so soon again.
FIRST_AGAIN_S = 1.0


class Scope(StrEnum):
    """What a token may be for."""

    SIGNALS_REPORT = "signals:report"
    SIGNALS_ACT = "signals:act"
    COLLABORATION_ANSWER = "collaboration:answer"
    CONTENT_READ = "content:read"
    STREAM_READ = "stream:read"
    DIRECTORY_WRITE = "directory:write"


class Caller(NamedTuple):
    """Who asks: a system of a party, with what its token or key allows."""

    party: str
    sources: tuple[str, ...]
    partnerships: frozenset[str]
    scopes: frozenset[str]
    client_id: str = ""


class Shown(NamedTuple):
    """Who asks, and how long that holds: a token until a moment (seconds since 1970), a key until it is ended."""

    caller: Caller
    until_s: float | None = None
    digest: bytes | None = None


class Claim(Part):
    """The claim `seinhuis` of a token: the party, its systems, and where it takes part."""

    party: Word
    sources: Annotated[
        tuple[
            Annotated[
                str, StringConstraints(pattern=r"^urn:nld:oin:[0-9]{20}:systeem:[a-z0-9][a-z0-9_.-]{0,63}$")
            ],
            ...,
        ],
        Field(min_length=1, max_length=100),
    ]
    partnerships: Annotated[tuple[Word, ...], Field(max_length=1000)] = ()


class KnowsKeys(Protocol):
    """Where API keys are kept, by their digest."""

    async def find(self, digest: bytes, /) -> Caller | None: ...


class NoKeys:
    """A door that takes no API keys."""

    async def find(self, digest: bytes, /) -> Caller | None:
        return None


def digest_of(key: str, pepper: str) -> bytes:
    """What is kept of an API key. It is 256 random bits, so a slow hash would add nothing but time."""
    return hmac.digest(pepper.encode(), key.encode(), hashlib.sha256)


class Tokens:
    """Checks what a request shows."""

    def __init__(
        self,
        settings: GatewaySettings,
        keys: KnowsKeys | None = None,
        *,
        fetch: Callable[[str], Awaitable[bytes]] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._keys = keys or NoKeys()
        self._fetch = fetch or read_place
        self._monotonic = monotonic
        self._set: KeySet | None = None
        self._read_at_s = float("-inf")
        self._tried_at_s = float("-inf")
        self._reading = asyncio.Lock()

    async def caller(self, authorization: str | None, api_key: str | None = None) -> Caller:
        """Who shows this; raises a problem with 401."""
        return (await self.shown(authorization, api_key)).caller

    async def shown(self, authorization: str | None, api_key: str | None = None) -> Shown:
        """Who shows this, and how long it holds; raises a problem with 401."""
        if api_key:
            digest = digest_of(api_key[:TOKEN_MAX_CHARS], self._settings.key_pepper)
            found = await self._keys.find(digest)
            if found is None:
                raise refused(Code.TOKEN_INVALID, "the key is not known")
            return Shown(found, digest=digest)
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise refused(Code.TOKEN_MISSING)
        return await self._of_token(token.strip())

    async def _of_token(self, token: str) -> Shown:
        if len(token) > TOKEN_MAX_CHARS:
            raise refused(Code.TOKEN_INVALID, "it is too long")
        await self._refresh_for(_kid_of(token))
        if self._set is None and self._settings.jwks:
            # Whether the token is good nobody can say: its sender has to come again, and not to ask for another.
            raise Problem(
                Code.UNAVAILABLE, detail="the keys of the issuer cannot be read", headers={"Retry-After": "2"}
            )
        if self._set is None:
            raise refused(Code.TOKEN_INVALID, "no key of an issuer is known here")
        try:
            found = jwt.decode(token, self._set, algorithms=ALGORITHMS)
            if found.header.get("typ", "").lower() not in _TYPES:
                raise refused(Code.TOKEN_INVALID, "its typ must be at+jwt")
            self._registry().validate(found.claims)
            claim = Claim.model_validate_json(orjson.dumps(found.claims.get("seinhuis")))
        except ExpiredTokenError:
            raise refused(Code.TOKEN_EXPIRED) from None
        except ValidationError:
            raise refused(Code.TOKEN_INVALID, "its claim `seinhuis` names no party and sources") from None
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise refused(
                Code.TOKEN_INVALID, "its signature, issuer, audience or times do not hold"
            ) from None
        scope = found.claims.get("scope", "")
        caller = Caller(
            claim.party,
            claim.sources,
            frozenset(claim.partnerships),
            frozenset(scope.split()) if isinstance(scope, str) else frozenset(),
            str(found.claims["client_id"]),
        )
        return Shown(caller, until_s=float(found.claims["exp"]))

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=lambda: int(time.time()),
            leeway=int(self._settings.clock_skew_s),
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.audience},
            exp={"essential": True},
            iat={"essential": True},
            jti={"essential": True},
            sub={"essential": True},
            client_id={"essential": True},
        )

    async def _refresh_for(self, kid: str) -> None:
        """Reads the key set where it is not known yet, is old, or lacks this key; not more often than agreed."""
        if not self._settings.jwks or self._is_fresh(kid):
            return
        async with self._reading:
            # Whoever waited while another read has what it waited for.
            now_s = self._monotonic()
            again_s = FIRST_AGAIN_S if self._set is None else self._settings.jwks_refresh_s
            if self._is_fresh(kid) or now_s - self._tried_at_s < again_s:
                return
            self._tried_at_s = now_s
            try:
                self._set = key_set(await self._fetch(self._settings.jwks))
                self._read_at_s = now_s
                log.info("key_set_read", keys=len(self._set.keys))
            except (OSError, ValueError, TypeError, KeyError, JoseError, httpx2.HTTPError) as error:
                log.error("key_set_not_read", error=type(error).__name__)

    def _is_fresh(self, kid: str) -> bool:
        is_known = self._set is not None and any(key.kid == kid for key in self._set.keys)
        return is_known and self._monotonic() - self._read_at_s <= KEY_SET_MAX_AGE_S


def key_set(text: bytes) -> KeySet:
    """The public keys of a set that sign by one of our algorithms; a secret one has no business there."""
    found: dict[str, Any] = orjson.loads(text)
    keys = [key for key in found["keys"] if key.get("kty") in ("EC", "RSA", "OKP") and key.get("kid")]
    if any("d" in key for key in keys):
        raise ValueError("a private key stands in the key set")
    return KeySet.import_key_set({"keys": keys})


async def read_place(place: str) -> bytes:
    """The bytes of a key set: a file, or an address; plain http only of this machine."""
    split = urlsplit(place)
    if split.scheme not in ("http", "https"):
        return Path(place).read_bytes()
    if split.scheme == "http" and split.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("a key set is fetched by https")
    async with httpx2.AsyncClient(timeout=FETCH_WITHIN_S, follow_redirects=False) as client:
        answer = await client.get(place)
        answer.raise_for_status()
        if len(answer.content) > KEY_SET_MAX_BYTES:
            raise ValueError("the key set is too large")
        return answer.content


def require(caller: Caller, scopes: Sequence[str]) -> None:
    """Raises 403 unless the caller may do one of these."""
    if not caller.scopes.intersection(scopes):
        raise Problem(
            Code.SCOPE_MISSING,
            detail=f"scope {' or '.join(scopes)}",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{" ".join(scopes)}"'},
        )


def _kid_of(token: str) -> str:
    try:
        return str(_header_of(token)["kid"])
    except (ValueError, KeyError, TypeError):
        raise refused(Code.TOKEN_INVALID, "its header names no key") from None


def _header_of(token: str) -> dict[str, Any]:
    head = token.partition(".")[0]
    found: dict[str, Any] = orjson.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return found


def refused(code: Code, detail: str | None = None) -> Problem:
    """The 401 for a token or key, with what HTTP wants said beside it."""
    error = "" if code is Code.TOKEN_MISSING else ', error="invalid_token"'
    return Problem(code, detail=detail, headers={"WWW-Authenticate": f'Bearer realm="seinhuis"{error}'})
