"""The second half of a signal's life: who may say what at which moment, and what is refused with which reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.signals import (
    AcknowledgeSignal,
    ActionOutcome,
    Actor,
    CallOutcome,
    CheckEffect,
    CloseReason,
    CloseSignal,
    Concern,
    Effect,
    EndAction,
    FeedbackForm,
    FeedbackGiven,
    FeedbackOutcome,
    GiveFeedback,
    Ground,
    InterpretSignal,
    LogCall,
    ReassignReason,
    ReassignSignal,
    RecordAction,
    Refusal,
    Reporter,
    ReporterKind,
    SignalRouted,
    SignalUrgencyChanged,
    WithdrawReason,
    WithdrawSignal,
)
from services.agreements import directory_changes as changes
from services.agreements.directory_book import DirectoryBook
from services.agreements.routable import CaseView
from services.agreements.terms import Terms
from services.signals import decide
from services.signals.decide import Decided, Situation
from services.signals.lifecycle import LIFECYCLE, Signal
from tests.agreements.texts import an_agreement
from tests.signals.test_decide import NOW_MS, a_report, names

TEAM, DUTY, STRANGER, COORDINATOR = (
    "linde/linde-team",
    "linde/linde-duty",
    "kolk/kolk-entry",
    "welzijn/welzijn-desk",
)
POINT = "schakel/coordination-point"
FEEDBACK = """
feedback:
  rules:
    - {to: gp, form: written, max_chars: 800}
    - {to: [emergency_service, neighbour_partnership], form: oral}
signals:
  repeat: {count: 3, within: P30D, then: propose_meeting}
