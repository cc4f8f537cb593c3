"""What an agreement may not be signed with: each rule broken once, found on its line."""

from __future__ import annotations

import pytest

from services.agreements.check import check
from services.agreements.terms import Unusable, terms
from tests.agreements.texts import WATERKANT, changed, drafted, line_of

DUTY = "  - {id: linde-duty, title: Dienstdoende"


def test_the_example_may_be_signed() -> None:
    assert check(drafted(WATERKANT)) == ()


#: What is changed into what, the code that is found, and a part of the line it is found on.
BROKEN = [
    ("receiver: coordination-point\n  ladder", "ladder", "root_without_receiver", "ladder: standard"),
    ("  ladder: standard\n", "", "root_without_ladder", "receiver: coordination-point"),
    ("routing:\n  receiver: coordination-point", "routing:\n  receiver: linde-team", "root_not_coordination_point",
     "receiver: linde-team"),
    ("routing:\n  receiver: coordination-point", "routing:\n  receiver: desk", "unknown_contact", "receiver: desk"),
    ("ladder: standard", "ladder: long", "unknown_ladder", "ladder: long"),
    ("receiver: kolk-entry", "receiver: kolk", "unknown_contact", "receiver: kolk}"),
    ("receiver: kolk-entry", "receiver: case.contact", "case_contact_unasked", "case.contact"),
    ("match: {area: outside}, ", "match: {area: outside}, ladder: long, ", "unknown_ladder", "ladder: long"),
    ("match: {urgency: [acute], ", "match: {urgency: [accute], ", "unknown_urgency", "accute"),
    ("hours: {outside: office}", "hours: {outside: offfice}", "unknown_calendar", "offfice"),
    ("hours: {outside: office}", "hours: {outside: office, inside: office}", "wrong_window", "inside: office"),
    ("hours: {outside: office}", "hours: {}", "wrong_window", "hours: {}"),
    ("name: social,", "name: medical,", "duplicate_id", "name: medical, match: {types: [medical]}"),
    ("name: social,", "name: root,", "duplicate_id", "name: root"),
    ("name: settle_no_capacity", "name: acknowledge_signal", "duplicate_id", "name: acknowledge_signal  "),
    ("- id: kolk\n", "- id: linde\n", "duplicate_id", "- id: linde\n"),
    ("id: kolk-entry", "id: linde-duty", "duplicate_id", "id: linde-duty, title: Meldpunt"),
    ("id: kolk-entry", "id: deputy", "duplicate_id", "id: deputy"),
    ("daytime:\n    week", "always:\n    week", "duplicate_id", 'week: {mon-sun'),
    ("date: 2026-12-26", "date: 2026-12-25", "duplicate_id", "Tweede Kerstdag"),
    ("entry: coordination-point", "entry: front-desk", "unknown_contact", "front-desk"),
    ("deputy: linde-duty", "deputy: linde-dutty", "unknown_contact", "linde-dutty"),
    ("deputy: linde-duty", "deputy: linde-team", "deputy_of_itself", "deputy: linde-team"),
    ("reachable: daytime", "reachable: night", "unknown_calendar", "reachable: night"),
    ("channels: [email, phone], reachable: office", "channels: [], reachable: office", "contact_without_channel",
     "channels: []"),
    ('{mon-sun: "08:00-22:00"}', "{}", "calendar_without_hours", "week: {}"),
    ("{fhir: stat, always: true}", "{fhir: stat}", "no_level_always", "acute: {fhir: stat}"),
    ("always: true}", "always: true, calendar: office}", "always_by_calendar", "always: true, calendar"),
    ("fhir: routine, calendar: office", "fhir: routine, calendar: shop", "unknown_calendar", "calendar: shop"),
    ("within: {acute: PT15M, urgent: PT2H,", "within: {acute: PT15M,", "urgency_without_time",
     "within: {acute: PT15M,"),
    ("within: {acute: PT15M,", "within: {acute: {working_hours: 1, calendar: office},", "always_by_calendar",
     "within: {acute: {working_hours"),
    ("within: {acute: PT15M,", "within: {accute: PT15M, acute: PT15M,", "unknown_urgency", "accute"),
    ("routine: {working_days: 1, calendar: office}}\n    warn", "routine: {working_days: 1, calendar: shop}}\n    warn",
     "unknown_calendar", "calendar: shop"),
    ("warn_at: [50, 75, 90]", "warn_at: [75, 50, 90]", "warnings_out_of_order", "[75, 50, 90]"),
    ("warn_at: [50, 75, 90]", "warn_at: [50, 50]", "warnings_out_of_order", "[50, 50]"),
    ("warn_at: [50, 75, 90]", "warn_at: [50, 100]", "warnings_out_of_order", "[50, 100]"),
    ("opened_by: SignalRouted", "opened_by: SignalRoutd", "unknown_fact", "SignalRoutd"),
    ("discharged_by: [SignalAcknowledged]\n    next", "discharged_by: [AcknowledgeSignal]\n    next", "unknown_fact",
     "AcknowledgeSignal"),
    ("where: {reason: no_capacity}", "where: {reasn: no_capacity}", "unknown_field", "reasn"),
    ("owed_by: event.contact", "owed_by: event.receiver", "unknown_field", "event.receiver"),
    ("owed_by: coordination-point", "owed_by: the-desk", "unknown_contact", "the-desk"),
    ("ladder: event.ladder", "ladder: event.rungs", "unknown_field", "event.rungs"),
    ("ladder: desk", "ladder: chair", "unknown_ladder", "chair"),
    ("opened_by: SignalRouted", "opened_by: ObligationOpened", "opens_itself", "ObligationOpened"),
    ("{to: deputy, after: {acute: PT15M, urgent: PT1H,", "{to: deputy, after: {acute: PT15M,", "ladder_hole",
     "{to: deputy, after: {acute: PT15M,"),
    ("- to: regional-duty\n", "- to: regional-dutty\n", "unknown_contact", "regional-dutty"),
    ("- to: regional-duty\n", "- to: deputy\n", "ladder_hole", "- to: deputy"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "part"), BROKEN)
