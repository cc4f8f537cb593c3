"""Calling somebody in, handing over, and finding a place."""

from __future__ import annotations

from services.agreements import model
from services.agreements.explain.lines import cap, line, listed, part, table
from services.agreements.explain.page import Block, Paragraph, Point, Section, Table
from services.agreements.explain.voice import Voice


def referral(a: model.Agreement, v: Voice) -> Section | None:
    """Calling somebody in."""

    def changes(one: model.Referral) -> str | None:
        return one.changes_entry and v.contact(one.changes_entry)

    return part(
        "referral",
        v("Iemand erbij halen", "Calling somebody in"),
        a.referral,
        v,
        lambda one: listed(
            line(v("Dat kan zo:", "It can be done by:"), v.words(one.modes, "mode", "or")),
            line(v("Nieuwe aanvragen gaan naar:", "New requests go to:"), one.entry and v.contact(one.entry)),
            line(
                v("Zorg die te plannen is, vraagt u bij:", "Care that can be planned is asked at:"),
                one.plannable_entry and v.contact(one.plannable_entry),
            ),
            line(v("Een wijziging vraagt u bij:", "A change is asked at:"), changes(one)),
            line(
                v("Beoordelen samen en geven één antwoord:", "Assess together and give one answer:"),
                v.joined(v.party(party) for party in one.joint_assessment),
            ),
            line(
                v("Het eerste contact legt:", "The first contact is made by:"),
                one.contact_made_by and v.word(one.contact_made_by),
            ),
        ),
    )


def handover(a: model.Agreement, v: Voice) -> Section | None:
    """Responsibility from one to another."""

    def tell(one: model.Handover) -> tuple[Block, ...]:
        levels = tuple(dict.fromkeys((*one.due_within, *one.confirm_within, *one.channels)))
        client = one.client_involvement
        return (
            Paragraph(
                v(
                    "De verantwoordelijkheid gaat pas over als de ander ja zegt. Zwijgen is geen ja. Tot die tijd "
                    "blijft alles bij wie overdraagt.",
                    "Responsibility moves only when the other says yes. Silence is not a yes. Until then all stays "
                    "with the one who hands over.",
                )
            ),
            table(
                v("Hoe snel en hoe", "How fast and how"),
                (
                    v("Spoed", "Level"),
                    v("Aangenomen binnen", "Accepted within"),
                    v("In beide dossiers binnen", "In both files within"),
                    v("Schriftelijk", "In writing"),
                    v("Bellen", "By phone"),
                ),
                tuple(
                    (
                        cap(v.word(level, "level")),
                        v.span(one.due_within[level]) if level in one.due_within else "–",
                        v.span(one.confirm_within[level]) if level in one.confirm_within else "–",
                        v.strength(one.channels[level].written) if level in one.channels else "–",
                        v.strength(one.channels[level].phone) if level in one.channels else "–",
                    )
                    for level in levels
                ),
            ),
            *listed(
                line(v("Wanneer:", "When:"), v.words(one.moments, last="or")),
                *(
                    Point(
                        v.words(form.required)
                        + (
                            v(
                                "; ook welke zorg is gemist, en zo niet: ‘niets gezien’",
                                "; also which care was missed, or ‘none seen’",
                            )
                            if form.missed_care
                            else ""
                        ),
                        v("Dit staat erin, bij ", "It says, for ") + f"{v.word(kind)}:",
                    )
                    for kind, form in one.forms.items()
                ),
                line(
                    v("Gemiste zorg kan zijn:", "Missed care may be:"),
                    v.words(one.missed_care_codes, last="or"),
                ),
                line(
                    v(
                        "De overdracht is klaar als dit is opgeschreven:",
                        "The handover is done when this is written:",
                    ),
                    v.words(one.confirmations),
                ),
                line(
                    v("De verantwoordelijkheid gaat over bij:", "Responsibility moves at:"),
                    v.word(one.moves_on),
                ),
                line(
                    v("De cliënt erbij betrekken:", "Involving the client:"),
                    client
                    and v.strength(client.ask)
                    + (
                        v("; lukt het niet, dan staat er waarom", "; when not, it is written down why")
                        if client.reason_if_not
                        else ""
                    ),
                ),
                line(
                    v(
                        "Bezoek vóór ontslag, door wie overneemt:",
                        "Visit before discharge, by who takes over:",
                    ),
                    v.strength(one.warm_visit),
                ),
                line(
                    v("Gesprek kort na de start:", "Talk soon after the start:"), v.strength(one.welcome_talk)
                ),
            ),
        )

    return part("handover", v("Overdragen", "Handing over"), a.handover, v, tell)