"""
RULES, REPEAT = FEEDBACK.split("signals:\n")
AGREEMENT = an_agreement(("\nsignals:\n", f"{RULES}signals:\n{REPEAT}"))
BY = Actor(contact=TEAM)
REF = "vault:abcdefgh"
DUE = datetime(2026, 12, 3, 12, tzinfo=UTC)

Say = Callable[[Situation], Decided]


def a_signal(state: str, **more: Any) -> Signal:
    signal: Any = {
        "state": state,
        "urgency": "urgent",
        "taken_by": None if state in {"reported", "routed"} else TEAM,
        "reporter_kind": "professional",
        "reporter_party": "kolk",
        **more,
    }
    return signal  # type: ignore[no-any-return]


def at(state: str | None, agreement: Terms = AGREEMENT, **more: Any) -> Situation:
    signal = None if state is None else a_signal(state, **more)
    case = CaseView(coordinator=COORDINATOR, practice="huisartsen")
    return Situation(
        signal, (TEAM, DUTY, POINT), case, NOW_MS, agreement, entity="sig-aaaaaaaa", next_id="casework-0-7"
    )


def interprets(by: str = TEAM, urgency: str = "urgent", **more: Any) -> Say:
    asks = InterpretSignal(
        by=Actor(contact=by), findings_ref=REF, urgency=urgency, expects_action=True, **more
    )
    return lambda situation: decide.interpret(asks, situation)


def acts(by: str = TEAM, action: str = "home_visit", **more: Any) -> Say:
    said = {"owner": TEAM, "due_at": DUE, **more}
    asks = RecordAction(by=Actor(contact=by), action=action, **said)
    return lambda situation: decide.record_action(asks, situation)


def tells(
    to: str = "gp", form: str = "written", by: str = TEAM, outcome: str | None = None, **more: Any
) -> Say:
    outcome = FeedbackOutcome(outcome or ("sent" if form == "written" else "spoken"))
    said = {"content_ref": REF, "chars": 480, "outcome": outcome, **more}
    asks = GiveFeedback(by=Actor(contact=by), to=to, form=FeedbackForm(form), **said)
    return lambda situation: decide.give_feedback(asks, situation)


def checks(outcome: str = "achieved", by: str = TEAM) -> Say:
    asks = CheckEffect(by=Actor(contact=by), outcome=Effect(outcome))
    return lambda situation: decide.check_effect(asks, situation)


def closes(by: str = TEAM, reason: str = "effect_achieved") -> Say:
    asks = CloseSignal(by=Actor(contact=by), reason=CloseReason(reason))
    return lambda situation: decide.close(asks, situation)


def phones(to: str = DUTY, outcome: str = "spoken", by: str = TEAM, **more: Any) -> Say:
    asks = LogCall(by=Actor(contact=by), to=to, outcome=CallOutcome(outcome), **more)
    return lambda situation: decide.log_call(asks, situation)


def gives(to: str = DUTY, by: str = TEAM) -> Say:
    asks = ReassignSignal(by=Actor(contact=by), to=to, reason=ReassignReason.NO_CAPACITY)
    return lambda situation: decide.reassign(asks, situation)


def withdraws(kind: str = "professional", party: str | None = "kolk") -> Say:
    asks = WithdrawSignal(
        reporter=Reporter(kind=ReporterKind(kind), party=party), reason=WithdrawReason.MISTAKEN
    )
    return lambda situation: decide.withdraw(asks, situation)


#: In which state, who says what: the state it leads to, or why not.
LIFE: list[tuple[str | None, Say, str | Refusal]] = [
    (None, interprets(), Refusal.UNKNOWN_ENTITY),
    (None, acts(), Refusal.UNKNOWN_ENTITY),
    (None, tells(), Refusal.UNKNOWN_ENTITY),
    (None, checks(), Refusal.UNKNOWN_ENTITY),
    (None, closes(), Refusal.UNKNOWN_ENTITY),
    (None, gives(), Refusal.UNKNOWN_ENTITY),
    (None, withdraws(), Refusal.UNKNOWN_ENTITY),
    # Nobody interprets what nobody took.
    ("routed", interprets(), Refusal.NOT_THE_HOLDER),
    ("routed", interprets(by=COORDINATOR), Refusal.NOT_ALLOWED_NOW),
    ("acknowledged", interprets(), "interpreted"),
    ("acknowledged", interprets(by=COORDINATOR), "interpreted"),
    ("acknowledged", interprets(by=DUTY), Refusal.NOT_THE_HOLDER),
    ("acknowledged", interprets(by=STRANGER), Refusal.NEVER_ASKED),
    ("acknowledged", interprets(urgency="soonish"), Refusal.UNKNOWN_URGENCY),
    ("acknowledged", acts(), Refusal.NOT_ALLOWED_NOW),
    ("interpreted", acts(), "acted_on"),
    ("interpreted", acts(owner=None), Refusal.OWNER_MISSING),
    ("interpreted", acts(due_at=None), Refusal.OWNER_MISSING),
    ("interpreted", acts(action="no_action"), Refusal.REASON_MISSING),
    ("interpreted", acts(action="no_action", reason="client_declines"), "left_as_it_is"),
    ("interpreted", acts(by=DUTY), Refusal.NOT_THE_HOLDER),
    ("left_as_it_is", closes(), Refusal.WRONG_REASON),
    ("left_as_it_is", closes(reason="no_action_needed"), "closed"),
    ("left_as_it_is", closes(reason="goes_on_in_case"), "closed"),
    ("acted_on", acts(), "acted_on"),
    # Never closed without an answered effect check; a check that reached nobody is no answer.
    ("acted_on", closes(), Refusal.EFFECT_NOT_CHECKED),
    ("interpreted", closes(), Refusal.EFFECT_NOT_CHECKED),
    ("acted_on", checks("no_contact"), "acted_on"),
    ("acted_on", checks(), "effect_checked"),
    ("acted_on", checks("not_achieved"), "effect_checked"),
    ("interpreted", checks(), Refusal.NOT_ALLOWED_NOW),
    ("effect_checked", closes(), "closed"),
    ("effect_checked", closes(reason="no_action_needed"), Refusal.WRONG_REASON),
    ("effect_checked", closes(by=DUTY), Refusal.NOT_THE_HOLDER),
    # It did not help: back to the third step, with the history.
    ("effect_checked", interprets(), "interpreted"),
    ("effect_checked", acts(), "acted_on"),
    ("closed", closes(), Refusal.NOT_ALLOWED_NOW),
    ("closed", interprets(), Refusal.NOT_ALLOWED_NOW),
    ("closed", withdraws(), Refusal.NOT_ALLOWED_NOW),
    ("withdrawn", acts(), Refusal.NOT_ALLOWED_NOW),
    # Feedback goes along with every state in which somebody has it.
    ("acknowledged", tells(), "acknowledged"),
    ("effect_checked", tells(form="phone", content_ref=None, chars=None), "effect_checked"),
    ("routed", tells(by=COORDINATOR), Refusal.NOT_ALLOWED_NOW),
    ("acted_on", tells(chars=801), Refusal.TEXT_TOO_LONG),
    ("acted_on", tells(chars=800), "acted_on"),
    ("acted_on", tells(chars=None), Refusal.TEXT_MISSING),
    ("acted_on", tells(content_ref=None), Refusal.TEXT_MISSING),
    ("acted_on", tells(to="emergency_service"), Refusal.WRONG_FORM),
    ("acted_on", tells(to="reporter"), Refusal.WRONG_FORM),
    ("acted_on", tells(to="reporter", form="oral"), "acted_on"),
    # Who gets it counts, and not only the word for them.
    ("acted_on", tells(to="social_work", receiver="welzijn/welzijn-desk", chars=5000), "acted_on"),
    ("acted_on", tells(to="social_work", receiver="kolk/kolk-entry"), Refusal.WRONG_RECEIVER),
    ("acted_on", tells(to="social_work", receiver="welzijn/nobody"), Refusal.UNKNOWN_CONTACT),
    ("acted_on", tells(to="pharmacy", receiver="apotheek/pharmacy-desk"), Refusal.UNKNOWN_CONTACT),
    ("acted_on", tells(to="welzijn"), Refusal.WRONG_RECEIVER),
    ("acted_on", tells(to="social_work", form="phone", receiver="kolk/kolk-entry"), Refusal.WRONG_RECEIVER),
    ("acted_on", tells(to="reporter", form="oral", receiver=DUTY), Refusal.WRONG_RECEIVER),
    # To a kind, and to nobody in particular, nothing can be sent; somebody may have brought it.
    ("acted_on", tells(to="social_work"), Refusal.WRONG_RECEIVER),
    ("acted_on", tells(to="social_work", outcome="delivered"), "acted_on"),
    # Sent is not informed, and nobody reads a call.
    ("acted_on", tells(outcome="delivered"), Refusal.WRONG_OUTCOME),
    ("acted_on", tells(outcome="read"), Refusal.WRONG_OUTCOME),
    ("acted_on", tells(outcome="spoken"), Refusal.WRONG_OUTCOME),
    ("acted_on", tells(form="phone", outcome="delivered"), Refusal.WRONG_OUTCOME),
    ("acted_on", tells(to="reporter", form="oral", outcome="read"), Refusal.WRONG_OUTCOME),
    ("acted_on", tells(to="reporter", form="oral", outcome="not_wanted"), "acted_on"),
    ("acted_on", tells(by=STRANGER), Refusal.NEVER_ASKED),
    # Phoned: by whoever has to do with it, and by the coordination point, which alone says for others what they said.
    (None, phones(), Refusal.UNKNOWN_ENTITY),
    ("routed", phones(), "routed"),
    ("acted_on", phones(outcome="not_reached"), "acted_on"),
    ("routed", phones(by=STRANGER), Refusal.NEVER_ASKED),
    ("routed", phones(to=TEAM), Refusal.WRONG_RECEIVER),
    ("routed", phones(to="linde/nobody"), Refusal.UNKNOWN_CONTACT),
    ("routed", phones(outcome="taken"), Refusal.NOT_THE_HOLDER),
    ("routed", phones(by=POINT, outcome="taken"), "acknowledged"),
    ("routed", phones(by=POINT, outcome="taken", to=STRANGER), Refusal.NEVER_ASKED),
    ("routed", phones(by=POINT, outcome="declined"), Refusal.REASON_MISSING),
    ("routed", phones(by=POINT, outcome="declined", reason="no_capacity"), "routed"),
    ("acknowledged", phones(by=POINT, outcome="taken"), Refusal.ALREADY_TAKEN),
    ("closed", phones(by=POINT), Refusal.NOT_ALLOWED_NOW),
    # Given to somebody else: as long as nobody took it, by whoever was asked; afterwards by who has it.
    ("routed", gives(), "routed"),
    ("routed", gives(by=STRANGER), Refusal.NEVER_ASKED),
    ("routed", gives(to="linde/nobody"), Refusal.UNKNOWN_CONTACT),
    ("acknowledged", gives(), "routed"),
    ("acted_on", gives(by=COORDINATOR), "routed"),
    ("acknowledged", gives(by=DUTY), Refusal.NOT_THE_HOLDER),
    ("closed", gives(), Refusal.NOT_ALLOWED_NOW),
    ("routed", withdraws(), "withdrawn"),
    ("acted_on", withdraws(), "withdrawn"),
    ("routed", withdraws(party="linde"), Refusal.NOT_THE_REPORTER),
    ("routed", withdraws(kind="neighbour", party=None), Refusal.NOT_THE_REPORTER),
]


@pytest.mark.parametrize(
    ("state", "say", "leads_to"), LIFE, ids=[f"{state}-{n}-{to}" for n, (state, _, to) in enumerate(LIFE)]
)
def test_life_goes_as_the_table_says(state: str | None, say: Say, leads_to: str | Refusal) -> None:
    situation = at(state)
    found = say(situation)
    if isinstance(leads_to, Refusal):
        assert (found.refusal, found.facts, found.signal) == (leads_to, (), situation.signal)
    else:
        assert found.refusal is None and found.facts and found.signal is not None
        assert found.signal["state"] == leads_to


def test_life_table_is_reached_whole_by_what_is_tried() -> None:
    """Every state that is not made by reporting stands in the table above, as where it goes from or to."""
    tried = {state for state, _, _ in LIFE} | {to for _, _, to in LIFE if not isinstance(to, Refusal)}
    assert set(LIFECYCLE) - tried == {"absent", "reported"}


def test_interpreting_tells_that_the_urgency_changed_before_it_tells_the_findings() -> None:
    found = interprets(urgency="acute", findings_for=("gp",))(at("acknowledged"))
    assert names(found.facts) == ["SignalUrgencyChanged", "SignalInterpreted"]
    changed = found.facts[0]
    assert isinstance(changed, SignalUrgencyChanged) and (changed.before, changed.urgency) == (
        "urgent",
        "acute",
    )
    assert found.signal is not None and found.signal["urgency"] == "acute"
    assert names(interprets()(at("acknowledged")).facts) == ["SignalInterpreted"]


def test_what_was_taken_and_is_given_away_is_asked_anew() -> None:
    found = gives()(at("acknowledged", types=["nursing"]))
    assert names(found.facts) == ["SignalReassigned", "SignalRouted"]
    routed = found.facts[1]
    assert isinstance(routed, SignalRouted)
    assert (routed.contact, routed.reason, routed.rule, routed.ladder) == (
        DUTY,
        "reassigned",
        "by_hand",
        "standard",
    )
    assert found.asked == (DUTY,)
    assert found.signal is not None and found.signal["taken_by"] is None


def test_what_nobody_took_and_is_given_away_keeps_its_deadline() -> None:
    found = gives(to=STRANGER)(at("routed"))
    assert names(found.facts) == ["SignalReassigned"]
    assert found.asked == (STRANGER,)


@pytest.mark.parametrize(
    ("days_ago", "count"),
    [((), None), ((1,), None), ((1, 30), 3), ((1, 31), None), ((0, 0, 0), 4), ((40, 31, 2), None)],
)
def test_signal_that_is_one_too_many_proposes_a_meeting(days_ago: tuple[int, ...], count: int | None) -> None:
    before = tuple(NOW_MS - days * 86_400_000 for days in days_ago)
    situation = Situation(None, (), CaseView(), NOW_MS, AGREEMENT, before)
    repeated = [
        fact for fact in decide.report(a_report(), situation).facts if type(fact).__name__ == "SignalRepeated"
    ]
    assert [vars(fact)["count"] for fact in repeated] == ([] if count is None else [count])
    assert "SignalRepeated" not in names(decide.report_unrouted(a_report(), situation).facts)


def test_an_agreement_without_a_pattern_proposes_nothing() -> None:
    situation = Situation(None, (), CaseView(), NOW_MS, an_agreement(), (NOW_MS,) * 50)
    assert "SignalRepeated" not in names(decide.report(a_report(), situation).facts)


def test_nothing_is_closed_or_helped_while_something_is_still_to_be_done() -> None:
    running: dict[str, Any] = {"actions": {"act-1": TEAM}}
    for situation, say in (
        (at("acted_on", **running), checks()),
        (at("effect_checked", **running), closes(reason="goes_on_in_case")),
        (at("left_as_it_is", **running), closes(reason="no_action_needed")),
    ):
        assert say(situation).refusal is Refusal.ACTION_RUNS
    assert checks("not_achieved")(at("acted_on", **running)).refusal is None


@pytest.mark.parametrize(
    ("effect", "reason", "refusal"),
    [
        ("achieved", "effect_achieved", None),
        ("achieved", "goes_on_in_case", None),
        ("partly", "effect_achieved", Refusal.WRONG_REASON),
        ("not_achieved", "effect_achieved", Refusal.WRONG_REASON),
        ("not_achieved", "goes_on_in_case", None),
    ],
)
def test_nobody_closes_it_because_it_helped_when_it_did_not(
    effect: str, reason: str, refusal: Refusal | None
) -> None:
    checked = checks(effect)(at("acted_on"))
    assert checked.signal is not None
    found = closes(reason=reason)(at("effect_checked")._replace(signal=checked.signal))
    assert found.refusal is refusal


HERE, THERE = "urn:example:linde", "urn:example:elsewhere"


@pytest.mark.parametrize(
    ("reported_from", "said_from", "refusal"),
    [
        (HERE, HERE, None),
        (HERE, THERE, Refusal.NOT_THE_REPORTER),
        (HERE, "", Refusal.NOT_THE_REPORTER),
        # A row of before that was kept: nobody is taken at his word.
        (None, HERE, Refusal.NOT_THE_REPORTER),
        ("", "", Refusal.NOT_THE_REPORTER),
    ],
)
def test_report_of_a_neighbour_is_taken_back_by_whom_it_came_from_and_nobody_else(
    reported_from: str | None, said_from: str, refusal: Refusal | None
) -> None:
    """Whoever knows the signal could otherwise make it go away: no party is named that could be held against it."""
    kept: dict[str, Any] = {} if reported_from is None else {"source": reported_from}
    situation = at("routed", reporter_kind="neighbour", reporter_party=None, **kept)
    assert withdraws("neighbour", None)(situation._replace(source=said_from)).refusal is refusal


def test_who_comes_in_the_place_of_a_function_has_what_it_had() -> None:
    """Whoever holds it, does it, coordinates it or was asked for it (S002-15)."""
    ended = DirectoryBook([changes.succeeded(changes.nothing_told(TEAM), STRANGER, None, NOW_MS)])
    later = at("acted_on", actions={"act-casework-0-1": TEAM})._replace(directory=ended.directory)
    assert acts(by=STRANGER)(later).refusal is None
    assert acts(by=STRANGER)(at("acted_on")).refusal is Refusal.NEVER_ASKED
    ends = EndAction(by=Actor(contact=STRANGER), outcome=ActionOutcome.DONE)
    assert decide.end_action(ends, later).refusal is None
    taken = AcknowledgeSignal(by=Actor(contact=STRANGER))
    found = decide.acknowledge(taken, at("routed")._replace(directory=ended.directory))
    assert found.signal is not None and found.signal["taken_by"] == STRANGER
    coordinated = DirectoryBook(
        [changes.succeeded(changes.nothing_told(COORDINATOR), STRANGER, None, NOW_MS)]
    )
    assert interprets(by=STRANGER)(at("acted_on")._replace(directory=coordinated.directory)).refusal is None


@pytest.mark.parametrize(
    ("concern", "urgency", "then", "is_taken"),
    [
        (("nuisance",), "urgent", "refuse", False),
        (("nuisance",), "routine", "flag", True),
        (("nuisance", "neglect"), "urgent", "refuse", True),
        # What cannot wait is never sent back, whatever it is called.
        (("nuisance",), "acute", "refuse", True),
        ((), "urgent", "refuse", True),
    ],
)
def test_a_report_about_nuisance_alone_goes_back_with_the_reason(
    concern: tuple[str, ...], urgency: str, then: str, is_taken: bool
) -> None:
    """S000-55: care comes first."""
    agreement = an_agreement(("\nsignals:\n", f"\nsignals:\n  nuisance_only: {then}\n"))
    found = decide.report(
        a_report(concern=tuple(map(Concern, concern)), urgency=urgency),
        Situation(None, (), CaseView(), NOW_MS, agreement),
    )
    assert found.refusal is (None if is_taken else Refusal.NUISANCE_ONLY)
    assert bool(found.asked) == is_taken


PRESUMED = """
information:
  purpose: p
  measure: none
  purposes: [give_care]
  consent:
    purpose: p
    measure: none
    ask_before: [first_disclosure]
    asked_by: [gp]
    valid_for: P1Y
    presumed_for: [findings_to_own_gp]
