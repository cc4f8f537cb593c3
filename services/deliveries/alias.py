"""The names under which one party knows a signal and a case: its own, so that two can not join what they hear."""

from __future__ import annotations

import hashlib
import hmac

#: 20 letters of base32 are 100 bits: nobody meets another's by trying.
_LETTERS = 20
_READ_BYTES = 13
#: Base32 by pairs of letters, ten bits each: the door makes two names for every event.
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(one + other for one in _ALPHABET for other in _ALPHABET)
_SHIFTS = tuple(8 * _READ_BYTES - 10 * n for n in range(1, _LETTERS // 2 + 1))
#: Shorter keys can be tried through.
KEY_MIN_BYTES = 16

SIGNAL, CASE = "as", "ac"


def alias(key: bytes, party: str, what: str, prefix: str) -> str:
    """A name of `what` for this party alone; whoever has the key makes the same one, and nobody reads it back."""
    if len(key) < KEY_MIN_BYTES:
        raise ValueError(f"a key of aliases has {KEY_MIN_BYTES} bytes or more")
    made = hmac.digest(key, f"{party}|{what}".encode(), hashlib.sha256)
    bits = int.from_bytes(made[:_READ_BYTES], "big")
    return f"{prefix}-{''.join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])}"


def signal_alias(key: bytes, party: str, entity: str) -> str:
    """How the party knows this entity: `as-` and twenty letters."""
    return alias(key, party, entity, SIGNAL)


def case_alias(key: bytes, party: str, caseid: str) -> str:
    """How the party knows this case: `ac-` and twenty letters."""
    return alias(key, party, caseid, CASE)
