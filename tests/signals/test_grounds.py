"""A ground is recorded by who takes part in the signal, for a purpose of the agreement, and opens it to the circle."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.signals import (
    Actor,
    Ground,
    GroundRecorded,
    GroundWithdrawn,
    RecordGround,
    Refusal,
    WithdrawGround,
)
from services.agreements import directory_changes as changes
from services.agreements.book import usable
from services.agreements.directory_book import DirectoryBook
from services.agreements.routable import CaseView
from services.agreements.terms import Terms
from services.signals.decide import Decided, Situation
from services.signals.grounds import record, withdraw
from services.signals.lifecycle import ABSENT, LIFECYCLE, WITHDRAWN, Signal
from tests.agreements.texts import an_agreement
from tests.agreements.waterkant import TEMPLATE, VLIER
from tests.casework.test_life_story import TEAM, a_world
from tests.casework.world import SIGNAL, World
from tests.cli.told import told_of
from tests.signals.test_seeing import NOT_AGREED, NOW_MS, ON_GROUND

WORKER, OTHER = "welzijn/welzijn-worker", "sig-bbbbbbbbbbbb"
COORDINATOR, POINT = "kolk/kolk-coordinator", "schakel/coordination-point"
PURPOSE = "guide_to_care"
SAID = {"ground": "consent", "purpose": PURPOSE}


def at(agreement: Terms = ON_GROUND, state: str = "acknowledged", *grounds: str, **more: Any) -> Situation:
    signal: Signal = {"state": state, "urgency": "urgent", "taken_by": TEAM}
    if grounds:
        signal["grounds"] = [[one, PURPOSE] for one in grounds]
    return Situation(signal, (TEAM, POINT), CaseView(coordinator=COORDINATOR), NOW_MS, agreement, **more)


def records(situation: Situation, by: str = TEAM, ground: str = "consent", purpose: str = PURPOSE) -> Decided:
    return record(RecordGround(by=Actor(contact=by), ground=Ground(ground), purpose=purpose), situation)


def withdraws(situation: Situation, by: str = TEAM, ground: str = "consent") -> Decided:
    return withdraw(WithdrawGround(by=Actor(contact=by), ground=Ground(ground), purpose=PURPOSE), situation)


@pytest.mark.parametrize("by", [TEAM, "linde/linde-manager", POINT, COORDINATOR])
@pytest.mark.parametrize("ground", ["consent", "presumed_consent", "legal_duty", "reporting_right"])
def test_a_ground_is_recorded_by_any_function_of_who_takes_part_and_by_the_coordinator(
    by: str, ground: str
) -> None:
    found = records(at(), by, ground)
    assert found.signal is not None and found.signal.get("grounds") == [[ground, PURPOSE]]
    (fact,) = found.facts
    assert isinstance(fact, GroundRecorded)
    assert (fact.by.contact, fact.ground, fact.purpose) == (by, ground, PURPOSE)
    assert fact.agreement_version == ON_GROUND.version


@pytest.mark.parametrize("by", [TEAM, "linde/linde-manager", COORDINATOR])
def test_a_ground_is_withdrawn_by_the_same_whoever_recorded_it(by: str) -> None:
    found = withdraws(at(ON_GROUND, "acknowledged", "consent", "legal_duty"), by)
    assert found.signal is not None and found.signal.get("grounds") == [["legal_duty", PURPOSE]]
    assert [type(fact) for fact in found.facts] == [GroundWithdrawn]


REFUSED: list[tuple[Decided, Refusal]] = [
    (records(at()._replace(signal=None)), Refusal.UNKNOWN_ENTITY),
    (withdraws(at()._replace(signal=None)), Refusal.UNKNOWN_ENTITY),
    # Outside, whatever is said: also who takes part in another signal of the case only.
    (records(at(), WORKER), Refusal.NEVER_ASKED),
    (records(at(), "politie/wijkagent"), Refusal.NEVER_ASKED),
    (records(at(), "linde/nobody"), Refusal.UNKNOWN_CONTACT),
    (withdraws(at(ON_GROUND, "acknowledged", "consent"), WORKER), Refusal.NEVER_ASKED),
    # One click is no decision of several.
    (records(at(), ground="vital_interest"), Refusal.SEVERAL_DECIDE),
    (records(at(), ground="conflict_of_duties"), Refusal.SEVERAL_DECIDE),
    (records(at(), COORDINATOR, "vital_interest"), Refusal.SEVERAL_DECIDE),
    # Care comes first.
    (records(at(), purpose="fight_nuisance"), Refusal.UNKNOWN_PURPOSE),
    (records(at(), ground="unknown"), Refusal.NOT_ALLOWED_NOW),
    (records(at(NOT_AGREED)), Refusal.NOT_ALLOWED_NOW),
    (records(at(ON_GROUND, WITHDRAWN)), Refusal.NOT_ALLOWED_NOW),
    (records(at(ON_GROUND, "acknowledged", "consent")), Refusal.NOT_ALLOWED_NOW),
    (withdraws(at()), Refusal.NOT_ALLOWED_NOW),
    (withdraws(at(ON_GROUND, "acknowledged", "legal_duty")), Refusal.NOT_ALLOWED_NOW),
]


@pytest.mark.parametrize(("found", "reason"), REFUSED)
def test_what_is_not_to_be_recorded_is_refused_with_its_reason(found: Decided, reason: Refusal) -> None:
    assert (found.refusal, found.facts) == (reason, ())


def test_what_several_decide_is_read_from_the_agreement_and_never_less_than_the_two() -> None:
    template = TEMPLATE.read_text(encoding="utf-8")
    found = usable(
        VLIER.read_text(encoding="utf-8"), template.replace("      vital_interest:\n", "      legal_duty:\n")
    )
    assert found.grounds_of_several == {"legal_duty", "conflict_of_duties"}
    assert records(at(found), ground="legal_duty").refusal is Refusal.SEVERAL_DECIDE
    assert records(at(found), ground="vital_interest").refusal is Refusal.SEVERAL_DECIDE
    assert records(at(found)).refusal is None


def test_where_the_partners_named_no_purpose_there_is_none_to_record_for() -> None:
    agreement = an_agreement()
    assert agreement.purposes == agreement.grounds_of_several == frozenset()
    situation = Situation(
        {"state": "acknowledged", "urgency": "urgent", "taken_by": "linde/linde-team"},
        ("linde/linde-team",), CaseView(), NOW_MS, agreement,
    )  # fmt: skip
    assert records(situation, "linde/linde-team").refusal is Refusal.UNKNOWN_PURPOSE


@pytest.mark.parametrize("state", sorted(LIFECYCLE.keys() - {ABSENT, WITHDRAWN}))
def test_a_ground_may_be_recorded_at_any_moment_of_a_signals_life_and_moves_nothing(state: str) -> None:
    found = records(at(ON_GROUND, state))
    assert found.refusal is None and found.signal is not None and found.signal["state"] == state


def test_whoever_succeeds_a_function_that_was_asked_may_record_a_ground() -> None:
    book = DirectoryBook()
    said = changes.succeeded(changes.nothing_told(TEAM), WORKER, None, NOW_MS)
    assert book.take(TEAM.encode(), said.model_dump_json(exclude_none=True).encode(), []) is None
    assert records(at(directory=book.directory), WORKER).refusal is None


# -- in a case -----------------------------------------------------------------------------------------


def two_signals() -> World:
    """One of linde's and one of welzijn's, of one case; woonstee and the police reported them."""
    world = a_world("2026-11-30T11:20")
    reporter = {"kind": "professional", "party": "politie"}
    world.report(types=["nursing"], urgency="urgent", reporter=reporter)
    world.report(types=["social"], urgency="urgent", signal=OTHER, reporter={**reporter, "party": "woonstee"})
    return world


def sees(world: World, party: str) -> set[str] | None:
    told = told_of(world).seen_by(party)
    return None if told is None else {one.id for one in told.case.signals}


def test_a_ground_opens_one_signal_and_both_are_seen_together_when_both_have_one() -> None:
    world = two_signals()
    assert (sees(world, "linde"), sees(world, "welzijn")) == ({SIGNAL}, {OTHER})
    world.say(RecordGround, WORKER, signal=OTHER, **SAID)
    assert (sees(world, "linde"), sees(world, "welzijn")) == ({SIGNAL, OTHER}, {OTHER})
    world.say(RecordGround, TEAM, **SAID)
    assert (sees(world, "linde"), sees(world, "welzijn")) == ({SIGNAL, OTHER}, {SIGNAL, OTHER})
    world.say(WithdrawGround, WORKER, signal=OTHER, **SAID)
    assert (sees(world, "linde"), sees(world, "welzijn")) == ({SIGNAL}, {SIGNAL, OTHER})


def test_of_another_case_nobody_records_anything() -> None:
    world = two_signals()
    world.say(RecordGround, TEAM, signal="sig-cccccccccccc", **SAID)
    world.say(RecordGround, TEAM, case="case-bbbbbbbbbbbb", **SAID)
    assert [fact.data["reason"] for fact in world.named("CommandRefused")] == ["unknown_entity"] * 2
    assert not world.named("GroundRecorded")


def test_a_row_of_before_grounds_were_kept_has_none() -> None:
    world = two_signals()
    assert all("grounds" not in entity["signal"] for entity in world.case()["entities"].values())
    world.say(RecordGround, TEAM, **SAID)
    assert world.case()["entities"][SIGNAL]["signal"]["grounds"] == [["consent", PURPOSE]]


_SAID = st.tuples(
    st.sampled_from([RecordGround, WithdrawGround]),
    st.sampled_from([TEAM, WORKER, POINT, COORDINATOR, "politie/wijkagent", "woonstee/woonstee-desk"]),
    st.sampled_from([SIGNAL, OTHER]),
    st.sampled_from([one.value for one in Ground if one is not Ground.UNKNOWN]),
    st.sampled_from([PURPOSE, "keep_safe", "fight_nuisance"]),
)


@given(st.lists(_SAID, max_size=8))
def test_whatever_is_said_outside_the_circle_nobody_sees_anything(said: list[Any]) -> None:
    world = two_signals()
    for kind, by, signal, ground, purpose in said:
        world.say(kind, by, signal=signal, ground=ground, purpose=purpose)
    entities = world.case()["entities"]
    kept = {one: entity["signal"].get("grounds", []) for one, entity in entities.items()}
    told = {one.id: sorted(map(list, one.grounds)) for one in told_of(world).case.signals}
    assert told == {one: sorted(grounds) for one, grounds in kept.items()}
    own = {
        one: {contact.partition("/")[0] for contact in entity["asked"]} for one, entity in entities.items()
    }
    circle = set().union(*own.values())
    for party in ON_GROUND.agreement.parties:
        seen = sees(world, party.id)
        if party.id not in circle:
            assert seen is None
            continue
        assert all(party.id in own[one] or kept[one] for one in seen or ())
    assert not {"vital_interest", "conflict_of_duties"} & {one for those in kept.values() for one, _ in those}
    assert all(purpose in ON_GROUND.purposes for those in kept.values() for _, purpose in those)
