"""The names a file of cases may use: those of the agreement it is tried on, or of both that are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.agreements import model
from services.agreements.parts import ROOT, Node
from services.agreements.terms import Terms

#: Who reports, as a kind that hears back.
REPORTER = "reporter"


class Vocabulary(NamedTuple):
    """By kind of name. `refs` finds a contact by its short name; the zone is the one moments are written in."""

    zone: ZoneInfo
    levels: frozenset[str]
    refs: Mapping[str, str]
    contacts: frozenset[str]
    rules: frozenset[str]
    ladders: frozenset[str]
    rungs: frozenset[str]
    obligations: frozenset[str]
    kinds: frozenset[str]


def vocabulary(*agreements: Terms) -> Vocabulary:
    """The names of these agreements together; the zone is that of the last."""
    refs: dict[str, str] = {}
    for terms in agreements:
        refs |= terms.refs
    return Vocabulary(
        zone=agreements[-1].clock.zone,
        levels=frozenset(name for terms in agreements for name in terms.levels),
        refs=refs,
        contacts=frozenset(ref for terms in agreements for ref in terms.contacts),
        rules=frozenset(name for terms in agreements for name in _rules(terms.root)) | {ROOT},
        ladders=frozenset(name for terms in agreements for name in terms.ladders),
        rungs=frozenset(
            to
            for terms in agreements
            for by_level in terms.ladders.values()
            for ladder in by_level.values()
            for to, _ in ladder.rungs
        ),
        obligations=frozenset(one.name for terms in agreements for one in terms.agreement.obligations),
        kinds=frozenset(kind for terms in agreements for kind in _kinds(terms.agreement)) | {REPORTER},
    )


def listed(words: Iterable[str]) -> str:
    """The words as a sentence names them."""
    return ", ".join(sorted(words)) or "none"


def hint(word: str, known: Iterable[str]) -> str:
    """The word that was meant, when one looks like it; else all that are known."""
    known = sorted(known)
    near = get_close_matches(word, known, n=1, cutoff=0.75)
    return f"did you mean `{near[0]}`?" if near else f"known are {listed(known)}"


def _rules(node: Node) -> Iterable[str]:
    for rule in node.routes:
        yield rule.name
        yield from _rules(rule)


def _kinds(agreement: model.Agreement) -> Iterable[str]:
    yield from (party.kind for party in agreement.parties)
    if isinstance(agreement.feedback, model.Feedback):
        for rule in agreement.feedback.rules:
            yield from rule.to
