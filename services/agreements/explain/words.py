"""The human words for the codes of an agreement, Dutch and English, by what they are a code for."""

from __future__ import annotations

from collections.abc import Mapping

from services.agreements.explain.facts import FACTS, FIELDS, Pair
from services.agreements.explain.open_words import OPEN
from services.agreements.explain.vocabulary import DUTIES, EXPERTISE, LADDERS, OWNERS, TOPICS
from services.agreements.findings import Language

#: Names of levels of urgency that partnerships use.
LEVELS: Mapping[str, Pair] = {
    "acute": ("acuut", "acute"),
    "urgent": ("dringend", "urgent"),
    "soon": ("binnenkort", "soon"),
    "routine": ("gewoon", "routine"),
}
CALENDARS: Mapping[str, Pair] = {
    "office": ("kantoor", "office"),
    "daytime": ("overdag", "daytime"),
    "evening": ("avond", "evening"),
    "night": ("nacht", "night"),
    "weekend": ("weekend", "weekend"),
    "out_of_hours": ("avond, nacht en weekend", "out-of-hours"),
}
#: The hours of a calendar, after `in`, `within` and `outside`.
HOURS: Mapping[str, Pair] = {
    "office": ("kantooruren", "office hours"),
    "daytime": ("de uren overdag", "daytime hours"),
    "evening": ("de avonduren", "evening hours"),
    "night": ("de nachturen", "night hours"),
    "weekend": ("het weekend", "the weekend"),
    "out_of_hours": ("de uren van avond, nacht en weekend", "out-of-hours time"),
}
KINDS: Mapping[str, Pair] = {
    "client": ("de cliënt", "the client"),
    "coordination_point": ("coördinatiepunt", "coordination point"),
    "day_care": ("dagbesteding", "day care"),
    "domestic_help": ("huishoudelijke hulp", "domestic help"),
    "emergency_service": ("nooddienst", "emergency service"),
    "fire_service": ("brandweer", "fire service"),
    "gp": ("huisarts", "GP"),
    "home_care": ("wijkverpleging", "home care"),
    "hospital": ("ziekenhuis", "hospital"),
    "housing": ("woningcorporatie", "housing association"),
    "informal_care": ("mantelzorgsteun", "informal care"),
    "insurer": ("zorgverzekeraar", "insurer"),
    "lead_in_party": ("toeleider naar zorg", "party that leads people to care"),
    "mental_health": ("geestelijke gezondheidszorg", "mental health care"),
    "municipality": ("gemeente", "municipality"),
    "neighbour_partnership": ("wijkverband van de buren", "neighbouring partnership"),
    "nursing_home": ("verpleeghuis", "nursing home"),
    "pharmacy": ("apotheek", "pharmacy"),
    "police": ("politie", "police"),
    "region": ("regio", "region"),
    "religious_community": ("geloofsgemeenschap", "religious community"),
    "residents_initiative": ("bewonersinitiatief", "residents' initiative"),
    "respite_care": ("respijtzorg", "respite care"),
    "safe_home": ("Veilig Thuis", "domestic violence service"),
    "safety_house": ("Veiligheidshuis", "safety house"),
    "school": ("school", "school"),
    "sheltered_housing": ("beschermd wonen", "sheltered housing"),
    "short_stay": ("kort verblijf", "short stay"),
    "social_work": ("sociaal werk", "social work"),
    "specialist_team": ("specialistisch team", "specialist team"),
    "volunteer": ("vrijwilligers", "volunteers"),
}
TYPES: Mapping[str, Pair] = {
    "supportive": ("ondersteunend", "supportive"),
    "caring": ("verzorgend", "caring"),
    "medical": ("medisch", "medical"),
    "nursing": ("verpleegkundig", "nursing"),
    "behavioural": ("over gedrag", "behavioural"),
    "social": ("sociaal", "social"),
}
CONCERNS: Mapping[str, Pair] = {
    "care_avoidance": ("zorg mijden", "avoiding care"),
    "missed_care": ("zorg missen", "missing care"),
    "care_delay": ("zorg uitstellen", "putting off care"),
    "fall": ("vallen", "a fall"),
    "malnutrition": ("ondervoeding", "malnutrition"),
    "neglect": ("verwaarlozing", "neglect"),
    "overload_of_informal_carer": ("een overbelaste mantelzorger", "an overburdened informal carer"),
    "loneliness": ("eenzaamheid", "loneliness"),
    "medication": ("medicijnen", "medicines"),
    "confusion": ("verwardheid", "confusion"),
    "unsafe_home": ("een onveilig huis", "an unsafe home"),
    "recovery": ("herstel", "recovery"),
    "deterioration": ("achteruitgang", "getting worse"),
    "crisis": ("crisis", "a crisis"),
    "possible_violence": ("mogelijk geweld", "possible violence"),
    "nuisance": ("overlast voor anderen", "nuisance to others"),
    "psychic": ("psychische klachten", "mental complaints"),
}
ABOUT: Mapping[str, Pair] = {
    "client": ("de cliënt", "the client"),
    "informal_carer": ("de mantelzorger", "the informal carer"),
    "household": ("het huishouden", "the household"),
}
REPORTERS: Mapping[str, Pair] = {
    "professional": ("een professional", "a professional"),
    "informal_carer": ("een mantelzorger", "an informal carer"),
    "neighbour": ("een buur", "a neighbour"),
    "volunteer": ("een vrijwilliger", "a volunteer"),
    "domestic_help": ("een huishoudelijke hulp", "a domestic help"),
    "client": ("de cliënt zelf", "the client"),
    "other": ("iemand anders", "somebody else"),
}
CHANNELS: Mapping[str, Pair] = {
    "webhook": ("eigen systeem", "own system"),
    "email": ("e-mail", "e-mail"),
    "secure_mail": ("beveiligde e-mail", "secure mail"),
    "phone": ("telefoon", "phone"),
    "sms": ("sms", "text message"),
    "pager": ("pieper", "pager"),
    "video_call": ("beeldbellen", "video call"),
    "letter": ("brief", "letter"),
    "form": ("formulier", "form"),
    "board": ("het bord", "the board"),
}
FORMS: Mapping[str, Pair] = {
    "written": ("schriftelijk", "in writing"),
    "oral": ("mondeling", "by word of mouth"),
    "phone": ("telefonisch", "by phone"),
    "video_call": ("met beeldbellen", "by video call"),
}
SIGHTS: Mapping[str, Pair] = {
    "thin": ("alleen dat er iets is", "only that there is something"),
    "content": ("wat er is gemeld", "what was reported"),
    "findings": ("de bevindingen", "the findings"),
    "care_plan": ("het zorgplan", "the care plan"),
    "identity": ("om wie het gaat", "who it is about"),
}
#: Public numbers by which a client may be named.
IDENTIFIERS: Mapping[str, Pair] = {
    "bsn": ("het burgerservicenummer (BSN)", "the citizen service number (BSN)"),
}
STRENGTHS: Mapping[str, Pair] = {
    "required": ("verplicht", "required"),
    "advised": ("aangeraden", "advised"),
    "off": ("niet afgesproken", "not agreed"),
}
#: Who is meant by a word that stands for somebody found at the moment itself.
RECEIVERS: Mapping[str, Pair] = {
    "case.contact": ("wie al contactpersoon van deze cliënt is", "whoever is this client's contact already"),
    "case.coordinator": ("de coördinator van deze cliënt", "this client's coordinator"),
    "neighbour.entry": (
        "het meldpunt van het wijkverband in die postcode",
        "the entry of the partnership there",
    ),
    "practice.contact": (
        "het vaste aanspreekpunt van de huisartsenpraktijk van de cliënt",
        "the fixed contact of the client's GP practice",
    ),
    "intake.contact": ("wie de eerste intake doet", "whoever does the first intake"),
    "path.contact": ("wie het pad van de doelgroep noemt", "whoever the path of the target group names"),
}
#: Rungs of both ladders that are no contact of the file.
RUNGS: Mapping[str, Pair] = {
    "contact": ("wie als eerste is gevraagd", "whoever was asked first"),
    "deputy": ("de vervanger van wie als eerste is gevraagd", "the deputy of whoever was asked first"),
    "stand_in": ("een collega met dezelfde deskundigheid", "a stand-in with the same expertise"),
    "overflow": (
        "een contact elders dat bijspringt bij drukte",
        "a contact elsewhere that takes the overflow",
    ),
    "address_each_other": ("de partijen spreken elkaar aan", "the parties address each other"),
    "accountable_person": (
        "wie bij die organisatie voor de afspraken instaat",
        "whoever answers for the agreements at that organisation",
    ),
    "partnership.coordinator": (
        "de coördinator van het wijkverband bemiddelt",
        "the coordinator of the partnership mediates",
    ),
}
#: Who hears of something, where that is no contact of the file.
TOLD: Mapping[str, Pair] = {
    "owed_by": ("wie het antwoord moet geven", "whoever owes the answer"),
    "owed_to": ("wie op het antwoord wacht", "whoever waits for the answer"),
    "everyone_asked_before": ("iedereen die eerder is gevraagd", "everybody asked before"),
    "circle": ("iedereen in de kring van deze cliënt", "everybody in this client's circle"),
    "reporter": ("de melder", "the reporter"),
    "coordinator": ("de coördinator van deze cliënt", "this client's coordinator"),
}
#: Why somebody on a ladder is passed over.
SKIPS: Mapping[str, Pair] = {
    "nobody": ("daar is niemand", "nobody is there"),
    "no_channel": ("niet te bereiken", "there is no way to reach it"),
    "outside_hours": ("buiten de eigen uren", "outside its hours"),
    "absent": ("afwezig", "absent"),
    "succeeded": ("opgevolgd door een andere functie", "succeeded by another function"),
    "no_expertise": ("heeft de deskundigheid niet die hiervoor nodig is", "lacks the expertise this takes"),
    "already_asked": ("al eerder gevraagd", "asked before"),
    "may_not_see": ("mag dit niet zien", "may not see this"),
    "takes_no_part": ("doet op dit moment niet mee", "takes no part at this moment"),
    "missed_in_outage": (
        "de tijd van deze trede ging voorbij tijdens een storing",
        "its time passed in an outage",
    ),
}
#: How somebody is called in, and how a case is talked over.
MODES: Mapping[str, Pair] = {
    "refer": ("doorverwijzen: de verantwoordelijkheid gaat mee", "referring: responsibility moves"),
    "involve": ("erbij betrekken", "involving somebody"),
    "act_together": ("samen optrekken", "acting together"),
    "consult": ("advies vragen", "asking advice"),
}
MEETING_MODES: Mapping[str, Pair] = {
    "named": ("met naam", "by name"),
    "anonymous": ("zonder naam", "without a name"),
    "smaller_circle": ("met minder mensen", "with fewer people"),
}
#: What a client is told about who is who.
OVERVIEW: Mapping[str, Pair] = {
    "contact": ("wie het aanspreekpunt is", "who the contact is"),
    "parts": ("wie welk onderdeel doet", "who does which part"),
    "coordinator": ("wie coördineert", "who coordinates"),
}
#: How somebody lets hear.
WAYS: Mapping[str, Pair] = {
    "phone": ("per telefoon", "by phone"),
    "form": ("met een formulier", "by a form"),
}
#: The priority other systems know a level by.
PRIORITIES: Mapping[str, Pair] = {
    "stat": ("in andere systemen: direct", "in other systems: stat"),
    "asap": ("in andere systemen: zo snel mogelijk", "in other systems: as soon as possible"),
    "urgent": ("in andere systemen: dringend", "in other systems: urgent"),
    "routine": ("in andere systemen: regulier", "in other systems: routine"),
}

