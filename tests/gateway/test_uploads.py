"""Words that are put into the vault before an event refers to them: whose they are, in which case, and for how long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.gateway import DoorRefusal
from schemas.signals import EndAction, GiveFeedback, InterpretSignal, ReportSignal
from services.gateway import examples
from services.gateway.asked import Answer, Asked, Client, Kept, Taken, Turned
from services.gateway.sweep import let_go
from services.gateway.uploads import NAMEABLE_MS
from services.vault.vault import CaseDestroyed, NotInVault, Reading
from tests.gateway.doors import KEPT, Opened, opened
from tests.gateway.store import NOW_MS, SOURCE, Log, Store, a_report, a_store, an_answer, dump, rows

WORDS = {"what_was_seen": "Twice on the floor of the kitchen.", "since": "Monday"}
READ = Reading("linde", "pull", "author")
PARTS = [{"types": ["social"], "urgency": "routine"}, {"types": ["medical"], "urgency": "urgent"}]

ENDED = {"action_id": "action-0001", "outcome": "done"}


def words(  # noqa: PLR0913 - one for each way to say whose they are
    key: str = "words-1",
    *,
    party: str = "linde",
    source: str = SOURCE,
    partnership: str = "de-vlier",
    client: str | None = None,
    case: str | None = None,
    subject: str | None = None,
) -> Asked:
    """Words as they come to the intake."""
    return Asked(
        party,
        source,
        key,
        ReportSignal if subject is None else GiveFeedback,
        {},
        partnership,
        subject=subject,
        case_alias=case,
        client=Client("ecd", client) if client else None,
        content={"content_ref": WORDS},
    )


async def kept(store: Store, asked: Asked) -> Kept:
    found = await store.intake.keep(asked)
    assert isinstance(found, Kept), found
    return found


def naming(asked: Asked, *refs: str) -> Asked:
    """The event as it is judged when it refers to these: the first in its own field, two in its parts."""
    if asked.command is InterpretSignal:
        parts = [{**part, "content_ref": ref} for part, ref in zip(PARTS, refs, strict=True)]
        at = tuple((f"data.parts.{n}.content_ref", ref) for n, ref in enumerate(refs))
        return asked._replace(values={**asked.values, "parts": parts}, refs=at)
    (ref,) = refs
    return asked._replace(values={**asked.values, "content_ref": ref}, refs=(("data.content_ref", ref),))


async def accepted(store: Store, asked: Asked) -> Answer:
    (answer,) = await store.intake.accept([asked])
    return answer


async def opens(store: Store, ref: str) -> dict[str, str]:
    async with store.engine.begin() as connection:
        return dict((await store.vault.open(connection, ref, READ)).fields)


def not_yours(at: str = "data.content_ref") -> Callable[[Answer], bool]:
    def found(answer: Answer) -> bool:
        return isinstance(answer, Turned) and (answer.reason, answer.field) == (
            DoorRefusal.CONTENT_NOT_ALLOWED,
            at,
        )

    return found


# -- putting -----------------------------------------------------------------------------------------


async def test_words_are_sealed_and_nothing_is_sent(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        found = await kept(store, words(client="c-1"))
        assert await opens(store, found.ref) == WORDS
    assert log.records == []
    assert "kitchen" not in dump(postgres) and "c-1" not in dump(postgres)


async def test_the_same_key_is_the_same_words_however_many_ask_at_once(postgres: str) -> None:
    async with a_store(postgres, Log()) as one, a_store(postgres, Log()) as other:
        found = await asyncio.gather(*(kept(store, words(client="c-1")) for store in (one, other) * 4))
        assert len(set(found)) == 1
        assert await kept(one, words("words-2", client="c-1")) != found[0]
    assert rows(postgres, "select count(distinct caseid) from uploads") == [(1,)]


async def test_words_of_a_client_lie_in_the_clients_case(postgres: str) -> None:
    async with a_store(postgres, Log()) as store:
        answer = await accepted(store, a_report(client="c-1", subject="word-1"))
        assert isinstance(answer, Taken)
        ways = [
            await kept(store, words("a", client="c-1")),
            await kept(store, words("b", case=answer.case)),
            await kept(store, words("c", subject="word-1")),
            await kept(store, words("d", subject=answer.signal)),
        ]
        assert {one.case for one in ways} == {answer.case}
        assert (await kept(store, words("e"))).case != answer.case


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        (words(case="ac-abcdefghijklmnopqrst"), "caseid"),
        (words(subject="as-abcdefghijklmnopqrst"), "subject"),
        (words(subject="a word that nobody said"), "subject"),
    ],
)
async def test_a_case_that_a_party_does_not_know_is_refused(postgres: str, asked: Asked, at: str) -> None:
    async with a_store(postgres, Log()) as store:
        found = await store.intake.keep(asked)
    assert isinstance(found, Turned) and (found.reason, found.field) == (DoorRefusal.SUBJECT_UNKNOWN, at)
    assert rows(postgres, "select count(*) from uploads") == [(0,)]


async def test_the_same_key_of_two_parties_that_share_a_system_is_two_texts(postgres: str) -> None:
    async with a_store(postgres, Log()) as store:
        mine, theirs = await kept(store, words()), await kept(store, words(party="welzijn"))
        assert mine.ref != theirs.ref


class Addressed:
    """A party that was sent a letter about a signal: it may answer by the signal, and begin nothing in its case."""

    async def entity_of(self, party: str, alias: str) -> tuple[str, str] | None:
        return ("case-0001", "sig-00001") if party == "huisartsen" else None

    async def case_of(self, party: str, alias: str) -> str | None:
        return None


async def test_words_about_a_signal_give_no_right_to_begin_in_its_case(postgres: str) -> None:
    signal = "as-abcdefghijklmnopqrst"
    async with a_store(postgres, Log(), known=Addressed()) as store:
        found = await kept(store, words(party="huisartsen", subject=signal))
        began = naming(a_report(party="huisartsen", case_alias=found.case), found.ref)
        answer = await accepted(store, began)
        assert isinstance(answer, Turned)
        assert (answer.reason, answer.field) == (DoorRefusal.SUBJECT_UNKNOWN, "caseid")
        said = an_answer(signal, party="huisartsen", command=EndAction, values=ENDED)
        assert isinstance(await accepted(store, naming(said, found.ref)), Taken)


# -- naming ------------------------------------------------------------------------------------------


async def test_an_event_of_a_new_case_refers_to_its_words(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        found = await kept(store, words())
        answer = await accepted(store, naming(a_report(case_alias=found.case), found.ref))
        assert isinstance(answer, Taken) and answer.case == found.case
        assert json.loads(log.records[0].value)["content_ref"] == found.ref
        again = await accepted(store, naming(a_report(case_alias=found.case), found.ref))
        assert again == answer._replace(is_repeat=True)


async def test_words_deep_in_an_event_are_named_one_by_one(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        await accepted(store, a_report(client="c-1", subject="word-1"))
        refs = [(await kept(store, words(key, subject="word-1"))).ref for key in ("a", "b")]
        said = an_answer(
            "word-1",
            command=InterpretSignal,
            values={"urgency": "urgent", "findings_for": ["gp"], "expects_action": True},
            content={"findings_ref": {"findings": "Dizzy since the new tablets."}},
        )
        assert isinstance(await accepted(store, naming(said, *refs)), Taken)
        parts = json.loads(log.records[-1].value)["parts"]
        assert [part["content_ref"] for part in parts] == refs
        wrong = naming(said._replace(event_id="event-3"), refs[0], "vault:abcdefgh")
        assert not_yours("data.parts.1.content_ref")(await accepted(store, wrong))


async def test_events_that_name_the_same_words_in_another_order_all_pass(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as one, a_store(postgres, log) as two:
        await accepted(one, a_report(client="c-1", subject="word-1"))
        refs = [(await kept(one, words(key, subject="word-1"))).ref for key in ("a", "b")]
        values = {"urgency": "urgent", "expects_action": True, "findings_ref": "vault:abcdefgh"}

        async def name(n: int) -> Answer:
            said = an_answer("word-1", f"event-{n}", command=InterpretSignal, values=values)
            return await accepted((one, two)[n % 2], naming(said, *(refs if n % 2 else refs[::-1])))

        assert all(isinstance(answer, Taken) for answer in await asyncio.gather(*map(name, range(20))))


async def test_how_long_a_text_is_the_vault_says_whatever_the_event_says(postgres: str) -> None:
    log = Log()
    async with a_store(postgres, log) as store:
        await accepted(store, a_report(client="c-1", subject="word-1"))
        found = await kept(store, words(subject="word-1"))
        values = {"to": "gp", "form": "written", "outcome": "sent", "chars": 3}
        said = naming(an_answer("word-1", command=GiveFeedback, values=values), found.ref)
        assert isinstance(await accepted(store, said), Taken)
    assert json.loads(log.records[-1].value)["chars"] == sum(map(len, WORDS.values()))


async def test_no_other_words_can_be_named(postgres: str) -> None:
    """Another's, another case's, another partnership's, invented: all the same no, and nothing of the event is kept."""
    log = Log()
    async with a_store(postgres, log) as store:
        mine = await kept(store, words("mine", client="c-1"))
        other = await kept(store, words("other", client="c-2"))
        abroad = await kept(store, words("abroad", client="c-1", partnership="de-kolk"))
        theirs = await kept(store, words("theirs", party="welzijn", source="urn:theirs", client="c-1"))
        for ref in (other.ref, abroad.ref, theirs.ref, "vault:abcdefgh", "vault:{,} \u2713"):
            assert not_yours()(await accepted(store, naming(a_report(client="c-1"), ref)))
        assert not_yours()(await accepted(store, naming(a_report(), mine.ref))), "a new case is another one"
        assert isinstance(await accepted(store, naming(a_report(client="c-1"), mine.ref)), Taken)
    assert len(log.records) == 1
    assert rows(postgres, "select count(*) from intake") == [(1,)]


