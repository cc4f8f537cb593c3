"""The one road in: events are judged, handed to the intake, and answered in their order; refusals are told as facts.

Whoever says something at the door, by an event, a route of its own or a form, comes through here.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from schemas.base import Said
from schemas.gateway import EventRefused
from services.gateway import metrics
from services.gateway.asked import Answer, Asked, Taken
from services.gateway.door import Door
from services.gateway.judging import Refused, field_of_ours, judge
from services.gateway.problems import Code, Problem
from services.gateway.tokens import Caller
from services.runtime.logs import log

#: Judging this many takes some milliseconds; then others have their turn.
JUDGED_AT_ONCE = 100

Outcome = Taken | Refused


async def take(
    door: Door, caller: Caller, events: Sequence[object], *, are_small: bool = False
) -> list[Outcome]:
    """What became of each event. `are_small`: none of them can be larger than one may be."""
    terms_of = door.agreed_now(caller.party)
    max_bytes = 0 if are_small else door.settings.event_max_bytes
    judged: list[Asked | Refused] = []
    for number, event in enumerate(events):
        if number and number % JUDGED_AT_ONCE == 0:
            await asyncio.sleep(0)
        judged.append(judge(event, caller, terms_of, max_bytes))
    outcomes = await hand_over(door, judged)
    await tell_refusals(door, caller.party, (one for one in outcomes if isinstance(one, Refused)))
    return outcomes


async def hand_over(door: Door, judged: Sequence[Asked | Refused]) -> list[Outcome]:
    """What passed, to the intake; the answers stand where their events stood."""
    asked = [one for one in judged if isinstance(one, Asked)]
    answers: Iterator[Answer] = iter(())
    if asked:
        async with at_the_intake(door, len(asked)):
            answers = iter(await door.intake.accept(asked))
    return [one if isinstance(one, Refused) else _outcome(one, next(answers)) for one in judged]


@asynccontextmanager
async def at_the_intake(door: Door, events: int = 1) -> AsyncIterator[None]:
    """Around what is asked of the intake: within its time, and whatever fails there is a problem with what to do."""
    if door.stopping.is_set():
        raise Problem(Code.STOPPING, headers={"Retry-After": "1", "Connection": "close"})
    try:
        async with asyncio.timeout(door.settings.accept_within_s):
            yield
    except Problem:
        raise
    except Exception as error:
        # Database or broker: which one, the log says; to who asks it is the same, and so is what to do.
        log.error("intake_failed", error=type(error).__name__, events=events)
        raise Problem(Code.UNAVAILABLE, headers={"Retry-After": "2"}) from error


def _outcome(asked: Asked, answer: Answer) -> Outcome:
    if isinstance(answer, Taken):
        metrics.EVENTS_TAKEN.labels(asked.command.__name__).inc()
        if answer.is_repeat:
            metrics.EVENTS_REPEATED.inc()
        return answer
    return Refused(
        asked.event_id,
        answer.reason,
        _path(answer.field),
        answer.says,
        source=asked.source,
        command=asked.command,
        partnership=asked.partnership,
    )


def _path(field: str | None) -> str | None:
    """Where a field stands in the event: the intake names it as it is named in its own place."""
    if field is None or field in {"subject", "caseid", "data"} or field.startswith("data."):
        return field
    return f"data.{field}"


async def tell_refusals(door: Door, party: str, refused: Iterable[Refused]) -> None:
    """A fact of each refusal, within a party's limit; beyond it they are counted, and the sender hears of all."""
    facts: list[EventRefused] = []
    for one in refused:
        metrics.EVENTS_REFUSED.labels(one.reason.value).inc()
        if await door.limits.may_tell_refusal(party):
            facts.append(refusal_of(one, party))
        else:
            metrics.REFUSALS_UNTOLD.inc()
    telling = (door.own_facts.tell(fact, subject=fact.source_ref) for fact in facts)
    for failed in await asyncio.gather(*telling, return_exceptions=True):
        if isinstance(failed, Exception):
            # The refusal itself stands: nothing was taken, and who sent it is told so.
            log.error("refusal_untold", error=type(failed).__name__)


def refusal_of(refused: Refused, party: str) -> EventRefused:
    """The fact of a refusal: nothing of it was chosen by who sent it, the source is a hash."""
    command: type[Said] | None = refused.command
    known: dict[str, Any] = {}
    if command is not None:
        known["command"] = command.__name__
    field = field_of_ours(refused.field)
    if field is not None:
        known["field"] = field
    return EventRefused(source_ref=source_ref(refused.source or party), reason=refused.reason, **known)


def source_ref(source: str) -> str:
    """A source as facts name it."""
    return f"src-{hashlib.sha256(source.encode()).hexdigest()[:32]}"
