"""One step of a case under way: what is asked is answered, what is owed is watched, and all of it is told.

In this order: deadlines that passed before a command was taken in are told; it is decided; the watchman hears what
was decided; and whatever else is due by now is done.
"""

from __future__ import annotations

from collections.abc import Callable

from schemas.deadlines import ObligationEscalated
from schemas.signals import Actor, CommandRefused, Refusal
from services.agreements.book import AgreementBook
from services.agreements.directory import Directory
from services.agreements.routable import CaseView
from services.agreements.terms import Terms
from services.casework import missed
from services.casework.case import Case, Entity, open_case, remember, write_case
from services.casework.command import Command
from services.casework.tell import About, Telling
from services.deadlines import watch
from services.deadlines.happened import Happened
from services.deadlines.obligation import Obligation, wake_of
from services.deadlines.watch import Standing, Watched
from services.runtime.job import KEEP_ROW, Emit, PassedOver, Step, Turn
from services.signals.decide import Decided, Situation

#: A stamp further ahead of the clock, or older, is no moment at which we took anything in.
AHEAD_MAX_MS = 86_400_000
AGE_MAX_MS = 30 * 86_400_000
#: The slots of a case's roles that a rule may send to.
CLIENT_CONTACT, COORDINATOR = "client_contact", "coordinator"

Decider = Callable[..., Decided]


class UnknownPartnership(LookupError):
    """No agreement of this partnership is in force."""


