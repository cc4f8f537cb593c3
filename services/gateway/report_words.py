"""The words of the report form, in plain Dutch and in plain English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from services.gateway.paper import Language

Choices = tuple[tuple[str, str], ...]


class Words(NamedTuple):
    """All that the form says in one language."""

    other: Language
    other_name: str
    title: str
    lead: str
    no_account: str
    danger: str
    rather_phone: str
    not_sent: str
    concern: str
    concerns: Choices
    seen: str
    seen_hint: str
    postcode: str
    postcode_hint: str
    who: str
    choose: str
    kinds: Choices
    call_back: str
    call_back_hint: str
    send: str
    thanks: str
    arrived: str
    code: str
    code_why: str
    question: str
    concern_missing: str
    seen_missing: str
    too_long: str
    postcode_wrong: str
    who_missing: str
    no_page: str
    no_page_says: str
    too_often: str
    too_often_says: str
    not_from_page: str
    not_from_page_says: str
    not_now: str
    not_now_says: str


WORDS: Mapping[Language, Words] = {
    "nl": Words(
        other="en",
        other_name="English",
        title="Maakt u zich zorgen om iemand?",
        lead="Vertel het ons. Uw melding komt bij",
        no_account="U hoeft niet in te loggen en uw naam niet te noemen.",
        danger="Is er nu gevaar? Bel",
        rather_phone="Liever bellen, of kan het niet wachten? Bel",
        not_sent="Uw melding is nog niet verstuurd.",
        concern="1. Wat is er aan de hand?",
        concerns=(
            ("care_avoidance", "Iemand wil geen hulp, of houdt iedereen buiten de deur"),
            ("missed_care", "Iemand krijgt de hulp niet die nodig is"),
            ("care_delay", "Iemand wacht te lang: hulp of een bezoek aan de dokter wordt steeds uitgesteld"),
            ("other", "Iets anders"),
        ),
        seen="2. Wat ziet of hoort u, en waar?",
        seen_hint="Schrijf het zoals u het zou vertellen. Noem ook het adres of de plek, als u die weet.",
        postcode="3. Postcode van die plek (vier cijfers)",
        postcode_hint="Bijvoorbeeld 9902. Weet u het niet? Laat het leeg.",
        who="4. Wie bent u?",
        choose="Kies wat het beste past",
        kinds=(
            ("neighbour", "Buur of bekende"),
            ("informal_carer", "Familie of mantelzorger"),
            ("volunteer", "Vrijwilliger"),
            ("domestic_help", "Hulp in het huishouden"),
            ("client", "Het gaat over mijzelf"),
            ("other", "Iemand anders"),
        ),
        call_back="5. Mogen wij u bellen of mailen? (mag leeg blijven)",
        call_back_hint="Uw telefoonnummer of e-mailadres. Wij laten u dan weten dat het is opgepakt.",
        send="Verstuur de melding",
        thanks="Dank u wel. Uw melding is aangekomen.",
        arrived="Uw melding is nu bij",
        code="Dit is de code van uw melding:",
        code_why="Schrijf de code op. Wilt u later nog iets vertellen of vragen, noem dan deze code. "
        "Uw naam is niet nodig.",
        question="Heeft u een vraag? Bel",
        concern_missing="Kies wat er aan de hand is (vraag 1)",
        seen_missing="Schrijf op wat u ziet of hoort (vraag 2)",
        too_long="Dit is te lang; maak het korter",
        postcode_wrong="Schrijf vier cijfers, of laat het leeg (vraag 3)",
        who_missing="Kies wie u bent (vraag 4)",
        no_page="Deze pagina is er niet",
        no_page_says="Kijk of het adres goed is overgenomen.",
        too_often="Even geduld",
        too_often_says="Er zijn vanaf hier al veel meldingen gedaan. Probeer het over een uur nog eens, of bel.",
        not_from_page="Uw melding is niet verstuurd",
        not_from_page_says="Open de pagina opnieuw en vul hem daar in.",
        not_now="Uw melding is niet aangekomen",
        not_now_says="Het lukt op dit moment niet. Ga terug en probeer het over een paar minuten nog eens, of bel.",
    ),
    "en": Words(
        other="nl",
        other_name="Nederlands",
        title="Are you worried about somebody?",
        lead="Tell us. Your report goes to",
        no_account="You need no account, and you need not give your name.",
        danger="Is somebody in danger now? Phone",
        rather_phone="Would you rather phone, or can it not wait? Phone",
        not_sent="Your report has not been sent yet.",
        concern="1. What is the matter?",
        concerns=(
            ("care_avoidance", "Somebody does not want help, or keeps everybody out"),
            ("missed_care", "Somebody does not get the help that is needed"),
            (
                "care_delay",
                "Somebody waits too long: help or a visit to the doctor is put off again and again",
            ),
            ("other", "Something else"),
        ),
        seen="2. What do you see or hear, and where?",
        seen_hint="Write it as you would tell it. Give the address or the place too, if you know it.",
        postcode="3. Postcode of that place (four digits)",
        postcode_hint="For example 9902. You do not know it? Leave it empty.",
        who="4. Who are you?",
        choose="Choose what fits best",
        kinds=(
            ("neighbour", "Neighbour or acquaintance"),
            ("informal_carer", "Family or informal carer"),
            ("volunteer", "Volunteer"),
            ("domestic_help", "Domestic help"),
            ("client", "It is about myself"),
            ("other", "Somebody else"),
        ),
        call_back="5. May we phone or mail you? (may be left empty)",
        call_back_hint="Your phone number or e-mail address. We will let you know that it was picked up.",
        send="Send the report",
        thanks="Thank you. Your report has arrived.",
        arrived="Your report is now with",
        code="This is the code of your report:",
        code_why="Write the code down. If you want to tell or ask something later, give this code. "
        "Your name is not needed.",
        question="Do you have a question? Phone",
        concern_missing="Choose what is the matter (question 1)",
        seen_missing="Write what you see or hear (question 2)",
        too_long="This is too long; make it shorter",
        postcode_wrong="Write four digits, or leave it empty (question 3)",
        who_missing="Choose who you are (question 4)",
        no_page="This page is not here",
        no_page_says="Look whether the address was copied well.",
        too_often="Please wait",
        too_often_says="Many reports have been made from here. Try again in an hour, or phone.",
        not_from_page="Your report was not sent",
        not_from_page_says="Open the page again, and fill it in there.",
        not_now="Your report did not arrive",
        not_now_says="It does not work at this moment. Go back and try again in some minutes, or phone.",
    ),
}
