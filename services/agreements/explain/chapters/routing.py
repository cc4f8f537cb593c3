"""Where worries are reported, and who is called for what: the tree as sentences, in its order."""

from __future__ import annotations

from collections.abc import Sequence

from services.agreements import model
from services.agreements.explain.lines import about, cap, line, listed, points, purpose, sentence
from services.agreements.explain.page import Paragraph, Point, Points, Section, Table
from services.agreements.explain.rules import asks, side_by_side
from services.agreements.explain.voice import Voice
from services.agreements.model.words import RECEIVER_WORDS


def signals(a: model.Agreement, v: Voice) -> Section:
    """Where worries go, and what becomes of them."""
    one = a.signals
    together = one.see_each_other and (
        v("alleen voor wie in de kring van de cliënt zit", "only for those in the client's circle")
        + (
            v(", en als er een grond is vastgelegd", ", and when a ground is recorded")
            if one.see_each_other.on_ground
            else ""
        )
    )
    return Section(
        "signals",
        v("Zorgen melden", "Reporting a worry"),
        (
            *purpose(one),
            *listed(
                line(v("Waar:", "Where:"), v.contact(one.entry)),
                line(
                    v("Waarover:", "About what:"),
                    v.words(one.concerns, "concern")
                    or v("alle zorgen over een cliënt", "any worry about a client"),
                ),
                line(
                    v(
                        "Meldingen over dezelfde cliënt naast elkaar zien:",
                        "Seeing signals about one client together:",
                    ),
                    together or v("nee", "no"),
                ),
                line(
                    v("Een melding die alleen over overlast gaat:", "A signal that is about nuisance only:"),
                    v("nemen wij niet aan", "is refused")
                    if one.nuisance_only == "refuse"
                    else v("nemen wij aan, met een opmerking erbij", "is taken, with a remark"),
                ),
                *(
                    line(
                        v(
                            f"Spoed die dag en nacht telt, {v.word(kind, 'type')}:",
                            f"Pressing day and night, {v.word(kind, 'type')}:",
                        ),
                        v(
                            f"alleen wie dit kan beoordelen, wordt gevraagd: {v.words(words, 'expertise', 'or')}",
                            f"only those able to judge this are asked: {v.words(words, 'expertise', 'or')}",
                        ),
                    )
                    for kind, words in one.acute_expertise.items()
                ),
                line(
                    v("Heeft het geholpen? Dat vragen wij na:", "Did it help? That is asked after:"),
                    v.by_level(one.effect_check_after),
                ),
                line(
                    v("Steeds weer een melding:", "Signals again and again:"),
                    one.repeat
                    and v(
                        f"bij {one.repeat.count} meldingen binnen {v.period(one.repeat.within)} geldt: "
                        f"{v.word(one.repeat.then)}",
                        f"after {one.repeat.count} signals within {v.period(one.repeat.within)}: "
                        f"{v.word(one.repeat.then)}",
                    ),
                ),
                line(
                    v("Samen voorkomen:", "Preventing together:"),
                    one.prevention
                    and v("wij tellen per gebied, zonder namen: ", "we count by area, without names: ")
                    + v.words(one.prevention, "concern"),
                ),
                *about(one, v),
            ),
        ),
    )


def routing(a: model.Agreement, v: Voice) -> Section:
    """The tree, rule by rule."""
    root = a.routing.receiver
    default = a.routing.ladder or ""
    last = Point(
        v(
            f"Past geen enkele regel, dan vragen wij: {v.contact(root or '')}.",
            f"When no rule fits, we ask: {v.contact(root or '')}.",
        )
        + _by_ladder(default, "", v),
        number="–",
    )
    return Section(
        "routing",
        v("Wie wordt waarvoor gevraagd", "Who is called for what"),
        (
            Paragraph(
                v(
                    "Lees van boven naar beneden. De eerste regel die past, bepaalt wie wordt gevraagd. Staan er "
                    "regels onder een regel, dan gaan die voor: zij zijn de uitzonderingen. Wat een uitzondering "
                    "niet zegt, blijft zoals in de regel erboven.",
                    "Read from top to bottom. The first rule that fits decides who is asked. Rules below a rule "
                    "go before it: they are its exceptions. What an exception does not say stays as in the rule "
                    "above it.",
                )
            ),
            Points((*_rules(a.routing.routes, "", root, default, v), last)),
        ),
        tuple(section for section in (_intake(a, v), _paths(a, v)) if section),
    )


