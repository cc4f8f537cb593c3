"""Carries out one attempt to tell somebody: fetches what a row may not hold, sends, and says what came of it.

It never raises: an attempt that could not be made has an outcome too, and what follows from it the lane decides.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import cast

import orjson

from schemas.notices import FailReason
from services.notices import metrics
from services.notices.outcome import Outcome, failed, write_outcome
from services.notices.outgoing import Outgoing
from services.notices.sending.door import Address, Door, DoorClosed
from services.notices.sending.mail import Mail
from services.notices.sending.webhook import Webhooks
from services.notices.sending.words import message
from services.notices.settings import NoticesSettings
from services.runtime.job import Effect
from services.runtime.logs import log

#: By which channel a function is called, to say its number.
PHONE = "phone"


class Sender:
    """The effector of the bell. How a channel is spoken, its address says: https is a webhook, a mailbox is mail."""

    def __init__(self, settings: NoticesSettings) -> None:
        self._settings = settings
        self._door: Door | None = None
        self._webhooks: Webhooks | None = None
        self._mail: Mail | None = None

    async def __call__(self, effect: Effect) -> bytes:
        """What became of it, as it enters the lane."""
        said = cast(Outgoing, orjson.loads(effect.payload))
        began_s = time.monotonic()
        way = "none"
        try:
            way, came = await self._attempt(said)
        except DoorClosed as closed:
            log.warning("door_did_not_answer", reason=str(closed))
            came = failed(FailReason.OWN_SIDE)
        except Exception as error:
            log.error(
                "sending_failed", error=type(error).__name__, exc_info=error if log.is_verbose else None
            )
            came = failed(FailReason.OWN_SIDE)
        metrics.SENT.labels(way, _word(came)).inc()
        metrics.SENDING_SECONDS.labels(way).observe(time.monotonic() - began_s)
        log.info("notice_sent", way=way, outcome=_word(came), of=said["event"]["data"]["of"])
        return write_outcome(came)

    async def _attempt(self, said: Outgoing) -> tuple[str, Outcome]:
        door = self._opened()
        content_ref = said["content_ref"]
        if content_ref is not None and not said["carries_client_data"]:
            return "none", failed(FailReason.CONTENT_NOT_ALLOWED)
        found = await door.address(said["contact"], said["channel"])
        if found is None:
            return "none", failed(FailReason.NO_ADDRESS)
        content = None
        if content_ref is not None:
            content = await door.content(content_ref, said["party"])
            if content is None:
                return "none", failed(FailReason.CONTENT_NOT_READABLE)
        number = await self._number(door, said)
        link = await door.link(said["link"]) if said["link"] is not None else None
        if found.address.startswith(("https://", "http://")):
            body = webhook_body(said, link=link, number=number, content=content)
            return "webhook", await self._hooks().send(found.address, found.secret, said["delivery_id"], body)
        if "@" in found.address:
            return "mail", await self._by_mail(found, said, link, number, content)
        return "none", failed(FailReason.ADDRESS_NOT_ALLOWED)

    async def _by_mail(
        self,
        found: Address,
        said: Outgoing,
        link: str | None,
        number: str | None,
        content: Mapping[str, str] | None,
    ) -> Outcome:
        if self._mail is None:
            self._mail = Mail(self._settings)
        written = message(said, found.language, link=link, number=number, content=content)
        to = found.address.removeprefix("mailto:")
        is_acute = said["event"].get("priority") == "stat"
        return await self._mail.send(to, written, said["delivery_id"], is_acute=is_acute)

    async def _number(self, door: Door, said: Outgoing) -> str | None:
        """The number of the function to phone: its own, else the partnership's public one."""
        phone = said["phone"]
        if phone is None:
            return None
        found = await door.address(phone["contact"], PHONE)
        return found.address.removeprefix("tel:") if found is not None else phone["number"]

    def _opened(self) -> Door:
        # Made at the first sending: a client belongs to the loop it is used in.
        if self._door is None:
            settings = self._settings
            self._door = Door(settings.gateway_url, settings.service_token, settings.send_within_s)
        return self._door

    def _hooks(self) -> Webhooks:
        if self._webhooks is None:
            settings = self._settings
            self._webhooks = Webhooks(
                within_s=settings.send_within_s,
                ca=settings.webhook_ca,
                is_private_allowed=settings.webhook_private,
                is_plain_allowed=settings.webhook_plain,
            )
        return self._webhooks

    async def close(self) -> None:
        """Ends its connections."""
        for one in (self._door, self._webhooks):
            if one is not None:
                await one.close()


def webhook_body(
    said: Outgoing, *, link: str | None, number: str | None, content: Mapping[str, str] | None
) -> bytes:
    """The event of a delivery with what was fetched for it: link, number, and the text where it may go by this way."""
    event = said["event"]
    more: dict[str, object] = {"link": link, "phone_number": number, "content": content}
    if said["phone"] is not None:
        more["phone_title"] = said["phone"]["title"]
    if said["items"]:
        more["items"] = said["items"]
    data = {**event["data"], **{name: value for name, value in more.items() if value is not None}}
    return orjson.dumps({**event, "data": data})


def _word(came: Outcome) -> str:
    if came.is_accepted:
        return "delivered" if came.is_delivered else "accepted"
    return came.reason.value
