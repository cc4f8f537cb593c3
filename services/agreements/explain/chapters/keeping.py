"""Who keeps the partnership going: its coordinator and themes, who joins later, goals, figures and who is told."""

from __future__ import annotations

from services.agreements import model
from services.agreements.explain.lines import answer, cap, line, listed, part, table
from services.agreements.explain.page import Point, Section, Table
from services.agreements.explain.voice import Voice


def partnership(a: model.Agreement, v: Voice) -> Section | None:
    """Who keeps the partnership itself going."""

    def tell(one: model.Partnership) -> tuple[Point | str | None, ...]:
        entry = one.entry
        return (
            line(
                v("Coördinator van het wijkverband:", "Coordinator of the partnership:"),
                v.several(one.coordinator) or v("niemand", "nobody"),
            ),
            line(
                v("Neemt het initiatief:", "Takes the initiative:"),
                one.initiator and v.contact(one.initiator),
            ),
            line(v("Leidt de vergaderingen:", "Leads the meetings:"), one.chair and v.contact(one.chair)),
            line(
                v("Bewaakt het proces:", "Guards the process:"),
                one.process_guide and v.contact(one.process_guide),
            ),
            line(
                v("Hier bereikt u het wijkverband:", "Here the partnership is reached:"),
                entry and ", ".join(filter(None, [v.contact(entry.contact), entry.address, entry.phone])),
            ),
            line(
                v("Kennismaken:", "Getting to know each other:"),
                one.acquaintance_every and v.every(one.acquaintance_every),
            ),
            *(
                Point(
                    v(
                        f"wie ermee verder gaat, is {v.contact(theme.owner)}",
                        f"{v.contact(theme.owner)} keeps it moving",
                    )
                    + (
                        v("; namens het bestuur ", "; at board level ") + v.contact(theme.board_owner)
                        if theme.board_owner
                        else ""
                    ),
                    v("Thema ", "Theme ") + f"{theme.name}:",
                )
                for theme in one.themes
            ),
            answer(v("Knelpunten", "Bottlenecks"), one.bottlenecks, v, lambda two: _bottlenecks(two, v)),
        )

    return part(
        "partnership",
        v("Wie het wijkverband draaiende houdt", "Who keeps the partnership going"),
        a.partnership,
        v,
        lambda one: listed(*tell(one)),
    )


def _bottlenecks(one: model.Bottlenecks, v: Voice) -> tuple[Point | None, ...]:
    return (
        line(v("de lijst is van:", "the list is kept by:"), v.contact(one.kept_by)),
        line(v("weg omhoog:", "way up:"), v(", dan ", ", then ").join(v.word(layer) for layer in one.layers)),
        line(
            v(
                "wat het wijkverband niet kan oplossen, gaat naar:",
                "what the partnership cannot solve goes to:",
            ),
            v.party(one.forward_to),
        ),
    )


def joining(a: model.Agreement, v: Voice) -> Section | None:
    """How others join later."""
    return part(
        "joining",
        v("Later meedoen", "Joining later"),
        a.joining,
        v,
        lambda one: listed(
            line(v("Nodig:", "Needed:"), v.words(one.conditions)),
            line(
                v("Hoeveel partijen moeten het ermee eens zijn:", "How many parties have to agree:"),
                str(one.agree_by),
            ),
            v("Wie weigert, zegt waarom.", "Whoever refuses says why."),
        ),
    )


def goals(a: model.Agreement, v: Voice) -> Section | None:
    """What the partners want to reach."""
    if not a.goals:
        return None
    return Section(
        "goals",
        v("Wat wij willen bereiken", "What we want to reach"),
        (
            table(
                v("Doelen", "Goals"),
                (v("Wat wij meten", "What we measure"), v("Doel", "Target"), v("Uiterlijk", "By")),
                tuple(
                    (cap(v.measure(goal.measure)), goal.target, v.day(goal.by) if goal.by else "–")
                    for goal in a.goals
                ),
            ),
        ),
    )


def reporting(a: model.Agreement, v: Voice) -> Section | None:
    """Figures, never persons."""
    return part(
        "reporting",
        v("Cijfers", "Figures"),
        a.reporting,
        v,
        lambda one: listed(
            v(
                f"Cijfers gaan nooit over een persoon. Groepen kleiner dan {one.small_numbers} laten wij niet zien.",
                f"Figures are never about a person. Groups smaller than {one.small_numbers} are not shown.",
            ),
            line(
                v("Naar de regio gaat alleen:", "Only this goes to the region:"),
                v.joined(v.measure(name) for name in one.resv_indicators),
            ),
            line(
                v("De zorgverzekeraar ziet:", "The insurer sees:"),
                v.joined(v.measure(name) for name in one.insurer_sees),
            ),
            line(
                v("Brief met cijfers:", "Letter with figures:"),
                one.digest
                and cap(v.every(one.digest.every))
                + (v(", aan ", ", to ") + v.everybody(one.digest.to) if one.digest.to else ""),
            ),
        ),
    )


def notices(a: model.Agreement, v: Voice) -> Section | None:
    """Who is told of what."""
    if not a.notices:
        return None
    return Section(
        "notices",
        v("Wie krijgt bericht", "Who is told of what"),
        (
            Table(
                v("Berichten", "Messages"),
                (v("Zodra", "As soon as"), v("Krijgt bericht", "Is told")),
                tuple(
                    (v.word(one.on, "fact"), v.everybody(one.to, "told") + _bundled(one, v))
                    for one in a.notices
                ),
            ),
        ),
    )


def _bundled(one: model.Notice, v: Voice) -> str:
    """That what is no hurry may wait to be told together."""
    if one.bundle is None:
        return ""
    long = v.span(one.bundle)
    return v(f"; routine wordt tot {long} gebundeld", f"; routine is kept up to {long} and told together")
