"""An agreement is not kept: who is addressed, when, and until what day they may answer (story E7)."""

from __future__ import annotations

import pytest

from services.agreements.directory import AS_SIGNED, Directory, Successor, Window
from tests.agreements.texts import WATERKANT, changed
from tests.casework.world import ms
from tests.collaboration.world import LINDE, World, the_large

TERMS = changed(
    ("      - {to: address_each_other}\n", ""),
    (
        "{to: accountable_person}",
        "{to: accountable_person, answer_within: {working_days: 5, calendar: office}}",
    ),
)


def a_world(at: str, directory: Directory = AS_SIGNED) -> World:
    """Under the large example."""
    return World(at=at, directory=directory, book=the_large())


def missed(world: World, times: int = 3) -> World:
    """So many items missed today, and the day is over."""
    world.miss(times=times)
    day = world.clock_ms + 86_400_000
    world.run_until(day)
    return world


def test_three_missed_items_address_rung_after_rung_until_the_last_which_is_told_again() -> None:
    world = a_world("2026-11-28T22:15")
    world.miss()
    world.run_until("2026-11-30T14:00")
    world.miss(times=2)
    world.run_until("2027-02-28T12:00")
    assert world.story() == [
        "Sun 00:00 counted acknowledge_signal 1x; 1 in the window",
        "Tue 00:00 counted acknowledge_signal 2x; 3 in the window",
        "Tue 00:00 rung 0 address_each_other to linde/linde-nurse until 2026-12-08 (items_missed)",
        "Tue 08:30 rung 1 accountable_person to linde/linde-manager until 2026-12-15 (no_answer)",
        "Tue 08:30 rung 2 partnership.coordinator to welzijn/vlier-coordinator until 2026-12-30 (no_answer)",
        "Wed 08:30 rung 3 waterkant to waterkant/resv-board until 2027-01-21 (no_answer)",
        "Thu 08:30 rung 4 verzekeraar, gemeente to verzekeraar/insurer-manager, gemeente/wmo-manager "
        "until 2027-02-11 (no_answer)",
        "Thu 08:30 rung 4 verzekeraar, gemeente to verzekeraar/insurer-manager, gemeente/wmo-manager "
        "until 2027-03-04 (repeated)",
    ]


def test_an_answer_settles_it_and_counting_begins_anew() -> None:
    world = missed(a_world("2026-11-30T14:00"))
    told = world.answer("linde/linde-manager")
    assert world.story(told) == [
        "Tue 14:00 answered by linde/linde-manager on rung 0: improvement_agreed",
        "Tue 14:00 settled (answered)",
    ]
    missed(world, times=2)
    assert world.story()[-1] == "Wed 00:00 counted acknowledge_signal 2x; 2 in the window"
    missed(world, times=1)
    assert [fact.name for fact in world.facts].count("RungReached") == 2


def test_whoever_was_addressed_may_answer_and_nobody_else() -> None:
    world = missed(a_world("2026-11-30T14:00"))
    assert world.story(world.answer("welzijn/vlier-coordinator")) == ["Tue 14:00 refused (not_addressed)"]
    world.run_until("2026-12-16T10:00")
    assert [fact.name for fact in world.answer("welzijn/vlier-coordinator")] == [
        "PartyAnswered",
        "CollaborationSettled",
    ]


def test_an_answer_to_a_ladder_that_is_not_open_is_refused() -> None:
    world = World(WATERKANT, at="2026-11-30T14:00")
    assert world.story(world.answer("linde/linde-team", ladder="collaboration-0-9")) == [
        "Mon 14:00 refused (not_open)"
    ]
    missed(world)
    assert world.story(world.answer("linde/linde-team", ladder="collaboration-0-9")) == [
        "Tue 14:00 refused (not_open)"
    ]


def test_a_repeated_item_counts_once_and_a_repeated_answer_changes_nothing() -> None:
    world = World(WATERKANT, at="2026-11-30T14:00")
    for _ in range(5):
        world.miss(ref="item-00000001")
    missed(world, times=2)
    world.answer("linde/linde-team", id="answer-one")
    before = dict(world.rows)
    assert world.answer("linde/linde-team", ladder="collaboration-0-1", id="answer-one") == []
    assert world.rows == before and world.passed_over["repeated_command"] == 5
    assert world.named("ItemsCounted")[0].data["in_window"] == 3


def test_an_item_withdrawn_on_its_day_is_never_counted() -> None:
    world = World(WATERKANT, at="2026-11-30T14:00")
    world.miss(times=2)
    world.withdraw(world.miss())
    world.run_until("2026-12-02T12:00")
    assert world.story() == ["Tue 00:00 counted acknowledge_signal 2x; 2 in the window"]


def test_an_item_withdrawn_later_is_counted_off_and_ends_a_ladder_it_carried() -> None:
    world = World(WATERKANT, at="2026-11-30T14:00")
    ref = world.miss()
    missed(world, times=2)
    assert world.story(world.withdraw(ref)) == [
        "Tue 14:00 acknowledge_signal of 2026-11-30 does not count",
        "Tue 14:00 settled (items_withdrawn)",
    ]
    assert world.withdraw(ref) == [] and world.withdraw("item-unheard-of") == []
    missed(world, times=1)
    assert world.named("RungReached")[-1].data["items"] == [{"item": "acknowledge_signal", "count": 3}]


