"""The frame: names given once, calendars with hours, levels, the area, and the time the agreement holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from services.agreements import model
from services.agreements.check.given import Given
from services.agreements.findings import Found, Path, found
from services.agreements.model.words import ALWAYS, RUNG_WORDS
from services.agreements.moments import YEARS, moment
from services.agreements.parts import ROOT
from services.agreements.periods import later, share_of_year

#: What the documents ask for at least: looking at the agreement twice a year (S004-33).
REVIEWS_PER_YEAR = 2


def dates(given: Given) -> Iterator[Found]:
    """Dates of our own time: with any other nothing can be counted."""
    for path, piece in given.pieces:
        for field, value in piece.__dict__.items():
            if isinstance(value, date) and value.year not in YEARS:
                first, last = YEARS.start, YEARS.stop - 1
                yield found((*path, field), "date_not_credible", given=value, first=first, last=last)


def names_given_once(given: Given) -> Iterator[Found]:
    """Parties, contacts, rules and obligations each have a name of their own."""
    agreement = given.agreement
    groups: tuple[tuple[list[tuple[Path, str]], frozenset[str]], ...] = (
        ([((*path, "id"), party.id) for path, party in given.parties()], frozenset()),
        ([((*path, "id"), contact.id) for path, _, contact in given.placed_contacts()], RUNG_WORDS),
        ([((*path, "name"), rule.name) for path, rule in rules_of(given)], frozenset({ROOT})),
        ([(("obligations", n, "name"), o.name) for n, o in enumerate(agreement.obligations)], frozenset()),
    )
    for group, taken in groups:
        seen = set(taken)
        for path, name in group:
            if name in seen:
                yield found(path, "duplicate_id", name=name)
            seen.add(name)


def rules_of(given: Given) -> Iterator[tuple[Path, model.Rule]]:
    """Every rule of the tree with its place."""
    return ((path, piece) for path, piece in given.pieces if isinstance(piece, model.Rule))


def calendars(given: Given) -> Iterator[Found]:
    """A calendar opens some time, and says where each of its days off was agreed."""
    today = _today(given)
    for name, hours in given.agreement.calendars.items():
        path: Path = ("calendars", name)
        if name == ALWAYS:
            yield found(path, "word_with_a_meaning", name=name)
        if not any(hours.week):
            yield found(path, "calendar_without_hours", name=name)
        days = [holiday.date for holiday in hours.holidays]
        for n, holiday in enumerate(hours.holidays):
            if holiday.date in days[:n]:
                yield found((*path, "holidays", n), "duplicate_holiday", day=holiday.date)
            if holiday.source is None:
                yield found((*path, "holidays", n), "holiday_without_source", name=holiday.name)
        if days and max(days) < today:
            yield found((*path, "holidays"), "holidays_run_out", "warning", name=name, last=max(days))


def levels(given: Given) -> Iterator[Found]:
    """Urgency: one level that runs day and night, and at least one other."""
    known = given.agreement.urgency.levels
    if not any(level.always for level in known.values()):
        yield found(("urgency", "levels"), "no_level_always")
    if len(known) == 1:
        yield found(("urgency", "levels"), "one_level_only")
    for name, level in known.items():
        if level.always and level.calendar:
            yield found(("urgency", "levels", name, "calendar"), "level_always_with_calendar", name=name)


def area(given: Given) -> Iterator[Found]:
    """An area of its own: nobody else answers for a postcode of it, unless the region allows it."""
    agreement = given.agreement
    own, path = agreement.area, ("area", "postcodes")
    yield from _twice(own.postcodes, path)
    may_overlap = own.overlap == "allowed"
    held: dict[str, str] = {}
    for n, neighbour in enumerate(agreement.neighbours):
        at: Path = ("neighbours", n, "postcodes")
        yield from _twice(neighbour.postcodes, at)
        for m, postcode in enumerate(neighbour.postcodes):
            if postcode in own.postcodes and not may_overlap:
                yield found((*at, m), "area_overlaps", postcode=postcode, other=neighbour.partnership)
            before = held.setdefault(postcode, neighbour.partnership)
            if before != neighbour.partnership:
                words = {"postcode": postcode, "one": before, "other": neighbour.partnership}
                yield found((*at, m), "neighbours_overlap", "warning", **words)
    for other in given.others:
        if other.meta.partnership == agreement.meta.partnership:
            continue
        if may_overlap and other.area.overlap == "allowed":
            continue
        for n, postcode in enumerate(own.postcodes):
            if postcode in other.area.postcodes:
                yield found((*path, n), "area_overlaps", postcode=postcode, other=other.meta.partnership)
    yield from _size(own)


def _twice(postcodes: tuple[str, ...], path: Path) -> Iterator[Found]:
    for n, postcode in enumerate(postcodes):
        if postcode in postcodes[:n]:
            yield found((*path, n), "postcode_twice", postcode=postcode)


def _size(own: model.Area) -> Iterator[Found]:
    if own.usual_size is None:
        return
    least, most = own.usual_size
    if least >= most or least < 0:
        yield found(("area", "usual_size"), "size_out_of_order", least=least, most=most)
    elif own.inhabitants is not None and not least <= own.inhabitants <= most:
        words = {"inhabitants": own.inhabitants, "least": least, "most": most}
        yield found(("area", "inhabitants"), "area_size_unusual", "warning", **words)


def validity(given: Given) -> Iterator[Found]:
    """The agreement holds, was signed, and is looked at in time."""
    meta, today = given.agreement.meta, _today(given)
    if meta.term is not None and later(meta.valid_from, meta.term) <= today:
        yield found(("meta", "term"), "term_over", day=later(meta.valid_from, meta.term))
    review = meta.review
    if review.per_year < REVIEWS_PER_YEAR:
        yield found(("meta", "review", "per_year"), "few_reviews", "warning", given=review.per_year)
    next_review = later(review.last_held or meta.valid_from, share_of_year(review.per_year))
    if next_review < today:
        yield found(("meta", "review"), "review_overdue", "warning", day=next_review)
    signed = Counter(signature.party for signature in meta.signed)
    if not signed:
        yield found(("meta",), "signed_by_nobody", "warning")
    else:
        missing = [
            party.id for party in given.agreement.parties if party.ring == "core" and not signed[party.id]
        ]
        if missing:
            yield found(("meta", "signed"), "not_signed_by_all", "warning", names=", ".join(missing))


def _today(given: Given) -> date:
    return moment(given.at_ms).astimezone(ZoneInfo(given.agreement.timezone)).date()
