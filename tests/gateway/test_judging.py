"""One event, judged in itself: what goes to the intake, and what is refused by which field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas.base import OpenEnum
from schemas.collaboration import AnswerCollaboration
from schemas.coordination import JoinCase
from schemas.gateway import DoorRefusal
from schemas.registry import TYPES
from schemas.signals import ReportSignal
from services.agreements.terms import Terms
from services.gateway import examples
from services.gateway.asked import Asked, Client
from services.gateway.judging import Refused, field_of_ours, judge
from services.gateway.sayable import COMMANDS, Sayable
from services.gateway.tokens import Caller, Scope
from services.runtime.clock import Clock
from tests.gateway.doors import a_book
from tests.gateway.reading_door import a_door

BOOK = a_book()
AT_MS = 1_795_510_800_000  # Tuesday 24 November 2026, 09:00 in Amsterdam
LINDE = Caller(examples.PARTY, (examples.SOURCE,), frozenset((examples.PARTNERSHIP,)), frozenset(Scope))
DROP = object()


def terms_of(partnership: str) -> Terms | None:
    return BOOK.in_force(partnership, AT_MS)


def an_event(
    name: str = "ReportSignal", data: dict[str, Any] | None = None, **changed: Any
) -> dict[str, Any]:
    """An example with attributes and fields changed; `DROP` takes one away."""
    said = next(one for one in COMMANDS if one.model.__name__ == name)
    event = examples.event(name, said.model.type_name(), None if said.begins else "as-abcdefghijklmnopqrst")
    event = {**event, "data": {**event["data"], **(data or {})}, **changed}
    event["data"] = {k: v for k, v in event["data"].items() if v is not DROP} if data else event["data"]
    return {k: v for k, v in event.items() if v is not DROP}


def judged(event: object, caller: Caller = LINDE, max_bytes: int = 0) -> Asked | Refused:
    return judge(event, caller, terms_of, max_bytes)


def refused(event: object, caller: Caller = LINDE, max_bytes: int = 0) -> Refused:
    found = judged(event, caller, max_bytes)
    assert isinstance(found, Refused), found
    return found


@pytest.mark.parametrize("said", COMMANDS, ids=lambda said: said.model.__name__)
def test_judging_passes_the_example_of_every_command(said: Sayable) -> None:
    name = said.model.__name__
    found = judged(an_event(name))
    assert isinstance(found, Asked), found
    assert found.command is said.model
    assert (found.party, found.partnership, found.source) == ("linde", "de-vlier", examples.SOURCE)
    assert set(found.values) == set(examples.DATA[name]) - {"client", "content"}


def test_judging_splits_words_and_client_off() -> None:
    found = judged(an_event(data={"content": {"what_was_seen": "on the floor", "name": "of the daughter"}}))
    assert isinstance(found, Asked)
    assert found.client == Client("ecd", "client-4711")
    assert found.content == {"content_ref": {"what_was_seen": "on the floor", "name": "of the daughter"}}
    assert not {"client", "content", "content_ref"} & set(found.values)


def test_judging_puts_words_where_their_name_says() -> None:
    found = judged(
        an_event("InterpretSignal", data={"content": {"findings": "dizzy", "wishes": "to stay at home"}})
    )
    assert isinstance(found, Asked)
    assert found.content == {
        "findings_ref": {"findings": "dizzy"},
        "wishes_ref": {"wishes": "to stay at home"},
    }


def test_judging_hands_on_values_as_they_go_into_the_record() -> None:
    found = judged(an_event("RecordAction", data={"decided_with_client": "true"}))
    assert isinstance(found, Asked)
    assert found.values["decided_with_client"] is True
    assert found.values["due_at"] == "2026-12-03T12:00:00+01:00"


def test_judging_takes_the_only_partnership_of_a_token_where_none_is_named() -> None:
    found = judged(an_event(partnership=DROP))
    assert isinstance(found, Asked)
    assert found.partnership == "de-vlier"


def test_judging_passes_over_attributes_it_does_not_know_or_allots_itself() -> None:
    found = judged(
        an_event(recordedtime="2020-01-01T00:00:00Z", correlationid="123456782", urgency="acute", vendor="x")
    )
    assert isinstance(found, Asked)
    assert "123456782" not in repr(found)


def test_judging_drops_a_trace_that_is_none() -> None:
    good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    for given, expected in ((good, good), ("Mr Jansen", ""), (7, "")):
        found = judged(an_event(traceparent=given))
        assert isinstance(found, Asked)
        assert found.traceparent == expected


NO = DoorRefusal
REFUSED: list[tuple[str, object, DoorRefusal, str | None]] = [
    ("no object", [], NO.NOT_A_CLOUDEVENT, None),
    ("nothing", None, NO.NOT_A_CLOUDEVENT, None),
    ("another version", an_event(specversion="0.3"), NO.NOT_A_CLOUDEVENT, "specversion"),
    ("no id", an_event(id=DROP), NO.NOT_A_CLOUDEVENT, "id"),
    ("an id that is a number", an_event(id=7), NO.NOT_A_CLOUDEVENT, "id"),
    ("an id of nothing", an_event(id=""), NO.NOT_A_CLOUDEVENT, "id"),
    ("an id too long", an_event(id="x" * 257), NO.NOT_A_CLOUDEVENT, "id"),
    ("an id of two lines", an_event(id="a\nb"), NO.NOT_A_CLOUDEVENT, "id"),
    ("an id with a zero byte", an_event(id="a\x00b"), NO.NOT_A_CLOUDEVENT, "id"),
    ("no source", an_event(source=DROP), NO.NOT_A_CLOUDEVENT, "source"),
    ("no type", an_event(type=DROP), NO.NOT_A_CLOUDEVENT, "type"),
    ("bytes for data", an_event(data_base64="e30="), NO.NOT_A_CLOUDEVENT, "datacontenttype"),
    ("data of another kind", an_event(datacontenttype="text/xml"), NO.NOT_A_CLOUDEVENT, "datacontenttype"),
    ("no moment", an_event(time="yesterday"), NO.NOT_A_CLOUDEVENT, "time"),
    ("a moment that never was", an_event(time="2026-02-30T00:00:00Z"), NO.NOT_A_CLOUDEVENT, "time"),
    ("a moment without zone", an_event(time="2026-11-23T08:00:00"), NO.NOT_A_CLOUDEVENT, "time"),
    ("somebody else's source", an_event(source=examples.SOURCE + "2"), NO.SOURCE_NOT_OURS, "source"),
    ("our source", an_event(source="urn:seinhuis:casework"), NO.SOURCE_NOT_OURS, "source"),
    ("no type of ours", an_event(type="com.example.x"), NO.TYPE_UNKNOWN, "type"),
    ("a fact", an_event(type="nl.seinhuis.signals.SignalRouted.v1"), NO.TYPE_UNKNOWN, "type"),
    ("no such partnership", an_event(partnership="elsewhere"), NO.PARTNERSHIP_UNKNOWN, "partnership"),
    ("a partnership that is a list", an_event(partnership=[]), NO.PARTNERSHIP_UNKNOWN, "partnership"),
    ("an answer to nothing", an_event("CloseSignal", subject=DROP), NO.SUBJECT_UNKNOWN, "subject"),
    ("a case in its true name", an_event(caseid="case-hV7d2LxR0cNq"), NO.SUBJECT_UNKNOWN, "caseid"),
    ("no data", an_event() | {"data": None}, NO.DATA_INVALID, "data"),
    ("data that is a text", an_event() | {"data": "{}"}, NO.DATA_INVALID, "data"),
    ("a field too many", an_event(data={"remark": "words"}), NO.DATA_INVALID, "data.remark"),
    ("a field too few", an_event(data={"urgency": DROP}), NO.DATA_INVALID, "data.urgency"),
    (
        "a text for a code",
        an_event("RecordAction", data={"action": "Go there now"}),
        NO.DATA_INVALID,
        "data.action",
    ),
    ("no such word", an_event(data={"concern": ["sadness"]}), NO.DATA_INVALID, "data.concern.0"),
    ("no level agreed", an_event(data={"urgency": "panic"}), NO.DATA_INVALID, "data.urgency"),
    (
        "nuisance alone",
        an_event(data={"concern": ["nuisance"], "urgency": "urgent"}),
        NO.DATA_INVALID,
        "data.concern",
    ),
    ("unknown itself", an_event(data={"about": "unknown"}), NO.DATA_INVALID, "data.about"),
    ("too deep", an_event(data={"types": [[[[[[["x"]]]]]]]}), NO.DATA_INVALID, "data"),
    (
        "a client of no system",
        an_event(data={"client": {"value": "1"}}),
        NO.DATA_INVALID,
        "data.client.system",
    ),
    (
        "a client in an answer",
        an_event("CloseSignal", data={"client": {"system": "ecd", "value": "1"}}),
        NO.DATA_INVALID,
        "data.client",
    ),
    (
        "a citizen number as a code",
        an_event("RecordAction", data={"action": "bel.123456782"}),
        NO.IDENTIFIER_NOT_ALLOWED,
        "data.action",
    ),
    (
        "words that are a number",
        an_event(data={"content": {"what_was_seen": 7}}),
        NO.DATA_INVALID,
        "data.content.what_was_seen",
    ),
    ("no words", an_event(data={"content": {}}), NO.DATA_INVALID, "data.content"),
    (
        "words beside a name",
        an_event(data={"content": {"What was seen?": "x"}}),
        NO.CONTENT_NOT_ALLOWED,
        "data.content.What was seen?",
    ),
    (
        "words where none belong",
        an_event("AcknowledgeSignal", data={"content": {"note": "x"}}),
        NO.CONTENT_NOT_ALLOWED,
        "data.content.note",
    ),
    (
        "both words and reference",
        an_event(data={"content_ref": "vault:abcdefgh"}),
        NO.DATA_INVALID,
        "data.content_ref",
    ),
    (
        "somebody else's function",
        an_event("AcknowledgeSignal", data={"by": {"contact": "huisartsen/gp-desk"}}),
        NO.CONTACT_NOT_OURS,
        "data.by.contact",
    ),
    (
        "a function nobody has",
        an_event("AcknowledgeSignal", data={"by": {"contact": "linde/nobody"}}),
        NO.CONTACT_NOT_OURS,
        "data.by.contact",
    ),
    (
        "a report in another's name",
        an_event(data={"reporter": {"kind": "professional", "party": "welzijn"}}),
        NO.CONTACT_NOT_OURS,
        "data.reporter.party",
    ),
]


@pytest.mark.parametrize(
    ("party", "contact", "is_theirs"),
    [
        ("duin", "linde/night-team", True),
        ("linde", "linde/night-team", True),
        ("welzijn", "linde/night-team", False),
        ("duin", "linde/linde-nurse", False),
        ("kade", "welzijn/vlier-mailgroup", True),
    ],
)
def test_a_party_acts_as_its_own_functions_and_those_it_staffs(
    party: str, contact: str, is_theirs: bool
) -> None:
    book = a_book("waterkant/de-vlier.yaml")
    caller = Caller(party, (examples.SOURCE,), LINDE.partnerships, LINDE.scopes)
    event = an_event("AcknowledgeSignal", data={"by": {"contact": contact}})
    found = judge(event, caller, lambda name: book.in_force(name, AT_MS))
    if is_theirs:
        assert isinstance(found, Asked), found
    else:
        assert isinstance(found, Refused)
        assert (found.reason, found.field) == (DoorRefusal.CONTACT_NOT_OURS, "data.by.contact")


@pytest.mark.parametrize(
    ("event", "reason", "field"), [line[1:] for line in REFUSED], ids=[line[0] for line in REFUSED]
)
def test_judging_refuses_with_the_field(event: object, reason: DoorRefusal, field: str | None) -> None:
    found = refused(event)
    assert (found.reason, found.field) == (reason, field)


def test_judging_tells_the_intake_to_what_an_event_refers_however_deep() -> None:
    """Whoever could refer to any content could have another's words sent to itself: the intake looks whose it is."""
    top = judged(an_event(data={"content": DROP, "content_ref": "vault:abcdefgh"}))
    assert isinstance(top, Asked)
    assert (top.values["content_ref"], top.refs) == (
        "vault:abcdefgh",
        (("data.content_ref", "vault:abcdefgh"),),
    )
    part = {"types": ["social"], "urgency": "routine", "content_ref": "vault:abcdefgh"}
    deep = judged(an_event("InterpretSignal", data={"parts": [part, part]}))
    assert isinstance(deep, Asked)
    assert [at for at, _ in deep.refs] == ["data.parts.0.content_ref", "data.parts.1.content_ref"]


