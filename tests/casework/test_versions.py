"""Which agreement a case is decided by: its own partnership's, as it is at that moment; what began keeps its term."""

from __future__ import annotations

import pytest

from services.agreements.book import publication, usable
from services.agreements.check import check
from services.agreements.load import load
from tests.casework.small import KOLK, VLIER, Place, a_small
from tests.casework.world import World

OLD = a_small(VLIER)
NEW = a_small(VLIER, 2, "2026-12-01", asked="night", urgent="PT30M")
TEAM, NIGHT, POINT = "care/de-vlier-team", "care/de-vlier-night", "point/de-vlier-point"


def asked(world: World, case: str = "case-aaaaaaaaaaaa") -> list[tuple[str, str, int]]:
    """Who was asked for the signals of a case, by which rule and version."""
    return [
        (fact.data["contact"], fact.data["rule"], fact.data["agreement_version"])
        for fact in world.named("SignalRouted")
        if fact.envelope.caseid == case
    ]


def a_report(world: World, at: str, case: str, partnership: str = "de-vlier", **fields: object) -> None:
    signal = f"sig-{case.removeprefix('case-')}"
    said = {"urgency": "urgent", "types": ["nursing"], **fields}
    world.report(at, case=case, signal=signal, partnership=partnership, **said)


@pytest.mark.parametrize("here", [VLIER, KOLK])
def test_the_small_agreements_are_ones_that_could_be_published(here: Place) -> None:
    draft = load(a_small(here))
    assert draft.agreement is not None
    assert [found for found in check(draft) if found.severity == "error"] == []


# -- the moment a version begins -----------------------------------------------------------------


@pytest.mark.parametrize("published", ["beforehand", "a minute before"])
def test_a_minute_before_midnight_the_old_holds_and_a_minute_after_it_the_new(published: str) -> None:
    world = World(OLD, *([NEW] if published == "beforehand" else []), at="2026-11-30T23:00")
    if published == "a minute before":
        world.run_until("2026-11-30T23:58:59")
        world.publish(NEW)
    for at, case in (
        ("2026-11-30T23:59", "case-before00000"),
        ("2026-11-30T23:59:59.999", "case-justbefore0"),
        ("2026-12-01T00:00", "case-midnight000"),
        ("2026-12-01T00:01", "case-after000000"),
    ):
        a_report(world, at, case)
    assert asked(world, "case-before00000") == [(TEAM, "care-at-home", 1)]
    assert asked(world, "case-justbefore0") == [(TEAM, "care-at-home", 1)]
    assert asked(world, "case-midnight000") == [(NIGHT, "care-at-home", 2)]
    assert asked(world, "case-after000000") == [(NIGHT, "care-at-home", 2)]


def test_a_case_that_began_under_the_old_keeps_its_deadline_and_its_ladder() -> None:
    world = World(OLD, NEW, at="2026-11-30T23:00")
    a_report(world, "2026-11-30T23:59", "case-before00000")
    a_report(world, "2026-12-01T00:01", "case-after000000")
    world.run_until("2026-12-01T02:00")
    told = {
        (fact.envelope.caseid, fact.name): line
        for fact, line in zip(world.facts, world.story(), strict=True)
        if fact.name in {"ObligationOpened", "ObligationBreached"}
    }
    assert told == {
        ("case-before00000", "ObligationOpened"): "Mon 23:59 acknowledge_signal opened, due Tue 01:59",
        ("case-after000000", "ObligationOpened"): "Tue 00:01 acknowledge_signal opened, due Tue 00:31",
        ("case-after000000", "ObligationBreached"): "Tue 00:31 acknowledge_signal breached, late by 0 s",
        ("case-before00000", "ObligationBreached"): "Tue 01:59 acknowledge_signal breached, late by 0 s",
    }


def test_an_answer_to_an_old_signal_names_the_version_of_its_own_moment() -> None:
    world = World(OLD, NEW, at="2026-11-30T23:00")
    a_report(world, "2026-11-30T23:59", "case-before00000")
    world.acknowledge(TEAM, "2026-12-01T00:01", case="case-before00000", signal="sig-before00000")
    (taken,) = world.named("SignalAcknowledged")
    (discharged,) = world.named("ObligationDischarged")
    assert taken.data["agreement_version"] == 2
    assert discharged.data["on_time"]


def test_a_command_that_waited_over_midnight_is_decided_by_the_version_of_when_it_came_in() -> None:
    world = World(OLD, NEW, at="2026-11-30T23:59")
    world.sleep_until("2026-12-01T00:05")
    a_report(world, "2026-12-01T00:05", "case-before00000", recorded="2026-11-30T23:59")
    assert asked(world, "case-before00000") == [(TEAM, "care-at-home", 1)]


