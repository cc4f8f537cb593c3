"""The catalogue of measures: each counted from facts that are, or by design will be, told."""

from __future__ import annotations

import re

from services.agreements.check.facts import FACTS
from services.agreements.measures import MEASURES
from services.agreements.model.words import NONE

#: Facts of subjects that are not built yet: a measure over these shows nothing until they are.
TO_COME = {
    "ActivityDemanded", "AftercareChecked", "AftercareSilent", "ArrivalRecorded", "BottleneckAnswered",
    "BottleneckLifted", "BottleneckRaised", "BridgingOffered", "CandidateSelected", "CapacityReported", "CareStarted",
    "ClientInvolved", "ClientTold", "ConsentRecorded", "ConsentWithdrawn", "ContactConfirmed",
    "ContactMade", "ContactSucceeded", "DisclosureGranted", "DisclosureRefused", "DisclosureReviewed",
    "EmergencyAccessJustified", "EmergencyAccessOpened", "EvaluationHeld", "FollowUpPlanned", "HandoverAccepted",
    "HandoverCompleted", "HandoverProposed", "HandoverRecorded", "HandoverRejected", "InformationAnswered",
    "InformationRequested", "JoinRefused", "JoinRequested", "MeetingHeld", "MonitoringSet",
    "NoteConfirmed", "NoteRequested", "OfferAnswered", "OfferMade", "PartAssigned", "PartnershipEvaluationHeld",
    "PartnershipEvaluationMissed", "PartyAddressed", "PartyJoined", "PreferencesRecorded",
    "ReferralRequested", "ReferralUnplaced", "ReferralWaitlisted", "WaitingTransferred",
}  # fmt: skip


def test_each_measure_has_a_name_of_its_own() -> None:
    titles = [measure.nl for measure in MEASURES.values()] + [measure.en for measure in MEASURES.values()]
    assert len(set(titles)) == len(titles) == 2 * len(MEASURES)
    assert NONE not in MEASURES
    assert all(
        name == measure.name and re.fullmatch(r"[a-z][a-z_]+", name) for name, measure in MEASURES.items()
    )


def test_each_measure_counts_facts_and_nothing_else() -> None:
    for measure in MEASURES.values():
        assert measure.facts, measure.name
        assert set(measure.facts) <= set(FACTS) | TO_COME, measure.name


def test_a_fact_that_is_told_is_no_longer_to_come() -> None:
    assert not set(FACTS) & TO_COME


def test_each_measure_names_the_requirement_it_answers() -> None:
    assert all(re.fullmatch(r"S00[0-4]-[0-9]{2}", measure.requirement) for measure in MEASURES.values())


def test_each_measure_says_what_is_counted_in_both_languages() -> None:
    for measure in MEASURES.values():
        assert measure.counts_nl != measure.counts_en and len(measure.counts_nl) > 10 < len(measure.counts_en)