def _rules(
    rules: Sequence[model.Rule], before: str, receiver: str | None, ladder: str, v: Voice
) -> tuple[Point, ...]:
    told = []
    for number, rule, named in side_by_side(rules, before, receiver):
        below = _rules(rule.routes, f"{number}.", named, rule.ladder or ladder, v)
        said = _rule(rule, named or "", ladder, bool(below), v)
        told.append(Point(said, asks(rule.match, v), number, below))
    return tuple(told)


def _rule(rule: model.Rule, receiver: str, ladder: str, has_exceptions: bool, v: Voice) -> str:
    who = v.contact(receiver)
    if rule.receiver is None:
        who = v(f"{who}, net als hierboven", f"{who}, as above")
    said = v(f"dan vragen wij: {who}.", f"we ask: {who}.")
    if receiver in RECEIVER_WORDS:
        said += v(
            " Is die er niet, dan past deze regel niet.", " When there is nobody, this rule does not fit."
        )
    said += _by_ladder(rule.ladder or "", ladder, v)
    if rule.goes_on:
        said += v(
            " Daarna kijken wij verder: past er ook een regel hieronder, dan vragen wij die ook.",
            " Then we look on: when a rule further down fits as well, we ask that one too.",
        )
    if rule.because:
        said += v(" Waarom: ", " Why: ") + sentence(rule.because)
    if has_exceptions:
        said += v(" Behalve:", " Except:")
    return said


def _by_ladder(ladder: str, otherwise: str, v: Voice) -> str:
    if not ladder or ladder == otherwise:
        return ""
    return v(
        f" Komt er geen antwoord, dan geldt de ladder {v.quoted(ladder, 'ladder')}.",
        f" When no answer comes, the ladder {v.quoted(ladder, 'ladder')} holds.",
    )


def _intake(a: model.Agreement, v: Voice) -> Section | None:
    if not a.intake:
        return None
    any_of = v("alle", "all")
    return Section(
        "intake",
        v("Wie doet de eerste intake", "Who does the first intake"),
        (
            Paragraph(v("De eerste rij die past, bepaalt het.", "The first row that fits decides.")),
            Table(
                v("De eerste intake", "The first intake"),
                (
                    v("Groep", "Group"),
                    v("Soort melding", "Type of signal"),
                    v("Postcodes", "Postcodes"),
                    v("Door", "By"),
                ),
                tuple(
                    (
                        v.words(one.target_group, last="or") or any_of,
                        v.words(one.types, "type", "or") or any_of,
                        v.joined(one.postcodes, "or") or any_of,
                        v.contact(one.by),
                    )
                    for one in a.intake
                ),
            ),
        ),
    )


def _paths(a: model.Agreement, v: Voice) -> Section | None:
    if not a.paths:
        return None
    told = tuple(
        Point(
            v("voor de groep ", "for the group ")
            + v.word(group)
            + (f". {sentence(path.purpose)}" if path.purpose else ""),
            cap(path.title) + ":",
            points=points(
                (
                    line(v("als eerste:", "first:"), path.contact and v.contact(path.contact)),
                    line(v("doen mee:", "take part:"), v.joined(v.party(party) for party in path.parties)),
                    *(Point(effort, f"{v.party(party)}:") for party, effort in path.effort.items()),
                    line(
                        v("vraagt één keer wat er nodig is:", "asks once what is needed:"),
                        path.clarified_by and v.contact(path.clarified_by),
                    ),
                    line(v("ladder:", "ladder:"), path.ladder and v.quoted(path.ladder, "ladder")),
                    *about(path, v),
                )
            ),
        )
        for group, path in a.paths.items()
    )
    return Section("paths", v("Vaste paden per groep", "Paths by group"), listed(*told))
