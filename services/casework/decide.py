"""The core: commands and timers of a case come in; facts, the changed row and its next wake come out.

Which decider a command goes to is one table. What is still owed when a decision raises is decided here too.
"""

from __future__ import annotations

from collections.abc import Mapping

from schemas.base import Said
from schemas.coordination import DescribeCase, JoinCase, ReleaseRole, TakeRole
from schemas.signals import (
    AcknowledgeSignal,
    CheckEffect,
    CloseSignal,
    DeclineSignal,
    EndAction,
    GiveFeedback,
    InterpretSignal,
    LogCall,
    ReassignSignal,
    RecordAction,
    RecordGround,
    RecordWait,
    ReportSignal,
    WithdrawGround,
    WithdrawSignal,
)
from services.agreements.book import AgreementBook
from services.agreements.directory import AS_SIGNED, Directory
from services.casework.case import read_case
from services.casework.command import read_command
from services.casework.step import CaseStep, Decider, Settler
from services.casework.words import is_word, read_word
from services.coordination import decide as coordination
from services.runtime.job import KEEP, Input, PassedOver, Record, Step, TimerDue, Turn, Unreadable
from services.signals import decide as signals
from services.signals import grounds

#: What is asked about one signal of a case.
DECIDERS: Mapping[type[Said], Decider] = {
    ReportSignal: signals.report,
    AcknowledgeSignal: signals.acknowledge,
    DeclineSignal: signals.decline,
    LogCall: signals.log_call,
    ReassignSignal: signals.reassign,
    InterpretSignal: signals.interpret,
    RecordAction: signals.record_action,
    EndAction: signals.end_action,
    RecordWait: signals.record_wait,
    GiveFeedback: signals.give_feedback,
    CheckEffect: signals.check_effect,
    CloseSignal: signals.close,
    WithdrawSignal: signals.withdraw,
    RecordGround: grounds.record,
    WithdrawGround: grounds.withdraw,
}
#: What is asked about the case itself.
SETTLERS: Mapping[type[Said], Settler] = {
    TakeRole: coordination.take_role,
    ReleaseRole: coordination.release_role,
    DescribeCase: coordination.describe,
    JoinCase: coordination.join,
}
#: What is decided about a command whose own decider raised: only a report is a person's claim on an answer.
RESCUERS: Mapping[type[Said], Decider] = {ReportSignal: signals.report_unrouted}


class Casework:
    """The deciders of the lane of a case, with the agreements they go by and the directory as it was heard last."""

    def __init__(self, book: AgreementBook, directory: Directory = AS_SIGNED) -> None:
        self._book = book
        self._directory = directory

    def decide(self, item: Input, row: bytes | None, turn: Turn, /) -> Step:
        """Decides a command, or does what is due."""
        if isinstance(item, Record):
            if is_word(item):
                word = read_word(item, turn.clock_ms)
                return self._step(row, (item.key or b"").decode(), turn).keep_word(word)
            command = read_command(item)
            step, kind = self._step(row, command.envelope.caseid, turn), type(command.asks)
            settler = SETTLERS.get(kind)
            return step.settle(command, settler) if settler else step.decide(command, DECIDERS[kind])
        if isinstance(item, TimerDue):
            return self._step(row, item.key.decode(), turn).wake_up()
        raise PassedOver("no_effect_was_asked")

    def rescue(self, item: Input, row: bytes | None, turn: Turn, _reason: str, /) -> Step:
        """What is still owed when a decision raised: a reported signal goes to the coordination point all the same.

        When the row or the watchman is what fails, the facts are told and the row is left as it is. When no agreement
        names a coordination point, a refusal is the fact that remains. A timer needs no rescue: it stays armed.
        """
        if not isinstance(item, Record) or is_word(item):
            return KEEP
        try:
            command = read_command(item)
        except (Unreadable, PassedOver):
            return KEEP
        caseid, rescuer = command.envelope.caseid, RESCUERS.get(type(command.asks))
        if rescuer is not None:
            for attempt, known in ((CaseStep.decide_anyway, row), (CaseStep.tell_anyway, None)):
                try:
                    return attempt(self._step(known, caseid, turn), command, rescuer)
                except Exception:
                    continue  # whatever it was, the next attempt needs less
        return self._step(None, caseid, turn).refuse_only(command)

    def _step(self, row: bytes | None, caseid: str, turn: Turn) -> CaseStep:
        return CaseStep(self._book, self._directory, read_case(row), caseid, turn)
