"""What an agreement does with one signal, as a story: every rule, every clock, and who is asked at which moment.

It only tells: everything in it was decided in scene.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schemas.deadlines import Skipped, SkipReason
from schemas.signals import RouteReason
from services.agreements.explain.chapters import duties
from services.agreements.explain.chapters.routing import asks, numbered
from services.agreements.explain.lines import cap, line, listed
from services.agreements.explain.page import (
    Block,
    Ladder,
    Ladders,
    Page,
    Paragraph,
    Point,
    Points,
    Section,
    Step,
    Table,
)
from services.agreements.explain.scene import Owed, Scene
from services.agreements.explain.voice import Voice, voice
from services.agreements.explain.watch import Watch
from services.agreements.explain.why import Seen, why_not
from services.agreements.feedback import heard
from services.agreements.findings import Language
from services.agreements.model.words import CONTACT, DEPUTY
from services.agreements.parts import ROOT
from services.agreements.terms import Terms

#: A clock that runs by hours is told in so many stretches, and no more.
MOST_WINDOWS = 12


class Teller(NamedTuple):
    """A scene, and what it is told with."""

    scene: Scene
    v: Voice
    watch: Watch


def story(told: Scene, language: Language) -> Page:
    """The story of one signal, from the moment it comes in until the last level is asked again."""
    agreement = told.terms.agreement
    v = voice(agreement, language)
    t = Teller(told, v, Watch(told.terms.clock.zone, told.at_ms, v))
    version = v(f"versie {told.terms.version}", f"version {told.terms.version}")
    lines = [f"{agreement.meta.title}, {version}."]
    if told.at_ms < told.terms.valid_from_ms:
        lines.append(v("Let op: deze versie gold toen nog niet.", "Mind: this version was not in force yet."))
    return Page(
        language,
        v("Wat er met deze melding gebeurt", "What becomes of this signal"),
        tuple(lines),
        v("Op deze bladzijde", "On this page"),
        (
            _signal(t),
            _route(t),
            _in_order(t),
            *(section for section in (_clocks(t), _ladders(t), _later(t), _feedback(t)) if section),
        ),
    )


# -- the signal and its way ------------------------------------------------------------------------


def _signal(t: Teller) -> Section:
    (told, v, watch), terms = t, t.scene.terms
    signal, case = told.signal, told.case
    level = terms.level(signal.urgency)
    where = signal.postcode and (
        f"{signal.postcode}, "
        + (
            v("in het werkgebied", "inside the area")
            if signal.postcode in terms.agreement.area.postcodes
            else v("buiten het werkgebied", "outside the area")
        )
    )
    waits = level.calendar is not None and not level.calendar.is_open(told.at_ms)
    reporter = v.word(signal.reporter.kind, "reporter")
    if signal.reporter.party:
        reporter += v(" van ", " of ") + v.party(signal.reporter.party)
    informed = {True: v("ja", "yes"), False: v("nee", "no"), None: v("niet gezegd", "not said")}
    return Section(
        "signal",
        v("De melding", "The signal"),
        listed(
            line(v("Komt binnen:", "Comes in:"), watch.full(told.at_ms)),
            line(v("Spoed:", "Level:"), v.word(signal.urgency, "level")),
            line(v("Soort:", "Type:"), v.words(signal.types, "type") or v("niet genoemd", "not named")),
            line(
                v("Waarover:", "About what:"),
                v.words(signal.concern, "concern") or v("niet genoemd", "not named"),
            ),
            line(v("Over wie:", "About whom:"), v.word(signal.about, "about")),
            line(v("Postcode:", "Postcode:"), where or v("niet bekend", "not known")),
            line(v("Melder:", "Reporter:"), reporter),
            line(v("De cliënt weet ervan:", "The client knows:"), informed[signal.client_informed]),
            line(v("Al contactpersoon:", "Contact already:"), case.contact and _name(case.contact, v)),
            line(
                v("Al coördinator:", "Coordinator already:"), case.coordinator and _name(case.coordinator, v)
            ),
            line(v("Huisartsenpraktijk:", "GP practice:"), case.practice and v.practice(case.practice)),
            line(v("Groep:", "Group:"), case.target_group and v.word(case.target_group)),
            line(
                v("Wordt opgepakt in de eigen uren, vanaf:", "Is worked on in its hours, from:"),
                watch(level.calendar.next_open(told.at_ms)) if waits and level.calendar else None,
            ),
        ),
    )


def _route(t: Teller) -> Section:
    told, v, _ = t
    decision = told.decision
    rules = {
        rule.name: (number, asks(rule.match, v)) for number, rule, _ in numbered(told.terms.agreement.routing)
    }
    seen = Seen(told.signal, told.case)
    points = []
    for step in decision.trace:
        number, asked = rules.get(step.node, ("–", ""))
        if step.matched:
            verdict = v("dat past.", "it fits.") if asked else v("Geen enkele regel past.", "No rule fits.")
        else:
            why = why_not(step.because, seen, v)
            verdict = (
                v(f"past niet, want {why}.", f"does not fit, because {why}.") if asked else cap(f"{why}.")
            )
        points.append(Point(verdict, asked and asked.rstrip(",:") + ":", number))
    chosen = tuple(
        Point(
            _name(choice.receiver, v) + _by_which(choice.rule, rules, v),
            v("Dus is deze melding voor:", "So this signal is for:"),
        )
        for choice in decision.choices
    )
    several = (
        (
            Paragraph(
                v(
                    "Zij worden tegelijk gevraagd. Wie de melding het eerst aanneemt, heeft haar.",
                    "They are asked at the same time. Whoever takes the signal first has it.",
                )
            ),
        )
        if len(chosen) > 1
        else ()
    )
    return Section(
        "route",
        v("Wie wordt gevraagd, en waarom", "Who is asked, and why"),
        (
            Paragraph(
                v(
                    "Dit zijn alle regels die zijn bekeken, in hun volgorde. Een regel die hier niet staat, is niet "
                    "bekeken: de keus was al gemaakt, of hij hoort bij een regel die niet past.",
                    "These are all the rules that were looked at, in their order. A rule that is not here was not "
                    "looked at: the choice was made, or it belongs to a rule that does not fit.",
                )
            ),
            Points(tuple(points)),
            Points(chosen),
            *several,
        ),
    )


def _by_which(rule: str, rules: Mapping[str, tuple[str, str]], v: Voice) -> str:
    if rule == ROOT:
        return v(" (geen regel past)", " (no rule fits)")
    return v(f" (regel {rules[rule][0]})", f" (rule {rules[rule][0]})") if rule in rules else ""


# -- what happens in time --------------------------------------------------------------------------


def _in_order(t: Teller) -> Section:
    """Everything in the order of the clock, for the case that nobody answers."""
    told, v, watch = t
    moments: list[tuple[int, int, str]] = []
    for n, one in enumerate(told.owed, start=1):
        which = "" if len(told.owed) == 1 else f" ({_which(n, v)})"
        for k, stand in enumerate(one.foreseen.stands):
            who = _name(stand.contact, v)
            said = (
                v(f"{who} wordt gevraagd.", f"{who} is asked.")
                if k == 0
                else v(f"Geen antwoord: nu wordt {who} gevraagd.", f"No answer: now {who} is asked.")
            )
            passed_over = "".join(f" {_passed_over(skip, one, t)}" for skip in stand.skipped)
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
        last = _name(one.foreseen.stands[-1].contact, v)
        again = v(
            f"{last} wordt opnieuw gevraagd, en daarna {v.again(one.repeat)}, tot iemand reageert.{which}",
            f"{last} is asked again, and then {v.again(one.repeat)}, until somebody answers.{which}",
        )
        moments.append((one.foreseen.again_ms, 3, again))
    blocks: list[Block] = [
        Paragraph(
            v(
                "Dit gebeurt er als niemand reageert. Neemt iemand de melding aan, dan stopt de ladder.",
                "This happens when nobody answers. When somebody takes the signal, the ladder stops.",
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


def _clocks(t: Teller) -> Section | None:
    told, v, watch = t
    if not told.owed:
        return None
    clocks = tuple(
        Section(
            f"clock-{n}",
            f"{cap(_which(n, v))}: {duties.named(one.duty.name, v)}, {_name(one.owed_by, v)}",
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
        "clocks", v("Hoe snel, en hoe dat is geteld", "How fast, and how it was counted"), (), clocks
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


def _ladders(t: Teller) -> Section | None:
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
                v("overgeslagen: ", "passed over: ") + _why(skip, one, t),
                True,
            )
            for skip in stand.skipped
        ]
        steps.append(Step(watch(stand.at_ms), _name(stand.contact, v)))
    again = v(
        f"opnieuw om {watch(one.foreseen.again_ms)}, en dan {v.again(one.repeat)}",
        f"again at {watch(one.foreseen.again_ms)}, and then {v.again(one.repeat)}",
    )
    steps[-1] = steps[-1]._replace(note=again)
    title = f"{cap(_which(n, v))}: ladder {v.quoted(one.ladder, 'ladder')}"
    return Ladder(f"ladder-{n}", title, tuple(steps))


def _passed_over(skip: Skipped, one: Owed, t: Teller) -> str:
    _, v, _ = t
    return v("Overgeslagen: ", "Passed over: ") + f"{_rung(skip, one, t)} ({_why(skip, one, t)})."


def _rung(skip: Skipped, one: Owed, t: Teller) -> str:
    """Who stands on a rung that is passed over, as far as that is one function."""
    ref = _stands_there(skip, one, t.scene.terms)
    return _name(ref, t.v) if ref else t.v.contact(skip.to)


def _stands_there(skip: Skipped, one: Owed, terms: Terms) -> str | None:
    first = terms.contacts.get(one.owed_by)
    if skip.to == CONTACT:
        return one.owed_by
    if skip.to == DEPUTY:
        return first.deputy if first else None
    return terms.refs.get(skip.to)


def _why(skip: Skipped, one: Owed, t: Teller) -> str:
    told, v, watch = t
    ref = _stands_there(skip, one, told.terms)
    said = v.word(skip.reason, "skip")
    if skip.reason == SkipReason.ABSENT and ref:
        ends = [
            window.until_ms
            for window in told.directory.absences.get(ref, ())
            if window.holds(one.deadline.inputs.started_ms)
        ]
        known = [end_ms for end_ms in ends if end_ms is not None]
        said += v(" tot ", " until ") + watch(max(known)) if known else ""
    return said


# -- what may come of it later ---------------------------------------------------------------------


def _later(t: Teller) -> Section | None:
    """Obligations of the same agreement that later facts about this signal may open."""
    told, v, _ = t
    begun = {one.duty.name for one in told.owed}
    level = told.decision.urgency
    later = [
        Point(
            v("zodra ", "as soon as ")
            + duties.fact(one.opened_by, v)
            + v("; tijd: ", "; time: ")
            + v.span(one.within[level]),
            f"{duties.title(one, v)}:",
        )
        for one in told.terms.agreement.obligations
        if one.name not in begun and level in one.within
    ]
    title = v("Wat daarna kan beginnen", "What may begin after that")
    return Section("later", title, listed(*later)) if later else None


def _feedback(t: Teller) -> Section | None:
    """In which form whoever reported hears back."""
    told, v, _ = t
    reporter, agreement = told.signal.reporter, told.terms.agreement
    kinds = {party.id: party.kind for party in agreement.parties}
    kind = kinds.get(reporter.party or "", reporter.kind.value)
    found = heard(kind, told.decision.urgency, False, agreement)
    if found is None:
        return None
    return Section(
        "feedback",
        v("Wat de melder hoort", "What the reporter hears"),
        listed(line(v("In deze vorm:", "In this form:"), v.words(found.forms, "form"))),
    )


def _which(n: int, v: Voice) -> str:
    return v(f"termijn {n}", f"term {n}")


def _name(ref: str, v: Voice) -> str:
    """A function by its title, from `party/contact`."""
    return v.contact(ref.rpartition("/")[2])
