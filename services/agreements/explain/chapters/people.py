"""Who takes part: the parties, what they are able to do, their functions and the ways to reach them."""

from __future__ import annotations

from services.agreements import model
from services.agreements.explain.lines import cap, line, listed, part, points, table, yes_no
from services.agreements.explain.page import Paragraph, Point, Section, Table
from services.agreements.explain.voice import Voice


def parties(a: model.Agreement, v: Voice) -> Section:
    """Organisations, and what each answers for."""
    return Section(
        "parties",
        v("Wie doet mee", "Who takes part"),
        (
            Paragraph(
                v(
                    "Kern: de organisaties die samen de zorg dragen. Schil: organisaties eromheen, met een beperkte "
                    "rol. Overal staan functies, nooit namen van mensen.",
                    "Core: the organisations that carry the care together. Shell: those around it, with a limited "
                    "part. All are functions, never names of persons.",
                )
            ),
            table(
                v("Organisaties", "Organisations"),
                (
                    v("Organisatie", "Organisation"),
                    v("Soort", "Kind"),
                    v("Kring", "Circle"),
                    v("Staat in voor de afspraken", "Answers for the agreement"),
                    v("Contact voor meldingen", "Contact for signals"),
                ),
                tuple(_party_row(party, v) for party in a.parties),
            ),
        ),
    )


def reach(a: model.Agreement, v: Voice) -> Section:
    """What they are able to do, and how and when their functions are reached."""
    told = (_abilities(a, v), _functions(a, v), _channels(a, v), _list_kept_true(a, v))
    return Section(
        "reach",
        v("Wat zij kunnen en hoe zij te bereiken zijn", "What they are able to do, and how they are reached"),
        (),
        tuple(section for section in told if section),
    )


def _party_row(party: model.Party, v: Voice) -> tuple[str, ...]:
    ring = v("kern", "core") if party.ring == "core" else v("schil", "shell")
    since = v(f"vanaf {v.day(party.joins)}", f"from {v.day(party.joins)}") if party.joins else ""
    until = v(f"tot {v.day(party.leaves)}", f"until {v.day(party.leaves)}") if party.leaves else ""
    own = {contact.id: contact.title for contact in party.contacts}

    def function(name: str | None) -> str:
        return own.get(name) or v.contact(name) if name else "–"

    return (
        party.title,
        v.word(party.kind, "kind"),
        ", ".join(filter(None, [ring, since, until])),
        function(party.accountable_person),
        function(party.signal_contact),
    )


def _abilities(a: model.Agreement, v: Voice) -> Section | None:
    told = tuple(
        Point(
            "",
            f"{party.title}:",
            points=points(
                (
                    line(v("rol:", "part:"), party.role),
                    line(v("kan beoordelen:", "able to judge:"), v.words(party.expertise, "expertise")),
                    line(v("kan doen:", "able to do:"), v.words(party.competences)),
                    line(v("wetten en regels:", "laws and rules:"), v.words(party.legal_regimes)),
                )
            ),
        )
        for party in a.parties
        if party.role or party.expertise or party.competences or party.legal_regimes
    )
    if not told:
        return None
    return Section("abilities", v("Wat kunnen zij", "What they are able to do"), listed(*told))


def _functions(a: model.Agreement, v: Voice) -> Section:
    return Section(
        "functions",
        v("Functies", "Functions"),
        (
            table(
                v("Hoe en wanneer zij te bereiken zijn", "How and when they are reached"),
                (
                    v("Functie", "Function"),
                    v("Waarvoor", "What for"),
                    v("Wanneer", "When"),
                    v("Hoe", "How"),
                    v("Als deze niet kan", "When it cannot"),
                ),
                tuple(
                    (
                        f"{contact.title} ({party.title})",
                        _what_for(contact, v),
                        v.hours(contact.reachable),
                        v(", anders ", ", else ").join(v.channel(one) for one in contact.channels)
                        or v("niet te bereiken", "not to be reached"),
                        _instead(contact, v),
                    )
                    for party in a.parties
                    for contact in party.contacts
                ),
            ),
        ),
    )