def capacity(a: model.Agreement, v: Voice) -> Section | None:
    """Who has room."""
    return part(
        "capacity",
        v("Wie heeft plek", "Who has room"),
        a.capacity,
        v,
        lambda one: listed(
            line(v("Wij houden bij voor:", "It is kept for:"), v.words(one.kinds)),
            line(v("Te oud om op te vertrouwen na:", "Too old to rely on after:"), v.span(one.stale_after)),
            line(
                v("Bij drukte gaat voor, in deze volgorde:", "When it is busy, in this order:"),
                v.words(one.prioritisation),
            ),
            line(
                v("Hoort het als er weinig plek is:", "Hears it when there is little:"),
                v.everybody(one.announce_limits_to),
            ),
            line(
                v(
                    "Ziet de wachtlijsten, alleen aantallen en soorten:",
                    "Sees waiting lists, as numbers and kinds only:",
                ),
                v.everybody(one.waiting_shared_with),
            ),
        ),
    )


def placement(a: model.Agreement, v: Voice) -> Section | None:
    """Finding a place."""

    def tell(one: model.Placement) -> tuple[Block, ...]:
        offer, refused, hard = one.offer, one.when_all_refuse, one.hard_to_place
        counts = [
            v(f"na {hard.refused_by} keer nee", f"after {hard.refused_by} refusals")
            if hard.refused_by
            else "",
            v(
                f"als wachten langer duurt dan {v.span(hard.waited)}",
                f"when waiting takes longer than {v.span(hard.waited)}",
            )
            if hard.waited
            else "",
        ]
        return listed(
            line(
                v("Zoveel organisaties vragen wij tegelijk:", "So many organisations are asked at once:"),
                str(offer.parallel),
            ),
            line(v("Antwoord binnen:", "An answer within:"), v.by_level(offer.answer_within)),
            v("Geen antwoord is geen nee.", "No answer is not a no."),
            line(v("Wij kijken naar, in deze volgorde:", "We go by, in this order:"), v.words(offer.order)),
            line(v("In de vraag staat alleen:", "An offer tells only:"), v.words(offer.shows)),
            None
            if offer.postcode_min_inhabitants is None
            else v(
                f"Wonen er minder dan {v.number(offer.postcode_min_inhabitants)} mensen, dan noemen wij geen "
                "postcode maar het gebied.",
                f"Where fewer than {v.number(offer.postcode_min_inhabitants)} people live, the area is named and "
                "not the postcode.",
            ),
            line(v("Wie kiest:", "Who chooses:"), v.word(one.choose_by)),
            line(
                v("Zegt iedereen nee:", "When all say no:"),
                f"{v.word(refused.then)}, "
                + v("bijeengeroepen door ", "called by ")
                + v.contact(refused.by)
                + v(", binnen ", ", within ")
                + v.span(refused.within),
            ),
            line(v("Moeilijk te plaatsen:", "Hard to place:"), v.joined(filter(None, counts), "or")),
            line(
                v("Neemt om de beurt wie niemand nam:", "Take in turn whom nobody took:"),
                v.joined(v.party(party) for party in one.duty_to_take),
            ),
            line(v("Hulp tijdens het wachten:", "Help while waiting:"), v.words(one.bridging)),
            line(
                v("Overstappen naar een andere wachtlijst:", "Moving to another waiting list:"),
                v.strength(one.transfer_waiting),
            ),
        )

    return part("placement", v("Een plek vinden", "Finding a place"), a.placement, v, tell)


def availability(a: model.Agreement, v: Voice) -> Section | None:
    """In how long somebody is there."""
    whole = v("hele werkgebied", "whole area")
    return part(
        "availability",
        v("Hoe snel iemand er is", "How soon somebody is there"),
        a.availability,
        v,
        lambda one: (
            *listed(
                line(
                    v("Bij acuut is er iemand binnen:", "For acute, somebody is there within:"),
                    v.span(one.acute_response),
                )
            ),
            *(
                (
                    Table(
                        v("Reistijd", "Travel time"),
                        (v("Wie", "Who"), v("Waar", "Where"), v("Binnen", "Within")),
                        tuple(
                            (v.contact(time.by), ", ".join(time.postcodes) or whole, v.span(time.within))
                            for time in one.travel_times
                        ),
                    ),
                )
                if one.travel_times
                else ()
            ),
        ),
    )