def test_a_version_the_worker_cannot_use_leaves_the_old_in_force() -> None:
    world = World(OLD, at="2026-11-30T23:00")
    text = publication(usable(NEW), NEW).model_dump_json().replace("timezone:", "speeches: x\\ntimezone:")
    kept_out = world.book.take(b"de-vlier/2", text.encode())
    assert kept_out is not None and kept_out.reason == "unknown_key"
    a_report(world, "2026-12-01T00:01", "case-after000000")
    assert asked(world, "case-after000000") == [(TEAM, "care-at-home", 1)]


# -- side by side --------------------------------------------------------------------------------


def two(at: str = "2026-11-23T09:00") -> World:
    return World(a_small(VLIER), a_small(KOLK, 4, urgent="PT30M"), at=at)


def test_cases_of_two_partnerships_are_each_decided_by_their_own_agreement() -> None:
    world = two()
    a_report(world, "2026-11-23T09:00", "case-vlier000000", "de-vlier", postcode="9901")
    a_report(world, "2026-11-23T09:00", "case-kolk0000000", "de-kolk", postcode="9911")
    assert asked(world, "case-vlier000000") == [(TEAM, "care-at-home", 1)]
    assert asked(world, "case-kolk0000000") == [("care/de-kolk-team", "care-at-home", 4)]
    assert [line for line in world.story() if "opened" in line] == [
        "Mon 09:00 acknowledge_signal opened, due Mon 11:00",
        "Mon 09:00 acknowledge_signal opened, due Mon 09:30",
    ]
    assert {fact.envelope.caseid: fact.envelope.partnership for fact in world.facts} == {
        "case-vlier000000": "de-vlier",
        "case-kolk0000000": "de-kolk",
    }


def test_a_next_version_of_the_neighbour_changes_nothing_here() -> None:
    world = two(at="2026-11-30T23:00")
    world.publish(a_small(KOLK, 5, "2026-12-01", asked="night"))
    a_report(world, "2026-12-01T00:01", "case-vlier000000", "de-vlier")
    a_report(world, "2026-12-01T00:01", "case-kolk0000000", "de-kolk", postcode="9911")
    assert asked(world, "case-vlier000000") == [(TEAM, "care-at-home", 1)]
    assert asked(world, "case-kolk0000000") == [("care/de-kolk-night", "care-at-home", 5)]


def test_a_signal_from_outside_the_area_finds_its_way_to_the_neighbour() -> None:
    world = two()
    a_report(world, "2026-11-23T09:00", "case-strayed0000", "de-vlier", postcode="9912")
    a_report(world, "2026-11-23T09:00", "case-strayedtoo0", "de-kolk", postcode="9901")
    assert asked(world, "case-strayed0000") == [("next-door/de-kolk-entry", "next-door", 1)]
    assert asked(world, "case-strayedtoo0") == [("next-door/de-vlier-entry", "next-door", 4)]


def test_a_signal_from_where_nobody_is_next_door_is_not_lost() -> None:
    world = two()
    a_report(world, "2026-11-23T09:00", "case-nowhere0000", "de-vlier", postcode="9950")
    a_report(world, "2026-11-23T09:00", "case-nowheretoo0", "de-vlier", postcode="9950", types=["social"])
    (first, second) = world.named("SignalRouted")
    assert (first.data["contact"], first.data["rule"]) == (TEAM, "care-at-home")
    assert (second.data["contact"], second.data["reason"]) == (POINT, "no_rule_matched")
    why = {step["node"]: step["because"] for step in second.data["trace"]}
    assert why["next-door"] == "no_neighbour_there"


def test_two_signals_of_one_case_are_each_decided_by_the_partnership_they_were_reported_to() -> None:
    world = two()
    a_report(world, "2026-11-23T09:00", "case-both0000000", "de-vlier")
    world.report(
        "2026-11-23T09:05",
        case="case-both0000000",
        signal="sig-second00000",
        partnership="de-kolk",
        urgency="urgent",
        types=["nursing"],
        postcode="9911",
    )
    assert asked(world, "case-both0000000") == [
        (TEAM, "care-at-home", 1),
        ("care/de-kolk-team", "care-at-home", 4),
    ]
    world.run_until("2026-11-23T11:00")
    breached = [line for line in world.story() if "breached" in line]
    assert breached == [
        "Mon 09:35 acknowledge_signal breached, late by 0 s",
        "Mon 11:00 acknowledge_signal breached, late by 0 s",
    ]