#: What may be done by a link in a notice.
BY_LINK: Mapping[str, Pair] = {
    "answer": ("antwoorden", "answer"),
    "read": ("lezen wat eraan gericht is", "read what is addressed to it"),
}

TABLES: Mapping[str, Mapping[str, Pair]] = {
    "level": LEVELS,
    "calendar": CALENDARS,
    "hours": HOURS,
    "expertise": EXPERTISE,
    "kind": KINDS,
    "type": TYPES,
    "concern": CONCERNS,
    "about": ABOUT,
    "reporter": REPORTERS,
    "channel": CHANNELS,
    "by_link": BY_LINK,
    "form": FORMS,
    "sight": SIGHTS,
    "identifier": IDENTIFIERS,
    "strength": STRENGTHS,
    "receiver": RECEIVERS,
    "rung": RUNGS,
    "told": TOLD,
    "fact": FACTS,
    "field": FIELDS,
    "skip": SKIPS,
    "duty": DUTIES,
    "owner": OWNERS,
    "ladder": LADDERS,
    "topic": TOPICS,
    "mode": MODES,
    "priority": PRIORITIES,
    "meeting_mode": MEETING_MODES,
    "overview": OVERVIEW,
    "way": WAYS,
}
_ANY: Mapping[str, Pair] = {
    word: pair
    for table in (REPORTERS, CHANNELS, EXPERTISE, CONCERNS, KINDS, TYPES, LEVELS, FORMS, OPEN)
    for word, pair in table.items()
}


def known(code: str, table: str = "open") -> Pair | None:
    """The words for a code: of its own table, else of any; None for a word that only this partnership knows."""
    return TABLES.get(table, OPEN).get(code) or _ANY.get(code)


def word(code: str, language: Language, table: str = "open") -> str:
    """The word for a code; one that nobody translated is shown as it is, its underscores made spaces."""
    pair = known(code, table)
    return pair[language == "en"] if pair else code.replace("_", " ")
