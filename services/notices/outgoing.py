"""What the sender is given for one attempt: all that is known here and may stand in a row; the rest it fetches.

No address, no number that is anybody's own, no text: these come from the door at the moment of sending.
"""

from __future__ import annotations

from typing import Any, TypedDict

import orjson

from schemas.notices import NoticeForm, NoticeIssued
from services.agreements.moments import moment
from services.agreements.terms import Terms
from services.notices import issued
from services.notices.issued import Stamp, delivery_id
from services.notices.reach import Way, public_number, title_of
from services.notices.row import Item, Open
from services.notices.tell import rfc3339

#: How long a link can be used; who has it by then, the page says.
LINK_LASTS_MS = 7 * 86_400_000
ACKNOWLEDGE, READ = "acknowledge", "read"


class Phone(TypedDict):
    """Which function to call, and the partnership's public number in case its own is not known."""

    contact: str
    title: str
    number: str | None


class Outgoing(TypedDict):
    """One attempt. `delivery_id` is the same at every attempt: the receiver knows a repeat by it."""

    v: int
    notice_id: str
    delivery_id: str
    party: str
    contact: str
    channel: str
    carries_client_data: bool
    event: dict[str, Any]
    partnership_title: str
    urgency: str
    zone: str
    phone: Phone | None
    link: dict[str, Any] | None
    content_ref: str | None
    items: list[Item]


def stamp_of(notice: Open, party: str, caseid: str) -> Stamp:
    """What a delivery of this notice says besides what it tells."""
    return Stamp(
        party=party,
        partnership=notice["partnership"],
        caseid=caseid,
        entity=notice["entity"] or notice.get("about") or notice["id"],
        of_id=notice["id"],
        urgency=notice["urgency"],
        priority=notice["priority"],
    )


def issued_of(notice: Open, form: NoticeForm = NoticeForm.WRITTEN) -> NoticeIssued:
    """A notice as its party may have it."""
    due_ms = notice["due_ms"]
    return NoticeIssued(
        of=notice["of"],
        to=notice["to"],
        form=form,
        urgency=notice["urgency"],
        due_at=None if due_ms is None else moment(due_ms),
        phone=notice["phone"],
        acts_as=notice["to"] if notice["asks"] else None,
        taken_by=notice["taken_by"],
        **notice.get("more", {}),
    )


def outgoing(  # noqa: PLR0913 - one value from each who knows
    notice: Open, by: Way, caseid: str, terms: Terms, alias_key: bytes, now_ms: int
) -> bytes:
    """The payload of the effect that sends a notice by one of its ways."""
    party = notice["to"].partition("/")[0]
    agreement, phone = terms.agreement, notice["phone"]
    said: Outgoing = {
        "v": 1,
        "notice_id": notice["id"],
        "delivery_id": delivery_id(alias_key, party, notice["id"]),
        "party": party,
        "contact": notice["to"],
        "channel": by.channel,
        "carries_client_data": by.carries_client_data,
        "event": {
            "specversion": "1.0",
            "datacontenttype": "application/json",
            **issued.attributes(alias_key, stamp_of(notice, party, caseid), now_ms),
            "data": orjson.loads(issued_of(notice).model_dump_json(exclude_none=True)),
        },
        "partnership_title": agreement.meta.title,
        "urgency": notice["urgency"],
        "zone": agreement.timezone,
        "phone": None
        if phone is None
        else {
            "contact": phone,
            "title": title_of(phone, agreement),
            "number": public_number(agreement),
        },
        "link": _link(notice, by, caseid, now_ms),
        "content_ref": notice["content_ref"] if by.carries_client_data else None,
        "items": notice.get("items", []),
    }
    return orjson.dumps(said)


def _link(notice: Open, by: Way, caseid: str, now_ms: int) -> dict[str, Any] | None:
    """To take what is asked, or to read what may not go by this way; whoever is only told needs none."""
    if not caseid or notice["entity"] is None:
        return None
    is_text = notice["content_ref"] is not None and not by.carries_client_data
    if not notice["asks"] and not is_text:
        return None
    return {
        "caseid": caseid,
        "entity": notice["entity"],
        "contact": notice["to"],
        "action": READ if is_text else ACKNOWLEDGE,
        "obligation_id": notice["obligation_id"],
        # What is asked later is another link: the place of the asking fact in its lane says which came first.
        "version": notice["order"][1],
        "expires_at": rfc3339(now_ms + LINK_LASTS_MS),
    }
