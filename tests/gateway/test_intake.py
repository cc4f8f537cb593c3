"""What is taken in at the door: ids allotted once, the exact record kept, the first answer given again."""

from __future__ import annotations

import asyncio
import json

from schemas.coordination import TakeRole
from schemas.gateway import DoorRefusal
from schemas.signals import GiveFeedback
from services.deliveries.alias import case_alias, signal_alias
from services.gateway.asked import Answer, Asked, Taken, Turned
from services.gateway.intake import Intake
from services.vault.ring import Ring
from tests.gateway.store import ALIAS_KEY, ONE, TWO, Log, a_report, a_store, an_answer, dump, rows

GIVEN = {"to": "gp", "form": "written", "outcome": "sent"}


async def taken(intake: Intake, *asked: Asked) -> list[Taken]:
    answers = await intake.accept(asked)
    assert all(isinstance(one, Taken) for one in answers), answers
    return [one for one in answers if isinstance(one, Taken)]


def headers(log: Log, n: int = -1) -> dict[str, str]:
    return {name: raw.decode() for name, raw in log.records[n].headers}


async def test_accept_sends_the_command_with_ids_of_ours_and_a_stamp(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        (answer,) = await taken(store.intake, a_report("my-own-id", subject="my-own-word", client="c-1"))
    said = headers(log)
    assert log.records[0].topic == answer.topic == "signals.commands.v1"
    assert log.records[0].key.decode() == said["ce_caseid"] == said["ce_partitionkey"]
    assert said["ce_id"].startswith("in-")
    assert said["ce_subject"].startswith("sig-")
    assert said["ce_recordedtime"] == "2026-11-23T08:00:00.000Z"
    assert answer.signal == signal_alias(ALIAS_KEY, "linde", said["ce_subject"])
    assert answer.case == case_alias(ALIAS_KEY, "linde", said["ce_caseid"])
    whole = repr(log.records)
    assert "my-own" not in whole
    assert "c-1" not in whole


async def test_accept_gives_a_repeated_event_its_first_answer(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        (first,) = await taken(store.intake, a_report(client="c-1"))
        (again,) = await taken(store.intake, a_report(client="c-1"))
        twice = await taken(store.intake, a_report("new"), a_report("new"))
    assert again == first._replace(is_repeat=True)
    assert [one.is_repeat for one in twice] == [False, True]
    assert twice[0].offset == twice[1].offset
    assert len(log.records) == 2


async def test_accept_takes_one_id_of_two_sources_for_two_events(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        other = a_report(source="urn:nld:oin:00000000000000000002:systeem:ecd")
        one, two = await taken(store.intake, a_report(), other)
    assert one.signal != two.signal
    assert len(set(log.ids())) == 2


async def test_accept_of_one_event_at_several_doors_at_once_is_one_event(postgres: str) -> None:
    logs = [Log() for _ in range(4)]
    batch = [a_report(f"event-{n}", client=f"c-{n % 7}", subject=f"word-{n}") for n in range(40)]

    async def at(log: Log, asked: list[Asked]) -> list[Answer]:
        async with a_store(postgres, log) as store:
            return await store.intake.accept(asked)

    answers = await asyncio.gather(*(at(log, batch[turn:] + batch[:turn]) for turn, log in enumerate(logs)))
    by_event = [{one.event_id: one for one in answer} for answer in answers]
    for event_id, first in by_event[0].items():
        assert isinstance(first, Taken)
        for other in by_event[1:]:
            same = other[event_id]
            assert isinstance(same, Taken)
            assert (same.signal, same.case) == (first.signal, first.case)
    assert {one for log in logs for one in log.ids()} == {
        one[0] for one in rows(postgres, "select command_id from intake")
    }
    assert rows(postgres, "select count(*) from intake") == [(40,)]
    assert rows(postgres, "select count(*) from subjects") == [(40,)]
    assert rows(postgres, "select count(distinct caseid) from case_register") == [(7,)]


async def test_accept_keeps_what_the_broker_did_not_take_and_sends_the_same_record_when_asked_again(
    postgres: str,
) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        log.is_up = False
        for _ in range(2):
            try:
                await store.intake.accept([a_report(client="c-1")])
                raise AssertionError("it said it was taken")
            except Exception as fault:
                assert type(fault).__name__ == "BrokerUnreachable"
        assert rows(postgres, "select count(*) from intake where is_owed") == [(1,)]
        (kept,) = rows(postgres, "select command_id, entity, caseid, value from intake")
        log.is_up = True
        (answer,) = await taken(store.intake, a_report(client="c-1"))
    assert answer.is_repeat
    assert (
        headers(log)["ce_id"],
        headers(log)["ce_subject"],
        headers(log)["ce_caseid"],
        log.records[0].value,
    ) == kept
    assert rows(postgres, "select is_owed, value, partition, position from intake") == [(False, None, 0, 0)]


async def test_accept_sends_first_what_is_owed_to_the_case_from_before(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        log.is_up = False
        for n in range(3):
            await asyncio.gather(
                store.intake.accept([a_report(f"event-{n}", client="c-1")]), return_exceptions=True
            )
        await asyncio.gather(store.intake.accept([a_report("other", client="c-2")]), return_exceptions=True)
        owed = [one for (one,) in rows(postgres, "select command_id from intake order by number")]
        log.is_up = True
        await taken(store.intake, a_report("event-3", client="c-1"))
    assert log.ids()[:3] == owed[:3]
    assert len(log.ids()) == 4
    assert rows(postgres, "select command_id from intake where is_owed") == [(owed[3],)]


async def test_accept_finds_what_a_party_began_by_its_own_word_and_by_its_alias(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        (begun,) = await taken(store.intake, a_report(subject="word"))
        by_word, by_alias = await taken(
            store.intake, an_answer("word", "event-2"), an_answer(begun.signal, "event-3")
        )
    assert begun.signal == by_word.signal == by_alias.signal
    assert len({record.key for record in log.records}) == 1
    assert len({headers(log, n)["ce_subject"] for n in range(3)}) == 1


async def test_accept_takes_what_only_looks_like_an_alias_for_a_word(postgres: str) -> None:
    odd = ["as-", "as-'); drop table intake; --", "as-\x00", "ac-{a,b}", "as-" + "A" * 20, "ac-é"]
    async with a_store(postgres, Log()) as store:
        begun = await taken(store.intake, *(a_report(f"a{n}", subject=word) for n, word in enumerate(odd)))
        named = await taken(store.intake, *(an_answer(word, f"b{n}") for n, word in enumerate(odd)))
        unknown = await store.intake.accept([an_answer(f"{word}!", f"c{n}") for n, word in enumerate(odd)])
    assert [one.signal for one in begun] == [one.signal for one in named]
    assert all(isinstance(one, Turned) for one in unknown)


async def test_accept_makes_what_is_said_of_a_case_by_a_signal_about_the_case(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        await taken(store.intake, a_report(subject="word"))
        await taken(store.intake, an_answer("word", command=TakeRole, values={"role": "coordinator"}))
    assert log.records[1].topic == "coordination.commands.v1"
    assert headers(log)["ce_subject"] == headers(log)["ce_caseid"] == headers(log, 0)["ce_caseid"]


async def test_accept_finds_what_an_earlier_event_of_the_batch_began(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        one, two = await taken(store.intake, a_report(subject="word"), an_answer("word"))
    assert one.signal == two.signal
    assert [headers(log, n)["ce_type"].split(".")[3] for n in range(2)] == [
        "ReportSignal",
        "AcknowledgeSignal",
    ]


async def test_accept_turns_away_what_a_party_may_not_name(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        (begun,) = await taken(store.intake, a_report(subject="word"))
        answers = await store.intake.accept(
            [
                an_answer("nothing", "a"),
                an_answer("as-aaaaaaaaaaaaaaaaaaaa", "b"),
                an_answer(
                    begun.signal, "c", party="kade", source="urn:nld:oin:00000000000000000002:systeem:ecd"
                ),
                an_answer("word", "d", party="kade", source="urn:nld:oin:00000000000000000002:systeem:ecd"),
                a_report("e", case_alias="ac-aaaaaaaaaaaaaaaaaaaa"),
            ]
        )
    assert answers == [
        *(Turned(event_id, DoorRefusal.SUBJECT_UNKNOWN, "subject") for event_id in "abcd"),
        Turned("e", DoorRefusal.SUBJECT_UNKNOWN, "caseid"),
    ]
    assert len(log.records) == 1
    assert rows(postgres, "select count(*) from intake") == [(1,)]


class Grants:
    """What other parties were asked for."""

    def __init__(self, entities: dict[tuple[str, str], tuple[str, str]]) -> None:
        self.entities = entities

    async def entity_of(self, party: str, alias: str) -> tuple[str, str] | None:
        return self.entities.get((party, alias))

    async def case_of(self, party: str, alias: str) -> str | None:
        found = self.entities.get((party, alias))
        return found[0] if found else None


async def test_accept_finds_what_a_party_was_asked_for_by_its_grants(postgres: str) -> None:
    log = Log()
    granted = Grants(
        {
            ("kade", "as-kkkkkkkkkkkkkkkkkkkk"): ("case-1234567890", "sig-1234567890"),
            ("kade", "ac-kkkkkkkkkkkkkkkkkkkk"): ("case-1234567890", ""),
        }
    )
    async with a_store(postgres, log, known=granted) as store:
        await taken(store.intake, an_answer("as-kkkkkkkkkkkkkkkkkkkk", party="kade"))
        assert (headers(log)["ce_caseid"], headers(log)["ce_subject"]) == (
            "case-1234567890",
            "sig-1234567890",
        )
        await taken(store.intake, a_report(party="kade", case_alias="ac-kkkkkkkkkkkkkkkkkkkk"))
        assert headers(log)["ce_caseid"] == "case-1234567890"
        assert isinstance((await store.intake.accept([an_answer("as-kkkkkkkkkkkkkkkkkkkk", "x")]))[0], Turned)


async def test_accept_puts_a_second_report_under_the_alias_of_a_case_into_that_case(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        (one,) = await taken(store.intake, a_report())
        (two,) = await taken(store.intake, a_report("event-2", case_alias=one.case))
    assert one.case == two.case
    assert one.signal != two.signal


async def test_accept_puts_what_is_new_of_joined_cases_into_one_and_leaves_what_is_there(
    postgres: str,
) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        one, two = await taken(
            store.intake,
            a_report("a", client="c-1", subject="w-1"),
            a_report("b", client="c-2", subject="w-2"),
        )
        cases = [headers(log, n)["ce_caseid"] for n in range(2)]
        async with store.engine.begin() as connection:
            await store.register.join(connection, *cases)
        by_client, by_alias, there = await taken(
            store.intake,
            a_report("c", client="c-2"),
            a_report("d", case_alias=two.case),
            an_answer("w-2", "e"),
        )
    assert by_client.case == by_alias.case == one.case
    assert there.case == two.case


async def test_accept_gives_every_report_without_a_client_a_case_of_its_own(postgres: str) -> None:
    async with a_store(postgres, Log()) as store:
        answers = await taken(store.intake, *(a_report(f"event-{n}") for n in range(50)))
    assert len({one.case for one in answers}) == 50


async def test_accept_puts_words_into_the_vault_and_their_length_into_the_command(postgres: str) -> None:
    log = Log()
    words = {"content_ref": {"text": "Zij viel twee keer.", "advice": "Bel mij: é"}}
    async with a_store(postgres, log) as store:
        await taken(store.intake, a_report(subject="word", content={"content_ref": {"text": "Hij viel"}}))
        await taken(store.intake, an_answer("word", command=GiveFeedback, values=GIVEN, content=words))
    said = json.loads(log.records[1].value)
    assert said["chars"] == len("Zij viel twee keer.") + len("Bel mij: é")
    assert said["content_ref"].startswith("vault:")
    assert "viel" not in repr(log.records)
    assert "viel" not in dump(postgres)


async def test_accept_turns_away_words_for_a_case_whose_key_was_destroyed_and_takes_the_rest(
    postgres: str,
) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        await taken(store.intake, a_report(subject="word"))
        async with store.engine.begin() as connection:
            await store.vault.destroy(connection, headers(log)["ce_caseid"])
        words = {"content_ref": {"text": "Zij viel"}}
        one, two = await store.intake.accept(
            [
                an_answer("word", "a", command=GiveFeedback, values=GIVEN, content=words),
                a_report("b", content=words),
            ]
        )
    assert isinstance(one, Turned)
    assert one[:3] == ("a", DoorRefusal.CONTENT_NOT_ALLOWED, "content")
    assert isinstance(two, Taken)


async def test_accept_turns_away_fields_that_the_command_does_not_have_and_takes_the_rest(
    postgres: str,
) -> None:
    async with a_store(postgres, Log()) as store:
        bad = a_report("bad")._replace(values={"urgency": "urgent"})
        one, two = await store.intake.accept([bad, a_report("good")])
    assert one == Turned("bad", DoorRefusal.DATA_INVALID, "reporter")
    assert isinstance(two, Taken)


async def test_accept_keeps_no_word_of_a_partys_own_in_any_table(postgres: str) -> None:
    log = Log()
    secret = {"event_id": "111222333-event", "client": "Jansen-1942", "subject": "mevrouw-Jansen"}
    async with a_store(postgres, log) as store:
        log.is_up = False
        asked = a_report(**secret, content={"content_ref": {"text": "Mevrouw Jansen viel"}})
        await asyncio.gather(store.intake.accept([asked]), return_exceptions=True)
        owed = dump(postgres)
        log.is_up = True
        await taken(store.intake, asked)
        for whole in (owed, dump(postgres)):
            assert "in-" in whole
            for word in ("Jansen", "111222333", "Mevrouw"):
                assert word not in whole
                assert word.encode().hex() not in whole


async def test_accept_of_nothing_is_nothing(postgres: str) -> None:
    async with a_store(postgres, Log()) as store:
        assert await store.intake.accept([]) == []


async def test_accept_knows_an_event_and_a_word_of_before_a_new_key(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        (first,) = await taken(store.intake, a_report(subject="word", client="c-1"))
    async with a_store(postgres, log, ring=Ring((TWO, ONE))) as store:
        (again,) = await taken(store.intake, a_report(subject="word", client="c-1"))
        (by_word,) = await taken(store.intake, an_answer("word"))
    assert again == first._replace(is_repeat=True)
    assert by_word.signal == first.signal
    assert len(log.records) == 2