def test_a_broken_agreement_is_not_signed(old: str, new: str, code: str, part: str) -> None:
    text = changed((old, new))
    findings = check(drafted(text))
    assert code in {finding.code for finding in findings}, findings
    lines = [finding.line for finding in findings if finding.code == code]
    assert any(part.strip("\n") in text.splitlines()[line - 1] for line in lines), (lines, findings)


def test_a_ladder_of_one_level_must_say_how_often_it_asks() -> None:
    text = changed(("standard:\n", "short:\n      - {to: regional-duty}\n    standard:\n"))
    found = [(finding.code, finding.line) for finding in check(drafted(text))]
    assert found == [("ladder_hole", line_of(text, "- {to: regional-duty}"))] * 3


def test_a_ladder_without_rungs_is_a_hole() -> None:
    assert [f.code for f in check(drafted(changed(("standard:\n", "short: []\n    standard:\n"))))] == [
        "ladder_hole"
    ]


def test_an_obligation_for_some_levels_only_needs_no_time_for_the_others() -> None:
    text = changed(
        ("where: {reason: no_capacity}", "where: {urgency: [acute], contact: x}"),
        ("opened_by: {event: SignalDeclined", "opened_by: {event: SignalRouted"),
        (
            "within: {acute: PT1H, urgent: PT4H, routine: {working_days: 2, calendar: office}}",
            "within: {acute: PT1H}",
        ),
    )
    assert check(drafted(text)) == ()


def test_every_mistake_is_told_at_once() -> None:
    text = changed(
        ("warn_at: [50, 75, 90]", "warn_at: [90]"), *[(old, new) for old, new, _, _ in BROKEN[5:9:3]]
    )
    assert len(check(drafted(text))) == 2


@pytest.mark.parametrize(("old", "new", "code", "part"), BROKEN)
def test_what_may_be_signed_can_be_decided_with(old: str, new: str, code: str, part: str) -> None:
    draft = drafted(changed((old, new)))
    if draft.agreement is None:
        return
    try:
        terms(draft.agreement)
    except Unusable:
        assert check(draft) != ()