def _what_for(contact: model.Contact, v: Voice) -> str:
    types = v.words(contact.types, "type", "or")
    told = [v(f"meldingen: {types}", f"signals: {types}") if types else v("alle meldingen", "all signals")]
    if contact.expertise:
        told.append(v("kan beoordelen: ", "able to judge: ") + v.words(contact.expertise, "expertise"))
    if contact.for_practice:
        told.append(
            v("vast voor ", "fixed contact of ") + v.joined(v.practice(name) for name in contact.for_practice)
        )
    if contact.kind == "group":
        told.append(
            v("een groep: wie de melding claimt, heeft haar", "a group: who claims the signal has it")
            if contact.claim == "first"
            else v("een groep", "a group")
        )
    if contact.kind == "shared_number":
        told.append(v("een gedeeld nummer met een rooster", "a shared number with a rota"))
    if contact.staffed_by:
        staff = v.joined(v.party(party) for party in contact.staffed_by)
        told.append(v("bemenst door ", "staffed by ") + staff)
        told.append(
            v(
                "wie volgens het rooster dienst heeft, hoort en leest wat hier gevraagd wordt",
                "who is on duty by the rota hears and reads what is asked here",
            )
            if contact.kind == "shared_number"
            else v(
                "zij horen en lezen allemaal wat hier gevraagd wordt",
                "all of them hear and read what is asked here",
            )
        )
    if contact.by_link:
        told.append(
            v("kan zonder account via een link: ", "can by a link, without an account: ")
            + v.words(contact.by_link, "by_link")
        )
    if contact.sits_in_partnership is not None:
        told.append(
            v("zit in het wijkverband: ", "sits in the partnership: ")
            + yes_no(contact.sits_in_partnership, v)
        )
    return "; ".join(told)


def _instead(contact: model.Contact, v: Voice) -> str:
    told = []
    if contact.deputy:
        told.append(v("vervanger: ", "deputy: ") + v.contact(contact.deputy))
    if contact.stand_ins:
        told.append(v("zelfde deskundigheid: ", "same expertise: ") + v.several(contact.stand_ins))
    if contact.overflow:
        told.append(v("bij drukte: ", "when busy: ") + v.several(contact.overflow))
    return "; ".join(told) or "–"


def _channels(a: model.Agreement, v: Voice) -> Section:
    return Section(
        "channels",
        v("Waarlangs wij berichten sturen", "How we send messages"),
        (
            Table(
                v("Wegen", "Channels"),
                (
                    v("Weg", "Channel"),
                    v("Vorm", "Form"),
                    v("Mag er iets over de cliënt in staan?", "May it say anything about the client?"),
                ),
                tuple(
                    (
                        cap(v.channel(name)),
                        v.word(channel.form, "form"),
                        v("ja", "yes")
                        if channel.carries_client_data
                        else v("nee, alleen dat er iets klaarstaat", "no, only that something is waiting"),
                    )
                    for name, channel in a.channels.items()
                ),
            ),
        ),
    )


def _list_kept_true(a: model.Agreement, v: Voice) -> Section | None:
    return part(
        "contact-list",
        v("Hoe deze lijst blijft kloppen", "How this list is kept true"),
        a.contacts,
        v,
        lambda one: listed(
            line(
                v("Klopt het nog?", "Still right?"),
                one.reconfirm_every
                and v(
                    f"Dat vragen wij elk contact {v.every(one.reconfirm_every)}",
                    f"Every contact is asked {v.every(one.reconfirm_every)}",
                ),
            ),
            line(
                v("Nieuwe contacten:", "New contacts:"),
                v("de partners horen ervan", "the partners are told")
                if one.announce_new
                else v("worden niet aangekondigd", "are not announced"),
            ),
            line(
                v("Een opvolger neemt over wat nog openstaat:", "A successor takes over what is open:"),
                v.strength(one.hand_over_open_items),
            ),
        ),
    )
