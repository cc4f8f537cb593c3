"""Whatever is asked, in whatever order, with whatever outages: what holds for every case at every moment."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.signals import Concern, DeclineReason, SignalType
from services.agreements.moments import moment
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
minutes = st.sampled_from([0, 1, 7, 15, 16, 31, 60, 121, 600])


class Days(RuleBasedStateMachine):
    """Commands, time and outages in any order. Every step is checked by the world itself too."""

    @initialize()
    def begin(self) -> None:
        self.world = World(EARLY, at=START)
        self.reports: list[tuple[int, dict[str, Any]]] = []
        for signal, urgency in zip(SIGNALS, ("acute", "urgent"), strict=False):
            self.world.report(case=CASES[0], signal=signal, urgency=urgency, types=["nursing"])

    def _later(self, minutes: int) -> str:
        return moment(self.world.clock_ms + minutes * 60_000).isoformat()

    def _somebody(self, data: st.DataObject) -> tuple[dict[str, str], int]:
        """A contact and a signal, mostly one that is waited for and somebody who was asked; and since when it is."""
        owed = [
            (case, one["entity"], contact, one["started_ms"])
            for case in CASES
            if case.encode() in self.world.rows
            for one in self.world.case(case)["obligations"]
            for contact in self.world.case(case)["entities"][one["entity"]]["asked"]
        ]
        anybody = (data.draw(cases), data.draw(signals), data.draw(contacts), self.world.clock_ms)
        case, signal, contact, since_ms = data.draw(st.sampled_from([*owed, *owed, anybody]))
        return {"case": case, "signal": signal, "contact": contact}, since_ms

    @rule(
        case=cases,
        signal=signals,
        urgency=st.sampled_from(["acute", "acute", "urgent", "routine", "soonish"]),
        types=st.lists(st.sampled_from([word.value for word in SignalType]), max_size=2),
        concern=st.lists(st.sampled_from([word.value for word in Concern]), max_size=2),
        postcode=st.sampled_from([None, "9901", "9911"]),
        later=minutes,
    )
    def report(self, case: str, signal: str, later: int, **fields: Any) -> None:
        id_ = f"report-{len(self.reports)}"
        told = self.world.report(self._later(later), case=case, signal=signal, id=id_, **fields)
        self.reports.append((self.world.clock_ms, {"case": case, "signal": signal, "id": id_, **fields}))
        answer = next(fact for fact in told if fact.envelope.causationid == id_)
        assert answer.name in {"SignalReported", "CommandRefused"}
        if answer.name == "SignalReported":
            assert any(fact.name == "SignalRouted" for fact in told), "nobody was asked"
            assert any(fact.name == "ObligationOpened" for fact in told), "nobody owes an answer"

    @rule(data=st.data(), later=minutes)
    def acknowledge(self, data: st.DataObject, later: int) -> None:
        self.world.acknowledge(**self._somebody(data)[0], at=self._later(later))

    @rule(data=st.data(), reason=st.sampled_from(list(DeclineReason)), later=minutes)
    def decline(self, data: st.DataObject, reason: str, later: int) -> None:
        self.world.decline(**self._somebody(data)[0], reason=reason, at=self._later(later))

    @precondition(lambda self: self.reports)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        at_ms, again = data.draw(st.sampled_from(self.reports))
        rows = dict(self.world.rows)
        told = self.world.report(**again)
        if self.world.now_ms - at_ms < 7 * 86_400_000:
            assert told == [] and self.world.rows == rows, "a repeated command changes nothing"

    @rule(later=minutes)
    def time_passes(self, later: int) -> None:
        self.world.run_until(self._later(later))

    @rule(data=st.data(), later=minutes, ago=st.floats(0, 1))
    def an_answer_waited_while_the_worker_was_down(self, data: st.DataObject, later: int, ago: float) -> None:
        (somebody, _), begun_ms = self._somebody(data), self.world.clock_ms
        self.world.sleep_until(self._later(later))
        recorded = moment(begun_ms + int((self.world.clock_ms - begun_ms) * ago)).isoformat()
        self.world.acknowledge(**somebody, recorded=recorded)

    @rule(data=st.data(), part=st.floats(0, 1))
    def an_answer_was_on_its_way(self, data: st.DataObject, part: float) -> None:
        somebody, since_ms = self._somebody(data)
        recorded = moment(since_ms + int((self.world.clock_ms - since_ms) * part)).isoformat()
        self.world.acknowledge(**somebody, recorded=recorded)

    @invariant()
    def time_never_falls(self) -> None:
        told = [fact.at_ms for fact in self.world.facts]
        assert told == sorted(told)

    @invariant()
    def nothing_is_told_early(self) -> None:
        for fact in self.world.facts[-30:]:
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

    def teardown(self) -> None:
        """Each obligation has one story; read once, at the end."""
        told: dict[str, Counter[str]] = defaultdict(Counter)
        due_ms: dict[str, int] = {}
        acts = {fact.envelope.id: fact for fact in self.world.facts if fact.name == "SignalAcknowledged"}
        for fact in self.world.facts:
            obligation = fact.data.get("obligation_id")
            if obligation is None:
                continue
            story = told[obligation]
            assert not story["ObligationDischarged"], "nothing is told of what has ended"
            story[fact.name] += 1
            assert story["ObligationOpened"] == 1
            assert story["ObligationBreached"] <= 1, "a breach counts once"
            if fact.name == "ObligationOpened":
                due_ms[obligation] = ms(fact.data["due_at"])
            if fact.name == "ObligationDischarged":
                assert fact.envelope.causationid in acts, "an answer ends it, and nothing else"
                is_breached = story["ObligationBreached"] == 1
                assert fact.data["withdraws_breach"] == (is_breached and fact.data["on_time"])
                assert fact.data["on_time"] or is_breached, "what was late was told as a breach first"
        for case in CASES:
            if case.encode() in self.world.rows:
                for one in self.world.case(case)["obligations"]:
                    is_past = one["due_ms"] <= self.world.now_ms and one["breached_ms"] is None
                    assert not is_past or self.world.wakes[case.encode()].at_ms <= one["due_ms"], (
                        "a breach is owed"
                    )

    @invariant()
    def a_taken_signal_owes_no_acknowledgement(self) -> None:
        for case in CASES:
            if case.encode() in self.world.rows:
                row = self.world.case(case)
                owed = {one["entity"] for one in row["obligations"]}
                for signal, entity in row["entities"].items():
                    assert (entity["signal"]["state"] == "routed") == (signal in owed)
                    assert entity["asked"], "somebody was asked"


Days.TestCase.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)
test_days = Days.TestCase
