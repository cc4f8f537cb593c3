"""Acute care asks for expertise at every hour, and the core asks whom the agreement's own functions say (S003-12)."""

from __future__ import annotations

import orjson
import pytest

from schemas.signals import Reporter, ReporterKind
from services.agreements.book import usable
from services.agreements.ladder import Wanted, climb
from services.agreements.routable import CaseView
from services.agreements.route import route
from tests.agreements.strategies import ASignal
from tests.agreements.texts import changed
from tests.casework.world import CASE, World, ms

TEXT = changed(
    ("signals:\n", "signals:\n  acute_expertise: {nursing: [wound_care], medical: [medicine]}\n"),
    ("deputy: linde-duty", "deputy: gp-post"),
    ("title: Regionale achterwacht,", "title: Regionale achterwacht, expertise: [wound_care, medicine],"),
)
AGREEMENT = usable(TEXT)
TEAM = "linde/linde-team"
A_NEIGHBOUR = Reporter(kind=ReporterKind.NEIGHBOUR)


def test_a_level_without_the_expertise_is_passed_over_at_every_step_of_an_acute_signal() -> None:
    world = World(TEXT, at="2026-11-23T09:00")
    world.report(types=["nursing"])
    world.run_until("2026-11-23T09:15")
    assert world.named("SignalRouted")[0].data["expertise"] == ["wound_care"]
    assert world.story(world.named("ObligationEscalated")) == [
        "Mon 09:15 acknowledge_signal level 3 to waterkant/regional-duty (no_answer, not deputy: no_expertise, "
        "not coordination-point: no_expertise)"
    ]


def test_the_expertise_is_kept_for_a_decline_long_after() -> None:
    world = World(TEXT, at="2026-11-23T09:00")
    world.report(types=["nursing"])
    assert world.case()["obligations"][0]["expertise"] == ["wound_care"]
    told = world.decline(TEAM, "no_capacity")
    (skipped,) = [fact.data["skipped"] for fact in told if fact.name == "ObligationEscalated"]
    assert [skip["reason"] for skip in skipped] == ["no_expertise", "no_expertise"]


@pytest.mark.parametrize(
    ("urgency", "types"), [("urgent", ["nursing"]), ("acute", ["social"]), ("acute", [])]
)
def test_nobody_is_asked_for_expertise_where_the_agreement_asks_for_none(
    urgency: str, types: list[str]
) -> None:
    world = World(TEXT, at="2026-11-23T09:00")
    world.report(urgency=urgency, types=types)
    assert world.named("SignalRouted")[0].data["expertise"] == []
    assert world.case()["obligations"][0]["expertise"] == []
    world.run_until("2026-11-23T12:00")
    skipped = [skip["reason"] for fact in world.named("ObligationEscalated") for skip in fact.data["skipped"]]
    assert "no_expertise" not in skipped


@pytest.mark.parametrize("at", ["2026-11-23T09:00", "2026-11-23T23:00", "2026-12-25T12:00"])
@pytest.mark.parametrize("urgency", ["acute", "urgent", "routine"])
@pytest.mark.parametrize("types", [("nursing",), ("medical",), ("social", "medical"), ()])
def test_the_core_asks_whom_a_dry_run_says(at: str, urgency: str, types: tuple[str, ...]) -> None:
    decision = route(ASignal(urgency, types, reporter=A_NEIGHBOUR), CaseView(), ms(at), AGREEMENT)
    level = AGREEMENT.level(urgency)
    (choice,) = decision.choices
    rungs = [to for to, _ in AGREEMENT.ladders[choice.ladder][urgency].rungs]
    wanted = Wanted(choice.receiver, (), ms(at), level, AGREEMENT.expertise_for(level, types))
    said = climb(rungs, 0, wanted, AGREEMENT)

    world = World(TEXT, at=at)
    world.report(urgency=urgency, types=list(types))
    (routed,) = world.named("SignalRouted")
    assert (routed.data["contact"], routed.data["rule"]) == (choice.receiver, choice.rule)
    assert routed.data["trace"] == [step.model_dump() for step in decision.trace]
    (owed,) = world.case()["obligations"]
    assert (owed["level"], owed["asked"]) == (said.level, [said.contact])
    skipped = [skip for fact in world.named("ObligationEscalated") for skip in fact.data["skipped"]]
    assert skipped == [skip.model_dump(mode="json") for skip in said.skipped]


def test_a_case_with_a_coordinator_can_be_sent_there() -> None:
    rule = "routes:\n    - {name: led, match: {case: has_coordinator}, receiver: case.coordinator}\n"
    world = World(changed(("routes:\n", rule)), at="2026-11-23T09:00")
    world.report(types=["nursing"])
    case = world.case()
    case["roles"]["coordinator"] = "welzijn/welzijn-desk"
    world.rows[CASE.encode()] = orjson.dumps(case)
    world.report(signal="sig-bbbbbbbbbbbb", types=["nursing"])
    assert [fact.data["contact"] for fact in world.named("SignalRouted")] == [TEAM, "welzijn/welzijn-desk"]
