"""A notice is read when its receiver pulls the text it leads to; that stops nothing (semantics 30)."""

from __future__ import annotations

import pytest

from schemas.envelope import Envelope
from schemas.gateway import ContentRead, ReadGround, ReadPurpose
from services.agreements.moments import moment
from services.notices.outcome import ACCEPTED, DELIVERED
from tests.casework.world import CASE, SIGNAL
from tests.notices.world import WATERKANT, Told, World
from topics.catalogue import GATEWAY_EVENTS

MONDAY = "2026-11-23T09:00"
TEAM, DUTY, GP = "linde/linde-team", "linde/linde-duty", "huisartsen/gp-desk"
WORDS = "vault:0123456789abcdef"


def pull(  # noqa: PLR0913
    world: World,
    party: str,
    contact: str | None = None,
    *,
    ref: str = WORDS,
    purpose: ReadPurpose = ReadPurpose.PULL,
    entity: str = SIGNAL,
) -> list[Told]:
    """Somebody is about to read, as the door tells it."""
    said = ContentRead(
        content_ref=ref,
        party=party,
        contact=contact,
        purpose=purpose,
        ground=ReadGround.ROUTED,
        entity=entity,
    )
    envelope = Envelope(
        id="gateway-0-1",
        source="urn:seinhuis:gateway",
        type=ContentRead.type_name(),
        subject=entity,
        partnership="de-vlier",
        caseid=CASE,
        recordedtime=moment(world.now_ms).isoformat(),
    )
    value = said.model_dump_json(exclude_none=True).encode()
    return world.take(GATEWAY_EVENTS.name, CASE.encode(), value, envelope.headers())


def asked() -> World:
    """Linde's team was asked, and its notice arrived."""
    world = World(at=MONDAY)
    world.report(types=["nursing"], content_ref=WORDS)
    world.answer(TEAM, DELIVERED)
    return world


@pytest.mark.parametrize("contact", [TEAM, None])
def test_a_notice_is_read_when_the_words_of_its_signal_are_pulled(contact: str | None) -> None:
    (read,) = pull(asked(), "linde", contact)
    assert (read.name, read.data["to"], read.data["of"]) == ("NoticeRead", TEAM, "SignalRouted")
    assert (read.envelope.caseid, read.envelope.subject) == (CASE, SIGNAL)


def test_it_is_read_once() -> None:
    world = asked()
    assert len(pull(world, "linde", TEAM)) == 1
    assert pull(world, "linde", TEAM) == []


@pytest.mark.parametrize(
    ("party", "contact", "purpose"),
    [
        ("huisartsen", GP, ReadPurpose.PULL),
        ("huisartsen", None, ReadPurpose.PULL),
        ("linde", DUTY, ReadPurpose.PULL),
        ("linde", TEAM, ReadPurpose.DELIVERY),
    ],
)
def test_it_is_not_read_by_another_or_by_the_bell_itself(
    party: str, contact: str | None, purpose: ReadPurpose
) -> None:
    world = asked()
    assert pull(world, party, contact, purpose=purpose) == []
    assert len(pull(world, "linde", TEAM)) == 1


def test_it_is_read_by_who_staffs_the_function_with_its_party_and_says_so() -> None:
    team = "- id: linde-team\n"
    world = World(WATERKANT.replace(team, f"{team}        staffed_by: [welzijn]\n"), at=MONDAY)
    world.report(types=["nursing"], content_ref=WORDS)
    world.answer(TEAM, DELIVERED)
    assert pull(world, "welzijn") == [], "for one of its own functions, for all we know"
    assert [fact.data["to"] for fact in pull(world, "welzijn", TEAM)] == [TEAM]


def test_words_that_are_pulled_before_the_receiver_has_answered_are_read_when_it_has() -> None:
    world = World(at=MONDAY)
    world.report(types=["nursing"], content_ref=WORDS)
    assert pull(world, "linde", TEAM) == []
    assert [fact.name for fact in world.answer(TEAM, ACCEPTED)] == ["NoticeAccepted", "NoticeRead"]
    assert pull(world, "linde", TEAM) == []


def test_nobody_stops_asking_because_it_was_read() -> None:
    world = asked()
    pull(world, "linde", TEAM)
    world.run_until("2026-11-23T10:00")
    assert DUTY in {fact.data["to"] for fact in world.named("NoticeQueued")}


def test_reading_is_told_to_nobody_and_leaves_nothing_behind_for_a_signal_that_is_over() -> None:
    world = asked()
    delivered = len(world.delivered)
    pull(world, "linde", TEAM)
    assert (len(world.delivered), world.sending) == (delivered, {})
    pull(world, "linde", TEAM, entity="sig-bbbbbbbbbbbb")
    assert world.passed_over == {"not_told": 1}
    assert set(world.row()["entities"]) == {SIGNAL}