"""


@pytest.mark.parametrize(
    ("to", "said", "ground", "refusal"),
    [
        ("gp", {}, "presumed_consent", None),
        ("gp", {"outcome": "not_reached"}, None, None),
        ("gp", {"ground": "consent", "purpose": "give_care"}, "consent", None),
        ("social_work", {}, None, None),
        ("gp", {"ground": "vital_interest"}, None, Refusal.SEVERAL_DECIDE),
        ("gp", {"ground": "conflict_of_duties"}, None, Refusal.SEVERAL_DECIDE),
        ("gp", {"purpose": "curiosity"}, None, Refusal.UNKNOWN_PURPOSE),
    ],
)
def test_feedback_says_on_what_ground_and_for_what(
    to: str, said: dict[str, Any], ground: str | None, refusal: Refusal | None
) -> None:
    """D4: who told what to whom, on consent or on presumed consent, and for which purpose."""
    agreement = an_agreement(("\nsignals:\n", f"{PRESUMED}signals:\n"))
    kinds = {"ground": Ground, "outcome": FeedbackOutcome}
    more = {name: kinds.get(name, str)(value) for name, value in said.items()}
    found = tells(to=to, form="phone", content_ref=None, chars=None, **more)(at("acted_on", agreement))
    assert found.refusal is refusal
    if refusal is None:
        fact = found.facts[-1]
        assert isinstance(fact, FeedbackGiven)
        assert (fact.ground, fact.purpose) == (ground, said.get("purpose"))