async def test_words_of_a_case_that_was_joined_are_named_in_the_one_it_leads_to(postgres: str) -> None:
    async with a_store(postgres, Log()) as store:
        found = await kept(store, words(client="c-2"))
        await accepted(store, a_report("first", client="c-1"))
        await accepted(store, a_report("second", client="c-2"))
        (into,), (other,) = rows(postgres, "select distinct caseid from subjects")
        async with store.engine.begin() as connection:
            await store.register.join(connection, str(into), str(other))
        assert isinstance(await accepted(store, naming(a_report("third", client="c-1"), found.ref)), Taken)


# -- letting go --------------------------------------------------------------------------------------


async def test_words_that_no_event_named_are_gone_after_a_week_and_all_others_stay(postgres: str) -> None:
    async with a_store(postgres, Log()) as store:
        used, unused = await kept(store, words("used")), await kept(store, words("unused"))
        assert isinstance(await accepted(store, naming(a_report(case_alias=used.case), used.ref)), Taken)
        assert await let_go(store.engine, NOW_MS + NAMEABLE_MS) == 0
        assert await let_go(store.engine, NOW_MS + NAMEABLE_MS + 1) == 2
        assert await opens(store, used.ref) == WORDS
        with pytest.raises(NotInVault):
            await opens(store, unused.ref)
        late = naming(a_report("late", client="c-1", case_alias=None), used.ref)
        assert not_yours()(await accepted(store, late))
    assert rows(postgres, "select count(*) from uploads") == [(0,)]


