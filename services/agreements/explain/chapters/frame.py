"""What this agreement is: in short, from when, where, how urgent is urgent, and in which hours."""

from __future__ import annotations

from services.agreements import model
from services.agreements.explain import lengths
from services.agreements.explain.lines import cap, line, listed, table
from services.agreements.explain.page import Block, Paragraph, Point, Section, Table
from services.agreements.explain.voice import Voice
from services.agreements.periods import later, share_of_year

#: More organisations are not summed up in the summary.
MOST_NAMES = 8


def in_short(a: model.Agreement, v: Voice) -> Section:
    """What somebody remembers who reads one paragraph."""
    root = a.routing.receiver
    ladders = a.escalation.operational if a.escalation else {}
    lasts = list(dict.fromkeys(rungs[-1].to for rungs in ladders.values() if rungs))
    return Section(
        "in-short",
        v("In het kort", "In short"),
        listed(
            line(
                v("Waar:", "Where:"), v("in de postcodes ", "in the postcodes ") + ", ".join(a.area.postcodes)
            ),
            line(v("Wie:", "Who:"), _who(a, v)),
            line(v("Zorgen? Meld ze bij:", "Worried? Report to:"), v.contact(a.signals.entry)),
            line(
                v("Elke melding komt bij iemand terecht.", "Every signal reaches somebody."),
                root
                and v(
                    f"Past geen enkele regel, dan gaat zij naar: {v.contact(root)}.",
                    f"When no rule fits, it goes to: {v.contact(root)}.",
                ),
            ),
            line(
                v("Geen antwoord? Dan de volgende.", "No answer? Then the next."),
                lasts
                and v(
                    f"Als laatste vragen wij {v.joined(map(v.contact, lasts), 'or')}, "
                    "en die wordt opnieuw gevraagd tot iemand reageert.",
                    f"The last we ask is {v.joined(map(v.contact, lasts), 'or')}, who is asked again until "
                    "somebody answers.",
                ),
            ),
            line(v("Terugkijken:", "Looking back:"), _per_year(a, v)),
        ),
    )


def _who(a: model.Agreement, v: Voice) -> str:
    """By name, or when there are too many to read, by number."""
    if len(a.parties) <= MOST_NAMES:
        return v.joined(party.title for party in a.parties)
    core = sum(party.ring == "core" for party in a.parties)
    return v(
        f"{len(a.parties)} organisaties, waarvan {core} in de kern",
        f"{len(a.parties)} organisations, of which {core} in the core",
    )


def this_agreement(a: model.Agreement, v: Voice) -> Section:
    """Version, term, area, neighbours."""
    meta = a.meta
    inherits = meta.inherits and v(
        f"wat hier niet staat, komt uit versie {meta.inherits.version} van de afspraken van "
        f"‘{meta.inherits.template}’",
        f"what is not said here comes from version {meta.inherits.version} of the agreements of "
        f"‘{meta.inherits.template}’",
    )
    term = (
        v(f"{v.period(meta.term)} vanaf die dag", f"{v.period(meta.term)} from that day")
        if meta.term
        else v("tot de partners iets anders afspreken", "until the partners agree otherwise")
    )
    return Section(
        "this-agreement",
        v("Deze afspraken", "This agreement"),
        (
            Paragraph(
                v(
                    "Deze bladzijde vertelt de afspraken in gewone taal. Ze is gemaakt van het bestand dat de "
                    "partners vaststellen en waar de computer naar handelt. Staat hier iets anders dan u bedoelt, "
                    "teken dan niet en laat het bestand aanpassen.",
                    "This page tells the agreement in plain words. It is made from the file that the partners lay "
                    "down and that the computer acts on. If it says something you do not mean, do not sign, "
                    "and have the file changed.",
                )
            ),
            Paragraph(
                v(
                    "Alles hier is bindend, behalve wat een voornemen heet. Waar ‘aangeraden’ staat, mag het anders "
                    "als daar een reden voor is.",
                    "All of it binds, except what is called an intention. Where it says ‘advised’, another way is "
                    "possible when there is a reason.",
                )
            ),
            *listed(
                line(
                    v("Van wie:", "Whose:"),
                    v("wijkverband ", "partnership ") + v.partnership(meta.partnership),
                ),
                line(v("Versie:", "Version:"), str(meta.version)),
                line(
                    v("Geldt vanaf:", "In force from:"),
                    v(
                        f"{lengths.weekday(meta.valid_from, v.language)}, 00:00 uur. Wat daarvoor is gemeld, houdt "
                        "de termijnen van toen",
                        f"{lengths.weekday(meta.valid_from, v.language)}, 00:00. What was reported before keeps "
                        "the terms of then",
                    ),
                ),
                line(v("Duurt:", "Lasts:"), term),
                line(
                    v("Opzeggen:", "Leaving:"),
                    meta.notice_period
                    and v(
                        f"wie wil stoppen, zegt dat {v.period(meta.notice_period)} van tevoren",
                        f"whoever wants to leave says so {v.period(meta.notice_period)} before",
                    ),
                ),
                line(v("Van de regio:", "From the region:"), inherits),
                line(v("De getekende tekst:", "The signed text:"), meta.document),
                line(v("Te lezen voor iedereen:", "For all to read:"), meta.readable_at),
                line(v("Wetten en regels:", "Laws and rules:"), v.words(meta.legal_regimes)),
                line(
                    v("Tijden:", "Times:"), v(f"in de tijd van {a.timezone}", f"in the time of {a.timezone}")
                ),
            ),
        ),
        (_area(a, v),),
    )


