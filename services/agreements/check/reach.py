"""Which signals a rule can get: what it asks with the rules above it, and which of that others take before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from services.agreements import model
from services.agreements.calendars import DAY_MIN, WEEK_MIN, Week

Words = frozenset[str]

#: A signal has one of these, so two rules that ask for different ones cannot both hold.
ONE_VALUE = ("urgency", "about", "reporter", "reporting_kind", "postcode", "practice", "target_group")
#: A signal may have several of these: each set that is asked for must share a word with it.
SEVERAL = ("types", "concern")
#: And the words that must all be there.
EVERY = {"types": "every_type", "concern": "every_concern"}


@dataclass(frozen=True, slots=True)
class Asks:
    """What has to hold, worked out from a rule and the rules above it; None asks nothing."""

    urgency: Words | None = None
    about: Words | None = None
    reporter: Words | None = None
    reporting_kind: Words | None = None
    postcode: Words | None = None
    practice: Words | None = None
    target_group: Words | None = None
    #: Sets of which each must share a word with the signal's.
    types: frozenset[Words] = frozenset()
    concern: frozenset[Words] = frozenset()
    every_type: Words = frozenset()
    every_concern: Words = frozenset()
    areas: Words = frozenset()
    inside: Words = frozenset()
    outside: Words = frozenset()
    has_contact: bool = False
    has_coordinator: bool = False

    def and_(self, other: Asks) -> Asks:
        """Both hold."""
        both: dict[str, object] = {}
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if field.name not in ONE_VALUE:
                both[field.name] = mine | theirs
            elif mine is None or theirs is None:
                both[field.name] = theirs if mine is None else mine
            else:
                both[field.name] = mine & theirs
        return replace(self, **both)  # type: ignore[arg-type]


def asks_of(match: model.Match, agreement: model.Agreement) -> Asks:
    """What a rule itself asks for."""
    window = match.hours or model.Window()
    return Asks(
        **{name: frozenset(getattr(match, name)) or None for name in ONE_VALUE},
        types=frozenset({frozenset(match.types)} if match.types else ()),
        concern=frozenset({frozenset(match.concern)} if match.concern else ()),
        every_type=frozenset(match.every_type),
        every_concern=frozenset(match.every_concern),
        areas=frozenset({match.area} if match.area else ()),
        inside=frozenset({window.inside} if window.inside in agreement.calendars else ()),
        outside=frozenset({window.outside} if window.outside in agreement.calendars else ()),
        has_contact=match.case == "has_contact",
        has_coordinator=match.case == "has_coordinator",
    )


def never(asks: Asks, agreement: model.Agreement) -> tuple[str, Mapping[str, Any]] | None:
    """Why no signal at no moment can be what is asked for: a code and its words."""
    for name in ONE_VALUE:
        if getattr(asks, name) == frozenset():
            return "rule_excluded_above", {"key": name}
    if asks.areas == {"inside", "outside"}:
        return "rule_excluded_above", {"key": "area"}
    own = frozenset(agreement.area.postcodes)
    if asks.postcode is not None:
        if "inside" in asks.areas and not asks.postcode & own:
            return "rule_excluded_above", {"key": "postcode"}
        if "outside" in asks.areas and asks.postcode <= own:
            return "rule_excluded_above", {"key": "postcode"}
    if not _some_minute(asks, agreement):
        return "contradictory_windows", {"calendars": ", ".join(sorted(asks.inside | asks.outside))}
    return None


def _some_minute(asks: Asks, agreement: model.Agreement) -> bool:
    """Whether there is a time of the week in all hours asked for and out of all others.

    A holiday shuts a calendar: that leaves a time out of its hours, unless another that is to be open has it too.
    """
    if not asks.inside and not asks.outside:
        return True
    if asks.inside & asks.outside:
        return False
    open_in = [_minutes(agreement.calendars[name].week) for name in asks.inside]
    shut_in = [_minutes(agreement.calendars[name].week) for name in asks.outside]
    minutes = set(range(WEEK_MIN)).intersection(*open_in)
    if minutes.difference(*shut_in):
        return True
    days_off = [{day.date for day in agreement.calendars[name].holidays} for name in asks.outside]
    open_anyway = {day.date for name in asks.inside for day in agreement.calendars[name].holidays}
    return bool(minutes) and bool(days_off) and bool(set.intersection(*days_off) - open_anyway)


@lru_cache(maxsize=64)
def _minutes(week: Week) -> frozenset[int]:
    """The minutes of a week in which a calendar is open."""
    return frozenset(
        minute % WEEK_MIN
        for day, shifts in enumerate(week)
        for shift in shifts
        for minute in range(day * DAY_MIN + shift.opens_min, day * DAY_MIN + shift.closes_min)
    )


def covers(earlier: Asks, asks: Asks, agreement: model.Agreement) -> bool:
    """Whether whatever is asked for is taken by an earlier rule."""
    return not _open_points(earlier, asks, agreement)


def covers_together(
    before: Iterable[tuple[str, Asks]], asks: Asks, agreement: model.Agreement
) -> list[str] | None:
    """The earlier rules that differ from this one in the same point only, and leave nothing of it between them."""
    left: dict[str, list[tuple[str, Asks]]] = {}
    for name, earlier in before:
        points = _open_points(earlier, asks, agreement)
        if len(points) == 1:
            left.setdefault(points[0], []).append((name, earlier))
    for point, several in left.items():
        if _all_of(point, [earlier for _, earlier in several], asks, agreement):
            return [name for name, _ in several]
    return None


def _all_of(point: str, several: list[Asks], asks: Asks, agreement: model.Agreement) -> bool:
    if point in ONE_VALUE:
        wanted = _wanted(point, asks, agreement)
        return wanted is not None and wanted <= frozenset().union(*(getattr(one, point) for one in several))
    if point in SEVERAL:
        # Of each, the one set that this rule does not meet by itself.
        unmet = [_unmet(point, one, asks) for one in several]
        offered = frozenset().union(*(sets[0] for sets in unmet if len(sets) == 1))
        return any(words <= offered for words in getattr(asks, point))
    if point == "hours":
        whole = [(one.inside, one.outside) for one in several]
        return any(
            len(inside) == 1 and not outside and (frozenset(), inside) in whole for inside, outside in whole
        )
    return False


def _wanted(name: str, asks: Asks, agreement: model.Agreement) -> Words | None:
    """The values a signal may have where a rule asks for them; any level there is, when it asks for none."""
    wanted: Words | None = getattr(asks, name)
    return frozenset(agreement.urgency.levels) if wanted is None and name == "urgency" else wanted


def _open_points(earlier: Asks, asks: Asks, agreement: model.Agreement) -> list[str]:
    """The points in which an earlier rule asks for more than this one."""
    found = []
    for name in ONE_VALUE:
        needs, has = getattr(earlier, name), _wanted(name, asks, agreement)
        if name == "postcode" and has is None and "inside" in asks.areas:
            has = frozenset(agreement.area.postcodes)
        if needs is not None and (has is None or not has <= needs):
            found.append(name)
    for name, every in EVERY.items():
        if _unmet(name, earlier, asks):
            found.append(name)
        sure = getattr(asks, every) | {word for has in getattr(asks, name) if len(has) == 1 for word in has}
        if not getattr(earlier, every) <= sure:
            found.append(every)
    if not earlier.areas <= asks.areas | _areas_of(asks, agreement):
        found.append("area")
    if not _hours_met(earlier, asks, agreement):
        found.append("hours")
    if (earlier.has_contact and not asks.has_contact) or (
        earlier.has_coordinator and not asks.has_coordinator
    ):
        found.append("case")
    return found


def _hours_met(earlier: Asks, asks: Asks, agreement: model.Agreement) -> bool:
    """Whether the hours an earlier rule asks for follow from those this one asks for."""
    calendars = agreement.calendars
    inside, outside = [calendars[one] for one in asks.inside], [calendars[one] for one in asks.outside]
    return all(any(_within(one, calendars[name]) for one in inside) for name in earlier.inside) and all(
        any(_within(calendars[name], one) for one in outside)
        or any(_minutes(one.week).isdisjoint(_minutes(calendars[name].week)) for one in inside)
        for name in earlier.outside
    )


def _within(narrow: model.Hours, wide: model.Hours) -> bool:
    """Whether one calendar is open whenever another is. A day off shuts a shift as a whole, the night after it too, so
    days off are only compared when no shift runs past midnight."""
    if narrow is wide:
        return True
    if not _minutes(narrow.week) <= _minutes(wide.week):
        return False
    off = {day.date for day in wide.holidays}
    is_overnight = any(s.closes_min > DAY_MIN for shifts in (*narrow.week, *wide.week) for s in shifts)
    return not off or (not is_overnight and off <= {day.date for day in narrow.holidays})


def _unmet(name: str, earlier: Asks, asks: Asks) -> list[Words]:
    """The sets of words an earlier rule asks for that this one does not ask for itself: it does when one of its own
    sets lies within, or a word it must have does."""
    has_all, has_sets = getattr(asks, EVERY[name]), getattr(asks, name)
    return [
        needs
        for needs in getattr(earlier, name)
        if not (needs & has_all or any(has <= needs for has in has_sets))
    ]


def _areas_of(asks: Asks, agreement: model.Agreement) -> Words:
    """Where the postcodes that are asked for lie."""
    own = frozenset(agreement.area.postcodes)
    if asks.postcode is None:
        return frozenset()
    sides = {"inside"} if asks.postcode <= own else {"outside"} if not asks.postcode & own else set()
    return frozenset(sides)
