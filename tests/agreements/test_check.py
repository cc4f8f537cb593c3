"""What an agreement may not be signed with: each rule broken once, found on its line, told in both languages."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.agreements.addresses import addresses
from services.agreements.check import check, is_sound
from services.agreements.directory import Directory, Window
from services.agreements.findings import Finding
from services.agreements.load import Draft, load
from services.agreements.moments import milliseconds
from services.agreements.sentences import rules, say
from services.agreements.terms import Unusable, terms
from tests.agreements.broken import TABLE, Broken, a_rule
from tests.agreements.texts import WATERKANT, changed, drafted, line_of
from tests.yardstick import best_us, slowness

BIG = Path(__file__).resolve().parents[2] / "examples" / "waterkant"
#: What the partners may weigh. All else keeps an agreement from being signed.
WARNINGS = {
    "acute_expertise_unsaid", "area_size_unusual", "case_contact_unasked", "case_coordinator_unasked",
    "claim_without_group", "failure_not_heard", "letter_never_arrives", "sent_is_not_informed",
    "core_kind_missing", "few_reviews", "holidays_run_out", "intake_without_rest",
    "item_without_measure", "item_without_purpose", "ladder_last_only", "looks_like_a_person", "neighbours_overlap",
    "no_partnership_initiator", "not_signed_by_all", "overflow_at_home", "receiver_of_some_types", "review_overdue",
    "rung_without_expertise", "seat_unsaid", "signed_by_nobody", "stand_in_without_expertise", "unknown_target_group",
}  # fmt: skip
#: Of these the moment, or what it names, decides how bad it is.
EITHER = {"leaves_with_open_duties", "unknown_kind", "unknown_party"}
#: Said of what no text of ours can be, for the model refuses it; or by an agreement that the rules overlook.
NOT_IN_THE_TABLE = {"no_operational_ladder", "unusable"}


def ms(local: str) -> int:
    return milliseconds(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Amsterdam")))


def found_in(broken: Broken) -> tuple[Finding, ...]:
    return check(drafted(broken.text()), ms(broken.at) if broken.at else None)


def errors(text: str, at: str | None = None) -> list[str]:
    findings = check(drafted(text), ms(at) if at else None)
    return [finding.code for finding in findings if finding.severity == "error"]


IDS = [f"{n}-{broken.code}" for n, broken in enumerate(TABLE)]


def unreachable(text: str) -> set[str]:
    return {dict(f.words)["name"] for f in check(drafted(text)) if f.code == "unreachable_rule"}


def test_the_example_may_be_signed() -> None:
    findings = check(drafted(WATERKANT))
    assert is_sound(findings)
    assert {finding.code for finding in findings} == {"acute_expertise_unsaid", "ladder_last_only"}


@pytest.mark.parametrize("broken", TABLE, ids=IDS)
def test_a_broken_agreement_is_found_on_its_line(broken: Broken) -> None:
    lines = broken.text().splitlines()
    findings = found_in(broken)
    found = [finding for finding in findings if finding.code == broken.code]
    assert found, findings
    part = broken.part.strip("\n").rpartition("\n")[2]
    assert any(part in lines[finding.line - 1] for finding in found), [lines[f.line - 1] for f in found]


@pytest.mark.parametrize("broken", TABLE, ids=IDS)
def test_every_finding_is_told_in_both_languages(broken: Broken) -> None:
    for finding in found_in(broken):
        dutch, english = say(finding, "nl"), say(finding, "en")
        assert dutch != english
        assert "{" not in dutch.replace("{days", "") and "{" not in english.replace("{days", "")
        if finding.code not in EITHER:
            assert (finding.code in WARNINGS) == (finding.severity == "warning"), finding


def test_every_sentence_belongs_to_a_rule_that_is_tried() -> None:
    assert set(rules.SENTENCES) - NOT_IN_THE_TABLE == {broken.code for broken in TABLE}


@pytest.mark.parametrize("broken", TABLE, ids=IDS)
def test_what_may_be_signed_can_be_decided_with(broken: Broken) -> None:
    draft = drafted(broken.text())
    assert draft.agreement is not None, draft.findings
    try:
        terms(draft.agreement)
    except Unusable:
        assert not is_sound(found_in(broken))


def test_a_ladder_of_one_level_must_say_how_often_it_asks() -> None:
    text = changed(("standard:\n", "short:\n      - {to: regional-duty}\n    standard:\n"))
    found = [(f.code, f.line) for f in check(drafted(text)) if f.severity == "error"]
    assert found == [("ladder_without_repeat", line_of(text, "- {to: regional-duty}"))] * 3


def test_an_obligation_for_some_levels_only_needs_no_time_for_the_others() -> None:
    text = changed(
        ("where: {reason: no_capacity}", "where: {urgency: [acute], contact: linde/linde-team}"),
        ("opened_by: {event: SignalDeclined", "opened_by: {event: SignalRouted"),
        (
            "within: {acute: PT1H, urgent: PT4H, routine: {working_days: 2, calendar: office}}",
            "within: {acute: PT1H}",
        ),
    )
    assert errors(text) == []


def test_every_mistake_is_told_at_once() -> None:
    text = changed(("warn_at: [50, 75, 90]", "warn_at: [90, 90]"), ("ladder: standard", "ladder: long"))
    assert sorted(errors(text)) == ["unknown_ladder", "warnings_out_of_order"]


def test_a_file_that_cannot_be_read_has_its_own_findings_only() -> None:
    draft = load(changed(("version: 1", "version: one")))
    assert check(draft) == draft.findings != ()


@pytest.mark.parametrize(
    ("rule", "is_reached"),
    [
        ("{name: x, match: {types: [nursing]}}", False),
        ("{name: x, match: {types: [nursing, caring]}}", False),
        # A signal may have several types: every one of them takes it to the rule above.
        ("{name: x, match: {every_type: [nursing, medical]}}", False),
        ("{name: x, match: {types: [nursing, medical]}}", False),
        ("{name: x, match: {concern: [care_delay]}}", False),
        ("{name: x, match: {every_concern: [care_delay, fall]}}", False),
        ("{name: x, match: {concern: [care_delay, fall]}}", True),
        ("{name: x, match: {area: outside}}", False),
        ('{name: x, match: {postcode: ["9906"]}}', False),
        ('{name: x, match: {postcode: ["9901", "9906"]}}', True),
        # Nobody knows where it is without a postcode, and the crisis rule goes on.
        ("{name: x, match: {area: inside}}", True),
        ("{name: x, match: {concern: [crisis]}}", True),
        ("{name: x, match: {about: [informal_carer]}}", True),
        ("{name: x, match: {urgency: [acute, urgent, routine]}}", True),
    ],
)
def test_a_rule_is_unreachable_when_one_above_it_takes_all_it_asks(rule: str, is_reached: bool) -> None:
    assert ("x" in unreachable(changed(a_rule(rule)))) is not is_reached


@pytest.mark.parametrize(
    ("first", "second", "third", "is_reached"),
    [
        ("urgency: [acute]", "urgency: [urgent, routine]", "about: [client]", False),
        ("urgency: [acute]", "urgency: [urgent]", "about: [client]", True),
        ("hours: {inside: office}", "hours: {outside: office}", "about: [client]", False),
        ("hours: {inside: office}", "hours: {outside: daytime}", "about: [client]", True),
        ("hours: {inside: daytime}", "about: [household]", "hours: {inside: office}", False),
        ("hours: {inside: office}", "about: [household]", "hours: {inside: daytime}", True),
        ("hours: {outside: office}", "about: [household]", "hours: {outside: daytime}", False),
        ("hours: {outside: daytime}", "about: [household]", "hours: {outside: office}", True),
        ("concern: [fall]", "concern: [neglect]", "concern: [fall, neglect]", False),
        ("concern: [fall]", "concern: [neglect]", "concern: [fall, loneliness]", True),
    ],
)
def test_rules_together_leave_nothing_for_one_below(
    first: str, second: str, third: str, is_reached: bool
) -> None:
    rules_of = [
        f"{{name: {name}, match: {{{ask}}}}}" for name, ask in zip("xyz", (first, second, third), strict=True)
    ]
    text = changed(*(a_rule(rule) for rule in rules_of))
    assert ("z" in unreachable(text)) is not is_reached


def test_a_rule_that_may_find_nobody_leaves_something_for_those_below() -> None:
    above = "{name: x, match: {about: [household]}, receiver: %s}"
    below = "{name: y, match: {about: [household], urgency: [acute]}}"
    assert unreachable(changed(a_rule(above % "kolk-entry"), a_rule(below))) == {"y"}
    # Whose party may not take part, or whom a case may not have, leaves it to the rule below.
    for receiver in ("pharmacy-desk", "case.coordinator"):
        assert unreachable(changed(a_rule(above % receiver), a_rule(below))) == set()


def test_a_hole_comes_with_an_absence_and_goes_with_it() -> None:
    away = Window(ms("2026-11-20T00:00"), ms("2026-11-20T12:00"))
    directory = Directory(absences={"waterkant/regional-duty": (away,)})
    draft = drafted(WATERKANT)
    at = "2026-11-09T09:00"
    holes = [f for f in check(draft, ms(at), directory) if f.code == "ladder_hole"]
    # Told once a ladder, with the first moment: at midnight the coordination point has gone home.
    assert [dict(f.words)["at"] for f in holes] == ["2026-11-20 00:00"] * 2
    assert {dict(f.words)["name"] for f in holes} == {"standard", "desk"}
    # Fifteen days ahead nobody looks; and once it is over, it is over.
    for moment in ("2026-11-05T09:00", "2026-11-20T12:00"):
        assert is_sound(check(draft, ms(moment), directory))


def test_a_party_that_has_left_may_have_no_duties() -> None:
    text = changed(
        (
            "title: Thuiszorg Linde\n    ring: core",
            "title: Thuiszorg Linde\n    ring: core\n    leaves: 2027-03-01",
        )
    )
    by_severity = {
        at: {f.severity for f in check(drafted(text), ms(at)) if f.code == "leaves_with_open_duties"}
        for at in ("2027-02-28T23:59", "2027-03-01T00:00")
    }
    assert by_severity == {"2027-02-28T23:59": {"warning"}, "2027-03-01T00:00": {"error"}}


def test_two_partnerships_may_share_a_postcode_when_the_region_allows_it() -> None:
    def partners(*changes: tuple[str, str]) -> Draft:
        return drafted(changed(("partnership: de-vlier", "partnership: de-kolk"), *changes))

    def overlaps(one: Draft, other: Draft) -> int:
        assert other.agreement is not None
        return sum(f.code == "area_overlaps" for f in check(one, others=[other.agreement]))

    both = ('"9904"]', '"9904"]\n  overlap: allowed')
    assert overlaps(drafted(WATERKANT), partners()) == 4
    assert (
        overlaps(drafted(WATERKANT), partners(('["9901", "9902", "9903", "9904"]', '["9904", "9905"]'))) == 1
    )
    assert overlaps(drafted(changed(both)), partners()) == 4
    assert overlaps(drafted(changed(both)), partners(both)) == 0
    # Another version of the same partnership is no other partnership.
    assert overlaps(drafted(WATERKANT), drafted(changed(("version: 1", "version: 2")))) == 0


def test_a_landline_and_a_time_are_no_persons() -> None:
    text = changed(("title: Huisartsenpost", "title: Huisartsenpost 0299-906 123 en 020 612 34 56"))
    assert errors(text) == []


@pytest.mark.parametrize("unit", ["x", "0", "0 ", "+31", "-", "a@", "a@b", "a.", "123456789 ", "06 1234 "])
def test_a_line_without_an_end_is_looked_through_once(unit: str) -> None:
    """Not once from each of its signs: of this length that would take half an hour."""
    began_s = time.process_time()
    list(addresses(unit * (1_000_000 // len(unit))))
    assert time.process_time() - began_s < 20


@pytest.mark.parametrize("name", ["de-vlier", "de-kolk"])
def test_the_large_example_may_be_signed_and_is_quickly_checked(name: str) -> None:
    template = (BIG / "region-waterkant.yaml").read_text(encoding="utf-8")
    draft = load((BIG / f"{name}.yaml").read_text(encoding="utf-8"), template)
    findings = check(draft)
    assert is_sound(findings), findings
    assert best_us(lambda: check(draft), 1, rounds=3) < 500_000 * slowness()
