"""Contacts that are new, changed or confirmed, and new versions of an agreement: who hears of them, who does not."""

from __future__ import annotations

import orjson
import pytest

from schemas.agreements import AgreementPublished
from schemas.base import Said
from schemas.directory import (
    Absence,
    Change,
    ContactDescribed,
    Reached,
    Shift,
    Silenced,
    SilenceReason,
    Succession,
)
from schemas.envelope import Envelope
from services.agreements.book import publication, record_key, usable
from services.agreements.moments import moment
from services.notices.outcome import DELIVERED
from services.notices.sending.words import message
from tests.casework.world import ms
from tests.notices.world import WATERKANT, Told, World
from topics.catalogue import AGREEMENTS_EVENTS, DIRECTORY_EVENTS

MONDAY = "2026-11-23T09:00"
TEAM, GP, WELFARE = "linde/linde-team", "huisartsen/gp-desk", "welzijn/welzijn-desk"
PHARMACY = "apotheek/pharmacy-desk"
#: Everybody's signal contact but Linde's own; the pharmacy joins in February.
PARTNERS = [GP, WELFARE, "buurthulp/buurthulp-desk", "schakel/coordination-point", "waterkant/regional-duty"]
PARTNERS.append("kolk/kolk-entry")
AT = moment(ms(MONDAY))
BY_MAIL = Reached(from_at=AT, channels=("email",))


def described(world: World, revision: int, because: Change, **fields: object) -> list[Told]:
    """Something is told of Linde's team in the directory."""
    said = ContactDescribed.model_validate(
        {"contact": TEAM, "revision": revision, "because": because, **fields}
    )
    world.core.describe(said)
    return tell(world, said, DIRECTORY_EVENTS.name, TEAM, f"directory-0123456789ab-{revision}")


def published(world: World, text: str) -> list[Told]:
    """A version is published, and is in the books of the bell when its lane reads it."""
    world.core.publish(text)
    found = usable(text)
    return tell(
        world,
        publication(found, text),
        AGREEMENTS_EVENTS.name,
        record_key(found).decode(),
        f"agreements-{found.partnership}-{found.version}",
    )


def tell(  # noqa: PLR0913
    world: World, said: Said, topic: str, key: str, id_: str, *, at: str | None = None
) -> list[Told]:
    envelope = Envelope(
        id=id_,
        source="urn:seinhuis:tests",
        type=said.type_name(),
        subject=key,
        partnership=said.partnership if isinstance(said, AgreementPublished) else "",
        recordedtime=moment(world.now_ms if at is None else ms(at)).isoformat(),
    )
    value = said.model_dump_json(exclude_none=True).encode()
    return world.take(topic, key.encode(), value, envelope.headers())


def queued(told: list[Told]) -> list[str]:
    return [fact.data["to"] for fact in told if fact.name == "NoticeQueued"]


def version(number: int, *changes: tuple[str, str], valid_from: str = "2026-11-20") -> str:
    text = WATERKANT.replace("version: 1\n", f"version: {number}\n").replace(
        "valid_from: 2026-11-01", f"valid_from: {valid_from}"
    )
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


# -- the directory -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("because", "fields", "news"),
    [
        (Change.REACH, {"reach": [BY_MAIL]}, "changed"),
        (Change.IMPORTED, {"reach": [BY_MAIL]}, "changed"),
        (Change.SUCCEEDED, {"succeeded": Succession(by="linde/linde-duty", from_at=AT)}, "changed"),
        (Change.CONFIRMED, {"confirmed_at": AT}, "confirmed"),
    ],
)
def test_the_partners_of_a_contact_hear_what_is_new_about_it(
    because: Change, fields: dict[str, object], news: str
) -> None:
    world = World(at=MONDAY)
    told = described(world, 1, because, **fields)
    assert sorted(queued(told)) == sorted(PARTNERS)
    (webhook,) = [said for said in world.attempts if said["contact"] == GP]
    assert webhook["event"]["data"]["contacts"] == [{"contact": TEAM, "news": news}]
    assert "caseid" not in webhook["event"] and webhook["link"] is None
    delivered = {one.party: one.data for one in world.delivered if one.data["to"] == GP}
    assert delivered["huisartsen"]["contacts"] == [{"contact": TEAM, "news": news}]
    world.answer_all(DELIVERED)
    assert world.open(TEAM) == []