@pytest.mark.parametrize("field", ["collaboration_id", "content_ref"])
def test_judging_takes_an_answer_about_a_party_without_the_ladders_own_id_and_without_words(
    field: str,
) -> None:
    found = judged(an_event("AnswerCollaboration"))
    assert isinstance(found, Asked)
    assert set(found.values) == {"by", "outcome"}
    given = {"collaboration_id": "collaboration-1-2", "content_ref": "vault:abcdefgh"}[field]
    no = refused(an_event("AnswerCollaboration", data={field: given}))
    assert (no.reason, no.field) == (NO.DATA_INVALID, f"data.{field}")
    assert (
        refused(an_event("AnswerCollaboration", data={"content": {"why": "x"}})).field == "data.content.why"
    )


def test_judging_takes_no_reference_for_a_citizen_number() -> None:
    """The vault draws its references; one in some three hundred holds nine digits that pass the proof."""
    drawn = "vault:ab123456782cd4e5f6a7b8c9d0e1f2a3"
    found = judged(an_event(data={"content": DROP, "content_ref": drawn}))
    assert isinstance(found, Asked)
    assert found.refs == (("data.content_ref", drawn),)


def test_judging_needs_the_scope_of_the_command() -> None:
    reporter = LINDE._replace(scopes=frozenset((Scope.SIGNALS_REPORT,)))
    assert isinstance(judged(an_event(), reporter), Asked)
    assert refused(an_event("CloseSignal"), reporter).reason is NO.TYPE_NOT_ALLOWED


