"""What a day came to: facts counted as they pass, and told in one table."""

from __future__ import annotations

from collections import Counter
from statistics import median

from rich.table import Table

from schemas.base import Said
from schemas.deadlines import (
    ObligationBreached,
    ObligationCancelled,
    ObligationDischarged,
    ObligationEscalated,
    ObligationOpened,
    ObligationWarned,
)
from schemas.signals import (
    CommandRefused,
    RouteReason,
    SignalAcknowledged,
    SignalDeclined,
    SignalReported,
    SignalRouted,
)
from services.cli.lines import length


class Tally:
    """Counts facts by what they mean to a coordination point."""

    def __init__(self) -> None:
        self.facts = 0
        self._counts: Counter[str] = Counter()
        self._open: set[str] = set()
        self._took_s: list[float] = []

    def take(self, fact: Said) -> None:
        """Counts one fact."""
        self.facts += 1
        match fact:
            case SignalReported():
                self._count("signals reported")
            case SignalRouted(reason=RouteReason.RULE_MATCHED):
                self._count("routed by a rule")
            case SignalRouted():
                self._count("routed to the root")
            case SignalAcknowledged():
                self._count("taken")
            case SignalDeclined():
                self._count("declined")
            case CommandRefused():
                self._count("commands refused")
            case ObligationOpened():
                self._count("answers owed")
                self._open.add(fact.obligation_id)
            case ObligationWarned():
                self._count("warnings")
            case ObligationBreached():
                self._count("deadlines missed")
            case ObligationEscalated():
                self._count("escalations")
            case ObligationDischarged():
                self._count("answered in time" if fact.on_time else "answered too late")
                self._took_s.append(fact.took_s)
                self._open.discard(fact.obligation_id)
            case ObligationCancelled():
                self._count("no longer owed")
                self._open.discard(fact.obligation_id)

    def _count(self, what: str) -> None:
        self._counts[what] += 1

    def rows(self) -> list[tuple[str, str]]:
        """What was counted, in the order in which it is asked about."""
        counted = [(what, str(self._counts[what])) for what in _ORDER]
        answer = length(median(self._took_s)) if self._took_s else "-"
        return [*counted, ("still owed at the end", str(len(self._open))), ("half answered within", answer)]

    def table(self, title: str) -> Table:
        """The rows as a person reads them."""
        table = Table("", "", title=title, show_header=False, title_justify="left")
        table.columns[1].justify = "right"
        for what, count in self.rows():
            table.add_row(what, count)
        return table


_ORDER = (
    "signals reported",
    "routed by a rule",
    "routed to the root",
    "answers owed",
    "taken",
    "declined",
    "answered in time",
    "answered too late",
    "no longer owed",
    "warnings",
    "deadlines missed",
    "escalations",
    "commands refused",
)
