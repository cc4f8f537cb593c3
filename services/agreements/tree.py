"""The routing tree made ready: every node with all it has from the nodes above it, and its steps of a trace."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.signals import TraceStep
from services.agreements import model
from services.agreements.calendars import Calendar
from services.agreements.joined import Unusable, asked, gathered, pick
from services.agreements.matching import MATCHED, MISMATCHES, RULE_ERROR, Match
from services.agreements.model.words import PATH_CONTACT, RECEIVER_WORDS
from services.agreements.parts import ROOT, Node


def root(
    agreement: model.Agreement,
    refs: Mapping[str, str],
    ladders: Mapping[str, object],
    calendars: Mapping[str, Calendar],
) -> Node:
    """The root, which names a receiver and a ladder: an unrouted signal cannot exist."""
    routing = agreement.routing
    if routing.receiver is None:
        raise Unusable("root_without_receiver", ROOT)
    if routing.ladder is None:
        raise Unusable("root_without_ladder", ROOT)
    receiver = pick(refs, routing.receiver, "unknown_contact")
    pick(ladders, routing.ladder, "unknown_ladder")
    area = frozenset(agreement.area.postcodes)
    of_kind = gathered((party.kind, party.id) for party in agreement.parties)
    path_ladders = {group: path.ladder for group, path in agreement.paths.items() if path.ladder is not None}
    for ladder in path_ladders.values():
        pick(ladders, ladder, "unknown_ladder")

    def node(rule: model.Rule, receiver: str, ladder: str) -> Node:
        if rule.receiver in RECEIVER_WORDS:
            receiver = rule.receiver
        elif rule.receiver is not None:
            receiver = pick(refs, rule.receiver, "unknown_contact")
        if rule.ladder is not None:
            ladder = rule.ladder
            pick(ladders, ladder, "unknown_ladder")
        routes = tuple(node(route, receiver, ladder) for route in rule.routes)
        ask = _ask(rule.match, area, of_kind, calendars)
        by_path = path_ladders if receiver == PATH_CONTACT and rule.ladder is None else {}
        return Node(rule.name, ask, receiver, ladder, by_path, rule.goes_on, routes, _steps(rule.name))

    routes = tuple(node(rule, receiver, routing.ladder) for rule in routing.routes)
    return Node(ROOT, Match(), receiver, routing.ladder, {}, False, routes, _steps(ROOT))


def _steps(node: str) -> dict[str, TraceStep]:
    steps = {why: TraceStep(node=node, matched=False, because=why) for why in (*MISMATCHES, RULE_ERROR)}
    return {MATCHED: TraceStep(node=node, matched=True, because=MATCHED), **steps}


def _ask(
    match: model.Match,
    area: frozenset[str],
    of_kind: Mapping[str, tuple[str, ...]],
    calendars: Mapping[str, Calendar],
) -> Match:
    kinds = match.reporting_kind
    hours = match.hours or model.Window()
    return Match(
        urgency=asked(match.urgency),
        types=asked(match.types),
        every_type=asked(match.every_type),
        concern=asked(match.concern),
        every_concern=asked(match.every_concern),
        about=asked(match.about),
        reporter=asked(match.reporter),
        reporting=frozenset(party for kind in kinds for party in of_kind.get(kind, ())) if kinds else None,
        postcodes=asked(match.postcode),
        inside_area=area if match.area == "inside" else None,
        outside_area=area if match.area == "outside" else None,
        has_contact=match.case == "has_contact",
        has_coordinator=match.case == "has_coordinator",
        practice=asked(match.practice),
        target_group=asked(match.target_group),
        inside_hours=pick(calendars, hours.inside, "unknown_calendar") if hours.inside else None,
        outside_hours=pick(calendars, hours.outside, "unknown_calendar") if hours.outside else None,
    )
