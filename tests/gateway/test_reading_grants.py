"""Who may pull what, from the facts of a signal, in whatever order two topics are read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Said
from schemas.deadlines import (
    EscalationCause,
    Inputs,
    ObligationDischarged,
    ObligationEscalated,
    ObligationOpened,
)
from schemas.gateway import ReadGround
from schemas.notices import NoticeForm, NoticeQueued
from schemas.registry import TYPES
from schemas.signals import (
    About,
    Actor,
    CloseReason,
    DeclineReason,
    FeedbackForm,
    FeedbackGiven,
    FeedbackOutcome,
    ReassignReason,
    Reporter,
    ReporterKind,
    RouteReason,
    SignalAcknowledged,
    SignalClosed,
    SignalDeclined,
    SignalInterpreted,
    SignalReassigned,
    SignalReported,
    SignalRouted,
    SignalWithdrawn,
    WithdrawReason,
)
from services.gateway.grants import (
    NO_WORDS,
    REF_FIELDS,
    Grant,
    Heard,
    Known,
    ground_to_read,
    hear,
)
from services.gateway.sayable import refs_of

DAY_MS = 86_400_000
KEEP_MS = 30 * DAY_MS
START_MS = 1_795_420_800_000
DUE = datetime(2026, 11, 23, 12, tzinfo=UTC)
DESK, POST, TEAM = "huisartsen/gp-desk", "huisartsen/gp-post", "linde/team"
WORDS, FINDINGS, LETTER = "vault:words-001", "vault:findings-1", "vault:letter-01"


def reported(party: str | None = "welzijn") -> SignalReported:
    return SignalReported(
        urgency="urgent",
        types=(),
        concern=(),
        about=About.CLIENT,
        reporter=Reporter(kind=ReporterKind.PROFESSIONAL, party=party),
        expects_feedback=True,
        content_ref=WORDS,
    )


def routed(contact: str) -> SignalRouted:
    return SignalRouted(
        contact=contact,
        reason=RouteReason.RULE_MATCHED,
        rule="rule",
        ladder="standard",
        urgency="urgent",
        agreement_version=1,
    )


def escalated(to: str) -> ObligationEscalated:
    return ObligationEscalated(
        obligation_id="o-1",
        name="acknowledge_signal",
        level=1,
        to=to,
        cause=EscalationCause.NO_ANSWER,
        urgency="urgent",
        due_at=DUE,
    )


def opened(due: datetime = DUE) -> ObligationOpened:
    return ObligationOpened(
        obligation_id="o-1",
        name="acknowledge_signal",
        entity="sig-00001",
        owed_by=DESK,
        urgency="urgent",
        due_at=due,
        inputs=Inputs(started_at=due, urgency="urgent", rule="r", counting="elapsed", amount=60),
        ladder="standard",
        agreement_version=1,
    )


def taken(by: str) -> SignalAcknowledged:
    return SignalAcknowledged(by=Actor(contact=by), agreement_version=1)


def declined(by: str) -> SignalDeclined:
    return SignalDeclined(by=Actor(contact=by), reason=DeclineReason.NO_CAPACITY, agreement_version=1)


def given_to(to: str, by: str) -> SignalReassigned:
    return SignalReassigned(
        by=Actor(contact=by), to=to, reason=ReassignReason.OUTSIDE_AREA, agreement_version=1
    )


def withdrawn() -> SignalWithdrawn:
    return SignalWithdrawn(
        reporter=Reporter(kind=ReporterKind.PROFESSIONAL, party="welzijn"),
        reason=WithdrawReason.MISTAKEN,
        agreement_version=1,
    )


def interpreted(by: str) -> SignalInterpreted:
    return SignalInterpreted(
        by=Actor(contact=by),
        findings_ref=FINDINGS,
        urgency="urgent",
        expects_action=False,
        agreement_version=1,
    )


def told_to(receiver: str | None, to: str = "gp") -> FeedbackGiven:
    return FeedbackGiven(
        by=Actor(contact=DESK),
        to=to,
        receiver=receiver,
        form=FeedbackForm.WRITTEN,
        outcome=FeedbackOutcome.DELIVERED,
        content_ref=LETTER,
        agreement_version=1,
    )


def numbered(*facts: Said) -> list[Heard]:
    """Each fact a minute and a number after the one before."""
    return [
        Heard(fact, "sig-00001", "case-0001", "de-vlier", "urgent", n, START_MS + n * 60_000)
        for n, fact in enumerate(facts, start=1)
    ]


def after(heards: Sequence[Heard]) -> Known:
    known: Known | None = None
    for heard in heards:
        known = hear(known, heard, KEEP_MS)
    assert known is not None
    return known


def live(known: Known, party: str, at_ms: int = START_MS + DAY_MS) -> list[Grant]:
    return [
        grant
        for grant in known.grants.values()
        if grant.party == party and ((ends := known.ended_ms(grant)) is None or ends > at_ms)
    ]


def may(known: Known, party: str, ref: str, at_ms: int = START_MS + DAY_MS) -> ReadGround | None:
    return ground_to_read(live(known, party, at_ms), ref, known.wrote.get(ref))


def test_whoever_it_was_routed_to_may_read_all_of_it() -> None:
    known = after(numbered(reported(), routed(DESK), taken(DESK), interpreted(DESK)))
    assert may(known, "huisartsen", WORDS) is ReadGround.ROUTED
    assert may(known, "huisartsen", FINDINGS) is ReadGround.ROUTED


def test_an_author_reads_its_own_words_and_no_others() -> None:
    known = after(numbered(reported(), routed(DESK), taken(DESK), interpreted(DESK)))
    assert may(known, "welzijn", WORDS) is ReadGround.AUTHOR
    assert may(known, "welzijn", FINDINGS) is None


def test_words_of_somebody_without_a_party_are_nobodys_own() -> None:
    known = after(numbered(reported(party=None), routed(DESK)))
    assert known.wrote == {WORDS: None}
    assert {grant.party for grant in known.grants.values()} == {"huisartsen"}


def notice(to: str, *, asks: bool = False, staff: tuple[str, ...] = ()) -> NoticeQueued:
    return NoticeQueued(
        notice_id="n-0001",
        of="ObligationBreached",
        entity="sig-00001",
        to=to,
        asks=asks,
        channel="webhook",
        form=NoticeForm.WRITTEN,
        staff=staff,
    )


def test_who_is_told_and_not_asked_may_name_it_and_reads_no_words() -> None:
    """A coordinator of the case hears that nobody answered, and can say something about it."""
    known = after(numbered(reported(), routed(DESK), notice(TEAM)))
    assert [(grant.ground, grant.content_ref) for grant in live(known, "linde")] == [
        (ReadGround.TOLD, NO_WORDS)
    ]
    assert may(known, "linde", WORDS) is None
    assert not live(after(numbered(reported(), routed(DESK), notice(TEAM, asks=True))), "linde")


@pytest.mark.parametrize("is_told_first", [True, False])
def test_who_declined_and_is_told_who_took_it_sees_no_more_of_it(is_told_first: bool) -> None:
    rest = [notice(TEAM), declined(TEAM)] if is_told_first else [declined(TEAM), notice(TEAM)]
    known = after(numbered(reported(), routed(TEAM), *rest, taken(DESK)))
    assert live(known, "linde") == []
    again = after(numbered(reported(), routed(TEAM), *rest, escalated(TEAM)))
    assert may(again, "linde", WORDS) is ReadGround.ESCALATED


def queued(asking: Heard, to: str, *staff: str) -> Heard:
    """The notice of a fact that asks somebody, as of that fact: who staffs whom it asks, the bell says."""
    return asking._replace(fact=notice(to, asks=True, staff=staff), at_ms=asking.at_ms + 500)


def test_who_staffs_a_function_as_it_is_asked_may_read_what_it_may() -> None:
    facts = numbered(
        reported(), routed(TEAM), taken(TEAM), told_to(None, to="reporter"), given_to(DESK, by=TEAM)
    )
    known = after([*facts[:4], queued(facts[1], TEAM, "duin")])
    assert [may(known, party, WORDS) for party in ("linde", "duin")] == [ReadGround.ROUTED, ReadGround.STAFFS]
    assert may(known, "duin", LETTER) is ReadGround.STAFFS, "all of it, as its own party"
    assert may(after(facts[:4]), "duin", WORDS) is None
    (last,) = numbered(*[reported()] * 5, taken(DESK))[5:]
    gone = after([*facts, queued(facts[1], TEAM, "duin"), last])
    assert [may(gone, party, WORDS) for party in ("linde", "duin")] == [None] * 2


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5, 6), (4, 5, 0, 1, 3, 2, 6), (0, 1, 2, 3, 6, 5, 4)])
def test_who_staffed_it_when_it_said_no_is_not_let_in_by_who_takes_it_later(order: tuple[int, ...]) -> None:
    """Duin's people said no; tomorrow it is the turn of Kade's, who are asked again and take it."""
    facts = numbered(reported(), routed(TEAM), declined(TEAM), escalated(TEAM), taken(TEAM))
    told = [*facts, queued(facts[1], TEAM, "duin"), queued(facts[3], TEAM, "kade")]
    known = after([told[place] for place in order])
    assert may(known, "duin", WORDS) is None
    assert may(known, "kade", WORDS) is ReadGround.STAFFS
    assert may(known, "linde", WORDS) is not None


def test_who_staffs_a_function_that_is_told_or_written_to_has_what_it_has() -> None:
    (first,) = numbered(reported())
    told = notice(TEAM, staff=("duin",))
    letter = notice(TEAM, staff=("duin",)).model_copy(update={"content_ref": LETTER})
    known = after([first, first._replace(fact=told), first._replace(fact=letter)])
    assert may(known, "duin", LETTER) is ReadGround.ADDRESSED
    assert may(known, "duin", WORDS) is None
    assert {grant.ground for grant in live(known, "duin")} == {ReadGround.TOLD, ReadGround.ADDRESSED}


def test_a_stranger_may_read_nothing() -> None:
    assert may(after(numbered(reported(), routed(DESK))), "apotheek", WORDS) is None


def test_the_next_level_may_read_and_the_first_still_may() -> None:
    known = after(numbered(reported(), routed(DESK), escalated(TEAM)))
    assert may(known, "linde", WORDS) is ReadGround.ESCALATED
    assert may(known, "huisartsen", WORDS) is ReadGround.ROUTED


def test_whoever_declines_may_read_no_more_until_asked_again() -> None:
    known = after(numbered(reported(), routed(TEAM), declined(TEAM), escalated(DESK)))
    assert may(known, "linde", WORDS) is None
    again = after(numbered(reported(), routed(TEAM), declined(TEAM), escalated(TEAM)))
    assert may(again, "linde", WORDS) is ReadGround.ESCALATED


def test_another_function_of_the_same_party_keeps_what_it_was_asked() -> None:
    known = after(numbered(reported(), routed(DESK), escalated(POST), declined(DESK)))
    assert may(known, "huisartsen", WORDS) is ReadGround.ESCALATED


def test_whoever_gives_it_away_has_it_until_the_other_takes_it() -> None:
    story = [reported(), routed(TEAM), given_to(DESK, by=TEAM)]
    assert may(after(numbered(*story)), "linde", WORDS) is ReadGround.ROUTED
    assert may(after(numbered(*story)), "huisartsen", WORDS) is ReadGround.REASSIGNED
    assert may(after(numbered(*story, taken(DESK))), "linde", WORDS) is None
    assert may(after(numbered(*story, taken(TEAM))), "linde", WORDS) is ReadGround.ROUTED


def test_a_signal_that_is_withdrawn_is_nobodys_to_read_but_its_authors() -> None:
    known = after(numbered(reported(), routed(DESK), withdrawn(), escalated(TEAM)))
    assert may(known, "huisartsen", WORDS) is None
    assert may(known, "linde", WORDS) is None
    assert may(known, "welzijn", WORDS) is ReadGround.AUTHOR
    assert may(known, "welzijn", WORDS, START_MS + 40 * DAY_MS) is None


def test_access_ends_so_many_days_after_closing() -> None:
    closed = SignalClosed(by=Actor(contact=DESK), reason=CloseReason.NO_ACTION_NEEDED, agreement_version=1)
    known = after(numbered(reported(), routed(DESK), taken(DESK), closed))
    assert may(known, "huisartsen", WORDS, START_MS + 29 * DAY_MS) is ReadGround.ROUTED
    assert may(known, "huisartsen", WORDS, START_MS + 31 * DAY_MS) is None


def test_whoever_is_written_to_reads_that_letter_and_nothing_else() -> None:
    known = after(numbered(reported(), routed(TEAM), told_to("apotheek/pharmacist")))
    assert may(known, "apotheek", LETTER) is ReadGround.ADDRESSED
    assert may(known, "apotheek", WORDS) is None


def test_a_reporter_reads_what_is_told_back_to_it() -> None:
    known = after(numbered(reported(), routed(TEAM), told_to(None, to="reporter")))
    assert may(known, "welzijn", LETTER) is ReadGround.ADDRESSED


def test_what_is_owed_is_open_until_answered() -> None:
    later = DUE + timedelta(hours=1)
    known = after(numbered(reported(), opened(), opened(later)))
    assert [due.due_ms for due in known.dues.values()] == [round(later.timestamp() * 1000)]
    answered = ObligationDischarged(
        obligation_id="o-1", name="acknowledge_signal", on_time=True, took_s=1, urgency="urgent"
    )
    assert after(numbered(reported(), opened(), answered)).dues == {}


STORIES: list[list[Said]] = [
    [reported(), routed(DESK), opened(), escalated(TEAM), declined(TEAM), escalated(POST), taken(POST)],
    [reported(), routed(TEAM), escalated(DESK), given_to(POST, by=TEAM), escalated(TEAM), taken(POST)],
    [reported(), routed(TEAM), escalated(TEAM), declined(TEAM), escalated(DESK), withdrawn()],
    [reported(), routed(TEAM), escalated(TEAM), declined(TEAM), taken(TEAM), given_to(DESK, by=TEAM)],
    [reported(), routed(DESK), escalated(POST), given_to(TEAM, by=DESK), taken(TEAM), interpreted(TEAM)],
    [reported(), routed(DESK), escalated(TEAM), taken(TEAM), given_to(DESK, by=TEAM), taken(DESK)],
]


@given(st.sampled_from(STORIES), st.data())
def test_grants_are_the_same_however_two_topics_are_interleaved(story: list[Said], data: Any) -> None:
    heards = numbered(*story)
    signals = [heard for heard in heards if heard.fact.subject == "signals"]
    others = [heard for heard in heards if heard.fact.subject != "signals"]
    mixed: list[Heard] = []
    while signals or others:
        from_signals = bool(signals) and (not others or data.draw(st.booleans()))
        mixed.append((signals if from_signals else others).pop(0))
    expected, found = after(heards), after(mixed)

    def holds(known: Known) -> dict[str, list[ReadGround]]:
        parties = {grant.party for grant in known.grants.values()}
        return {party: sorted(grant.ground for grant in live(known, party)) for party in sorted(parties)}

    assert holds(found) == holds(expected)
    for contact in (DESK, POST, TEAM):
        assert found.asking_began(contact) == expected.asking_began(contact)
    assert (found.state, found.taken_by, found.urgency) == (
        expected.state,
        expected.taken_by,
        expected.urgency,
    )


def test_no_fact_of_a_signal_refers_to_words_where_nobody_looks() -> None:
    """What an `InterpretSignal` holds deeper, each part's own signal tells as its own."""
    for model in TYPES.values():
        if model.subject == "signals" and model.kind == "fact":
            schema = model.model_json_schema()
            assert "^vault:" not in json.dumps(schema.get("$defs", {})), model.__name__
            assert refs_of(model) <= set(REF_FIELDS), model.__name__
