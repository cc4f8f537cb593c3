"""Two versions of an agreement: what reads otherwise, and which cases go elsewhere, sooner or later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.agreements.dryrun.cases import Case
from services.agreements.dryrun.changes import changes, told_changes
from services.agreements.dryrun.differ import Compared, compare
from services.agreements.dryrun.events_file import read_events
from services.agreements.dryrun.told_differ import by_how_much, counted, told_comparison
from services.agreements.dryrun.trial import tried_on
from services.agreements.terms import Terms
from tests.agreements import strategies
from tests.agreements.dryruns import WATERKANT, a_case, ms
from tests.agreements.texts import an_agreement

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
#: The time to acknowledge a signal.
URGENT = "urgent: PT2H, routine: {working_days: 1"
DAY = (EXAMPLES / "day.jsonl").read_text(encoding="utf-8")


def compared(new: Terms, *cases: Case) -> list[Compared]:
    return compare(cases, tried_on(WATERKANT), tried_on(new))


def moved(new: Terms, case: Case) -> dict[str, tuple[Any, Any]]:
    (one,) = compared(new, case)
    return {str(found.key): (found.old, found.new) for found in one.moved}


def told(*change: tuple[str, str]) -> list[str]:
    new = an_agreement(*change)
    return list(told_changes(changes(WATERKANT.agreement, new.agreement)))


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("version: 1", "version: 2", ["meta", "  ~ version: 1 → 2"]),
        ("reachable: daytime", "reachable: always",
         ["parties", "  ~ schakel / contacts / coordination-point / reachable: daytime → always"]),
        (URGENT, "urgent: PT90M, routine: {working_days: 3",
         ["obligations",
          "  ~ acknowledge_signal / within / urgent: 2 hours, day and night → 1 hour and 30 minutes, day and night",
          "  ~ acknowledge_signal / within / routine: 1 working day by the office calendar → "
          "3 working days by the office calendar"]),
        ('week: {mon-fri: "08:30-17:00"}', 'week: {mon-thu: "08:30-17:00", fri: "08:30-12:00"}',
         ["calendars",
          "  ~ office / week: Monday to Friday 08:30–17:00 → Monday to Thursday 08:30–17:00, Friday 08:30–12:00"]),
        ("      - {date: 2027-04-27, name: Koningsdag, source: agreed 2026-10-01}\n", "",
         ["calendars",
          "  - office / holidays / 2027-04-27: date: 2027-04-27, name: Koningsdag, source: agreed 2026-10-01"]),
        ("    - {name: social, match", "    - {name: sociable, match",
         ["routing",
          "  - routes / social: name: social, match: (types: social, behavioural), receiver: welzijn-desk",
          "  + routes / sociable: name: sociable, match: (types: social, behavioural), receiver: welzijn-desk"]),
        ("where: {reason: no_capacity}", "where: {reason: [no_capacity, outside_area]}",
         ["obligations",
          "  ~ settle_no_capacity / opened_by / where / reason: no_capacity → no_capacity, outside_area"]),
        ("expertise: [nursing, wound_care]", "expertise: [nursing]",
         ["parties", "  ~ linde / expertise: nursing, wound_care → nursing"]),
        ("      continue: true\n", "", ["routing", "  - routes / crisis / continue: yes"]),
    ],
)  # fmt: skip
def test_a_change_is_told_by_its_place_and_in_words(old: str, new: str, lines: list[str]) -> None:
    assert told((old, new)) == lines


def test_an_order_that_matters_is_told() -> None:
    line = "    - {name: social, match: {types: [social, behavioural]}, receiver: welzijn-desk}\n"
    first = "    - {name: outside-area"
    assert told((line, ""), (first, line + first))[1].startswith(
        "  ~ routes: now in the order social, outside-area, crisis, "
    )


def test_the_same_written_otherwise_is_no_change() -> None:
    assert told(("acute: PT15M", "acute: PT0H15M"), ("{per_year: 2}", '{"per_year": 2}')) == []


@settings(deadline=None, max_examples=30)
@given(strategies.agreements(), strategies.agreements())
def test_no_agreement_differs_from_itself_and_any_two_can_be_compared(one: Terms, other: Terms) -> None:
    assert changes(one.agreement, one.agreement) == []
    found = changes(one.agreement, other.agreement)
    assert bool(found) == (one.agreement != other.agreement)
    assert len(list(told_changes(found))) >= len(found)


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_case_can_be_compared_on_any_two_agreements(data: st.DataObject) -> None:
    old, new = data.draw(strategies.agreements()), data.draw(strategies.agreements())
    signal = data.draw(strategies.signals)
    case = a_case(
        at_ms=data.draw(strategies.moments),
        urgency=signal.urgency,
        types=signal.types,
        view=data.draw(strategies.cases(old)),
    )
    away = data.draw(strategies.directories(old))
    (same,) = compare([case], tried_on(old, away), tried_on(old, away))
    assert same.moved == ()
    (there,) = compare([case], tried_on(old, away), tried_on(new, away))
    (back,) = compare([case], tried_on(new, away), tried_on(old, away))
    assert {str(one.key) for one in there.moved} == {str(one.key) for one in back.moved}
    assert sum(one.by_ms or 0 for one in there.moved) == -sum(one.by_ms or 0 for one in back.moved)


@pytest.mark.parametrize(
    ("urgent", "verdict", "by_s"), [("PT1H", "sooner", -3 * 3600), ("PT5H", "later", 3600)]
)
def test_two_who_are_asked_at_their_own_moments_may_both_be_asked_sooner(
    urgent: str, verdict: str, by_s: int
) -> None:
    wait = "after: {acute: PT15M, urgent: PT4H, routine: {working_hours: 8"
    new = an_agreement((wait, wait.replace("PT4H", urgent)))
    (one,) = compared(new, a_case(types=("social",), concern=("crisis",)))
    (last,) = (found for found in one.moved if str(found.key) == "level 3 at")
    assert len(last.old) == len(last.new) == 2
    assert (one.verdicts, last.by_ms) == ((verdict,), by_s * 1000)


def test_a_case_that_stays_as_it_was_has_moved_nothing() -> None:
    assert [one.moved for one in compared(WATERKANT, a_case(), a_case(urgency="acute"))] == [(), ()]


def test_a_case_goes_elsewhere_and_its_ladder_with_it() -> None:
    new = an_agreement(
        (
            "types: [nursing, caring, supportive]}\n      receiver: linde-team",
            "types: [nursing, caring, supportive]}\n      receiver: linde-duty",
        )
    )
    found = moved(new, a_case())
    assert found["receiver"] == (("linde/linde-team",), ("linde/linde-duty",))
    assert found["level 0"] == (("linde/linde-team",), ("linde/linde-duty",))
    assert found["level 1"] == (("linde/linde-duty",), ())
    assert found["skipped"] == ((), ("deputy:nobody",))
    assert "due acknowledge_signal" not in found
    assert compared(new, a_case())[0].verdicts == ("elsewhere", "sooner")


@pytest.mark.parametrize(
    ("old", "new", "verdicts", "much"),
    [
        (URGENT, URGENT.replace("2H", "1H"), ("sooner",), "1 h sooner"),
        (URGENT, URGENT.replace("2H", "26H5M"), ("later",), "1 d 5 min later"),
        (f"acute: PT15M, {URGENT}", f"acute: PT5M, {URGENT}", (), ""),
        ("name: care-at-home", "name: home", ("otherwise",), ""),
    ],
)  # fmt: skip
def test_a_case_is_sooner_later_or_only_named_otherwise(
    old: str, new: str, verdicts: tuple[str, ...], much: str
) -> None:
    (one,) = compared(an_agreement((old, new)), a_case())
    assert one.verdicts == verdicts
    assert "".join(map(by_how_much, one.moved[:1])) == much


def test_an_obligation_that_is_new_counts_as_such() -> None:
    more = (
        "  - name: call_back\n    opened_by: SignalAcknowledged\n    discharged_by: [FeedbackGiven]\n"
        "    owed_by: event.by\n    within: {acute: PT1H, urgent: PT4H, routine: PT8H}\n    ladder: desk\n"
        "# Who is asked next"
    )
    found = moved(an_agreement(("# Who is asked next", more)), a_case())
    assert found["due call_back"] == ((), (ms("2026-11-23T13:00+01:00"),))


def test_a_comparison_tells_what_moved_beside_each_other_and_counts() -> None:
    new = an_agreement((URGENT, URGENT.replace("2H", "3H")))
    found = compared(new, a_case(), a_case(name="acute", urgency="acute"))
    assert list(told_comparison(found, WATERKANT.clock.zone)) == [
        "LATER  line 2  a case",
        "  Mon 23 Nov 2026 09:00 +01:00, urgent, nursing, 9901, by professional",
        "                            old                           new",
        "    due acknowledge_signal  Mon 23 Nov 2026 11:00 +01:00  Mon 23 Nov 2026 12:00 +01:00  1 h later",
        "",
        "2 cases: 1 later, 1 as before",
    ]
    assert counted([]) == "0 cases: 0 as before"


def test_signals_of_a_while_ago_are_cases() -> None:
    found = read_events(DAY, "de-vlier")
    events = [json.loads(line) for line in DAY.splitlines()]
    reports = [event for event in events if event["type"].endswith(".ReportSignal.v1")]
    assert found.findings == ()
    assert [case.name for case in found.cases] == [event["subject"] for event in reports]
    assert found.passed_over == len(events) - len(reports)
    first = found.cases[0]
    assert (first.at_ms, first.urgency, first.types, first.concern, first.postcode, first.reporter.kind) == (
        ms("2026-11-23T07:05:00+01:00"), "routine", ("supportive",), ("recovery",), "9901", "domestic_help",
    )  # fmt: skip
    assert [one.moved for one in compared(WATERKANT, *found.cases)] == [()] * len(reports)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_signal"),
        (DAY.replace('"de-vlier"', '"de-kolk"'), "no_signal"),
        ("not json", "not_an_event"),
        ("[]", "not_an_event"),
        (DAY.splitlines()[0].replace('"recordedtime"', '"when"').replace('"time"', '"then"'), "no_moment"),
        (DAY.splitlines()[0].replace('"9901"', '"99"'), "wrong_data"),
    ],
)
def test_a_file_without_signals_says_what_is_wrong(text: str, code: str) -> None:
    found = read_events(text, "de-vlier")
    assert found.cases == ()
    assert [one.code for one in found.findings] == [code]
