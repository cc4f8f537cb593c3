"""Whatever is asked, in whatever order, with whatever outages: what holds for every case at every moment."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.signals import Concern, DeclineReason, SignalType
from services.agreements.calendars import moment
from services.deadlines.obligation import next_moment
from tests.casework.world import WATERKANT, World, ms

START = "2026-10-24T20:00"  # the evening before the clock goes back
EARLY = WATERKANT.replace("valid_from: 2026-11-01", "valid_from: 2026-10-01")
CASES = ("case-aaaaaaaaaaaa", "case-bbbbbbbbbbbb")
SIGNALS = ("sig-aaaaaaaaaaaa", "sig-bbbbbbbbbbbb", "sig-cccccccccccc")
CONTACTS = (
    "linde/linde-team", "linde/linde-duty", "huisartsen/gp-desk", "huisartsen/gp-post", "welzijn/welzijn-desk",
    "schakel/coordination-point", "waterkant/regional-duty", "kolk/kolk-entry",
)  # fmt: skip

cases = st.sampled_from(CASES)
signals = st.sampled_from(SIGNALS)
contacts = st.sampled_from(CONTACTS)
minutes = st.sampled_from([0, 1, 7, 15, 16, 59, 60, 121, 600, 3000])


class Days(RuleBasedStateMachine):
    """Commands, time and outages in any order. Every step is checked by the world itself too."""

    @initialize()
    def begin(self) -> None:
        self.world = World(EARLY, at=START)
        self.repeatable: list[dict[str, Any]] = []

    def _later(self, minutes: int) -> str:
        return moment(self.world.clock_ms + minutes * 60_000).isoformat()

    @rule(
        case=cases,
        signal=signals,
        urgency=st.sampled_from(["acute", "urgent", "routine", "soonish"]),
        types=st.lists(st.sampled_from([word.value for word in SignalType]), max_size=2),
        concern=st.lists(st.sampled_from([word.value for word in Concern]), max_size=2),
        postcode=st.sampled_from([None, "9901", "9911"]),
        later=minutes,
    )
    def report(self, case: str, signal: str, later: int, **fields: Any) -> None:
        id_ = f"report-{len(self.repeatable)}"
        told = self.world.report(self._later(later), case=case, signal=signal, id=id_, **fields)
        self.repeatable.append({"case": case, "signal": signal, "id": id_, **fields})
        asked = [fact for fact in told if fact.envelope.causationid == id_]
        assert [fact.name for fact in asked] in (["SignalReported"], ["CommandRefused"])
        if asked[0].name == "SignalReported":
            assert any(fact.name == "SignalRouted" for fact in told), "nobody was asked"
            assert any(fact.name == "ObligationOpened" for fact in told), "nobody owes an answer"

    @rule(case=cases, signal=signals, by=contacts, later=minutes)
    def acknowledge(self, case: str, signal: str, by: str, later: int) -> None:
        self.world.acknowledge(by, self._later(later), case=case, signal=signal)

    @rule(case=cases, signal=signals, by=contacts, reason=st.sampled_from(list(DeclineReason)), later=minutes)
    def decline(self, case: str, signal: str, by: str, reason: str, later: int) -> None:
        self.world.decline(by, reason, self._later(later), case=case, signal=signal)

    @precondition(lambda self: self.repeatable)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        again = data.draw(st.sampled_from(self.repeatable))
        rows = dict(self.world.rows)
        known = again["id"] in self.world.case(again["case"])["commands"]
        told = self.world.report(**again)
        if known:
            assert told == [] and self.world.rows == rows, "a repeated command changes nothing"

    @rule(later=minutes)
    def time_passes(self, later: int) -> None:
        self.world.run_until(self._later(later))

    @rule(later=minutes)
    def the_worker_is_down(self, later: int) -> None:
        self.world.sleep_until(self._later(later))

    @rule(case=cases, signal=signals, by=contacts, ago=st.integers(0, 3600))
    def an_answer_was_on_its_way(self, case: str, signal: str, by: str, ago: int) -> None:
        recorded = moment(self.world.clock_ms - ago * 1000).isoformat()
        self.world.acknowledge(by, case=case, signal=signal, recorded=recorded)

    @invariant()
    def time_never_falls(self) -> None:
        told = [fact.at_ms for fact in self.world.facts]
        assert told == sorted(told)

    @invariant()
    def nothing_is_told_early(self) -> None:
        for fact in self.world.facts[-20:]:
            if fact.name == "ObligationBreached":
                assert fact.at_ms >= ms(fact.data["due_at"])
            if fact.name == "ObligationWarned":
                assert fact.at_ms < ms(fact.data["due_at"]), "a warning after the breach is dropped"

    @invariant()
    def whatever_is_owed_has_a_wake(self) -> None:
        for case in CASES:
            if case.encode() in self.world.rows:
                owed = self.world.case(case)["obligations"]
                wake = self.world.wakes.get(case.encode())
                assert (wake is None) == (not owed)
                assert wake is None or wake.at_ms == min(map(next_moment, owed))

    @invariant()
    def each_obligation_has_one_story(self) -> None:
        told: dict[str, Counter[str]] = defaultdict(Counter)
        ends = ("ObligationDischarged", "ObligationCancelled")
        for fact in self.world.facts:
            if obligation := fact.data.get("obligation_id"):
                story = told[obligation]
                assert not any(story[end] for end in ends), "nothing is told of what has ended"
                story[fact.name] += 1
                assert story["ObligationBreached"] <= 1, "a breach counts once"
                if fact.name == "ObligationDischarged":
                    is_breached = story["ObligationBreached"] == 1
                    assert fact.data["on_time"] == (not is_breached or fact.data["withdraws_breach"])
        assert all(story["ObligationOpened"] == 1 for story in told.values())

    @invariant()
    def a_taken_signal_owes_no_acknowledgement(self) -> None:
        for case in CASES:
            if case.encode() in self.world.rows:
                row = self.world.case(case)
                owed = {one["entity"] for one in row["obligations"]}
                for signal, entity in row["entities"].items():
                    assert (entity["signal"]["state"] == "routed") == (signal in owed)
                    assert entity["asked"], "somebody was asked"


Days.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
test_days = Days.TestCase
