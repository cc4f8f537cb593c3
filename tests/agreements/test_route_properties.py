"""Whatever the partners agree on, whatever is reported, whenever: somebody is asked, and the trace says why."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.signals import RouteReason
from services.agreements import model
from services.agreements.matching import MATCHED, MISMATCHES
from services.agreements.moments import moment
from services.agreements.parts import ROOT, Node
from services.agreements.routable import CaseView
from services.agreements.route import Choice, Decision, route, to_root
from services.agreements.terms import Terms, terms
from tests.agreements.strategies import LEVELS, ASignal, agreements, cases, moments, signals

pytestmark = pytest.mark.thorough

#: Drawing an agreement takes longest, so each is asked several times.
MANY = settings(max_examples=80, deadline=None)
Asked = tuple[Terms, list[tuple[ASignal, CaseView, int]]]


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """An agreement, and what it is asked."""
    agreement = draw(agreements())
    one = st.tuples(signals, cases(agreement), moments)
    return agreement, draw(st.lists(one, min_size=4, max_size=4))


def below(node: Node) -> Iterator[Node]:
    for rule in node.routes:
        yield rule
        yield from below(rule)


@MANY
@given(questions())
def test_there_is_no_signal_that_nobody_is_asked_for(asked: Asked) -> None:
    agreement, several = asked
    for signal, case, at_ms in several:
        found = route(signal, case, at_ms, agreement)
        assert found.choices
        assert len({choice.receiver for choice in found.choices}) == len(found.choices), (
            "nobody is asked twice"
        )
        for choice in found.choices:
            contact = agreement.contacts[choice.receiver]
            assert choice.rule == ROOT or contact.takes_part(at_ms)
            assert choice.ladder in agreement.ladders
        assert found.urgency in agreement.levels


@MANY
@given(questions())
def test_a_trace_says_of_every_rule_it_looked_at_whether_it_matched_or_why_not(
    asked: Asked,
) -> None:
    agreement, several = asked
    for signal, case, at_ms in several:
        found = route(signal, case, at_ms, agreement)
        names = {rule.name for rule in below(agreement.root)}
        assert found.trace
        assert {step.node for step in found.trace} <= {ROOT, *names}
        assert all(step.matched == (step.because == MATCHED) for step in found.trace)
        assert len({step.node for step in found.trace}) == len(found.trace), "each once"
        matched = {step.node for step in found.trace if step.matched}
        match found.reason:
            case RouteReason.RULE_MATCHED:
                assert {choice.rule for choice in found.choices} <= matched
                assert {step.because for step in found.trace} <= {MATCHED, *MISMATCHES}
            case RouteReason.NO_RULE_MATCHED:
                assert matched == {ROOT}
                assert {step.node for step in found.trace} >= {rule.name for rule in agreement.root.routes}
            case reason:
                # No agreement that can be decided with has a rule that errs; a level may be unheard of.
                assert (reason, signal.urgency in LEVELS) == (RouteReason.RULE_ERROR, False)
                assert [step.because for step in found.trace] == ["unknown_urgency"]


@MANY
@given(questions())
def test_the_same_question_has_the_same_answer(asked: Asked) -> None:
    agreement, several = asked
    found = [route(*one, agreement) for one in several]
    # Read anew and asked the other way round: nothing an agreement remembers is part of an answer.
    again = terms(agreement.agreement)
    assert found == [route(*one, again) for one in reversed(several)][::-1]


@given(agreements(), st.sampled_from((*LEVELS, "no-such-level")))
@settings(max_examples=30, deadline=None)
def test_when_deciding_failed_the_coordination_point_is_asked(agreement: Terms, urgency: str) -> None:
    found = to_root(agreement, RouteReason.DECISION_FAILED, urgency)
    assert [choice.receiver for choice in found.choices] == [agreement.coordination_point]
    assert found.urgency in agreement.levels


# -- the same tree by other eyes: straight from the file, every line of a rule asked ----------------


@MANY
@given(questions())
def test_a_decision_is_what_the_file_says(asked: Asked) -> None:
    agreement, several = asked
    for signal, case, at_ms in several:
        read = Reading(agreement, signal, case, at_ms)
        routing = agreement.agreement.routing
        if signal.urgency not in LEVELS:
            continue
        assert routing.receiver is not None and routing.ladder is not None
        found = dict.fromkeys(read.chosen(routing.routes, routing.receiver, routing.ladder))
        first: dict[str, Choice] = {}
        for choice in found:
            first.setdefault(choice.receiver, choice)
        root = Choice(agreement.refs[routing.receiver], routing.ladder, ROOT)
        reason = RouteReason.RULE_MATCHED if first else RouteReason.NO_RULE_MATCHED
        expected = Decision(tuple(first.values()) or (root,), reason, signal.urgency, ())
        assert route(signal, case, at_ms, agreement)._replace(trace=()) == expected


class Reading:
    """The rules as the file has them: slow, plain, and without anything made ready beforehand."""

    def __init__(self, agreement: Terms, signal: ASignal, case: CaseView, at_ms: int) -> None:
        self.terms, self.file = agreement, agreement.agreement
        self.signal, self.case, self.at_ms = signal, case, at_ms

    def chosen(self, rules: tuple[model.Rule, ...], receiver: str, ladder: str) -> list[Choice]:
        found: list[Choice] = []
        for rule in rules:
            if not self.holds(rule.match):
                continue
            to, by = rule.receiver or receiver, rule.ladder or ladder
            mine = self.chosen(rule.routes, to, by)
            present = [ref for ref in self.meant(to) if self.is_there(ref)]
            if not mine and present:
                path = self.file.paths.get(self.case.target_group or "")
                if (
                    to == "path.contact"
                    and rule.ladder is None
                    and path is not None
                    and path.ladder is not None
                ):
                    by = path.ladder
                mine = [Choice(present[0], by, rule.name)]
            found += mine
            if mine and not rule.goes_on:
                break
        return found

    def holds(self, ask: model.Match) -> bool:
        signal, case = self.signal, self.case
        party = next((one for one in self.file.parties if one.id == signal.reporter.party), None)
        hours = ask.hours or model.Window()
        is_inside = signal.postcode in self.file.area.postcodes
        return all(
            (
                not ask.urgency or signal.urgency in ask.urgency,
                not ask.types or bool(set(ask.types) & set(signal.types)),
                set(ask.every_type) <= set(signal.types),
                not ask.concern or bool(set(ask.concern) & set(signal.concern)),
                set(ask.every_concern) <= set(signal.concern),
                not ask.about or signal.about in ask.about,
                not ask.reporter or signal.reporter.kind in ask.reporter,
                not ask.reporting_kind or (party is not None and party.kind in ask.reporting_kind),
                not ask.postcode or signal.postcode in ask.postcode,
                ask.area is None or (signal.postcode is not None and is_inside == (ask.area == "inside")),
                ask.case != "has_contact" or case.contact is not None,
                ask.case != "has_coordinator" or case.coordinator is not None,
                not ask.practice or case.practice in ask.practice,
                not ask.target_group or case.target_group in ask.target_group,
                hours.inside is None or self.is_open(hours.inside),
                hours.outside is None or not self.is_open(hours.outside),
            )
        )

    def meant(self, said: str) -> list[str]:
        file, signal, case = self.file, self.signal, self.case
        contacts = [(party, contact) for party in file.parties for contact in party.contacts]
        path = file.paths.get(case.target_group or "")
        match said:
            case "case.contact":
                return [case.contact or ""]
            case "case.coordinator":
                return [case.coordinator or ""]
            case "neighbour.entry":
                names = [one.entry for one in file.neighbours if signal.postcode in one.postcodes]
            case "practice.contact":
                names = [contact.id for _, contact in contacts if case.practice in contact.for_practice]
            case "path.contact":
                names = [path.contact] if path is not None and path.contact is not None else []
            case "intake.contact":
                names = [
                    line.by
                    for line in file.intake
                    if (not line.target_group or case.target_group in line.target_group)
                    and (not line.types or set(line.types) & set(signal.types))
                    and (not line.postcodes or signal.postcode in line.postcodes)
                ]
            case _:
                names = [said]
        return [
            f"{party.id}/{contact.id}" for name in names for party, contact in contacts if contact.id == name
        ]

    def is_there(self, ref: str) -> bool:
        party = next((one for one in self.file.parties if one.id == ref.partition("/")[0]), None)
        if party is None or ref.partition("/")[2] not in {contact.id for contact in party.contacts}:
            return False
        day = moment(self.at_ms).astimezone(ZoneInfo(self.file.timezone)).date()
        return (party.joins or day) <= day and (party.leaves is None or day < party.leaves)

    def is_open(self, calendar: str) -> bool:
        return self.terms.clock.calendars[calendar].is_open(self.at_ms)
