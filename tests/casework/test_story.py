"""Stories of one signal, as the people in it would tell them."""

from __future__ import annotations

from typing import Any

from tests.casework.world import WATERKANT, World

TEAM, DUTY = "linde/linde-team", "linde/linde-duty"
POINT, REGION = "schakel/coordination-point", "waterkant/regional-duty"
NURSING: dict[str, Any] = {"types": ["nursing"]}


def test_a_signal_that_is_taken_in_time_is_a_short_story() -> None:
    world = World(WATERKANT, at="2026-11-23T09:00")
    world.report(**NURSING)
    world.acknowledge(TEAM, "2026-11-23T09:05")
    world.run_until("2026-11-30T09:00")
    assert world.story() == [
        "Mon 09:00 reported acute",
        "Mon 09:00 routed to linde/linde-team (care-at-home, rule_matched)",
        "Mon 09:00 acknowledge_signal opened, due Mon 09:15",
        "Mon 09:05 acknowledged by linde/linde-team",
        "Mon 09:05 linde/linde-team answers for the case, no more schakel/coordination-point",
        "Mon 09:05 acknowledge_signal discharged on time",
    ]


def test_nobody_answers_and_the_ladder_never_ends() -> None:
    # Saturday night, 22:00: the team is at home, the coordination point has just closed.
    world = World(WATERKANT, at="2026-11-28T22:00")
    world.report(**NURSING)
    world.run_until("2026-11-28T22:46")
    assert world.story()[2:] == [
        "Sat 22:00 acknowledge_signal opened, due Sat 22:15",
        "Sat 22:00 acknowledge_signal level 1 to linde/linde-duty (unreachable, not contact: outside_hours)",
        "Sat 22:07:30 acknowledge_signal warned at 50%",
        "Sat 22:11:15 acknowledge_signal warned at 75%",
        "Sat 22:13:30 acknowledge_signal warned at 90%",
        "Sat 22:15 acknowledge_signal breached, late by 0 s",
        "Sat 22:15 acknowledge_signal level 3 to waterkant/regional-duty "
        "(no_answer, not coordination-point: outside_hours)",
        "Sat 22:30 acknowledge_signal level 3 to waterkant/regional-duty (repeated)",
        "Sat 22:45 acknowledge_signal level 3 to waterkant/regional-duty (repeated)",
    ]
    world.run_until("2026-12-05T22:00")
    assert len(world.named("ObligationBreached")) == 1
    assert len(world.named("ObligationEscalated")) == 2 + 7 * 24 * 4 - 1


def test_a_late_tap_is_refused_politely_and_a_stranger_too() -> None:
    world = World(WATERKANT, at="2026-11-28T21:00")
    world.report(**NURSING)
    world.acknowledge(POINT, "2026-11-28T21:20")
    world.acknowledge(DUTY, "2026-11-28T21:21")
    world.acknowledge(REGION, "2026-11-28T21:22")
    assert world.story()[-4:] == [
        "Sat 21:20 acknowledged by schakel/coordination-point",
        "Sat 21:20 acknowledge_signal discharged late",
        "Sat 21:21 refused AcknowledgeSignal (already_taken)",
        "Sat 21:22 refused AcknowledgeSignal (never_asked)",  # the ladder did not get that far
    ]


def test_whom_the_routing_named_may_take_it_out_of_hours_too() -> None:
    world = World(WATERKANT, at="2026-11-28T22:00")
    world.report(**NURSING)
    world.acknowledge(TEAM, "2026-11-28T22:05")
    assert world.story()[-1] == "Sat 22:05 acknowledge_signal discharged on time"


def test_declining_asks_the_next_at_once_with_the_same_deadline() -> None:
    world = World(WATERKANT, at="2026-11-23T09:00")
    world.report(urgency="urgent", **NURSING)
    world.decline(TEAM, "no_capacity", "2026-11-23T09:10")
    world.acknowledge(DUTY, "2026-11-23T10:59:59")
    assert world.story()[3:] == [
        "Mon 09:10 declined by linde/linde-team (no_capacity)",
        "Mon 09:10 acknowledge_signal level 1 to linde/linde-duty (declined)",
        "Mon 09:10 settle_no_capacity opened, due Mon 13:10",
        "Mon 10:00 acknowledge_signal warned at 50%",
        "Mon 10:30 acknowledge_signal warned at 75%",
        "Mon 10:48 acknowledge_signal warned at 90%",
        "Mon 10:59:59 acknowledged by linde/linde-duty",
        "Mon 10:59:59 linde/linde-duty answers for the case, no more schakel/coordination-point",
        "Mon 10:59:59 acknowledge_signal discharged on time",
        "Mon 10:59:59 settle_no_capacity discharged on time",
    ]


def test_a_routine_signal_of_friday_afternoon_waits_for_monday() -> None:
    world = World(WATERKANT, at="2026-11-27T16:30")
    world.report(urgency="routine", **NURSING)
    world.run_until("2026-11-30T08:30")
    assert world.story()[2:] == ["Fri 16:30 acknowledge_signal opened, due Mon 16:30"]
    world.run_until("2026-11-30T16:30")
    assert world.story()[3:] == [
        "Mon 12:15 acknowledge_signal warned at 50%",
        "Mon 14:22:30 acknowledge_signal warned at 75%",
        "Mon 15:39 acknowledge_signal warned at 90%",
        "Mon 16:00 acknowledge_signal level 1 to linde/linde-duty (no_answer)",
        "Mon 16:30 acknowledge_signal breached, late by 0 s",
    ]


