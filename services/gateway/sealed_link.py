"""A link in a notice: one contact, one purpose, one asking, until a moment; sealed, so that its address says nothing.

What it says stands encrypted in the address itself (JWE, `dir`, A256GCM): nothing has to be kept for a link to work,
and nobody reads or changes it on the way.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Annotated, Literal

import orjson
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import Field, ValidationError

from schemas.base import ContactRef, EventId, Id, Part

TOKEN_MAX_CHARS = 2_000
KEY_MIN_BYTES = 32
_HEADER = {"alg": "dir", "enc": "A256GCM"}

Action = Literal["acknowledge", "decline", "read"]


class Link(Part):
    """What a link is for. `version` is that of the asking: the number of its fact in the lane of the case.

    What is asked after a yes that was given away, or after a no, is another link: the one from before does nothing.
    """

    caseid: Id
    entity: Id
    contact: ContactRef
    action: Action
    obligation_id: EventId | None = None
    version: Annotated[int, Field(ge=0)]
    expires_ms: Annotated[int, Field(ge=0)]

    @property
    def party(self) -> str:
        """The party of its contact."""
        return self.contact.partition("/")[0]


class NoLink(ValueError):
    """It is none of ours, or somebody changed it."""


class Seals:
    """Seals links and opens them with one key, and names what is done by them."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < KEY_MIN_BYTES:
            raise ValueError(f"a key of links has {KEY_MIN_BYTES} bytes or more")
        self._secret = secret
        sealing = hmac.digest(secret, b"seal a link", hashlib.sha256)
        self._key = OctKey.import_key(sealing)

    def seal(self, link: Link) -> str:
        """The token of a link."""
        return jwe.encrypt_compact(_HEADER, orjson.dumps(link.model_dump()), self._key)

    def open(self, token: str) -> Link:
        """The link of a token; raises `NoLink`."""
        if len(token) > TOKEN_MAX_CHARS:
            raise NoLink
        try:
            found = jwe.decrypt_compact(token, self._key, algorithms=["dir", "A256GCM"])
            return Link.model_validate_json(found.plaintext or b"")
        except (JoseError, ValidationError, ValueError, TypeError, KeyError):
            raise NoLink from None

    def event_id(self, link: Link, what: str) -> str:
        """The id of what is said by a link: the same for every link of this asking, however often it is sent."""
        said = f"{link.entity}|{link.contact}|{link.obligation_id or ''}|{link.version}|{what}"
        made = hmac.digest(self._secret, said.encode(), hashlib.sha256)
        return f"link-{base64.b32encode(made).decode().lower()[:32]}"
