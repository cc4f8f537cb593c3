"""What the facts of a case come to: the same, at every moment, as the lane that told them knows it."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from schemas.base import Said
from schemas.deadlines import (
    ObligationBreached,
    ObligationCancelled,
    ObligationDischarged,
    ObligationEscalated,
    ObligationMoved,
    ObligationOpened,
    ObligationPaused,
    ObligationResumed,
    ObligationWarned,
)
from schemas.envelope import Envelope
from schemas.signals import ActionRecorded, CommandRefused, ReassignSignal, RecordAction, WithdrawSignal
from services.agreements.directory import AS_SIGNED
from services.agreements.moments import milliseconds, moment
from services.cli.forecast import Books, next_asking
from services.cli.owed import Owed, Owing, after
from services.cli.timeline import lines, timeline
from tests.casework.test_life_story import EVENING, TEAM, a_world
from tests.casework.world import SIGNAL, World, ms
from tests.cli.stories import a_fall_taken_late, three_in_the_morning
from tests.cli.told import owing_of, said, timeline_of
from tests.schemas.golden import sample_of


def rows(world: World) -> list[tuple[Any, ...]]:
    """What the lane knows of what is owed."""
    found = (
        (
            one["id"], one["name"], one["entity"], one["urgency"], one["priority"], one["owed_by"],
            one["due_ms"], one["level"], tuple(one["asked"]), one["next_ms"], one["breached_ms"] is None,
        )
        for one in world.case()["obligations"]
    )  # fmt: skip
    return sorted(found)


def folded(world: World) -> list[tuple[Any, ...]]:
    """What the facts say of it, with the forecast of who is asked next."""
    books, found = Books(world.book, AS_SIGNED), []
    for one in timeline_of(world).owed:
        coming = next_asking(one, (), books)
        assert coming is not None
        found.append(
            (
                one.id, one.name, one.entity, one.urgency, one.priority, one.owed_by,
                one.due_ms, one.level, one.asked, coming.at_ms, one.breached_ms is None,
            )
        )  # fmt: skip
    return sorted(found)


def test_at_every_moment_the_facts_say_what_the_lane_knows() -> None:
    world, looked = a_fall_taken_late(), 0
    while world.clock_ms < ms("2026-12-01T18:00"):
        assert folded(world) == rows(world)
        looked += len(rows(world))
        world.run_until((moment(world.clock_ms) + timedelta(minutes=23)).isoformat())
    assert looked > 150


def test_who_is_said_to_be_asked_next_is_who_is_asked_then() -> None:
    world, foretold = a_fall_taken_late(), 0
    for _ in range(45):
        coming = {
            one.id: next_asking(one, (), Books(world.book, AS_SIGNED)) for one in timeline_of(world).owed
        }
        first_ms = min(found.at_ms for found in coming.values() if found is not None)
        told = world.run_until(moment(first_ms).isoformat())
        for fact in told:
            if fact.name == "ObligationEscalated":
                found = coming[fact.data["obligation_id"]]
                assert found is not None
                skipped = [(one.level, one.to, one.reason.value) for one in found.skipped]
                assert (found.level, found.contact) == (fact.data["level"], fact.data["to"])
                assert skipped == [(s["level"], s["to"], s["reason"]) for s in fact.data["skipped"]]
                foretold += 1
    assert foretold > 40


def test_facts_may_come_in_any_order_and_twice() -> None:
    world = three_in_the_morning()
    facts = said(world) * 2
    random.Random(7).shuffle(facts)
    assert timeline(facts, world.clock_ms) == timeline_of(world)


def test_a_case_says_who_took_each_signal() -> None:
    found = timeline_of(a_fall_taken_late())
    (signal,) = found.signals
    assert (signal.id, signal.state, signal.urgency) == (SIGNAL, "interpreted", "acute")
    assert (signal.taken_by, signal.taken_ms) == (EVENING, ms("2026-11-30T13:35"))
    assert found.partnership == "de-vlier"


def test_a_signal_given_away_is_nobodys_until_it_is_taken_there() -> None:
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], urgency="urgent")
    world.acknowledge(TEAM, "2026-11-30T11:25")
    world.say(ReassignSignal, TEAM, "2026-11-30T11:30", to=EVENING, reason="no_capacity")
    (given,) = timeline_of(world).signals
    assert (given.state, given.taken_by, given.asked[-1]) == ("routed", None, EVENING)
    world.acknowledge(EVENING, "2026-11-30T11:40")
    (taken,) = timeline_of(world).signals
    assert (taken.state, taken.taken_by) == ("acknowledged", EVENING)


def test_of_a_signal_taken_back_nothing_is_owed() -> None:
    world = a_world("2026-11-30T11:20")
    world.report(types=["nursing"], urgency="urgent", reporter={"kind": "neighbour"})
    world.ask(WithdrawSignal, None, reporter={"kind": "neighbour"}, reason="mistaken")
    found = timeline_of(world)
    assert ([one.state for one in found.signals], found.owed) == (["withdrawn"], ())


def test_a_refusal_alone_makes_no_signal_and_is_told() -> None:
    world = a_world("2026-11-30T11:20")
    world.acknowledge(TEAM)
    found = timeline(said(world), world.clock_ms)
    assert found is not None
    assert (found.signals, [type(one.fact) for one in found.entries]) == ((), [CommandRefused])


def test_without_a_fact_there_is_no_case() -> None:
    assert timeline([], 0) is None


def test_a_last_level_asked_again_and_again_is_told_once_with_how_often() -> None:
    world = a_fall_taken_late()
    world.run_until("2026-12-01T03:00")
    entries = timeline_of(world).entries
    told = lines(entries)
    assert len(told) + sum(line.again for line in told) == len(entries)
    (line,) = (line for line in told if line.again)
    assert (line.entry.at_ms, line.again, line.last_ms) == (
        ms("2026-11-30T18:45"),
        33,
        ms("2026-12-01T03:00"),
    )


def test_the_answer_to_what_was_asked_again_and_again_is_told() -> None:
    world = a_fall_taken_late()
    world.run_until("2026-11-30T20:00")
    world.say(RecordAction, EVENING, action="no_action", reason="already_known")
    told = lines(timeline_of(world).entries)
    assert [type(line.entry.fact) for line in told][-2:] == [ActionRecorded, ObligationDischarged]


def test_a_last_level_whose_clock_was_counted_again_is_asked_again_after_its_own_wait() -> None:
    world = a_fall_taken_late()
    world.run_until("2026-11-30T20:00")
    (late,) = (one for one in timeline_of(world).owed if one.name == "act_on_signal")
    coming = next_asking(late._replace(next_ms=None), (), Books(world.book, AS_SIGNED))
    assert coming is not None
    assert (coming.at_ms, coming.level, coming.contact) == (
        ms("2026-11-30T20:15"),
        3,
        "waterkant/regional-duty",
    )


def test_a_signal_knows_which_expertise_it_takes() -> None:
    world = a_world("2026-12-01T02:31")
    world.report(types=["nursing"], urgency="acute")
    (routed,) = world.named("SignalRouted")
    (signal,) = timeline_of(world).signals
    assert list(signal.expertise) == routed.data["expertise"] != []


# -- one obligation, fact by fact ------------------------------------------------------------------


def told(model: type[Said], at: str, one: str = "casework-4-1", **data: Any) -> tuple[Envelope, Said]:
    """A golden sample, told of one obligation at a moment."""
    sample = sample_of(model).data
    fact = model.model_validate({**sample, "obligation_id": one, **data})
    return Envelope(
        id=f"{one}-{at}",
        source="urn:seinhuis:casework",
        type=model.type_name(),
        subject="sig-4kT9wQ2mZp",
        partnership="de-vlier",
        caseid="c-7f3a91b2",
        recordedtime=at,
        priority="urgent",
    ), fact


def of(*facts: tuple[Envelope, Said]) -> Owed:
    one: Owed | None = None
    for envelope, fact in facts:
        one = after(one, envelope, fact)
    assert one is not None
    return one


OPENED = told(ObligationOpened, "2026-11-23T08:00:00Z", due_at="2026-11-23T10:00:00Z")
PAUSED = told(
    ObligationPaused,
    "2026-11-23T09:00:00Z",
    until="2026-11-23T12:00:00Z",
    due_at="2026-11-23T13:00:00Z",
    reason="client_away",
)


def at_ms(text: str) -> int:
    return milliseconds(moment(0).fromisoformat(text))


def test_what_stands_still_is_not_late_and_a_pause_ends_by_itself() -> None:
    one = of(OPENED, PAUSED)
    assert one.paused_for == "client_away"
    assert one.state(at_ms("2026-11-23T11:00:00Z")) == "paused"
    assert one.state(at_ms("2026-11-23T12:30:00Z")) == "in_time"
    assert one.state(at_ms("2026-11-23T13:00:00Z")) == "late"
    assert one.next_ms is None


def test_when_the_next_is_asked_is_counted_again_after_a_pause() -> None:
    asked = told(ObligationEscalated, "2026-11-23T08:30:00Z", next_at="2026-11-23T09:30:00Z")
    assert of(OPENED, asked).next_ms == at_ms("2026-11-23T09:30:00Z")
    assert of(OPENED, asked, PAUSED).next_ms is None


def test_what_runs_on_is_due_when_it_was_told_to_be() -> None:
    resumed = told(ObligationResumed, "2026-11-23T10:00:00Z", due_at="2026-11-23T11:00:00Z")
    one = of(OPENED, PAUSED, resumed)
    assert (one.paused_for, one.due_ms) == (None, at_ms("2026-11-23T11:00:00Z"))
    assert one.pauses == ((at_ms("2026-11-23T09:00:00Z"), at_ms("2026-11-23T10:00:00Z")),)
    assert one.late_ms(at_ms("2026-11-23T11:30:00Z")) == 1_800_000


def test_a_pause_told_again_while_it_lasts_has_the_beginning_of_the_first() -> None:
    again = told(
        ObligationPaused,
        "2026-11-23T10:00:00Z",
        until="2026-11-23T15:00:00Z",
        due_at="2026-11-23T16:00:00Z",
    )
    assert of(OPENED, PAUSED, again).pauses == (
        (at_ms("2026-11-23T09:00:00Z"), at_ms("2026-11-23T15:00:00Z")),
    )


def test_what_became_more_urgent_is_due_as_it_was_told() -> None:
    moved = told(ObligationMoved, "2026-11-23T09:00:00Z", urgency="acute", due_at="2026-11-23T09:15:00Z")
    one = of(OPENED, moved)
    assert (one.urgency, one.due_ms) == ("acute", at_ms("2026-11-23T09:15:00Z"))


@pytest.mark.parametrize(
    "model", [ObligationWarned, ObligationBreached, ObligationEscalated, ObligationMoved]
)
def test_what_began_before_the_facts_that_are_kept_is_told_from_the_middle(model: type[Said]) -> None:
    one = of(told(model, "2026-11-23T09:00:00Z"))
    assert (one.opened, one.caseid, one.name) == (None, "c-7f3a91b2", sample_of(model).data["name"])


@pytest.mark.parametrize("model", [ObligationDischarged, ObligationCancelled])
def test_what_has_ended_takes_no_room(model: type[Said]) -> None:
    owing = Owing()
    for n in range(1000):
        for kind in (ObligationOpened, ObligationBreached, model):
            owing.take(*told(kind, "2026-11-23T09:00:00Z", one=f"casework-4-{n}"))
        assert len(owing) == 0


def test_what_is_open_stays_open() -> None:
    world = three_in_the_morning()
    assert len(owing_of(world)) == len(world.case()["obligations"]) == 3
