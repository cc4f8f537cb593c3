"""The 28 questions: answered where the file says so, and no longer once the key is gone."""

# ruff: noqa: E501 - a row of a table, or of an agreement, is a line

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from services.agreements.checklist import QUESTIONS, Answer, answers, unanswered
from services.agreements.load import Draft, load
from services.agreements.sentences import checklist as words
from tests.agreements.texts import WATERKANT, changed, drafted

BIG = Path(__file__).resolve().parents[2] / "examples" / "waterkant"
NUMBERS = [str(n) for n in range(1, 29)]
#: Asked of each client too, by the table of the documents.
BY_CASE = {1, 2, 3, 7, 9, 11, 13, 14, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 28}

#: A partnership that answers every question, in as few words as it takes; by the section a key stands in.
SECTIONS = {
    "information": """
      client_preferences: {ask_before: first_disclosure, kinds: findings, receivers: gp}
      consent: {ask_before: first_disclosure, asked_by: district_nurse, valid_for: P1Y}
      without_consent:
        grounds: {vital_interest: {needs: threat, deciders: gp}}
        deciders_min: 2
        review_every: P30D
        inform_client: {within: P30D}
      requests: {who_may_ask: coordinator, answer_within: {acute: PT1H}}
      data_agreement: {ref: convenant, retrievable_at: website}""",
    "feedback": """
      rules: [{to: gp, form: written, max_chars: 800}]
      content: {required_fields: findings}""",
    "records": """
      {dossier_of_record: gp_record, note_required_on: disclosure, access_for_partners: by a call}""",
    "roles": """
      coordinator: {assigned_by: first_meeting, powers: plan, limits: medical, not_final_responsible: true}
      task_division: [{task: wash, party: linde, after: cook, informs: welzijn, works_with: huisartsen}, {task: cook, party: welzijn}]""",
    "mandates": """
      parts: [{part: care, responsible_role: coordinator, final_responsible: none, may_decide: hours, recorded_in: plan}]
      hold_to_account: [{role: coordinator, may: [address], answer_within: PT8H}]""",
    "direction": """
      client_involvement: {required_in: care_plan}
      client_contact: {assign_rule: known, tell_within: PT8H}
      client_overview: {includes: [contact, parts, coordinator]}""",
    "referral": """
      modes: [refer, involve]""",
    "handover": """
      forms: {case_lead: {required: result_so_far}}
      missed_care_codes: neglect
      moments: discharge
      confirmations: [giver_dossier, taker_dossier]
      due_within: {acute: PT4H, urgent: PT24H, routine: PT48H}
      channels: {acute: &Q, urgent: &Q, routine: &Q}
      client_involvement: {ask: advised}""".replace("&Q", "{written: required, phone: advised}"),
    "monitoring": """
      {monitors: coordinator, evaluates: coordinator, keeps_contact: coordinator, moments: weekly}""",
    "evaluation": """
      {client_experience: required}""",
    "aftercare": """
      watcher: [relative, coordinator]
      rhythm: P4W
      relative_reports_to: coordinator
      by: [phone]
      silent: {count: 2, then: tell_coordinator}
      ends_when: agreed""",
    "mdo": """
      {weighing_steps: colleagues, first_planned_by: signalling_party, follow_up: {max_gap: P6W}}""",
    "joining": """
      {conditions: quality, agree_by: 2}""",
}  # fmt: skip
TELL = """  - name: tell_the_gp
    opened_by: SignalInterpreted
    discharged_by: [{event: FeedbackGiven, where: {to: gp}}]
    owed_by: coordination-point
    within: {acute: PT24H, urgent: PT48H, routine: PT96H}
    ladder: desk
"""
EXPERTISE = tuple(
    (f"    kind: {kind}\n", f"    kind: {kind}\n    expertise: [e]\n    competences: [c]\n")
    for kind in ("gp", "social_work", "pharmacy", "coordination_point")
)
BASE = (
    ("    expertise: [nursing, wound_care]\n", "    expertise: [nursing]\n    competences: [c]\n"),
    *EXPERTISE,
    ("  version: 1\n", "  version: 1\n  term: P1Y\n  notice_period: P3M\n"),
)

