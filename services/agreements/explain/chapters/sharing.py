"""Who may see what, in which form somebody hears back, and what is shared with or without consent."""

from __future__ import annotations

from services.agreements import model
from services.agreements.explain.lines import Line, answer, line, listed, part, table, yes_no
from services.agreements.explain.page import Block, Paragraph, Point, Section, Table
from services.agreements.explain.voice import Voice


def sights(a: model.Agreement, v: Voice) -> Section:
    """Who may see how much of a case it takes part in."""
    information = a.information if isinstance(a.information, model.Information) else None
    access = (information.access if information else None) or model.Access()
    kinds = {party.kind for party in a.parties}

    def names(ring: str) -> str:
        return v.joined(
            party.title for party in a.parties if party.ring == ring and party.kind not in access.kinds
        )

    def seen(what: tuple[str, ...]) -> str:
        return v.words(what, "sight") or v("niets", "nothing")

    rows = [
        (v("kern", "core") + (f": {names('core')}" if names("core") else ""), seen(access.core)),
        (v("schil", "shell") + (f": {names('shell')}" if names("shell") else ""), seen(access.shell)),
    ]
    for kind, what in access.kinds.items():
        named = v.joined(party.title for party in a.parties if party.kind == kind) if kind in kinds else ""
        rows.append((v.word(kind, "kind") + (f": {named}" if named else ""), seen(what)))
    return Section(
        "who-sees-what",
        v("Wie mag wat zien", "Who may see what"),
        (
            Paragraph(
                v(
                    "Dit geldt alleen voor wie bij een cliënt betrokken is. Een functie ziet alleen meldingen van de "
                    "soort waarvoor zij er is. Wie er niet bij hoort, ziet niets: ook niet dat er iets is.",
                    "This holds only for those who take part in a client's case. A function sees signals of the types "
                    "it is there for. Whoever takes no part sees nothing, not even that there is something.",
                )
            ),
            Table(
                v("Wie ziet wat", "Who sees what"),
                (v("Wie", "Who"), v("Mag zien", "May see")),
                tuple(rows),
            ),
        ),
    )


def feedback(a: model.Agreement, v: Voice) -> Section | None:
    """Who hears back, and in which form."""

    def tell(one: model.Feedback) -> tuple[Block, ...]:
        rows = tuple(_feedback_rule(rule, v) for rule in one.rules)
        content = one.content
        return (
            Paragraph(
                v(
                    "De vorm past bij wie het hoort. Mondeling is een taak voor een mens: er wordt niets opgeschreven "
                    "en verstuurd. Versturen is nog geen vertellen: wat telt als antwoord, staat bij ‘Hoe snel’.",
                    "The form follows who hears it. By word of mouth is a task for a person: nothing written is sent. "
                    "Sent is not told: what counts as the answer is said under ‘How fast’.",
                )
            ),
            table(
                v("Terugkoppeling", "Feedback"),
                (
                    v("Aan", "To"),
                    v("Vorm", "Form"),
                    v("Hoe kort", "How short"),
                    v("Ook bellen", "A call as well"),
                    v("Hoe vast", "How firm"),
                    v("Hoe snel", "How fast"),
                ),
                rows,
            ),
            *listed(
                line(
                    v("Hierin staat:", "It says:"),
                    content and v.words(content.required_fields),
                ),
                line(
                    v("Zo kort als kan:", "As short as can be:"),
                    content and content.max_chars and _chars(content.max_chars, v),
                ),
            ),
        )

    return part("feedback", v("Terugkoppelen", "Hearing back"), a.feedback, v, tell)


def _chars(n: int, v: Voice) -> str:
    return v(f"hooguit {n} tekens", f"at most {n} characters")


def _feedback_rule(rule: model.FeedbackRule, v: Voice) -> tuple[str, ...]:
    call = rule.also_by_phone_when
    return (
        v.words(rule.to, "kind", "or"),
        v.word(rule.form, "form"),
        _chars(rule.max_chars, v) if rule.max_chars else "–",
        f"{_when_to_call(call, v)} ({v.strength(call.strength)})" if call else "–",
        v.strength(rule.strength),
        v("zie ", "see ") + v.joined(f"‘{v.word(name, 'duty')}’" for name in rule.clocks)
        if rule.clocks
        else "–",
    )


def _when_to_call(call: model.PhoneWhen, v: Voice) -> str:
    asked = []
    if call.urgency:
        asked.append(
            v(
                f"de spoed {v.words(call.urgency, 'level', 'or')} is",
                f"the level is {v.words(call.urgency, 'level', 'or')}",
            )
        )
    if call.expects_action is not None:
        asked.append(
            v("er iets wordt verwacht", "something is expected")
            if call.expects_action
            else v("er niets wordt verwacht", "nothing is expected")
        )
    return v("als ", "when ") + v.joined(asked) if asked else v("altijd", "always")


