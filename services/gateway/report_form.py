"""The form for people outside care: five fields, no account, no script, at one published address per partnership.

It becomes a `ReportSignal` like any other, by the same road in; its words go to the vault, and the answer is a code and
no name. The report is in the name of the desk that the partnership named as its entry: whoever sent it has no account.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from schemas.signals import ReportSignal
from services.agreements import model
from services.agreements.parts import Level
from services.agreements.terms import Terms
from services.gateway import metrics
from services.gateway.asked import Taken
from services.gateway.door import Door, door_of
from services.gateway.paper import Language, is_from_own_page, language_of, page
from services.gateway.problems import Problem
from services.gateway.report_words import WORDS, Words
from services.gateway.routes_events import content_type
from services.gateway.taking import take
from services.gateway.tokens import Caller, Scope

SOURCE = "urn:seinhuis:report-form"
SEEN_MAX_CHARS = 4_000
CALL_BACK_MAX_CHARS = 100
#: The last choice: nothing of what there are words for.
OTHER = "other"
FIELDS = ("concern", "seen", "postcode", "who", "call_back")
FORM_TYPE = "application/x-www-form-urlencoded"
_FORM_ID = re.compile(r"form-[A-Za-z0-9_-]{22}")
_POSTCODE = re.compile(r"([1-9][0-9]{3})\s*([A-Za-z]{2})?")

router = APIRouter(include_in_schema=False)
Partnership = Annotated[str, Path(max_length=64)]


class Desk(NamedTuple):
    """Who takes reports of people outside: the function, what it is called, and its public number."""

    party: str
    title: str
    phone: str | None
    level: Level


def desk_of(terms: Terms) -> Desk:
    """The entry of a partnership; where it names none, the coordination point."""
    agreement = terms.agreement
    kept = agreement.partnership
    entry = kept.entry if isinstance(kept, model.Partnership) else None
    ref = terms.refs.get(entry.contact) if entry else None
    contact = terms.contacts[ref or terms.refs.get(agreement.signals.entry) or terms.coordination_point]
    title = next(party.title for party in agreement.parties if party.id == contact.party)
    return Desk(contact.party, title, entry.phone if entry else None, level_of(terms))


def level_of(terms: Terms) -> Level:
    """How urgent a report of this form is: as urgent as can be without waking anybody.

    Who reports is no judge of urgency, and who must not wait is told to phone.
    """
    by_rank = sorted(terms.levels.values(), key=lambda level: (level.is_always, level.rank))
    return by_rank[0]


def wrong_in(given: Mapping[str, str], say: Words) -> dict[str, str]:
    """What has to be filled in otherwise, by field."""
    found: dict[str, str] = {}
    if given["concern"] not in dict(say.concerns):
        found["concern"] = say.concern_missing
    if not given["seen"]:
        found["seen"] = say.seen_missing
    elif len(given["seen"]) > SEEN_MAX_CHARS:
        found["seen"] = say.too_long
    if given["postcode"] and not _POSTCODE.fullmatch(given["postcode"]):
        found["postcode"] = say.postcode_wrong
    if given["who"] not in dict(say.kinds):
        found["who"] = say.who_missing
    if len(given["call_back"]) > CALL_BACK_MAX_CHARS:
        found["call_back"] = say.too_long
    return found


def event_of(given: Mapping[str, str], form_id: str, terms: Terms) -> dict[str, Any]:
    """The event that a filled-in form says."""
    content = {"what_was_seen": given["seen"]}
    if given["call_back"]:
        content["call_back"] = given["call_back"]
    data: dict[str, Any] = {
        "urgency": level_of(terms).name,
        "concern": [] if given["concern"] == OTHER else [given["concern"]],
        "reporter": {"kind": given["who"]},
        "expects_feedback": bool(given["call_back"]),
        "content": content,
    }
    if postcode := _POSTCODE.fullmatch(given["postcode"]):
        data["postcode"] = postcode[1]
    return {
        "specversion": "1.0",
        "id": form_id,
        "source": SOURCE,
        "type": ReportSignal.type_name(),
        "partnership": terms.partnership,
        "data": data,
    }


def code_of(signal: str) -> str:
    """What somebody reads out over the phone: the beginning of the desk's own name of the signal."""
    letters = signal.partition("-")[2].upper()
    return f"{letters[:4]}-{letters[4:8]}"