def _area(a: model.Agreement, v: Voice) -> Section:
    area = a.area
    size = area.usual_size and v(
        f"{v.number(area.usual_size[0])} tot {v.number(area.usual_size[1])} inwoners",
        f"{v.number(area.usual_size[0])} to {v.number(area.usual_size[1])} people",
    )
    overlap = (
        v("een ander wijkverband mag hier ook werken", "another partnership may work here as well")
        if area.overlap == "allowed"
        else v(
            "geen ander wijkverband werkt in deze postcodes", "no other partnership works in these postcodes"
        )
    )
    neighbours = tuple(
        Point(
            v(
                f"postcodes {', '.join(one.postcodes)}. Meldingen daarvandaan gaan naar {v.contact(one.entry)}",
                f"postcodes {', '.join(one.postcodes)}. Signals from there go to {v.contact(one.entry)}",
            ),
            f"{v.partnership(one.partnership)}:",
        )
        for one in a.neighbours
    )
    return Section(
        "area",
        v("Het werkgebied", "The area"),
        listed(
            line(v("Postcodes:", "Postcodes:"), ", ".join(area.postcodes)),
            line(v("Inwoners:", "People living there:"), area.inhabitants and v.number(area.inhabitants)),
            line(v("Werkbaar volgens de regio:", "Workable in the region's view:"), size or None),
            line(v("Overlap:", "Overlap:"), overlap),
            line(v("Cijfers over de wijk:", "Figures of the neighbourhood:"), area.profile),
            Point("", v("Buren:", "Neighbours:"), points=neighbours) if neighbours else None,
        ),
    )


def urgency(a: model.Agreement, v: Voice) -> Section:
    """The levels, from most to least pressing as the file has them."""
    return Section(
        "urgency",
        v("Hoe dringend is dringend", "How urgent is urgent"),
        (
            table(
                v("De mate van spoed", "Levels of urgency"),
                (
                    v("Spoed", "Level"),
                    v("Wat wij ermee bedoelen", "What we mean by it"),
                    v("Wanneer", "When"),
                ),
                tuple(
                    (cap(v.word(name, "level")), level.meaning or "–", _runs(level, v))
                    for name, level in a.urgency.levels.items()
                ),
            ),
        ),
    )


def _runs(level: model.Level, v: Voice) -> str:
    priority = v.word(level.fhir, "priority")
    if level.always:
        return v("dag en nacht, ook op vrije dagen", "day and night, holidays too") + f" ({priority})"
    if level.calendar:
        return v.hours(level.calendar) + f" ({priority})"
    return v("de klok loopt door", "the clock runs on") + f" ({priority})"


def calendars(a: model.Agreement, v: Voice) -> Section:
    """Hours, and the days off with where each was agreed."""
    return Section(
        "hours",
        v("Uren en vrije dagen", "Hours and holidays"),
        (
            Paragraph(
                v(
                    "Vrije dagen staan hier uitgeschreven. Er komt er geen vanzelf bij.",
                    "Holidays are written out here. None is added by itself.",
                )
            ),
        ),
        tuple(
            Section(
                f"hours-{name}",
                v("Kalender ", "Calendar ") + v.calendar(name),
                (
                    *listed(*lengths.week(hours.week, v.language)),
                    *_holidays(name, hours, v),
                ),
            )
            for name, hours in a.calendars.items()
        ),
    )


def _holidays(name: str, hours: model.Hours, v: Voice) -> tuple[Block, ...]:
    if not hours.holidays:
        return (Paragraph(v("Geen vrije dagen.", "No holidays.")),)
    return (
        table(
            v(f"Vrije dagen in {v.calendar(name)}", f"Holidays in {v.calendar(name)}"),
            (v("Dag", "Day"), v("Naam", "Name"), v("Waar dat vandaan komt", "Where it comes from")),
            tuple(
                (lengths.weekday(one.date, v.language), one.name, one.source or "–") for one in hours.holidays
            ),
        ),
    )


def _per_year(a: model.Agreement, v: Voice) -> str:
    n = a.meta.review.per_year
    times = v("1 keer per jaar", "once a year") if n == 1 else v(f"{n} keer per jaar", f"{n} times a year")
    return v(f"de partners bekijken deze afspraken {times}", f"the partners look at this agreement {times}")


def review(a: model.Agreement, v: Voice) -> Section:
    """When it is looked at again, and who signed."""
    last = a.meta.review.last_held
    next_time = later(last or a.meta.valid_from, share_of_year(a.meta.review.per_year))
    signed = {signature.party: signature.on for signature in a.meta.signed}
    parties = {party.id: party for party in a.parties}
    known = (*parties, *(name for name in signed if name not in parties))
    not_yet = v("nog niet getekend", "not signed yet")
    return Section(
        "review",
        v("Terugkijken en tekenen", "Looking back and signing"),
        (
            *listed(
                cap(_per_year(a, v)) + ".",
                line(v("Laatste keer:", "Last time:"), v.day(last) if last else v("nog niet", "not yet")),
                line(v("Volgende keer uiterlijk:", "Next time at the latest:"), v.day(next_time)),
            ),
            Table(
                v("Wie heeft getekend", "Who signed"),
                (
                    v("Organisatie", "Organisation"),
                    v("Getekend op", "Signed on"),
                    v("Handtekening", "Signature"),
                ),
                tuple(
                    (v.party(name), v.day(signed[name]) if name in signed else not_yet, "")
                    for name in known
                    if name in signed or parties[name].ring == "core"
                ),
            ),
        ),
    )