def information(a: model.Agreement, v: Voice) -> Section | None:
    """Wishes, consent, sharing without it, asking each other, and the written agreement on data."""
    return part(
        "sharing",
        v("Toestemming en delen", "Consent and sharing"),
        a.information,
        v,
        lambda one: listed(
            line(v("Delen mag alleen voor:", "Sharing is only for:"), v.words(one.purposes)),
            _identifiers(one, v),
            answer(
                v("De wensen van de cliënt", "The client's wishes"),
                one.client_preferences,
                v,
                lambda two: _wishes(two, v),
            ),
            answer(v("Toestemming", "Consent"), one.consent, v, lambda two: _consent(two, v)),
            answer(
                v("Eerst kijken, daarna uitleggen", "Looking first, explaining later"),
                one.emergency_access,
                v,
                lambda two: (
                    line(v("wie mag dat:", "who may:"), v.words(two.roles)),
                    line(v("uitleg binnen:", "explained within:"), v.span(two.justify_within)),
                ),
            ),
            answer(
                v("Een collega om informatie vragen", "Asking a colleague"),
                one.requests,
                v,
                lambda two: _requests(two, v),
            ),
            answer(
                v("Schriftelijke afspraak over gegevens", "Written agreement on data"),
                one.data_agreement,
                v,
                lambda two: (
                    line(v("welke:", "which:"), two.ref),
                    line(v("de cliënt kan haar lezen:", "the client can read it:"), two.retrievable_at),
                ),
            ),
        ),
        lambda one: (_without_consent(one.without_consent, v),),
    )


def _identifiers(one: model.Information, v: Voice) -> Line:
    if not one.identifiers:
        return None
    named = v.words(one.identifiers, "identifier", "or")
    return Point(
        v(
            f"{named}, en alleen om meldingen over dezelfde cliënt bij elkaar te brengen. Het nummer zelf wordt niet "
            "bewaard en niet doorgegeven.",
            f"{named}, and only to bring together reports about the same client. The number itself is not kept and "
            "not passed on.",
        ),
        v("Een melding mag de cliënt noemen met:", "A report may name the client by:"),
    )


def _wishes(one: model.ClientPreferences, v: Voice) -> tuple[Line, ...]:
    return (
        line(v("gevraagd vóór:", "asked before:"), v.words(one.ask_before)),
        line(v("over:", "about:"), v.words(one.kinds)),
        line(v("delen met:", "sharing with:"), v.words(one.receivers, "kind")),
    )


def _consent(one: model.Consent, v: Voice) -> tuple[Line, ...]:
    return (
        line(v("gevraagd vóór:", "asked before:"), v.words(one.ask_before)),
        line(v("gevraagd door:", "asked by:"), v.words(one.asked_by, last="or")),
        line(v("geldig:", "valid for:"), v.period(one.valid_for)),
        line(
            v(
                "wij gaan uit van toestemming, tot de cliënt iets anders zegt, voor:",
                "presumed until the client says otherwise, for:",
            ),
            v.words(one.presumed_for),
        ),
    )


def _requests(one: model.Requests, v: Voice) -> tuple[Line, ...]:
    return (
        line(v("wie mag vragen:", "who may ask:"), v.words(one.who_may_ask, last="or")),
        line(v("antwoord binnen:", "an answer within:"), v.by_level(one.answer_within)),
    )


def _without_consent(found: model.WithoutConsent | model.NotApplicable | None, v: Voice) -> Section | None:
    def tell(one: model.WithoutConsent) -> tuple[Block, ...]:
        return (
            Paragraph(
                v(
                    "Delen zonder toestemming is een besluit van meer mensen samen, nooit een vinkje.",
                    "Sharing without consent is a decision of several people together, never a tick box.",
                )
            ),
            *listed(
                *(
                    Point(
                        v("Er moet staan: ", "It must state: ")
                        + v.words(ground.needs)
                        + (
                            v("; beslissen samen: ", "; decide together: ") + v.words(ground.deciders)
                            if ground.deciders
                            else ""
                        ),
                        v("Grond: ", "Ground: ") + v.word(name) + ".",
                    )
                    for name, ground in one.grounds.items()
                ),
                line(
                    v("Zoveel mensen beslissen minstens:", "So many people decide at least:"),
                    str(one.deciders_min),
                ),
                line(
                    v("Is het nog nodig? Dat bekijken wij:", "Still needed? That is looked at:"),
                    v.every(one.review_every),
                ),
                line(
                    v("De cliënt hoort het:", "The client hears of it:"),
                    v(
                        f"binnen {v.period(one.inform_client.within)}, of er staat waarom nog niet "
                        f"({v.strength(one.inform_client.strength)})",
                        f"within {v.period(one.inform_client.within)}, or it is written down why not yet "
                        f"({v.strength(one.inform_client.strength)})",
                    ),
                ),
                line(v("Formulier:", "Form:"), one.form),
            ),
        )

    return part("without-consent", v("Delen zonder toestemming", "Sharing without consent"), found, v, tell)


def records(a: model.Agreement, v: Voice) -> Section | None:
    """What is written down where."""
    return part(
        "records",
        v("Wat staat waar opgeschreven", "What is written down where"),
        a.records,
        v,
        lambda one: listed(
            line(v("Het dossier dat telt:", "The file that counts:"), v.word(one.dossier_of_record)),
            line(
                v(
                    "Een aantekening in het eigen dossier is nodig na:",
                    "A note in one's own file is needed after:",
                ),
                v.words(one.note_required_on),
            ),
            line(v("Zo komen de partners erbij:", "How the partners get at it:"), one.access_for_partners),
            line(
                v("Wie gegevens krijgt, schrijft dat ook op:", "Whoever is given data writes that down too:"),
                yes_no(one.receivers_note_too, v),
            ),
        ),
    )
