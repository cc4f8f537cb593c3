"""Whatever a party misses, takes back or answers, with whatever outages: what holds for every party at every moment."""

from __future__ import annotations

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.agreements.moments import moment
from services.collaboration.party import COUNTED, NEW
from tests.casework.world import ms
from tests.collaboration.world import DAY_MS, LINDE, World, the_large

ENOUGH = 3
hours = st.sampled_from([0, 1, 9, 24, 60, 150, 400, 800])
CONTACTS = ("linde/linde-manager", "linde/linde-nurse", "welzijn/vlier-coordinator", "waterkant/resv-board")


class Months(RuleBasedStateMachine):
    """Misses, withdrawals, answers, time and outages in any order. Every step is checked by the world itself too."""

    @initialize()
    def begin(self) -> None:
        self.world = World(at="2027-03-20T20:00", book=the_large())  # a week before the clock goes forward
        self.refs: list[str] = []
        self.withdrawn: set[str] = set()
        self.answers = 0

    def _later(self, hours: int) -> str:
        return moment(self.world.clock_ms + hours * 3_600_000).isoformat()

    @rule(item=st.sampled_from(["acknowledge_signal", "tell_the_gp"]), times=st.integers(1, 4), hours=hours)
    def miss(self, item: str, times: int, hours: int) -> None:
        self.world.run_until(self._later(hours))
        for _ in range(times):
            self.refs.append(self.world.miss(item=item))

    @rule(data=st.data())
    def tell_a_miss_again(self, data: st.DataObject) -> None:
        known = self.world.party()["items"] if LINDE.encode() in self.world.rows else {}
        if known:
            rows, ref = dict(self.world.rows), data.draw(st.sampled_from(sorted(known)))
            self.world.miss(ref=ref)
            assert self.world.rows == rows, "an item counts once"

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        if self.refs:
            ref = data.draw(st.sampled_from(self.refs))
            self.world.withdraw(ref)
            self.withdrawn.add(ref)

    @rule(contact=st.sampled_from(CONTACTS), hours=hours)
    def answer(self, contact: str, hours: int) -> None:
        self.world.run_until(self._later(hours))
        party = self.world.party() if LINDE.encode() in self.world.rows else None
        ladder = None if party is None else party["ladder"]
        may = ladder is not None and (contact.startswith("linde/") or contact in ladder["asked"])
        told = self.world.answer(contact, ladder="nothing-open" if ladder is None else ladder["id"])
        assert [fact.name for fact in told] == (
            ["PartyAnswered", "CollaborationSettled"] if may else ["AnswerRefused"]
        )

    @rule(hours=hours)
    def time_passes(self, hours: int) -> None:
        self.world.run_until(self._later(hours))

    @rule(hours=hours, times=st.integers(0, 3))
    def the_worker_was_down(self, hours: int, times: int) -> None:
        day = moment(self.world.clock_ms).date().isoformat()
        self.world.sleep_until(self._later(hours))
        for _ in range(times):
            self.refs.append(self.world.miss(on=day))

    @invariant()
    def at_most_one_ladder_is_open_and_never_with_less_than_enough(self) -> None:
        opened = [f.data["collaboration_id"] for f in self.world.facts if f.name == "RungReached"]
        settled = [f.data["collaboration_id"] for f in self.world.facts if f.name == "CollaborationSettled"]
        left = set(opened) - set(settled)
        assert len(left) <= 1 and len(settled) == len(set(settled))
        party = self.world.party() if LINDE.encode() in self.world.rows else None
        ladder = None if party is None else party["ladder"]
        assert ({ladder["id"]} if ladder else set()) == left
        if ladder is not None:
            assert sum(ladder["counts"].values()) >= ENOUGH

    @invariant()
    def too_much_never_stays_without_a_ladder(self) -> None:
        if LINDE.encode() in self.world.rows:
            party = self.world.party()
            counted = [item for item in party["items"].values() if item[2] == COUNTED]
            is_waiting = any(item[2] == NEW for item in party["items"].values())
            assert party["ladder"] or len(counted) < ENOUGH or is_waiting or _spread(counted)
            assert is_waiting == (party["weigh_ms"] is not None) or not is_waiting

    def teardown(self) -> None:
        """No rung before its time, every item counted once: read once, at the end."""
        if not hasattr(self, "world"):
            return
        self.world.run_until(self.world.clock_ms + 3 * 86_400_000)
        due_ms: dict[str, int] = {}
        rung: dict[str, int] = {}
        counted: Counter[str] = Counter()
        for fact in self.world.facts:
            if fact.name == "RungReached":
                ladder = fact.data["collaboration_id"]
                assert fact.at_ms >= due_ms.get(ladder, 0), "no rung before its time"
                last = rung.get(ladder, -1)
                assert fact.data["rung"] > last or (
                    fact.data["rung"] == last and fact.data["cause"] == "repeated"
                )
                due_ms[ladder], rung[ladder] = ms(fact.data["answer_due_at"]), fact.data["rung"]
                assert due_ms[ladder] > fact.at_ms and fact.data["to"]
            if fact.name == "ItemsCounted":
                counted.update({one["item"]: one["count"] for one in fact.data["items"]})
            if fact.name == "ItemUncounted":
                counted[fact.data["item"]] -= 1
        known = len(set(self.refs))
        assert known - len(self.withdrawn) <= sum(counted.values()) <= known, "each item counts once"


def _spread(counted: list[tuple[str, str, str]]) -> bool:
    """Whether these do not all lie within one window."""
    days = sorted(ms(f"{day}T12:00") for _, day, _ in counted)
    return all(days[n + ENOUGH - 1] - days[n] > 30 * DAY_MS for n in range(len(days) - ENOUGH + 1))


Months.TestCase.settings = settings(max_examples=60, stateful_step_count=14, deadline=None)
test_months = Months.TestCase
