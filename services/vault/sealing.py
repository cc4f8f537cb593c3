"""Seals and opens bytes: AES-256-GCM, a nonce of chance before each, bound to what it belongs to."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.vault.ring import KEY_BYTES, Ring

_NONCE_BYTES = 12


class Unopened(Exception):
    """It was not sealed by this key for this place, or somebody changed it."""


def seal(key: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    """Nonce and sealed bytes, to be opened with the same key for the same place only."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + key.encrypt(nonce, plain, bound_to)


def open_sealed(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    """What was sealed; raises `Unopened`."""
    try:
        return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise Unopened from None


class Masters:
    """The master keys: they wrap the key of each case, and seal what belongs to no case (a webhook's secret)."""

    def __init__(self, ring: Ring) -> None:
        self.first_id = ring.first.id
        self._keys = {key.id: AESGCM(key.secret) for key in ring.keys}

    def new_case_key(self, caseid: str) -> tuple[bytes, bytes]:
        """A key of chance for a case, and the same key wrapped."""
        plain = secrets.token_bytes(KEY_BYTES)
        return plain, self.wrap(caseid, plain)

    def wrap(self, caseid: str, plain: bytes) -> bytes:
        """A case's key under the first master key."""
        return seal(self._keys[self.first_id], plain, _case(caseid))

    def unwrap(self, caseid: str, key_id: str, wrapped: bytes) -> bytes:
        """A case's key; raises `Unopened` when the master key is not on the ring."""
        return open_sealed(self._key(key_id), wrapped, _case(caseid))

    def seal_secret(self, secret: bytes, place: str) -> bytes:
        """A secret of a place (`party/contact/channel`), with the name of the key before it."""
        sealed = seal(self._keys[self.first_id], secret, b"secret|" + place.encode())
        return self.first_id.encode() + b":" + sealed

    def open_secret(self, sealed: bytes, place: str) -> bytes:
        """A secret of a place again; raises `Unopened`."""
        key_id, _, rest = sealed.partition(b":")
        return open_sealed(self._key(key_id.decode(errors="replace")), rest, b"secret|" + place.encode())

    def _key(self, key_id: str) -> AESGCM:
        key = self._keys.get(key_id)
        if key is None:
            raise Unopened
        return key


def _case(caseid: str) -> bytes:
    return b"case-key|" + caseid.encode()
