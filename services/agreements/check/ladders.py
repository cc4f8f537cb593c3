"""Both ladders: levels with their waits, and somebody on them at every moment of the coming fortnight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.agreements import model
from services.agreements.check.given import Given
from services.agreements.check.walk import Walk, receivers_by_ladder
from services.agreements.findings import Found, Path, found
from services.agreements.model.words import RUNG_WORDS


def ladders(given: Given) -> Iterator[Found]:
    """Both ladders are there, and every level says for each urgency how long the one before has."""
    escalation = given.agreement.escalation
    if escalation is None:
        yield found((), "no_escalation")
        return
    if escalation.collaboration is None:
        yield found(("escalation",), "no_collaboration_ladder")
    if not escalation.operational:
        yield found(("escalation", "operational"), "no_operational_ladder")
    for name, rungs in escalation.operational.items():
        yield from _rungs(given, ("escalation", "operational", name), name, rungs)


def _rungs(given: Given, path: Path, name: str, rungs: tuple[model.Rung, ...]) -> Iterator[Found]:
    levels = given.agreement.urgency.levels
    if not rungs:
        yield found(path, "ladder_without_rungs", name=name)
        return
    for n, rung in enumerate(rungs):
        for level in levels if n else ():
            if level not in rung.after:
                yield found((*path, n), "rung_without_wait", level=level, name=name)
    last: Path = (*path, len(rungs) - 1)
    if rungs[-1].to in RUNG_WORDS:
        yield found((*last, "to"), "ladder_without_end", name=name)
    elif len(rungs) == 1:
        for level in levels:
            if level not in rungs[0].repeat_every:
                yield found(last, "ladder_without_repeat", level=level, name=name)


def holes(walk: Walk) -> Iterator[Found]:
    """Moments of the coming fortnight at which nobody can be asked, or only the last level can.

    Told is the first such moment of each ladder, in the clock time of the partnership. At a last level only, the
    hours count here though they do not when it is asked: somebody must be there.
    """
    for name, receivers in receivers_by_ladder(walk.given, walk.terms).items():
        if name in walk.terms.ladders:
            yield from _hole(walk, name, sorted(receivers))


def _hole(walk: Walk, name: str, receivers: list[str]) -> Iterator[Found]:
    path: Path = ("escalation", "operational", name)
    rungs = [to for to, _ in next(iter(walk.terms.ladders[name].values())).rungs]
    tos, last = rungs[:-1], rungs[-1]
    # Levels differ here by their calendar only; whether expertise counts, acute.py looks at.
    levels = list({id(level.calendar): level for level in walk.terms.levels.values()}.values())
    last_only: Found | None = None
    for at_ms in walk.moments:
        for level in levels:
            is_last_there = walk.stands(last, "", level, at_ms) is None
            if is_last_there and (last_only is not None or not tos):
                continue
            for ref in receivers:
                if not walk.terms.contacts[ref].takes_part(at_ms) or any(
                    walk.stands(to, ref, level, at_ms) is None for to in tos
                ):
                    continue
                words: dict[str, Any] = {
                    "name": name,
                    "receiver": ref,
                    "level": level.name,
                    "at": walk.shown(at_ms),
                }
                if not is_last_there:
                    yield found((*path, len(tos)), "ladder_hole", **words)
                    return
                last_only = found(path, "ladder_last_only", "warning", **words, last=last)
                break
    if last_only is not None:
        yield last_only


def sights(walk: Walk) -> Iterator[Found]:
    """Whoever is named on a ladder, or takes over from somebody, may see at least that there is something."""
    escalation = walk.given.agreement.escalation
    for name, rungs in escalation.operational.items() if escalation else ():
        for n, rung in enumerate(rungs):
            if rung.to not in RUNG_WORDS and (who := _sees_nothing(walk, rung.to)):
                yield found(
                    ("escalation", "operational", name, n, "to"), "rung_may_not_see", ladder=name, **who
                )
    for path, _, contact in walk.given.placed_contacts():
        for key in ("deputy", "stand_ins", "overflow"):
            named = getattr(contact, key) or ()
            for other in (named,) if isinstance(named, str) else named:
                if who := _sees_nothing(walk, other):
                    yield found((*path, key), "stand_in_may_not_see", contact=contact.id, **who)


def _sees_nothing(walk: Walk, name: str) -> dict[str, Any]:
    """Who it is, when what its kind or its ring may see is nothing; else no words at all."""
    seen = walk.may_see(walk.terms.refs[name], "thin")
    if seen.is_allowed or seen.because not in {"kind_does_not_see", "ring_does_not_see"}:
        return {}
    party = walk.given.party_of[name]
    return {"name": name, "kind": party.kind, "ring": party.ring}
