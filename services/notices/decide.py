"""The bell: facts of a case come in; who is to hear of them, by which way, and what is sent come out.

Whoever is asked is told, always; whom else, the agreement says. Sending is an effect: what came of it comes in again.
"""

from __future__ import annotations

from services.agreements.book import AgreementBook
from services.agreements.directory import AS_SIGNED, Directory
from services.notices.heard import read_heard
from services.notices.row import read_row
from services.notices.step import BellStep
from services.runtime.job import EffectDone, Input, Record, Step, Turn


class Bell:
    """What is decided about notices: by the agreements, the directory as it was heard last, and the key of aliases."""

    def __init__(self, book: AgreementBook, directory: Directory = AS_SIGNED, *, alias_key: bytes) -> None:
        self._book = book
        self._directory = directory
        self._alias_key = alias_key

    def decide(self, item: Input, row: bytes | None, turn: Turn, /) -> Step:
        """Tells of a fact, sends what is due, or takes what became of a sending."""
        if isinstance(item, Record):
            heard = read_heard(item)
            key = heard.envelope.key
            return self._step(key, heard.envelope.caseid, row, turn).hear(heard)
        key = item.key.decode()
        # Keys of parties and contacts have a stroke, ids of cases have none.
        step = self._step(key, "" if "/" in key else key, row, turn)
        if isinstance(item, EffectDone):
            return step.end(item.effect_id, item.outcome)
        return step.wake_up()

    def _step(self, key: str, caseid: str, row: bytes | None, turn: Turn) -> BellStep:
        return BellStep(
            self._book, self._directory, self._alias_key, read_row(row), key=key, caseid=caseid, turn=turn
        )
