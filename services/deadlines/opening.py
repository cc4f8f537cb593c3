"""An obligation at its beginning: what is frozen into it, and who is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from schemas.deadlines import DirectoryRead, ObligationOpened, Skipped
from services.agreements import times
from services.agreements.directory import AS_SIGNED, Directory
from services.agreements.due import due
from services.agreements.fields import Scalar
from services.agreements.ladder import Wanted, climb, read_of
from services.agreements.moments import moment
from services.agreements.owing import ladder_of, owed_by
from services.agreements.parts import Duty, EndingRow
from services.agreements.terms import Terms
from services.deadlines.counting import next_ask_ms
from services.deadlines.happened import Happened
from services.deadlines.obligation import Obligation
from services.deadlines.telling import inputs

#: The field of a fact that says which expertise it takes to be asked, of which one is enough.
EXPERTISE = "expertise"


class Opening(NamedTuple):
    """The obligation, the fact that tells of it, the levels that could not be reached, and what was read of that."""

    obligation: Obligation
    fact: ObligationOpened
    skipped: Sequence[Skipped]
    read: Sequence[DirectoryRead] = ()


def open_obligation(  # noqa: PLR0913 - what opens it, by what agreement, when, and who is there
    duty: Duty,
    happened: Happened,
    terms: Terms,
    now_ms: int,
    obligation_id: str,
    directory: Directory = AS_SIGNED,
) -> Opening:
    """The deadline counts from when the opening fact was taken in, the ladder from when somebody is asked: now."""
    level = terms.level(happened.urgency)
    named_ms = None if duty.due is None else happened.moment_ms(duty.due)
    deadline = due(duty, happened.urgency, happened.recorded_ms, (), terms, named_ms)
    ladder_name = ladder_of(duty, happened.field, terms)
    ladder = terms.ladders[ladder_name][level.name]
    owner = owed_by(duty, happened.field, terms)
    expertise = happened.words(EXPERTISE)
    wanted = Wanted(owner, (), now_ms, level, expertise)
    names = [to for to, _ in ladder.rungs]
    asked = climb(names, 0, wanted, terms, directory)
    one: Obligation = {
        "id": obligation_id,
        "name": duty.name,
        "entity": happened.entity,
        "partnership": happened.partnership,
        "agreement_version": terms.version,
        "urgency": level.name,
        "priority": level.priority,
        "rank": level.rank,
        "owed_by": owner,
        "started_ms": happened.recorded_ms,
        "span": deadline.inputs.span.row(),
        "due_ms": deadline.due_ms,
        "breached_ms": None,
        "warnings": times.passed(deadline, duty.warn_at, terms.clock),
        "rungs": ladder.rungs,
        "repeat": ladder.repeat,
        "level": asked.level,
        "asked": [asked.contact],
        "next_ms": 0,
        "endings": _bound(duty, happened) if duty.same else duty.endings,
        "ladder": ladder_name,
    }
    if EXPERTISE in happened.data:
        one["expertise"] = list(expertise)
    if duty.group is not None:
        one["group"] = duty.group
    if duty.begins_when_due:
        one["next_ms"] = deadline.due_ms
    else:
        one["asked_ms"], one["next_ms"] = now_ms, next_ask_ms(one, now_ms, terms)
    fact = ObligationOpened(
        obligation_id=obligation_id,
        name=duty.name,
        entity=happened.entity,
        owed_by=owner,
        owed_to=duty.owed_to,
        urgency=level.name,
        due_at=moment(deadline.due_ms),
        inputs=inputs(deadline),
        ladder=ladder_name,
        agreement_version=terms.version,
    )
    if not asked.skipped:
        return Opening(one, fact, ())
    read = read_of(names, range(asked.level + 1), wanted, terms, directory)
    return Opening(one, fact, asked.skipped, read)


def _bound(duty: Duty, happened: Happened) -> Sequence[EndingRow]:
    """Its endings, each of the same thing as the fact that opens it where the agreement asks for that."""
    return [
        (event, effect, (*where, *((field, (cast(Scalar, happened.data.get(field)),)) for field in same)))
        for (event, effect, where), same in zip(duty.endings, duty.same, strict=True)
    ]