def test_an_urgent_signal_of_friday_evening_does_not() -> None:
    world = World(WATERKANT, at="2026-11-27T17:30")
    world.report(urgency="urgent", **NURSING)
    assert world.story()[2:] == [
        "Fri 17:30 acknowledge_signal opened, due Fri 19:30",
        "Fri 17:30 acknowledge_signal level 1 to linde/linde-duty (unreachable, not contact: outside_hours)",
    ]


def test_thirty_minutes_are_thirty_minutes_while_the_clock_goes_back() -> None:
    half_an_hour = WATERKANT.replace("within: {acute: PT15M", "within: {acute: PT30M")
    world = World(half_an_hour, at="2026-10-25T02:45+02:00")
    world.publish(half_an_hour.replace("valid_from: 2026-11-01", "valid_from: 2026-10-01"))
    world.report(**NURSING)
    world.run_until("2026-10-25T04:00+01:00")
    (breach,) = world.named("ObligationBreached")
    assert breach.at_ms - world.facts[0].at_ms == 30 * 60 * 1000
    assert breach.data["due_at"] == "2026-10-25T01:15:00Z"  # 02:15, the second time the clock shows it


def test_thirty_minutes_are_thirty_minutes_while_the_clock_goes_forward() -> None:
    world = World(
        WATERKANT.replace("within: {acute: PT15M", "within: {acute: PT30M"), at="2027-03-28T01:45+01:00"
    )
    world.report(**NURSING)
    world.run_until("2027-03-28T06:00+02:00")
    (breach,) = world.named("ObligationBreached")
    assert breach.data["due_at"] == "2027-03-28T01:15:00Z"  # 03:15 on the wall


def test_a_worker_that_was_down_asks_the_present_level_and_says_what_it_missed() -> None:
    world = World(WATERKANT, at="2026-11-23T09:00")
    world.report(**NURSING)
    world.run_until("2026-11-23T09:14:59")
    world.sleep_until("2026-11-23T09:47")
    world.run_until("2026-11-23T09:47")
    assert world.story()[-2:] == [
        "Mon 09:47 acknowledge_signal breached, late by 1920 s",
        "Mon 09:47 acknowledge_signal level 3 to waterkant/regional-duty "
        "(no_answer, not deputy: missed_in_outage, not coordination-point: missed_in_outage, late by 120 s)",
    ]


def test_an_answer_that_waited_while_the_worker_was_down_is_on_time() -> None:
    world = World(WATERKANT, at="2026-11-23T09:00")
    world.report(**NURSING)
    world.sleep_until("2026-11-23T11:00")
    world.acknowledge(TEAM, recorded="2026-11-23T09:14:59")
    world.run_until("2026-11-23T12:00")
    assert world.names()[3:] == ["SignalAcknowledged", "ResponsibilityTaken", "ObligationDischarged"]
    assert world.facts[-1].data["on_time"] is True


def test_an_answer_that_was_late_while_the_worker_was_down_is_a_breach_first() -> None:
    world = World(WATERKANT, at="2026-11-23T09:00")
    world.report(**NURSING)
    world.sleep_until("2026-11-23T11:00")
    world.acknowledge(TEAM, recorded="2026-11-23T09:20")
    world.run_until("2026-11-23T12:00")
    # Nobody else was asked in vain: the answer was there.
    assert world.story()[3:] == [
        "Mon 09:20 acknowledge_signal breached, late by 300 s",
        "Mon 09:20 acknowledged by linde/linde-team",
        "Mon 09:20 linde/linde-team answers for the case, no more schakel/coordination-point",
        "Mon 09:20 acknowledge_signal discharged late",
    ]


def test_a_breach_told_while_the_answer_was_on_its_way_is_withdrawn() -> None:
    world = World(WATERKANT, at="2026-11-23T09:00")
    world.report(**NURSING)
    world.run_until("2026-11-23T09:15:01")
    world.acknowledge(TEAM, recorded="2026-11-23T09:14:58")
    assert world.story()[-1] == "Mon 09:15 acknowledge_signal discharged on time, breach withdrawn"


def test_signals_of_one_case_have_their_own_clocks() -> None:
    world = World(WATERKANT, at="2026-11-23T09:00")
    world.report(**NURSING)
    world.report("2026-11-23T09:10", signal="sig-bbbbbbbbbbbb", urgency="urgent", types=["social"])
    world.acknowledge("welzijn/welzijn-desk", "2026-11-23T09:20", signal="sig-bbbbbbbbbbbb")
    assert [one["entity"] for one in world.case()["obligations"]] == ["sig-aaaaaaaaaaaa"]
    assert len(world.named("ObligationBreached")) == 1


def test_before_anybody_accepted_the_coordination_point_is_responsible() -> None:
    world = World(WATERKANT, at="2026-11-23T09:00")
    world.report(**NURSING)
    assert world.case()["responsible"] == POINT


def test_a_case_that_began_under_a_version_keeps_its_deadline() -> None:
    later = WATERKANT.replace("version: 1", "version: 2").replace("2026-11-01 ", "2026-11-24 ")
    world = World(
        WATERKANT, later.replace("urgent: PT2H, routine", "urgent: PT1H, routine"), at="2026-11-23T23:00"
    )
    world.report(urgency="urgent", **NURSING)
    world.report("2026-11-24T00:10", signal="sig-bbbbbbbbbbbb", urgency="urgent", **NURSING)
    assert [
        (fact.data["agreement_version"], fact.data["due_at"]) for fact in world.named("ObligationOpened")
    ] == [
        (1, "2026-11-24T00:00:00Z"),
        (2, "2026-11-24T00:10:00Z"),
    ]
