"""The load of the core: signals reported, answered by whom it should be and by whom it should not, in time and not.

Who answers what and when comes from the seed alone; the moments are the wall's, the agreement's minutes are shorter.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from typing import NamedTuple

from schemas.base import Said
from schemas.envelope import Envelope
from schemas.signals import (
    AcknowledgeSignal,
    Actor,
    DeclineReason,
    DeclineSignal,
    Reporter,
    ReporterKind,
    ReportSignal,
    SignalType,
)
from tests.chaos.casework_model import Model
from tests.chaos.load import Planned

SOURCE = "urn:seinhuis:gateway"
STRANGER = "region/nobody-asked"
#: Of all commands that are said, so many are reports; the others answer them.
REPORTS_SHARE = 0.45
SAME_CASE_SHARE = 0.5
REPEATED_SHARE = 0.03
UNKNOWN_PARTNERSHIP_SHARE = 0.005
RECENT_CASES = 200
#: By then the ladder has reached its end and asked there again; the answer ends it, so that a block comes to rest.
LAST_ANSWER_S = 14.0
SURE_S = 0.3
URGENCIES = ("acute", "urgent", "routine")
TYPES = (
    (SignalType.NURSING,),
    (SignalType.MEDICAL,),
    (SignalType.SOCIAL,),
    (SignalType.MEDICAL, SignalType.CARING),
)


class _Due(NamedTuple):
    """A command that waits for its moment; `order` keeps equal moments in the order they were thought of."""

    at_s: float
    order: int
    case: str
    signal: str
    asks: Said
    partnership: str = "chaos"
    repeats: str = ""


class Play:
    """One block of commands, made from a seed."""

    def __init__(self, model: Model, topic: str, block: int, seed: int) -> None:
        self._model = model
        self._topic = topic
        self._block = block
        self._rng = random.Random(f"{seed} load {block}")
        self._waiting: list[_Due] = []
        self._order = 0
        self._said = 0
        self._cases: list[str] = []
        self._signals = 0

    def commands(self, rate: float, seconds: float) -> Iterator[Planned]:
        """Reports at their rate, and whatever becomes due meanwhile and after."""
        reports = int(rate * REPORTS_SHARE * seconds)
        for n in range(reports):
            self._report(n / (rate * REPORTS_SHARE))
            yield from self._say(until_s=(n + 1) / (rate * REPORTS_SHARE))
        yield from self._say(until_s=float("inf"))

    def _say(self, until_s: float) -> Iterator[Planned]:
        while self._waiting and self._waiting[0].at_s < until_s:
            due = heapq.heappop(self._waiting)
            self._said += 1
            command_id = due.repeats or f"cmd-{self._block}-{self._said}"
            # A refusal for want of an agreement opens no case, so nothing remembers it: a repeat is refused again.
            may_repeat = not due.repeats and due.partnership == self._model.partnership
            if may_repeat and self._rng.random() < REPEATED_SHARE:
                self._plan(
                    due.at_s + self._rng.uniform(0.0, 3.0), due.case, due.signal, due.asks, repeats=command_id
                )
            envelope = Envelope(
                id=command_id,
                source=SOURCE,
                type=type(due.asks).type_name(),
                subject=due.signal,
                partnership=due.partnership,
                caseid=due.case,
            )
            value = due.asks.model_dump_json().encode()
            yield Planned(due.at_s, self._topic, due.case.encode(), value, tuple(envelope.headers()))

    def _plan(  # noqa: PLR0913 - who asks what of which signal, and when
        self,
        at_s: float,
        case: str,
        signal: str,
        asks: Said,
        *,
        partnership: str = "chaos",
        repeats: str = "",
    ) -> None:
        self._order += 1
        heapq.heappush(self._waiting, _Due(at_s, self._order, case, signal, asks, partnership, repeats))

    def _report(self, at_s: float) -> None:
        rng = self._rng
        if not self._cases or rng.random() > SAME_CASE_SHARE:
            self._cases = [*self._cases[-RECENT_CASES:], f"case-{self._block}-{rng.getrandbits(48):012x}"]
        case = rng.choice(self._cases)
        self._signals += 1
        signal = f"signal-{self._block}-{self._signals}"
        asks = ReportSignal(
            urgency=rng.choice(URGENCIES),
            types=rng.choice(TYPES),
            postcode=rng.choice((None, "9901", "9902")),
            reporter=Reporter(kind=ReporterKind.PROFESSIONAL, party="care"),
        )
        if rng.random() < UNKNOWN_PARTNERSHIP_SHARE:
            self._plan(at_s, case, signal, asks, partnership="elsewhere")
            return
        self._plan(at_s, case, signal, asks)
        self._answer(at_s, case, signal, asks)

    def _answer(self, asked_s: float, case: str, signal: str, asks: ReportSignal) -> None:
        """What the contacts do with it, one of these by chance; `first` is whom the routing asks."""
        rng, model = self._rng, self._model
        first, _ = model.route([kind.value for kind in asks.types])
        within_s = model.within_ms("acknowledge_signal", asks.urgency) / 1000 / model.speed
        rung_s = model.rungs("standard", asks.urgency)[1].wait_ms / 1000 / model.speed
        end_s = asked_s + LAST_ANSWER_S + rng.uniform(0.0, 2.0)
        match rng.choices(
            ("in_time", "close", "late", "decline", "climb", "stranger", "twice"), (40, 20, 8, 14, 8, 5, 5)
        )[0]:
            case "in_time":
                self._take(asked_s + rng.uniform(0.02, within_s - SURE_S), case, signal, first)
            case "close":
                self._take(asked_s + within_s + rng.uniform(-SURE_S, SURE_S), case, signal, first)
            case "late":
                self._take(end_s, case, signal, first)
            case "decline":
                declined_s = asked_s + rng.uniform(0.05, within_s)
                self._decline(declined_s, case, signal, first)
                self._take(declined_s + rng.uniform(0.1, 1.0), case, signal, model.next_asked(first))
                self._take(end_s, case, signal, first)
            case "climb":
                self._take(
                    asked_s + rung_s + rng.uniform(-SURE_S, 1.0), case, signal, model.next_asked(first)
                )
                self._take(end_s, case, signal, first)
            case "stranger":
                self._take(asked_s + rng.uniform(0.02, 1.0), case, signal, STRANGER)
                self._decline(asked_s + rng.uniform(0.02, 1.0), case, f"{signal}-no-such", first)
                self._take(asked_s + rng.uniform(1.0, within_s), case, signal, first)
            case "twice":
                taken_s = asked_s + rng.uniform(0.02, within_s - SURE_S)
                self._take(taken_s, case, signal, first)
                self._take(
                    taken_s + rng.uniform(0.0, 1.0), case, signal, rng.choice((first, STRANGER, "point/desk"))
                )
                self._decline(taken_s + rng.uniform(0.0, 1.0), case, signal, first)

    def _take(self, at_s: float, case: str, signal: str, by: str) -> None:
        self._plan(at_s, case, signal, AcknowledgeSignal(by=Actor(contact=by)))

    def _decline(self, at_s: float, case: str, signal: str, by: str) -> None:
        reason = self._rng.choice((DeclineReason.NO_CAPACITY, DeclineReason.OUTSIDE_EXPERTISE))
        self._plan(at_s, case, signal, DeclineSignal(by=Actor(contact=by), reason=reason))
