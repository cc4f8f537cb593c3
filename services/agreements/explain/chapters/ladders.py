"""Who is next: both ladders, each level with its moment counted from the start."""

from __future__ import annotations

from collections.abc import Sequence

from services.agreements import model
from services.agreements.explain import lengths
from services.agreements.explain.lines import about, cap, listed, not_needed, purpose
from services.agreements.explain.page import Block, Ladder, Ladders, Paragraph, Section, Step
from services.agreements.explain.voice import Voice
from services.agreements.times import Span


def ladders(a: model.Agreement, v: Voice) -> Section | None:
    """This signal is not answered now; and apart from it: an agreement is not kept."""
    if a.escalation is None:
        return None
    levels = tuple(a.urgency.levels)
    default = v(" (deze geldt als een regel niets anders zegt)", " (holds unless a rule says otherwise)")
    return Section(
        "who-next",
        v("Wie is de volgende", "Who is next"),
        (
            Paragraph(
                v(
                    "Een ladder zegt wie wordt gevraagd als er geen antwoord komt. De tijden tellen vanaf het moment "
                    "dat de eerste is gevraagd. Wie niet te bereiken is, slaan wij meteen over: dan wordt de "
                    "volgende eerder gevraagd. Wie eerder is gevraagd, mag de melding nog steeds aannemen. De "
                    "laatste wordt opnieuw gevraagd tot iemand reageert. Een ladder eindigt nooit in stilte.",
                    "A ladder says who is asked when no answer comes. The times count from the moment the first was "
                    "asked. Whoever cannot be reached is passed over at once: then the next is asked sooner. "
                    "Whoever was asked before may still take the signal. The last is asked again until somebody "
                    "answers. A ladder never ends in silence.",
                )
            ),
            *_when_late(a, v),
        ),
        (
            *(
                Section(
                    f"ladder-{name}",
                    v("Ladder ", "Ladder ")
                    + v.quoted(name, "ladder")
                    + (default if name == a.routing.ladder else ""),
                    (Ladders(tuple(_ladder(name, rungs, level, v) for level in levels)),),
                )
                for name, rungs in a.escalation.operational.items()
            ),
            *(section for section in (_collaboration(a.escalation.collaboration, v),) if section),
        ),
    )


def _when_late(a: model.Agreement, v: Voice) -> tuple[Block, ...]:
    if all(one.ladder_begins == "when_asked" for one in a.obligations):
        return ()
    told = v(
        "Bij sommige termijnen begint de ladder pas als de termijn voorbij is; dat staat daar. De tweede wordt dan op "
        "dat moment gevraagd, en de tijden lopen van daar verder.",
        "At some terms the ladder begins when the term is over; it is said there. The second is then asked at that "
        "moment, and the waits go on from there.",
    )
    return (Paragraph(told),)


def _ladder(name: str, rungs: Sequence[model.Rung], level: str, v: Voice) -> Ladder:
    steps = []
    for n, rung in enumerate(rungs):
        waits = [other.after.get(level) for other in rungs[1 : n + 1]]
        steps.append(Step(_moment(waits, v), cap(v.contact(rung.to)), _note(rungs, n, level, v)))
    return Ladder(f"{name}-{level}", cap(v.word(level, "level")), tuple(steps))


def _moment(waits: Sequence[Span | None], v: Voice) -> str:
    known = [wait for wait in waits if wait is not None]
    if len(known) < len(waits):
        return v("niet afgesproken", "not agreed")
    if not known:
        return v("meteen", "at once")
    return v("na ", "after ") + lengths.total(known, v.language)


def _note(rungs: Sequence[model.Rung], n: int, level: str, v: Voice) -> str:
    if n < len(rungs) - 1:
        return ""
    repeat = rungs[n].repeat_every.get(level) or rungs[n].after.get(level)
    if repeat is None:
        return ""
    again = lengths.again(repeat, v.language)
    return v(f"opnieuw {again}, tot iemand reageert", f"again {again}, until somebody answers")


def _collaboration(found: model.Collaboration | model.NotApplicable | None, v: Voice) -> Section | None:
    if found is None:
        return None
    title = v(
        "De andere ladder: een afspraak wordt niet nagekomen", "The other ladder: an agreement is not kept"
    )
    if isinstance(found, model.NotApplicable):
        return Section("collaboration", title, (Paragraph(not_needed(found, v)),))
    missed = found.when.missed
    intro = v(
        f"Deze ladder gaat over de samenwerking, nooit over een cliënt. Hij begint als één organisatie binnen "
        f"{v.period(missed.within)} {missed.count} keer een bindende afspraak niet nakomt.",
        f"This ladder is about working together, never about a client. It begins when one organisation misses a "
        f"binding agreement {missed.count} times within {v.period(missed.within)}.",
    )
    blocks: tuple[Block, ...] = (
        *purpose(found),
        Paragraph(intro),
        Ladders((_collaboration_ladder(found, v),)),
    )
    return Section("collaboration", title, (*blocks, *listed(*about(found, v))))


def _collaboration_ladder(found: model.Collaboration, v: Voice) -> Ladder:
    steps = []
    waits: list[Span | None] = []
    for n, rung in enumerate(found.rungs):
        steps.append(
            Step(
                _moment(waits, v) if n else v("eerst", "first"),
                cap(v.everybody(rung.to, "rung")),
                v("antwoord binnen ", "an answer within ") + lengths.short(rung.answer_within, v.language)
                if rung.answer_within
                else "",
            )
        )
        waits.append(rung.answer_within)
    if any(wait is None for wait in waits[:-1]):
        steps = [step._replace(when=v(f"stap {n}", f"step {n}")) for n, step in enumerate(steps, start=1)]
    return Ladder(
        "collaboration",
        v("Als een afspraak niet wordt nagekomen", "When an agreement is not kept"),
        tuple(steps),
    )