@router.get("/melden/{partnership}")
async def show(request: Request, partnership: Partnership) -> Response:
    """The empty form."""
    language = language_of(request)
    terms = _terms(door_of(request), partnership)
    if terms is None:
        return _no_page(language)
    return _form(language, desk_of(terms), dict.fromkeys(FIELDS, ""), {}, _new_form_id())


@router.post("/melden/{partnership}")
async def report(request: Request, partnership: Partnership) -> Response:
    """A filled-in form: sent once however often the button is pressed, for its id is the event's."""
    door, language = door_of(request), language_of(request)
    terms = _terms(door, partnership)
    if terms is None:
        return _no_page(language)
    say, desk = WORDS[language], desk_of(terms)
    if not is_from_own_page(request):
        metrics.FORMS_SENT.labels("not_from_its_page").inc()
        return _sorry(403, language, say.not_from_page, say.not_from_page_says, desk)
    content_type(request, (FORM_TYPE,))
    async with request.form(max_fields=len(FIELDS) + 1, max_files=0) as filled:
        given = {name: str(filled.get(name, "")).replace("\x00", "").strip() for name in FIELDS}
        form_id = str(filled.get("form", ""))
    wrong = wrong_in(given, say)
    if wrong:
        metrics.FORMS_SENT.labels("incomplete").inc()
        return _form(language, desk, given, wrong, _kept(form_id), status=422)
    try:
        await door.limits.form(request.client.host if request.client else "", partnership)
        (outcome,) = await take(door, _caller(terms, desk), [event_of(given, _kept(form_id), terms)])
    except Problem as problem:
        return _after(problem, language, desk)
    if not isinstance(outcome, Taken):
        metrics.FORMS_SENT.labels("refused").inc()
        return _sorry(503, language, say.not_now, say.not_now_says, desk)
    metrics.FORMS_SENT.labels("taken").inc()
    return page("reported.html", language, say=say, code=code_of(outcome.signal), **_of_desk(desk))


def _terms(door: Door, partnership: str) -> Terms | None:
    return door.agreements.in_force(partnership, door.clock.now_ms())


def _caller(terms: Terms, desk: Desk) -> Caller:
    return Caller(
        desk.party, (SOURCE,), frozenset((terms.partnership,)), frozenset((Scope.SIGNALS_REPORT.value,))
    )


def _new_form_id() -> str:
    return f"form-{secrets.token_urlsafe(16)}"


def _kept(form_id: str) -> str:
    return form_id if _FORM_ID.fullmatch(form_id) else _new_form_id()


def _of_desk(desk: Desk | None) -> dict[str, Any]:
    phone = desk.phone if desk else None
    return {
        "desk": desk.title if desk else "",
        "phone": phone,
        "phone_link": re.sub(r"[^0-9+]", "", phone or ""),
    }


def _form(  # noqa: PLR0913 - what stands on the page
    language: Language,
    desk: Desk,
    given: Mapping[str, str],
    wrong: Mapping[str, str],
    form_id: str,
    *,
    status: int = 200,
) -> Response:
    return page(
        "report.html",
        language,
        status=status,
        say=WORDS[language],
        given=given,
        wrong=wrong,
        form_id=form_id,
        seen_max=SEEN_MAX_CHARS,
        call_back_max=CALL_BACK_MAX_CHARS,
        **_of_desk(desk),
    )


def _no_page(language: Language) -> Response:
    say = WORDS[language]
    return _sorry(404, language, say.no_page, say.no_page_says, None)


def _after(problem: Problem, language: Language, desk: Desk) -> Response:
    """The page for what could not be done: too often, or not at this moment."""
    say = WORDS[language]
    if problem.status == 429:
        metrics.FORMS_SENT.labels("too_often").inc()
        answer = _sorry(429, language, say.too_often, say.too_often_says, desk)
    else:
        metrics.FORMS_SENT.labels("failed").inc()
        answer = _sorry(503, language, say.not_now, say.not_now_says, desk)
    if "Retry-After" in problem.headers:
        answer.headers["Retry-After"] = problem.headers["Retry-After"]
    return answer


def _sorry(status: int, language: Language, title: str, says: str, desk: Desk | None) -> Response:
    return page(
        "sorry.html", language, status=status, say=WORDS[language], title=title, says=says, **_of_desk(desk)
    )