#: What is taken away, and the questions that then are answered with no.
GONE = [
    ("ask_before: first_disclosure, kinds: findings, receivers: gp", "ask_before: [], kinds: findings, receivers: gp", {"1"}),
    ("{needs: threat, deciders: gp}", "{needs: threat}", {"2"}),
    ("      requests: {who_may_ask: coordinator, answer_within: {acute: PT1H}}\n", "", {"3"}),
    ("within: {acute: PT24H, urgent: PT48H, routine: PT96H}", "within: {acute: PT24H, urgent: PT48H}", {"5"}),
    ("FeedbackGiven, where: {to: gp}", "ActionRecorded", {"5"}),
    ("due_within: {acute: PT4H, urgent: PT24H, routine: PT48H}", "due_within: {acute: PT4H}", {"5"}),
    ("form: written, max_chars: 800", "form: written", {"6"}),
    ("      content: {required_fields: findings}", "", {"6"}),
    ("note_required_on: disclosure", "note_required_on: []", {"7"}),
    ("    expertise: [nursing]\n", "", {"8"}),
    ("task: cook, party: welzijn", "task: cook", {"9"}),
    (", works_with: huisartsen", "", {"10"}),
    ("      parts: [{part: care, responsible_role: coordinator, final_responsible: none, may_decide: hours, recorded_in: plan}]\n",
     "", {"11", "12"}),
    (", may_decide: hours", "", {"12"}),
    ("      hold_to_account: [{role: coordinator, may: [address], answer_within: PT8H}]", "", {"13"}),
    ("      client_involvement: {required_in: care_plan}\n", "", {"14"}),
    ("limits: medical, ", "", {"15"}),
    ("      client_contact: {assign_rule: known, tell_within: PT8H}\n", "", {"16"}),
    ("[contact, parts, coordinator]", "[contact, coordinator]", {"17"}),
    ("[contact, parts, coordinator]", "[contact, parts]", {"18"}),
    ("      moments: discharge\n", "", {"19"}),
    ("      client_involvement: {ask: advised}", "", {"20"}),
    ("{ask: advised}", "{ask: off}", {"20"}),
    ("{written: required, phone: advised}, urgent", "{written: required, phone: advised}, urgentt", {"21"}),
    ("      missed_care_codes: neglect\n", "", {"22"}),
    ("[giver_dossier, taker_dossier]", "[giver_dossier]", {"23"}),
    ("[giver_dossier, taker_dossier]", "[taker_dossier]", {"24"}),
    (", moments: weekly", "", {"25"}),
    ("client_experience: required", "client_experience: off", {"26"}),
    ("      rhythm: P4W\n", "      rhythm: P4W\n      risk_analysis: off\n", {"27"}),
    ("      relative_reports_to: coordinator\n", "", {"28"}),
    ("      data_agreement: {ref: convenant, retrievable_at: website}", "", {"d"}),
    ("  notice_period: P3M\n", "", {"g"}),
    ("review: {per_year: 2}", "review: {per_year: 1}", {"h"}),
    ("    signal_contact: kolk-entry\n", "", {"a"}),
    ("    accountable_person: kolk-entry\n", "", {"i"}),
]  # fmt: skip


def a_full_text(*changes: tuple[str, str]) -> str:
    sections = "".join(f"{name}:{body}\n" for name, body in SECTIONS.items())
    return changed(*BASE, ("escalation:\n", f"{TELL}\n{sections}\nescalation:\n"), *changes)


def by_number(draft: Draft) -> dict[str, Answer]:
    assert draft.agreement is not None, draft.findings
    return {answer.number: answer for answer in answers(draft)}


@cache
def large(name: str) -> Draft:
    template = (BIG / "region-waterkant.yaml").read_text(encoding="utf-8")
    return load((BIG / f"{name}.yaml").read_text(encoding="utf-8"), template)


