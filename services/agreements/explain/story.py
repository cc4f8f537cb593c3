"""What an agreement does with one signal, as a story: every rule, every clock, and who is asked at which moment.

It only tells: everything in it was decided in scene.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.agreements.explain.chapters import duties
from services.agreements.explain.in_time import clocks, in_order, ladders
from services.agreements.explain.lines import cap, line, listed
from services.agreements.explain.page import (
    Page,
    Paragraph,
    Point,
    Points,
    Section,
)
from services.agreements.explain.rules import asks, numbered
from services.agreements.explain.scene import Scene
from services.agreements.explain.teller import Teller, name
from services.agreements.explain.voice import Voice, voice
from services.agreements.explain.watch import Watch
from services.agreements.explain.why import Seen, why_not
from services.agreements.feedback import heard, kind_of
from services.agreements.findings import Language
from services.agreements.parts import ROOT


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
            in_order(t),
            *(section for section in (clocks(t), ladders(t), _later(t), _feedback(t)) if section),
        ),
    )


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
            line(v("Al contactpersoon:", "Contact already:"), case.contact and name(case.contact, v)),
            line(
                v("Al coördinator:", "Coordinator already:"), case.coordinator and name(case.coordinator, v)
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
            name(choice.receiver, v) + _by_which(choice.rule, rules, v),
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
    agreement = told.terms.agreement
    found = heard(kind_of(told.signal.reporter, agreement), told.decision.urgency, False, agreement)
    if found is None:
        return None
    return Section(
        "feedback",
        v("Wat de melder hoort", "What the reporter hears"),
        listed(line(v("In deze vorm:", "In this form:"), v.words(found.forms, "form"))),
    )
