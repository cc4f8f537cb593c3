"""The story of a signal: what is told is what was decided, in the words of the agreement."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.signals import About, Concern, ReporterKind, ReportSignal, SignalType
from services.agreements.calendars import Calendar
from services.agreements.directory import Directory, Window
from services.agreements.due import due
from services.agreements.explain.scene import scene
from services.agreements.explain.story import story
from services.agreements.explain.text import as_text
from services.agreements.explain.voice import voice
from services.agreements.explain.why import REASONS, Seen, why_not
from services.agreements.findings import Language
from services.agreements.local_moments import read_moment
from services.agreements.matching import MISMATCHES, RULE_ERROR
from services.agreements.routable import CaseView
from services.agreements.route import route
from tests.agreements.explain.stories import SMALL, a_story, away
from tests.agreements.texts import an_agreement

LANGUAGES: tuple[Language, ...] = ("nl", "en")


def text(at: str, **fields: Any) -> str:
    return as_text(a_story(at, **fields))


@pytest.mark.parametrize("code", [*MISMATCHES, RULE_ERROR, "unknown_urgency"])
def test_every_reason_why_a_rule_does_not_match_has_its_words(code: str) -> None:
    signal = ReportSignal.model_validate({"urgency": "acute", "reporter": {"kind": "neighbour"}})
    assert code in REASONS
    for language in LANGUAGES:
        told = why_not(code, Seen(signal, CaseView()), voice(SMALL.agreement, language))
        assert told
        assert code not in told


def test_an_absence_is_told_with_its_end() -> None:
    told = text(
        "2026-11-28T22:00", urgency="acute", types=["nursing"],
        directory=away("linde/linde-duty", "2026-11-27T17:00", "2026-11-30T08:00"),
    )  # fmt: skip
    assert "(absent until Monday 30 November 2026, 08:00)" in " ".join(told.split())


@pytest.mark.parametrize(
    ("urgency", "absences", "says"),
    [
        pytest.param("urgent", [("2026-11-23T08:00", "2026-11-23T09:30"), ("2026-11-23T09:55", "2026-11-23T14:00")],
                     "absent until 14:00", id="of two, the one that runs when the level is asked"),
        pytest.param("urgent", [("2026-11-23T09:55", "2026-11-23T14:00"), ("2026-11-23T09:55", None)],
                     "(absent)", id="until further notice"),
        pytest.param("routine", [("2026-11-24T00:00", "2026-11-25T00:00")],
                     "absent until Wednesday 25 November 2026, 00:00", id="when work begins again"),
    ],
)  # fmt: skip
def test_an_absence_is_the_one_of_the_moment_the_level_is_asked(
    urgency: str, absences: list[tuple[str, str | None]], says: str
) -> None:
    zone = SMALL.clock.zone
    windows = tuple(
        Window(read_moment(since, zone), None if until is None else read_moment(until, zone))
        for since, until in absences
    )
    directory = Directory(absences={"linde/linde-duty": windows})
    told = text("2026-11-23T09:00", urgency=urgency, types=["nursing"], directory=directory)
    assert says in " ".join(told.split())


def test_thirty_minutes_stay_thirty_minutes_when_the_clock_goes_back() -> None:
    half = an_agreement(("within: {acute: PT15M", "within: {acute: PT30M"))
    told = text("2026-10-25T02:45+02:00", urgency="acute", types=["medical"], terms=half)
    assert "Due: Sunday 25 October 2026, 02:15 (winter time)" in told
    assert "the clock goes back by 1 hour" in " ".join(told.split())


def test_a_day_without_a_clock_change_says_nothing_of_it() -> None:
    assert "the clock goes" not in text("2026-11-23T09:00", urgency="acute", types=["medical"])


def test_work_for_office_hours_says_from_when_it_is_done() -> None:
    told = text("2026-11-27T21:00", urgency="routine", types=["social"])
    assert "Is worked on in its hours, from: Monday 30 November 2026, 08:30" in told


def test_a_contact_of_the_case_is_told_by_its_title() -> None:
    known = an_agreement(
        ("routes:\n", "routes:\n    - {name: known, match: {case: has_contact}, receiver: case.contact}\n")
    )
    told = text("2026-11-23T09:00", urgency="urgent", terms=known, case=CaseView("welzijn/welzijn-desk"))
    assert "So this signal is for: Sociaal werker van dienst (Welzijn Waterkant) (rule 1)" in told


def test_an_obligation_that_waits_for_another_fact_is_named_as_one_that_may_come() -> None:
    told = text("2026-11-23T09:00", urgency="acute", types=["medical"])
    assert "Finding somebody when there is no room: as soon as whoever was asked declines" in told


def test_without_any_rule_the_story_says_so() -> None:
    told = text("2026-11-23T09:00", urgency="acute")
    assert "–  No rule fits." in told
    assert "(no rule fits)" in told


def test_an_urgency_nobody_agreed_on_is_told_as_such() -> None:
    told = text("2026-11-23T09:00", urgency="soonish")
    assert "The level ‘soonish’ is not in the agreement; the most pressing one is taken." in told


def test_a_moment_before_the_agreement_holds_is_told() -> None:
    assert "Mind: this version was not in force yet." in text("2026-10-01T09:00", urgency="acute")


def test_an_obligation_of_its_own_condition_is_opened_when_that_holds() -> None:
    only = an_agreement(
        ("opened_by: SignalRouted", "opened_by: {event: SignalReported, where: {concern: fall}}")
    )
    at_ms = read_moment("2026-11-23T09:00", only.clock.zone)
    for concern, names in ((["fall"], ["acknowledge_signal"]), (["crisis"], [])):
        signal = ReportSignal.model_validate(
            {"urgency": "acute", "concern": concern, "reporter": {"kind": "client"}}
        )
        assert [one.duty.name for one in scene(signal, CaseView(), at_ms, only).owed] == names


SIGNALS = st.builds(
    lambda urgency, types, concern, about, kind, postcode: ReportSignal.model_validate(
        {"urgency": urgency, "types": types, "concern": concern, "about": about,
         "reporter": {"kind": kind}, "postcode": postcode}
    ),
    st.sampled_from(["acute", "urgent", "routine", "soonish"]),
    st.lists(st.sampled_from([one for one in SignalType if one != SignalType.UNKNOWN]), max_size=3),
    st.lists(st.sampled_from([one for one in Concern if one != Concern.UNKNOWN]), max_size=3),
    st.sampled_from([one for one in About if one != About.UNKNOWN]),
    st.sampled_from([one for one in ReporterKind if one != ReporterKind.UNKNOWN]),
    st.sampled_from(["9901", "9911", None]),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(SIGNALS, st.integers(1_790_000_000_000, 1_830_000_000_000), st.sampled_from(LANGUAGES))
def test_every_signal_has_a_story_that_says_what_was_decided(
    signal: ReportSignal, at_ms: int, language: Language
) -> None:
    found = scene(signal, CaseView(), at_ms, SMALL)
    told = " ".join(as_text(story(found, language)).split())
    decision = route(signal, CaseView(), at_ms, SMALL)
    assert found.decision == decision
    v = voice(SMALL.agreement, language)
    for choice in decision.choices:
        assert v.contact(choice.receiver.partition("/")[2]) in told
    for one in found.owed:
        assert one.deadline == due(one.duty, decision.urgency, at_ms, (), SMALL)
        assert one.foreseen.stands[-1].level == len(SMALL.ladders[one.ladder]["acute"].rungs) - 1


def test_the_hours_a_clock_runs_in_are_those_of_its_calendar() -> None:
    assert isinstance(SMALL.clock.calendars["office"], Calendar)
    told = text("2026-11-27T16:00", urgency="routine", types=["social"])
    assert "The clock runs only: 16:00–17:00 and Monday 30 November 2026, 08:30–16:00" in told
