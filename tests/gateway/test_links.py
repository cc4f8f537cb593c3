"""The page of a link: opening it does nothing, its button acts once, an old one says politely how it stands."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import html5lib
import httpx2
import pytest
from sqlalchemy import select

from schemas.base import Said, read
from schemas.signals import AcknowledgeSignal, DeclineReason, DeclineSignal
from schemas.structured import decode_either
from services.agreements.book import AgreementBook, publication, record_key, usable
from services.database.engine import transaction
from services.database.tables import addresses, links_used
from services.gateway import links
from services.gateway.intake import Intake
from services.gateway.link_words import REASONS, STATUS, WORDS, Stand
from services.gateway.links import Signal, stand_of
from services.gateway.register import Register
from services.gateway.sealed_link import Link, Seals
from services.gateway.seen import Granted
from services.runtime.admin import make
from services.runtime.follow import follow
from services.runtime.steady import Steady
from services.vault.ring import Key, Ring
from tests.gateway.doors import EXAMPLES
from tests.gateway.reading_door import ALIAS_KEY, Standing, a_door, a_vault, put, seed, standing
from tests.gateway.test_links_sealed import a_link
from tests.gateway.test_reading_grants import (
    DESK,
    LETTER,
    TEAM,
    declined,
    escalated,
    given_to,
    numbered,
    opened,
    reported,
    routed,
    taken,
    told_to,
    withdrawn,
)
from topics.catalogue import GATEWAY_EVENTS, SIGNALS_COMMANDS

WELZIJN, NURSE = "welzijn/welzijn-desk", "linde/linde-team"
LATER_MS = 4_000_000_000_000
RING = Ring((Key("one", b"1" * 32),))
SEALS = Seals(b"k" * 32)


def a_book(by_link: str = "[answer, read]") -> AgreementBook:
    """The small example, in which the social worker has nothing but a mailbox and a telephone."""
    text = (EXAMPLES / "waterkant-small.yaml").read_text(encoding="utf-8")
    said = "id: welzijn-desk, title: Sociaal werker van dienst,"
    assert said in text
    text = text.replace(said, f"{said} by_link: {by_link},")
    terms, book = usable(text), AgreementBook()
    assert book.take(record_key(terms), publication(terms, text).model_dump_json().encode()) is None
    return book


@asynccontextmanager
async def a_link_door(
    tmp_path: Path, broker: str, postgres: str, by_link: str = "[answer, read]"
) -> AsyncIterator[Standing]:
    """A door with a real intake on a real broker; what casework says to it, the test seeds."""
    door, key, intake, facts = a_door(tmp_path, broker, postgres)
    door.agreements = a_book(by_link)
    door.parts["vault"] = vault = a_vault()
    door.parts[links.PART] = SEALS
    await make(broker, [SIGNALS_COMMANDS, GATEWAY_EVENTS])
    sends = Steady(broker)
    await sends.start()
    now_ms = door.clock.now_ms
    door.intake = Intake(
        door.engine,
        sends,
        register=Register(RING, now_ms),
        vault=vault,
        ring=RING,
        alias_key=ALIAS_KEY,
        now_ms=now_ms,
        known=Granted(door.engine, now_ms),
    )
    try:
        async with standing(door, key, intake, facts) as found:
            yield found
    finally:
        await sends.stop()
        await door.engine.dispose()


def of(unique: Callable[[str], str]) -> tuple[str, str]:
    """An entity and a case of this test alone."""
    return unique("sig"), unique("case")


async def story(door: Standing, entity: str, caseid: str, *facts: Said) -> None:
    await seed(door.door.engine, [heard._replace(entity=entity, caseid=caseid) for heard in numbered(*facts)])


async def commands(broker: str, caseid: str) -> list[Said]:
    """What was sent to this case; a record that lies there twice is one, for a lane knows it by its id."""
    found: dict[str, Said] = {}
    models = {one.type_name(): one for one in (AcknowledgeSignal, DeclineSignal)}
    topic = SIGNALS_COMMANDS.name
    async for batch in follow(broker, [topic], key=caseid.encode(), until_end=True):
        for record in batch:
            if record.key == caseid.encode():
                envelope, data = decode_either(record.headers, record.value)
                found[envelope.id] = read(models[envelope.type], data)
    return list(found.values())


def title(answer: httpx2.Response) -> str:
    found = html5lib.parse(answer.text, namespaceHTMLElements=False).find(".//h1")
    assert found is not None
    return str(found.text)


def forms(answer: httpx2.Response) -> list[dict[str, set[str]]]:
    """What each form of a page can say: the values that its fields offer."""
    found = []
    for form in html5lib.parse(answer.text, namespaceHTMLElements=False).iter("form"):
        assert form.get("method") == "post"
        fields: dict[str, set[str]] = {}
        for field in form.iter("input"):
            fields.setdefault(field.get("name"), set()).add(field.get("value"))
        found.append(fields)
    return found


def path(**said: object) -> str:
    return "/l/" + SEALS.seal(a_link(contact=WELZIJN, expires_ms=LATER_MS, **said))


async def test_a_link_that_scanners_fetch_does_nothing_and_its_button_takes_it(
    tmp_path: Path, embedded: str, postgres: str, unique: Callable[[str], str]
) -> None:
    entity, caseid = of(unique)
    async with a_link_door(tmp_path, embedded, postgres) as door, door.client() as client:
        asked = [reported(), routed(WELZIJN), opened()]
        await story(door, entity, caseid, *asked)
        where = path(entity=entity, caseid=caseid)
        for _ in range(50):
            fetched = await client.get(where)
            assert (fetched.status_code, title(fetched)) == (200, "Pakt u deze melding op?")
            assert (await client.head(where)).status_code == 200
        assert await commands(embedded, caseid) == []

        async def decided() -> None:
            while not await commands(embedded, caseid):
                await asyncio.sleep(0.05)
            await story(door, entity, caseid, *asked, taken(WELZIJN))

        deciding = asyncio.create_task(decided())
        answers = [await client.post(where) for _ in range(3)]
        await deciding
        assert [(one.status_code, title(one)) for one in answers[1:]] == [(200, "U hebt het opgepakt")] * 2
        assert answers[0].status_code in {200, 202}
        (said,) = await commands(embedded, caseid)
        assert isinstance(said, AcknowledgeSignal) and said.by.contact == WELZIJN


async def test_a_link_sent_twice_for_one_asking_says_it_once(
    tmp_path: Path,
    embedded: str,
    postgres: str,
    unique: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(links, "SEEN_WITHIN_S", 0.1)
    entity, caseid = of(unique)
    async with a_link_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await story(door, entity, caseid, reported(), routed(WELZIJN))
        answers = await asyncio.gather(*(client.post(path(entity=entity, caseid=caseid)) for _ in range(5)))
        assert {one.status_code for one in answers} == {202}
        assert len(await commands(embedded, caseid)) == 1
        async with transaction(door.door.engine) as connection:
            assert len((await connection.execute(select(links_used))).all()) == 1


async def test_a_link_by_which_is_declined_asks_why(
    tmp_path: Path,
    embedded: str,
    postgres: str,
    unique: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(links, "SEEN_WITHIN_S", 0.1)
    entity, caseid = of(unique)
    async with a_link_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await story(door, entity, caseid, reported(), routed(WELZIJN))
        where = path(entity=entity, caseid=caseid, action="decline")
        for reason in (None, "unknown", "because"):
            again = await client.post(where, data={"reason": reason} if reason else {})
            assert (again.status_code, title(again)) == (422, "Pakt u deze melding niet op?")
            assert "Kies waarom" in again.text
        both = await client.post(where, data={"answer": "acknowledge", "reason": "no_capacity"})
        assert (both.status_code, await commands(embedded, caseid)) == (422, [])
        answer = await client.post(where + "?lang=en", data={"reason": "no_capacity"})
        assert (answer.status_code, title(answer)) == (200, "You said that you do not take this")
        (said,) = await commands(embedded, caseid)
        assert isinstance(said, DeclineSignal) and said.reason is DeclineReason.NO_CAPACITY


async def test_whoever_is_asked_to_take_it_may_say_there_that_it_does_not(
    tmp_path: Path,
    embedded: str,
    postgres: str,
    unique: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(links, "SEEN_WITHIN_S", 0.1)
    entity, caseid = of(unique)
    async with a_link_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await story(door, entity, caseid, reported(), routed(WELZIJN), opened())
        where = path(entity=entity, caseid=caseid)
        said = {"answer": "decline", "reason": "not_our_client"}
        for fetched in (await client.get(where), await client.get(where, params=said)):
            assert forms(fetched) == [{"answer": {"acknowledge"}}, {"answer": {"decline"}, "reason": REASONS}]
        for wrong in ({"answer": "decline"}, {**said, "reason": "unknown"}, {**said, "answer": "read"}):
            again = await client.post(where, data=wrong)
            assert (again.status_code, title(again)) == (422, "Pakt u deze melding op?")
        assert await commands(embedded, caseid) == []
        answers = await asyncio.gather(*(client.post(where, data=said) for _ in range(3)))
        # The other link of this asking, and the button somebody left open: nothing more is said.
        answers.append(await client.post(path(entity=entity, caseid=caseid, action="decline"), data=said))
        answers.append(await client.post(where))
        for answer in answers:
            assert (answer.status_code, title(answer)) == (200, "U hebt gezegd dat u dit niet oppakt")
            assert forms(answer) == []
        (declined_by,) = await commands(embedded, caseid)
        assert isinstance(declined_by, DeclineSignal) and declined_by.by.contact == WELZIJN
        assert declined_by.reason is DeclineReason.NOT_OUR_CLIENT
        async with transaction(door.door.engine) as connection:
            (used,) = (await connection.execute(select(links_used))).all()
        assert (used.action, used.reason) == ("decline", "not_our_client")


async def test_an_old_link_says_who_has_taken_it_and_an_expired_one_whom_to_phone(
    tmp_path: Path, embedded: str, postgres: str, unique: Callable[[str], str]
) -> None:
    entity, caseid = of(unique)
    async with a_link_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await story(door, entity, caseid, reported(), routed(WELZIJN), escalated(NURSE), taken(NURSE))
        for send in (client.get, client.post):
            late = await send(path(entity=entity, caseid=caseid))
            assert (late.status_code, title(late)) == (409, "Al opgepakt")
            assert "Aanspreekpunt wijkteam, " in late.text
        async with transaction(door.door.engine) as connection:
            await connection.execute(
                addresses.insert().values(
                    party="schakel",
                    contact="coordination-point",
                    channel="phone",
                    address_ref="address:desk1",
                    address="0900 1234",
                    changed_ms=1,
                )
            )
        expired = "/l/" + SEALS.seal(a_link(contact=WELZIJN, entity=entity, caseid=caseid, expires_ms=1))
        over = await client.post(expired)
        assert (over.status_code, title(over)) == (410, "Deze link is verlopen")
        assert "Bellen met" in over.text and "De Schakel" in over.text
        assert '<a href="tel:09001234">0900 1234</a>' in over.text
        assert await commands(embedded, caseid) == []


def handed_on(by: str, to: str) -> list[Said]:
    """What is told in one step when somebody gives away what it has: the other is asked as of a new one."""
    return [given_to(to, by=by), routed(to)]


@pytest.mark.parametrize(
    ("facts", "version", "status", "says"),
    [
        # It took it, gave it away, and was asked again: by the link of the second asking alone.
        (
            [taken(WELZIJN), *handed_on(WELZIJN, NURSE), escalated(WELZIJN)],
            2,
            410,
            "U hebt hierover een nieuwer",
        ),
        ([taken(WELZIJN), *handed_on(WELZIJN, NURSE), escalated(WELZIJN)], 6, 200, "Pakt u deze melding op?"),
        # Given away and not asked since; asked of by the fact itself or by the one beside it.
        ([taken(WELZIJN), *handed_on(WELZIJN, NURSE)], 2, 410, "Dit wordt u niet meer gevraagd"),
        ([given_to(NURSE, by=WELZIJN)], 2, 410, "Dit wordt u niet meer gevraagd"),
        ([escalated(NURSE), taken(NURSE), *handed_on(NURSE, WELZIJN)], 2, 410, "U hebt hierover een nieuwer"),
        ([escalated(NURSE), taken(NURSE), *handed_on(NURSE, WELZIJN)], 5, 200, "Pakt u deze melding op?"),
        ([escalated(NURSE), taken(NURSE), *handed_on(NURSE, WELZIJN)], 6, 200, "Pakt u deze melding op?"),
        # Another had it and gave it to a third: nothing is asked of this one any more.
        ([escalated(NURSE), taken(NURSE), *handed_on(NURSE, DESK)], 2, 410, "Dit wordt u niet meer gevraagd"),
        # As long as nobody took it, whoever is asked besides takes nothing from it.
        ([escalated(NURSE), given_to(DESK, by=NURSE)], 2, 200, "Pakt u deze melding op?"),
        ([escalated(NURSE), escalated(WELZIJN)], 2, 200, "Pakt u deze melding op?"),
        ([declined(WELZIJN), escalated(WELZIJN)], 2, 410, "U hebt hierover een nieuwer"),
        ([declined(WELZIJN), escalated(WELZIJN)], 4, 200, "Pakt u deze melding op?"),
        # Who has it is told before all else.
        ([taken(WELZIJN), *handed_on(WELZIJN, NURSE), taken(NURSE)], 2, 409, "Al opgepakt"),
    ],
)
async def test_a_link_of_an_asking_that_is_over_does_nothing_and_says_why(  # noqa: PLR0913 - a row of the table
    tmp_path: Path,
    embedded: str,
    postgres: str,
    unique: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    facts: list[Said],
    version: int,
    status: int,
    says: str,
) -> None:
    monkeypatch.setattr(links, "SEEN_WITHIN_S", 0.1)
    entity, caseid = of(unique)
    async with a_link_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await story(door, entity, caseid, reported(), routed(WELZIJN), *facts)
        where = path(entity=entity, caseid=caseid, version=version)
        shown = await client.get(where)
        assert shown.status_code == status and title(shown).startswith(says)
        await client.post(where)
        await client.post(where, data={"answer": "decline", "reason": "no_capacity"})
        assert len(await commands(embedded, caseid)) == (1 if status == 200 else 0)


async def test_a_link_that_expired_is_polite_also_when_its_signal_is_forgotten(
    tmp_path: Path, embedded: str, postgres: str, unique: Callable[[str], str]
) -> None:
    entity, caseid = of(unique)
    async with a_link_door(tmp_path, embedded, postgres) as door, door.client() as client:
        expired = "/l/" + SEALS.seal(a_link(contact=WELZIJN, entity=entity, caseid=caseid, expires_ms=1))
        for send in (client.get, client.post):
            answer = await send(expired)
            assert (answer.status_code, title(answer)) == (410, "Deze link is verlopen")
            assert "Bellen met" in answer.text and "De Schakel" in answer.text
        nobodys = SEALS.seal(a_link(contact="elders/desk", entity=entity, caseid=caseid, expires_ms=1))
        assert (await client.get(f"/l/{nobodys}")).status_code == 410


@pytest.mark.parametrize(
    ("facts", "by_link", "status", "says"),
    [
        ([reported(), routed(WELZIJN), withdrawn()], "[answer]", 410, "Dit is afgelopen"),
        ([reported(), routed(WELZIJN), declined(WELZIJN)], "[answer]", 410, "Dit wordt u niet meer gevraagd"),
        ([reported(), routed(TEAM)], "[answer]", 410, "Dit wordt u niet meer gevraagd"),
        ([reported(), routed(WELZIJN)], "[read]", 403, "Dit kan hier niet zonder account"),
        ([], "[answer]", 503, "Nog even geduld"),
    ],
)
async def test_a_link_acts_only_where_it_is_still_asked_and_agreed(  # noqa: PLR0913 - a row of the table
    tmp_path: Path,
    embedded: str,
    postgres: str,
    unique: Callable[[str], str],
    facts: list[Said],
    by_link: str,
    status: int,
    says: str,
) -> None:
    entity, caseid = of(unique)
    async with a_link_door(tmp_path, embedded, postgres, by_link) as door, door.client() as client:
        await story(door, entity, caseid, *facts)
        for form in ({}, {"answer": "decline", "reason": "no_capacity"}):
            answer = await client.post(path(entity=entity, caseid=caseid), data=form)
            assert (answer.status_code, title(answer), forms(answer)) == (status, says, [])
        assert await commands(embedded, caseid) == []


async def test_a_text_is_read_by_a_link_where_that_is_agreed_and_its_reading_told(
    tmp_path: Path, embedded: str, postgres: str, unique: Callable[[str], str]
) -> None:
    entity, caseid = of(unique)
    async with a_link_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await story(door, entity, caseid, reported(), routed(TEAM), told_to(WELZIJN))
        await put(door.door, caseid, LETTER, letter="Please look <at> the dose.")
        where = path(entity=entity, caseid=caseid, action="read")
        shown = await client.get(where)
        assert title(shown) == "Er is iets voor u geschreven" and "dose" not in shown.text
        assert door.facts.facts == []
        answer = await client.post(where)
        assert answer.status_code == 200 and "Please look &lt;at&gt; the dose." in answer.text
        assert [type(fact).__name__ for fact in door.facts.facts] == ["ContentRead"]
        assert "[answer]" not in answer.text


async def test_a_page_of_a_link_runs_nothing_and_tells_nobody_where_it_is(
    tmp_path: Path, embedded: str, postgres: str, unique: Callable[[str], str]
) -> None:
    entity, caseid = of(unique)
    async with a_link_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await story(door, entity, caseid, reported(), routed(WELZIJN))
        for where in (path(entity=entity, caseid=caseid), "/l/no-such-link"):
            answer = await client.get(where)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy and "script" not in policy and "unsafe" not in policy
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] == "no-store"
            assert "<script" not in answer.text and not re.search(r"\son\w+=", answer.text)
        assert answer.status_code == 404
        assert (await client.post("/l/no-such-link")).status_code == 404
        english = await client.get(path(entity=entity, caseid=caseid), headers={"Accept-Language": "en"})
        assert title(english) == "Do you take this signal?"


def a_signal(**said: object) -> Signal:
    found = Signal("de-vlier", "urgent", "routed", None, None, "as-1", ())
    return found._replace(**said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("signal", "action", "stand"),
    [
        (None, "acknowledge", Stand.NOT_YET),
        (a_signal(asked=4, began=1), "acknowledge", Stand.ASKED),
        (a_signal(asked=4, began=2), "acknowledge", Stand.NEWER),
        (a_signal(asked=4, began=2, was_said=True), "acknowledge", Stand.NEWER),
        (a_signal(asked=4, began=2, was_declined=True), "acknowledge", Stand.NEWER),
        (a_signal(asked=4, began=2, taken_by=TEAM), "acknowledge", Stand.TAKEN),
        (a_signal(asked=4, began=2, taken_by=WELZIJN), "acknowledge", Stand.YOURS),
        (a_signal(asked=4, began=2, state="withdrawn"), "acknowledge", Stand.OVER),
        (a_signal(asked=1, began=2), "acknowledge", Stand.NOT_ASKED),
        (a_signal(asked=1, began=2, was_declined=True, alias=None), "acknowledge", Stand.DECLINED),
        (a_signal(), "acknowledge", Stand.ASKED),
        (a_signal(was_said=True), "acknowledge", Stand.RECEIVED),
        (a_signal(was_said=True, taken_by=TEAM), "acknowledge", Stand.TAKEN),
        (a_signal(taken_by=WELZIJN, state="closed", alias=None), "acknowledge", Stand.YOURS),
        (a_signal(was_declined=True, alias=None), "acknowledge", Stand.DECLINED),
        (a_signal(was_declined=True, taken_by=TEAM), "acknowledge", Stand.DECLINED),
        (a_signal(was_declined=True, was_said=True, taken_by=WELZIJN), "acknowledge", Stand.YOURS),
        (a_signal(), "read", Stand.NOT_ASKED),
        (a_signal(refs=(LETTER,)), "read", Stand.ASKED),
    ],
)
def test_how_it_stands_with_a_link(signal: Signal | None, action: str, stand: Stand) -> None:
    link = Link.model_validate(a_link(contact=WELZIJN).model_dump() | {"action": action})
    assert stand_of(link, signal, ("answer", "read"), 1) is stand
    assert stand_of(link, signal, ("answer", "read"), link.expires_ms) is Stand.EXPIRED


def test_every_way_it_may_stand_has_words_in_both_languages() -> None:
    for words in WORDS.values():
        assert set(words.titles) == set(words.leads) == set(Stand) - {Stand.ASKED}
        assert set(words.ask_titles) == set(words.ask_leads) == set(words.buttons)
        assert set(words.reasons) == {reason.value for reason in DeclineReason} - {"unknown"}
    assert set(STATUS) == set(Stand)
