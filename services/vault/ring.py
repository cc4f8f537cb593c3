"""A ring of keys: the first one seals and hashes what is new, all of them know what is old.

A ring is text: `<id>:<base64>[,<id>:<base64>]`. To change a key, put the new one at the end everywhere, then to the
front everywhere; drop the old one when nothing is sealed or hashed by it any more.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import NamedTuple

#: AES-256, and as long as a key of HMAC-SHA-256 needs to be.
KEY_BYTES = 32
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class RingTextError(ValueError):
    """A ring that cannot be used; the text tells no part of a key."""


class Key(NamedTuple):
    """One key and its name, which is no secret."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.id})"


class Ring(NamedTuple):
    """Keys in their order; there is at least one."""

    keys: tuple[Key, ...]

    @classmethod
    def from_text(cls, text: str, variable: str = "the ring") -> Ring:
        """Reads a ring; says what is wrong without telling what was read."""
        keys = tuple(_key(part.strip(), variable) for part in text.split(",") if part.strip())
        if not keys:
            raise RingTextError(f"{variable} holds no key; `seinhuis vault key` makes one")
        if len({key.id for key in keys}) != len(keys):
            raise RingTextError(f"{variable} names a key twice")
        return cls(keys)

    @property
    def first(self) -> Key:
        """What seals and hashes what is new."""
        return self.keys[0]

    def get(self, key_id: str) -> Key | None:
        """A key by its name."""
        return next((key for key in self.keys if key.id == key_id), None)


def _key(text: str, variable: str) -> Key:
    name, _, coded = text.partition(":")
    try:
        secret = base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not _ID.fullmatch(name) or len(secret) != KEY_BYTES:
        raise RingTextError(
            f"{variable} is <id>:<base64 of {KEY_BYTES} bytes>[,…]; `seinhuis vault key` makes one"
        )
    return Key(name, secret)


def new_key_text() -> str:
    """A key of chance with a name of chance, as it stands in a ring."""
    secret = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")
    return f"k{secrets.token_hex(3)}:{secret}"
