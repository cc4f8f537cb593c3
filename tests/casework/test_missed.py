"""What the core says to the second ladder: each binding item once, taken back when its breach is, and never a case."""

from __future__ import annotations

from typing import Any

import orjson

from services.casework.missed import reference
from services.runtime.job import Emit
from tests.agreements.texts import changed
from tests.casework.world import CASE, SIGNAL, WATERKANT, World, ms
from tests.collaboration.world import World as Parties
from tests.collaboration.world import read_of
from topics.catalogue import COLLABORATION_COMMANDS

TEAM = "linde/linde-team"


def said(emits: list[Emit]) -> list[tuple[str, str, str, str]]:
    """Name, party, item and day of each."""
    found = [read_of(emit.value, emit.headers, emit.key) for emit in emits]
    return [(one.name, one.party, one.data["item"], one.data["missed_on"]) for one in found]


def a_missed_one(at: str = "2026-11-24T09:00", **more: Any) -> World:
    """A signal nobody answered in time."""
    world = World(WATERKANT, at=at)
    world.report(types=["nursing"], **more)
    world.run_until("2026-11-25T09:00")
    return world


def test_a_missed_item_is_told_once_by_its_party_item_and_day() -> None:
    world = a_missed_one()
    assert len(world.named("ObligationBreached")) == 1
    assert said(world.missed) == [("ItemMissed", "de-vlier/linde", "acknowledge_signal", "2026-11-24")]
    world.acknowledge(TEAM)
    assert len(world.missed) == 1, "late is missed"


def test_the_day_is_that_of_the_neighbourhood_and_of_the_due_moment() -> None:
    world = World(WATERKANT, at="2026-11-24T23:50")
    world.report(types=["nursing"])
    world.sleep_until("2026-11-27T09:00")
    world.run_until("2026-11-27T09:00")
    assert [day for *_, day in said(world.missed)] == ["2026-11-25"]


def test_what_is_answered_in_time_is_not_told() -> None:
    world = World(WATERKANT, at="2026-11-24T09:00")
    world.report(types=["nursing"])
    world.acknowledge(TEAM, "2026-11-24T09:10")
    world.run_until("2026-11-25T09:00")
    assert world.missed == []


def test_a_breach_that_is_withdrawn_takes_its_item_back() -> None:
    world = a_missed_one()
    world.acknowledge(TEAM, recorded="2026-11-24T09:10")
    assert world.named("ObligationDischarged")[0].data["withdraws_breach"]
    assert [name for name, *_ in said(world.missed)] == ["ItemMissed", "ItemWithdrawn"]
    missed, withdrawn = (orjson.loads(emit.value) for emit in world.missed)
    assert missed["item_ref"] == withdrawn["item_ref"]


def test_an_intention_is_not_told() -> None:
    text = changed(("  - name: acknowledge_signal\n", "  - name: acknowledge_signal\n    binding: intent\n"))
    world = World(text, at="2026-11-24T09:00")
    world.report(types=["nursing"])
    world.run_until("2026-11-25T09:00")
    assert world.named("ObligationBreached") and world.missed == []


def test_nothing_said_leads_to_the_case() -> None:
    world = a_missed_one()
    world.acknowledge(TEAM, recorded="2026-11-24T09:10")
    ids = {CASE, SIGNAL, "conversation-1", *(fact.envelope.id for fact in world.facts)}
    moments = {str(fact.envelope.recordedtime) for fact in world.named("ObligationBreached")}
    for emit in world.missed:
        assert emit.topic == COLLABORATION_COMMANDS.name and not emit.numbered
        headers = dict(emit.headers)
        words = b"\n".join([emit.key, emit.value, *headers.values()]).decode()
        assert [one for one in ids | moments if one in words] == []
        assert {"ce_caseid", "ce_causationid", "ce_correlationid", "ce_traceparent"}.isdisjoint(headers)
        assert headers["ce_recordedtime"] in {b"2026-11-23T23:00:00.000Z", b"2026-11-24T23:00:00.000Z"}


def test_a_reference_is_the_same_for_the_same_item_only() -> None:
    assert reference(CASE, "casework-0-3") == reference(CASE, "casework-0-3")
    assert (
        len({reference(case, one) for case in (CASE, SIGNAL) for one in ("casework-0-3", "casework-0-4")})
        == 4
    )


def test_three_cases_of_one_party_lead_to_who_answers_for_it_and_to_no_client() -> None:
    world = World(WATERKANT, at="2026-11-28T22:00")
    cases = [f"case-{letter * 12}" for letter in "abc"]
    for n, case in enumerate(cases):
        world.report(types=["nursing"], case=case, signal=f"sig-{n:012}", at=f"2026-11-{28 + n}T22:00")
    world.run_until("2026-11-30T23:30")
    parties = Parties(WATERKANT, at="2026-11-30T23:30")
    parties.hear([emit for emit in world.missed if emit.key == b"de-vlier/linde"])
    parties.run_until("2026-12-01T09:00")
    reached = parties.named("RungReached")
    assert [fact.at_ms for fact in reached] == [ms("2026-12-01T00:00")]
    assert reached[0].data["items"] == [{"item": "acknowledge_signal", "count": 3}]
    everything = orjson.dumps([fact._asdict() for fact in parties.facts]) + b"".join(parties.rows.values())
    assert not any(case.encode() in everything for case in cases)
