"""The generic watchman: facts open and end obligations, and time warns, breaches and climbs their ladders.

It knows no subject: which fact opens what, and who is asked when, it reads from the agreement. What it is given and
what it returns are values; `now_ms` is an argument. Rungs and deadlines are frozen when an obligation opens,
who stands on a rung is found when it fires (semantics 5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from schemas.base import Said
from schemas.deadlines import EscalationCause, ResumeCause, Skipped, SkipReason
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.ladder import Wanted, climb, read_of
from services.agreements.parts import DISCHARGED, EVENT, NEXT_LEVEL, PAUSED, RESUMED, Duty
from services.agreements.terms import Terms
from services.deadlines import counting, early, telling
from services.deadlines.counting import is_left_to_it, next_ask_ms, wait_ms
from services.deadlines.early import EarlyAnswer
from services.deadlines.happened import Happened
from services.deadlines.obligation import Obligation
from services.deadlines.opening import EXPERTISE, open_obligation

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
    """The obligations that are open now, what was told on the way, in order, and the answers read before their time
    (`hear` alone may change those)."""

    obligations: list[Obligation]
    told: list[Told]
    early: Sequence[EarlyAnswer] = ()


class Standing(NamedTuple):
    """What the watchman may know: the moment, the agreement in force for a partnership, and any version of it, the id
    that the n-th fact it tells will carry, and who is away, on duty and reached how."""

    now_ms: int
    terms_of: Callable[[str], Terms]
    version_of: Callable[[str, int], Terms]
    fact_id: Callable[[int], str]
    directory: Directory = AS_SIGNED


def breach(obligations: Sequence[Obligation], until_ms: int, standing: Standing) -> Watched:
    """Tells the pauses and the deadlines that passed up to a moment, and nothing else: what comes next may be the
    answer."""
    step = _Step(obligations, standing)
    step.obligations = [step.breach(step.run_on(one, until_ms), until_ms) for one in obligations]
    return step.settled()


def hear(
    happened: Sequence[Happened],
    obligations: Sequence[Obligation],
    standing: Standing,
    answers: Sequence[EarlyAnswer] = (),
) -> Watched:
    """What these facts of one decision open, end or move. `answers` are those that were read before their time."""
    step = _Step(obligations, standing)
    step.early = list(answers)
    for one in happened:
        step.hear(one)
    step.follow_urgency(happened)
    return step.settled()


def advance(obligations: Sequence[Obligation], standing: Standing) -> Watched:
    """Everything whose moment has come. After an outage (semantics 19, 20): a deadline once with its lateness,
    of several warnings the last, no warning after the breach, and of the ladder the level that is due by now."""
    step = _Step(obligations, standing)
    now_ms = standing.now_ms
    step.obligations = [step.advance(step.run_on(one, now_ms)) for one in obligations]
    return step.settled()


class _Step:
    """One step of the watchman: the obligations as they change, and what it has told so far."""

    def __init__(self, obligations: Sequence[Obligation], standing: Standing) -> None:
        self.obligations = list(obligations)
        self.told: list[Told] = []
        self.early: Sequence[EarlyAnswer] = ()
        self.now_ms, self.terms_of, self.version_of, self.fact_id, self.directory = standing

    def frozen(self, one: Obligation) -> Terms:
        """The version it was opened under: its times are counted by no other."""
        return self.version_of(one["partnership"], one["agreement_version"])

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
        return Watched(self.obligations, self.told, self.early)

    def is_awaited(self, name: str, partnership: str) -> bool:
        """Whether a fact of this name opens or ends anything: most are told to people only."""
        if name in self.terms_of(partnership).duties:
            return True
        return any(event == name for one in self.obligations for event, _, _ in one["endings"])

    # -- facts -------------------------------------------------------------------------------------

    def hear(self, happened: Happened) -> None:
        kept: list[Obligation] = []
        for n, one in enumerate(self.obligations):
            effect = _effect(one, happened)
            if effect is None:
                kept.append(one)
            elif effect == DISCHARGED:
                # An answer after its time is a breach first, whoever was to tell it (semantics 37).
                one = self.breach(one, happened.recorded_ms)  # noqa: PLW2901 - the same, as it stands now
                is_met = _is_met(one, [*kept, *self.obligations[n + 1 :]])
                self.tell(
                    one,
                    telling.discharged(one, happened.by, happened.recorded_ms, is_met),
                    happened.fact_id,
                )
            elif effect == NEXT_LEVEL:
                kept.append(self.decline(one, happened))
            elif effect == PAUSED:
                kept.append(self.pause(one, happened))
            elif effect == RESUMED:
                cause = ResumeCause.ENDED_BY_FACT
                kept.append(self.resume(one, happened.recorded_ms, cause, happened.fact_id))
            elif effect.startswith(EVENT):
                kept.append(self.give(one, happened, happened.field(effect.removeprefix(EVENT))))
            else:
                self.tell(one, telling.cancelled(one, effect), happened.fact_id)
        self.obligations = kept
        terms = self.terms_of(happened.partnership)
        for duty in terms.duties.get(happened.name, ()):
            if happened.holds(duty.opened_by.where):
                self.open(duty, happened, terms)
        if happened.is_from_elsewhere:
            self.early = early.kept(self.early, happened, terms, self.now_ms)

    def open(self, duty: Duty, happened: Happened, terms: Terms) -> None:
        """Something is owed from now on, unless its answer was read before."""
        # The fact that opens it is told next: its id is the obligation's.
        obligation_id = self.fact_id(len(self.told))
        one, fact, skipped, read = open_obligation(
            duty, happened, terms, self.now_ms, obligation_id, self.directory
        )
        self.tell(one, fact, happened.fact_id)
        answer = early.answer_to(one, self.early)
        if answer is not None:
            one = self.breach(one, answer["recorded_ms"])
            is_met = _is_met(one, self.obligations)
            ended = telling.discharged(one, answer["by"], answer["recorded_ms"], is_met)
            self.tell(one, ended, answer["fact_id"])
            return
        self.obligations.append(one)
        if skipped:
            unreachable = telling.escalated(one, EscalationCause.UNREACHABLE, skipped, 0, read)
            self.tell(one, unreachable, obligation_id)

    def decline(self, one: Obligation, happened: Happened) -> Obligation:
        """Whoever is asked now says no, or cannot be reached by any way: the next level at once, with the deadline as
        it was (semantics 25).

        Somebody who was asked before is not waited for any more; and on the last level there is nobody to move on
        to, so it stays and is asked again in its time.
        """
        asked = one["asked"][-1]
        if happened.by not in {None, asked, self.directory.meant(asked, self.now_ms)} or _is_on_last_level(
            one
        ):
            return one
        # Nobody said no where another process tells that they were not reached.
        is_no = not happened.is_from_elsewhere
        cause = EscalationCause.DECLINED if is_no else EscalationCause.UNREACHABLE
        return self.ask(one, self.now_ms, cause, happened.fact_id)

    def give(self, one: Obligation, happened: Happened, to: str | None) -> Obligation:
        """Somebody else is asked on the same level, with the deadline as it was and the whole wait (semantics 25)."""
        if to is None or to == one["asked"][-1]:
            return one
        given = _asked(one, one["level"], to)
        if not is_left_to_it(one):
            given["asked_ms"], given["next_ms"] = (
                self.now_ms,
                next_ask_ms(given, self.now_ms, self.frozen(one)),
            )
        self.tell(given, telling.escalated(given, EscalationCause.REASSIGNED, (), 0), happened.fact_id)
        return given

    def pause(self, one: Obligation, happened: Happened) -> Obligation:
        """Its clocks stand still: for a reason and until a moment, or not at all (semantics 11)."""
        reason, until_ms = happened.field("reason"), happened.moment_ms("until")
        if reason is None or until_ms is None:
            return one
        paused = counting.pause(one, happened.recorded_ms, until_ms, self.frozen(one))
        if paused is None:
            return one
        self.tell(paused, telling.paused(paused, reason, until_ms), happened.fact_id)
        return paused

    def resume(self, one: Obligation, at_ms: int, cause: ResumeCause, because_of: str) -> Obligation:
        resumed = counting.resume(one, at_ms, self.frozen(one))
        if resumed is None:
            return one
        self.tell(resumed, telling.resumed(resumed, cause), because_of)
        return resumed

    def follow_urgency(self, happened: Sequence[Happened]) -> None:
        """What is still owed about a thing goes by the urgency that its last facts carry (semantics 12). What they
        answered was measured by the one it had."""
        now: dict[str, Happened] = {}
        for one in happened:
            if one.urgency and (one.entity not in now or now[one.entity].urgency != one.urgency):
                now[one.entity] = one
        for n, owed in enumerate(self.obligations):
            said = now.get(owed["entity"])
            if said is not None and said.urgency != owed["urgency"]:
                self.obligations[n] = self.move(owed, said)

    def move(self, one: Obligation, happened: Happened) -> Obligation:
        """By the version it was opened under, or by the one in force for a level that one did not know."""
        terms = self.frozen(one)
        if happened.urgency not in terms.levels:
            terms = self.terms_of(one["partnership"])
        if happened.urgency not in terms.levels:
            return one
        if terms.levels[happened.urgency].is_always:
            one = self.resume(one, happened.recorded_ms, ResumeCause.NEVER_PAUSED, happened.fact_id)
        reason = happened.field("reason") if happened.by is not None else None
        moved = counting.move(one, happened.urgency, happened.recorded_ms, reason is not None, terms)
        if EXPERTISE in happened.data and "expertise" in one:
            moved["expertise"] = list(happened.words(EXPERTISE))
        fact = telling.moved(moved, one, counting.deadline_of(moved, terms), reason)
        self.tell(moved, fact, happened.fact_id)
        return moved

    # -- time --------------------------------------------------------------------------------------

    def advance(self, one: Obligation) -> Obligation:
        """All its clocks at this moment; while they stand still, none of them."""
        if one.get("paused_until_ms") is not None:
            return one
        return self.climb(self.breach(self.warn(one), self.now_ms))

    def run_on(self, one: Obligation, until_ms: int) -> Obligation:
        """A pause that is over ends by itself."""
        paused_until_ms = one.get("paused_until_ms")
        if paused_until_ms is None or until_ms < paused_until_ms:
            return one
        return self.resume(one, paused_until_ms, ResumeCause.PAUSE_OVER, one["id"])

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
        terms, frozen = self.terms_of(one["partnership"]), self.frozen(one)
        level = terms.level(one["urgency"])
        names = [to for to, _ in one["rungs"]]
        wanted = Wanted(one["owed_by"], one["asked"], self.now_ms, level, one.get("expertise", ()))
        skipped: list[Skipped] = []
        n = first = one["level"] + 1
        while True:
            found = climb(names, n, wanted, terms, self.directory)
            skipped += found.skipped
            if found.level == len(names) - 1:
                break
            following_ms = wait_ms(one["rungs"][found.level + 1][1], due_ms, frozen.clock)
            if following_ms > self.now_ms:
                break
            to = names[found.level]
            skipped.append(Skipped(level=found.level, to=to, reason=SkipReason.MISSED_IN_OUTAGE))
            due_ms, n = following_ms, found.level + 1
        asked = _asked(one, found.level, found.contact)
        # Whoever is asked late still has the whole wait.
        asked["asked_ms"], asked["next_ms"] = self.now_ms, next_ask_ms(asked, self.now_ms, frozen)
        last = min(max(found.level, first), len(names) - 1)
        read = read_of(names, range(min(first, last), last + 1), wanted, terms, self.directory)
        self.tell(asked, telling.escalated(asked, cause, skipped, self.now_ms - due_ms, read), because_of)
        return asked


def _asked(one: Obligation, level: int, contact: str) -> Obligation:
    """With this contact as the one that is waited for."""
    return {**one, "level": level, "asked": [*(asked for asked in one["asked"] if asked != contact), contact]}


def _is_met(one: Obligation, others: Iterable[Obligation]) -> bool:
    """Whether with this one all of its group is answered."""
    group = one.get("group")
    return group is not None and not any(
        other.get("group") == group and other["entity"] == one["entity"] for other in others
    )


def _is_on_last_level(one: Obligation) -> bool:
    return one["level"] >= len(one["rungs"]) - 1


def _effect(one: Obligation, happened: Happened) -> str | None:
    if one["entity"] != happened.entity and not happened.is_of_case:
        return None
    for event, effect, where in one["endings"]:
        if event == happened.name and happened.holds(where):
            return effect
    return None
