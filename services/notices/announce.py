"""What the partners are told of each other: contacts that are new, changed or confirmed, and a new version of the
agreement (S004-12). No case is in it.

Pure. Of an agreement, whoever it names to be told of it hears, and whoever is to hear of its contacts: each once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from schemas.agreements import AgreementPublished
from schemas.directory import ContactDescribed
from schemas.notices import News
from services.agreements.announcing import NEWS_OF, announced_to, news_between
from services.agreements.book import AgreementBook, NotPublishable, usable
from services.agreements.terms import Terms
from services.notices.heard import Heard
from services.notices.row import Row
from services.notices.who import Situation, named_for
from services.runtime.job import PassedOver

#: Whoever reads a topic that is kept for ever from its beginning does not tell of last year as if it were new.
NEW_FOR_MS = 7 * 86_400_000


class Announced(NamedTuple):
    """A function that is told, by which terms, from when it can be, and what besides the kind of fact."""

    to: str
    terms: Terms
    from_ms: int
    more: dict[str, Any]


def announced(heard: Heard, row: Row, book: AgreementBook, now_ms: int) -> Sequence[Announced]:
    """Who is told of a fact about a contact or an agreement. Notes in the row what was told of the contact."""
    said = heard.said
    is_news = heard.at_ms + NEW_FOR_MS >= now_ms
    if isinstance(said, ContactDescribed):
        before, row["contact"] = row.get("contact", ""), _mark(said)
        if row["contact"] == before or said.because not in NEWS_OF or not is_news:
            return ()
        return _of_contact(said.contact, NEWS_OF[said.because], book, now_ms)
    assert isinstance(said, AgreementPublished)
    if not is_news:
        raise PassedOver("no_news")
    return _of_agreement(heard, said, row, book, now_ms)


def _mark(said: ContactDescribed) -> str:
    """Stands for what partners are told of a contact; empty where all is as signed."""
    told = said.model_dump_json(include={"reach", "succeeded", "confirmed_at"}, exclude_defaults=True)
    return "" if told == "{}" else hashlib.sha256(told.encode()).hexdigest()[:16]


def _of_contact(ref: str, news: News, book: AgreementBook, now_ms: int) -> Sequence[Announced]:
    """By every agreement that knows the contact; whoever is its partner in two of them is told by the first."""
    more = {"contacts": [_told(ref, news)]}
    found: dict[str, Announced] = {}
    for partnership in book.partnerships():
        terms = book.in_force(partnership, now_ms)
        if terms is not None:
            for to in announced_to(ref, now_ms, terms):
                found.setdefault(to, Announced(to, terms, now_ms, more))
    return tuple(found.values())


def _of_agreement(
    heard: Heard, said: AgreementPublished, row: Row, book: AgreementBook, now_ms: int
) -> Sequence[Announced]:
    try:
        new = usable(said.text, said.template_text)
    except NotPublishable:
        raise PassedOver("not_an_agreement") from None
    present = book.in_force(new.partnership, now_ms)
    begins_ms = max(now_ms, new.valid_from_ms)
    news: dict[str, list[dict[str, str]]] = {}
    for ref, what in _news_of(new, book).items():
        for to in announced_to(ref, begins_ms, new):
            news.setdefault(to, []).append(_told(ref, what))
    named = named_for(Situation(heard, None, row, new, begins_ms))
    version = {"agreement_version": new.version, "valid_from": said.valid_from.isoformat()}
    found: list[Announced] = []
    for to in dict.fromkeys([*named, *news]):
        more = {**version, "contacts": news[to]} if to in news else version
        knows = present.contacts.get(to) if present is not None else None
        if present is not None and knows is not None and knows.takes_part(now_ms):
            found.append(Announced(to, present, now_ms, more))
        else:
            # How it is reached holds from then on.
            found.append(Announced(to, new, begins_ms, more))
    return found


def _news_of(new: Terms, book: AgreementBook) -> Mapping[str, News]:
    """Against the version before. Of a first one nothing is news: whoever signed it has read it whole."""
    before = [one for one in book.versions(new.partnership) if one.version < new.version]
    return news_between(before[-1], new) if before else {}


def _told(ref: str, news: News) -> dict[str, str]:
    return {"contact": ref, "news": news.value}
