"""The watchman, with facts it has never heard of: what opens, ends, warns, breaches and climbs, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from schemas.deadlines import ObligationOpened
from services.agreements import times
from services.agreements.book import usable
from services.agreements.times import Span
from services.deadlines.obligation import next_moment, wake_of
from services.runtime.job import Wake
from tests.casework.world import ms
from tests.deadlines.bench import AGREEMENT, DUTY, POINT, REGION, TEAM, TEXT, Bench

# -- facts ----------------------------------------------------------------------------------------


def test_a_fact_opens_what_the_agreement_says() -> None:
    bench = Bench()
    assert bench.ask() == ["opened"]
    fact = bench.told[0]
    assert isinstance(fact, ObligationOpened)
    assert fact.model_dump(mode="json") == {
        "obligation_id": "test-0-0",
        "name": "answer_thing",
        "entity": "thing-0001",
        "owed_by": TEAM,
        "owed_to": "who-asked",
        "urgency": "acute",
        "due_at": "2026-11-23T09:00:00Z",
        "inputs": {
            "started_at": "2026-11-23T08:00:00Z",
            "urgency": "acute",
            "rule": "answer_thing",
            "counting": "elapsed",
            "amount": 3600.0,
            "calendar": None,
            "pauses": [],
        },
        "ladder": "standard",
        "agreement_version": 1,
    }


@pytest.mark.parametrize(
    ("data", "opens"),
    [
        ({}, True),
        ({"kind": "huge"}, True),
        ({"kind": ["small", "huge"]}, True),
        ({"kind": "small"}, False),
        ({"kind": None}, False),
        ({"about": "other"}, False),
        ({"about": ()}, False),
    ],
)
def test_an_obligation_opens_only_where_its_condition_holds(data: Mapping[str, Any], opens: bool) -> None:
    assert Bench().ask(**data) == (["opened"] if opens else [])


def test_a_fact_that_names_nobody_leaves_it_with_the_coordination_point() -> None:
    bench = Bench()
    bench.ask(whom=None)
    assert bench.open[0]["owed_by"] == POINT


def test_what_a_fact_asks_of_whoever_is_asked_is_kept_for_every_level() -> None:
    bench = Bench()
    assert bench.ask(expertise=("wound_care",)) == ["opened"]
    assert bench.open[0]["expertise"] == ["wound_care"]
    told = bench.until("2026-11-23T09:15")
    assert told == ["level 1 linde-duty no_answer []"]
    assert bench.hear("ThingRefused", by=DUTY) == ["level 3 regional-duty declined [2:no_expertise]"]


def test_whoever_lacks_what_a_fact_asks_is_passed_over_from_the_first_level_on() -> None:
    bench = Bench()
    told = bench.ask(expertise=("psychiatry",))
    skipped = "0:no_expertise 1:no_expertise 2:no_expertise"
    assert told == ["opened", f"level 3 regional-duty unreachable [{skipped}]"]


@pytest.mark.parametrize("expertise", [None, (), "wound_care"])
def test_a_fact_that_asks_no_expertise_lets_anybody_be_asked(expertise: Any) -> None:
    bench = Bench()
    assert bench.ask(expertise=expertise) == ["opened"]
    assert not bench.open[0].get("expertise")


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("ThingAnswered", {}, ["on time"]),
        ("NoteLeft", {"outcome": "spoken"}, ["on time"]),
        ("NoteLeft", {"outcome": "not_reached"}, []),  # a note nobody was reached by stops no clock
        ("ThingDropped", {}, ["cancelled withdrawn"]),
        ("ThingEnded", {}, ["cancelled closed"]),
        ("ThingAnswered", {"entity": "thing-0002"}, []),
        ("SomethingElse", {}, []),
    ],
)
def test_only_its_own_facts_end_an_obligation(name: str, data: dict[str, Any], told: list[str]) -> None:
    bench = Bench()
    bench.ask()
    assert bench.hear(name, "2026-11-23T09:10", **data) == told
    assert bool(bench.open) == (not told)


def test_what_ended_wants_no_turn_any_more() -> None:
    bench = Bench()
    bench.ask()
    bench.hear("ThingAnswered")
    assert wake_of(bench.open) is None
    assert bench.hear("ThingAnswered") == []


def test_one_fact_may_open_an_obligation_for_each_thing() -> None:
    bench = Bench()
    bench.ask()
    bench.ask(entity="thing-0002")
    assert [one["id"] for one in bench.open] == ["test-0-0", "test-0-1"]
    bench.hear("ThingAnswered", entity="thing-0002")
    assert [one["entity"] for one in bench.open] == ["thing-0001"]


# -- declining ------------------------------------------------------------------------------------


def test_declining_asks_the_next_at_once_and_keeps_the_deadline() -> None:
    bench = Bench()
    bench.ask()
    due_ms = bench.open[0]["due_ms"]
    assert bench.hear("ThingRefused", "2026-11-23T09:05", by=TEAM) == ["level 1 linde-duty declined []"]
    assert bench.open[0]["due_ms"] == due_ms
    # The next level has its whole wait from now.
    assert bench.open[0]["next_ms"] == ms("2026-11-23T09:20")


def test_declining_by_whom_is_not_waited_for_changes_nothing() -> None:
    bench = Bench()
    bench.ask()
    bench.until("2026-11-23T09:20")  # the deputy is asked by now
    assert bench.hear("ThingRefused", "2026-11-23T09:21", by=TEAM) == []
    assert bench.open[0]["asked"] == [TEAM, DUTY]


def test_declining_on_the_last_level_leaves_it_to_be_asked_again() -> None:
    bench = Bench()
    bench.ask()
    for by in (TEAM, DUTY, POINT):
        bench.hear("ThingRefused", by=by)
    assert bench.hear("ThingRefused", by=REGION) == []
    assert bench.until("2026-11-23T09:15")[-1] == "level 3 regional-duty repeated []"


# -- time -----------------------------------------------------------------------------------------


def test_nobody_answers_from_the_first_warning_to_the_last_level() -> None:
    bench = Bench()
    bench.ask()
    assert bench.until("2026-11-23T10:16") == [
        "level 1 linde-duty no_answer []",
        "warned 50",
        "level 2 coordination-point no_answer []",
        "warned 75",
        "level 3 regional-duty no_answer []",
        "warned 90",
        "breached +0",
        "level 3 regional-duty repeated []",
        "opened",  # what it opens comes after all that the moment itself brings
        "level 3 regional-duty repeated []",
    ]


def test_a_breach_is_told_once_and_the_ladder_goes_on() -> None:
    bench = Bench()
    bench.ask()
    told = bench.until("2026-11-24T09:00")
    assert len([one for one in told if one.startswith("breached")]) == 2  # its own, and that of explaining it
    assert told[-1].startswith("level")


def test_a_fact_of_the_watchman_may_open_an_obligation_too() -> None:
    bench = Bench()
    bench.ask()
    bench.until("2026-11-23T10:00")
    assert [(one["name"], one["owed_by"]) for one in bench.open] == [
        ("answer_thing", TEAM),
        ("explain_breach", TEAM),
    ]
    assert bench.hear("ThingExplained") == ["on time"]


def test_obligations_that_feed_each_other_are_stopped() -> None:
    text = TEXT.replace("{event: ObligationBreached, where: {name: answer_thing}}", "ObligationOpened")
    bench = Bench(agreement=usable(text))
    with pytest.raises(RecursionError):
        bench.ask()


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        ("2026-11-23T09:59:59", "on time"),
        ("2026-11-23T10:00:00", "late"),  # at the moment itself it has passed
        ("2026-11-23T10:20", "late"),
    ],
)
def test_on_time_goes_by_when_the_answer_was_taken_in(answered: str, told: str) -> None:
    bench = Bench()
    bench.ask()
    bench.now_ms = ms(answered)
    breached = bench.breached_until(answered)
    assert bench.hear("ThingAnswered") == [told]
    assert breached == (
        []
        if told == "on time"
        else [f"breached +{(ms(answered) - ms('2026-11-23T10:00')) / 1000:g}", "opened"]
    )


def test_a_breach_told_while_the_answer_was_on_its_way_is_withdrawn() -> None:
    bench = Bench()
    bench.ask()
    bench.until("2026-11-23T10:00:01")
    assert bench.hear("ThingAnswered", "2026-11-23T10:00:02", recorded="2026-11-23T09:59:58") == [
        "on time, withdrawn"
    ]


def test_how_long_it_took_is_counted_from_when_it_was_taken_in() -> None:
    bench = Bench()
    bench.ask()
    bench.hear("ThingAnswered", "2026-11-23T09:30", recorded="2026-11-23T09:20")
    assert bench.told[-1].model_dump()["took_s"] == 1200


# -- after an outage ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("back", "told"),
    [
        ("2026-11-23T09:17", ["level 1 linde-duty no_answer [] +120"]),
        # Half past: two levels were missed, the one of now is asked, and of one warning and the next only the last.
        ("2026-11-23T09:47", [
            "warned 75",
            "level 3 regional-duty no_answer [1:missed_in_outage 2:missed_in_outage] +120",
        ]),
        # After the deadline: the breach once, with its lateness, and no warning any more.
        ("2026-11-23T10:20", [
            "breached +1200",
            "level 3 regional-duty no_answer [1:missed_in_outage 2:missed_in_outage] +2100",
            "opened",
        ]),
        ("2026-11-25T09:00", [
            "breached +169200",
            "level 3 regional-duty no_answer [1:missed_in_outage 2:missed_in_outage] +170100",
            "opened",
        ]),
    ],
)  # fmt: skip
def test_after_an_outage_the_present_level_is_asked_and_each_missed_one_told(
    back: str, told: list[str]
) -> None:
    bench = Bench()
    bench.ask()
    assert bench.after_outage(back) == told
    assert next_moment(bench.open[0]) > ms(back)


def test_repeats_missed_in_an_outage_are_one() -> None:
    bench = Bench()
    bench.ask()
    bench.until("2026-11-23T10:00")
    assert [one for one in bench.after_outage("2026-11-23T12:05") if "repeated" in one] == [
        "level 3 regional-duty repeated [] +6600"
    ]


def test_whoever_is_asked_late_still_has_the_whole_wait() -> None:
    bench = Bench()
    bench.ask()
    bench.after_outage("2026-11-23T09:17")
    assert bench.open[0]["next_ms"] == ms("2026-11-23T09:32")


# -- the row --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("urgency", "rank"), [("acute", 0), ("urgent", 2), ("routine", 5)])
def test_a_wake_has_the_rank_of_its_urgency(urgency: str, rank: int) -> None:
    bench = Bench()
    bench.ask(urgency=urgency)
    wake = wake_of(bench.open)
    assert isinstance(wake, Wake) and wake.rank == rank


def test_the_earliest_of_all_moments_is_the_wake() -> None:
    bench = Bench()
    bench.ask(urgency="routine")
    bench.ask(entity="thing-0002")
    assert wake_of(bench.open) == Wake(ms("2026-11-23T09:15"), 0)


@pytest.mark.parametrize("urgency", ["acute", "urgent", "routine"])
def test_a_deadline_can_be_computed_again_from_its_row(urgency: str) -> None:
    bench = Bench("2026-11-27T16:30")
    bench.ask(urgency=urgency)
    one = bench.open[0]
    inputs = times.Inputs(one["started_ms"], one["urgency"], one["name"], Span(*one["span"]))
    assert times.deadline(inputs, AGREEMENT.clock).due_ms == one["due_ms"]


def test_what_a_later_version_added_to_a_row_is_carried_along() -> None:
    bench = Bench()
    bench.ask()
    later: Any = {**bench.open[0], "paused_until_ms": None}
    bench.open = [later]
    bench.until("2026-11-23T10:30")
    assert "paused_until_ms" in bench.open[0]


def test_a_new_version_changes_who_stands_there_and_not_when() -> None:
    bench = Bench()
    bench.ask()
    slower = TEXT.replace("{to: deputy, after: {acute: PT15M", "{to: deputy, after: {acute: PT45M")
    bench.agreement = usable(slower.replace("deputy: linde-duty", "deputy: gp-post"))
    assert bench.until("2026-11-23T09:15") == ["level 1 gp-post no_answer []"]


def test_an_urgency_a_new_version_dropped_still_ends() -> None:
    bench = Bench()
    assert bench.ask(urgency="soonish") == ["opened"]
    assert (bench.open[0]["urgency"], bench.open[0]["due_ms"]) == ("acute", ms("2026-11-23T10:00"))


def test_an_answer_after_its_time_is_a_breach_first_even_where_the_clock_was_not_asked() -> None:
    bench = Bench()
    bench.ask()
    assert bench.hear("ThingAnswered", "2026-11-23T10:01", by=TEAM) == ["breached +60", "late", "opened"]