async def test_the_same_key_long_after_its_words_were_named_is_the_same_answer(postgres: str) -> None:
    now_ms = NOW_MS
    async with a_store(postgres, Log(), now_ms=lambda: now_ms) as store:
        found = await kept(store, words("used"))
        assert isinstance(await accepted(store, naming(a_report(case_alias=found.case), found.ref)), Taken)
        now_ms += NAMEABLE_MS + 1
        assert await let_go(store.engine, now_ms) == 1
        assert await kept(store, words("used")) == found
        now_ms += NAMEABLE_MS + 1
        assert await let_go(store.engine, now_ms) == 1
        assert await opens(store, found.ref) == WORDS, "an event refers to them"


async def test_what_an_event_is_naming_is_not_let_go_of_meanwhile(postgres: str) -> None:
    async with a_store(postgres, Log()) as store:
        found = [await kept(store, words(f"words-{n}")) for n in range(40)]

        async def name(one: Kept) -> Answer:
            return await accepted(store, naming(a_report(one.ref, case_alias=one.case), one.ref))

        letting_go = asyncio.gather(*(let_go(store.engine, NOW_MS + NAMEABLE_MS + 1) for _ in range(4)))
        answers = await asyncio.gather(*map(name, found))
        await letting_go
        for one, answer in zip(found, answers, strict=True):
            if isinstance(answer, Taken):
                assert await opens(store, one.ref) == WORDS, "an event never refers to what is gone"
            else:
                assert answer.reason in {DoorRefusal.CONTENT_NOT_ALLOWED, DoorRefusal.SUBJECT_UNKNOWN}