def test_judging_tells_nobody_apart_who_has_no_part_in_a_partnership() -> None:
    """Of a partnership that is, and one that is not, a stranger hears the same."""
    stranger = LINDE._replace(party="elders")
    nowhere = LINDE._replace(partnerships=frozenset())
    for caller in (stranger, nowhere):
        assert refused(an_event(), caller)[1:4] == refused(an_event(partnership="none"), caller)[1:4]


def test_judging_refuses_an_agreement_not_yet_in_force() -> None:
    found = judge(an_event(), LINDE, lambda name: BOOK.in_force(name, 1_700_000_000_000))
    assert isinstance(found, Refused)
    assert found.reason is NO.PARTNERSHIP_UNKNOWN


def test_judging_refuses_an_event_larger_than_one_may_be() -> None:
    event = an_event(data={"content": {"what_was_seen": "x" * 19_000, "more": "x" * 19_000}})
    assert isinstance(judged(event, max_bytes=40_000), Asked)
    assert refused(event, max_bytes=38_000).reason is NO.TOO_LARGE


def test_judging_measures_no_tower() -> None:
    """What is nested deeper than a writer of JSON goes is refused, not stumbled over."""
    tower: object = "x"
    for _ in range(900):
        tower = [tower]
    assert refused(an_event(data={"types": tower}), max_bytes=100).field == "data"
    assert refused(an_event(vendor=tower), max_bytes=100).field == "data"


