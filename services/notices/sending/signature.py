"""How a webhook is signed, so that its receiver knows who sent it, when, and that it is as it was sent.

HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`, as Standard Webhooks has it: what verifies those verifies
these. The id is the same at every attempt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_PREFIX = "whsec_"
#: A signature older than this, or from so far ahead, is not to be trusted by its receiver.
TOLERANCE_S = 300


def secret_bytes(text: str) -> bytes:
    """A secret as it is handed out: `whsec_` and base64; any other text is taken as it is."""
    if text.startswith(_PREFIX):
        try:
            return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            return text.encode()
    return text.encode()


def signed(secret: bytes, webhook_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    """The headers of one attempt."""
    return {
        ID: webhook_id,
        TIMESTAMP: str(timestamp_s),
        SIGNATURE: f"v1,{_mac(secret, webhook_id, str(timestamp_s), body)}",
    }


def verify(secret: bytes, headers: Mapping[str, str], body: bytes, now_s: float) -> bool:
    """What a receiver does: whether the body was sent by who has the secret, and lately. Of several signatures, as
    while a secret is changed, one is enough."""
    try:
        webhook_id, timestamp, given = headers[ID], headers[TIMESTAMP], headers[SIGNATURE]
        is_late = abs(now_s - int(timestamp)) > TOLERANCE_S
    except (KeyError, ValueError):
        return False
    expected = _mac(secret, webhook_id, timestamp, body)
    found = [one.removeprefix("v1,") for one in given.split(" ") if one.startswith("v1,")]
    return not is_late and any(hmac.compare_digest(one, expected) for one in found)


def _mac(secret: bytes, webhook_id: str, timestamp: str, body: bytes) -> str:
    made = hmac.new(secret, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return base64.b64encode(made).decode()
