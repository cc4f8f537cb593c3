"""The routing tree: a root that always answers, rules that can be reached, receivers that are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from services.agreements import model
from services.agreements.check.given import Given
from services.agreements.check.parties import COORDINATION_POINT
from services.agreements.check.reach import Asks, asks_of, covers, covers_together, never
from services.agreements.findings import Found, Path, found
from services.agreements.model.words import (
    CASE_CONTACT,
    CASE_COORDINATOR,
    INTAKE_CONTACT,
    NEIGHBOUR_ENTRY,
    PATH_CONTACT,
    PRACTICE_CONTACT,
    RECEIVER_WORDS,
)


def root(given: Given) -> Iterator[Found]:
    """Whoever is asked when no rule matches: a coordination point, with a ladder."""
    routing = given.agreement.routing
    if routing.receiver is None:
        yield found(("routing",), "root_without_receiver")
    elif (party := given.party_of.get(routing.receiver)) and party.kind != COORDINATION_POINT:
        yield found(
            ("routing", "receiver"), "root_not_coordination_point", name=routing.receiver, kind=party.kind
        )
    if routing.ladder is None:
        yield found(("routing",), "root_without_ladder")


def rules(given: Given) -> Iterator[Found]:
    """Every rule has a moment at which it decides."""
    yield from _rules(given, given.agreement.routing.routes, ("routing", "routes"), Asks(), (), None)


def _rules(  # noqa: PLR0913 - what holds where a rule stands
    given: Given,
    routes: tuple[model.Rule, ...],
    path: Path,
    above: Asks,
    before: tuple[tuple[str, Asks], ...],
    receiver: str | None,
) -> Iterator[Found]:
    """`above` is what the rules above ask for, `before` the rules that decide before these are looked at."""
    for n, rule in enumerate(routes):
        at: Path = (*path, n)
        yield from _window(at, rule)
        asks = above.and_(asks_of(rule.match, given.agreement))
        sends_to = rule.receiver or receiver
        why = never(asks, given.agreement)
        by = _shadow(asks, before, given.agreement)
        if why is not None:
            code, words = why
            yield found(at, code, name=rule.name, **words)
        elif by is not None:
            yield found(at, "unreachable_rule", name=rule.name, by=by)
        else:
            yield from _receiver(given, at, rule, sends_to, asks)
            # Within it, whatever decides before it decides before its own routes too.
            yield from _rules(given, rule.routes, (*at, "routes"), asks, before, sends_to)
        if not rule.goes_on and _always_sends(given, sends_to, asks):
            before = (*before, (rule.name, asks))


class Reached(NamedTuple):
    """A rule with all it has from the rules above it. `receiver` is a contact of the file or a word."""

    path: Path
    name: str
    asks: Asks
    receiver: str
    ladder: str


def reached(given: Given) -> Iterator[Reached]:
    """Every rule, with what it has from the rules above it."""

    def walk(routes: tuple[model.Rule, ...], above: Reached) -> Iterator[Reached]:
        for n, rule in enumerate(routes):
            asks = above.asks.and_(asks_of(rule.match, given.agreement))
            path: Path = (*above.path, "routes", n)
            here = Reached(
                path, rule.name, asks, rule.receiver or above.receiver, rule.ladder or above.ladder
            )
            yield here
            yield from walk(rule.routes, here)

    routing = given.agreement.routing
    root_ = Reached(("routing",), "", Asks(), routing.receiver or "", routing.ladder or "")
    return walk(routing.routes, root_)


def _shadow(asks: Asks, before: tuple[tuple[str, Asks], ...], agreement: model.Agreement) -> str | None:
    """The rule, or the rules together, that take all this one asks for."""
    for name, earlier in before:
        if covers(earlier, asks, agreement):
            return name
    together = covers_together(before, asks, agreement)
    return ", ".join(together) if together else None


def _always_sends(given: Given, receiver: str | None, asks: Asks) -> bool:
    """Whether a rule that matches also decides: it has somebody to send to, at any time and for any case."""
    if receiver in RECEIVER_WORDS:
        return (receiver == CASE_CONTACT and asks.has_contact) or (
            receiver == CASE_COORDINATOR and asks.has_coordinator
        )
    party = given.party_of.get(receiver or given.agreement.routing.receiver or "")
    return party is not None and party.joins is None and party.leaves is None


def _window(path: Path, rule: model.Rule) -> Iterator[Found]:
    window = rule.match.hours
    if window is not None and (window.inside is None) == (window.outside is None):
        yield found((*path, "match", "hours"), "wrong_window", name=rule.name)


def _receiver(
    given: Given, path: Path, rule: model.Rule, receiver: str | None, asks: Asks
) -> Iterator[Found]:
    """A word that stands for somebody must have somebody to stand for."""
    if receiver not in RECEIVER_WORDS:
        return
    agreement = given.agreement
    at: Path = (*path, "receiver") if rule.receiver else path
    if receiver == CASE_CONTACT and not asks.has_contact:
        yield found(at, "case_contact_unasked", "warning", name=rule.name)
    if receiver == CASE_COORDINATOR and not asks.has_coordinator:
        yield found(at, "case_coordinator_unasked", "warning", name=rule.name)
    if receiver == NEIGHBOUR_ENTRY and not agreement.neighbours:
        yield found(at, "no_neighbours", name=rule.name)
    if receiver == PRACTICE_CONTACT and not any(c.for_practice for c in given.contacts.values()):
        yield found(at, "no_practices", name=rule.name)
    if receiver == INTAKE_CONTACT:
        if not agreement.intake:
            yield found(at, "no_intake", name=rule.name)
        elif not any(not (line.target_group or line.types or line.postcodes) for line in agreement.intake):
            yield found(("intake",), "intake_without_rest", "warning", name=rule.name)
    if receiver == PATH_CONTACT:
        yield from _paths(given, path, at, rule, asks)


def _paths(given: Given, path: Path, at: Path, rule: model.Rule, asks: Asks) -> Iterator[Found]:
    paths = given.agreement.paths
    with_contact = {group for group, one in paths.items() if one.contact is not None}
    if not with_contact:
        yield found(at, "no_paths", name=rule.name)
    for n, group in enumerate(rule.match.target_group):
        if with_contact and group not in with_contact:
            yield found(
                (*path, "match", "target_group", n), "path_without_contact", group=group, name=rule.name
            )