def test_judging_says_the_words_that_are_known() -> None:
    assert "acute, urgent, routine" in (refused(an_event(data={"urgency": "panic"})).says or "")
    assert "fall" in (refused(an_event(data={"concern": ["sadness"]})).says or "")
    assert "content" in (refused(an_event("RecordAction", data={"action": "Go now"})).says or "")


def test_judging_never_repeats_a_value() -> None:
    secret = "Jan-de-Vries-Havenweg-7"
    for name in ("urgency", "types", "reporter", "postcode", "content_ref", "client", "content"):
        for value in (secret, [secret], {secret: secret}):
            found = judged(
                an_event(data={name: value, "content": DROP} if name != "content" else {name: value})
            )
            if isinstance(found, Refused):
                assert secret not in str(found.says)
                assert name == "content" or secret not in str(field_of_ours(found.field))


def test_facts_tell_no_field_somebody_made_up() -> None:
    assert field_of_ours("data.reporter.party") == "data.reporter.party"
    assert field_of_ours("data.Jan de Vries") == "data"
    assert field_of_ours("data.content.jan") == "data.content"
    assert field_of_ours("data.types.3") == "data.types.3"
    assert field_of_ours("123456782") is None
    assert field_of_ours(None) is None


def test_judging_takes_a_known_case_by_the_partys_own_name_of_it() -> None:
    alias = "ac-abcdefghijklmnopqrst"
    found = judged(an_event(caseid=alias, data={"client": DROP}))
    assert isinstance(found, Asked)
    assert (found.case_alias, found.client) == (alias, None)
    assert refused(an_event(caseid=alias)).field == "data.client"


