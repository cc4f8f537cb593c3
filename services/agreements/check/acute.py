"""Acute signals reach somebody with the expertise, at any hour (S003-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.deadlines import SkipReason
from services.agreements.check.reach import Asks
from services.agreements.check.routing import Reached, reached
from services.agreements.check.walk import Walk, meant
from services.agreements.findings import Found, found

#: The types for which the documents ask for somebody who is able to, at once.
NEED_EXPERTISE = ("medical", "nursing")


def acute(walk: Walk) -> Iterator[Found]:
    """Each rule that may get an acute signal of a type that takes expertise, followed along its ladder."""
    said = {str(one): words for one, words in walk.given.agreement.signals.acute_expertise.items()}
    always = frozenset(walk.given.levels_always())
    unsaid: list[str] = []
    for rule in reached(walk.given):
        if rule.asks.urgency is not None and not rule.asks.urgency & always:
            continue
        types = _types(rule.asks)
        unsaid += [one for one in NEED_EXPERTISE if one in types and one not in said and one not in unsaid]
        for one in sorted(types & set(said)):
            yield from _along(walk, rule, one, said[one])
    if unsaid:
        yield found(("signals",), "acute_expertise_unsaid", "warning", types=", ".join(unsaid))


def _types(asks: Asks) -> set[str]:
    """The types a rule asks for by name."""
    return {*asks.every_type, *(word for words in asks.types for word in words)}


def _along(walk: Walk, rule: Reached, one: str, expertise: tuple[str, ...]) -> Iterator[Found]:
    terms = walk.terms
    level = next(level for level in terms.levels.values() if level.is_always)
    rungs = [to for to, _ in terms.ladders[rule.ladder][level.name].rungs]
    told: set[str] = set()
    about: dict[str, Any] = {"name": rule.name, "type": one, "needed": ", ".join(expertise)}
    for at_ms in walk.moments:
        if not _holds(walk, rule.asks, at_ms):
            continue
        for ref in sorted(meant(rule.receiver, walk.given, terms.refs)):
            found_there = {to: walk.stands(to, ref, level, at_ms, expertise) for to in rungs}
            # The last level is asked whatever it is able to, so of that one nothing is skipped.
            for to, why in list(found_there.items())[:-1]:
                if why is SkipReason.NO_EXPERTISE and to not in told:
                    told.add(to)
                    yield found(rule.path, "rung_without_expertise", "warning", rung=to, **about)
            if None not in found_there.values():
                yield found(rule.path, "acute_without_expertise", at=walk.shown(at_ms), **about)
                return


def _holds(walk: Walk, asks: Asks, at_ms: int) -> bool:
    """Whether the hours a rule asks for are there."""
    calendars = walk.terms.clock.calendars
    return all(calendars[name].is_open(at_ms) for name in asks.inside) and not any(
        calendars[name].is_open(at_ms) for name in asks.outside
    )
