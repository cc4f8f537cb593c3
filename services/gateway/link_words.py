"""What a link's page says, in Dutch and English: plain words, and nothing about anybody."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from schemas.signals import DeclineReason
from services.gateway.paper import Language


class Stand(StrEnum):
    """How it stands with what a link is for."""

    ASKED = "asked"
    YOURS = "yours"
    TAKEN = "taken"
    DECLINED = "declined"
    RECEIVED = "received"
    TEXT = "text"
    OVER = "over"
    NEWER = "newer"
    NOT_ASKED = "not_asked"
    EXPIRED = "expired"
    NOT_BY_LINK = "not_by_link"
    NOT_YET = "not_yet"
    NONE = "none"


STATUS: Mapping[Stand, int] = {
    Stand.ASKED: 200,
    Stand.YOURS: 200,
    Stand.TAKEN: 409,
    Stand.DECLINED: 200,
    Stand.RECEIVED: 202,
    Stand.TEXT: 200,
    Stand.OVER: 410,
    Stand.NEWER: 410,
    Stand.NOT_ASKED: 410,
    Stand.EXPIRED: 410,
    Stand.NOT_BY_LINK: 403,
    Stand.NOT_YET: 503,
    Stand.NONE: 404,
}


class Words(NamedTuple):
    """Everything a page says besides names, numbers and moments. `titles` and `leads` by how it stands."""

    other: Language
    other_name: str
    titles: Mapping[Stand, str]
    leads: Mapping[Stand, str]
    ask_titles: Mapping[str, str]
    ask_leads: Mapping[str, str]
    buttons: Mapping[str, str]
    for_whom: str
    urgency: str
    due: str
    or_not: str
    why_not: str
    choose: str
    reasons: Mapping[str, str]
    phone: str
    danger: str
    by_mail: str


#: What may be chosen, in this order.
_REASONS = (
    DeclineReason.OUTSIDE_EXPERTISE,
    DeclineReason.OUTSIDE_AREA,
    DeclineReason.NO_CAPACITY,
    DeclineReason.NOT_OUR_CLIENT,
    DeclineReason.CONFLICT_OF_INTEREST,
)


#: As a form says them.
REASONS = frozenset(reason.value for reason in _REASONS)


def _reasons(*words: str) -> Mapping[str, str]:
    return {reason.value: said for reason, said in zip(_REASONS, words, strict=True)}


WORDS: Mapping[Language, Words] = {
    "nl": Words(
        other="en",
        other_name="English",
        titles={
            Stand.YOURS: "U hebt het opgepakt",
            Stand.TAKEN: "Al opgepakt",
            Stand.DECLINED: "U hebt gezegd dat u dit niet oppakt",
            Stand.RECEIVED: "Uw antwoord is binnen",
            Stand.TEXT: "Voor u geschreven",
            Stand.OVER: "Dit is afgelopen",
            Stand.NEWER: "U hebt hierover een nieuwer bericht",
            Stand.NOT_ASKED: "Dit wordt u niet meer gevraagd",
            Stand.EXPIRED: "Deze link is verlopen",
            Stand.NOT_BY_LINK: "Dit kan hier niet zonder account",
            Stand.NOT_YET: "Nog even geduld",
            Stand.NONE: "Deze link kennen wij niet",
        },
        leads={
            Stand.YOURS: "Wie eerder gevraagd was, krijgt dat te horen. U hoeft hier niets meer te doen.",
            Stand.TAKEN: "Dank dat u keek. Het is al opgepakt door:",
            Stand.DECLINED: "Dank dat u het liet weten. U hoeft niets meer te doen, ook niet iemand anders te zoeken.",
            Stand.RECEIVED: "Ververs deze pagina over een minuut om te zien of het is gelukt.",
            Stand.TEXT: "Dat u dit hebt gelezen, is vastgelegd.",
            Stand.OVER: "Het is afgerond of ingetrokken. U hoeft hier niets meer te doen.",
            Stand.NEWER: "Het wordt u opnieuw gevraagd. Antwoord met de link in het nieuwste bericht, of bel.",
            Stand.NOT_ASKED: "Iemand anders is gevraagd, of u hebt gezegd dat u het niet oppakt.",
            Stand.EXPIRED: "Wij weten niet of het al is opgepakt; bel om het te horen.",
            Stand.NOT_BY_LINK: "Antwoord via uw eigen systeem, of bel.",
            Stand.NOT_YET: "Open de link over een minuut nog eens, of bel.",
            Stand.NONE: "Misschien is hij afgebroken. Open hem uit het bericht zelf.",
        },
        ask_titles={
            "acknowledge": "Pakt u deze melding op?",
            "decline": "Pakt u deze melding niet op?",
            "read": "Er is iets voor u geschreven",
        },
        ask_leads={
            "acknowledge": "U krijgt haar op naam van uw functie. Anderen horen dat u haar hebt.",
            "decline": "Zeg het liever nu dan niet: dan kan het iemand anders worden gevraagd.",
            "read": "Dat u het leest, wordt eerst vastgelegd.",
        },
        buttons={"acknowledge": "Ja, ik pak het op", "decline": "Niet oppakken", "read": "Lezen"},
        for_whom="Gevraagd aan",
        urgency="Hoe dringend",
        due="Antwoord vóór",
        or_not="Of kunt u het niet oppakken?",
        why_not="Waarom niet?",
        choose="Kies waarom u het niet oppakt.",
        reasons=_reasons(
            "Hier hebben wij de deskundigheid niet voor",
            "Dit is buiten ons gebied",
            "Wij hebben nu geen plek of tijd",
            "Dit is geen cliënt van ons",
            "Wij zijn hierin zelf betrokken",
        ),
        phone="Bellen met",
        danger="Is er direct gevaar, bel dan",
        by_mail="Wie deze pagina alleen opent, doet niets: antwoorden kan alleen met een knop.",
    ),
    "en": Words(
        other="nl",
        other_name="Nederlands",
        titles={
            Stand.YOURS: "You have taken it",
            Stand.TAKEN: "Already taken",
            Stand.DECLINED: "You said that you do not take this",
            Stand.RECEIVED: "Your answer has come in",
            Stand.TEXT: "Written for you",
            Stand.OVER: "This is over",
            Stand.NEWER: "You have a newer message about this",
            Stand.NOT_ASKED: "You are not asked for this any more",
            Stand.EXPIRED: "This link has expired",
            Stand.NOT_BY_LINK: "This cannot be done here without an account",
            Stand.NOT_YET: "One moment, please",
            Stand.NONE: "We do not know this link",
        },
        leads={
            Stand.YOURS: "Whoever was asked before is told. There is nothing more to do here.",
            Stand.TAKEN: "Thank you for looking. It has already been taken by:",
            Stand.DECLINED: "Thank you for letting us know. There is nothing more to do, nor anybody else to find.",
            Stand.RECEIVED: "Load this page again in a minute to see whether it worked.",
            Stand.TEXT: "That you have read this has been recorded.",
            Stand.OVER: "It was closed or withdrawn. There is nothing more to do here.",
            Stand.NEWER: "You are asked again. Answer by the link in the newest message, or phone.",
            Stand.NOT_ASKED: "Somebody else was asked, or you said that you do not take it.",
            Stand.EXPIRED: "We cannot tell here whether it was taken; phone to hear it.",
            Stand.NOT_BY_LINK: "Answer by your own system, or phone.",
            Stand.NOT_YET: "Open the link again in a minute, or phone.",
            Stand.NONE: "It may have been broken off. Open it from the message itself.",
        },
        ask_titles={
            "acknowledge": "Do you take this signal?",
            "decline": "Do you not take this signal?",
            "read": "Something was written for you",
        },
        ask_leads={
            "acknowledge": "It is yours then, by the name of your function. Others hear that you have it.",
            "decline": "Better said now than not at all: somebody else can be asked then.",
            "read": "That you read it is recorded first.",
        },
        buttons={"acknowledge": "Yes, I take it", "decline": "Do not take it", "read": "Read"},
        for_whom="Asked of",
        urgency="How urgent",
        due="Answer before",
        or_not="Or can you not take it?",
        why_not="Why not?",
        choose="Choose why you do not take it.",
        reasons=_reasons(
            "We do not have the expertise for this",
            "This is outside our area",
            "We have no place or time now",
            "This is no client of ours",
            "We are ourselves involved in this",
        ),
        phone="Phone",
        danger="In immediate danger, phone",
        by_mail="Whoever only opens this page does nothing: only a button answers.",
    ),
}
