"""Of the second ladder: whoever is addressed about a party is told, and no case is in it."""

from __future__ import annotations

from schemas.collaboration import ItemsCounted, RungReached
from schemas.envelope import Envelope
from services.agreements.moments import moment
from services.notices.outcome import DELIVERED
from tests.casework.world import ms
from tests.notices.world import World
from topics.catalogue import COLLABORATION_EVENTS

LADDER = "de-vlier/welzijn"
DESK, TEAM = "welzijn/welzijn-desk", "linde/linde-team"
RUNG = (
    b'{"collaboration_id":"collaboration-0-1","rung":0,"on":["address_each_other"],'
    b'"to":["welzijn/welzijn-desk","linde/linde-team"],"cause":"items_missed",'
    b'"items":[{"item":"acknowledge_signal","count":3}],"answer_due_at":"2026-11-30T09:00:00Z","agreement_version":1}'
)


def envelope(world: World, kind: type[RungReached | ItemsCounted], n: int = 1) -> Envelope:
    return Envelope(
        id=f"collaboration-0-{n}",
        source="urn:seinhuis:collaboration",
        type=kind.type_name(),
        subject=LADDER,
        partnership="de-vlier",
        recordedtime=moment(world.now_ms).isoformat(),
    )


def reach(world: World) -> None:
    headers = envelope(world, RungReached).headers()
    world.take(COLLABORATION_EVENTS.name, LADDER.encode(), RUNG, headers)


def test_everybody_who_is_addressed_is_told() -> None:
    world = World(at="2026-11-23T09:00")
    reach(world)
    told = [(fact.data["of"], fact.data["to"], fact.data["asks"]) for fact in world.named("NoticeQueued")]
    assert told == [("RungReached", DESK, True), ("RungReached", TEAM, True)]
    assert [attempt["contact"] for attempt in world.attempts] == [DESK, TEAM]
    assert all(attempt["link"] is None for attempt in world.attempts)
    world.answer_all(DELIVERED)
    assert world.open(LADDER) == []


def test_nothing_in_it_is_about_a_case() -> None:
    world = World(at="2026-11-23T09:00")
    reach(world)
    for fact in world.told:
        assert (fact.envelope.caseid, fact.envelope.subject) == ("", LADDER)
        assert fact.data.get("entity") is None
    assert world.delivered
    for one in world.delivered:
        assert one.envelope.caseid == ""
        assert one.data["about"] == "welzijn", "whoever is addressed hears about which party"
    assert ms(world.named("NoticeQueued")[0].data["due_at"]) == ms("2026-11-30T09:00:00Z")


def test_what_is_counted_is_told_to_nobody_unless_the_agreement_says_so() -> None:
    world = World(at="2026-11-23T09:00")
    value = b'{"items":[{"item":"acknowledge_signal","count":1}],"in_window":1,"agreement_version":1}'
    world.take(COLLABORATION_EVENTS.name, LADDER.encode(), value, envelope(world, ItemsCounted).headers())
    assert world.told == [] and world.rows == {}


def test_what_is_read_twice_is_told_once_while_it_is_under_way() -> None:
    world = World(at="2026-11-23T09:00")
    reach(world)
    reach(world)
    assert [attempt["contact"] for attempt in world.attempts] == [DESK, TEAM]