def test_word_for_what_is_not_known_is_the_same_in_every_list() -> None:
    """By it the door sees at a glance that there is one."""
    lists = [one for one in OpenEnum.__subclasses__() if "UNKNOWN" in one.__members__]
    assert len(lists) > 10
    assert {one.__members__["UNKNOWN"].value for one in lists} == {"unknown"}


def test_commands_are_all_that_a_party_can_say_of_signals_and_cases() -> None:
    subjects = ("signals", "coordination")
    asked = {model for model in TYPES.values() if model.kind == "command" and model.subject in subjects}
    # That two cases are one person's is the register's to say, and no party's.
    assert {one.model for one in COMMANDS} == asked - {JoinCase} | {AnswerCollaboration}


def test_commands_take_their_parts_from_the_models() -> None:
    assert COMMANDS[0].model is ReportSignal
    assert {one.model.__name__: set(one.refs) for one in COMMANDS if one.refs} == {
        "ReportSignal": {"content_ref"},
        "InterpretSignal": {"findings_ref", "wishes_ref"},
        "RecordAction": {"content_ref"},
        "EndAction": {"content_ref"},
        "GiveFeedback": {"content_ref"},
        "CheckEffect": {"content_ref"},
    }


def test_a_party_whose_last_day_has_passed_says_nothing_any_more(tmp_path: Path) -> None:
    """Its token may hold for longer than its part."""
    door, _, _, _ = a_door(tmp_path, "nowhere:9092", "postgresql://nowhere/none")
    door.agreements = a_book("waterkant/de-vlier.yaml")
    door.clock = Clock.from_text("2026-11-24T09:00:00+01:00@0x0.000001")
    assert door.agreed_now("linde")("de-vlier") is not None
    assert door.agreed_now("vaart")("de-vlier") is None, "it left on the 16th"
    assert door.agreed_now()("de-vlier") is not None
    vaart = Caller("vaart", (examples.SOURCE,), LINDE.partnerships, LINDE.scopes)
    found = judge(an_event(), vaart, door.agreed_now("vaart"))
    assert isinstance(found, Refused) and found.reason is DoorRefusal.PARTNERSHIP_UNKNOWN