@pytest.mark.parametrize(
    ("because", "fields"),
    [
        (Change.ABSENT, {"absences": [Absence(from_at=AT)]}),
        (Change.BACK, {}),
        (Change.ROTA, {"rota": [Shift(from_at=AT)]}),
        (Change.IMPORTED, {"rota": [Shift(from_at=AT)]}),
        (Change.SILENCED, {"silences": [Silenced(from_at=AT, reason=SilenceReason.SILENCE)]}),
    ],
)
def test_that_somebody_is_away_or_on_duty_is_no_news(because: Change, fields: dict[str, object]) -> None:
    world = World(at=MONDAY)
    assert described(world, 1, because, **fields) == []
    assert (world.attempts, world.rows, world.dead) == ([], {}, {})


def test_what_was_told_is_not_told_again_with_the_next_change() -> None:
    world = World(at=MONDAY)
    described(world, 1, Change.REACH, reach=[BY_MAIL])
    world.answer_all(DELIVERED)
    assert described(world, 1, Change.REACH, reach=[BY_MAIL]) == []
    assert described(world, 2, Change.IMPORTED, reach=[BY_MAIL], rota=[Shift(from_at=AT)]) == []
    assert queued(described(world, 3, Change.CONFIRMED, reach=[BY_MAIL], confirmed_at=AT)) != []


def test_what_was_told_long_ago_is_not_told_as_news() -> None:
    world = World(at=MONDAY)
    said = ContactDescribed(contact=TEAM, revision=1, because=Change.REACH, reach=(BY_MAIL,))
    told = tell(world, said, DIRECTORY_EVENTS.name, TEAM, "directory-0123456789ab-1", at="2026-11-15T09:00")
    assert (told, world.attempts) == ([], [])


def test_a_contact_that_is_forgotten_is_passed_over() -> None:
    world = World(at=MONDAY)
    world.take(DIRECTORY_EVENTS.name, TEAM.encode(), None, [])
    assert (world.passed_over, world.dead) == ({"forgotten": 1}, {})


# -- the agreement -----------------------------------------------------------------------------------

ON_PUBLISHED = (
    "  - {on: ObligationWarned,",
    "  - {on: AgreementPublished, to: [gp-desk, kolk-entry]}\n  - {on: ObligationWarned,",
)


def test_whom_the_agreement_names_hears_of_a_version_and_of_its_start() -> None:
    world = World(at=MONDAY)
    told = published(world, version(2, ON_PUBLISHED, valid_from="2026-12-01"))
    assert queued(told) == [GP, "kolk/kolk-entry"]
    (said,) = [said["event"]["data"] for said in world.attempts if said["contact"] == GP]
    assert (said["of"], said["agreement_version"]) == ("AgreementPublished", 2)
    assert ms(said["valid_from"]) == ms("2026-12-01T00:00")
    assert "contacts" not in said


def test_whoever_is_named_by_no_version_hears_nothing_where_no_contact_is_new() -> None:
    world = World(at=MONDAY)
    assert published(world, version(2)) == []


def test_of_a_first_version_no_contact_is_news() -> None:
    world = World(version(1), at=MONDAY)
    assert published(world, version(1)) == []