def test_items_count_within_the_window_and_are_let_go_after_it() -> None:
    world = World(WATERKANT, at="2026-11-01T09:00")
    world.miss(times=2)
    world.run_until("2026-12-02T09:00")
    assert world.rows == {} and world.wakes == {}
    world.miss(times=2)
    world.run_until("2027-01-01T09:00")
    world.miss()
    world.run_until("2027-01-03T00:00")
    assert [fact.data["in_window"] for fact in world.named("ItemsCounted")] == [2, 2, 3]
    assert len(world.named("RungReached")) == 1


def test_items_of_an_open_ladder_are_added_to_it_and_open_no_second() -> None:
    world = missed(a_world("2026-11-30T14:00"))
    world.miss("linde", "tell_the_gp", times=4)
    world.run_until("2026-12-08T12:00")
    assert world.named("RungReached")[-1].data["items"] == [
        {"item": "acknowledge_signal", "count": 3},
        {"item": "tell_the_gp", "count": 4},
    ]
    assert len({fact.data["collaboration_id"] for fact in world.named("RungReached")}) == 1


def test_parties_and_partnerships_are_counted_apart() -> None:
    world = World(WATERKANT, at="2026-11-30T14:00")
    world.miss("linde", times=2)
    world.miss("welzijn", times=2)
    world.run_until("2026-12-01T14:00")
    assert {fact.party for fact in world.facts} == {LINDE, "de-vlier/welzijn"}
    assert not world.named("RungReached")


@pytest.mark.parametrize(
    "without",
    ["  collaboration: {not_applicable: wij spreken elkaar elke week}\n", ""],
    ids=["not_applicable", "absent"],
)
def test_without_the_ladder_nothing_is_counted(without: str) -> None:
    head, _, rest = WATERKANT.partition("  collaboration:\n")
    world = World(head + without + rest.partition("# the region\n")[2], at="2026-11-30T14:00")
    missed(world, times=9)
    assert world.facts == [] and world.rows == {}
    assert world.passed_over["no_collaboration_ladder"] == 9


def test_an_unknown_partnership_has_no_agreement_to_count_by() -> None:
    world = World(at="2026-11-30T14:00")
    world.miss()
    assert world.passed_over["unknown_partnership"] == 1


def test_rungs_are_frozen_when_the_ladder_opens() -> None:
    world = missed(World(TERMS, at="2026-11-30T14:00"))
    world.publish(
        TERMS.replace("  version: 1", "  version: 2")
        .replace("working_days: 5", "working_days: 2")
        .replace("{to: partnership.coordinator}", "{to: kolk}")
    )
    world.run_until("2026-12-20T14:00")
    assert [fact.data["on"] for fact in world.named("RungReached")][:2] == [
        ["accountable_person"],
        ["partnership.coordinator"],
    ]
    assert "until 2026-12-15" in world.story()[2], "its own term was five working days"


def test_a_ladder_without_any_term_is_told_again_after_its_window() -> None:
    world = missed(World(WATERKANT, at="2026-11-30T14:00"))
    assert world.story()[1].startswith(
        "Tue 00:00 rung 0 address_each_other to linde/linde-team until 2026-12-30"
    )


def test_rungs_missed_in_an_outage_are_passed_over_and_told() -> None:
    world = a_world("2026-11-30T14:00")
    world.miss(times=3)
    world.sleep_until("2026-12-10T09:00")
    assert world.story(world.run_until("2026-12-10T09:00")) == [
        "Thu 09:00 counted acknowledge_signal 3x; 3 in the window",
        "Thu 09:00 rung 1 accountable_person to linde/linde-manager until 2026-12-17 "
        "(items_missed, not address_each_other: missed_in_outage, late by 174600 s)",
    ]


def test_whoever_is_away_is_passed_over_at_once_or_the_deputy_is_addressed() -> None:
    away = (Window(ms("2026-11-01T00:00"), None),)
    alone = Directory(absences={"linde/linde-nurse": away, "linde/linde-manager": away})
    world = missed(a_world("2026-11-30T14:00", alone))
    reached = world.named("RungReached")[0].data
    assert reached["to"] != [] and "linde/linde-manager" not in reached["to"]
    moved = Directory(
        successors={"linde/linde-nurse": Successor(ms("2026-11-01T00:00"), "linde/linde-manager")}
    )
    world = missed(a_world("2026-11-30T14:00", moved))
    assert world.named("RungReached")[0].data["to"] == ["linde/linde-manager"]


def test_a_ladder_on_which_nobody_stands_ends_at_the_coordination_point() -> None:
    world = World(WATERKANT, at="2026-11-30T14:00")
    world.miss("left-long-ago", times=3)
    world.run_until("2026-12-01T12:00")
    first = world.named("RungReached")[0].data
    assert first["on"] == ["partnership.coordinator"]
    assert [skip["reason"] for skip in first["skipped"]] == ["nobody", "nobody"]


def test_a_day_that_lies_ahead_counts_as_today() -> None:
    world = World(WATERKANT, at="2026-11-30T14:00")
    world.miss(on="2031-01-01", times=3)
    world.run_until("2026-12-01T12:00")
    assert len(world.named("RungReached")) == 1
