"""The catalogue of measures: what is counted from which facts, so that nobody fills in anything for a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Unit = Literal["per_cent", "count", "seconds", "days"]


class Measure(NamedTuple):
    """A measure partners may follow an item by. Counted from facts alone; small groups are not shown (semantics 52)."""

    name: str
    nl: str
    en: str
    #: What is counted, in one sentence.
    counts_nl: str
    counts_en: str
    facts: tuple[str, ...]
    unit: Unit
    requirement: str


_CATALOGUE = (
    Measure(
        "acknowledged_in_time", "Op tijd opgepakt", "Taken in time",
        "het deel van de signalen dat iemand oppakte binnen de afgesproken tijd; wat nooit is "
        "opgepakt telt als te laat",
        "the share of signals somebody took within the time agreed; one that was never taken counts as late",
        ("ObligationOpened", "ObligationDischarged", "ObligationBreached"), "per_cent", "S000-01",
    ),
    Measure(
        "signals_without_rule", "Signalen zonder regel", "Signals without a rule",
        "signalen waar geen regel bij paste en die daarom bij het coördinatiepunt kwamen",
        "signals that no rule matched and that went to the coordination point for that reason",
        ("SignalRouted",), "count", "S000-01",
    ),
    Measure(
        "signals_by_type", "Signalen naar soort", "Signals by type",
        "signalen naar soort, zorg en postcode, zonder personen",
        "signals by type, concern and postcode, without persons",
        ("SignalReported",), "count", "S004-37",
    ),
    Measure(
        "time_to_right_expert", "Tijd tot de juiste deskundige", "Time to the right expert",
        "de tijd van melding tot iemand met de deskundigheid het oppakte, en het deel dat op tijd was",
        "the time from the report until somebody with the expertise took it, and the share in time",
        ("SignalReported", "SignalAcknowledged"), "seconds", "S003-14",
    ),
    Measure(
        "acute_breaches", "Acute signalen te laat", "Acute signals answered late",
        "acute signalen waarvan de termijn verstreek zonder antwoord; elk wordt bekeken",
        "acute signals whose time passed without an answer; each is looked at",
        ("ObligationBreached",), "count", "S003-12",
    ),
    Measure(
        "levels_asked", "Treden tot antwoord", "Levels until an answer",
        "hoeveel treden van de ladder gevraagd zijn voor iemand antwoordde",
        "how many levels of the ladder were asked before somebody answered",
        ("ObligationEscalated", "ObligationDischarged"), "count", "S001-17",
    ),
    Measure(
        "levels_passed_over", "Overgeslagen treden", "Levels passed over",
        "treden die niet gevraagd konden worden, met de reden: afwezig, buiten uren, geen kanaal, geen deskundigheid",
        "levels that could not be asked, with the reason: absent, out of hours, no channel, no expertise",
        ("ObligationEscalated",), "count", "S004-27",
    ),
    Measure(
        "declined_by_reason", "Niet opgepakt, naar reden", "Declined, by reason",
        "weigeringen naar reden",
        "refusals by reason",
        ("SignalDeclined", "OfferAnswered"), "count", "S000-32",
    ),
    Measure(
        "passed_on_cases", "Doorgeschoven zaken", "Cases passed on",
        "zaken die drie keer of vaker zijn doorgegeven, of terugkwamen bij een eerdere partij",
        "cases passed on three times or more, or returned to an earlier party",
        ("SignalReassigned", "SignalDeclined", "HandoverRejected"), "count", "S000-21",
    ),
    Measure(
        "feedback_in_time", "Op tijd teruggekoppeld", "Feedback in time",
        "het deel van de terugkoppelingen dat op tijd geleverd of gesproken was; verzonden telt niet",
        "the share of feedback that was delivered or spoken in time; sent does not count",
        ("SignalInterpreted", "FeedbackGiven", "ObligationBreached"), "per_cent", "S000-59",
    ),
    Measure(
        "oral_feedback_reached", "Mondeling gesproken", "Spoken to in person",
        "het deel van de mondelinge terugkoppelingen dat in een gesprek eindigde",
        "the share of oral feedback that ended in a talk",
        ("FeedbackGiven",), "per_cent", "S000-61",
    ),
    Measure(
        "interpreted_in_time", "Op tijd geduid", "Understood in time",
        "het deel van de opgepakte signalen dat binnen de afgesproken tijd geduid is",
        "the share of signals taken that were interpreted within the time agreed",
        ("SignalAcknowledged", "SignalInterpreted", "ObligationBreached"), "per_cent", "S003-04",
    ),
    Measure(
        "effect_checked", "Effect nagegaan", "Effect checked",
        "het deel van de acties waarvan is nagegaan of ze hielpen, en met welke uitkomst",
        "the share of actions of which it was checked whether they helped, and with what outcome",
        ("ActionRecorded", "EffectChecked"), "per_cent", "S003-06",
    ),
    Measure(
        "signals_with_action", "Signalen met een besluit", "Signals with a decision",
        "het deel van de signalen met een actie, eigenaar en datum, of een gemotiveerd geen actie",
        "the share of signals with an action, owner and date, or a reasoned no action",
        ("SignalAcknowledged", "ActionRecorded"), "per_cent", "S000-28",
    ),
    Measure(
        "contact_continuity", "Vaste contactpersonen", "Continuity of contacts",
        "hoe vaak een contactpersoon wisselde, en of openstaand werk is overgedragen",
        "how often a contact changed, and whether open work was handed over",
        ("ContactSucceeded", "ContactConfirmed"), "count", "S002-15",
    ),
    Measure(
        "contacts_confirmed", "Contactgegevens bevestigd", "Contacts confirmed",
        "het deel van de contacten dat binnen de afgesproken tijd bevestigd is",
        "the share of contacts that were confirmed within the period agreed",
        ("ContactConfirmed",), "per_cent", "S001-05",
    ),
    Measure(
        "providers_asked", "Aanbieders per plaatsing", "Providers asked per placement",
        "hoeveel aanbieders zijn gevraagd voor er een plek was",
        "how many providers were asked before there was a place",
        ("OfferMade", "CandidateSelected"), "count", "S001-06",
    ),
    Measure(
        "offers_by_party", "Aanvragen per aanbieder", "Offers by provider",
        "hoe de aanvragen over de aanbieders verdeeld zijn",
        "how offers are spread over the providers",
        ("OfferMade",), "per_cent", "S002-18",
    ),
    Measure(
        "hard_to_place", "Moeilijk te plaatsen", "Hard to place",
        "aanvragen zonder plek naar soort zorg, gebied, tijd van de dag en reden, zonder personen",
        "requests without a place by kind of care, area, time of day and reason, without persons",
        ("ReferralUnplaced", "OfferAnswered"), "count", "S001-20",
    ),
    Measure(
        "lead_time", "Doorlooptijd", "Lead time",
        "de tijd van aanvraag tot de zorg begon, per stap",
        "the time from the request until care started, by stage",
        ("ReferralRequested", "CandidateSelected", "HandoverAccepted", "CareStarted"), "seconds", "S001-33",
    ),
    Measure(
        "capacity_freshness", "Actuele capaciteit", "Freshness of capacity",
        "het deel van de plekken dat niet ouder is dan afgesproken",
        "the share of places reported no longer ago than agreed",
        ("CapacityReported",), "per_cent", "S001-01",
    ),
    Measure(
        "waiting_list", "Wachtlijst", "Waiting list",
        "wachtenden naar soort zorg en gebied, overbrugd en overgeplaatst",
        "people waiting by kind of care and area, bridged and transferred",
        ("ReferralWaitlisted", "BridgingOffered", "WaitingTransferred"), "count", "S004-30",
    ),
    Measure(
        "handover_recorded_by_both", "Overdracht door beiden vastgelegd", "Handover recorded by both",
        "het deel van de overdrachten dat gever en nemer binnen de tijd in het eigen dossier vastlegden",
        "the share of handovers that giver and taker wrote in their own files in time",
        ("HandoverAccepted", "HandoverRecorded", "HandoverCompleted"), "per_cent", "S000-49",
    ),
    Measure(
        "handover_in_time", "Overdracht op tijd", "Handover in time",
        "het deel van de overdrachten dat binnen de afgesproken tijd aanvaard is",
        "the share of handovers accepted within the time agreed",
        ("HandoverProposed", "HandoverAccepted"), "per_cent", "S000-46",
    ),
    Measure(
        "contact_made_after_referral", "Contact na verwijzing", "Contact made after referral",
        "het deel van de verwijzingen waarna contact tot stand kwam",
        "the share of referrals after which contact was made",
        ("ReferralRequested", "ContactMade"), "per_cent", "S003-09",
    ),
    Measure(
        "travel_time_kept", "Aanrijtijd gehaald", "Travel time kept",
        "het deel van de acute bezoeken binnen de afgesproken aanrijtijd",
        "the share of acute visits within the travel time agreed",
        ("SignalAcknowledged", "ArrivalRecorded"), "per_cent", "S003-19",
    ),
    Measure(
        "client_told", "Cliënt geïnformeerd", "Client told",
        "het deel van de zaken waarin de cliënt weet wie contact, onderdelen en coördinatie heeft, "
        "en na overleg hoort",
        "the share of cases in which the client knows contact, parts and coordinator, and hears after a meeting",
        ("RoleTaken", "PartAssigned", "MeetingHeld", "ClientTold"), "per_cent", "S000-09",
    ),
    Measure(
        "client_involved", "Cliënt betrokken", "Client involved",
        "het deel van de plannen en overdrachten waarbij de cliënt betrokken was, of de reden waarom niet",
        "the share of plans and handovers the client took part in, or the reason why not",
        ("ClientInvolved",), "per_cent", "S000-43",
    ),
    Measure(
        "parts_without_owner", "Onderdelen zonder eigenaar", "Parts without an owner",
        "onderdelen van een plan zonder eigenaar, zonder datum of over tijd",
        "parts of a plan without an owner, without a date, or overdue",
        ("PartAssigned", "MeetingHeld"), "count", "S000-38",
    ),
    Measure(
        "consent_recorded", "Toestemming vastgelegd", "Consent recorded",
        "het deel van de uitwisselingen met vastgelegde wensen en toestemming vooraf",
        "the share of exchanges with wishes and consent on record beforehand",
        ("PreferencesRecorded", "ConsentRecorded", "DisclosureGranted"), "per_cent", "S000-63",
    ),
    Measure(
        "disclosures_reviewed", "Delen zonder toestemming herzien", "Disclosures reviewed in time",
        "het deel van de besluiten om zonder toestemming te delen dat op tijd is herzien",
        "the share of decisions to share without consent that were reviewed in time",
        ("DisclosureGranted", "DisclosureReviewed"), "per_cent", "S000-11",
    ),
    Measure(
        "emergency_access_justified", "Noodinzage verantwoord", "Emergency access justified",
        "het deel van de keren dat iemand eerst keek en het daarna op tijd verantwoordde",
        "the share of times that somebody looked first and gave account of it in time",
        ("EmergencyAccessOpened", "EmergencyAccessJustified"), "per_cent", "S000-13",
    ),
    Measure(
        "notes_confirmed", "Aantekening in het dossier", "Notes confirmed",
        "het deel van de verstrekkingen waarvan de aantekening in het eigen dossier is bevestigd",
        "the share of disclosures whose note in the discloser's own file was confirmed",
        ("NoteRequested", "NoteConfirmed"), "per_cent", "S000-14",
    ),
    Measure(
        "information_answered", "Informatievragen beantwoord", "Requests for information answered",
        "het deel van de vragen om informatie dat binnen de afgesproken tijd beantwoord is",
        "the share of requests for information answered within the time agreed",
        ("InformationRequested", "InformationAnswered"), "per_cent", "S000-56",
    ),
    Measure(
        "meetings_followed_up", "Overleg met vervolgdatum", "Meetings with a next date",
        "het deel van de overleggen met een datum voor vervolg en evaluatie",
        "the share of meetings with a date for follow-up and evaluation",
        ("MeetingHeld", "FollowUpPlanned"), "per_cent", "S000-18",
    ),
    Measure(
        "evaluations_held", "Evaluaties gehouden", "Evaluations held",
        "evaluaties van een traject en van de samenwerking, gehouden en gemist",
        "evaluations of a path and of the partnership, held and missed",
        ("EvaluationHeld", "PartnershipEvaluationHeld", "PartnershipEvaluationMissed"), "count", "S004-33",
    ),
    Measure(
        "aftercare_contact_kept", "Vinger aan de pols", "Aftercare contact kept",
        "het deel van de afgesproken contacten in de nazorg dat er was; stilte telt als geen contact",
        "the share of agreed contacts in aftercare that took place; silence counts as no contact",
        ("AftercareChecked", "AftercareSilent"), "per_cent", "S000-52",
    ),
    Measure(
        "agreements_kept", "Afspraken nagekomen", "Agreements kept",
        "bindende afspraken die niet zijn nagekomen, per onderdeel en partij, zonder cliënt",
        "binding items that were not kept, by item and party, without a client",
        ("ItemsCounted", "ItemUncounted", "RungReached", "CollaborationSettled"), "count", "S004-04",
    ),
    Measure(
        "bottlenecks_answered", "Knelpunten opgepakt", "Bottlenecks answered",
        "knelpunten die gemeld, doorgezet en beantwoord zijn",
        "bottlenecks that were raised, lifted and answered",
        ("BottleneckRaised", "BottleneckLifted", "BottleneckAnswered"), "count", "S004-02",
    ),
    Measure(
        "joining_time", "Aansluiten", "Time to join",
        "de tijd van een verzoek om mee te doen tot de partij meedoet, en weigeringen met hun reden",
        "the time from a request to join until the party takes part, and refusals with their reason",
        ("JoinRequested", "PartyJoined", "JoinRefused"), "days", "S002-16",
    ),
)  # fmt: skip

#: By name.
MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in _CATALOGUE}
