"""One step of a case under way: what is asked is answered, what is owed is watched, and all of it is told.

In this order: deadlines that passed before a command was taken in are told; it is decided; the watchman hears what
was decided; and whatever else is due by now is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from schemas.base import Said
from schemas.coordination import CoordinationRefused
from schemas.deadlines import ObligationEscalated
from schemas.signals import Actor, CommandRefused, Refusal, SignalAcknowledged
from services.agreements.book import AgreementBook
from services.agreements.directory import Directory
from services.agreements.routable import CaseView
from services.agreements.terms import Terms
from services.casework import missed, words
from services.casework.case import Case, Entity, Word, open_case, remember, write_case
from services.casework.command import Command
from services.casework.tell import About, Telling
from services.casework.words import WORDS_MAX, happened_of
from services.coordination.decide import Settled, Standing, responsible_after
from services.deadlines import watch
from services.deadlines.happened import Happened
from services.deadlines.obligation import Obligation
from services.deadlines.watch import Watched
from services.runtime.job import KEEP_ROW, Emit, PassedOver, Step, Turn
from services.signals.decide import Decided, Situation
from services.signals.lifecycle import CLOSED, WITHDRAWN, Signal

#: A stamp further ahead of the clock, or older, is no moment at which we took anything in.
AHEAD_MAX_MS = 86_400_000
AGE_MAX_MS = 30 * 86_400_000
#: The slots of a case's roles that a rule may send to.
CLIENT_CONTACT, COORDINATOR = "client_contact", "coordinator"

#: What is held of the client's world.
PRACTICE, TARGET_GROUP = "practice", "target_group"
_OVER = frozenset({CLOSED, WITHDRAWN})

Decider = Callable[..., Decided]
Settler = Callable[..., Settled]


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
        """The whole step of a command about a signal. These are read in the order in which they were taken in, so what
        was missed before one was taken in is told before it. Where the lane's time is ahead of it, no more than that:
        answers may still be to be read, and the timer, which is due by then, waits for them (engine 7)."""
        return self._taken_in(command, lambda: self._answer(command, decider), self._taken_in_ms(command))

    def settle(self, command: Command, settler: Settler) -> Step:
        """The whole step of a command about the case itself. It comes by another topic than the answers: what is due
        is left to the timer, which waits until both were read."""
        return self._taken_in(command, lambda: self._settle(command, settler))

    def _taken_in(
        self, command: Command, answer: Callable[[], None], due_until_ms: int | None = None
    ) -> Step:
        """A command that was decided before changes nothing."""
        if self._case is not None and command.envelope.id in self._case["commands"]:
            raise PassedOver("repeated_command")
        if not -AGE_MAX_MS <= command.recorded_ms - self._turn.clock_ms <= AHEAD_MAX_MS:
            self._refuse(command, Refusal.TIME_NOT_CREDIBLE)
        else:
            if due_until_ms is not None:
                self._watch(watch.breach(self._obligations, due_until_ms, self._standing()))
            answer()
        if due_until_ms == self._turn.now_ms:
            self._watch(watch.advance(self._obligations, self._standing()))
        return self._done(command)

    def keep_word(self, word: Word) -> Step:
        """The step of another process's fact: it is kept, and heard by a timer that is due at once. So it is heard
        when all that was said before it has been read, at a moment that evidence covers (engine 7)."""
        case = self._case
        if case is None or word["entity"] not in case["entities"]:
            raise PassedOver("unknown_entity")
        if not self._is_awaited(word, case):
            raise PassedOver("not_awaited")
        case["words"] = [*case.get("words", ()), word][-WORDS_MAX:]
        return self._done(None)

    def wake_up(self) -> Step:
        """The whole step of a timer."""
        for word in self._words_due():
            self._watch(watch.breach(self._obligations, word["recorded_ms"], self._standing()))
            if self._case is not None:
                self._hear([happened_of(word, self._turn.now_ms)], self._case)
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
        self._tell_all(command, agreement, decided)
        return Step(KEEP_ROW, self._telling.emits, counted=self._telling.counted)

    def refuse_only(self, command: Command) -> Step:
        """The fact that remains when nothing else could be made of a command."""
        self._refuse(command, Refusal.DECISION_FAILED)
        return Step(KEEP_ROW, self._telling.emits, counted=self._telling.counted)

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
        subject = command.envelope.subject
        situation = Situation(
            signal=None if entity is None else entity["signal"],
            asked=() if entity is None else entity["asked"],
            case=_view(case),
            now_ms=self._turn.now_ms,
            agreement=agreement,
            reported_before_ms=() if case is None else _reported_ms(case),
            entity=subject,
            next_id=self._telling.fact_id(),
            source=command.envelope.source,
            owed=[one["endings"] for one in self._obligations if one["entity"] == subject],
            directory=self._directory,
        )
        return agreement, decider(command.asks, situation)

    def _accept(self, command: Command, agreement: Terms, decided: Decided) -> None:
        if decided.signal is None:
            raise ValueError("a command was accepted and left no signal")
        case = self._opened(agreement)
        self._put(command, agreement, command.envelope.subject, decided.signal, decided.asked)
        for born in decided.born:
            self._put(command, agreement, born.id, born.signal, born.asked)
        self._hear(self._tell_all(command, agreement, decided), case)

    def _settle(self, command: Command, settler: Settler) -> None:
        """What is asked about the case itself, under the agreement of the case."""
        case = self._case
        try:
            agreement = self._in_force(command.envelope.partnership if case is None else case["partnership"])
        except UnknownPartnership:
            self._refuse(command, Refusal.UNKNOWN_PARTNERSHIP)
            return
        entities = () if case is None else case["entities"].values()
        standing = Standing(
            responsible=agreement.coordination_point if case is None else case["responsible"],
            roles={} if case is None else case["roles"],
            client={} if case is None else case.get("client", {}),
            asked={contact for entity in entities for contact in entity["asked"]},
            now_ms=self._turn.now_ms,
            agreement=agreement,
            is_new=case is None,
            directory=self._directory,
        )
        settled = settler(command.asks, standing)
        if settled.refusal is not None:
            self._refuse(command, settled.refusal)
            return
        case = self._opened(agreement)
        case["roles"] = dict(settled.roles)
        if settled.client:
            case["client"] = dict(settled.client)
        urgency = _most_urgent(case, agreement)
        heard = self._tell(
            command, agreement, self._caseid, urgency, settled.facts, command.envelope.id, is_of_case=True
        )
        self._hear(heard, case)

    def _opened(self, agreement: Terms) -> Case:
        if self._case is None:
            self._case = open_case(agreement.partnership, agreement.coordination_point)
        return self._case

    def _put(
        self, command: Command, agreement: Terms, entity_id: str, signal: Signal, asked: Iterable[str]
    ) -> None:
        """A signal as it is now, in its place in the case."""
        entities, envelope = self._opened(agreement)["entities"], command.envelope
        entity = entities.get(entity_id)
        if entity is None:
            entity = entities[entity_id] = Entity(
                kind="signal",
                partnership=agreement.partnership,
                correlationid=envelope.correlationid or envelope.id,
                traceparent=envelope.traceparent,
                asked=[],
                signal=signal,
            )
        entity["signal"] = signal
        entity["asked"] += [contact for contact in asked if contact not in entity["asked"]]

    def _hear(self, heard: list[Happened], case: Case) -> None:
        watched = watch.hear(heard, self._obligations, self._standing(), case.get("early", ()))
        self._watch(watched)
        if watched.early or "early" in case:
            case["early"] = list(watched.early)

    def _tell_all(self, command: Command, agreement: Terms, decided: Decided) -> list[Happened]:
        """Tells what was decided of the signal, of those that are born of it, and of the case."""
        envelope, signal = command.envelope, decided.signal
        urgency = signal["urgency"] if signal is not None else ""
        heard = self._tell(command, agreement, envelope.subject, urgency, decided.facts, envelope.id)
        for born in decided.born:
            # What is split off follows from the fact that says so, the last of what it was split from.
            cause = heard[len(decided.facts) - 1].fact_id
            heard += self._tell(command, agreement, born.id, born.signal["urgency"], born.facts, cause)
        taken = next((fact for fact in decided.facts if isinstance(fact, SignalAcknowledged)), None)
        if taken is not None and self._case is not None:
            heard += self._answer_for(self._case, command, agreement, taken, heard[0].fact_id)
        return heard

    def _answer_for(
        self, case: Case, command: Command, agreement: Terms, taken: SignalAcknowledged, cause: str
    ) -> list[Happened]:
        """Whoever took the signal may answer for the case from now on."""
        signal, lead = command.envelope.subject, case.get("lead")
        is_over = lead in case["entities"] and case["entities"][lead]["signal"]["state"] in _OVER
        if lead is None or lead == signal or is_over:
            case["lead"] = signal
        fact = responsible_after(taken.by, signal, lead, is_over, case["responsible"], agreement)
        if fact is None:
            return []
        case["responsible"] = fact.by.contact
        urgency = _most_urgent(case, agreement)
        return self._tell(command, agreement, self._caseid, urgency, (fact,), cause, is_of_case=True)

    def _tell(  # noqa: PLR0913 - facts, of what they are, and what led to them
        self,
        command: Command,
        agreement: Terms,
        subject: str,
        urgency: str,
        facts: Iterable[Said],
        cause: str,
        *,
        is_of_case: bool = False,
    ) -> list[Happened]:
        """Tells facts about one thing: the first follows from its cause, the others from the first."""
        envelope = command.envelope
        about = About(
            subject=subject,
            partnership=agreement.partnership,
            correlationid=envelope.correlationid or envelope.id,
            traceparent=envelope.traceparent,
            urgency=urgency,
            priority=agreement.level(urgency).priority,
            time=envelope.time,
        )
        heard: list[Happened] = []
        for fact in facts:
            fact_id = self._telling.tell(fact, about, heard[0].fact_id if heard else cause)
            data = vars(fact)
            by = data.get("by")
            heard.append(
                Happened(
                    name=type(fact).__name__,
                    fact_id=fact_id,
                    entity=subject,
                    partnership=agreement.partnership,
                    urgency=urgency,
                    recorded_ms=self._taken_in_ms(command),
                    by=by.contact if isinstance(by, Actor) else None,
                    data=data,
                    is_of_case=is_of_case,
                )
            )
        return heard

    def _refuse(self, command: Command, reason: Refusal) -> None:
        envelope, kind = command.envelope, type(command.asks)
        is_of_case = kind.subject == CoordinationRefused.subject
        about = About(
            subject=self._caseid if is_of_case else envelope.subject,
            partnership=envelope.partnership,
            correlationid=envelope.correlationid or envelope.id,
            traceparent=envelope.traceparent,
            time=envelope.time,
        )
        refused = CoordinationRefused if is_of_case else CommandRefused
        fact = refused(command_id=envelope.id, command=kind.__name__, reason=reason)
        self._telling.tell(fact, about, envelope.id)

    # -- what other processes say --------------------------------------------------------------------

    def _is_awaited(self, word: Word, case: Case) -> bool:
        """Whether the agreement, or something that is owed, waits for a fact of this name."""
        name = word["name"]
        terms = self._in_force(word["partnership"])
        return (
            name in terms.duties
            or any(event == name for one in case["obligations"] for event, _, _ in one["endings"])
            or any(
                event == name
                for duties in terms.duties.values()
                for duty in duties
                for event, _, _ in duty.endings
            )
        )

    def _words_due(self) -> list[Word]:
        """The words that have waited long enough, and are no longer kept."""
        if self._case is None or "words" not in self._case:
            return []
        words, now_ms = self._case["words"], self._turn.now_ms
        self._case["words"] = [one for one in words if one["at_ms"] > now_ms]
        if not self._case["words"]:
            del self._case["words"]
        return [one for one in words if one["at_ms"] <= now_ms]

    # -- what is owed ------------------------------------------------------------------------------

    def _standing(self) -> watch.Standing:
        """Made anew each time: kept, it would tie the step into a knot that only the garbage collector undoes."""
        return watch.Standing(
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
            return Step(KEEP_ROW, self._telling.emits, counted=self._telling.counted)
        if command is not None:
            remember(case, command.envelope.id, self._turn.now_ms)
        # Last, for they are not numbered and the facts before them are.
        emits = [*self._telling.emits, *self._missed]
        return Step(write_case(case), emits, words.wake_of(case), counted=self._telling.counted)


def _view(case: Case | None) -> CaseView:
    """What a routing rule may know of the case."""
    if case is None:
        return CaseView()
    roles, client = case["roles"], case.get("client", {})
    return CaseView(
        contact=roles.get(CLIENT_CONTACT),
        coordinator=roles.get(COORDINATOR),
        practice=client.get(PRACTICE),
        target_group=client.get(TARGET_GROUP),
    )


def _most_urgent(case: Case, agreement: Terms) -> str:
    """How urgent the case is: as its most urgent signal that is not over; without any, as little as it gets."""
    signals = (entity["signal"] for entity in case["entities"].values())
    levels = [agreement.level(one["urgency"]) for one in signals if one["state"] not in _OVER]
    if not levels:
        return max(agreement.levels.values(), key=lambda level: level.rank).name
    return min(levels, key=lambda level: level.rank).name


def _reported_ms(case: Case) -> list[int]:
    """When the signals of a case were reported; a row of before that was kept does not say."""
    found = (one["signal"].get("reported_ms") for one in case["entities"].values())
    return [at_ms for at_ms in found if at_ms is not None]
