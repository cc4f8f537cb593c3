"""What other processes say of a case, as the core takes it in: the bell's receipts and failures.

Such a fact may be read long before or after the commands that were taken in around it, so it moves no time and tells
nothing when it is read: it is kept, and heard by a timer.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from schemas.base import Said, read
from schemas.envelope import EnvelopeError, decode
from schemas.registry import TYPES
from services.casework.case import Case, Word
from services.casework.command import VALUE_MAX_BYTES, recorded_ms
from services.deadlines import obligation
from services.deadlines.happened import Happened
from services.runtime.job import PassedOver, Record, Unreadable, Wake
from topics.catalogue import NOTICES_EVENTS

#: Of one case; more at once is no agreement anybody signed.
WORDS_MAX = 100
#: By their name on the wire.
WORDS: Mapping[str, type[Said]] = {
    name: model for name, model in TYPES.items() if (model.subject, model.kind) == ("notices", "fact")
}


def is_word(record: Record) -> bool:
    """Whether a record is another process's word and no command."""
    return record.topic == NOTICES_EVENTS.name


def read_word(record: Record, clock_ms: int) -> Word:
    """Reads a record; raises `Unreadable` with a coded reason, or `PassedOver` for what is not about a case."""
    try:
        envelope = decode(record.headers)
    except EnvelopeError as error:
        raise Unreadable(error.reason) from None
    model = WORDS.get(envelope.type)
    if model is None:
        raise PassedOver("unknown_type")
    if not envelope.caseid:
        raise PassedOver("not_of_a_case")
    if record.key != envelope.caseid.encode():
        raise Unreadable("key_differs")
    at_ms = recorded_ms(envelope.recordedtime)
    if at_ms is None:
        raise Unreadable("recordedtime_invalid")
    if record.value is None or len(record.value) > VALUE_MAX_BYTES:
        raise Unreadable("value_missing" if record.value is None else "value_too_large")
    try:
        said = read(model, record.value)
    except ValidationError:
        raise Unreadable("data_invalid") from None
    data = said.model_dump(mode="json", exclude_none=True)
    return {
        "name": model.__name__,
        "fact_id": envelope.id,
        "entity": envelope.subject,
        "partnership": envelope.partnership,
        "recorded_ms": min(at_ms, clock_ms),
        "by": data.get("to"),
        "data": data,
        "at_ms": clock_ms,
    }


def happened_of(word: Word, now_ms: int) -> Happened:
    """As the watchman hears it: about whom it is stands in place of who acted."""
    return Happened(
        name=word["name"],
        fact_id=word["fact_id"],
        entity=word["entity"],
        partnership=word["partnership"],
        urgency="",
        recorded_ms=min(word["recorded_ms"], now_ms),
        by=word["by"],
        data=word["data"],
        is_from_elsewhere=True,
    )


def wake_of(case: Case) -> Wake | None:
    """When something of the case wants a turn: what is owed, or what is still to be heard."""
    found = obligation.wake_of(case["obligations"])
    waiting = case.get("words")
    if not waiting:
        return found
    at_ms = min(one["at_ms"] for one in waiting)
    # What is heard may call the next one: it goes before the timers of what is no hurry.
    rank = min((one["rank"] for one in case["obligations"]), default=5)
    return Wake(at_ms, rank) if found is None or at_ms < found.at_ms else found
