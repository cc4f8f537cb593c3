"""What a dry run says would happen is what the processors do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.deadlines import ObligationEscalated, ObligationOpened
from services.agreements.directory import Directory, Reach, Shift, Window
from services.agreements.dryrun.cases import Case, Reported
from services.agreements.dryrun.keys import KINDS, Answer, key_of
from services.agreements.dryrun.trial import Trial, both, tried_on
from services.agreements.route import Choice
from services.agreements.terms import Terms
from services.agreements.times import Pause
from services.deadlines import watch
from services.deadlines.happened import Happened
from services.deadlines.obligation import next_moment
from services.deadlines.watch import Standing
from tests.agreements import strategies
from tests.agreements.dryruns import WATERKANT, a_case, answered, ms
from tests.agreements.texts import an_agreement

POINT, REGION = "schakel/coordination-point", "waterkant/regional-duty"
TEAM, DUTY = "linde/linde-team", "linde/linde-duty"


def watched(trial: Trial, choice: Choice, terms: Terms) -> tuple[int, list[tuple[int, str, int]], int]:
    """What the watchman does with a signal that nobody answers: when it is due, who is asked when, and when again."""
    case = trial.case
    now_ms = case.at_ms
    told = 0

    def standing() -> Standing:
        return Standing(now_ms, lambda _: terms, lambda *_: terms, lambda n: f"test-0-{told + n}")

    needed = terms.expertise_for(terms.level(trial.decision.urgency), case.types)
    data: dict[str, Any] = {
        "contact": choice.receiver,
        "ladder": choice.ladder,
        "expertise": tuple(needed),
    }
    urgency = trial.decision.urgency
    routed = Happened("SignalRouted", "fact", "sig-00000001", terms.partnership, urgency, now_ms, None, data)
    step = watch.hear([routed], [], standing())
    told += len(step.told)
    (opened,) = [one.fact for one in step.told if isinstance(one.fact, ObligationOpened)]
    (obligation,) = step.obligations
    asked = [(obligation["level"], obligation["asked"][-1], now_ms)]
    last = len(obligation["rungs"]) - 1
    while True:
        now_ms = next_moment(obligation)
        step = watch.advance([obligation], standing())
        told += len(step.told)
        (obligation,) = step.obligations
        for one in step.told:
            if isinstance(one.fact, ObligationEscalated):
                if asked[-1][0] == last:
                    return round(opened.due_at.timestamp() * 1000), asked, now_ms
                asked.append((one.fact.level, one.fact.to, now_ms))


def assert_foreseen(case: Case, terms: Terms) -> None:
    trial = Trial(case, tried_on(terms))
    for choice, ladder in zip(trial.decision.choices, trial.ladders(None), strict=True):
        due_ms, asked, again_ms = watched(trial, choice, terms)
        key = key_of("due acknowledge_signal")
        assert key is not None
        assert trial.answer(key) == (due_ms,)
        assert [(stand.level, stand.contact, stand.at_ms) for stand in ladder.stands] == asked
        assert ladder.again_ms == again_ms


@settings(deadline=None, max_examples=150)
@given(strategies.signals.filter(lambda one: one.urgency in strategies.LEVELS), strategies.moments)
def test_the_ladder_foreseen_is_the_one_the_watchman_climbs(signal: strategies.ASignal, at_ms: int) -> None:
    case = a_case(
        at_ms=at_ms,
        urgency=signal.urgency,
        types=signal.types,
        concern=signal.concern,
        about=signal.about,
        postcode=signal.postcode,
    )
    assert_foreseen(case, WATERKANT)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_it_is_so_for_any_agreement(data: st.DataObject) -> None:
    terms = data.draw(strategies.agreements())
    signal = data.draw(strategies.signals)
    case = a_case(
        at_ms=data.draw(strategies.moments),
        urgency=signal.urgency,
        types=signal.types,
        concern=signal.concern,
        about=signal.about,
        postcode=signal.postcode,
        view=data.draw(strategies.cases(terms)),
    )
    trial = Trial(case, tried_on(terms))
    # Two receivers of one ladder climb it twice, and are told apart; one asked twice is one.
    assert len(trial.ladders(None)) == len({(one.ladder, one.receiver) for one in trial.decision.choices})
    assert_foreseen(case, terms)


def test_every_kind_of_expectation_has_an_answer() -> None:
    trial = Trial(a_case(), tried_on(WATERKANT))
    for kind in KINDS:
        title = kind.title.replace("OBLIGATION", "acknowledge_signal").replace("KIND", "gp").replace("N", "0")
        key = key_of(title)
        assert key is not None, title
        assert str(key) == title
        assert isinstance(trial.answer(key), tuple)


@pytest.mark.parametrize(
    ("title", "answer"),
    [
        ("due settle_no_capacity", (ms("2026-11-23T13:00+01:00"),)),
        ("level 0 settle_no_capacity", (POINT,)),
        ("level 1 settle_no_capacity", (REGION,)),
        ("level 1 at settle_no_capacity", (ms("2026-11-23T13:00+01:00"),)),
        ("level 7", ()),
        ("due no_such_thing", ()),
        ("asked no_such_thing", ()),
        ("feedback gp", ()),
        ("feedback reporter", ()),
    ],
)
def test_what_is_not_there_is_none(title: str, answer: Answer) -> None:
    assert answered(title, a_case()) == answer


def test_a_pause_moves_what_can_wait_and_nothing_acute() -> None:
    pauses = (Pause(ms("2026-11-23T10:00+01:00"), ms("2026-11-23T12:00+01:00")),)
    assert answered("due acknowledge_signal", a_case(pauses=pauses)) == (ms("2026-11-23T13:00+01:00"),)
    acute = a_case(urgency="acute", at_ms=ms("2026-11-23T09:50+01:00"), pauses=pauses)
    assert answered("due acknowledge_signal", acute) == (ms("2026-11-23T10:05+01:00"),)


def test_absences_of_a_case_come_on_top_of_those_of_the_run() -> None:
    away = Window(0, None)
    of_run = Directory(absences={TEAM: (away,)})
    case = a_case(directory=Directory(absences={DUTY: (away,)}))
    assert answered("level 0", case, directory=of_run) == ()
    assert answered("skipped", case, directory=of_run) == ("contact:absent", "deputy:absent")
    assert answered("skipped", case) == ("deputy:absent",)


def test_two_directories_keep_what_each_says_of_a_contact() -> None:
    first, second = Window(0, 1), Window(2, None)
    found = both(
        Directory(
            {TEAM: (first,)},
            {DUTY: (first,)},
            {POINT: (Reach(first, ()),)},
            shifts={DUTY: (Shift(first, "duin"),)},
        ),
        Directory({TEAM: (second,), REGION: (second,)}, {}, {POINT: (Reach(second, ("phone",)),)}),
    )
    assert found.absences == {TEAM: (first, second), REGION: (second,)}
    assert found.rotas == {DUTY: (first,)}
    assert found.on_duty(DUTY, 0) == ("duin",)
    assert found.reach == {POINT: (Reach(first, ()), Reach(second, ("phone",)))}


FEEDBACK = an_agreement(
    (
        "# Who is asked next",
        "feedback:\n  rules:\n"
        "    - {to: gp, form: written, max_chars: 800, "
        "also_by_phone_when: {urgency: [acute], expects_action: true, strength: required}}\n"
        "    - {to: [neighbour, home_care], form: oral}\n"
        "    - {to: social_work, form: written, strength: 'off'}\n"
        "# Who is asked next",
    )
)


@pytest.mark.parametrize(
    ("title", "fields", "forms"),
    [
        ("feedback gp", {}, ("written",)),
        ("feedback gp", {"urgency": "acute"}, ("written",)),
        ("feedback gp", {"expects_action": True}, ("written",)),
        ("feedback gp", {"urgency": "acute", "expects_action": True}, ("written", "phone")),
        ("feedback social_work", {}, ()),
        ("feedback police", {}, ()),
        ("feedback reporter", {"reporter": Reported("professional", "linde")}, ("oral",)),
        ("feedback reporter", {"reporter": Reported("neighbour")}, ("oral",)),
        ("feedback reporter", {"reporter": Reported("client")}, ()),
    ],
)
def test_the_form_of_feedback_follows_the_receiver(
    title: str, fields: dict[str, Any], forms: tuple[str, ...]
) -> None:
    assert answered(title, a_case(**fields), FEEDBACK) == forms
