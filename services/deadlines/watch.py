"""The generic watchman: facts open and end obligations, and time warns, breaches and climbs their ladders.

It knows no subject: which fact opens what, and who is asked when, it reads from the agreement. What it is given and
what it returns are values; `now_ms` is an argument. Rungs and deadlines are frozen when an obligation opens,
who stands on a rung is found when it fires (semantics 5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from schemas.base import Said
from schemas.deadlines import EscalationCause, Skipped, SkipReason
from services.agreements.ladder import Wanted, climb
from services.agreements.parts import DISCHARGED, NEXT_LEVEL
from services.agreements.terms import Terms
from services.deadlines import telling
from services.deadlines.happened import Happened
from services.deadlines.obligation import Obligation
from services.deadlines.opening import next_ask_ms, open_obligation, wait_ms

#: So many facts of one step may lead to each other; more is an agreement that feeds on itself.
MAX_TOLD = 200


class Told(NamedTuple):
    """A fact the watchman tells: of which entity, under whose agreement, and the id of what led to it."""

    fact: Said
    entity: str
    partnership: str
    urgency: str
    priority: str
    cause: str


class Watched(NamedTuple):
    """The obligations that are open now, and what was told on the way, in order."""

    obligations: list[Obligation]
    told: list[Told]


class Standing(NamedTuple):
    """What the watchman may know: the moment, the agreement in force for a partnership, and the id that the
    n-th fact it tells will carry."""

    now_ms: int
    terms_of: Callable[[str], Terms]
    fact_id: Callable[[int], str]


def breach(obligations: Sequence[Obligation], until_ms: int, standing: Standing) -> Watched:
    """Tells the deadlines that passed up to a moment, and nothing else: what comes next may be the answer."""
    step = _Step(obligations, standing)
    step.obligations = [step.breach(one, until_ms) for one in obligations]
    return step.settled()


def hear(happened: Iterable[Happened], obligations: Sequence[Obligation], standing: Standing) -> Watched:
    """What these facts open, end or move."""
    step = _Step(obligations, standing)
    for one in happened:
        step.hear(one)
    return step.settled()


def advance(obligations: Sequence[Obligation], standing: Standing) -> Watched:
    """Everything whose moment has come. After an outage (semantics 19, 20): a deadline once with its lateness,
    of several warnings the last, no warning after the breach, and of the ladder the level that is due by now."""
    step = _Step(obligations, standing)
    now_ms = standing.now_ms
    step.obligations = [step.climb(step.breach(step.warn(one), now_ms)) for one in obligations]
    return step.settled()


class _Step:
    """One step of the watchman: the obligations as they change, and what it has told so far."""

    def __init__(self, obligations: Sequence[Obligation], standing: Standing) -> None:
        self.obligations = list(obligations)
        self.told: list[Told] = []
        self.now_ms, self.terms_of, self.fact_id = standing

    def tell(self, one: Obligation, fact: Said, cause: str) -> None:
        told = Told(fact, one["entity"], one["partnership"], one["urgency"], one["priority"], cause)
        self.told.append(told)

    def settled(self) -> Watched:
        """What was told may itself open or end an obligation."""
        heard = 0
        while heard < len(self.told):
            if heard >= MAX_TOLD:
                raise RecursionError("obligations of this agreement open each other without end")
            fact, entity, partnership, urgency, _, _ = self.told[heard]
            name = type(fact).__name__
            if self.is_awaited(name, partnership):
                fact_id = self.fact_id(heard)
                self.hear(
                    Happened(name, fact_id, entity, partnership, urgency, self.now_ms, None, vars(fact))
                )
            heard += 1
        return Watched(self.obligations, self.told)

    def is_awaited(self, name: str, partnership: str) -> bool:
        """Whether a fact of this name opens or ends anything: most are told to people only."""
        if name in self.terms_of(partnership).duties:
            return True
        return any(event == name for one in self.obligations for event, _, _ in one["endings"])

    # -- facts -------------------------------------------------------------------------------------

    def hear(self, happened: Happened) -> None:
        kept: list[Obligation] = []
        for one in self.obligations:
            effect = _effect(one, happened)
            if effect is None:
                kept.append(one)
            elif effect == DISCHARGED:
                self.tell(one, telling.discharged(one, happened), happened.fact_id)
            elif effect == NEXT_LEVEL:
                kept.append(self.decline(one, happened))
            else:
                self.tell(one, telling.cancelled(one, effect), happened.fact_id)
        self.obligations = kept
        terms = self.terms_of(happened.partnership)
        for duty in terms.duties.get(happened.name, ()):
            if happened.holds(duty.opened_by.where):
                # The fact that opens it is told next: its id is the obligation's.
                obligation_id = self.fact_id(len(self.told))
                one, fact, skipped = open_obligation(duty, happened, terms, self.now_ms, obligation_id)
                self.obligations.append(one)
                self.tell(one, fact, happened.fact_id)
                if skipped:
                    unreachable = telling.escalated(one, EscalationCause.UNREACHABLE, skipped, 0)
                    self.tell(one, unreachable, obligation_id)

    def decline(self, one: Obligation, happened: Happened) -> Obligation:
        """Whoever is asked now says no: the next level at once, with the deadline as it was (semantics 25).

        Somebody who was asked before is not waited for any more; and on the last level there is nobody to move on
        to, so it stays and is asked again in its time.
        """
        if happened.by not in {None, one["asked"][-1]} or _is_on_last_level(one):
            return one
        return self.ask(one, self.now_ms, EscalationCause.DECLINED, happened.fact_id)

    # -- time --------------------------------------------------------------------------------------

    def warn(self, one: Obligation) -> Obligation:
        passed = [percent for percent, at_ms in one["warnings"] if at_ms <= self.now_ms]
        if not passed:
            return one
        if self.now_ms < one["due_ms"]:
            self.tell(one, telling.warned(one, max(passed)), one["id"])
        return {**one, "warnings": one["warnings"][len(passed) :]}

    def breach(self, one: Obligation, until_ms: int) -> Obligation:
        if one["breached_ms"] is not None or until_ms < one["due_ms"]:
            return one
        self.tell(one, telling.breached(one, self.now_ms), one["id"])
        return {**one, "breached_ms": self.now_ms, "warnings": []}

    def climb(self, one: Obligation) -> Obligation:
        if one["next_ms"] > self.now_ms:
            return one
        cause = EscalationCause.REPEATED if _is_on_last_level(one) else EscalationCause.NO_ANSWER
        return self.ask(one, one["next_ms"], cause, one["id"])

    def ask(self, one: Obligation, due_ms: int, cause: EscalationCause, because_of: str) -> Obligation:
        """Asks the next level that answers. `due_ms` is when it should have been asked: levels whose time came and
        went since then are passed over too, so that after an outage only the present one is called."""
        terms = self.terms_of(one["partnership"])
        level = terms.level(one["urgency"])
        names = [to for to, _ in one["rungs"]]
        wanted = Wanted(one["owed_by"], one["asked"], self.now_ms, level, one.get("expertise", ()))
        skipped: list[Skipped] = []
        n = one["level"] + 1
        while True:
            found = climb(names, n, wanted, terms)
            skipped += found.skipped
            if found.level == len(names) - 1:
                break
            following_ms = wait_ms(one["rungs"][found.level + 1][1], due_ms, terms.clock)
            if following_ms > self.now_ms:
                break
            to = names[found.level]
            skipped.append(Skipped(level=found.level, to=to, reason=SkipReason.MISSED_IN_OUTAGE))
            due_ms, n = following_ms, found.level + 1
        asked = [*(contact for contact in one["asked"] if contact != found.contact), found.contact]
        moved: Obligation = {**one, "level": found.level, "asked": asked}
        # Whoever is asked late still has the whole wait.
        moved["next_ms"] = next_ask_ms(moved, self.now_ms, terms.clock)
        self.tell(moved, telling.escalated(moved, cause, skipped, self.now_ms - due_ms), because_of)
        return moved


def _is_on_last_level(one: Obligation) -> bool:
    return one["level"] >= len(one["rungs"]) - 1


def _effect(one: Obligation, happened: Happened) -> str | None:
    if one["entity"] != happened.entity:
        return None
    for event, effect, where in one["endings"]:
        if event == happened.name and happened.holds(where):
            return effect
    return None
