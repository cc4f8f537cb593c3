"""Addresses are kept here and told to the bell alone; links and texts are the bell's at the moment of sending."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from schemas.gateway import ContentRead, ReadPurpose
from services.deliveries.alias import signal_alias
from services.gateway import addresses, internal, links
from services.gateway.sealed_link import Seals
from services.gateway.seen import Granted
from services.vault.ring import Key, Ring
from services.vault.sealing import Masters
from tests.gateway.reading_door import ALIAS_KEY, Standing, a_door, a_vault, put, seed, standing
from tests.gateway.test_reading_grants import (
    LETTER,
    TEAM,
    WORDS,
    notice,
    numbered,
    opened,
    reported,
    routed,
    taken,
    told_to,
)

OURS = {"Authorization": "Bearer a token of services"}
SEALS = Seals(b"k" * 32)
HOOK, SECRET = "https://partner.example/seinhuis?key=1", "whsec-0123456789abcdef"
PLACE = "/v1/directory/linde/linde-team/addresses"


@asynccontextmanager
async def an_internal_door(tmp_path: Path, postgres: str) -> AsyncIterator[Standing]:
    door, key, intake, facts = a_door(tmp_path, "127.0.0.1:1", postgres, public_url="https://sein.example/")
    door.parts |= {
        "vault": a_vault(),
        addresses.PART: Masters(Ring((Key("one", b"1" * 32),))),
        internal.PART: "a token of services",
        links.PART: SEALS,
    }
    try:
        async with standing(door, key, intake, facts) as found:
            yield found
    finally:
        await door.engine.dispose()


async def test_address_is_told_to_the_bell_and_to_nobody_else(
    tmp_path: Path, postgres: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with an_internal_door(tmp_path, postgres) as door, door.client() as client:
        said = {"address": HOOK, "secret": SECRET, "language": "en"}
        kept = await client.put(f"{PLACE}/webhook", json=said, headers=door.of("linde"))
        assert kept.status_code == 200
        assert kept.json() | {"address_ref": ""} == {
            "channel": "webhook",
            "address_ref": "",
            "has_secret": True,
            "language": "en",
        }
        listed = await client.get(PLACE, headers=door.of("linde"))
        assert listed.json() == [kept.json()]
        told = await client.get("/internal/v1/addresses/linde/linde-team/webhook", headers=OURS)
        assert (told.status_code, told.json()) == (200, said)
        for answer in (kept, listed):
            assert HOOK not in answer.text and SECRET not in answer.text
    with psycopg.connect(postgres) as connection:
        row = connection.execute("select address, secret from addresses").fetchone()
        assert row is not None and row[0] == HOOK and SECRET.encode() not in bytes(row[1])
    logged = capfd.readouterr()
    assert "partner.example" not in logged.out + logged.err


async def test_address_that_changes_keeps_its_reference_and_its_secret(tmp_path: Path, postgres: str) -> None:
    async with an_internal_door(tmp_path, postgres) as door, door.client() as client:
        headers = door.of("linde")
        first = await client.put(
            f"{PLACE}/webhook", json={"address": HOOK, "secret": SECRET}, headers=headers
        )
        other = await client.put(
            f"{PLACE}/webhook", json={"address": "https://other.example"}, headers=headers
        )
        assert first.json() == other.json()
        told = await client.get("/internal/v1/addresses/linde/linde-team/webhook", headers=OURS)
        assert told.json() == {"address": "https://other.example", "secret": SECRET, "language": "nl"}
        assert (await client.delete(f"{PLACE}/webhook", headers=headers)).status_code == 204
        gone = await client.get("/internal/v1/addresses/linde/linde-team/webhook", headers=OURS)
        assert gone.status_code == 404


@pytest.mark.parametrize(
    ("party", "where", "said", "status"),
    [
        ("welzijn", f"{PLACE}/webhook", {"address": HOOK}, 403),
        ("linde", "/v1/directory/linde/no-such-desk/addresses/webhook", {"address": HOOK}, 404),
        ("linde", f"{PLACE}/pigeon", {"address": HOOK}, 422),
        ("linde", f"{PLACE}/webhook", {"address": "partner.example"}, 422),
        ("linde", f"{PLACE}/webhook", {"address": HOOK, "secret": "short"}, 422),
        ("linde", f"{PLACE}/webhook", {"address": "https://partner.example/\0"}, 422),
        ("linde", f"{PLACE}/webhook", {"address": HOOK, "secret": "0123456789abcde\ud800"}, 422),
        ("linde", f"{PLACE}/phone", {"address": "ask for Piet"}, 422),
        ("linde", f"{PLACE}/phone", {}, 422),
    ],
)
async def test_address_is_refused_where_it_is_not_the_partys_own_or_none(  # noqa: PLR0913 - a row of the table
    tmp_path: Path, postgres: str, party: str, where: str, said: dict[str, Any], status: int
) -> None:
    async with an_internal_door(tmp_path, postgres) as door, door.client() as client:
        body = json.dumps(said).encode()  # as any program may write it, half a character included
        headers = {"Content-Type": "application/json"}
        answer = await client.put(where, content=body, headers=headers | door.of(party))
        assert answer.status_code == status
        assert not any(value in answer.text for value in said.values())
        other = await client.put(where, content=body, headers=headers | door.bearer(scope="signals:act"))
        assert other.status_code == 403


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", "Basic a token of services"])
async def test_inner_routes_are_closed_to_whoever_has_no_token_of_services(
    tmp_path: Path, postgres: str, shown: str
) -> None:
    async with an_internal_door(tmp_path, postgres) as door, door.client() as client:
        headers = {"Authorization": shown} if shown else {}
        for token in ("a token of services", ""):
            door.door.parts[internal.PART] = token
            for method, where in (
                ("GET", "/internal/v1/addresses/linde/linde-team/webhook"),
                ("POST", "/internal/v1/links"),
                ("GET", f"/internal/v1/content/{LETTER}?party=linde"),
            ):
                assert (await client.request(method, where, headers=headers)).status_code == 401
        assert (
            await client.get("/internal/v1/addresses/linde/linde-team/webhook", headers=door.bearer())
        ).status_code == 401


async def test_link_is_made_for_one_purpose_and_leads_to_its_page(tmp_path: Path, postgres: str) -> None:
    asked = {
        "caseid": "case-0001",
        "entity": "sig-00001",
        "contact": TEAM,
        "action": "acknowledge",
        "obligation_id": "casework-0-7",
        "version": 2,
        "expires_at": "2026-12-01T00:00:00Z",
    }
    async with an_internal_door(tmp_path, postgres) as door, door.client() as client:
        made = await client.post("/internal/v1/links", json=asked, headers=OURS)
        url = made.json()["url"]
        assert made.status_code == 201 and url.startswith("https://sein.example/l/")
        found = SEALS.open(url.rpartition("/")[2])
        assert (found.contact, found.version, found.expires_ms) == (TEAM, 2, 1_796_083_200_000)
        del door.door.parts[links.PART]
        assert (await client.post("/internal/v1/links", json=asked, headers=OURS)).status_code == 404


async def test_text_is_given_for_delivery_once_its_reading_is_told_also_when_the_facts_come_later(
    tmp_path: Path, postgres: str
) -> None:
    async with an_internal_door(tmp_path, postgres) as door, door.client() as client:
        await put(door.door, "case-0001", LETTER, letter="Please look at the dose.")
        where = f"/internal/v1/content/{LETTER}?party=huisartsen&purpose=delivery"
        asking = asyncio.create_task(client.get(where, headers=OURS))
        await asyncio.sleep(0.3)
        story = [reported(), routed(TEAM), told_to("huisartsen/gp-desk")]
        await seed(door.door.engine, numbered(*story))
        answer = await asking
        assert (answer.status_code, answer.json()["content"]) == (200, {"letter": "Please look at the dose."})
        (fact,) = door.facts.facts
        assert isinstance(fact, ContentRead) and fact.purpose is ReadPurpose.DELIVERY


async def test_signal_shows_its_party_how_it_stands_and_nobody_else_that_it_is_there(
    tmp_path: Path, postgres: str
) -> None:
    nurse = "linde/linde-team"
    async with an_internal_door(tmp_path, postgres) as door, door.client() as client:
        await seed(door.door.engine, numbered(reported(), routed(nurse), opened(), taken(nurse)))
        await client.put(f"{PLACE}/phone", json={"address": "0900 1234"}, headers=door.of("linde"))
        own = signal_alias(ALIAS_KEY, "linde", "sig-00001")
        answer = await client.get(f"/v1/signals/{own}", headers=door.of("linde"))
        assert answer.status_code == 200
        found = answer.json()
        assert (found["state"], found["urgency"], found["due_at"]) == (
            "acknowledged",
            "urgent",
            "2026-11-23T12:00:00Z",
        )
        assert found["taken_by"]["contact"] == nurse and found["taken_by"]["phone"] == "0900 1234"
        assert found["content_refs"] == [WORDS]
        assert "sig-00001" not in answer.text and "case-0001" not in answer.text
        assert (await client.get(f"/v1/signals/{own}", headers=door.of("welzijn"))).status_code == 404
        for strange in ("%00", "as-x", "%F0%9F%92%A9"):
            assert (await client.get(f"/v1/signals/{strange}", headers=door.of("linde"))).status_code == 404
            assert (await client.get(f"/v1/content/{strange}", headers=door.of("linde"))).status_code == 404
        theirs = signal_alias(ALIAS_KEY, "welzijn", "sig-00001")
        assert (await client.get(f"/v1/signals/{theirs}", headers=door.of("linde"))).status_code == 404


async def test_signal_shows_who_was_told_of_it_how_it_stands_and_lets_them_name_it(
    tmp_path: Path, postgres: str
) -> None:
    """The coordinator of the case, who was not asked, hears that nobody answered."""
    async with an_internal_door(tmp_path, postgres) as door, door.client() as client:
        story = [reported(), routed("linde/linde-team"), notice("schakel/coordination-point")]
        await seed(door.door.engine, numbered(*story))
        await put(door.door, "case-0001", WORDS, what_was_seen="On the floor of the kitchen.")
        named = signal_alias(ALIAS_KEY, "schakel", "sig-00001")
        answer = await client.get(f"/v1/signals/{named}", headers=door.of("schakel"))
        found = answer.json()
        assert (answer.status_code, found["state"], found["content_refs"]) == (200, "routed", [])
        assert (await client.get(f"/v1/content/{WORDS}", headers=door.of("schakel"))).status_code == 404
        known = Granted(door.door.engine, door.door.clock.now_ms)
        assert await known.entity_of("schakel", named) == ("case-0001", "sig-00001")
        assert await known.entity_of("huisartsen", named) is None


async def test_contact_says_whom_to_phone_to_partners_only(tmp_path: Path, postgres: str) -> None:
    async with an_internal_door(tmp_path, postgres) as door, door.client() as client:
        where = "/v1/contacts/huisartsen/gp-desk"
        answer = await client.get(where, headers=door.of("linde"))
        assert answer.json() == {
            "contact": "huisartsen/gp-desk",
            "title": "Praktijkassistent",
            "party_title": "Huisartsen De Vlier",
        }
        assert (await client.get(where, headers=door.of("stranger"))).status_code == 404