async def test_words_of_a_case_whose_key_was_destroyed_are_refused(postgres: str) -> None:
    async with a_store(postgres, Log()) as store:
        answer = await accepted(store, a_report(client="c-1"))
        assert isinstance(answer, Taken)
        before = await kept(store, words("before", client="c-1"))
        ((caseid,),) = rows(postgres, "select caseid from uploads")
        async with store.engine.begin() as connection:
            await store.vault.destroy(connection, str(caseid))
        with pytest.raises(CaseDestroyed):
            await opens(store, before.ref)
        found = await store.intake.keep(words("after", client="c-1"))
        assert isinstance(found, Turned) and found.reason is DoorRefusal.CONTENT_NOT_ALLOWED


# -- by HTTP -----------------------------------------------------------------------------------------


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Opened]:
    async with opened(tmp_path) as found:
        yield found


async def post(door: Opened, body: object, key: str | None = "k-1", **token: Any) -> Any:
    headers = {**door.bearer(**token), "Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    return await door.client.post("/v1/content", content=json.dumps(body), headers=headers)


async def test_words_are_answered_by_their_reference_and_the_name_of_their_case(door: Opened) -> None:
    answer = await post(door, {"content": WORDS, "partnership": examples.PARTNERSHIP})
    assert (answer.status_code, answer.json()) == (201, {"content_ref": KEPT.ref, "case": KEPT.case})
    (asked,) = door.intake.asked
    assert (asked.event_id, asked.content, asked.party) == ("k-1", {"content_ref": WORDS}, "linde")


REFUSED = [
    ("no words", {}, 422, "data_invalid", "content"),
    ("words that are none", {"content": {"seen": 7}}, 422, "data_invalid", "content.seen"),
    ("a name that is none", {"content": {"Seen it": "x"}}, 422, "content_not_allowed", "content.Seen it"),
    ("too long", {"content": {"seen": "x" * 20_001}}, 422, "data_invalid", "content.seen"),
    ("a field nobody has", {"content": WORDS, "note": "x"}, 422, "data_invalid", "note"),
    (
        "a citizen service number",
        {"content": WORDS, "client": {"system": "ecd", "value": "111222333"}},
        422,
        "identifier_not_allowed",
        "client.value",
    ),
    (
        "a client of a signal",
        {"content": WORDS, "subject": "w", "client": {"system": "ecd", "value": "c"}},
        422,
        "data_invalid",
        "client",
    ),
    (
        "two names of a case",
        {"content": WORDS, "subject": "w", "caseid": KEPT.case},
        422,
        "data_invalid",
        "subject",
    ),
    ("no name of a case", {"content": WORDS, "caseid": "case-1"}, 422, "subject_unknown", "caseid"),
    (
        "a partnership nobody has",
        {"content": WORDS, "partnership": "x"},
        422,
        "partnership_unknown",
        "partnership",
    ),
    ("a system of another", {"content": WORDS, "source": "urn:x"}, 403, "source_not_ours", "source"),
    ("a list", [], 422, "data_invalid", None),
]


@pytest.mark.parametrize(
    ("body", "status", "code", "field"), [line[1:] for line in REFUSED], ids=[line[0] for line in REFUSED]
)
async def test_what_is_wrong_is_told_with_its_field_and_nothing_is_kept(
    door: Opened, body: object, status: int, code: str, field: str | None
) -> None:
    answer = await post(door, body)
    said = answer.json()
    assert (answer.status_code, said["code"], said.get("field")) == (status, code, field)
    assert said["what_to_do"]
    assert door.intake.asked == []


async def test_too_much_at_once_no_key_and_no_scope_are_clean_no(door: Opened) -> None:
    much = {"content": {f"text_{n}": "x" * 19_000 for n in range(20)}}
    assert (await post(door, much)).status_code == 413
    assert (await post(door, {"content": WORDS}, key=None)).json()["code"] == "idempotency_key_missing"
    assert (await post(door, {"content": WORDS}, scope="stream:read")).status_code == 403


async def test_a_database_that_is_away_is_a_503_with_when_to_try_again(door: Opened) -> None:
    door.intake.fails = ConnectionError("the database is away")
    answer = await post(door, {"content": WORDS})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
