"""Content is pulled by whoever has a ground, and only after the pull itself is on the log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from schemas.base import read
from schemas.gateway import ContentRead, ReadGround, ReadPurpose
from schemas.structured import decode_either
from services.agreements.book import AgreementBook, publication, record_key, usable
from services.cli.broker import Embedded
from services.database.engine import transaction
from services.database.tables import case_links, vault_access_log
from services.deliveries.alias import signal_alias
from services.gateway.ownfacts import OwnFacts
from services.runtime.admin import make
from services.runtime.follow import follow
from services.runtime.steady import Steady
from tests.casework.world import EXAMPLES
from tests.gateway.reading_door import ALIAS_KEY, Standing, a_door, a_vault, put, seed, standing
from tests.gateway.test_reading_grants import (
    DESK,
    FINDINGS,
    TEAM,
    WORDS,
    declined,
    interpreted,
    numbered,
    reported,
    routed,
    taken,
    withdrawn,
)
from topics.catalogue import GATEWAY_EVENTS

SAID = {"what_was_seen": "Twice on the floor of the kitchen."}


@asynccontextmanager
async def a_content_door(tmp_path: Path, broker: str, postgres: str) -> AsyncIterator[Standing]:
    """A door with a real vault, and facts of its own on a real broker."""
    door, key, intake, facts = a_door(tmp_path, broker, postgres)
    door.parts["vault"] = a_vault()
    await make(broker, [GATEWAY_EVENTS])
    sends = Steady(broker, within_s=5.0)
    await sends.start()
    async with OwnFacts(door.engine, sends, "0", door.clock.now_ms, within_s=5.0) as own:
        door.own_facts = own
        async with standing(door, key, intake, facts) as found:
            await put(door, "case-0001", WORDS, **SAID)
            await put(door, "case-0001", FINDINGS, findings="Dizzy since the new tablets.")
            yield found
    await sends.stop()
    await door.engine.dispose()


async def reads(broker: str) -> list[tuple[str, ContentRead]]:
    """Every ContentRead of the case, with its id."""
    found: list[tuple[str, ContentRead]] = []
    async for batch in follow(broker, [GATEWAY_EVENTS.name], key=b"case-0001", until_end=True):
        for record in batch:
            envelope, data = decode_either(record.headers, record.value)
            found.append((envelope.id, read(ContentRead, data)))
    return found


async def lines(door: Standing) -> list[tuple[str | None, str | None, str | None]]:
    async with transaction(door.door.engine) as connection:
        rows = await connection.execute(select(vault_access_log).order_by(vault_access_log.c.number))
        return [(row.party, row.ground, row.fact_id) for row in rows]


async def test_content_is_given_to_whoever_was_asked_after_it_was_told(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    async with a_content_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await seed(door.door.engine, numbered(reported(), routed(TEAM)))
        query = {"contact": TEAM, "actor_ref": "actor:3dK8vN1p"}
        answer = await client.get(f"/v1/content/{WORDS}", params=query, headers=door.of("linde"))
        assert answer.status_code == 200
        assert answer.json() == {"content_ref": WORDS, "content": SAID}
        assert answer.headers["cache-control"] == "no-store"
        fact_id, fact = (await reads(embedded))[-1]
        assert fact == ContentRead(
            content_ref=WORDS,
            party="linde",
            contact=TEAM,
            actor_ref="actor:3dK8vN1p",
            purpose=ReadPurpose.PULL,
            ground=ReadGround.ROUTED,
            entity="sig-00001",
        )
        assert await lines(door) == [("linde", "routed", fact_id)]


async def test_content_and_signal_are_gone_for_a_party_that_left_whatever_its_token_says(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    first = (EXAMPLES / "waterkant-small.yaml").read_text(encoding="utf-8")
    text = first.replace("version: 1\n", "version: 2\n").replace(
        "title: Thuiszorg Linde\n    ring: core\n",
        "title: Thuiszorg Linde\n    ring: core\n    leaves: 2026-11-20\n",
    )
    left = usable(text)
    async with a_content_door(tmp_path, embedded, postgres) as door, door.client() as client:
        door.door.agreements = AgreementBook()
        before = publication(usable(first), first).model_dump_json().encode()
        assert door.door.agreements.take(record_key(usable(first)), before) is None
        await seed(door.door.engine, numbered(reported(), routed(TEAM)))
        signal = f"/v1/signals/{signal_alias(ALIAS_KEY, 'linde', 'sig-00001')}"
        told = len(await reads(embedded))
        statuses = []
        for _ in range(2):
            for path in (f"/v1/content/{WORDS}", signal):
                statuses.append((await client.get(path, headers=door.of("linde"))).status_code)
            said = publication(left, text).model_dump_json().encode()
            assert door.door.agreements.take(record_key(left), said) is None
        assert statuses == [200, 200, 404, 404]
        assert len(await reads(embedded)) == told + 1, "no reading is told of what is not given"


async def test_content_is_not_there_for_whoever_has_no_ground(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    story = [reported(), routed(DESK), routed(TEAM), declined(TEAM), taken(DESK), interpreted(DESK)]
    async with a_content_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await seed(door.door.engine, numbered(*story))

        async def asked(party: str, ref: str) -> tuple[int, dict[str, str]]:
            answer = await client.get(f"/v1/content/{ref}", headers=door.of(party))
            told = {name: value for name, value in answer.json().items() if name != "request_id"}
            return answer.status_code, told

        nowhere = await asked("linde", "vault:no-such-thing")
        assert nowhere[0] == 404
        assert await asked("linde", WORDS) == nowhere  # it declined
        assert await asked("apotheek", WORDS) == nowhere  # it was never asked
        assert await asked("welzijn", FINDINGS) == nowhere  # it wrote other words
        assert await asked("linde", "not-a-reference") == nowhere
        assert (await asked("welzijn", WORDS))[0] == 200
        assert [party for party, _, _ in await lines(door)] == ["welzijn"]


async def test_content_says_nothing_of_itself_to_whoever_may_read_none(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    async with a_content_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await seed(door.door.engine, numbered(reported(), routed(TEAM)))
        for headers, query in ((door.bearer(scope="stream:read"), {}), (door.of("linde"), {"contact": DESK})):
            answers = [
                (await client.get(f"/v1/content/{ref}", params=query, headers=headers))
                for ref in (WORDS, "vault:no-such-thing")
            ]
            assert [answer.status_code for answer in answers] == [403, 403]
            assert answers[0].json()["code"] == answers[1].json()["code"]
        assert (await client.get(f"/v1/content/{WORDS}")).status_code == 401


async def test_content_of_a_withdrawn_signal_is_gone_for_whoever_was_asked(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    async with a_content_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await seed(door.door.engine, numbered(reported(), routed(TEAM), withdrawn()))
        assert (await client.get(f"/v1/content/{WORDS}", headers=door.of("linde"))).status_code == 404


async def test_content_whose_key_was_destroyed_is_gone_and_no_reading_is_told(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    async with a_content_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await seed(door.door.engine, numbered(reported(), routed(TEAM)))
        before = len(await reads(embedded))
        async with transaction(door.door.engine) as connection:
            await door.door.parts["vault"].destroy(connection, "case-0001")
        answer = await client.get(f"/v1/content/{WORDS}", headers=door.of("linde"))
        assert (answer.status_code, answer.json()["code"]) == (410, "gone")
        assert len(await reads(embedded)) == before


async def test_content_does_not_leave_while_its_reading_cannot_be_told(tmp_path: Path, postgres: str) -> None:
    with Embedded(log=tmp_path / "broker.log") as broker:
        async with a_content_door(tmp_path, broker.bootstrap, postgres) as door, door.client() as client:
            await seed(door.door.engine, numbered(reported(), routed(TEAM)))
            assert (await client.get(f"/v1/content/{WORDS}", headers=door.of("linde"))).status_code == 200
            broker.stop()
            answer = await client.get(f"/v1/content/{WORDS}", headers=door.of("linde"))
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert SAID["what_was_seen"] not in answer.text
            assert len(await lines(door)) == 1


@pytest.mark.parametrize("age_s", [31.0, float("inf")])
async def test_content_is_not_given_by_a_door_that_has_not_read_what_may_have_ended_it(
    tmp_path: Path, embedded: str, postgres: str, age_s: float
) -> None:
    class Old:
        def age_s(self) -> float:
            return age_s

    async with a_content_door(tmp_path, embedded, postgres) as door, door.client() as client:
        await seed(door.door.engine, numbered(reported(), routed(TEAM)))
        door.door.parts["reading"] = Old()
        assert (await client.get(f"/v1/content/{WORDS}", headers=door.of("linde"))).status_code == 503


async def test_content_of_another_case_is_not_reached_by_naming_it_in_a_signal_of_ones_own(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    async with a_content_door(tmp_path, embedded, postgres) as door, door.client() as client:
        own = [
            heard._replace(entity="sig-00002", caseid="case-0002") for heard in numbered(reported("linde"))
        ]
        await seed(door.door.engine, numbered(reported(), routed(DESK)), own)
        assert (await client.get(f"/v1/content/{WORDS}", headers=door.of("linde"))).status_code == 404
        assert (await client.get(f"/v1/content/{WORDS}", headers=door.of("welzijn"))).status_code == 200


async def test_content_that_two_signals_of_a_case_share_is_read_by_whoever_was_asked_for_either(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    async with a_content_door(tmp_path, embedded, postgres) as door, door.client() as client:
        split = [heard._replace(entity="sig-00002") for heard in numbered(reported("kade"), routed(DESK))]
        await seed(door.door.engine, numbered(reported(), routed(TEAM)), split)
        codes = [
            (await client.get(f"/v1/content/{WORDS}", headers=door.of(party))).status_code
            for party in ("linde", "huisartsen", "kade")
        ]
        assert codes == [200, 200, 404]


async def test_content_of_a_case_that_was_joined_is_read_by_whoever_was_asked_until_a_key_is_destroyed(
    tmp_path: Path, embedded: str, postgres: str
) -> None:
    """Words that were kept for one of two cases, and named in the other one after these had been joined."""
    async with a_content_door(tmp_path, embedded, postgres) as door, door.client() as client:
        vault = door.door.parts["vault"]
        heards = [heard._replace(caseid="case-0002") for heard in numbered(reported(), routed(TEAM))]
        await seed(door.door.engine, heards)

        async def asked(party: str) -> int:
            return (await client.get(f"/v1/content/{WORDS}", headers=door.of(party))).status_code

        assert await asked("linde") == 404
        async with transaction(door.door.engine) as connection:
            into = {"caseid": "case-0001", "leads_to": "case-0002", "since_ms": 1}
            await connection.execute(case_links.insert().values(into))
        assert (await asked("linde"), await asked("welzijn"), await asked("kade")) == (200, 200, 404)
        async with transaction(door.door.engine) as connection:
            await vault.destroy(connection, "case-0001")
        assert await asked("linde") == 410
