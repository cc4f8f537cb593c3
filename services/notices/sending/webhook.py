"""A notice to a party's own system: a CloudEvent in structured mode, signed; what its answer comes to."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx2

from schemas.notices import FailReason
from schemas.structured import CONTENT_TYPE
from services.notices.outcome import ACCEPTED, DELIVERED, Outcome, failed
from services.notices.sending.places import PlaceRefused, PlaceUnknown, place_of
from services.notices.sending.signature import secret_bytes, signed

#: Of an answer, no more is read than this: what it says is of no use to us.
ANSWER_MAX_BYTES = 16 * 1024


class Webhooks:
    """Sends to addresses that are public, unless told otherwise; follows nobody to another one."""

    def __init__(
        self,
        *,
        within_s: float,
        ca: str = "",
        is_private_allowed: bool = False,
        is_plain_allowed: bool = False,
    ) -> None:
        self._within_s = within_s
        self._is_private_allowed = is_private_allowed
        self._is_plain_allowed = is_plain_allowed
        self._client = httpx2.AsyncClient(
            verify=ssl.create_default_context(cafile=ca or None),
            follow_redirects=False,
            trust_env=False,
            timeout=within_s,
            # No connection is used twice: it would be known by its number, and two names may share one.
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def send(self, address: str, secret: str | None, delivery_id: str, body: bytes) -> Outcome:
        """One attempt, bounded as a whole. Without a secret nothing is sent: nobody could know it is ours."""
        if secret is None:
            return failed(FailReason.ADDRESS_NOT_ALLOWED)
        try:
            async with asyncio.timeout(self._within_s):
                return await self._sent(address, secret, delivery_id, body)
        except (PlaceRefused, PlaceUnknown, httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            return failed(reason_of(error))

    async def _sent(self, address: str, secret: str, delivery_id: str, body: bytes) -> Outcome:
        place = await place_of(
            address, is_private_allowed=self._is_private_allowed, is_plain_allowed=self._is_plain_allowed
        )
        headers = {
            "host": place.authority,
            "content-type": CONTENT_TYPE,
            "user-agent": "seinhuis",
            **signed(secret_bytes(secret), delivery_id, int(time.time()), body),
        }
        return await self._post(place.url, place.host, headers, body)

    async def close(self) -> None:
        """Ends its connections."""
        await self._client.aclose()

    async def _post(self, url: str, host: str, headers: dict[str, str], body: bytes) -> Outcome:
        request = self._client.build_request(
            "POST", url, headers=headers, content=body, extensions={"sni_hostname": host}
        )
        answer = await self._client.send(request, stream=True)
        try:
            read = 0
            async for part in answer.aiter_raw():
                read += len(part)
                if read > ANSWER_MAX_BYTES:
                    break
        finally:
            await answer.aclose()
        return outcome_of(answer.status_code, answer.headers.get("retry-after"), time.time())


#: Answers that mean something of their own.
_MEANT: Mapping[int, Outcome] = {
    202: ACCEPTED,
    404: failed(FailReason.ADDRESS_REFUSED),
    408: failed(FailReason.TIMED_OUT),
    410: failed(FailReason.ADDRESS_REFUSED),
}


def outcome_of(status: int, retry_after: str | None, now_s: float) -> Outcome:
    """What an answer means: 202 is passed on, any other 2xx has arrived; a redirect is nobody's address."""
    if status in _MEANT:
        return _MEANT[status]
    if 200 <= status < 300:
        return DELIVERED
    if status == 429 or status >= 500:
        reason = FailReason.OVERLOADED if status in {429, 503} else FailReason.SERVER_FAILED
        return failed(reason, retry_after_s(retry_after, now_s))
    return failed(FailReason.REJECTED)


def retry_after_s(text: str | None, now_s: float) -> float:
    """`Retry-After` in seconds, given as such or as a moment; 0 when it is neither."""
    if not text:
        return 0.0
    if text.strip().isdecimal():
        return float(text.strip()[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now_s)


def reason_of(error: BaseException) -> FailReason:
    """Why a webhook could not be sent."""
    if isinstance(error, PlaceRefused | httpx2.InvalidURL):
        return FailReason.ADDRESS_NOT_ALLOWED
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        return FailReason.TIMED_OUT
    return FailReason.TLS_FAILED if _is_tls(error) else FailReason.UNREACHABLE


def _is_tls(error: BaseException) -> bool:
    """Whether the connection failed at its certificate or handshake; the library tells it as a failure to connect."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLError):
            return True
        found = found.__cause__ or found.__context__
    return False