def test_contacts_that_a_version_brings_or_changes_are_told_to_each_partner_once() -> None:
    world = World(at=MONDAY)
    duty = (
        "title: Dienstdoende wijkverpleegkundige, channels: [phone], reachable: always, types: [nursing]}\n"
    )
    text = version(
        2,
        ("title: Aanspreekpunt wijkteam", "title: Vast aanspreekpunt wijkteam"),
        (duty, duty + "      - {id: linde-night, title: Nachtzorg, channels: [phone], reachable: always}\n"),
    )
    told = published(world, text)
    assert sorted(queued(told)) == sorted(PARTNERS)
    (said,) = [said["event"]["data"] for said in world.attempts if said["contact"] == GP]
    assert said["contacts"] == [
        {"contact": TEAM, "news": "changed"},
        {"contact": "linde/linde-night", "news": "new"},
    ]
    begun = len(world.attempts)
    published(world, text)
    assert len(world.attempts) == begun, "what is being sent is not begun twice"


def test_other_hours_of_a_calendar_are_a_change_of_every_contact_that_is_reached_by_it() -> None:
    world = World(at=MONDAY)
    published(world, version(2, ('week: {mon-sun: "08:00-22:00"}', 'week: {mon-sun: "07:00-23:00"}')))
    (said,) = [said["event"]["data"] for said in world.attempts if said["contact"] == GP]
    assert said["contacts"] == [{"contact": "schakel/coordination-point", "news": "changed"}]


def test_where_it_was_agreed_not_to_announce_contacts_nobody_is_told() -> None:
    world = World(at=MONDAY)
    text = version(2, ("title: Aanspreekpunt wijkteam", "title: Vast aanspreekpunt wijkteam"))
    assert published(world, text + "\ncontacts: {announce_new: false, purpose: rust, measure: none}\n") == []


def test_who_joins_with_a_version_is_told_when_it_begins() -> None:
    world = World(at=MONDAY)
    joins = ("joins: 2027-02-01", "joins: 2026-12-01")
    by_mail = (
        "title: Dienstdoend apotheker, channels: [phone]",
        "title: Dienstdoend apotheker, channels: [email]",
    )
    told = published(
        world,
        version(
            2,
            joins,
            by_mail,
            ("to: owed_by}", "to: owed_by}\n  - {on: AgreementPublished, to: pharmacy-desk}"),
            valid_from="2026-12-01",
        ),
    )
    assert PHARMACY not in queued(told)
    world.answer_all(DELIVERED)
    world.run_until("2026-11-30T23:59")
    assert PHARMACY not in queued(world.told)
    world.run_until("2026-12-01T00:00")
    assert queued(world.told).count(PHARMACY) == 1
    world.answer_all(DELIVERED)
    assert world.open("de-vlier/2") == []


def test_a_text_that_is_no_agreement_is_passed_over_and_one_of_long_ago_is_no_news() -> None:
    world = World(at=MONDAY)
    found = usable(WATERKANT)
    said = publication(found, WATERKANT).model_copy(update={"text": "meta: 1"})
    assert tell(world, said, AGREEMENTS_EVENTS.name, "de-vlier/1", "agreements-de-vlier-1") == []
    assert world.passed_over == {"not_an_agreement": 1}
    old = tell(
        world,
        publication(found, WATERKANT),
        AGREEMENTS_EVENTS.name,
        "de-vlier/1",
        "agreements-de-vlier-1",
        at="2026-10-01T09:00",
    )
    assert (old, world.passed_over["no_news"]) == ([], 1)


def test_a_mail_says_which_contacts_and_which_version() -> None:

    world = World(at=MONDAY)
    published(world, version(2, ("title: Aanspreekpunt wijkteam", "title: Vast aanspreekpunt wijkteam")))
    (said,) = [said for said in world.attempts if said["contact"] == WELFARE]
    text = message(orjson.loads(orjson.dumps(said)), "nl", link=None, number=None, content=None).text
    assert "Er is een nieuwe versie van de afspraken." in text
    assert "Versie 2 geldt vanaf 20-11-2026 00:00" in text
    assert "- linde/linde-team: gewijzigd" in text
