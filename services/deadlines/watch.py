"""The generic watchman: facts open and end obligations, and time warns, breaches and climbs their ladders.

It knows no subject: which fact opens what, and who is asked when, it reads from the agreement. What it is given and
what it returns are values; `now_ms` is an argument. Rungs and deadlines are frozen when an obligation opens,
who stands on a rung is found when it fires (semantics 5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast

from schemas.base import Said
from schemas.deadlines import (
    EscalationCause,
    Inputs,
    ObligationBreached,
    ObligationCancelled,
    ObligationDischarged,
    ObligationEscalated,
    ObligationOpened,
    ObligationWarned,
    Skipped,
    SkipReason,
)
from services.agreements import times
from services.agreements.calendars import moment
from services.agreements.ladder import climb
from services.agreements.model import Scalar
from services.agreements.terms import DISCHARGED, EVENT, NEXT_LEVEL, Duty, Terms
from services.agreements.times import Clock, Span
from services.deadlines.obligation import Obligation

#: So many facts of one step may lead to each other; more is an agreement that feeds on itself.
MAX_TOLD = 200


class Happened(NamedTuple):
    """A fact as the watchman hears it. `recorded_ms` is when we took in what it answers; `by` is who acted."""

    name: str
    fact_id: str
    entity: str
    partnership: str
    urgency: str
    recorded_ms: int
    by: str | None
    data: Mapping[str, object]


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
    """One step of the watchman: what it has told so far."""

    def __init__(self, obligations: Sequence[Obligation], standing: Standing) -> None:
        self.obligations = list(obligations)
        self.told: list[Told] = []
        self.now_ms, self.terms_of, self.fact_id = standing

    def settled(self) -> Watched:
        """What was told may itself open or end an obligation."""
        heard = 0
        while heard < len(self.told):
            if heard >= MAX_TOLD:
                raise RecursionError("obligations of this agreement open each other without end")
            told = self.told[heard]
            name = type(told.fact).__name__
            if self.is_awaited(name, told.partnership):
                self.hear(
                    Happened(
                        name=name,
                        fact_id=self.fact_id(heard),
                        entity=told.entity,
                        partnership=told.partnership,
                        urgency=told.urgency,
                        recorded_ms=self.now_ms,
                        by=None,
                        data=vars(told.fact),
                    )
                )
            heard += 1
        return Watched(self.obligations, self.told)

    def is_awaited(self, name: str, partnership: str) -> bool:
        """Whether a fact of this name opens or ends anything: most are told to people only."""
        if name in self.terms_of(partnership).duties:
            return True
        return any(event == name for one in self.obligations for event, _, _ in one["endings"])

    def tell(self, one: Obligation, fact: Said, cause: str) -> None:
        self.told.append(
            Told(fact, one["entity"], one["partnership"], one["urgency"], one["priority"], cause)
        )

    # -- facts -------------------------------------------------------------------------------------

    def hear(self, happened: Happened) -> None:
        kept: list[Obligation] = []
        for one in self.obligations:
            effect = _effect(one, happened)
            if effect is None:
                kept.append(one)
            elif effect == DISCHARGED:
                self.discharge(one, happened)
            elif effect == NEXT_LEVEL:
                kept.append(self.decline(one, happened))
            else:
                self.cancel(one, effect, happened)
        self.obligations = kept
        terms = self.terms_of(happened.partnership)
        for duty in terms.duties.get(happened.name, ()):
            if _holds(duty.opened_by.where, happened.data):
                self.obligations.append(self.open(duty, happened, terms))

    def open(self, duty: Duty, happened: Happened, terms: Terms) -> Obligation:
        level = terms.level(happened.urgency)
        span = duty.within.get(level.name) or duty.otherwise
        deadline = times.due(times.Inputs(happened.recorded_ms, level.name, duty.name, span), terms.clock)
        ladder_name = _ladder(duty, happened, terms)
        ladder = terms.ladders[ladder_name][level.name]
        owed_by = _owed_by(duty, happened, terms)
        asked = climb([to for to, _ in ladder.rungs], 0, owed_by, (), self.now_ms, level, terms)
        one: Obligation = {
            # The fact that opens it is told next: its id is the obligation's.
            "id": self.fact_id(len(self.told)),
            "name": duty.name,
            "entity": happened.entity,
            "partnership": happened.partnership,
            "agreement_version": terms.version,
            "urgency": level.name,
            "priority": level.priority,
            "rank": level.rank,
            "owed_by": owed_by,
            "started_ms": happened.recorded_ms,
            "span": span.row(),
            "due_ms": deadline.due_ms,
            "breached_ms": None,
            "warnings": times.passed(deadline, duty.warn_at, terms.clock),
            "rungs": ladder.rungs,
            "repeat": ladder.repeat,
            "level": asked.level,
            "asked": [asked.contact],
            "next_ms": 0,
            "endings": duty.endings,
        }
        one["next_ms"] = self.next_ms(one, self.now_ms, terms.clock)
        counting, amount, calendar = span
        fact = ObligationOpened(
            obligation_id=one["id"],
            name=duty.name,
            entity=happened.entity,
            owed_by=owed_by,
            owed_to=duty.owed_to,
            urgency=level.name,
            due_at=moment(deadline.due_ms),
            inputs=Inputs(
                started_at=moment(happened.recorded_ms),
                urgency=level.name,
                rule=duty.name,
                counting=counting,
                amount=amount,
                calendar=calendar,
            ),
            ladder=ladder_name,
            agreement_version=terms.version,
        )
        self.tell(one, fact, happened.fact_id)
        if asked.skipped:
            self.tell_escalated(one, EscalationCause.UNREACHABLE, asked.skipped, 0, one["id"])
        return one

    def discharge(self, one: Obligation, happened: Happened) -> None:
        """On time goes by the moment the answer was taken in. A breach told while it was on its way is withdrawn."""
        is_on_time = happened.recorded_ms < one["due_ms"]
        fact = ObligationDischarged(
            obligation_id=one["id"],
            name=one["name"],
            by=happened.by,
            on_time=is_on_time,
            took_s=max(0, happened.recorded_ms - one["started_ms"]) / 1000,
            withdraws_breach=is_on_time and one["breached_ms"] is not None,
            urgency=one["urgency"],
        )
        self.tell(one, fact, happened.fact_id)

    def cancel(self, one: Obligation, because: str, happened: Happened) -> None:
        word = cast(Literal["withdrawn", "replaced", "closed"], because)
        fact = ObligationCancelled(
            obligation_id=one["id"], name=one["name"], because=word, urgency=one["urgency"]
        )
        self.tell(one, fact, happened.fact_id)

    def decline(self, one: Obligation, happened: Happened) -> Obligation:
        """Whoever is asked now says no: the next level at once, with the deadline as it was (semantics 25).

        Somebody who was asked before is not waited for any more; and on the last level there is nobody to move on
        to, so it stays and is asked again in its time.
        """
        if happened.by not in {None, one["asked"][-1]} or one["level"] >= len(one["rungs"]) - 1:
            return one
        return self.ask(one, self.now_ms, EscalationCause.DECLINED, happened.fact_id)

    # -- time --------------------------------------------------------------------------------------

    def warn(self, one: Obligation) -> Obligation:
        passed = [percent for percent, at_ms in one["warnings"] if at_ms <= self.now_ms]
        if not passed:
            return one
        if self.now_ms < one["due_ms"]:
            fact = ObligationWarned(
                obligation_id=one["id"],
                name=one["name"],
                owed_by=one["owed_by"],
                percent=max(passed),
                due_at=moment(one["due_ms"]),
                urgency=one["urgency"],
            )
            self.tell(one, fact, one["id"])
        return {**one, "warnings": one["warnings"][len(passed) :]}

    def breach(self, one: Obligation, until_ms: int) -> Obligation:
        if one["breached_ms"] is not None or until_ms < one["due_ms"]:
            return one
        fact = ObligationBreached(
            obligation_id=one["id"],
            name=one["name"],
            owed_by=one["owed_by"],
            due_at=moment(one["due_ms"]),
            urgency=one["urgency"],
            late_by_s=(self.now_ms - one["due_ms"]) / 1000,
        )
        self.tell(one, fact, one["id"])
        return {**one, "breached_ms": self.now_ms, "warnings": []}

    def climb(self, one: Obligation) -> Obligation:
        if one["next_ms"] > self.now_ms:
            return one
        is_last = one["level"] >= len(one["rungs"]) - 1
        cause = EscalationCause.REPEATED if is_last else EscalationCause.NO_ANSWER
        return self.ask(one, one["next_ms"], cause, one["id"])

    def ask(self, one: Obligation, due_ms: int, cause: EscalationCause, because_of: str) -> Obligation:
        """Asks the next level that answers. `due_ms` is when it should have been asked: levels whose time came and
        went since then are passed over too, so that after an outage only the present one is called."""
        terms = self.terms_of(one["partnership"])
        level = terms.level(one["urgency"])
        names = [to for to, _ in one["rungs"]]
        skipped: list[Skipped] = []
        n = one["level"] + 1
        while True:
            found = climb(names, n, one["owed_by"], one["asked"], self.now_ms, level, terms)
            skipped += found.skipped
            if found.level == len(names) - 1:
                break
            following_ms = _wait(one["rungs"][found.level + 1][1], due_ms, terms.clock)
            if following_ms > self.now_ms:
                break
            to = names[found.level]
            skipped.append(Skipped(level=found.level, to=to, reason=SkipReason.MISSED_IN_OUTAGE))
            due_ms, n = following_ms, found.level + 1
        asked = [*(contact for contact in one["asked"] if contact != found.contact), found.contact]
        moved: Obligation = {**one, "level": found.level, "asked": asked}
        moved["next_ms"] = self.next_ms(moved, self.now_ms, terms.clock)
        self.tell_escalated(moved, cause, skipped, self.now_ms - due_ms, because_of)
        return moved

    def next_ms(self, one: Obligation, asked_ms: int, clock: Clock) -> int:
        """How long whoever was asked has: till the next level, or till the last is asked again."""
        is_last = one["level"] >= len(one["rungs"]) - 1
        return _wait(one["repeat"] if is_last else one["rungs"][one["level"] + 1][1], asked_ms, clock)

    def tell_escalated(
        self,
        one: Obligation,
        cause: EscalationCause,
        skipped: Sequence[Skipped],
        late_ms: int,
        because_of: str,
    ) -> None:
        fact = ObligationEscalated(
            obligation_id=one["id"],
            name=one["name"],
            level=one["level"],
            to=one["asked"][-1],
            cause=cause,
            skipped=tuple(skipped),
            urgency=one["urgency"],
            due_at=moment(one["due_ms"]),
            next_at=moment(one["next_ms"]),
            late_by_s=late_ms / 1000,
        )
        self.tell(one, fact, because_of)


def _wait(span: Any, from_ms: int, clock: Clock) -> int:
    return times.after(Span(*span), from_ms, clock)


def _owed_by(duty: Duty, happened: Happened, terms: Terms) -> str:
    """Who owes it. A fact that names nobody leaves it with the coordination point: it is owed all the same."""
    if not duty.owed_by.startswith(EVENT):
        return duty.owed_by
    field = duty.owed_by.removeprefix(EVENT)
    found = happened.by if field == "by" else happened.data.get(field)
    return found if isinstance(found, str) and found else terms.coordination_point


def _ladder(duty: Duty, happened: Happened, terms: Terms) -> str:
    """The ladder's name; the routing's own for one that this version does not know (any more)."""
    field = duty.ladder.removeprefix(EVENT)
    name = duty.ladder if field == duty.ladder else str(happened.data.get(field))
    return name if name in terms.ladders else terms.root.ladder


def _effect(one: Obligation, happened: Happened) -> str | None:
    if one["entity"] != happened.entity:
        return None
    for event, effect, where in one["endings"]:
        if event == happened.name and _holds(where, happened.data):
            return effect
    return None


def _holds(where: Iterable[tuple[str, Iterable[Scalar]]], data: Mapping[str, object]) -> bool:
    """Whether every field holds one of its values; a field with several values, one of them."""
    for field, wanted in where:
        found = data.get(field)
        values = found if isinstance(found, tuple | list) else (found,)
        if not any(value in wanted for value in values):
            return False
    return True