def test_there_are_28_questions_in_order_and_each_in_both_languages() -> None:
    assert [question.number for question in QUESTIONS if question.number.isdigit()] == NUMBERS
    assert {question.number for question in QUESTIONS} == set(words.QUESTIONS)
    assert {question.group for question in QUESTIONS} == set(words.GROUPS)
    assert all(dutch != english for dutch, english in words.QUESTIONS.values())
    assert {int(question.number) for question in QUESTIONS if question.is_by_case} == BY_CASE


def test_a_full_agreement_answers_all_with_its_lines() -> None:
    text = a_full_text()
    found = by_number(drafted(text))
    # Only the regional template is missing, and nobody has to have one.
    assert {number for number, answer in found.items() if answer.state != "yes"} == {"m"}
    lines = text.splitlines()
    for number, part in (
        ("1", "client_preferences"), ("4", "rules:"), ("12", "may_decide"), ("17", "client_overview"),
        ("23", "handover:"), ("28", "relative_reports_to"), ("f", "operational:"),
    ):  # fmt: skip
        near = "".join(lines[found[number].line - 2 : found[number].line + 1])
        assert part in near, (number, near)


@pytest.mark.parametrize(("old", "new", "numbers"), GONE)
def test_an_answer_goes_with_its_key(old: str, new: str, numbers: set[str]) -> None:
    found = by_number(drafted(a_full_text((old, new))))
    assert {number for number, answer in found.items() if answer.state == "no"} - {"m"} == numbers
    assert all(found[number].keys for number in numbers)


@pytest.mark.parametrize(
    ("section", "numbers"),
    [
        ("records", {"7"}),
        ("mandates", {"11", "12", "13"}),
        ("monitoring", {"25"}),
        ("evaluation", {"26"}),
        ("aftercare", {"27", "28"}),
        ("direction", {"14", "16", "17", "18"}),
        # Feedback still has its times when nothing is ever handed over, and the other way round.
        ("handover", {"20", "21", "22", "23", "24"}),
        ("feedback", {"4"}),
        ("mdo", {"b", "c"}),
    ],
)
def test_what_the_partners_do_without_is_told_with_their_reason(section: str, numbers: set[str]) -> None:
    body = f"{section}:{SECTIONS[section]}\n"
    found = by_number(drafted(a_full_text((body, f"{section}: {{not_applicable: done elsewhere}}\n"))))
    left_out = {number: answer.reason for number, answer in found.items() if answer.state == "not_applicable"}
    assert left_out == dict.fromkeys(numbers, "done elsewhere")
    assert not [answer for answer in found.values() if answer.state == "no" and answer.number != "m"]


def test_nobody_reports_to_anybody_when_no_relative_watches() -> None:
    found = by_number(drafted(a_full_text(("watcher: [relative, coordinator]", "watcher: [coordinator]"))))
    assert (found["28"].state, found["28"].reason) == ("not_applicable", "no_relative_watches")
    assert found["28"].reason in words.REASONS


def test_the_small_example_answers_only_what_it_speaks_of() -> None:
    found = by_number(drafted(WATERKANT))
    assert {number for number, answer in found.items() if answer.state == "yes"} == set("aefhijkl")


@pytest.mark.parametrize("name", ["de-vlier", "de-kolk"])
def test_the_large_example_answers_every_question(name: str) -> None:
    found = by_number(large(name))
    assert {number: found[number].state for number in NUMBERS} == dict.fromkeys(NUMBERS, "yes")
    assert {answer.source for answer in found.values()} == {"", "region-waterkant"}


def test_whoever_requires_the_checklist_is_told_each_no_as_an_error() -> None:
    draft = drafted(WATERKANT)
    found = list(unanswered(answers(draft)))
    assert [dict(one.words)["number"] for one in found] == NUMBERS
    assert {one.severity for one in found} == {"error"}
    assert not list(unanswered(answers(drafted(a_full_text()))))


def test_a_file_that_cannot_be_read_answers_nothing() -> None:
    assert answers(load("meta: 1")) == ()
