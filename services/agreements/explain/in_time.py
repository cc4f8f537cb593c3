"""The part of a story that has clock times: what happens in which order, what was counted, and who is next."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.deadlines import Skipped, SkipReason
from schemas.signals import RouteReason
from services.agreements.explain.chapters import duties
from services.agreements.explain.lines import cap, line, listed
from services.agreements.explain.page import Block, Ladder, Ladders, Paragraph, Point, Section, Step, Table
from services.agreements.explain.scene import Owed
from services.agreements.explain.teller import Teller, name, which_term
from services.agreements.foresight import Stand
from services.agreements.ladder import worked_at
from services.agreements.model.words import CONTACT, DEPUTY
from services.agreements.terms import Terms

#: A clock that runs by hours is told in so many stretches, and no more.
MOST_WINDOWS = 12


def in_order(t: Teller) -> Section:
    """Everything in the order of the clock, for the case that nobody answers."""
    told, v, watch = t
    moments: list[tuple[int, int, str]] = []
    for n, one in enumerate(told.owed, start=1):
        which = "" if len(told.owed) == 1 else f" ({which_term(n, v)})"
        for k, stand in enumerate(one.foreseen.stands):
            who = name(stand.contact, v)
            said = (
                v(f"{who} wordt gevraagd.", f"{who} is asked.")
                if k == 0
                else v(f"Geen antwoord: nu wordt {who} gevraagd.", f"No answer: now {who} is asked.")
            )
            passed_over = "".join(f" {_passed_over(skip, stand, one, t)}" for skip in stand.skipped)
            moments.append((stand.at_ms, 2, said + passed_over + which))
        moments += [
            (
                at_ms,
                0,
                v(
                    f"{percent}% van de tijd is voorbij: er gaat een herinnering uit.{which}",
                    f"{percent}% of the time is gone: a reminder goes out.{which}",
                ),
            )
            for percent, at_ms in one.warnings
        ]
        due_ms = one.deadline.due_ms
        late = v(
            f"De termijn is voorbij. Zonder antwoord telt hij nu als gemist. De ladder loopt door.{which}",
            f"The term is over. Without an answer it now counts as missed. The ladder goes on.{which}",
        )
        moments.append((due_ms, 1, late))
        last = name(one.foreseen.stands[-1].contact, v)
        again = v(
            f"{last} wordt opnieuw gevraagd, en daarna {v.again(one.repeat)}, tot iemand reageert.{which}",
            f"{last} is asked again, and then {v.again(one.repeat)}, until somebody answers.{which}",
        )
        moments.append((one.foreseen.again_ms, 3, again))
    blocks: list[Block] = [
        Paragraph(
            v(
                "Dit gebeurt er als niemand reageert. Is het antwoord er, dan stopt de ladder.",
                "This happens when nobody answers. Once the answer is there, the ladder stops.",
            )
        )
    ]
    if not moments:
        blocks = [Paragraph(v("Er begint geen enkele termijn.", "No term begins."))]
    else:
        moments.sort(key=lambda one: one[:2])
        rows = tuple((watch(at_ms), text) for at_ms, _, text in moments)
        change = watch.change(moments[-1][0])
        blocks += [Paragraph(change)] if change else []
        blocks.append(
            Table(v("Op de klok", "By the clock"), (v("Wanneer", "When"), v("Wat", "What")), rows),
        )
    if told.decision.reason == RouteReason.RULE_ERROR:
        blocks.insert(
            0,
            Paragraph(
                v("Let op: er ging iets mis bij het kiezen.", "Mind: something went wrong in choosing.")
            ),
        )
    return Section("in-order", v("Wat er gebeurt", "What happens"), tuple(blocks))


def clocks(t: Teller) -> Section | None:
    told, v, watch = t
    if not told.owed:
        return None
    each = tuple(
        Section(
            f"clock-{n}",
            f"{cap(which_term(n, v))}: {duties.named(one.duty.name, v)}, {name(one.owed_by, v)}",
            listed(
                line(v("Tijd:", "Time:"), v.span(one.deadline.inputs.span)),
                line(v("Geteld vanaf:", "Counted from:"), watch.full(one.deadline.inputs.started_ms)),
                line(v("Uiterlijk:", "Due:"), watch.full(one.deadline.due_ms)),
                line(
                    v("Herinnering:", "Reminded:"),
                    v.joined(f"{watch(at_ms)} ({percent}%)" for percent, at_ms in one.warnings),
                ),
                *_standing_still(one, t),
            ),
        )
        for n, one in enumerate(told.owed, start=1)
    )
    return Section(
        "clocks", v("Hoe snel, en hoe dat is geteld", "How fast, and how it was counted"), (), each
    )


def _standing_still(one: Owed, t: Teller) -> Iterator[Point | None]:
    """When the clock runs: always, or in the hours of its calendar only; and what would stop it."""
    v, watch, terms = t.v, t.watch, t.scene.terms
    span, started_ms = one.deadline.inputs.span, one.deadline.inputs.started_ms
    calendar = terms.clock.calendar(span)
    if calendar is None or span.calendar is None:
        yield line(
            v("De klok loopt:", "The clock runs:"),
            v("dag en nacht, ook op vrije dagen", "day and night, holidays too"),
        )
    else:
        runs = calendar.open_between(started_ms, one.deadline.due_ms)
        shown = v.joined(watch.stretch(from_ms, to_ms) for from_ms, to_ms in runs[:MOST_WINDOWS])
        more = v(" en verder", " and on") if len(runs) > MOST_WINDOWS else ""
        yield line(v("De klok loopt alleen:", "The clock runs only:"), shown + more)
        first, last = (watch.date(at_ms) for at_ms in (started_ms, one.deadline.due_ms))
        off = [
            f"{v.day(holiday.date)} ({holiday.name})"
            for holiday in terms.agreement.calendars[span.calendar].holidays
            if first <= holiday.date <= last
        ]
        yield line(v("Vrije dagen in die tijd:", "Holidays in that time:"), v.joined(off))
    said = next(found for found in terms.agreement.obligations if found.name == one.duty.name)
    yield line(
        v("De klok staat stil zodra", "The clock stands still as soon as"),
        v.joined((duties.fact(by, v) for by in said.paused_by), "or"),
    )
    yield line(
        v("De klok loopt weer zodra", "The clock runs again as soon as"),
        v.joined((duties.fact(by, v) for by in said.resumed_by), "or"),
    )


def ladders(t: Teller) -> Section | None:
    told, v, _ = t
    if not told.owed:
        return None
    return Section(
        "ladders",
        v("Wie is de volgende", "Who is next"),
        (
            Paragraph(
                v(
                    "Wie is overgeslagen, staat in een vak met een onderbroken rand.",
                    "Whoever is passed over stands in a box with a broken edge.",
                )
            ),
            Ladders(tuple(_ladder(n, one, t) for n, one in enumerate(told.owed, start=1))),
        ),
    )


def _ladder(n: int, one: Owed, t: Teller) -> Ladder:
    _, v, watch = t
    steps: list[Step] = []
    for stand in one.foreseen.stands:
        steps += [
            Step(
                watch(stand.at_ms),
                cap(_rung(skip, one, t)),
                v("overgeslagen: ", "passed over: ") + _why(skip, stand, one, t),
                True,
            )
            for skip in stand.skipped
        ]
        steps.append(Step(watch(stand.at_ms), name(stand.contact, v)))
    again = v(
        f"opnieuw: {watch(one.foreseen.again_ms)}, en dan {v.again(one.repeat)}",
        f"again: {watch(one.foreseen.again_ms)}, and then {v.again(one.repeat)}",
    )
    steps[-1] = steps[-1]._replace(note=again)
    title = f"{cap(which_term(n, v))}: ladder {v.quoted(one.ladder, 'ladder')}"
    return Ladder(f"ladder-{n}", title, tuple(steps))


def _passed_over(skip: Skipped, stand: Stand, one: Owed, t: Teller) -> str:
    _, v, _ = t
    return v("Overgeslagen: ", "Passed over: ") + f"{_rung(skip, one, t)} ({_why(skip, stand, one, t)})."


def _rung(skip: Skipped, one: Owed, t: Teller) -> str:
    """Who stands on a rung that is passed over, as far as that is one function."""
    ref = _stands_there(skip, one, t.scene.terms)
    return name(ref, t.v) if ref else t.v.contact(skip.to)


def _stands_there(skip: Skipped, one: Owed, terms: Terms) -> str | None:
    first = terms.contacts.get(one.owed_by)
    if skip.to == CONTACT:
        return one.owed_by
    if skip.to == DEPUTY:
        return first.deputy if first else None
    return terms.refs.get(skip.to)


def _why(skip: Skipped, stand: Stand, one: Owed, t: Teller) -> str:
    """The reason; of an absence also until when, if that was told: of the one that runs when the level is asked."""
    told, v, watch = t
    ref = _stands_there(skip, one, told.terms)
    said = v.word(skip.reason, "skip")
    if skip.reason == SkipReason.ABSENT and ref:
        asked_ms = worked_at(told.terms.level(told.decision.urgency), stand.at_ms)
        ends = [window.until_ms for window in told.directory.absences.get(ref, ()) if window.holds(asked_ms)]
        known = [end_ms for end_ms in ends if end_ms is not None]
        if known and len(known) == len(ends):
            said += v(" tot ", " until ") + watch(max(known))
    return said
