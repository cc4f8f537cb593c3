"""The human words for what partnerships name themselves, Dutch and English: topics, terms, roles, moments, fields."""

from __future__ import annotations

from collections.abc import Mapping

from services.agreements.explain.facts import Pair

#: Parts of the agreement, by their key in the file.
TOPICS: Mapping[str, Pair] = {
    "meta": ("deze afspraken", "this agreement"),
    "area": ("het werkgebied", "the area"),
    "timezone": ("de tijdzone", "the time zone"),
    "neighbours": ("buren", "neighbours"),
    "channels": ("waarlangs wij berichten sturen", "how we send messages"),
    "calendars": ("uren en vrije dagen", "hours and holidays"),
    "urgency": ("hoe dringend is dringend", "how urgent is urgent"),
    "parties": ("wie doet mee", "who takes part"),
    "contacts": ("hoe de lijst van contacten blijft kloppen", "how the list of contacts is kept true"),
    "partnership": ("wie het wijkverband draaiende houdt", "who keeps the partnership going"),
    "bottlenecks": ("knelpunten", "bottlenecks"),
    "signals": ("zorgen melden", "reporting a worry"),
    "intake": ("wie de eerste intake doet", "who does the first intake"),
    "routing": ("wie waarvoor wordt gevraagd", "who is called for what"),
    "obligations": ("hoe snel", "how fast"),
    "escalation": ("wie de volgende is", "who is next"),
    "operational": ("de ladders", "the ladders"),
    "collaboration": ("als een afspraak niet wordt nagekomen", "when an agreement is not kept"),
    "feedback": ("terugkoppelen", "hearing back"),
    "referral": ("iemand erbij halen", "calling somebody in"),
    "handover": ("overdragen", "handing over"),
    "capacity": ("wie plek heeft", "who has room"),
    "placement": ("een plek vinden", "finding a place"),
    "availability": ("hoe snel iemand er is", "how soon somebody is there"),
    "roles": ("rollen", "roles"),
    "client_contact": ("het aanspreekpunt van de cliënt", "the client's contact"),
    "coordinator": ("de coördinator", "the coordinator"),
    "part_leads": ("leiding over een onderdeel", "the lead of a part"),
    "medical_responsible": ("de medische verantwoordelijkheid", "medical responsibility"),
    "process_director": ("de procesregisseur", "the process director"),
    "direction": ("de cliënt heeft de regie", "the client directs"),
    "client_involvement": ("meedoen van de cliënt", "the client taking part"),
    "client_overview": ("wie is wie", "who is who"),
    "mandates": ("mandaat", "mandates"),
    "mdo": ("samen overleggen", "conferring"),
    "information": ("toestemming en delen", "consent and sharing"),
    "access": ("wie wat mag zien", "who may see what"),
    "client_preferences": ("de wensen van de cliënt", "the client's wishes"),
    "consent": ("toestemming", "consent"),
    "without_consent": ("delen zonder toestemming", "sharing without consent"),
    "emergency_access": ("eerst kijken, daarna uitleggen", "looking first, explaining later"),
    "requests": ("een collega om informatie vragen", "asking a colleague"),
    "data_agreement": ("de schriftelijke afspraak over gegevens", "the written agreement on data"),
    "records": ("wat waar wordt opgeschreven", "what is written down where"),
    "monitoring": ("volgen hoe het gaat", "following how it goes"),
    "evaluation": ("terugkijken met de cliënt", "looking back with the client"),
    "aftercare": ("nazorg", "aftercare"),
    "joining": ("later meedoen", "joining later"),
    "paths": ("vaste paden per groep", "paths by group"),
    "goals": ("wat wij willen bereiken", "what we want to reach"),
    "notices": ("wie bericht krijgt", "who is told of what"),
    "reporting": ("cijfers", "figures"),
}
#: Names of obligations.
DUTIES: Mapping[str, Pair] = {
    "acknowledge_signal": ("een melding aannemen", "taking a signal"),
    "settle_no_capacity": ("iemand vinden als er geen plek is", "finding somebody when there is no room"),
    "tell_the_gp": ("de huisarts schriftelijk informeren", "telling the GP in writing"),
    "call_the_gp": ("de huisarts bellen", "calling the GP"),
    "check_effect": ("nagaan of het heeft geholpen", "checking whether it helped"),
    "interpret_signal": ("een melding duiden", "interpreting a signal"),
    "record_action": ("vastleggen wie wat doet", "recording who does what"),
    "accept_handover": ("een overdracht aannemen", "accepting a handover"),
    "act_on_signal": ("vastleggen wie wat doet", "recording who does what"),
    "effect_check": ("nagaan of het heeft geholpen", "checking whether it helped"),
    "tell_the_reporter": ("de melder vertellen dat het is opgepakt", "telling the reporter it was taken up"),
    "finish_action": ("afmaken wat is afgesproken", "finishing what was agreed"),
    "find_the_practice": ("uitzoeken wie de huisarts is", "finding out who the GP is"),
    "consult_safe_home": ("Veilig Thuis om advies vragen", "asking the domestic violence service for advice"),
}
#: Who is meant by a field of the fact that begins it.
OWNERS: Mapping[str, Pair] = {
    "contact": ("wie is gevraagd", "whoever is asked"),
    "by": ("wie dat deed", "whoever did that"),
    "to": ("aan wie het is gegeven", "whoever it is given to"),
    "owner": ("wie de taak heeft", "whoever has the task"),
    "receiver": ("wie het ontvangt", "whoever receives it"),
    "giver": ("wie overdraagt", "whoever hands over"),
    "taker": ("wie overneemt", "whoever takes over"),
    "reporter": ("de melder", "the reporter"),
    "party": ("de organisatie die het aangaat", "the party it is about"),
}
#: What somebody is able to judge.
EXPERTISE: Mapping[str, Pair] = {
    "nursing": ("verpleging", "nursing"),
    "caring": ("verzorging", "personal care"),
    "medical": ("geneeskunde", "medicine"),
    "wound_care": ("wondzorg", "wound care"),
    "crisis": ("crisis", "crisis"),
    "psychic": ("psychische klachten", "mental complaints"),
    "somatic": ("lichamelijke klachten", "physical complaints"),
    "palliative": ("palliatieve zorg", "palliative care"),
    "dementia": ("dementie", "dementia"),
    "domestic_violence": ("huiselijk geweld", "domestic violence"),
    "night_care": ("nachtzorg", "night care"),
    "outreach": ("mensen opzoeken die zorg mijden", "reaching out to people who avoid care"),
    "psychiatry": ("psychiatrie", "psychiatry"),
    "social_support": ("sociale steun", "social support"),
    "technical_care": ("technische zorg", "technical care"),
    "triage": ("triage", "triage"),
}
#: Names of ladders.
LADDERS: Mapping[str, Pair] = {
    "medical": ("medisch", "medical"),
    "nursing": ("verpleging", "nursing"),
    "standard": ("standaard", "standard"),
    "violence": ("geweld", "violence"),
    "desk": ("coördinatiepunt", "coordination point"),
}
