"""A rule of the tree in words: its number on the page, and what it asks of a signal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.agreements import model
from services.agreements.explain.voice import Voice


class Numbered(NamedTuple):
    """A rule with its number on the page, and whom it names, its own or the rule's above it."""

    number: str
    rule: model.Rule
    receiver: str | None


def numbered(routing: model.Routing) -> Iterator[Numbered]:
    """Every rule of the tree, from top to bottom: 1, 2, 2.1, 2.2, 3."""
    yield from _numbered(routing.routes, "", routing.receiver)


def _numbered(rules: Sequence[model.Rule], before: str, receiver: str | None) -> Iterator[Numbered]:
    for found in side_by_side(rules, before, receiver):
        yield found
        yield from _numbered(found.rule.routes, f"{found.number}.", found.receiver)


def side_by_side(rules: Sequence[model.Rule], before: str, receiver: str | None) -> Iterator[Numbered]:
    """The rules of one level: `before` is the number they stand under with its dot, empty at the top."""
    for n, rule in enumerate(rules, start=1):
        yield Numbered(f"{before}{n}", rule, rule.receiver or receiver)


def asks(match: model.Match, v: Voice) -> str:
    """What a rule asks for, as the beginning of a sentence: `If the signal is acute and of a nursing kind,`."""
    told = [one for one in _asks(match, v) if one]
    if not told:
        return v("Altijd:", "Always:")
    return v("Als ", "If ") + v.joined(told) + ","


def _asks(match: model.Match, v: Voice) -> Iterator[str | None]:  # noqa: PLR0912 - one line a question
    if match.urgency:
        yield v(
            f"de spoed {v.words(match.urgency, 'level', 'or')} is",
            f"the level is {v.words(match.urgency, 'level', 'or')}",
        )
    if match.types:
        yield v(
            f"de melding {v.words(match.types, 'type', 'or')} is",
            f"its type is {v.words(match.types, 'type', 'or')}",
        )
    if match.every_type:
        yield v(
            f"de melding tegelijk {v.words(match.every_type, 'type')} is",
            f"its types are {v.words(match.every_type, 'type')} at once",
        )
    if match.concern:
        yield v(
            f"het gaat om {v.words(match.concern, 'concern', 'or')}",
            f"it is about {v.words(match.concern, 'concern', 'or')}",
        )
    if match.every_concern:
        yield v(
            f"het tegelijk gaat om {v.words(match.every_concern, 'concern')}",
            f"it is about {v.words(match.every_concern, 'concern')} at once",
        )
    if match.about:
        yield v(
            f"het {v.words(match.about, 'about', 'or')} betreft",
            f"it concerns {v.words(match.about, 'about', 'or')}",
        )
    if match.reporter:
        yield v(
            f"{v.words(match.reporter, 'reporter', 'or')} het meldt",
            f"{v.words(match.reporter, 'reporter', 'or')} reports it",
        )
    if match.reporting_kind:
        kinds = v.words(match.reporting_kind, "kind", "or")
        yield v(
            f"de melder werkt bij een organisatie van de soort {kinds}",
            f"the reporter works at an organisation of the kind {kinds}",
        )
    if match.postcode:
        yield v(
            f"de postcode {v.joined(match.postcode, 'or')} is",
            f"the postcode is {v.joined(match.postcode, 'or')}",
        )
    if match.area:
        yield (
            v("de postcode binnen het werkgebied ligt", "the postcode lies inside the area")
            if match.area == "inside"
            else v("de postcode buiten het werkgebied ligt", "the postcode lies outside the area")
        )
    if match.case:
        yield (
            v("de cliënt al een contactpersoon heeft", "the client has a contact already")
            if match.case == "has_contact"
            else v("de cliënt al een coördinator heeft", "the client has a coordinator already")
        )
    if match.practice:
        practices = v.joined((v.practice(name) for name in match.practice), "or")
        yield v(f"de cliënt bij {practices} hoort", f"the client belongs to {practices}")
    if match.target_group:
        yield v(
            f"de cliënt hoort bij de groep {v.words(match.target_group, last='or')}",
            f"the client belongs to the group {v.words(match.target_group, last='or')}",
        )
    if match.hours and match.hours.inside:
        calendar = v.hours_of(match.hours.inside)
        yield v(f"het binnen {calendar} is", f"it is within {calendar}")
    if match.hours and match.hours.outside:
        calendar = v.hours_of(match.hours.outside)
        yield v(f"het buiten {calendar} is", f"it is outside {calendar}")
