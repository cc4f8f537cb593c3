"""The cases of the small example come out as they were thought out, and leave nothing of the agreement untried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.agreements.directory_file import read_directory
from services.agreements.dryrun.cases import Case
from services.agreements.dryrun.csv_file import read_csv
from services.agreements.dryrun.trial import tried_on
from services.agreements.dryrun.verdicts import Verdict, judge
from services.agreements.dryrun.vocabulary import vocabulary
from services.agreements.matching import MATCHED
from services.agreements.moments import moment
from services.agreements.parts import ROOT, Node
from tests.agreements.texts import an_agreement

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AGREEMENT = an_agreement()
CASES = read_csv((EXAMPLES / "waterkant-small-cases.csv").read_text(encoding="utf-8"), vocabulary(AGREEMENT))
TOLD = read_directory((EXAMPLES / "waterkant-small-directory.yaml").read_text(encoding="utf-8"), AGREEMENT)
assert TOLD.directory is not None, TOLD.findings
TRIED = tried_on(AGREEMENT, TOLD.directory)
VERDICTS = judge(CASES.cases, TRIED)


def rules(node: Node) -> Iterator[str]:
    for rule in node.routes:
        yield rule.name
        yield from rules(rule)


def test_the_files_are_read_without_a_finding() -> None:
    assert CASES.findings == ()
    assert len(CASES.cases) >= 60


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda verdict: str(verdict.case.name))
def test_a_case_comes_out_as_expected(verdict: Verdict) -> None:
    assert verdict.differences == ()


def test_every_case_expects_something() -> None:
    assert [case.name for case in CASES.cases if not case.expected] == []


def expected(about: str) -> set[str]:
    """Every word that some case expects under this title."""
    return {
        str(word)
        for case in CASES.cases
        for key, answer in case.expected.items()
        if str(key) == about
        for word in answer
    }


def test_every_rule_is_expected_by_some_case_and_decides_it() -> None:
    decided = {choice.rule for verdict in VERDICTS for choice in verdict.trial.decision.choices}
    assert decided == {ROOT, *rules(AGREEMENT.root)}
    assert expected("rule") == decided


def test_every_rule_is_also_passed_over_by_some_case() -> None:
    passed = {
        step.node for verdict in VERDICTS for step in verdict.trial.decision.trace if step.because != MATCHED
    }
    assert passed == set(rules(AGREEMENT.root))


def test_every_level_of_every_ladder_is_asked_and_expected_at_every_urgency() -> None:
    levels = {
        (name, level, urgency)
        for name, by_urgency in AGREEMENT.ladders.items()
        for urgency, ladder in by_urgency.items()
        for level in range(len(ladder.rungs))
    }
    reached = {
        (name, stand.level, verdict.trial.decision.urgency)
        for verdict in VERDICTS
        for name, of in (("standard", None), ("desk", "settle_no_capacity"))
        for ladder in verdict.trial.ladders(of)
        for stand in ladder.stands
        if {f"level {stand.level}" + (f" {of}" if of else "")} & set(map(str, verdict.case.expected))
    }
    assert reached == levels


def test_every_contact_and_every_time_of_every_obligation_is_expected_by_some_case() -> None:
    asked = {
        word
        for case in CASES.cases
        for key, answer in case.expected.items()
        if key.kind.shape == "contacts"
        for word in answer
    }
    assert asked == set(AGREEMENT.contacts)
    due = {
        (key.of, case.urgency)
        for case in CASES.cases
        for key in case.expected
        if key.kind.title == "due OBLIGATION"
    }
    assert due == {(name, level) for name in TRIED.duties for level in AGREEMENT.levels}


def test_every_reason_that_can_pass_over_a_level_is_expected_by_some_case() -> None:
    reasons = {word.partition(":")[2] for word in expected("skipped")}
    assert reasons == {
        "absent", "already_asked", "no_channel", "nobody", "outside_hours", "takes_no_part",
    }  # fmt: skip


@pytest.mark.parametrize(
    "day",
    ["2026-10-25", "2027-03-28", "2026-12-25", "2027-03-26", "2027-03-29", "2027-04-27", "2027-01-01"],
)
def test_a_day_on_which_the_clock_or_the_office_is_otherwise_has_cases(day: str) -> None:
    def days(case: Case) -> str:
        return moment(case.at_ms).astimezone(AGREEMENT.clock.zone).date().isoformat()

    assert [case.name for case in CASES.cases if days(case) == day]


def test_without_the_absences_only_the_cases_about_them_differ() -> None:
    remark = "# Absences and reach"
    lines = (EXAMPLES / "waterkant-small-cases.csv").read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(lines, start=1) if line.startswith(remark))
    differ = [one.case.line for one in judge(CASES.cases, tried_on(AGREEMENT)) if one.differences]
    assert differ
    assert all(first < line for line in differ)
