"""Conferring, following, looking back, and a finger on the pulse."""

from __future__ import annotations

from services.agreements import model
from services.agreements.explain.lines import cap, line, listed, part, points
from services.agreements.explain.page import Point, Section
from services.agreements.explain.voice import Voice


def mdo(a: model.Agreement, v: Voice) -> Section | None:
    """Conferring on a case."""
    return part(
        "conferring",
        v("Samen overleggen", "Conferring"),
        a.mdo,
        v,
        lambda one: listed(
            line(
                v("Eerst afwegen, in deze stappen:", "First weigh, in these steps:"),
                v.words(one.weighing_steps),
            ),
            line(
                v("Het eerste overleg plant:", "The first meeting is planned by:"),
                v.word(one.first_planned_by),
            ),
            line(v("Het staat gepland binnen:", "It is planned within:"), v.by_level(one.first_within)),
            line(v("Het overleg leidt:", "It is led by:"), v.word(one.chair)),
            line(v("Niemand doet mee zonder:", "Nobody takes part without:"), v.words(one.requires)),
            line(v("Zo kan het ook:", "Ways to do it:"), v.words(one.modes, "meeting_mode", "or")),
            line(
                v(
                    "Het volgende overleg is hooguit zo lang daarna:",
                    "The next meeting is at most so long after:",
                ),
                v.period(one.follow_up.max_gap),
            ),
            *(_meeting(meeting, v) for meeting in one.meetings),
        ),
    )


def _meeting(one: model.Meeting, v: Voice) -> Point:
    return Point(
        cap(v.every(one.every)),
        f"{cap(v.word(one.kind))}:",
        points=points(
            (
                line(
                    v("de agenda sluit zo lang tevoren:", "the agenda closes so long before:"),
                    one.agenda_closes and v.span(one.agenda_closes),
                ),
                *(Point(why, f"{v.word(name)}:") for name, why in one.disciplines.items()),
                line(v("klaar te leggen:", "to be there beforehand:"), v.words(one.inputs)),
            )
        ),
    )


def monitoring(a: model.Agreement, v: Voice) -> Section | None:
    """Following the path."""
    return part(
        "monitoring",
        v("Volgen hoe het gaat", "Following how it goes"),
        a.monitoring,
        v,
        lambda one: listed(
            line(v("Volgt hoe het gaat:", "Follows how it goes:"), v.word(one.monitors)),
            line(v("Kijkt terug:", "Looks back:"), v.word(one.evaluates)),
            line(v("Houdt contact:", "Keeps in touch:"), v.word(one.keeps_contact)),
            line(v("Wanneer:", "When:"), v.words(one.moments)),
            line(
                v(
                    "Eén kernpartij volgt het plan, gekozen naar:",
                    "One core party follows the plan, chosen by:",
                ),
                one.plan_followed_by and v.word(one.plan_followed_by),
            ),
        ),
    )


def evaluation(a: model.Agreement, v: Voice) -> Section | None:
    """Looking back on a case."""
    return part(
        "evaluation",
        v("Terugkijken met de cliënt", "Looking back with the client"),
        a.evaluation,
        v,
        lambda one: listed(
            line(
                v("Vragen hoe cliënt en naasten het vonden:", "Asking how client and relatives found it:"),
                v.strength(one.client_experience),
            ),
            line(v("Per onderdeel kijken wij naar:", "For each part we look at:"), v.words(one.sheet)),
        ),
    )


def aftercare(a: model.Agreement, v: Voice) -> Section | None:
    """A finger on the pulse."""
    return part(
        "aftercare",
        v("Nazorg", "Aftercare"),
        a.aftercare,
        v,
        lambda one: listed(
            line(v("Wie contact houdt:", "Who keeps in touch:"), v.words(one.watcher, last="or")),
            line(v("Hoe vaak:", "How often:"), v.every(one.rhythm)),
            line(v("Vertelt het aan:", "Tells:"), one.reports_to and v.word(one.reports_to)),
            line(
                v("Een naaste vertelt het aan:", "A relative tells:"),
                one.relative_reports_to and v.word(one.relative_reports_to),
            ),
            line(v("Hoe:", "How:"), v.words(one.by, "way", "or")),
            line(v("Een risicoanalyse erbij:", "With a risk analysis:"), v.strength(one.risk_analysis)),
            line(
                v("Niets gehoord is niet ‘alles goed’:", "Nothing heard is not ‘all well’:"),
                v(f"na {one.silent.count} keer geldt: ", f"after {one.silent.count} times: ")
                + v.word(one.silent.then),
            ),
            line(v("Stopt bij:", "Ends at:"), v.word(one.ends_when)),
        ),
    )
