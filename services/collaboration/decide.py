"""The lane of a party: items are counted by the day, and too many in the agreed window open one ladder.

A day is weighed when it is over. So what is withdrawn on its own day is never held against anybody, and the moment at
which a rung is reached says nothing about any case.
An answer settles the ladder; what it was about is counted off, and counting begins anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from schemas.collaboration import (
    AnswerCollaboration,
    AnswerRefusal,
    AnswerRefused,
    CollaborationSettled,
    ItemCount,
    ItemMissed,
    ItemsCounted,
    ItemUncounted,
    ItemWithdrawn,
    PartyAnswered,
    RungCause,
    RungReached,
    SettledBecause,
)
from schemas.deadlines import Skipped, SkipReason
from services.agreements import model
from services.agreements.book import AgreementBook
from services.agreements.days import begins_ms, day_of
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.moments import moment
from services.agreements.periods import Period, later
from services.agreements.terms import Terms
from services.collaboration.command import Command, read_command
from services.collaboration.party import (
    COUNTED,
    NEW,
    SETTLED,
    WITHDRAWN,
    Ladder,
    Party,
    forget,
    in_window,
    last_day,
    new_party,
    read_party,
    wake_of,
    write_party,
)
from services.collaboration.rungs import Situation, meant_by, rules_of, term_ends_ms
from services.collaboration.tell import Telling
from services.runtime.job import KEEP_ROW, Input, PassedOver, Record, Step, TimerDue, Turn

_A_DAY = Period(1, "D")


class Collaboration:
    """What is decided about parties, with the agreements they go by and the directory as it was heard last."""

    def __init__(self, book: AgreementBook, directory: Directory = AS_SIGNED) -> None:
        self._book = book
        self._directory = directory

    def decide(self, item: Input, row: bytes | None, turn: Turn, /) -> Step:
        """Counts what was missed, takes an answer, or does what is due."""
        if isinstance(item, Record):
            command = read_command(item)
            terms = self._book.in_force(command.partnership, turn.now_ms)
            if terms is None:
                raise PassedOver("unknown_partnership")
            step = _PartyStep(command.party, terms, self._directory, read_party(row), turn)
            return step.decide(command)
        if isinstance(item, TimerDue):
            partnership, _, name = item.key.decode().partition("/")
            terms = self._book.in_force(partnership, turn.now_ms)
            if terms is None:
                raise LookupError(f"no agreement of {partnership} is here")
            return _PartyStep(name, terms, self._directory, read_party(row), turn).wake_up()
        raise PassedOver("no_effect_was_asked")


class _PartyStep:
    """One step under way: the party's row as it changes, and what has been told."""

    def __init__(
        self, name: str, terms: Terms, directory: Directory, party: Party | None, turn: Turn
    ) -> None:
        self._name = name
        self._terms = terms
        self._directory = directory
        self._party = party
        self._now_ms = turn.now_ms
        self._today = day_of(turn.now_ms, terms.clock.zone)
        self._telling = Telling(turn, terms.partnership, name)

    def decide(self, command: Command) -> Step:
        """The step of a command. What was decided before changes nothing."""
        match command.asks:
            case ItemMissed() as said:
                self._miss(said)
            case ItemWithdrawn() as said:
                self._withdraw(said)
            case AnswerCollaboration() as said:
                self._answer(command.id, said)
        return self._done()

    def wake_up(self) -> Step:
        """The step of a timer."""
        party = self._party
        if party is not None:
            if party["weigh_ms"] is not None and party["weigh_ms"] <= self._now_ms:
                self._weigh(party, party["weigh_ms"])
            ladder = party["ladder"]
            if ladder is not None and ladder["due_ms"] <= self._now_ms:
                is_last = ladder["level"] == len(ladder["rungs"]) - 1
                cause = RungCause.REPEATED if is_last else RungCause.NO_ANSWER
                self._reach(ladder, ladder["level"] + 1, ladder["due_ms"], cause)
        return self._done()

    # -- counting ----------------------------------------------------------------------------------

    def _miss(self, said: ItemMissed) -> None:
        rules = rules_of(self._terms)
        if rules is None:
            raise PassedOver("no_collaboration_ladder")
        party = self._party = self._party or new_party(_window(rules))
        if said.item_ref in party["items"]:
            raise PassedOver("repeated_command")
        party["within"] = _window(rules)
        day = min(said.missed_on, self._today)
        party["items"][said.item_ref] = (said.item, day.isoformat(), NEW)
        if party["weigh_ms"] is None:
            party["weigh_ms"] = begins_ms(later(self._today, _A_DAY), self._terms.clock.zone)

    def _withdraw(self, said: ItemWithdrawn) -> None:
        party = self._party
        known = None if party is None else party["items"].get(said.item_ref)
        if party is None or known is None:
            raise PassedOver("unknown_item")
        item, day, state = known
        if state == WITHDRAWN:
            raise PassedOver("repeated_command")
        party["items"][said.item_ref] = (item, day, WITHDRAWN)
        if state == NEW:
            return
        self._telling.tell(ItemUncounted(item=item, missed_on=date.fromisoformat(day)))
        ladder = party["ladder"]
        if ladder is not None and state == COUNTED and ladder["counts"].get(item):
            ladder["counts"][item] -= 1
            if sum(ladder["counts"].values()) < ladder["enough"]:
                self._settle(party, ladder, SettledBecause.ITEMS_WITHDRAWN)

    def _weigh(self, party: Party, due_ms: int) -> None:
        """The day is over: what was missed on it counts from now on."""
        party["weigh_ms"] = None
        new = Counter(item for item, _, state in party["items"].values() if state == NEW)
        rules = rules_of(self._terms)
        if rules is None:  # since then the partners agreed to do without
            party["items"] = {ref: one for ref, one in party["items"].items() if one[2] != NEW}
            return
        party["within"] = _window(rules)
        for ref, (item, day, state) in party["items"].items():
            if state == NEW:
                party["items"][ref] = (item, day, COUNTED)
        counted = in_window(party)
        if new:
            fact = ItemsCounted(
                items=_counts(new), in_window=len(counted), agreement_version=self._terms.version
            )
            self._telling.tell(fact)
        ladder = party["ladder"]
        if ladder is not None:
            ladder["counts"] = dict(Counter(ladder["counts"]) + new)
        elif len(counted) >= rules.when.missed.count:
            self._open(party, rules, Counter(item for item, _, _ in counted), due_ms)

    # -- the ladder --------------------------------------------------------------------------------

    def _open(self, party: Party, rules: model.Collaboration, counts: Counter[str], due_ms: int) -> None:
        ladder: Ladder = {
            "id": self._telling.fact_id(),
            "rungs": [
                (rung.to, None if rung.answer_within is None else rung.answer_within.row())
                for rung in rules.rungs
            ],
            "within": _window(rules),
            "enough": rules.when.missed.count,
            "counts": dict(counts),
            "level": 0,
            "asked": [],
            "due_ms": 0,
        }
        party["ladder"] = ladder
        self._reach(ladder, 0, due_ms, RungCause.ITEMS_MISSED)

    def _reach(self, ladder: Ladder, level: int, due_ms: int, cause: RungCause) -> None:
        """Addresses the first rung from `level` on where anybody stands; `due_ms` is when it should have been.

        A rung whose whole term passed in an outage is passed over and told (semantics 20). On the last one somebody is
        always addressed, the coordination point when nobody else, and again by its term until there is an answer
        (semantics 28).
        """
        last = len(ladder["rungs"]) - 1
        level = min(level, last)
        situation = Situation(self._name, self._terms, self._directory, self._now_ms)
        skipped: list[Skipped] = []
        while True:
            to, away = meant_by(ladder, level, situation)
            skipped += away
            if level == last:
                break
            if to:
                ends_ms = term_ends_ms(ladder, level, due_ms, self._terms)
                if ends_ms > self._now_ms:
                    break
                skipped += [
                    Skipped(level=level, to=word, reason=SkipReason.MISSED_IN_OUTAGE)
                    for word in ladder["rungs"][level][0]
                ]
                due_ms = ends_ms
            level += 1
        to = to or (self._terms.coordination_point,)
        ladder["level"] = level
        ladder["asked"] += [one for one in to if one not in ladder["asked"]]
        # Whoever is addressed late still has the whole term.
        ladder["due_ms"] = term_ends_ms(ladder, level, self._now_ms, self._terms)
        fact = RungReached(
            collaboration_id=ladder["id"],
            rung=level,
            on=tuple(ladder["rungs"][level][0]),
            to=to,
            cause=cause,
            skipped=tuple(skipped),
            items=_counts(ladder["counts"]),
            answer_due_at=moment(ladder["due_ms"]),
            agreement_version=self._terms.version,
            late_by_s=max(0, self._now_ms - due_ms) / 1000,
        )
        self._telling.tell(fact)

    def _answer(self, command_id: str, said: AnswerCollaboration) -> None:
        party = self._party
        if party is not None and command_id in party["answers"]:
            raise PassedOver("repeated_command")
        ladder = None if party is None else party["ladder"]
        if party is None or ladder is None or ladder["id"] != said.collaboration_id:
            self._telling.tell(AnswerRefused(command_id=command_id, reason=AnswerRefusal.NOT_OPEN))
            return
        contact = said.by.contact
        if contact.partition("/")[0] != self._name and contact not in ladder["asked"]:
            self._telling.tell(AnswerRefused(command_id=command_id, reason=AnswerRefusal.NOT_ADDRESSED))
            return
        party["answers"].append(command_id)
        fact = PartyAnswered(
            collaboration_id=ladder["id"],
            by=said.by,
            outcome=said.outcome,
            rung=ladder["level"],
            content_ref=said.content_ref,
        )
        self._telling.tell(fact)
        for ref, (item, day, state) in party["items"].items():
            if state == COUNTED:
                party["items"][ref] = (item, day, SETTLED)
        self._settle(party, ladder, SettledBecause.ANSWERED)

    def _settle(self, party: Party, ladder: Ladder, because: SettledBecause) -> None:
        party["ladder"] = None
        fact = CollaborationSettled(collaboration_id=ladder["id"], because=because, rung=ladder["level"])
        self._telling.tell(fact)

    def _done(self) -> Step:
        party = self._party
        if party is None:
            return Step(KEEP_ROW, self._telling.emits)
        forget(party, self._today)
        row = write_party(party)
        return Step(row, self._telling.emits, None if row is None else wake_of(party, self._leaves_ms(party)))

    def _leaves_ms(self, party: Party) -> int | None:
        """When the first item leaves the window."""
        if not party["items"]:
            return None
        day = min(last_day(item, party["within"]) for item in party["items"].values())
        return begins_ms(later(day, _A_DAY), self._terms.clock.zone)


def _window(rules: model.Collaboration) -> tuple[int, str]:
    """The window of an agreement as it stands in a row."""
    amount, unit = rules.when.missed.within
    return amount, unit


def _counts(counts: Mapping[str, int]) -> tuple[ItemCount, ...]:
    return tuple(ItemCount(item=item, count=count) for item, count in sorted(counts.items()) if count)