class CaseStep:
    """One step under way: the case as it changes, and what has been told."""

    def __init__(
        self, book: AgreementBook, directory: Directory, case: Case | None, caseid: str, turn: Turn
    ) -> None:
        self._book = book
        self._directory = directory
        self._case = case
        self._turn = turn
        self._caseid = caseid
        self._telling = Telling(turn, caseid)
        self._missed: list[Emit] = []
        self._terms: dict[str, Terms] = {}

    def decide(self, command: Command, decider: Decider) -> Step:
        """The whole step of a command. A command that was decided before changes nothing."""
        if self._case is not None and command.envelope.id in self._case["commands"]:
            raise PassedOver("repeated_command")
        if not -AGE_MAX_MS <= command.recorded_ms - self._turn.clock_ms <= AHEAD_MAX_MS:
            self._refuse(command, Refusal.TIME_NOT_CREDIBLE)
        else:
            self._watch(watch.breach(self._obligations, self._taken_in_ms(command), self._standing()))
            self._answer(command, decider)
        self._watch(watch.advance(self._obligations, self._standing()))
        return self._done(command)

    def wake_up(self) -> Step:
        """The whole step of a timer."""
        self._watch(watch.advance(self._obligations, self._standing()))
        return self._done(None)

    def decide_anyway(self, command: Command, decider: Decider) -> Step:
        """The step of a command whose decision raised, with what still can be decided and nothing that is due."""
        agreement, decided = self._decided(command, decider)
        if decided.refusal is not None:
            self._refuse(command, decided.refusal)
        else:
            self._accept(command, agreement, decided)
        return self._done(command)

    def tell_anyway(self, command: Command, decider: Decider) -> Step:
        """The same without row and watchman: what is decided is told, and nothing else is touched."""
        agreement, decided = self._decided(command, decider)
        self._tell(command, agreement, decided)
        return Step(KEEP_ROW, self._telling.emits)

    def refuse_only(self, command: Command) -> Step:
        """The fact that remains when nothing else could be made of a command."""
        self._refuse(command, Refusal.DECISION_FAILED)
        return Step(KEEP_ROW, self._telling.emits)

    # -- what is asked -----------------------------------------------------------------------------

    def _answer(self, command: Command, decider: Decider) -> None:
        """A signal under an agreement we do not have cannot be sent to anybody: the refusal is the fact that says so,
        for the door and the board to act on."""
        try:
            agreement, decided = self._decided(command, decider)
        except UnknownPartnership:
            self._refuse(command, Refusal.UNKNOWN_PARTNERSHIP)
            return
        if decided.refusal is not None:
            self._refuse(command, decided.refusal)
        else:
            self._accept(command, agreement, decided)

    def _decided(self, command: Command, decider: Decider) -> tuple[Terms, Decided]:
        case, entity = self._case, self._entity(command)
        agreement = self._in_force(command.envelope.partnership if entity is None else entity["partnership"])
        roles = {} if case is None else case["roles"]
        situation = Situation(
            signal=None if entity is None else entity["signal"],
            asked=() if entity is None else entity["asked"],
            case=CaseView(contact=roles.get(CLIENT_CONTACT), coordinator=roles.get(COORDINATOR)),
            now_ms=self._turn.now_ms,
            agreement=agreement,
            reported_before_ms=() if case is None else _reported_ms(case),
        )
        return agreement, decider(command.asks, situation)

    def _accept(self, command: Command, agreement: Terms, decided: Decided) -> None:
        envelope, signal = command.envelope, decided.signal
        if signal is None:
            raise ValueError("a command was accepted and left no signal")
        if self._case is None:
            self._case = open_case(agreement.partnership, agreement.coordination_point)
        entity = self._entity(command)
        if entity is None:
            entity = self._case["entities"][envelope.subject] = Entity(
                kind="signal",
                partnership=agreement.partnership,
                correlationid=envelope.correlationid or envelope.id,
                traceparent=envelope.traceparent,
                asked=[],
                signal=signal,
            )
        entity["signal"] = signal
        entity["asked"] += [contact for contact in decided.asked if contact not in entity["asked"]]
        heard = self._tell(command, agreement, decided)
        watched = watch.hear(heard, self._obligations, self._standing(), self._case.get("early", ()))
        self._watch(watched)
        if watched.early or "early" in self._case:
            self._case["early"] = list(watched.early)

    def _tell(self, command: Command, agreement: Terms, decided: Decided) -> list[Happened]:
        """Tells what was decided: the first fact follows from the command, the others from the first."""
        envelope = command.envelope
        urgency = decided.signal["urgency"] if decided.signal is not None else ""
        about = About(
            subject=envelope.subject,
            partnership=agreement.partnership,
            correlationid=envelope.correlationid or envelope.id,
            traceparent=envelope.traceparent,
            urgency=urgency,
            priority=agreement.level(urgency).priority,
            time=envelope.time,
        )
        heard: list[Happened] = []
        for fact in decided.facts:
            fact_id = self._telling.tell(fact, about, heard[0].fact_id if heard else envelope.id)
            data = vars(fact)
            by = data.get("by")
            heard.append(
                Happened(
                    name=type(fact).__name__,
                    fact_id=fact_id,
                    entity=envelope.subject,
                    partnership=agreement.partnership,
                    urgency=urgency,
                    recorded_ms=self._taken_in_ms(command),
                    by=by.contact if isinstance(by, Actor) else None,
                    data=data,
                )
            )
        return heard

    def _refuse(self, command: Command, reason: Refusal) -> None:
        envelope = command.envelope
        about = About(
            subject=envelope.subject,
            partnership=envelope.partnership,
            correlationid=envelope.correlationid or envelope.id,
            traceparent=envelope.traceparent,
            time=envelope.time,
        )
        fact = CommandRefused(command_id=envelope.id, command=type(command.asks).__name__, reason=reason)
        self._telling.tell(fact, about, envelope.id)

    # -- what is owed ------------------------------------------------------------------------------

    def _standing(self) -> Standing:
        """Made anew each time: kept, it would tie the step into a knot that only the garbage collector undoes."""
        return Standing(
            self._turn.now_ms, self._in_force, self._version, self._telling.fact_id, self._directory
        )

    @property
    def _obligations(self) -> list[Obligation]:
        return [] if self._case is None else self._case["obligations"]

    def _watch(self, watched: Watched) -> None:
        if self._case is None:
            return
        self._missed += missed.items(
            watched.told, self._obligations, self._version, self._caseid, self._turn.now_ms
        )
        self._case["obligations"] = watched.obligations
        for fact, subject, partnership, urgency, priority, cause in watched.told:
            entity = self._case["entities"].get(subject)
            about = About(
                subject=subject,
                partnership=partnership,
                correlationid="" if entity is None else entity["correlationid"],
                traceparent="" if entity is None else entity["traceparent"],
                urgency=urgency,
                priority=priority,
            )
            self._telling.tell(fact, about, cause)
            if (
                isinstance(fact, ObligationEscalated)
                and entity is not None
                and fact.to not in entity["asked"]
            ):
                entity["asked"].append(fact.to)

    # -- the case ----------------------------------------------------------------------------------

    def _entity(self, command: Command) -> Entity | None:
        return None if self._case is None else self._case["entities"].get(command.envelope.subject)

    def _taken_in_ms(self, command: Command) -> int:
        """The command's own moment, which on a busy lane may be a little before the lane's."""
        return min(command.recorded_ms, self._turn.now_ms)

    def _in_force(self, partnership: str) -> Terms:
        found = self._terms.get(partnership)
        if found is None:
            found = self._book.in_force(partnership, self._turn.now_ms)
            if found is None:
                raise UnknownPartnership(partnership)
            self._terms[partnership] = found
        return found

    def _version(self, partnership: str, number: int) -> Terms:
        """A version of an agreement, in force or not; that in force for one we never had."""
        return self._book.version(partnership, number) or self._in_force(partnership)

    def _done(self, command: Command | None) -> Step:
        """The step's outcome. A command about a case that does not exist leaves none behind."""
        case = self._case
        if case is None:
            return Step(KEEP_ROW, self._telling.emits)
        if command is not None:
            remember(case, command.envelope.id, self._turn.now_ms)
        # Last, for they are not numbered and the facts before them are.
        emits = [*self._telling.emits, *self._missed]
        return Step(write_case(case), emits, wake_of(case["obligations"]))


def _reported_ms(case: Case) -> list[int]:
    """When the signals of a case were reported; a row of before that was kept does not say."""
    found = (one["signal"].get("reported_ms") for one in case["entities"].values())
    return [at_ms for at_ms in found if at_ms is not None]
