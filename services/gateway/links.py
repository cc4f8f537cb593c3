"""`/l/{token}`: the page of a link in a notice. It shows what is asked; only its buttons act, for scanners fetch links.

Whoever is asked to take something may say there as well that it does not, and why. What is said goes the same road in
as any command, with an id that follows from the asking: sent twice, it is said once. An old link says politely who has
taken it or that there is a newer message, an expired one whom to phone.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Annotated, NamedTuple, cast

from fastapi import APIRouter, Path, Request
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from starlette.responses import Response

from schemas.gateway import ReadGround, ReadPurpose
from schemas.signals import AcknowledgeSignal, DeclineSignal
from services.agreements import model
from services.agreements.explain.words import LEVELS
from services.agreements.moments import moment
from services.agreements.terms import Terms
from services.database.engine import DatabaseUnreachable, transaction
from services.database.tables import addresses, grants, links_used
from services.gateway import kept
from services.gateway.asked import Asked, Taken
from services.gateway.content import pull
from services.gateway.door import Door, door_of
from services.gateway.link_words import REASONS, STATUS, WORDS, Stand
from services.gateway.paper import Language, language_of, page
from services.gateway.problems import Code, Problem
from services.gateway.reading_metrics import LINKS_OPENED
from services.gateway.report_form import desk_of
from services.gateway.sealed_link import Action, Link, NoLink, Seals
from services.gateway.seen import holds
from services.gateway.taking import hand_over
from services.signals.lifecycle import CLOSED, WITHDRAWN

PART = "seals"
SOURCE = "urn:seinhuis:link"
#: So long a page waits to see what became of an answer.
SEEN_WITHIN_S = 4.0
LOOK_EVERY_S = 0.2
#: What may be answered on the page of a link, by what it is for; the first is what a form means that does not say.
OFFERED: Mapping[Action, tuple[Action, ...]] = {
    "acknowledge": ("acknowledge", "decline"),
    "decline": ("decline",),
    "read": ("read",),
}

router = APIRouter(include_in_schema=False)
Token = Annotated[str, Path(max_length=2_000)]


class Signal(NamedTuple):
    """What a page has to know of the signal a link is about, and of its contact in it.

    `asked` is the number with which it was asked last, `began` that before which whatever it was asked is over.
    """

    partnership: str
    urgency: str
    state: str
    taken_by: str | None
    due_ms: int | None
    alias: str | None
    refs: tuple[str, ...]
    was_declined: bool = False
    was_said: bool = False
    asked: int = 0
    began: int = 0

    def is_old(self, link: Link) -> bool:
        """Whether the asking of this link is over: it was given away since, or this function said no."""
        return link.version < self.began

    def is_asked_anew(self, link: Link) -> bool:
        """Whether this function was asked again after that."""
        return self.is_old(link) and self.asked >= self.began and self.alias is not None


class Place(NamedTuple):
    """A function as its agreement names it."""

    party: model.Party
    contact: model.Contact

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.contact.title}, {self.party.title}"


def place_of(terms: Terms, ref: str | None) -> Place | None:
    """The function of this name, where this version has it."""
    return next(
        (
            Place(party, contact)
            for party in terms.agreement.parties
            for contact in party.contacts
            if f"{party.id}/{contact.id}" == ref
        ),
        None,
    )


def stand_of(link: Link, signal: Signal | None, by_link: tuple[str, ...], now_ms: int) -> Stand:
    """How it stands with what this link is for."""
    if link.expires_ms <= now_ms:
        return Stand.EXPIRED
    if signal is None:
        return Stand.NOT_YET
    if link.action == "read":
        return _reading(signal, by_link)
    checks = (
        # First: of two answers that were sent at once, the signal itself says which came first.
        (signal.taken_by == link.contact, Stand.YOURS),
        (signal.was_declined and not signal.is_asked_anew(link), Stand.DECLINED),
        (signal.taken_by is not None, Stand.TAKEN),
        (signal.state in {CLOSED, WITHDRAWN}, Stand.OVER),
        (signal.is_asked_anew(link), Stand.NEWER),
        (signal.alias is None or signal.is_old(link), Stand.NOT_ASKED),
        ("answer" not in by_link, Stand.NOT_BY_LINK),
        (signal.was_said, Stand.RECEIVED),
    )
    return next((stand for holds_now, stand in checks if holds_now), Stand.ASKED)


def _reading(signal: Signal, by_link: tuple[str, ...]) -> Stand:
    if not signal.refs:
        return Stand.NOT_ASKED
    return Stand.ASKED if "read" in by_link else Stand.NOT_BY_LINK


@router.api_route("/l/{token}", methods=["GET", "HEAD"])
async def show(request: Request, token: Token) -> Response:
    """What is asked, and how it stands. Fetching it does nothing, however often."""
    door = door_of(request)
    try:
        link = _seals(door).open(token)
        return await _shown(request, door, link, await _signal(door, link))
    except NoLink:
        return _paper(request, Stand.NONE)
    except DatabaseUnreachable:
        return _paper(request, Stand.NOT_YET)


@router.post("/l/{token}")
async def act(request: Request, token: Token) -> Response:
    """A button: says what its form says, and shows what became of it."""
    door = door_of(request)
    try:
        link = _seals(door).open(token)
        signal = await _signal(door, link)
        stand = _stand(door, link, signal)
        if stand is not Stand.ASKED or signal is None:
            return await _shown(request, door, link, signal)
        if link.action == "read":
            return await _read(request, door, link, signal)
        said = await _said(request, link)
        if said is None:
            return await _shown(request, door, link, signal, is_unsaid=True)
        await _say(door, link, signal, said)
        return await _shown(request, door, link, await _settled(door, link))
    except NoLink:
        return _paper(request, Stand.NONE)
    except (DatabaseUnreachable, Problem):
        return _paper(request, Stand.NOT_YET)


# -- doing ---------------------------------------------------------------------------------------------


async def _said(request: Request, link: Link) -> AcknowledgeSignal | DeclineSignal | None:
    """The command of a form; None where it leaves out what it takes, or says what this link is not for."""
    async with request.form(max_files=0, max_fields=5) as form:
        answer, reason = form.get("answer", OFFERED[link.action][0]), form.get("reason")
    by = {"contact": link.contact}
    if answer not in OFFERED[link.action]:
        return None
    if answer == "acknowledge":
        return AcknowledgeSignal.model_validate({"by": by})
    if reason not in REASONS:
        return None
    return DeclineSignal.model_validate({"by": by, "reason": reason})


async def _say(door: Door, link: Link, signal: Signal, said: AcknowledgeSignal | DeclineSignal) -> None:
    """By the road of every command; what was said by this asking before is not said again."""
    action: Action = "decline" if isinstance(said, DeclineSignal) else "acknowledge"
    event_id = _seals(door).event_id(link, action)
    values = said.model_dump(mode="json", exclude_none=True)
    asked = Asked(link.party, SOURCE, event_id, type(said), values, signal.partnership, subject=signal.alias)
    (outcome,) = await hand_over(door, [asked])
    if not isinstance(outcome, Taken):
        raise Problem(Code.NOT_ALLOWED)
    used = insert(links_used).values(
        link_id=event_id,
        action=action,
        reason=values.get("reason"),
        used_ms=door.clock.now_ms(),
    )
    async with transaction(door.engine) as connection:
        await connection.execute(used.on_conflict_do_nothing())


async def _settled(door: Door, link: Link) -> Signal | None:
    """The signal once it is seen what became of an answer, or as it is after a while."""
    until_s = time.monotonic() + SEEN_WITHIN_S
    while True:
        signal = await _signal(door, link)
        if _stand(door, link, signal) is not Stand.RECEIVED or time.monotonic() > until_s:
            return signal
        await asyncio.sleep(LOOK_EVERY_S)


async def _read(request: Request, door: Door, link: Link, signal: Signal) -> Response:
    """The texts addressed to this function, each after its reading is told."""
    texts: list[tuple[str, str]] = []
    for ref in signal.refs:
        content = await pull(door, link.party, ref, purpose=ReadPurpose.PULL, contact=link.contact)
        texts += content.fields.items()
    return _paper(request, Stand.TEXT, texts=texts)


# -- looking -------------------------------------------------------------------------------------------


def _seals(door: Door) -> Seals:
    found = door.parts.get(PART)
    if found is None:
        raise NoLink
    return cast(Seals, found)


async def _signal(door: Door, link: Link) -> Signal | None:
    now_ms = door.clock.now_ms()
    mine = (grants.c.entity == link.entity) & (grants.c.contact == link.contact) & holds(now_ms)
    said = _seals(door).event_id(link, "acknowledge"), _seals(door).event_id(link, "decline")
    async with transaction(door.engine) as connection:
        one = (await kept.load(connection, [link.entity])).get(link.entity)
        if one is None:
            return None
        granted = (await connection.execute(select(grants).where(mine))).all()
        used = await connection.execute(select(links_used).where(links_used.c.link_id.in_(said)))
        actions = {row.action for row in used}
    due = one.dues.get(link.obligation_id or "")
    return Signal(
        one.partnership,
        one.urgency,
        one.state,
        one.taken_by,
        None if due is None else due.due_ms,
        next((row.entity_alias for row in granted if not row.content_ref), None),
        tuple(sorted(row.content_ref for row in granted if row.ground == ReadGround.ADDRESSED.value)),
        was_declined="decline" in actions,
        was_said="acknowledge" in actions,
        asked=max((row.asked for row in granted if not row.content_ref), default=0),
        began=one.asking_began(link.contact),
    )


def _terms(door: Door, signal: Signal | None) -> Terms | None:
    return None if signal is None else door.agreements.in_force(signal.partnership, door.clock.now_ms())


def _terms_of(door: Door, contact: str) -> Terms | None:
    """The one agreement that names this function: of a signal that is forgotten nobody knows whose it was."""
    in_force = door.agreed_now()
    named = [
        terms
        for partnership in door.agreements.partnerships()
        if (terms := in_force(partnership)) is not None and contact in terms.contacts
    ]
    return named[0] if len(named) == 1 else None


def _stand(door: Door, link: Link, signal: Signal | None) -> Stand:
    terms = _terms(door, signal)
    place = None if terms is None else place_of(terms, link.contact)
    return stand_of(link, signal, place.contact.by_link if place else (), door.clock.now_ms())


# -- showing -------------------------------------------------------------------------------------------


async def _shown(
    request: Request, door: Door, link: Link, signal: Signal | None, *, is_unsaid: bool = False
) -> Response:
    stand, terms = _stand(door, link, signal), _terms(door, signal)
    if signal is None and stand is Stand.EXPIRED:
        terms = _terms_of(door, link.contact)
    if terms is None:
        return _paper(request, stand)
    phone = desk_of(terms).phone or await _number(door, terms.coordination_point)
    return _paper(request, stand, link=link, signal=signal, terms=terms, phone=phone, is_unsaid=is_unsaid)


async def _number(door: Door, ref: str) -> str | None:
    """The number of a desk, where the agreement says none and the desk told its own."""
    party, _, contact = ref.partition("/")
    mine = (addresses.c.party == party) & (addresses.c.contact == contact) & (addresses.c.channel == "phone")
    async with transaction(door.engine) as connection:
        found: str | None = await connection.scalar(select(addresses.c.address).where(mine))
    return found


def _paper(  # noqa: PLR0913 - what there is to show
    request: Request,
    stand: Stand,
    *,
    link: Link | None = None,
    signal: Signal | None = None,
    terms: Terms | None = None,
    phone: str | None = None,
    texts: list[tuple[str, str]] | None = None,
    is_unsaid: bool = False,
) -> Response:
    language = language_of(request)
    say = WORDS[language]
    LINKS_OPENED.labels(stand.value).inc()
    asked = link is not None and stand is Stand.ASKED
    desk = desk_of(terms) if terms is not None else None
    taken = _title(terms, signal.taken_by) if terms and signal and stand is Stand.TAKEN else None
    answer = page(
        "link.html",
        language,
        status=422 if asked and is_unsaid else STATUS[stand],
        say=say,
        title=say.ask_titles[link.action] if link and asked else say.titles[stand],
        lead=say.ask_leads[link.action] if link and asked else say.leads[stand],
        taken_by=taken,
        facts=_facts(link, signal, terms, language) if link and signal and terms and asked else [],
        texts=texts or [],
        answers=OFFERED[link.action] if link and asked else (),
        is_unsaid=is_unsaid,
        desk=desk.title if desk else None,
        phone=phone,
        phone_link=re.sub(r"[^0-9+]", "", phone or ""),
    )
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _title(terms: Terms, ref: str | None) -> str:
    place = place_of(terms, ref)
    return place.title if place else ref or ""


def _facts(link: Link, signal: Signal, terms: Terms, language: Language) -> list[tuple[str, str]]:
    """What is asked, thinly: of whom, how urgent, and until when."""
    say = WORDS[language]
    level = LEVELS.get(signal.urgency)
    found = [
        (say.for_whom, _title(terms, link.contact)),
        (say.urgency, level[language == "en"] if level else signal.urgency),
    ]
    if signal.due_ms is not None:
        due = moment(signal.due_ms).astimezone(terms.clock.zone)
        found.append((say.due, f"{due:%d-%m-%Y %H:%M}"))
    return found
