"""Why a rule did or did not match a signal, in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from services.agreements.explain.voice import Voice
from services.agreements.matching import RULE_ERROR
from services.agreements.routable import CaseView, Routable


class Seen(NamedTuple):
    """What a rule was tried on."""

    signal: Routable
    case: CaseView


def why_not(because: str, seen: Seen, v: Voice) -> str:
    """The reason in words, with what the signal said."""
    say = REASONS.get(because)
    return say(seen, v) if say else v.word(because)


def _types(seen: Seen, v: Voice) -> str:
    return _has(
        seen.signal.types,
        "type",
        v("de melding is ", "its type is "),
        v("er is geen soort genoemd", "no type was named"),
        v,
    )


def _concern(seen: Seen, v: Voice) -> str:
    return _has(
        seen.signal.concern,
        "concern",
        v("het gaat om ", "it is about "),
        v("er is niet gezegd waar het om gaat", "nobody said what it is about"),
        v,
    )


def _has(words: Collection[str], table: str, lead: str, none: str, v: Voice) -> str:
    return lead + v.words(words, table) if words else none


def _party(seen: Seen, v: Voice) -> str:
    party = seen.signal.reporter.party
    return (
        v(f"de melding komt van {v.party(party)}", f"the signal comes from {v.party(party)}")
        if party
        else v("de melding komt niet van een organisatie", "the signal does not come from an organisation")
    )


def _practice(seen: Seen, v: Voice) -> str:
    practice = seen.case.practice
    return (
        v(f"de cliënt hoort bij {v.practice(practice)}", f"the client belongs to {v.practice(practice)}")
        if practice
        else v("de huisartsenpraktijk is niet bekend", "the GP practice is not known")
    )


def _group(seen: Seen, v: Voice) -> str:
    group = seen.case.target_group
    return (
        v(f"de cliënt hoort bij de groep {v.word(group)}", f"the client belongs to the group {v.word(group)}")
        if group
        else v("de cliënt hoort niet bij een groep", "the client belongs to no group")
    )


#: By the code in a trace.
REASONS: Mapping[str, Callable[[Seen, Voice], str]] = {
    "urgency_differs": lambda seen, v: (
        v("de spoed is ", "the level is ") + v.word(seen.signal.urgency, "level")
    ),
    "types_differ": _types,
    "not_every_type": _types,
    "concern_differs": _concern,
    "not_every_concern": _concern,
    "about_differs": lambda seen, v: v("het betreft ", "it concerns ") + v.word(seen.signal.about, "about"),
    "reporter_differs": lambda seen, v: (
        v.word(seen.signal.reporter.kind, "reporter") + v(" meldt het", " reports it")
    ),
    "reporting_party_differs": _party,
    "postcode_unknown": lambda _, v: v("de postcode is niet bekend", "the postcode is not known"),
    "postcode_differs": lambda seen, v: (
        v("de postcode is ", "the postcode is ") + (seen.signal.postcode or "")
    ),
    "inside_area": lambda seen, v: v(
        f"postcode {seen.signal.postcode} ligt in het werkgebied",
        f"postcode {seen.signal.postcode} lies inside the area",
    ),
    "outside_area": lambda seen, v: v(
        f"postcode {seen.signal.postcode} ligt buiten het werkgebied",
        f"postcode {seen.signal.postcode} lies outside the area",
    ),
    "case_has_no_contact": lambda _, v: v(
        "de cliënt heeft nog geen contactpersoon", "the client has no contact yet"
    ),
    "case_has_no_coordinator": lambda _, v: v(
        "de cliënt heeft nog geen coördinator", "the client has no coordinator yet"
    ),
    "practice_differs": _practice,
    "target_group_differs": _group,
    "outside_hours": lambda _, v: v("het is buiten die uren", "it is outside those hours"),
    "inside_hours": lambda _, v: v("het is binnen die uren", "it is within those hours"),
    "no_neighbour_there": lambda _, v: v(
        "geen van de buren werkt in die postcode", "none of the neighbours works in that postcode"
    ),
    "practice_without_contact": lambda seen, v: v(
        f"niemand is er vast voor die praktijk ({_practice(seen, v)})",
        f"nobody is the fixed contact of that practice ({_practice(seen, v)})",
    ),
    "no_intake_for_it": lambda _, v: v(
        "niemand doet hiervoor de eerste intake", "nobody does the first intake for it"
    ),
    "no_path_for_it": lambda seen, v: v(
        f"er is geen vast pad ({_group(seen, v)})", f"there is no path ({_group(seen, v)})"
    ),
    "receiver_takes_no_part": lambda _, v: v(
        "wie daar wordt genoemd, doet op dit moment niet mee", "whoever it names takes no part at this moment"
    ),
    RULE_ERROR: lambda _, v: v(
        "de regel werkte niet; daarom vragen wij het coördinatiepunt",
        "the rule failed; therefore the coordination point is asked",
    ),
    "unknown_urgency": lambda seen, v: v(
        f"de spoed ‘{seen.signal.urgency}’ staat niet in de afspraken; wij nemen de hoogste",
        f"the level ‘{seen.signal.urgency}’ is not in the agreement; the most pressing one is taken",
    ),
}
